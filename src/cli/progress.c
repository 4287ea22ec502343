/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <glib/gi18n.h>

#include "cli/direction-words.h"
#include "cli/screen.h"

#define DRAW_INTERVAL_US 100000

/* A line. */
typedef struct
{
  PostsealAccountStatus *status; /* owned */
  gboolean is_sending;
  gint64 start; /* monotonic, of the first byte of what it is at; 0: not yet */
  guint64 bytes; /* when last seen */
} Row;

struct _PostsealProgress
{
  PostsealScreen *screen; /* owned */
  GPtrArray *rows; /* owned (element-type Row) */
  gint64 drawn_at; /* monotonic; 0: nothing is drawn */
};

static void
free_row (gpointer data)
{
  Row *self = data;

  g_object_unref (self->status);
  g_free (self);
}

PostsealProgress *
postseal_progress_new (int fd)
{
  PostsealProgress *self = g_new0 (PostsealProgress, 1);

  self->screen = postseal_screen_new (fd);
  self->rows = g_ptr_array_new_with_free_func (free_row);
  return self;
}

void
postseal_progress_hide (PostsealProgress *self)
{
  postseal_screen_hide (self->screen);
  self->drawn_at = 0;
}

void
postseal_progress_free (PostsealProgress *self)
{
  if (self == NULL)
    return;
  postseal_progress_hide (self);
  postseal_screen_free (self->screen);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

void
postseal_progress_add (PostsealProgress *self, PostsealAccountStatus *status, gboolean is_sending)
{
  Row *row = g_new0 (Row, 1);

  row->status = g_object_ref (status);
  row->is_sending = is_sending;
  g_ptr_array_add (self->rows, row);
}

void
postseal_progress_remove (PostsealProgress *self, const char *account)
{
  for (guint i = self->rows->len; i > 0; i--)
    {
      Row *row = g_ptr_array_index (self->rows, i - 1);

      if (g_str_equal (postseal_account_status_get_name (row->status), account))
        g_ptr_array_remove_index (self->rows, i - 1);
    }
}

/* --- how fast --- */

static void
append_time_left (GString *text, guint64 seconds)
{
  g_string_append (text, ", ");
  if (seconds < 60)
    g_string_append_printf (text, _ ("%u s left"), (guint)seconds);
  else if (seconds < 3600)
    g_string_append_printf (text, _ ("%u min left"), (guint)((seconds + 59) / 60));
  else
    g_string_append_printf (text, _ ("%u h %u min left"), (guint)(seconds / 3600),
                            (guint)(seconds % 3600 / 60));
}

/* ", 8.2 MB/s, 5 s left", or nothing when too little is known. @elapsed_us: since the first byte */
static void
append_rate (GString *text, guint64 done, guint64 total, gint64 elapsed_us)
{
  g_autofree char *speed = NULL;
  double rate;

  if (elapsed_us <= G_USEC_PER_SEC / 2 || done == 0)
    return;
  rate = (double)done * G_USEC_PER_SEC / elapsed_us;
  speed = g_format_size (rate);
  g_string_append (text, ", ");
  /* Translators: a rate, bytes per second */
  g_string_append_printf (text, _ ("%s/s"), speed);
  if (total > done)
    append_time_left (text, (total - done) / rate);
}

/* Time since the first byte of what it is at. */
static gint64
get_elapsed (Row *self, guint64 bytes, gint64 now)
{
  if (bytes == 0)
    self->start = 0;
  else if (self->start == 0 || bytes < self->bytes)
    self->start = now;
  self->bytes = bytes;
  return bytes > 0 ? now - self->start : 0;
}

/* --- lines --- */

static gboolean
append_row (GString *text, Row *row, gint64 now, guint columns)
{
  g_autoptr (PostsealDirection) direction = postseal_direction_read (row->status, row->is_sending);
  gint64 elapsed = get_elapsed (row, direction->bytes_done, now);
  g_autofree char *words = NULL;
  g_autofree char *fitting = NULL;
  g_autoptr (GString) line = NULL;

  if (direction->state != POSTSEAL_ACCOUNT_WORKING)
    return FALSE;
  words = postseal_direction_words_progress (direction);
  line = g_string_new (postseal_account_status_get_name (row->status));
  g_string_append_printf (line, ": %s", words);
  append_rate (line, direction->bytes_done, direction->bytes_total, elapsed);
  fitting = g_utf8_substring (line->str, 0, MIN (g_utf8_strlen (line->str, -1), columns - 1));
  g_string_append_printf (text, "%s\n", fitting);
  return TRUE;
}

void
postseal_progress_update (PostsealProgress *self)
{
  g_autoptr (GString) text = NULL;
  gint64 now = g_get_monotonic_time ();
  guint rows, columns, lines = 0;

  if (!postseal_screen_is_active (self->screen)
      || (self->drawn_at != 0 && now - self->drawn_at < DRAW_INTERVAL_US))
    return;
  postseal_screen_get_size (self->screen, &rows, &columns);
  text = g_string_new (NULL);
  for (guint i = 0; i < self->rows->len && lines < rows - 1; i++)
    if (append_row (text, g_ptr_array_index (self->rows, i), now, columns))
      lines++;
  postseal_screen_draw (self->screen, text->str);
  self->drawn_at = now;
}
