/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "token/form.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536
#define DEFAULT_LIMIT_S 20
#define LONGEST_LIMIT_S 300

static void
free_text (GString *text)
{
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

void
postseal_form_free (PostsealForm *self)
{
  g_free (self->endpoint);
  g_free (self->ca_file);
  free_text (self->body);
  g_free (self);
}

/* Into a block that never moves, so that no copy is left behind. Returns: FALSE when it does not
   fit */
static gboolean
read_all (int fd, char *input, gsize *ret_length)
{
  gsize length = 0;

  while (length < INPUT_MAX)
    {
      ssize_t n = read (fd, input + length, INPUT_MAX - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          *ret_length = length;
          return n == 0;
        }
      length += (gsize)n;
    }
  return FALSE;
}

static void
append_encoded (GString *body, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_isalnum (*c) || strchr ("*-._", *c) != NULL)
      g_string_append_c (body, *c);
    else if (*c == ' ')
      g_string_append_c (body, '+');
    else
      g_string_append_printf (body, "%%%02X", (guchar)*c);
}

static const char *
take_field (PostsealForm *self, char *words)
{
  char *blank = strchr (words, ' ');

  if (blank == NULL)
    return "a field without a value";
  *blank = '\0';
  if (self->body->len > 0)
    g_string_append_c (self->body, '&');
  append_encoded (self->body, words);
  g_string_append_c (self->body, '=');
  append_encoded (self->body, blank + 1);
  return NULL;
}

static const char *
take_limit (PostsealForm *self, const char *value)
{
  guint64 limit = 0;

  if (!g_ascii_string_to_unsigned (value, 10, 1, LONGEST_LIMIT_S, &limit, NULL))
    return "a limit that is no number of seconds";
  self->limit_s = (guint)limit;
  return NULL;
}

/* Returns: (nullable): what is wrong */
static const char *
take_line (PostsealForm *self, char *line)
{
  if (g_str_has_prefix (line, "field "))
    return take_field (self, line + strlen ("field "));
  if (g_str_has_prefix (line, "endpoint ") && self->endpoint == NULL)
    self->endpoint = g_strdup (line + strlen ("endpoint "));
  else if (g_str_has_prefix (line, "ca-file ") && self->ca_file == NULL)
    self->ca_file = g_strdup (line + strlen ("ca-file "));
  else if (g_str_has_prefix (line, "limit "))
    return take_limit (self, line + strlen ("limit "));
  else
    return "a line that is neither endpoint, ca-file, limit nor field";
  return NULL;
}

static const char *
take_lines (PostsealForm *self, char *input, gsize length)
{
  char *end = input + length;
  const char *complaint = NULL;

  if (memchr (input, '\0', length) != NULL)
    return "a NUL byte";
  for (char *line = input; line < end && complaint == NULL;)
    {
      char *stop = memchr (line, '\n', (gsize)(end - line));

      if (stop == NULL)
        return "a line without an end";
      *stop = '\0';
      complaint = take_line (self, line);
      line = stop + 1;
    }
  if (complaint == NULL && (self->endpoint == NULL || self->body->len == 0))
    complaint = "no endpoint or no field";
  return complaint;
}

PostsealForm *
postseal_form_read (int fd, const char **ret_complaint)
{
  PostsealForm *self = g_new0 (PostsealForm, 1);
  char *input = g_malloc0 (INPUT_MAX);
  const char *complaint = "too much, or unreadable";
  gsize length = 0;

  self->limit_s = DEFAULT_LIMIT_S;
  self->body = g_string_sized_new (4 * INPUT_MAX);
  if (read_all (fd, input, &length))
    complaint = take_lines (self, input, length);
  explicit_bzero (input, INPUT_MAX);
  g_free (input);
  if (complaint == NULL)
    return self;
  *ret_complaint = complaint;
  postseal_form_free (self);
  return NULL;
}
