/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/account-facts.h"

#include "base/paths.h"

void
postseal_account_facts_free (PostsealAccountFacts *self)
{
  if (self == NULL)
    return;
  postseal_last_run_clear (&self->run);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_free (self->ledger.last_seal);
  g_clear_pointer (&self->latches, postseal_latches_unref);
  postseal_outbox_digest_clear (&self->outbox);
  g_clear_pointer (&self->troubles, g_ptr_array_unref);
  g_free (self);
}

static void
take_trouble (PostsealAccountFacts *self, const GError *error)
{
  if (error != NULL)
    g_ptr_array_add (self->troubles, g_strdup (error->message));
}

static void
read_ledger (PostsealAccountFacts *self, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, POSTSEAL_PATHS_LEDGER, NULL);
  g_autoptr (PostsealLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;

  /* Opening it would make it. */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  ledger = postseal_ledger_open (path, &error);
  if (ledger != NULL)
    self->has_ledger = postseal_ledger_summarize (ledger, &self->ledger, &error);
  take_trouble (self, error);
}

PostsealAccountFacts *
postseal_account_facts_read (const char *account, PostsealOutbox *outbox)
{
  PostsealAccountFacts *self = g_new0 (PostsealAccountFacts, 1);
  g_autofree char *directory = postseal_paths_account_state_dir (account);
  g_autofree char *latches = g_build_filename (directory, POSTSEAL_PATHS_LATCHES, NULL);
  g_autoptr (GError) error = NULL;
  const char *seal = NULL;

  self->troubles = g_ptr_array_new_with_free_func (g_free);
  self->has_run = postseal_last_run_load (directory, &self->run);
  read_ledger (self, directory);
  self->latches = postseal_latches_load (latches, &error);
  take_trouble (self, error);

  if (outbox != NULL)
    {
      g_clear_error (&error);
      postseal_outbox_digest_load (&self->outbox, outbox, account, &error);
      take_trouble (self, error);
    }

  seal = self->has_run && self->run.seal != NULL ? self->run.seal : self->ledger.last_seal;
  if (seal != NULL)
    self->seal = postseal_seal_parse (seal);
  return self;
}

PostsealAccountStatus *
postseal_account_facts_make_status (const PostsealAccountFacts *self,
                                    const PostsealAccount *account)
{
  const PostsealOutboxDigest *outbox = &self->outbox;
  PostsealAccountStatus *status = postseal_account_status_new (account->name);

  g_object_set (status, "address", account->address, "receives", account->receive != NULL, "sends",
                account->send != NULL, "receive-seal", postseal_seal_to_variant (self->seal),
                "send-seal", postseal_seal_to_variant (outbox->seal), "waiting",
                (guint)(outbox->total - outbox->failed), "failed", (guint)outbox->failed, NULL);
  if (self->has_run)
    g_object_set (status, "receive-status", self->run.status, "receive-error", self->run.error,
                  "receive-last", self->run.status == 0 ? self->run.time : (gint64)0, NULL);
  return status;
}
