/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_INTERVAL_US 100000
#define FALLBACK_COLUMNS 80
#define FALLBACK_ROWS 24

typedef struct
{
  gint64 time; /* monotonic, of the first byte */
  guint64 bytes; /* when last seen */
} Start;

struct _PostsealProgress
{
  int fd; /* borrowed */
  gboolean is_active; /* it is a terminal */
  const PostsealJobKind *kind; /* borrowed: static */
  GPtrArray *jobs; /* borrowed */
  GHashTable *starts; /* owned: job -> Start, owned */
  guint drawn; /* lines on the screen */
  gint64 drawn_at; /* monotonic */
};

PostsealProgress *
postseal_progress_new (int fd, const PostsealJobKind *kind, GPtrArray *jobs)
{
  PostsealProgress *self = g_new0 (PostsealProgress, 1);

  self->fd = fd;
  self->is_active = isatty (fd) == 1 && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  self->kind = kind;
  self->jobs = jobs;
  self->starts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

static void
write_text (PostsealProgress *self, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize written = write (self->fd, text, length);

      if (written < 0 && errno != EINTR)
        return; /* a terminal that is gone wants no progress */
      if (written > 0)
        {
          text += written;
          length -= written;
        }
    }
}

void
postseal_progress_hide (PostsealProgress *self)
{
  g_autofree char *sequence = NULL;

  if (self->drawn == 0)
    return;
  sequence = g_strdup_printf ("\033[%uA\033[J", self->drawn);
  write_text (self, sequence, strlen (sequence));
  self->drawn = 0;
}

void
postseal_progress_free (PostsealProgress *self)
{
  if (self == NULL)
    return;
  postseal_progress_hide (self);
  g_hash_table_unref (self->starts);
  g_free (self);
}

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

void
postseal_progress_append_rate (GString *text, guint64 done, guint64 total, gint64 elapsed_us)
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

/* Time since the job's first byte of what it is at. */
static gint64
get_elapsed (PostsealProgress *self, gpointer job, gint64 now)
{
  guint64 bytes = self->kind->get_bytes (job);
  Start *start = g_hash_table_lookup (self->starts, job);

  if (bytes == 0)
    {
      g_hash_table_remove (self->starts, job);
      return 0;
    }
  if (start == NULL)
    {
      start = g_new0 (Start, 1);
      g_hash_table_insert (self->starts, job, start);
    }
  if (start->time == 0 || bytes < start->bytes)
    start->time = now;
  start->bytes = bytes;
  return now - start->time;
}

static void
append_line (GString *screen, const char *name, const char *state, guint columns)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", name, state);
  g_autofree char *fitting
      = g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), columns - 1));

  g_string_append_printf (screen, "%s\n", fitting);
}

void
postseal_progress_update (PostsealProgress *self)
{
  g_autoptr (GString) screen = NULL;
  struct winsize size = { 0 };
  gint64 now = g_get_monotonic_time ();
  guint rows, columns, lines = 0;

  if (!self->is_active || (self->drawn > 0 && now - self->drawn_at < DRAW_INTERVAL_US))
    return;
  if (ioctl (self->fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2)
    size = (struct winsize){ .ws_row = FALLBACK_ROWS, .ws_col = FALLBACK_COLUMNS };
  rows = size.ws_row - 1;
  columns = size.ws_col;

  screen = g_string_new (NULL);
  if (self->drawn > 0)
    g_string_append_printf (screen, "\033[%uA\033[J", self->drawn);
  for (guint i = 0; i < self->jobs->len && lines < rows; i++)
    {
      gpointer job = g_ptr_array_index (self->jobs, i);
      g_autofree char *state = self->kind->describe (job, get_elapsed (self, job, now));

      if (state == NULL)
        continue;
      append_line (screen, self->kind->get_name (job), state, columns);
      lines++;
    }
  write_text (self, screen->str, screen->len);
  self->drawn = lines;
  self->drawn_at = now;
}
