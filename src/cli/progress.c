/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <glib/gi18n.h>

#include "cli/screen.h"

#define DRAW_INTERVAL_US 100000

typedef struct
{
  gint64 time; /* monotonic, of the first byte */
  guint64 bytes; /* when last seen */
} Start;

struct _PostsealProgress
{
  PostsealScreen *screen; /* owned */
  const PostsealJobKind *kind; /* borrowed: static */
  GPtrArray *jobs; /* borrowed */
  GHashTable *starts; /* owned: job -> Start, owned */
  gint64 drawn_at; /* monotonic; 0: nothing is drawn */
};

PostsealProgress *
postseal_progress_new (int fd, const PostsealJobKind *kind, GPtrArray *jobs)
{
  PostsealProgress *self = g_new0 (PostsealProgress, 1);

  self->screen = postseal_screen_new (fd);
  self->kind = kind;
  self->jobs = jobs;
  self->starts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
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
append_line (GString *text, const char *name, const char *state, guint columns)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", name, state);
  g_autofree char *fitting
      = g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), columns - 1));

  g_string_append_printf (text, "%s\n", fitting);
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
  for (guint i = 0; i < self->jobs->len && lines < rows - 1; i++)
    {
      gpointer job = g_ptr_array_index (self->jobs, i);
      g_autofree char *state = self->kind->describe (job, get_elapsed (self, job, now));

      if (state == NULL)
        continue;
      append_line (text, self->kind->get_name (job), state, columns);
      lines++;
    }
  postseal_screen_draw (self->screen, text->str);
  self->drawn_at = now;
}
