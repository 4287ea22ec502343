/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/outbox-digest.h"

#include "base/paths.h"
#include "cli/outbox-words.h"

#define MOST_LOOKED_AT 10000

PostsealOutbox *
postseal_outbox_digest_open (GError **error)
{
  g_autofree char *directory = postseal_paths_outbox_dir ();

  return g_file_test (directory, G_FILE_TEST_IS_DIR) ? postseal_outbox_open (error) : NULL;
}

void
postseal_outbox_digest_clear (PostsealOutboxDigest *self)
{
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->seal, postseal_seal_unref);
}

static void
take_seal (PostsealOutboxDigest *self, const PostsealOutboxEntry *entry, gint64 *latest)
{
  PostsealSeal *seal = NULL;

  if (entry->seal == NULL || entry->last_attempt < *latest)
    return;
  seal = postseal_seal_parse (entry->seal);
  if (seal == NULL)
    return;
  *latest = entry->last_attempt;
  g_clear_pointer (&self->seal, postseal_seal_unref);
  self->seal = seal;
}

static void
count (PostsealOutboxDigest *self, const PostsealOutboxEntry *entry)
{
  switch (entry->state)
    {
    case POSTSEAL_OUTBOX_BLOCKED:
      self->blocked++;
      break;
    case POSTSEAL_OUTBOX_IN_DOUBT:
      self->in_doubt++;
      break;
    case POSTSEAL_OUTBOX_HELD:
      self->held++;
      break;
    case POSTSEAL_OUTBOX_FAILED:
      self->failed++;
      break;
    case POSTSEAL_OUTBOX_QUEUED:
    case POSTSEAL_OUTBOX_SENDING:
    case POSTSEAL_OUTBOX_SENT:
    case POSTSEAL_OUTBOX_BOUNCED:
    default:
      break;
    }
}

gboolean
postseal_outbox_digest_load (PostsealOutboxDigest *self,
                             PostsealOutbox *outbox,
                             const char *account,
                             GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_auto (GStrv) ids
      = postseal_outbox_list (outbox, account, POSTSEAL_OUTBOX_ALL, now, NULL, error);
  g_auto (GStrv) done
      = ids != NULL ? postseal_outbox_list (outbox, account, POSTSEAL_OUTBOX_DONE, now, NULL, error)
                    : NULL;
  gint64 latest = 0;
  gboolean is_together;

  if (done == NULL)
    return FALSE;
  self->total = g_strv_length (ids);
  is_together = postseal_outbox_begin_loading (outbox, NULL);
  for (gsize i = 0; ids[i] != NULL && i < MOST_LOOKED_AT; i++)
    {
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[i], NULL);

      if (entry == NULL)
        continue;
      count (self, entry);
      take_seal (self, entry, &latest);
      if (self->reason == NULL)
        self->reason = postseal_outbox_words_reason (entry);
    }
  if (is_together)
    postseal_outbox_end_loading (outbox);
  self->waiting = self->total - self->blocked - self->in_doubt - self->held - self->failed;
  if (done[0] != NULL)
    {
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, done[0], NULL);

      if (entry != NULL)
        take_seal (self, entry, &latest);
    }
  return TRUE;
}
