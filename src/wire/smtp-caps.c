/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/smtp-caps.h"

#include <string.h>

/* More than any server has, and few enough to look for doubles among them. */
#define MECHANISMS_MAX 64
#define MECHANISM_LENGTH_MAX 20 /* RFC 4422 section 3.1 */
#define LIMIT_DIGITS_MAX 6 /* RFC 9422 section 4 */

/* A part of the text. */
typedef struct
{
  const char *at;
  gsize length;
} Span;

static gboolean
is_blank (char character)
{
  return character == ' ' || character == '\t' || character == '\r';
}

/* Takes the next word off the front of @rest. Returns: an empty one at the end */
static Span
take_word (Span *rest)
{
  Span word;

  while (rest->length > 0 && is_blank (*rest->at))
    rest->at++, rest->length--;
  word = (Span){ rest->at, 0 };
  while (rest->length > 0 && !is_blank (*rest->at))
    rest->at++, rest->length--, word.length++;
  return word;
}

static gboolean
is_word (Span word, const char *name)
{
  return word.length == strlen (name) && g_ascii_strncasecmp (word.at, name, word.length) == 0;
}

/* Returns: FALSE when @word is not a number, or too large a one */
static gboolean
parse_number (Span word, guint64 *ret_number)
{
  guint64 number = 0;

  if (word.length == 0)
    return FALSE;
  for (gsize i = 0; i < word.length; i++)
    {
      guint digit = (guint)(word.at[i] - '0');

      if (!g_ascii_isdigit (word.at[i]) || number > (G_MAXUINT64 - digit) / 10)
        return FALSE;
      number = number * 10 + digit;
    }
  *ret_number = number;
  return TRUE;
}

/* RFC 4954 section 4. Names that no mechanism can have are left out. */
static void
add_mechanisms (GPtrArray *mechanisms, Span rest)
{
  for (Span word = take_word (&rest); word.length > 0; word = take_word (&rest))
    {
      g_autofree char *name = g_ascii_strup (word.at, (gssize)word.length);

      if (word.length > MECHANISM_LENGTH_MAX || mechanisms->len >= MECHANISMS_MAX
          || strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != word.length
          || g_ptr_array_find_with_equal_func (mechanisms, name, g_str_equal, NULL))
        continue;
      g_ptr_array_add (mechanisms, g_steal_pointer (&name));
    }
}

/* RFC 9422 section 4: "RCPTMAX=20 MAILMAX=5"; what has a bad syntax is ignored. */
static void
parse_limits (PostsealSmtpCaps *self, Span rest)
{
  const struct
  {
    const char *name;
    guint *limit;
  } limits[] = {
    { "RCPTMAX", &self->recipients_max },
    { "MAILMAX", &self->messages_max },
    { "RCPTDOMAINMAX", &self->recipient_domains_max },
  };

  for (Span word = take_word (&rest); word.length > 0; word = take_word (&rest))
    {
      const char *sign = memchr (word.at, '=', word.length);
      gsize n_name = sign != NULL ? (gsize)(sign - word.at) : 0;
      Span value = { word.at + n_name + 1, word.length - n_name - 1 };
      guint64 number = 0;

      if (sign == NULL || value.length > LIMIT_DIGITS_MAX || !parse_number (value, &number))
        continue;
      for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
        if (is_word ((Span){ word.at, n_name }, limits[i].name))
          *limits[i].limit = (guint)number;
    }
}

/* Returns: whether @keyword is one that is offered by being named */
static gboolean
parse_flag (PostsealSmtpCaps *self, Span keyword)
{
  const struct
  {
    const char *name;
    gboolean *flag;
  } flags[] = {
    { "PIPELINING", &self->has_pipelining },
    { "8BITMIME", &self->has_8bitmime },
    { "SMTPUTF8", &self->has_smtputf8 },
    { "CHUNKING", &self->has_chunking },
    { "BINARYMIME", &self->has_binarymime },
    { "DSN", &self->has_dsn },
    { "ENHANCEDSTATUSCODES", &self->has_enhanced_status },
    { "REQUIRETLS", &self->has_requiretls },
    { "STARTTLS", &self->has_starttls },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    if (is_word (keyword, flags[i].name))
      return *flags[i].flag = TRUE;
  return FALSE;
}

/* Returns: the first parameter as a number, 0 when there is none or it is something else. What
   stands behind a comma is for extensions of the extension (RFC 2852 section 2). */
static guint64
parse_parameter (Span rest)
{
  Span word = take_word (&rest);
  const char *comma = memchr (word.at, ',', word.length);
  guint64 number = 0;

  if (comma != NULL)
    word.length = (gsize)(comma - word.at);
  return parse_number (word, &number) ? number : 0;
}

static void
parse_line (PostsealSmtpCaps *self, Span line, GPtrArray *mechanisms)
{
  Span rest = line;
  Span keyword = take_word (&rest);

  if (keyword.length >= 5 && g_ascii_strncasecmp (keyword.at, "AUTH=", 5) == 0)
    add_mechanisms (mechanisms,
                    (Span){ keyword.at + 5, line.length - (gsize)(keyword.at + 5 - line.at) });
  else if (is_word (keyword, "AUTH"))
    add_mechanisms (mechanisms, rest);
  else if (is_word (keyword, "LIMITS"))
    parse_limits (self, rest);
  else if (is_word (keyword, "SIZE"))
    {
      self->has_size = TRUE;
      self->size = parse_parameter (rest);
    }
  else if (is_word (keyword, "FUTURERELEASE"))
    {
      self->has_futurerelease = TRUE;
      self->futurerelease_max_seconds = parse_parameter (rest);
    }
  else if (is_word (keyword, "DELIVERBY"))
    {
      self->has_deliverby = TRUE;
      self->deliverby_min_seconds = parse_parameter (rest);
    }
  else
    parse_flag (self, keyword);
}

void
postseal_smtp_caps_parse (PostsealSmtpCaps *self, const char *text, gsize length)
{
  g_autoptr (GPtrArray) mechanisms = g_ptr_array_new_with_free_func (g_free);
  gsize n_line = 0;

  postseal_smtp_caps_clear (self);
  for (gsize start = 0; start < length; start += n_line + 1)
    {
      const char *feed = memchr (text + start, '\n', length - start);

      n_line = feed != NULL ? (gsize)(feed - text) - start : length - start;
      if (start > 0) /* not the greeting */
        parse_line (self, (Span){ text + start, n_line }, mechanisms);
    }

  self->has_binarymime = self->has_binarymime && self->has_chunking;
  g_ptr_array_add (mechanisms, NULL);
  self->mechanisms = (char **)g_ptr_array_free (g_steal_pointer (&mechanisms), FALSE);
}

void
postseal_smtp_caps_clear (PostsealSmtpCaps *self)
{
  g_strfreev (self->mechanisms);
  *self = (PostsealSmtpCaps){ 0 };
}
