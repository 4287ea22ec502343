/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/prior-mail.h"

#include "base/durable-file.h"
#include "base/lock-file.h"
#include "base/paths.h"
#include "mail/ledger.h"

PostsealPriorMailbox *
postseal_prior_mailbox_new (const char *mailbox)
{
  PostsealPriorMailbox *self = g_new0 (PostsealPriorMailbox, 1);

  self->mailbox = g_strdup (mailbox);
  self->uidls = g_ptr_array_new_with_free_func (g_free);
  self->uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->waiting = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

void
postseal_prior_mailbox_free (PostsealPriorMailbox *self)
{
  if (self == NULL)
    return;
  g_free (self->mailbox);
  g_ptr_array_unref (self->uidls);
  g_array_unref (self->uids);
  g_array_unref (self->waiting);
  g_free (self);
}

char *
postseal_prior_mail_get_ledger_name (PostsealAccount *account, const char *mailbox)
{
  g_return_val_if_fail (account != NULL && account->receive != NULL, NULL);

  return g_strdup_printf ("%s %s@%s/%s", postseal_protocol_name (account->receive->protocol),
                          account->receive_user, account->receive->host, mailbox);
}

/* Of a mailbox that the ledger knows it knows more than anybody else. */
static gboolean
adopt_messages (PostsealLedger *ledger,
                const PostsealPriorMailbox *prior,
                const PostsealLedgerMailbox *mailbox,
                gint64 now,
                GError **error)
{
  for (guint i = 0; i < prior->uidls->len; i++)
    if (!postseal_ledger_adopt_uidl (ledger, mailbox->id, g_ptr_array_index (prior->uidls, i), now,
                                     error))
      return FALSE;
  for (guint i = 0; i < prior->uids->len; i++)
    if (!postseal_ledger_adopt_uid (ledger, mailbox->id, g_array_index (prior->uids, guint32, i), 0,
                                    now, error))
      return FALSE;
  if (prior->next_uid <= mailbox->next_uid)
    return TRUE;
  for (guint i = 0; i < prior->waiting->len; i++)
    if (!postseal_ledger_add_retry (ledger, mailbox->id, g_array_index (prior->waiting, guint32, i),
                                    error))
      return FALSE;
  return postseal_ledger_set_progress (ledger, mailbox->id, prior->next_uid, 0, error);
}

static gboolean
adopt_mailbox (PostsealLedger *ledger,
               PostsealAccount *account,
               const PostsealPriorMailbox *prior,
               gint64 now,
               GError **error)
{
  g_autofree char *name = postseal_prior_mail_get_ledger_name (account, prior->mailbox);
  g_autoptr (GError) local = NULL;
  PostsealLedgerMailbox mailbox = { 0 };
  gboolean is_known;
  gboolean unused;

  if (prior->uid_validity == 0 && account->receive->protocol == POSTSEAL_PROTOCOL_IMAP)
    return !prior->counts_seen || postseal_ledger_await_seen (ledger, name, error);
  is_known = postseal_ledger_peek_mailbox (ledger, name, G_MININT64, &mailbox, &unused, &local);
  if (local == NULL && (!is_known || mailbox.uid_validity == prior->uid_validity))
    postseal_ledger_open_mailbox (ledger, name, prior->uid_validity, &mailbox, &unused, &local);
  else if (local == NULL)
    return TRUE;
  if (local == NULL)
    return adopt_messages (ledger, prior, &mailbox, now, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
adopt_all (PostsealLedger *ledger,
           PostsealAccount *account,
           const GPtrArray *mailboxes,
           GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (!postseal_ledger_begin (ledger, error))
    return FALSE;
  for (guint i = 0; i < mailboxes->len; i++)
    if (!adopt_mailbox (ledger, account, g_ptr_array_index (mailboxes, i), now, error))
      {
        postseal_ledger_rollback (ledger);
        return FALSE;
      }
  return postseal_ledger_commit (ledger, error);
}

gboolean
postseal_prior_mail_adopt (PostsealAccount *account, const GPtrArray *mailboxes, GError **error)
{
  g_autofree char *state_dir = postseal_paths_account_state_dir (account->name);
  g_autofree char *lock_path = g_build_filename (state_dir, POSTSEAL_PATHS_LOCK, NULL);
  g_autofree char *ledger_path = g_build_filename (state_dir, POSTSEAL_PATHS_LEDGER, NULL);
  g_autoptr (PostsealLockFile) lock = NULL;
  g_autoptr (PostsealLedger) ledger = NULL;

  g_return_val_if_fail (account->receive != NULL, FALSE);

  if (!postseal_durable_make_directory (state_dir, error))
    return FALSE;
  lock = postseal_lock_file_acquire (lock_path, "postseal account import", error);
  if (lock == NULL)
    return FALSE;
  ledger = postseal_ledger_open (ledger_path, error);
  return ledger != NULL && adopt_all (ledger, account, mailboxes, error);
}
