/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/transcript-pipe.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "engine/service.h"

typedef struct
{
  int fd; /* owned */
  guint lost; /* lines that the reader was too slow for */
} Pipe;

/* A line goes as a whole or not at all: shorter ones do so by themselves (PIPE_BUF), of a longer
   one the rest is lost. Returns: FALSE when there is no room */
static gboolean
write_line (Pipe *self, const char *text)
{
  g_autofree char *line = g_strconcat (text, "\n", NULL);

  return write (self->fd, line, strlen (line)) > 0;
}

static void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  static const char marks[] = {
    [POSTSEAL_TRANSCRIPT_NOTE] = '*',
    [POSTSEAL_TRANSCRIPT_SENT] = '>',
    [POSTSEAL_TRANSCRIPT_RECEIVED] = '<',
  };
  Pipe *self = user_data;
  g_autofree char *text = g_strdup_printf ("%c %s", marks[kind], line);

  if (self->lost > 0)
    {
      g_autofree char *gap
          = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "* %u line is missing here",
                                          "* %u lines are missing here", self->lost),
                             self->lost);

      if (!write_line (self, gap))
        {
          self->lost++;
          return;
        }
      self->lost = 0;
    }
  if (!write_line (self, text))
    self->lost++;
}

static void
free_pipe (gpointer data)
{
  Pipe *self = data;

  close (self->fd);
  g_free (self);
}

PostsealTranscript *
postseal_transcript_pipe_new (int fd)
{
  Pipe *self = g_new0 (Pipe, 1);

  self->fd = fd;
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  return postseal_transcript_new (on_line, self, free_pipe);
}

PostsealTranscript *
postseal_transcript_pipe_from_arguments (GVariant *arguments,
                                         GUnixFDList *descriptors,
                                         GError **error)
{
  g_autoptr (GVariant) index = g_variant_lookup_value (arguments, "transcript", NULL);
  int fd = -1;

  if (index == NULL)
    return NULL;
  if (g_variant_is_of_type (index, G_VARIANT_TYPE_HANDLE) && descriptors != NULL
      && g_variant_get_handle (index) >= 0
      && g_variant_get_handle (index) < g_unix_fd_list_get_length (descriptors))
    fd = g_unix_fd_list_get (descriptors, g_variant_get_handle (index), NULL);
  if (fd >= 0)
    return postseal_transcript_pipe_new (fd);
  g_set_error (error, POSTSEAL_SERVICE_ERROR, 64, _ ("“%s” is no descriptor"), "transcript");
  return NULL;
}
