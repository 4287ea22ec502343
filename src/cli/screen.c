/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/screen.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FALLBACK_COLUMNS 80
#define FALLBACK_ROWS 24

/* ECMA-48: cursor up, wipe to the end of the screen, of the line; home and wipe all */
#define UP "\033[%uA"
#define WIPE_BELOW "\033[J"
#define WIPE_LINE "\033[K"
#define WIPE_ALL "\033[H\033[2J"

struct _PostsealScreen
{
  int fd; /* borrowed */
  gboolean is_active; /* it is a terminal */
  gboolean is_resized; /* since it was drawn on */
  guint drawn; /* lines on the screen */
};

PostsealScreen *
postseal_screen_new (int fd)
{
  PostsealScreen *self = g_new0 (PostsealScreen, 1);

  self->fd = fd;
  self->is_active = isatty (fd) == 1 && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  return self;
}

void
postseal_screen_free (PostsealScreen *self)
{
  g_free (self);
}

gboolean
postseal_screen_is_active (PostsealScreen *self)
{
  return self->is_active;
}

static void
measure (int fd, guint *ret_rows, guint *ret_columns)
{
  struct winsize size = { 0 };

  if (ioctl (fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 || size.ws_row < 2)
    size = (struct winsize){ .ws_row = FALLBACK_ROWS, .ws_col = FALLBACK_COLUMNS };
  *ret_rows = size.ws_row;
  *ret_columns = size.ws_col;
}

void
postseal_screen_get_size (PostsealScreen *self, guint *ret_rows, guint *ret_columns)
{
  measure (self->fd, ret_rows, ret_columns);
}

guint
postseal_screen_measure (int fd, guint most)
{
  guint rows, columns;

  if (isatty (fd) != 1)
    return 0;
  measure (fd, &rows, &columns);
  return MIN (columns, most);
}

static void
write_text (PostsealScreen *self, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize written = write (self->fd, text, length);

      if (written < 0 && errno != EINTR)
        return; /* a terminal that is gone wants no drawing */
      if (written > 0)
        {
          text += written;
          length -= written;
        }
    }
}

void
postseal_screen_draw (PostsealScreen *self, const char *text)
{
  g_autoptr (GString) screen = g_string_new (NULL);

  if (!self->is_active)
    return;
  if (self->is_resized)
    g_string_append (screen, WIPE_ALL);
  else if (self->drawn > 0)
    g_string_append_printf (screen, UP, self->drawn);
  self->is_resized = FALSE;
  self->drawn = 0;
  for (const char *line = text; *line != '\0';)
    {
      gsize length = strcspn (line, "\n");

      g_string_append_len (screen, line, length);
      g_string_append (screen, WIPE_LINE "\n");
      self->drawn++;
      line += length + (line[length] == '\n' ? 1 : 0);
    }
  g_string_append (screen, WIPE_BELOW);
  write_text (self, screen->str, screen->len);
}

void
postseal_screen_hide (PostsealScreen *self)
{
  g_autofree char *sequence = NULL;

  if (self->drawn == 0)
    return;
  sequence = g_strdup_printf (UP WIPE_BELOW, self->drawn);
  write_text (self, sequence, strlen (sequence));
  self->drawn = 0;
}

void
postseal_screen_resized (PostsealScreen *self)
{
  self->is_resized = self->drawn > 0;
}
