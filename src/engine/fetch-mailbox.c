/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One IMAP mailbox of a run: select, ask the ledger, list, stream, settle, delete what may go. */
#include "engine/mailbox-visit-private.h"

#include <glib/gi18n-lib.h>

#include "mail/ledger.h"

typedef PostsealMailboxVisit Visit;

static GCancellable *
get_cancellable (Visit *self)
{
  return self->job->cancellable;
}

int
_postseal_compare_uids (gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *)a;
  guint32 second = *(const guint32 *)b;

  return (first > second) - (first < second);
}

int
_postseal_compare_entries (gconstpointer a, gconstpointer b)
{
  return _postseal_compare_uids (&((const PostsealImapEntry *)a)->uid,
                                 &((const PostsealImapEntry *)b)->uid);
}

static void
free_uids (gpointer data)
{
  g_array_unref (data);
}

/* What one look needs and the next begins anew. */
static void
clear_look (Visit *self)
{
  g_array_set_size (self->entries, 0);
  g_array_set_size (self->expired, 0);
  g_array_set_size (self->vanished, 0);
  g_hash_table_remove_all (self->missing);
  g_clear_pointer (&self->delivered, g_array_unref);
  g_queue_clear_full (&self->again, free_uids);
  self->next_entry = 0;
}

static void
end_visit (Visit *self)
{
  FetchImap *imap = self->imap;

  if (self->is_broken || self->is_cut)
    self->is_open = FALSE;
  clear_look (self);
  postseal_delivery_set_handler (self->job->delivery, NULL, NULL);
  _postseal_fetch_imap_mailbox_done (imap, !self->is_broken); /* may free the visit */
  _postseal_fetch_imap_unref (imap);
}

void
_postseal_mailbox_visit_free (PostsealMailboxVisit *self)
{
  g_queue_clear_full (&self->again, free_uids);
  g_clear_pointer (&self->status, postseal_imap_status_free);
  g_clear_pointer (&self->box, postseal_delivery_mailbox_free);
  g_clear_pointer (&self->mailbox, postseal_imap_mailbox_free);
  g_clear_pointer (&self->delivered, g_array_unref);
  g_array_unref (self->entries);
  g_array_unref (self->expired);
  g_array_unref (self->vanished);
  g_hash_table_unref (self->retries);
  g_hash_table_unref (self->missing);
  g_free (self);
}

gboolean
_postseal_mailbox_visit_is_open (PostsealMailboxVisit *self,
                                 guint32 *ret_uid_validity,
                                 guint32 *ret_next_uid)
{
  if (self->is_open && ret_uid_validity != NULL)
    *ret_uid_validity = self->status->uid_validity;
  if (self->is_open && ret_next_uid != NULL)
    *ret_next_uid = self->next_uid;
  return self->is_open;
}

gboolean
_postseal_mailbox_visit_is_stale (PostsealMailboxVisit *self)
{
  const PostsealImapStatus *selected = postseal_imap_session_get_selected (self->session, NULL);

  return selected != NULL && selected->n_news != self->n_news;
}

gboolean
_postseal_mailbox_visit_is_streaming (PostsealMailboxVisit *self)
{
  return !g_queue_is_empty (&self->chunks);
}

gboolean
_postseal_mailbox_visit_is_refusal (const GError *error)
{
  return g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED)
         || g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE)
         || g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_NO_UIDS);
}

void
_postseal_mailbox_visit_take_error (Visit *self, GError *error)
{
  if (_postseal_mailbox_visit_is_refusal (error))
    {
      _postseal_fetch_job_take_error (self->job, error);
      return;
    }
  self->is_broken = TRUE;
  _postseal_fetch_job_take_fatal (self->job, error);
}

/* The ledger is told before the next confirm, so that progress never passes a message that is
 * missing. */
static GArray *
list_keys (GHashTable *uids)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint32));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, uids);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      guint32 uid = GPOINTER_TO_UINT (key);

      g_array_append_val (list, uid);
    }
  g_array_sort (list, _postseal_compare_uids);
  return list;
}

void
_postseal_mailbox_visit_store_retries (PostsealMailboxVisit *self)
{
  g_autoptr (GArray) uids = list_keys (self->retries);

  self->n_stored = uids->len;
  postseal_delivery_set_retries (self->job->delivery, self->box->id, (const guint32 *)uids->data,
                                 uids->len);
}

/* --- the end: settle, look again for what did not come, delete what may go --- */

/* The ledger learns what is gone from the server. */
static void
forget_vanished (Visit *self)
{
  g_autofree PostsealMessageId *ids = g_new0 (PostsealMessageId, self->vanished->len);

  if (self->vanished->len == 0)
    return;
  for (guint i = 0; i < self->vanished->len; i++)
    ids[i].uid = g_array_index (self->vanished, guint32, i);
  postseal_delivery_forget (self->job->delivery, self->box->id, ids, self->vanished->len);
}

static void
on_deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;

  if (postseal_imap_session_delete_finish (self->session, result, &error))
    {
      self->job->progress.deleted += self->expired->len;
      g_array_append_vals (self->vanished, self->expired->data, self->expired->len);
    }
  else
    _postseal_mailbox_visit_take_error (self, error);
  forget_vanished (self);
  end_visit (self);
}

static void
delete_expired (Visit *self)
{
  if (self->is_broken || self->expired->len == 0)
    {
      forget_vanished (self);
      end_visit (self);
      return;
    }
  g_array_sort (self->expired, _postseal_compare_uids);
  postseal_imap_session_delete_async (self->session, (const guint32 *)self->expired->data,
                                      self->expired->len, get_cancellable (self), on_deleted, self);
}

static void
on_missing_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  PostsealFetchJob *job = self->job;
  GError *error = NULL;
  g_autoptr (GArray) entries
      = postseal_imap_session_list_messages_finish (self->session, result, &error);
  GHashTableIter iter;
  gpointer key;

  if (entries == NULL)
    {
      _postseal_mailbox_visit_take_error (self, error);
      delete_expired (self);
      return;
    }

  /* Gone: expunged by somebody else while we fetched. */
  for (guint i = 0; i < entries->len; i++)
    g_hash_table_remove (self->missing,
                         GUINT_TO_POINTER (g_array_index (entries, PostsealImapEntry, i).uid));
  g_hash_table_iter_init (&iter, self->missing);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_remove (self->retries, key);
  _postseal_mailbox_visit_store_retries (self);

  if (entries->len > 0)
    {
      job->progress.failed += entries->len;
      _postseal_fetch_job_take_error (
          job, g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                            g_dngettext (GETTEXT_PACKAGE,
                                         "Account %s: %s did not hand over %u message of “%s”; it "
                                         "is tried again next time",
                                         "Account %s: %s did not hand over %u messages of “%s”; "
                                         "they are tried again next time",
                                         entries->len),
                            job->account->name, job->account->receive->host, entries->len,
                            self->mailbox->title));
    }
  delete_expired (self);
}

static void
list_missing (Visit *self)
{
  g_autoptr (GArray) uids = list_keys (self->missing);

  postseal_imap_session_list_messages_async (self->session, 0, (const guint32 *)uids->data,
                                             uids->len, get_cancellable (self), on_missing_listed,
                                             self);
}

/* What the last chunk's confirmation has said need not be said again. */
static void
store_progress (Visit *self)
{
  PostsealImapStatus *status = self->status;

  if (status->uid_next > self->confirmed || status->highest_modseq != self->box->highest_modseq)
    postseal_delivery_set_progress (self->job->delivery, self->box->id, status->uid_next,
                                    status->highest_modseq);
  self->box->highest_modseq = status->highest_modseq;
  self->confirmed = MAX (self->confirmed, status->uid_next);
  self->next_uid = MAX (self->next_uid, self->confirmed);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  PostsealFetchJob *job = self->job;
  GError *error = NULL;

  if (!postseal_delivery_flush_finish (job->delivery, result, &error))
    {
      self->is_broken = TRUE;
      _postseal_fetch_job_take_fatal (job, error);
    }
  if (self->is_broken || self->is_cut)
    {
      end_visit (self);
      return;
    }

  /* Only now is everything in the ledger that lies below. */
  if (self->n_stored > 0 || g_hash_table_size (self->retries) > 0)
    _postseal_mailbox_visit_store_retries (self);
  store_progress (self);
  if (g_hash_table_size (self->missing) > 0)
    list_missing (self);
  else
    delete_expired (self);
}

void
_postseal_mailbox_visit_streamed (PostsealMailboxVisit *self)
{
  _postseal_fetch_job_set_activity (self->job, "settling", self->mailbox->title);
  postseal_delivery_flush_async (self->job->delivery, NULL, on_flushed, self);
}

/* --- the beginning: select, ask the ledger, list --- */

/* Where the server has counted UIDs anew, the size must be that of the message that was delivered.
 */
static gboolean
is_known (Visit *self, const PostsealImapEntry *entry)
{
  guint index;

  if (self->delivered == NULL)
    return g_array_binary_search (self->box->known, &entry->uid, _postseal_compare_uids, &index);
  return g_array_binary_search (self->delivered, &entry->uid, _postseal_compare_uids, &index)
         && g_array_index (self->delivered, PostsealLedgerDue, index).size == entry->size;
}

static void
add_entries (Visit *self, const GArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealImapEntry *entry = &g_array_index (entries, PostsealImapEntry, i);

      if (!is_known (self, entry))
        g_array_append_val (self->entries, *entry);
    }
}

/* What is new and what is tried again may overlap after a crash. */
static void
sort_entries (Visit *self)
{
  PostsealFetchJob *job = self->job;
  guint n = 0;

  if (self->box->retries->len > 0)
    g_array_sort (self->entries, _postseal_compare_entries);
  for (guint i = 0; i < self->entries->len; i++)
    {
      PostsealImapEntry entry = g_array_index (self->entries, PostsealImapEntry, i);

      if (n > 0 && g_array_index (self->entries, PostsealImapEntry, n - 1).uid == entry.uid)
        continue;
      g_array_index (self->entries, PostsealImapEntry, n++) = entry;
      job->progress.messages_total++;
      job->progress.bytes_total += entry.size;
    }
  g_array_set_size (self->entries, n);
}

static void
end_listing (Visit *self)
{
  if (--self->listings > 0)
    return;
  sort_entries (self);
  _postseal_fetch_job_set_activity (self->job, "fetching", self->mailbox->title);
  _postseal_mailbox_visit_stream (self);
}

/* Of what the ledger knew only that is true which was found again. */
static void
rewind_ledger (Visit *self, const GArray *entries)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < entries->len; i++)
    {
      const PostsealImapEntry *entry = &g_array_index (entries, PostsealImapEntry, i);

      if (is_known (self, entry))
        g_array_append_val (found, entry->uid);
      if (entry->uid < G_MAXUINT32) /* the server may say too little again */
        self->status->uid_next = MAX (self->status->uid_next, entry->uid + 1);
    }
  postseal_delivery_rewind (self->job->delivery, self->box->id, (const guint32 *)found->data,
                            found->len);
}

/* What SELECT has said about UIDNEXT is old, but what is listed tells as much. */
static void
note_highest (Visit *self, const GArray *entries)
{
  guint32 last = entries->len > 0 ? g_array_index (entries, PostsealImapEntry, entries->len - 1).uid
                                  : G_MAXUINT32;

  if (last < G_MAXUINT32)
    self->status->uid_next = last + 1;
}

static void
on_new_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;
  g_autoptr (GArray) entries
      = postseal_imap_session_list_messages_finish (self->session, result, &error);

  if (entries == NULL)
    {
      self->status->uid_next = 0; /* nothing is known to be settled */
      _postseal_mailbox_visit_take_error (self, error);
    }
  else
    {
      add_entries (self, entries);
      if (self->delivered != NULL)
        rewind_ledger (self, entries);
      if (self->is_repeat)
        note_highest (self, entries);
    }
  end_listing (self);
}

static void
on_retries_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;
  g_autoptr (GArray) entries
      = postseal_imap_session_list_messages_finish (self->session, result, &error);

  if (entries == NULL)
    _postseal_mailbox_visit_take_error (self, error);
  else
    {
      g_hash_table_remove_all (self->retries); /* those not listed are gone */
      for (guint i = 0; i < entries->len; i++)
        g_hash_table_add (self->retries,
                          GUINT_TO_POINTER (g_array_index (entries, PostsealImapEntry, i).uid));
      add_entries (self, entries);
    }
  end_listing (self);
}

/* Deletes by identity: the same UID under the same UIDVALIDITY, and the size it had. */
static void
on_due_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;
  g_autoptr (GArray) entries
      = postseal_imap_session_list_messages_finish (self->session, result, &error);
  guint listed = 0;

  if (entries == NULL)
    {
      _postseal_mailbox_visit_take_error (self, error);
      end_listing (self);
      return;
    }
  for (guint i = 0; i < self->box->due->len; i++)
    {
      PostsealLedgerDue *due = &g_array_index (self->box->due, PostsealLedgerDue, i);
      const PostsealImapEntry *entry;

      while (listed < entries->len
             && g_array_index (entries, PostsealImapEntry, listed).uid < due->uid)
        listed++;
      entry = listed < entries->len ? &g_array_index (entries, PostsealImapEntry, listed) : NULL;
      if (entry == NULL || entry->uid != due->uid)
        g_array_append_val (self->vanished, due->uid);
      else if (entry->size == due->size)
        g_array_append_val (self->expired, due->uid);
      else
        _postseal_fetch_job_note (self->job,
                                  _ ("Message %u of “%s” stays on the server: it has not the size "
                                     "of the one that was delivered"),
                                  due->uid, self->mailbox->title);
    }
  end_listing (self);
}

static void
list_uids (Visit *self, GArray *uids, GAsyncReadyCallback callback)
{
  self->listings++;
  postseal_imap_session_list_messages_async (self->session, 0, (const guint32 *)uids->data,
                                             uids->len, get_cancellable (self), callback, self);
}

static void
list_due (Visit *self)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < self->box->due->len; i++)
    g_array_append_val (uids, g_array_index (self->box->due, PostsealLedgerDue, i).uid);
  list_uids (self, uids, on_due_listed);
}

static void
list_new (Visit *self, guint32 first)
{
  const PostsealImapStatus *selected = postseal_imap_session_get_selected (self->session, NULL);

  self->listings++;
  self->n_news = selected != NULL ? selected->n_news : 0;
  postseal_imap_session_list_messages_async (self->session, first, NULL, 0, get_cancellable (self),
                                             on_new_listed, self);
}

static void
list_all (Visit *self)
{
  PostsealImapStatus *status = self->status;

  self->listings = 1;
  if (self->delivered != NULL)
    list_new (self, 1);
  else if (status->exists > 0 && (status->uid_next == 0 || status->uid_next > self->box->next_uid))
    list_new (self, MAX (self->box->next_uid, 1));
  for (guint i = 0; i < self->box->retries->len; i++)
    g_hash_table_add (self->retries,
                      GUINT_TO_POINTER (g_array_index (self->box->retries, guint32, i)));
  self->n_stored = self->box->retries->len;
  if (self->box->retries->len > 0)
    list_uids (self, self->box->retries, on_retries_listed);
  if (self->box->due->len > 0)
    list_due (self);
  end_listing (self);
}

/* @error: (transfer full): the delivery's */
static void
end_with (Visit *self, GError *error)
{
  self->is_broken = TRUE;
  _postseal_fetch_job_take_fatal (self->job, error);
  end_visit (self);
}

static void
on_delivered_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  GError *error = NULL;

  self->delivered = postseal_delivery_list_delivered_finish (self->job->delivery, result, &error);
  if (self->delivered == NULL)
    end_with (self, error);
  else
    list_all (self);
}

/* UIDNEXT never falls (RFC 9051 section 2.3.1.1), but it does where a mailbox is restored from a
   backup, or counted from its highest message. What comes now has numbers that were settled before,
   so all of the mailbox is held against the ledger. */
static void
look_again (Visit *self)
{
  _postseal_fetch_job_note (self->job,
                            _ ("The server has set back the numbers of “%s” (UIDNEXT): all that is "
                               "in it now is compared with what was delivered"),
                            self->mailbox->title);
  postseal_delivery_list_delivered_async (self->job->delivery, self->box->id, NULL,
                                          on_delivered_known, self);
}

void
_postseal_mailbox_visit_seen_known (Visit *self, GError *error)
{
  if (error == NULL)
    {
      list_all (self);
      return;
    }
  self->is_open = FALSE;
  _postseal_mailbox_visit_take_error (self, error);
  end_visit (self);
}

static void
on_mailbox_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  PostsealFetchJob *job = self->job;
  PostsealImapStatus *status = self->status;
  GError *error = NULL;

  self->box = postseal_delivery_open_mailbox_finish (job->delivery, result, &error);
  if (self->box == NULL)
    {
      end_with (self, error);
      return;
    }
  if (self->box->is_new_validity)
    _postseal_fetch_job_note (job,
                              _ ("The server has made “%s” anew (UIDVALIDITY changed): all that is "
                                 "in it now is fetched, nothing is deleted"),
                              self->mailbox->title);
  self->is_open = TRUE;
  self->next_uid = MAX (self->box->next_uid, 1);
  self->confirmed = self->box->next_uid;
  if (self->box->awaits_seen)
    _postseal_mailbox_visit_find_seen (self);
  else if (status->uid_next != 0 && status->uid_next < self->box->next_uid)
    look_again (self);
  else
    list_all (self);
}

static void
on_selected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Visit *self = user_data;
  PostsealFetchJob *job = self->job;
  const PostsealImapMailbox *mailbox = self->mailbox;
  g_autofree char *ledger_name = NULL;
  GError *error = NULL;

  self->status = postseal_imap_session_select_finish (self->session, result, &error);
  if (self->status != NULL && (self->status->uid_validity == 0 || self->status->uids_not_sticky))
    error = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_NO_UIDS,
                         _ ("Account %s: %s gives the messages of “%s” no lasting numbers "
                            "(UIDVALIDITY), so it cannot be remembered which have been fetched"),
                         job->account->name, job->account->receive->host, mailbox->title);
  if (error != NULL)
    {
      _postseal_mailbox_visit_take_error (self, error);
      end_visit (self);
      return;
    }
  postseal_delivery_set_handler (job->delivery, &_postseal_mailbox_visit_delivery_handler, self);
  ledger_name = _postseal_fetch_job_get_ledger_name (job, mailbox->title);
  postseal_delivery_open_mailbox_async (
      job->delivery, ledger_name, mailbox->title, mailbox->delimiter, self->status->uid_validity,
      _postseal_fetch_job_get_due_before (job), NULL, on_mailbox_opened, self);
}

static PostsealImapMailbox *
copy_mailbox (const PostsealImapMailbox *mailbox)
{
  PostsealImapMailbox *copy = g_new0 (PostsealImapMailbox, 1);

  copy->name = g_strdup (mailbox->name);
  copy->title = g_strdup (mailbox->title);
  copy->delimiter = mailbox->delimiter;
  copy->is_selectable = mailbox->is_selectable;
  return copy;
}

PostsealMailboxVisit *
_postseal_mailbox_visit_new (FetchImap *imap, const PostsealImapMailbox *mailbox)
{
  Visit *self = g_new0 (Visit, 1);
  PostsealFetchJob *job = _postseal_fetch_imap_get_job (imap);

  self->imap = _postseal_fetch_imap_ref (imap);
  self->job = job;
  self->session = _postseal_fetch_imap_get_session (imap);
  self->mailbox = copy_mailbox (mailbox);
  self->entries = g_array_new (FALSE, FALSE, sizeof (PostsealImapEntry));
  self->expired = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->vanished = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->retries = g_hash_table_new (NULL, NULL);
  self->missing = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->again);
  _postseal_fetch_job_set_activity (job, "listing", mailbox->title);
  postseal_imap_session_select_async (self->session, mailbox->name,
                                      job->account->keep == POSTSEAL_KEEP_FOREVER, NULL,
                                      get_cancellable (self), on_selected, self);
  return self;
}

void
_postseal_mailbox_visit_repeat (PostsealMailboxVisit *self)
{
  g_return_if_fail (self->is_open);

  _postseal_fetch_imap_ref (self->imap);
  self->is_repeat = TRUE;
  self->status->uid_next = 0;
  postseal_delivery_set_handler (self->job->delivery, &_postseal_mailbox_visit_delivery_handler,
                                 self);
  list_new (self, self->next_uid);
  _postseal_mailbox_visit_guess (self);
}
