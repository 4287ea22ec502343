/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The POP3 conversation of one retrieval run: list, compare with the ledger, retrieve, delete,
 * QUIT. */
#include <glib/gi18n-lib.h>

#include "engine/fetch-job-private.h"
#include "pop3/pop3-session.h"

#define NO_UIDL "none"
#define KEEP_ALIVE_S 60 /* RFC 1939 section 3: the server's timer is at least ten minutes */

typedef struct
{
  PostsealFetchJob *job; /* owned */
  PostsealPop3Session *session; /* owned */
  PostsealAuthenticator *auth; /* owned, nullable */
  PostsealPop3Listing *listing; /* owned */
  GArray *listed; /* owned (element-type PostsealDeliveryListed): as the ledger is asked */
  GArray *wanted; /* owned (element-type guint): indexes of what is retrieved */
  gsize n_settled; /* of wanted: told by the delivery, or passed over */
  PostsealDeliveryMailbox *box; /* owned */
  GArray *expired; /* owned (element-type guint): indexes of what may go */
  GSource *keep_alive; /* owned while the delivery settles */
  gboolean is_broken; /* the session or the delivery is of no more use */
} FetchPop3;

static void
free_fetch_pop3 (FetchPop3 *self)
{
  if (self->keep_alive != NULL)
    g_source_destroy (self->keep_alive);
  g_clear_pointer (&self->keep_alive, g_source_unref);
  g_clear_object (&self->session);
  g_clear_pointer (&self->auth, postseal_authenticator_unref);
  g_clear_pointer (&self->listing, postseal_pop3_listing_free);
  g_clear_pointer (&self->listed, g_array_unref);
  g_clear_pointer (&self->wanted, g_array_unref);
  g_clear_pointer (&self->box, postseal_delivery_mailbox_free);
  g_clear_pointer (&self->expired, g_array_unref);
  g_clear_object (&self->job);
  g_free (self);
}

static GCancellable *
get_cancellable (FetchPop3 *self)
{
  return self->job->cancellable;
}

static void
conclude (FetchPop3 *self)
{
  _postseal_fetch_job_set_conversation (self->job, NULL, NULL);
  postseal_delivery_set_handler (self->job->delivery, NULL, NULL);
  postseal_pop3_session_leave (self->session);
  _postseal_fetch_job_conclude (self->job);
  free_fetch_pop3 (self);
}

static void
conclude_with (FetchPop3 *self, GError *error)
{
  _postseal_fetch_job_take_fatal (self->job, error);
  conclude (self);
}

static const PostsealPop3Entry *
get_entry (FetchPop3 *self, guint index)
{
  return &g_array_index (self->listing->entries, PostsealPop3Entry, index);
}

static const PostsealDeliveryListed *
get_listed (FetchPop3 *self, guint index)
{
  return &g_array_index (self->listed, PostsealDeliveryListed, index);
}

/* Messages are settled in the order in which they were retrieved. Returns: whether there is one */
static gboolean
find_settled (FetchPop3 *self, const PostsealMessageId *id, guint *ret_index)
{
  while (self->n_settled < self->wanted->len)
    {
      guint index = g_array_index (self->wanted, guint, self->n_settled++);
      const PostsealDeliveryListed *listed = get_listed (self, index);

      if (listed->occurrence != id->occurrence || !g_str_equal (listed->uidl, id->uidl))
        continue;
      *ret_index = index;
      return TRUE;
    }
  return FALSE;
}

/* --- the delivery's side --- */

static void
on_settled (PostsealDelivery *delivery,
            const PostsealDeliveryResult *results,
            gsize n_results,
            gpointer user_data)
{
  FetchPop3 *self = user_data;
  PostsealFetchJob *job = self->job;

  for (gsize i = 0; i < n_results; i++)
    {
      const PostsealDeliveryResult *result = &results[i];
      gboolean is_found;
      guint index;

      is_found = find_settled (self, &result->id, &index);
      if (!result->is_delivered)
        {
          job->progress.failed++;
          if (result->error != NULL)
            _postseal_fetch_job_take_error (job, g_error_copy (result->error));
          continue;
        }
      job->progress.messages_done++;
      if (job->account->keep == POSTSEAL_KEEP_NOT && is_found)
        g_array_append_val (self->expired, index);
    }
  _postseal_fetch_job_tell_arrived (job, "INBOX", results, n_results);
  _postseal_fetch_job_progressed (job);
}

static void
on_drained (PostsealDelivery *delivery, gpointer user_data)
{
  FetchPop3 *self = user_data;

  if (!self->is_broken)
    postseal_pop3_session_resume (self->session);
}

static void
on_failed (PostsealDelivery *delivery, const GError *error, gpointer user_data)
{
  FetchPop3 *self = user_data;

  if (self->is_broken)
    return;
  self->is_broken = TRUE;
  _postseal_fetch_job_take_fatal (self->job, g_error_copy (error));
  postseal_pop3_session_leave (self->session); /* what is under way ends now */
}

static const PostsealDeliveryHandler delivery_handler = { on_settled, on_drained, on_failed };

/* --- the session's side: messages as they stream --- */

static void
on_begin (PostsealPop3Session *session, const PostsealPop3Entry *entry, gpointer user_data)
{
  FetchPop3 *self = user_data;

  _postseal_fetch_job_begin_message (self->job, self->box->id);
}

static void
on_data (PostsealPop3Session *session, const char *data, gsize length, gpointer user_data)
{
  FetchPop3 *self = user_data;
  PostsealFetchJob *job = self->job;

  job->progress.bytes_done += length;
  if (!postseal_delivery_write (job->delivery, data, length))
    postseal_pop3_session_pause (session);
}

static void
on_end (PostsealPop3Session *session,
        const PostsealPop3Entry *entry,
        const GError *error,
        gpointer user_data)
{
  FetchPop3 *self = user_data;
  PostsealFetchJob *job = self->job;
  PostsealMessageId id
      = { .uidl = entry->uidl, .occurrence = entry->occurrence, .listed_size = entry->size };

  if (error == NULL)
    {
      postseal_delivery_end (job->delivery, &id);
      postseal_delivery_confirm (job->delivery, self->box->id, 0);
    }
  else
    {
      postseal_delivery_abort (job->delivery);
      job->progress.failed++;
      if (error->domain == POSTSEAL_POP3_ERROR)
        _postseal_fetch_job_take_error (job, g_error_copy (error));
    }
  _postseal_fetch_job_progressed (job);
}

static const PostsealPop3RetrieveHandler retrieve_handler = { on_begin, on_data, on_end };

/* --- the end: settle, delete, QUIT, forget --- */

static void
on_quit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  PostsealFetchJob *job = self->job;
  g_autofree PostsealMessageId *ids = NULL;
  GError *error = NULL;

  if (!postseal_pop3_session_quit_finish (self->session, result, &error))
    {
      /* Nothing is known to be deleted; the ledger still knows what was delivered. */
      conclude_with (self, error);
      return;
    }
  ids = g_new0 (PostsealMessageId, self->expired->len);
  for (guint i = 0; i < self->expired->len; i++)
    {
      const PostsealDeliveryListed *gone
          = get_listed (self, g_array_index (self->expired, guint, i));

      ids[i] = (PostsealMessageId){ .uidl = gone->uidl, .occurrence = gone->occurrence };
    }
  job->progress.deleted = self->expired->len;
  postseal_delivery_forget (job->delivery, self->box->id, ids, self->expired->len);
  conclude (self);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  GError *error = NULL;
  g_autoptr (GArray) numbers = postseal_pop3_session_delete_finish (self->session, result, &error);
  g_autoptr (GHashTable) accepted = NULL;
  guint kept = 0;

  if (numbers == NULL)
    {
      conclude_with (self, error);
      return;
    }

  accepted = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < numbers->len; i++)
    g_hash_table_add (accepted, GUINT_TO_POINTER (g_array_index (numbers, guint32, i)));
  for (guint i = 0; i < self->expired->len; i++)
    {
      guint index = g_array_index (self->expired, guint, i);

      if (g_hash_table_contains (accepted, GUINT_TO_POINTER (get_entry (self, index)->number)))
        g_array_index (self->expired, guint, kept++) = index;
    }
  if (kept < self->expired->len)
    _postseal_fetch_job_take_error (
        self->job, g_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_REFUSED,
                                _ ("Account %s: %s refused to delete %u of the delivered messages; "
                                   "that is tried again next time"),
                                self->job->account->name, self->job->account->receive->host,
                                self->expired->len - kept));
  g_array_set_size (self->expired, kept);
  postseal_pop3_session_quit_async (self->session, get_cancellable (self), on_quit, self);
}

static void
count_message (GHashTable *counts, const char *uidl, gint by)
{
  gint count = GPOINTER_TO_INT (g_hash_table_lookup (counts, uidl));

  g_hash_table_insert (counts, (gpointer)uidl, GINT_TO_POINTER (count + by));
}

/* Messages with one UIDL go together or not at all: if the answer to QUIT is lost, what is left
   under that UIDL would pass for what was delivered. */
static void
keep_incomplete (FetchPop3 *self)
{
  g_autoptr (GHashTable) counts = NULL;
  guint kept = 0;

  for (guint i = 0; self->listing->has_uidl && i < self->listed->len; i++)
    if (get_listed (self, i)->occurrence > 0)
      {
        if (counts == NULL)
          counts = g_hash_table_new (g_str_hash, g_str_equal);
        g_hash_table_insert (counts, (gpointer)get_listed (self, i)->uidl, NULL);
      }
  if (counts == NULL)
    return;
  for (guint i = 0; i < self->listed->len; i++)
    if (g_hash_table_contains (counts, get_listed (self, i)->uidl))
      count_message (counts, get_listed (self, i)->uidl, 1);
  for (guint i = 0; i < self->expired->len; i++)
    {
      const char *uidl = get_listed (self, g_array_index (self->expired, guint, i))->uidl;

      if (g_hash_table_contains (counts, uidl))
        count_message (counts, uidl, -1);
    }
  for (guint i = 0; i < self->expired->len; i++)
    {
      guint index = g_array_index (self->expired, guint, i);

      if (g_hash_table_lookup (counts, get_listed (self, index)->uidl) == NULL)
        g_array_index (self->expired, guint, kept++) = index;
    }
  g_array_set_size (self->expired, kept);
}

static void
delete_expired (FetchPop3 *self)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));

  keep_incomplete (self);
  if (self->is_broken || self->expired->len == 0)
    {
      conclude (self);
      return;
    }
  for (guint i = 0; i < self->expired->len; i++)
    g_array_append_val (numbers, get_entry (self, g_array_index (self->expired, guint, i))->number);
  postseal_pop3_session_delete_async (self->session, (const guint32 *)numbers->data, numbers->len,
                                      get_cancellable (self), on_deleted, self);
}

static gboolean
on_keep_alive (gpointer user_data)
{
  FetchPop3 *self = user_data;

  postseal_pop3_session_keep_alive (self->session);
  return G_SOURCE_CONTINUE;
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  GError *error = NULL;

  g_source_destroy (self->keep_alive);
  g_clear_pointer (&self->keep_alive, g_source_unref);
  if (!postseal_delivery_flush_finish (self->job->delivery, result, &error))
    {
      self->is_broken = TRUE;
      _postseal_fetch_job_take_fatal (self->job, error);
    }
  delete_expired (self);
}

static void
settle (FetchPop3 *self)
{
  _postseal_fetch_job_set_activity (self->job, "settling", NULL);
  self->keep_alive = g_timeout_source_new_seconds (KEEP_ALIVE_S);
  if (!self->is_broken)
    {
      g_source_set_callback (self->keep_alive, on_keep_alive, self, NULL);
      g_source_attach (self->keep_alive, g_main_context_get_thread_default ());
    }
  postseal_delivery_flush_async (self->job->delivery, NULL, on_flushed, self);
}

static void
on_retrieved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!postseal_pop3_session_retrieve_finish (self->session, result, &error) && !self->is_broken)
    {
      self->is_broken = TRUE;
      _postseal_fetch_job_take_fatal (self->job, g_steal_pointer (&error));
    }
  settle (self);
}

/* --- the beginning: list, compare --- */

static void
retrieve (FetchPop3 *self)
{
  PostsealFetchJob *job = self->job;
  const GArray *wanted = self->wanted;
  g_autofree PostsealPop3Entry *entries = g_new (PostsealPop3Entry, wanted->len);

  for (guint i = 0; i < wanted->len; i++)
    {
      guint index = g_array_index (wanted, guint, i);
      const PostsealDeliveryListed *listed = get_listed (self, index);

      entries[i] = *get_entry (self, index);
      entries[i].uidl = listed->uidl;
      entries[i].occurrence = listed->occurrence;
      job->progress.bytes_total += entries[i].size;
    }
  job->progress.messages_total = wanted->len;
  _postseal_fetch_job_set_activity (job, "fetching", NULL);
  postseal_pop3_session_retrieve_async (self->session, entries, wanted->len, &retrieve_handler,
                                        self, get_cancellable (self), on_retrieved, self);
}

static void
on_compared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  GError *error = NULL;

  if (!postseal_delivery_compare_finish (self->job->delivery, result, &self->wanted, &self->expired,
                                         &error))
    conclude_with (self, error);
  else if (self->wanted->len > 0)
    retrieve (self);
  else
    delete_expired (self);
}

/* A server without UIDL can only be emptied. No size ever is the one that was remembered, so that
   every message is fetched; what was delivered before, and not deleted, is known by its content. */
static void
make_up_uidls (FetchPop3 *self)
{
  for (guint i = 0; i < self->listed->len; i++)
    g_array_index (self->listed, PostsealDeliveryListed, i)
        = (PostsealDeliveryListed){ .uidl = NO_UIDL, .occurrence = i, .size = G_MAXINT64 };
}

static void
on_mailbox_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  const GArray *entries = self->listing->entries;
  GError *error = NULL;

  self->box = postseal_delivery_open_mailbox_finish (self->job->delivery, result, &error);
  if (self->box == NULL)
    {
      conclude_with (self, error);
      return;
    }
  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealPop3Entry *entry = get_entry (self, i);
      PostsealDeliveryListed listed = { entry->uidl, entry->occurrence, entry->size };

      g_array_append_val (self->listed, listed);
    }
  if (!self->listing->has_uidl)
    make_up_uidls (self);
  postseal_delivery_compare_async (
      self->job->delivery, self->box->id, (const PostsealDeliveryListed *)self->listed->data,
      self->listed->len, _postseal_fetch_job_get_due_before (self->job), NULL, on_compared, self);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  PostsealAccount *account = self->job->account;
  g_autofree char *ledger_name = NULL;
  GError *error = NULL;

  self->listing = postseal_pop3_session_list_finish (self->session, result, &error);
  if (self->listing != NULL && !self->listing->has_uidl && account->keep != POSTSEAL_KEEP_NOT)
    error = g_error_new (POSTSEAL_POP3_ERROR, POSTSEAL_POP3_ERROR_NO_UIDL,
                         _ ("Account %s: %s cannot tell its messages apart (no UIDL), so mail left "
                            "there would be fetched again and again; use IMAP, or keep=no"),
                         account->name, account->receive->host);
  if (error != NULL)
    {
      conclude_with (self, error);
      return;
    }
  postseal_delivery_set_handler (self->job->delivery, &delivery_handler, self);
  ledger_name = _postseal_fetch_job_get_ledger_name (self->job, "");
  postseal_delivery_open_mailbox_async (self->job->delivery, ledger_name, "INBOX", 0, 0,
                                        _postseal_fetch_job_get_due_before (self->job), NULL,
                                        on_mailbox_opened, self);
}

static void
on_logged_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FetchPop3 *self = user_data;
  GError *error = NULL;

  if (!postseal_pop3_session_login_finish (self->session, result, &error))
    {
      conclude_with (self, error);
      return;
    }
  self->job->login_delay = postseal_pop3_session_get_login_delay (self->session);
  _postseal_fetch_job_begin_round (self->job);
  _postseal_fetch_job_keep_latches (self->job);
  _postseal_fetch_job_set_activity (self->job, "listing", NULL);
  postseal_pop3_session_list_async (self->session, get_cancellable (self), on_listed, self);
}

/* What was ended is settled, the message in the middle is fetched another time. Without QUIT
   nothing is deleted (RFC 1939 section 6). */
static void
leave (gpointer data)
{
  FetchPop3 *self = data;

  self->is_broken = TRUE;
  postseal_pop3_session_leave (self->session);
}

static void
probe (gpointer data, guint limit_ms)
{
}

static const PostsealFetchConversation pop3_conversation = { .leave = leave, .probe = probe };

void
_postseal_fetch_pop3_start (PostsealFetchJob *job, PostsealSealedLink *link)
{
  FetchPop3 *self = g_new0 (FetchPop3, 1);

  self->job = g_object_ref (job);
  self->listed = g_array_new (FALSE, FALSE, sizeof (PostsealDeliveryListed));
  self->session = postseal_pop3_session_new (link, job->account->timeout_ms, job->transcript);
  self->auth = _postseal_fetch_job_make_authenticator (job);
  _postseal_fetch_job_set_conversation (job, &pop3_conversation, self);
  if (self->auth == NULL)
    conclude (self);
  else
    postseal_pop3_session_login_async (self->session, self->auth, get_cancellable (self),
                                       on_logged_in, self);
}
