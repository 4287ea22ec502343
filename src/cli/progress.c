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

struct _PostsealProgress
{
  int fd; /* borrowed */
  gboolean is_active; /* it is a terminal */
  GPtrArray *jobs; /* borrowed */
  GHashTable *starts; /* owned: job -> gint64 monotonic time of its first byte, owned */
  guint drawn; /* lines on the screen */
  gint64 drawn_at; /* monotonic */
};

PostsealProgress *
postseal_progress_new (int fd, GPtrArray *jobs)
{
  PostsealProgress *self = g_new0 (PostsealProgress, 1);

  self->fd = fd;
  self->is_active = isatty (fd) == 1 && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
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

static const char *
translate_activity (const char *activity)
{
  static const struct
  {
    const char *word;
    const char *text;
  } texts[] = {
    { "connecting", N_ ("connecting") }, { "signing in", N_ ("signing in") },
    { "listing", N_ ("listing") },       { "fetching", N_ ("fetching") },
    { "settling", N_ ("settling") },     { "done", N_ ("done") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (activity, texts[i].word) == 0)
      return _ (texts[i].text);
  return activity;
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

char *
postseal_progress_describe (const PostsealFetchProgress *progress, gint64 elapsed_us)
{
  GString *text = g_string_new (translate_activity (progress->activity));
  g_autofree char *done = NULL;
  g_autofree char *total = NULL;

  if (progress->mailbox != NULL)
    g_string_append_printf (text, " %s", progress->mailbox);
  if (progress->messages_total == 0)
    return g_string_free (text, FALSE);

  done = g_format_size (progress->bytes_done);
  total = g_format_size (MAX (progress->bytes_total, progress->bytes_done));
  g_string_append (text, ": ");
  /* Translators: messages, then sizes, as in "120 of 2000 messages, 3.1 MB of 44.0 MB" */
  g_string_append_printf (text,
                          _ ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " messages, %s of %s"),
                          progress->messages_done, progress->messages_total, done, total);
  if (elapsed_us > G_USEC_PER_SEC / 2 && progress->bytes_done > 0)
    {
      double rate = (double)progress->bytes_done * G_USEC_PER_SEC / elapsed_us;
      g_autofree char *speed = g_format_size (rate);

      /* Translators: a rate, bytes per second */
      g_string_append (text, ", ");
      g_string_append_printf (text, _ ("%s/s"), speed);
      if (progress->bytes_total > progress->bytes_done)
        append_time_left (text, (progress->bytes_total - progress->bytes_done) / rate);
    }
  return g_string_free (text, FALSE);
}

/* Time since the job's first byte. */
static gint64
get_elapsed (PostsealProgress *self, PostsealFetchJob *job, gint64 now)
{
  gint64 *start = g_hash_table_lookup (self->starts, job);

  if (start != NULL)
    return now - *start;
  if (postseal_fetch_job_get_progress (job)->bytes_done > 0)
    {
      start = g_new (gint64, 1);
      *start = now;
      g_hash_table_insert (self->starts, job, start);
    }
  return 0;
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
      PostsealFetchJob *job = g_ptr_array_index (self->jobs, i);
      const PostsealFetchProgress *progress = postseal_fetch_job_get_progress (job);
      g_autofree char *state = NULL;

      if (g_strcmp0 (progress->activity, "done") == 0)
        continue;
      state = postseal_progress_describe (progress, get_elapsed (self, job, now));
      append_line (screen, postseal_fetch_job_get_account (job)->name, state, columns);
      lines++;
    }
  write_text (self, screen->str, screen->len);
  self->drawn = lines;
  self->drawn_at = now;
}
