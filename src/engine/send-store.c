/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/send-store.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "base/limits.h"
#include "base/lock-file.h"
#include "base/paths.h"
#include "engine/send-job.h"
#include "engine/send-report.h"
#include "mail/seven-bit.h"
#include "outbox/retry-schedule.h"

/* Messages up to this size are read before they are sent, larger ones while they are. */
#define READ_AHEAD 65536
/* Octets read ahead, or converted, in one exchange. */
#define READ_AHEAD_ALL 1048576
/* What is put off is told message by message only when it is so few. */
#define REPORTED_DELAYS 32

struct _PostsealSendStore
{
  PostsealAccount *account; /* owned */
  PostsealOutbox *outbox; /* owned */
  PostsealLockFile *lock; /* owned */
  gboolean is_paused;
};

typedef struct
{
  gboolean is_blocked;
  const GError *why; /* borrowed */
  gint64 next_attempt;
} PostsealSendDelay;

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
free_item (gpointer data)
{
  _postseal_send_item_free (data);
}

static GPtrArray *
make_items (void)
{
  return g_ptr_array_new_with_free_func (free_item);
}

/* --- open, close --- */

PostsealSendStore *
_postseal_send_store_open (PostsealAccount *account, GError **error)
{
  g_autoptr (PostsealSendStore) self = g_new0 (PostsealSendStore, 1);
  g_autofree char *directory = postseal_paths_account_state_dir (account->name);

  self->account = postseal_account_ref (account);
  if (!postseal_durable_make_directory (directory, error))
    return NULL;
  self->lock = postseal_outbox_lock (account->name, error);
  if (self->lock == NULL)
    return NULL;
  self->outbox = postseal_outbox_open (error);
  if (self->outbox == NULL || !_postseal_send_report_recover (self->outbox, account, error))
    return NULL;
  self->is_paused = postseal_outbox_get_pause (self->outbox, account->name, NULL, NULL, NULL) > 0;
  return g_steal_pointer (&self);
}

void
_postseal_send_store_free (PostsealSendStore *self)
{
  g_clear_pointer (&self->outbox, postseal_outbox_free);
  postseal_lock_file_release (self->lock);
  postseal_account_unref (self->account);
  g_free (self);
}

PostsealOutbox *
_postseal_send_store_get_outbox (PostsealSendStore *self)
{
  return self->outbox;
}

/* --- reading --- */

/* The message in seven bits, for a server that takes no other. */
static gboolean
convert (PostsealSendItem *item, GError **error)
{
  g_autoptr (GBytes) content = NULL;
  int fd = -1;
  int converted = -1;
  guint64 length = 0;
  gboolean is_done;

  /* Nothing read ahead: the file is what is converted. */
  content = postseal_outbox_read (item->entry, 0, &fd, error);
  if (content == NULL)
    return FALSE;
  is_done = postseal_seven_bit_convert (fd, item->entry->offset, item->entry->length, &converted,
                                        &length, error);
  if (fd >= 0)
    close (fd);
  if (!is_done)
    return FALSE;
  item->fd = converted;
  item->content = g_bytes_new (NULL, 0);
  item->message.content = item->content;
  item->message.fd = converted;
  item->message.content_offset = 0;
  item->message.length = length;
  item->message.mail.body = POSTSEAL_SMTP_BODY_7BIT;
  return TRUE;
}

static gboolean
read_content (PostsealSendItem *item, GError **error)
{
  item->content = postseal_outbox_read (item->entry, READ_AHEAD, &item->fd, error);
  if (item->content == NULL)
    return FALSE;
  item->message.content = item->content;
  item->message.fd = item->fd;
  item->message.content_offset = item->entry->offset + g_bytes_get_size (item->content);
  return TRUE;
}

static gboolean
needs_conversion (const PostsealSendItem *item, const PostsealSendLimits *limits)
{
  switch (item->message.mail.body)
    {
    case POSTSEAL_SMTP_BODY_8BIT:
      return !limits->has_8bitmime;
    case POSTSEAL_SMTP_BODY_BINARY:
      return !limits->has_binarymime;
    case POSTSEAL_SMTP_BODY_7BIT:
    default:
      return FALSE;
    }
}

/* TRUE when the message is to wait here, because the server cannot hold it. */
static gboolean
must_wait (const PostsealSendItem *item, const PostsealSendLimits *limits)
{
  guint64 hold_for = item->message.mail.hold_for;

  return hold_for > 0 && (!limits->has_futurerelease || hold_for > limits->futurerelease_max);
}

static void
put_off_until_release (PostsealSendStore *self,
                       PostsealSendExchange *exchange,
                       PostsealSendItem *item)
{
  g_autoptr (GError) error
      = g_error_new_literal (POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_LATER,
                             _ ("The message is to be sent later, and waits here until then"));

  _postseal_send_item_postpone (item, self->account, POSTSEAL_OUTBOX_QUEUED, error,
                                item->entry->envelope->hold_until, get_now ());
  g_clear_error (&item->error); /* as wished: nothing went wrong */
  g_ptr_array_add (exchange->answered, item);
}

/* TRUE for an entry that is there, and of which not even the head can be read. */
static gboolean
is_damage (const GError *error)
{
  return g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED);
}

/* What is damaged is looked at again some other day: due as before, it would keep its sender busy
   for ever. Its recipients stay as they are. Returns: (transfer full) */
static PostsealSendItem *
put_off_damaged (const char *id, const GError *error)
{
  PostsealOutboxEntry *entry = g_new0 (PostsealOutboxEntry, 1);
  PostsealSendItem *item = _postseal_send_item_new (entry);

  entry->id = g_strdup (id);
  item->error = g_error_copy (error);
  item->reason = g_strdup (error->message);
  item->outcome = (PostsealOutboxOutcome){
    .id = entry->id,
    .state = POSTSEAL_OUTBOX_QUEUED,
    .time = get_now (),
    .next_attempt = postseal_retry_schedule_next (G_MAXUINT, get_now (), 0.5),
    .reason = item->reason,
  };
  return item;
}

static gboolean
has_pending (const PostsealOutboxEntry *entry)
{
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (entry->recipients[i].progress == POSTSEAL_OUTBOX_PENDING)
      return TRUE;
  return FALSE;
}

/* "flush" of what has failed, or its release after it was held: once more for those who were
   refused. */
static void
reopen (PostsealOutboxEntry *entry)
{
  if (entry->state != POSTSEAL_OUTBOX_FAILED && has_pending (entry))
    return;
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (entry->recipients[i].progress == POSTSEAL_OUTBOX_REFUSED)
      entry->recipients[i].progress = POSTSEAL_OUTBOX_PENDING;
}

static void
load_one (PostsealSendStore *self, PostsealSendExchange *exchange, const char *id)
{
  g_autoptr (GError) error = NULL;
  PostsealOutboxEntry *entry = postseal_outbox_load (self->outbox, id, &error);
  PostsealSendItem *item;
  gboolean is_ready;

  if (is_damage (error))
    {
      g_ptr_array_add (exchange->answered, put_off_damaged (id, error));
      return;
    }

  /* Removed meanwhile, or held, or sent by a sender before us: nothing to do. */
  if (entry == NULL || entry->envelope == NULL || entry->state == POSTSEAL_OUTBOX_HELD
      || entry->state == POSTSEAL_OUTBOX_SENT || entry->state == POSTSEAL_OUTBOX_BOUNCED)
    {
      g_clear_pointer (&entry, postseal_outbox_entry_free);
      return;
    }
  reopen (entry);
  item = _postseal_send_item_new (entry);
  _postseal_send_item_prepare (item, &exchange->limits, get_now ());
  if (must_wait (item, &exchange->limits))
    {
      put_off_until_release (self, exchange, item);
      return;
    }
  is_ready = needs_conversion (item, &exchange->limits) ? convert (item, &error)
                                                        : read_content (item, &error);
  if (is_ready && item->message.n_recipients > 0)
    {
      g_ptr_array_add (exchange->loaded, item);
      return;
    }
  if (error != NULL
      && !g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE))
    {
      _postseal_send_item_postpone (item, self->account, POSTSEAL_OUTBOX_QUEUED, error,
                                    postseal_retry_schedule_next (1, get_now (), 0.5), get_now ());
      g_ptr_array_add (exchange->answered, item);
      return;
    }
  /* Or nobody is left to be asked about: then there is nothing to refuse, and it has come to its
     end. */
  _postseal_send_item_refuse (item, "5.6.3", error);
  g_ptr_array_add (exchange->refused, item);
}

/* What it takes of the disk where it was converted, else of memory. */
static guint64
measure (const PostsealSendItem *item)
{
  gsize n_read = g_bytes_get_size (item->content);

  return n_read > 0 ? n_read : item->message.length;
}

static void
load_next (PostsealSendStore *self, PostsealSendExchange *exchange)
{
  guint64 n_octets = 0;
  guint n_done = 0;

  while (n_done < exchange->next_ids->len && n_octets < READ_AHEAD_ALL)
    {
      guint n_loaded = exchange->loaded->len;

      load_one (self, exchange, g_ptr_array_index (exchange->next_ids, n_done));
      n_done++;
      if (exchange->loaded->len > n_loaded)
        {
          const PostsealSendItem *item = g_ptr_array_index (exchange->loaded, n_loaded);

          n_octets += measure (item);
        }
    }
  g_ptr_array_remove_range (exchange->next_ids, 0, n_done);
}

/* --- writing --- */

static gboolean
end_pause (PostsealSendStore *self, GError **error)
{
  if (!self->is_paused)
    return TRUE;
  self->is_paused = FALSE;
  return postseal_outbox_pause_account (self->outbox, self->account->name, 0, NULL, error);
}

/* @first: outcomes before it are recorded already. */
static gboolean
commit (PostsealSendStore *self,
        PostsealSendExchange *exchange,
        guint first,
        char ***ret_unmarked,
        GError **error)
{
  g_autoptr (GArray) outcomes = g_array_new (FALSE, FALSE, sizeof (PostsealOutboxOutcome));
  g_autoptr (GPtrArray) marks = g_ptr_array_new ();

  for (guint i = first; i < exchange->answered->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (exchange->answered, i);

      g_array_append_val (outcomes, item->outcome);
    }
  for (guint i = 0; i < exchange->loaded->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (exchange->loaded, i);

      g_ptr_array_add (marks, item->entry);
    }
  if (outcomes->len == 0 && marks->len == 0)
    return TRUE;
  return postseal_outbox_commit (self->outbox, &g_array_index (outcomes, PostsealOutboxOutcome, 0),
                                 outcomes->len, (const PostsealOutboxEntry *const *)marks->pdata,
                                 marks->len, ret_unmarked, error);
}

/* TRUE when a message of which a part was answered is to be loaded again at once. */
static gboolean
is_any_coming_back (const GPtrArray *answered)
{
  for (guint i = 0; i < answered->len; i++)
    {
      const PostsealSendItem *item = g_ptr_array_index (answered, i);

      if (item->goes_on)
        return TRUE;
    }
  return FALSE;
}

static void
drop_unmarked (GPtrArray *loaded, char *const *unmarked)
{
  for (guint i = loaded->len; unmarked != NULL && unmarked[0] != NULL && i > 0; i--)
    {
      PostsealSendItem *item = g_ptr_array_index (loaded, i - 1);

      if (g_strv_contains ((const char *const *)unmarked, item->entry->id))
        g_ptr_array_remove_index (loaded, i - 1);
    }
}

gboolean
_postseal_send_store_exchange (PostsealSendStore *self,
                               PostsealSendExchange *exchange,
                               GError **error)
{
  g_auto (GStrv) unmarked = NULL;
  guint n_recorded = 0;

  exchange->loaded = make_items ();
  exchange->refused = make_items ();
  for (guint i = 0; i < exchange->answered->len; i++)
    {
      PostsealSendItem *item = g_ptr_array_index (exchange->answered, i);

      if (_postseal_send_item_has_refused (item)
          && !_postseal_send_report_failure (self->outbox, self->account, item, exchange->server,
                                             error))
        return FALSE;
    }
  /* What is loaded again must be read as it is now, or who has it already would get it twice. */
  if (is_any_coming_back (exchange->answered))
    {
      if (!commit (self, exchange, 0, NULL, error))
        return FALSE;
      n_recorded = exchange->answered->len;
    }
  if (!postseal_outbox_begin_loading (self->outbox, error))
    return FALSE;
  load_next (self, exchange);
  postseal_outbox_end_loading (self->outbox);
  if (exchange->is_welcome && !end_pause (self, error))
    return FALSE;
  if (!commit (self, exchange, n_recorded, &unmarked, error))
    return FALSE;
  drop_unmarked (exchange->loaded, unmarked);
  return TRUE;
}

/* --- nothing can be sent now --- */

static gboolean
pause_account (PostsealSendStore *self, const GError *why, gint64 *ret_until, GError **error)
{
  guint failures = 0;
  gint64 now = get_now ();

  postseal_outbox_get_pause (self->outbox, self->account->name, &failures, NULL, NULL);
  *ret_until = postseal_retry_schedule_next (failures + 1, now, g_random_double ());
  return postseal_outbox_pause_account (self->outbox, self->account->name, *ret_until, why->message,
                                        error);
}

/* Returns: (transfer full) (nullable) */
static PostsealSendItem *
postpone_one (PostsealSendStore *self, const char *id, const PostsealSendDelay *delay)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (self->outbox, id, &error);
  PostsealSendItem *item;

  if (is_damage (error))
    return put_off_damaged (id, error);
  if (entry == NULL || entry->envelope == NULL || entry->state == POSTSEAL_OUTBOX_HELD)
    return NULL;
  item = _postseal_send_item_new (g_steal_pointer (&entry));
  _postseal_send_item_postpone (
      item, self->account, delay->is_blocked ? POSTSEAL_OUTBOX_BLOCKED : POSTSEAL_OUTBOX_QUEUED,
      delay->why, delay->next_attempt, get_now ());
  item->outcome.is_offline = !delay->is_blocked;
  return item;
}

/* Some of them, in one transaction. What has come to an end thereby is moved to @ended. */
static gboolean
postpone_some (PostsealSendStore *self,
               const GPtrArray *ids,
               guint first,
               guint end,
               const PostsealSendDelay *delay,
               GPtrArray *ended,
               GError **error)
{
  g_autoptr (GPtrArray) items = make_items ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  PostsealSendExchange exchange = { .answered = items, .next_ids = none };
  gboolean is_done;

  for (guint i = first; i < end; i++)
    {
      PostsealSendItem *item = postpone_one (self, g_ptr_array_index (ids, i), delay);

      if (item != NULL)
        g_ptr_array_add (items, item);
    }
  is_done = _postseal_send_store_exchange (self, &exchange, error);
  g_clear_pointer (&exchange.loaded, g_ptr_array_unref);
  g_clear_pointer (&exchange.refused, g_ptr_array_unref);
  for (guint i = items->len; is_done && i > 0; i--)
    {
      const PostsealSendItem *item = g_ptr_array_index (items, i - 1);

      if (ids->len <= REPORTED_DELAYS || item->is_expired)
        g_ptr_array_add (ended, g_ptr_array_steal_index (items, i - 1));
    }
  return is_done;
}

gboolean
_postseal_send_store_postpone (PostsealSendStore *self,
                               const GPtrArray *ids,
                               gboolean is_blocked,
                               const GError *why,
                               GPtrArray **ret_items,
                               GError **error)
{
  g_autoptr (GPtrArray) ended = make_items ();
  PostsealSendDelay delay = { is_blocked, why, 0 };

  delay.next_attempt = postseal_retry_schedule_next (1, get_now (), g_random_double ());
  if (is_blocked && !pause_account (self, why, &delay.next_attempt, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i += POSTSEAL_BATCH_MESSAGES)
    if (!postpone_some (self, ids, i, MIN (i + POSTSEAL_BATCH_MESSAGES, ids->len), &delay, ended,
                        error))
      return FALSE;
  *ret_items = g_steal_pointer (&ended);
  return TRUE;
}
