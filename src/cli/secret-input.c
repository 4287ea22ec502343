/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/secret-input.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/limits.h"

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };

static volatile sig_atomic_t caught_signal;

static void
on_signal (int number)
{
  caught_signal = number;
}

typedef enum
{
  LINE_READ,
  LINE_INTERRUPTED,
  LINE_TOO_LONG,
  LINE_FAILED,
} LineResult;

/* Byte by byte, so that nothing of the secret stays in a buffer of stdio. */
static LineResult
read_line (char *buffer, gsize size, gsize *ret_length)
{
  gsize length = 0;

  for (;;)
    {
      char c;
      gssize n = read (STDIN_FILENO, &c, 1);

      if (n < 0 && errno == EINTR && caught_signal == 0)
        continue;
      if (caught_signal != 0)
        return LINE_INTERRUPTED;
      if (n < 0)
        return LINE_FAILED;
      if (n == 0 || c == '\n')
        break;
      if (length == size)
        return LINE_TOO_LONG;
      buffer[length++] = c;
    }
  *ret_length = length;
  return LINE_READ;
}

static LineResult
prompt_once (const char *prompt, char *buffer, gsize size, gsize *ret_length)
{
  struct sigaction action = { .sa_handler = on_signal };
  struct sigaction saved[G_N_ELEMENTS (signals)];
  struct termios before;
  struct termios silent;
  LineResult result;

  caught_signal = 0;
  sigemptyset (&action.sa_mask);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &action, &saved[i]);

  g_printerr ("%s: ", prompt);
  if (tcgetattr (STDIN_FILENO, &before) != 0)
    result = LINE_FAILED;
  else
    {
      silent = before;
      silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
      result = read_line (buffer, size, ret_length);
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
    }
  g_printerr ("\n");

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &saved[i], NULL);
  return result;
}

/* Asks again after the program was stopped and continued; does not come back from a signal that
 * ends it. */
static LineResult
prompt_until_answered (const char *prompt, char *buffer, gsize size, gsize *ret_length)
{
  LineResult result;

  do
    {
      result = prompt_once (prompt, buffer, size, ret_length);
      if (result == LINE_INTERRUPTED)
        raise (caught_signal);
    }
  while (result == LINE_INTERRUPTED);
  return result;
}

static PostsealCredential *
finish (LineResult result, const char *buffer, gsize length, GError **error)
{
  if (result == LINE_READ && length > 0 && memchr (buffer, '\0', length) == NULL)
    return postseal_credential_new (buffer, length);

  if (result == LINE_FAILED)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("Cannot read the password: %s"),
                 g_strerror (errno));
  else if (result == LINE_TOO_LONG)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("The password is longer than %d bytes; nothing was stored"),
                 POSTSEAL_LIMIT_SECRET);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s",
                 length == 0 ? _ ("The password is empty; nothing was stored")
                             : _ ("The password holds a NUL byte; nothing was stored"));
  return NULL;
}

PostsealCredential *
postseal_secret_input_read (const char *prompt, GError **error)
{
  gsize size = POSTSEAL_LIMIT_SECRET;
  char *first = g_malloc0 (size);
  char *second = g_malloc0 (size);
  gsize first_length = 0;
  gsize second_length = 0;
  gboolean is_terminal = isatty (STDIN_FILENO);
  gboolean are_equal = TRUE;
  LineResult result;
  PostsealCredential *secret = NULL;

  result = is_terminal ? prompt_until_answered (prompt, first, size, &first_length)
                       : read_line (first, size, &first_length);
  if (is_terminal && result == LINE_READ && first_length > 0)
    {
      result = prompt_until_answered (_ ("Once more"), second, size, &second_length);
      are_equal = result != LINE_READ
                  || (first_length == second_length && memcmp (first, second, first_length) == 0);
    }
  if (are_equal)
    secret = finish (result, first, first_length, error);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 _ ("The two passwords differ; nothing was stored"));

  postseal_wipe (first, size);
  postseal_wipe (second, size);
  g_free (first);
  g_free (second);
  return secret;
}
