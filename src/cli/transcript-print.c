/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/transcript-print.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* Whole bursts fit: who writes never waits for the reader. */
#define PIPE_BYTES (1 << 20)

struct _PostsealTranscriptPrint
{
  char *account; /* owned */
  int fd; /* owned: the end that is read */
  guint source; /* 0: at its end */
  GString *rest; /* owned: of a line that has not ended */
};

static void
print_lines (PostsealTranscriptPrint *self)
{
  char *end;

  while ((end = strchr (self->rest->str, '\n')) != NULL)
    {
      *end = '\0';
      g_printerr ("%s %s\n", self->account, self->rest->str);
      g_string_erase (self->rest, 0, end + 1 - self->rest->str);
    }
}

/* Returns: FALSE when there is nothing more at the moment, or at all */
static gboolean
read_some (PostsealTranscriptPrint *self)
{
  char buffer[4096];
  gssize length = read (self->fd, buffer, sizeof buffer);

  if (length <= 0)
    return FALSE;
  g_string_append_len (self->rest, buffer, length);
  print_lines (self);
  return TRUE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  PostsealTranscriptPrint *self = user_data;

  if (read_some (self))
    return G_SOURCE_CONTINUE;
  self->source = 0;
  return G_SOURCE_REMOVE;
}

PostsealTranscriptPrint *
postseal_transcript_print_new (const char *account, GUnixFDList **ret_descriptors, GError **error)
{
  PostsealTranscriptPrint *self;
  int fds[2];

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, error))
    return NULL;
  fcntl (fds[1], F_SETPIPE_SZ, PIPE_BYTES);
  g_unix_set_fd_nonblocking (fds[0], TRUE, NULL);
  *ret_descriptors = g_unix_fd_list_new_from_array (&fds[1], 1);

  self = g_new0 (PostsealTranscriptPrint, 1);
  self->account = g_strdup (account);
  self->fd = fds[0];
  self->rest = g_string_new (NULL);
  self->source = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, on_readable, self);
  return self;
}

void
postseal_transcript_print_free (PostsealTranscriptPrint *self)
{
  if (self == NULL)
    return;
  while (read_some (self))
    ;
  g_clear_handle_id (&self->source, g_source_remove);
  close (self->fd);
  g_string_free (self->rest, TRUE);
  g_free (self->account);
  g_free (self);
}
