/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first visit to a mailbox whose mail another program has retrieved, which marks it so on the
   server only. */
#include <glib/gi18n-lib.h>

#include "engine/mailbox-visit-private.h"
#include "mail/ledger.h"

typedef PostsealMailboxVisit Visit;

static void
adopt_seen (Visit *self, const GArray *entries)
{
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (PostsealLedgerDue));

  g_array_set_size (self->box->known, 0);
  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealImapEntry *entry = &g_array_index (entries, PostsealImapEntry, i);
      PostsealLedgerDue adopted = { entry->uid, entry->size };

      g_array_append_val (seen, adopted);
      g_array_append_val (self->box->known, entry->uid);
    }
  postseal_delivery_adopt_seen (self->job->delivery, self->box->id, self->status->uid_validity,
                                (const PostsealLedgerDue *)seen->data, seen->len);
  _postseal_fetch_job_note (self->job,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "%u message of “%s” has been read already, and is not "
                                         "fetched, as was decided when the account was imported",
                                         "%u messages of “%s” have been read already, and are not "
                                         "fetched, as was decided when the account was imported",
                                         seen->len),
                            seen->len, self->mailbox->title);
  _postseal_mailbox_visit_seen_known (self, NULL);
}

static void
on_seen_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;
  g_autoptr (GArray) entries
      = postseal_imap_session_list_seen_finish (self->session, result, &error);

  if (entries != NULL)
    adopt_seen (self, entries);
  else
    _postseal_mailbox_visit_seen_known (self, error);
}

void
_postseal_mailbox_visit_find_seen (Visit *self)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (PostsealImapEntry));

  if (self->status->exists == 0)
    adopt_seen (self, none);
  else
    postseal_imap_session_list_seen_async (self->session, self->job->cancellable, on_seen_listed,
                                           self);
}
