/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The messages of one mailbox, streaming from the IMAP session into the delivery in ranges, two in
 * flight. */
#include "engine/mailbox-visit-private.h"

typedef PostsealMailboxVisit Visit;

/* One UID FETCH asks for at most this much; the next is on its way before the last has ended. */
#define CHUNK_MESSAGES 256
#define CHUNK_BYTES (8 * 1024 * 1024)
#define CHUNKS_IN_FLIGHT 2

/* One UID FETCH under way. */
typedef struct
{
  Visit *visit; /* borrowed: lives until its chunks have ended */
  GArray *uids; /* owned (element-type guint32) ascending */
  guint32 settled; /* everything below is settled when this chunk is confirmed; 0: not said */
  gboolean is_guess; /* nobody knows yet whether there is such a message */
} Chunk;

static void fetch_more (Visit *self);

/* --- the delivery's side --- */

static void
on_settled (PostsealDelivery *delivery,
            const PostsealDeliveryResult *results,
            gsize n_results,
            gpointer user_data)
{
  Visit *self = user_data;
  PostsealFetchJob *job = self->job;

  for (gsize i = 0; i < n_results; i++)
    {
      guint32 uid = results[i].id.uid;

      if (results[i].is_delivered)
        {
          job->progress.messages_done++;
          g_hash_table_remove (self->retries, GUINT_TO_POINTER (uid));
          g_hash_table_remove (self->missing, GUINT_TO_POINTER (uid));
          if (job->account->keep == POSTSEAL_KEEP_NOT)
            g_array_append_val (self->expired, uid);
          continue;
        }
      job->progress.failed++;
      g_hash_table_add (self->retries, GUINT_TO_POINTER (uid));
      if (results[i].error != NULL)
        _postseal_fetch_job_take_error (job, g_error_copy (results[i].error));
    }
  _postseal_fetch_job_tell_arrived (job, self->mailbox->title, results, n_results);
  _postseal_fetch_job_progressed (job);
}

static void
on_drained (PostsealDelivery *delivery, gpointer user_data)
{
  Visit *self = user_data;

  if (!self->is_broken)
    postseal_imap_session_resume (self->session);
}

static void
on_failed (PostsealDelivery *delivery, const GError *error, gpointer user_data)
{
  Visit *self = user_data;

  if (self->is_broken)
    return;
  self->is_broken = TRUE;
  _postseal_fetch_job_take_fatal (self->job, g_error_copy (error));
  postseal_imap_session_logout (self->session); /* what is under way ends now */
}

const PostsealDeliveryHandler _postseal_mailbox_visit_delivery_handler
    = { on_settled, on_drained, on_failed };

/* --- the session's side: messages as they stream --- */

static void
on_begin (PostsealImapSession *session, guint64 size, gpointer user_data)
{
  Chunk *chunk = user_data;

  _postseal_fetch_job_begin_message (chunk->visit->job, chunk->visit->box->id);
}

static void
on_data (PostsealImapSession *session, const char *data, gsize length, gpointer user_data)
{
  Chunk *chunk = user_data;
  PostsealFetchJob *job = chunk->visit->job;

  job->progress.bytes_done += length;
  if (!postseal_delivery_write (job->delivery, data, length))
    postseal_imap_session_pause (session);
}

static guint64
find_listed_size (Visit *self, guint32 uid)
{
  PostsealImapEntry wanted = { .uid = uid };
  guint index;

  if (!g_array_binary_search (self->entries, &wanted, _postseal_compare_entries, &index))
    return 0;
  return g_array_index (self->entries, PostsealImapEntry, index).size;
}

static void
on_end (PostsealImapSession *session, guint32 uid, gboolean is_whole, gpointer user_data)
{
  Chunk *chunk = user_data;
  Visit *self = chunk->visit;
  PostsealFetchJob *job = self->job;
  PostsealMessageId id = { .uid = uid, .listed_size = find_listed_size (self, uid) };

  if (is_whole && uid != 0 && g_hash_table_remove (self->missing, GUINT_TO_POINTER (uid)))
    postseal_delivery_end (job->delivery, &id);
  else
    postseal_delivery_abort (job->delivery);
  _postseal_fetch_job_progressed (job);
}

static const PostsealImapFetchHandler fetch_handler = { on_begin, on_data, on_end };

static void
free_chunk (Chunk *chunk)
{
  g_array_unref (chunk->uids);
  g_free (chunk);
}

/* Everything below a chunk is settled only together with the chunks before it: a server may answer
   out of order (RFC 9051 section 5.5). Returns: how far confirming @chunk settles the mailbox */
static guint32
take_settled (Visit *self, const Chunk *chunk)
{
  GList *link = g_queue_find (&self->chunks, chunk);
  Chunk *before = link->prev != NULL ? link->prev->data : NULL;

  /* Without the session, or the delivery, nothing is known of what has failed. */
  if (self->is_broken)
    return 0;
  if (before == NULL)
    return chunk->settled;
  before->settled = MAX (before->settled, chunk->settled);
  return 0;
}

/* What the delivery has thrown away may have been another chunk's, of a server that mixes them. */
static void
reclaim (Visit *self, const Chunk *rejected)
{
  for (GList *link = self->chunks.head; link != NULL; link = link->next)
    {
      const Chunk *chunk = link->data;

      for (guint i = 0; chunk != rejected && i < chunk->uids->len; i++)
        g_hash_table_add (self->missing,
                          GUINT_TO_POINTER (g_array_index (chunk->uids, guint32, i)));
    }
}

/* The server refused a chunk: its messages are asked for in smaller parts, so that an odd one does
   not cost its neighbours; an odd one alone stays for the next run. */
static void
split_chunk (Chunk *chunk, GError *error)
{
  Visit *self = chunk->visit;
  GArray *uids = chunk->uids;

  reclaim (self, chunk);
  for (guint i = 0; i < uids->len; i++)
    {
      gpointer key = GUINT_TO_POINTER (g_array_index (uids, guint32, i));

      g_hash_table_remove (self->missing, key);
      g_hash_table_add (self->retries, key);
    }
  _postseal_mailbox_visit_store_retries (self);

  if (uids->len == 1)
    {
      self->job->progress.failed++;
      _postseal_mailbox_visit_take_error (self, error);
      return;
    }
  g_error_free (error);
  for (guint half = 0; half < 2; half++)
    {
      guint from = half == 0 ? 0 : uids->len / 2;
      guint to = half == 0 ? uids->len / 2 : uids->len;
      GArray *part = g_array_new (FALSE, FALSE, sizeof (guint32));

      g_array_append_vals (part, &g_array_index (uids, guint32, from), to - from);
      g_queue_push_tail (&self->again, part);
    }
}

/* Whether it came or not: what is listed and did not come is asked for as everything else. */
static void
end_guess (Chunk *chunk, gboolean is_well)
{
  Visit *self = chunk->visit;
  gpointer key = GUINT_TO_POINTER (g_array_index (chunk->uids, guint32, 0));

  self->is_guess_right = !g_hash_table_remove (self->missing, key) && is_well;
}

/* What was asked for and did not come stays wanted until it is known to be gone. */
static void
keep_missing (Chunk *chunk)
{
  Visit *self = chunk->visit;
  gboolean is_any = FALSE;

  for (guint i = 0; i < chunk->uids->len; i++)
    {
      gpointer key = GUINT_TO_POINTER (g_array_index (chunk->uids, guint32, i));

      if (g_hash_table_contains (self->missing, key))
        is_any |= g_hash_table_add (self->retries, key);
    }
  if (is_any)
    _postseal_mailbox_visit_store_retries (self);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Chunk *chunk = user_data;
  Visit *self = chunk->visit;
  PostsealDelivery *delivery = self->job->delivery;
  GError *error = NULL;

  if (postseal_imap_session_fetch_finish (self->session, result, &error))
    {
      guint32 settled;

      if (chunk->is_guess)
        end_guess (chunk, TRUE);
      else
        keep_missing (chunk);
      settled = take_settled (self, chunk);
      self->confirmed = MAX (self->confirmed, settled);
      postseal_delivery_confirm (delivery, self->box->id, settled);
    }
  else
    {
      postseal_delivery_reject (delivery);
      if (self->is_broken)
        g_error_free (error);
      else if (chunk->is_guess && _postseal_mailbox_visit_is_refusal (error))
        {
          g_error_free (error);
          reclaim (self, chunk);
          end_guess (chunk, FALSE);
        }
      else if (_postseal_mailbox_visit_is_refusal (error))
        split_chunk (chunk, error);
      else
        _postseal_mailbox_visit_take_error (self, error);
    }
  g_queue_remove (&self->chunks, chunk);
  free_chunk (chunk);
  fetch_more (self);
}

static Chunk *
fetch_chunk (Visit *self, GArray *uids, guint32 settled)
{
  Chunk *chunk = g_new0 (Chunk, 1);

  chunk->visit = self;
  chunk->uids = uids;
  chunk->settled = settled;
  for (guint i = 0; i < uids->len; i++)
    g_hash_table_add (self->missing, GUINT_TO_POINTER (g_array_index (uids, guint32, i)));
  g_queue_push_tail (&self->chunks, chunk);
  postseal_imap_session_fetch_async (self->session, (const guint32 *)uids->data, uids->len,
                                     &fetch_handler, chunk, self->job->cancellable, on_fetched,
                                     chunk);
  return chunk;
}

static GArray *
take_next_uids (Visit *self)
{
  GArray *uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), CHUNK_MESSAGES);
  guint64 bytes = 0;

  while (self->next_entry < self->entries->len && uids->len < CHUNK_MESSAGES)
    {
      const PostsealImapEntry *entry
          = &g_array_index (self->entries, PostsealImapEntry, self->next_entry);

      if (uids->len > 0 && bytes + entry->size > CHUNK_BYTES)
        break;
      g_array_append_val (uids, entry->uid);
      bytes += entry->size;
      self->next_entry++;
    }
  return uids;
}

static void
fetch_more (Visit *self)
{
  if (self->listings > 0)
    return;
  if (self->job->is_leaving)
    self->is_cut |= self->next_entry < self->entries->len || !g_queue_is_empty (&self->again);
  while (!self->is_broken && !self->is_cut && self->chunks.length < CHUNKS_IN_FLIGHT)
    {
      if (self->next_entry < self->entries->len)
        {
          GArray *uids = take_next_uids (self);
          guint32 last = g_array_index (uids, guint32, uids->len - 1);

          fetch_chunk (self, uids, last < G_MAXUINT32 ? last + 1 : 0);
        }
      else if (!g_queue_is_empty (&self->again))
        fetch_chunk (self, g_queue_pop_head (&self->again), 0);
      else
        break;
    }
  if (g_queue_is_empty (&self->chunks))
    _postseal_mailbox_visit_streamed (self);
}

void
_postseal_mailbox_visit_guess (PostsealMailboxVisit *self)
{
  GArray *uids;
  guint index;

  self->is_guess_right = FALSE;
  self->guessed = self->next_uid;
  if (g_array_binary_search (self->box->known, &self->guessed, _postseal_compare_uids, &index))
    {
      self->guessed = 0;
      return;
    }
  uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (uids, self->guessed);
  fetch_chunk (self, uids, 0)->is_guess = TRUE;
}

/* What the listing says about the guess. */
static void
check_guess (Visit *self)
{
  Chunk *chunk = g_queue_peek_head (&self->chunks);

  if (self->guessed == 0 || self->entries->len == 0
      || g_array_index (self->entries, PostsealImapEntry, 0).uid != self->guessed)
    return;
  if (chunk != NULL)
    {
      chunk->is_guess = FALSE;
      chunk->settled = self->guessed < G_MAXUINT32 ? self->guessed + 1 : 0;
    }
  if (chunk != NULL || self->is_guess_right)
    self->next_entry = 1;
}

void
_postseal_mailbox_visit_stream (PostsealMailboxVisit *self)
{
  check_guess (self);
  self->guessed = 0;
  fetch_more (self);
}
