/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lookup-process-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "base/paths.h"
#include "base/printable.h"
#include "net/lookup.h"

#define PROGRAM "postseal-lookup"
#define CHUNK 16384
#define HINT_LENGTH 512

struct _PostsealLookupProcess
{
  grefcount references; /* the maker's, and one for the read under way */
  gboolean is_over; /* none of the functions is called any more */
  PostsealLookupProcessLine on_line;
  PostsealLookupProcessEnd on_end;
  gpointer user_data; /* borrowed */
  GSubprocess *process; /* owned */
  GCancellable *stopper; /* owned: ends the read */
  int input; /* its input's end to write to */
  int reserve; /* the other one, so that writing never raises SIGPIPE here */
  char chunk[CHUNK];
  GString *line; /* owned: as far as it has come */
};

static PostsealLookupProcess *
process_ref (PostsealLookupProcess *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

static void
process_unref (PostsealLookupProcess *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  if (self->input >= 0)
    (void)close (self->input);
  if (self->reserve >= 0)
    (void)close (self->reserve);
  g_clear_object (&self->process);
  g_clear_object (&self->stopper);
  g_string_free (self->line, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLookupProcess, process_unref)

/* --- its start --- */

/* A session of its own: no terminal to ask on. */
static void
detach_child (gpointer user_data)
{
  (void)setsid ();
}

static gboolean
make_input (PostsealLookupProcess *self)
{
  int ends[2] = { -1, -1 };

  if (pipe2 (ends, O_CLOEXEC) != 0)
    return FALSE;
  self->reserve = ends[0];
  self->input = ends[1];
  return fcntl (self->input, F_SETFL, O_NONBLOCK) == 0;
}

static GSubprocess *
spawn (PostsealLookupProcess *self, const char *program, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  const char *const argv[] = { program, NULL };
  int end = make_input (self) ? fcntl (self->reserve, F_DUPFD_CLOEXEC, 0) : -1;

  if (end < 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("there is no pipe for its input"));
      return NULL;
    }
  g_subprocess_launcher_take_stdin_fd (launcher, end);
  g_subprocess_launcher_set_child_setup (launcher, detach_child, NULL, NULL);
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

/* --- its end --- */

/* The first line of what it says on standard error, which it need not have said yet. */
static char *
describe_end (PostsealLookupProcess *self)
{
  GInputStream *pipe = g_subprocess_get_stderr_pipe (self->process);
  char hint[HINT_LENGTH];
  gssize n = -1;
  const char *end = NULL;

  if (G_IS_POLLABLE_INPUT_STREAM (pipe))
    n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (pipe), hint, sizeof hint,
                                                  NULL, NULL);
  if (n <= 0)
    return g_strdup (_ ("it did not say why"));
  end = memchr (hint, '\n', (gsize)n);
  return postseal_printable (hint, end != NULL ? end - hint : n);
}

GError *
_postseal_lookup_process_make_nonsense_error (void)
{
  return g_error_new (POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM,
                      _ ("What the program “%s” answers makes no sense"), PROGRAM);
}

static void
end_process (PostsealLookupProcess *self, GError *error)
{
  self->is_over = TRUE;
  g_subprocess_force_exit (self->process);
  self->on_end (error, self->user_data);
  g_error_free (error);
}

static void
end_early (PostsealLookupProcess *self)
{
  g_autofree char *hint = describe_end (self);

  end_process (self, g_error_new (POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM,
                                  _ ("The program “%s” has ended before it was done: %s"), PROGRAM,
                                  hint));
}

/* --- its answers --- */

static void
take_chunk (PostsealLookupProcess *self, gsize length)
{
  const char *from = self->chunk;
  const char *end = self->chunk + length;

  while (from < end && !self->is_over)
    {
      const char *stop = memchr (from, '\n', (gsize)(end - from));
      gsize n = (gsize)((stop != NULL ? stop : end) - from);

      if (self->line->len + n > POSTSEAL_LIMIT_LOOKUP_LINE || memchr (from, '\0', n) != NULL)
        {
          end_process (self, _postseal_lookup_process_make_nonsense_error ());
          return;
        }
      g_string_append_len (self->line, from, (gssize)n);
      from += n + 1;
      if (stop == NULL)
        return;
      self->on_line (self->line->str, self->user_data);
      g_string_truncate (self->line, 0);
    }
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealLookupProcess) self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (self->is_over)
    return;
  if (n > 0)
    take_chunk (self, (gsize)n);
  else
    end_early (self);
  if (!self->is_over)
    g_input_stream_read_async (G_INPUT_STREAM (source), self->chunk, CHUNK, G_PRIORITY_DEFAULT,
                               self->stopper, on_read, process_ref (self));
}

gboolean
_postseal_lookup_process_tell (PostsealLookupProcess *self, const char *line)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);
  gsize length = strlen (whole);

  /* Up to PIPE_BUF it is written on the whole or not at all (POSIX). */
  return write (self->input, whole, length) == (gssize)length;
}

PostsealLookupProcess *
_postseal_lookup_process_new (PostsealLookupProcessLine on_line,
                              PostsealLookupProcessEnd on_end,
                              gpointer user_data,
                              GError **error)
{
  g_autoptr (PostsealLookupProcess) self = g_new0 (PostsealLookupProcess, 1);
  g_autofree char *program = postseal_paths_find_program (PROGRAM, "POSTSEAL_LOOKUP_PROGRAM");
  g_autoptr (GError) cause = NULL;

  g_ref_count_init (&self->references);
  self->on_line = on_line;
  self->on_end = on_end;
  self->user_data = user_data;
  self->input = self->reserve = -1;
  self->line = g_string_new (NULL);
  self->stopper = g_cancellable_new ();
  if (program != NULL)
    self->process = spawn (self, program, &cause);
  if (self->process == NULL)
    {
      g_set_error (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM,
                   program == NULL
                       ? _ ("This installation cannot search for servers: it has no program "
                            "“%s”. Install Postseal with discovery, or enter the servers")
                       : _ ("Cannot run the program “%s”, which searches for servers: %s"),
                   program == NULL ? PROGRAM : program, cause != NULL ? cause->message : "");
      return NULL;
    }
  g_input_stream_read_async (g_subprocess_get_stdout_pipe (self->process), self->chunk, CHUNK,
                             G_PRIORITY_DEFAULT, self->stopper, on_read, process_ref (self));
  return g_steal_pointer (&self);
}

void
_postseal_lookup_process_free (PostsealLookupProcess *self)
{
  self->is_over = TRUE;
  g_cancellable_cancel (self->stopper);
  g_subprocess_force_exit (self->process);
  process_unref (self);
}
