/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lookup-line-private.h"

#include <string.h>

#define LONGEST_HOST 253

/* Returns: (transfer none) (nullable): the word, which *@rest is moved behind */
static char *
take_word (char **rest)
{
  char *word = *rest;
  char *blank = word != NULL ? strchr (word, ' ') : NULL;

  *rest = NULL;
  if (blank != NULL)
    {
      *blank = '\0';
      *rest = blank + 1;
    }
  return word != NULL && *word != '\0' ? word : NULL;
}

static gboolean
take_number (char **rest, guint64 most, guint64 *ret_number)
{
  const char *word = take_word (rest);

  return word != NULL && g_ascii_string_to_unsigned (word, 10, 0, most, ret_number, NULL);
}

/* A-labels in lower case, an IPv6 address in brackets or without. */
static gboolean
is_host (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && strchr ("-_.:[]", *c) == NULL)
      return FALSE;
  return *text != '\0' && *text != '.' && strlen (text) <= LONGEST_HOST;
}

static gboolean
parse_record (PostsealLookupLine *self, char *rest)
{
  guint64 priority = 0, weight = 0, port = 0;
  const char *target = NULL;

  if (!take_number (&rest, G_MAXUINT16, &priority) || !take_number (&rest, G_MAXUINT16, &weight)
      || !take_number (&rest, G_MAXUINT16, &port))
    return FALSE;
  target = take_word (&rest);
  if (target == NULL || rest != NULL)
    return FALSE;
  self->priority = (guint16)priority;
  self->weight = (guint16)weight;
  self->port = (guint16)port;
  self->host = strcmp (target, ".") == 0 ? "" : target;
  return *self->host == '\0' || is_host (target);
}

static gboolean
is_hex (const char *text)
{
  gsize length = strlen (text);

  return length % 2 == 0 && strspn (text, "0123456789abcdef") == length;
}

static gboolean
parse_tlsa (PostsealLookupLine *self, char *rest)
{
  guint64 number = 0;

  self->host = take_word (&rest);
  if (self->host == NULL || !is_host (self->host))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (self->tlsa); i++)
    {
      if (!take_number (&rest, G_MAXUINT8, &number))
        return FALSE;
      self->tlsa[i] = (guint8)number;
    }
  self->text = take_word (&rest);
  if (self->text == NULL || rest != NULL)
    return FALSE;
  if (strcmp (self->text, "-") == 0)
    self->text = "";
  return is_hex (self->text);
}

static gboolean
parse_end (PostsealLookupLine *self, char *rest)
{
  self->is_secure = g_strcmp0 (rest, "secure") == 0;
  return self->is_secure || g_strcmp0 (rest, "insecure") == 0;
}

static gboolean
is_base64 (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("+/=", *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
parse_text (PostsealLookupLine *self, char *rest)
{
  self->text = g_strcmp0 (rest, "-") == 0 ? "" : rest;
  return rest != NULL && *rest != '\0' && is_base64 (self->text);
}

static gboolean
parse_body (PostsealLookupLine *self, char *rest)
{
  self->host = take_word (&rest);
  self->text = rest;
  return self->host != NULL && is_host (self->host) && rest != NULL && *rest != '\0'
         && is_base64 (rest);
}

static gboolean
parse_error (PostsealLookupLine *self, char *rest)
{
  static const struct
  {
    const char *word;
    PostsealLookupError code;
  } codes[] = {
    { "nothing", POSTSEAL_LOOKUP_ERROR_NOTHING },
    { "unreachable", POSTSEAL_LOOKUP_ERROR_UNREACHABLE },
    { "bogus", POSTSEAL_LOOKUP_ERROR_BOGUS },
    { "unproven", POSTSEAL_LOOKUP_ERROR_UNPROVEN },
    { "redirected", POSTSEAL_LOOKUP_ERROR_REDIRECTED },
  };
  const char *word = take_word (&rest);

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (word, codes[i].word) == 0)
      {
        self->code = codes[i].code;
        self->text = rest;
        return rest != NULL && *rest != '\0';
      }
  return FALSE;
}

gboolean
_postseal_lookup_line_parse (PostsealLookupLine *self, char *line)
{
  static const struct
  {
    const char *word;
    PostsealLookupLineKind kind;
    gboolean (*parse) (PostsealLookupLine *self, char *rest);
  } kinds[] = {
    { "record", POSTSEAL_LOOKUP_LINE_RECORD, parse_record },
    { "tlsa", POSTSEAL_LOOKUP_LINE_TLSA, parse_tlsa },
    { "text", POSTSEAL_LOOKUP_LINE_TEXT, parse_text },
    { "end", POSTSEAL_LOOKUP_LINE_END, parse_end },
    { "body", POSTSEAL_LOOKUP_LINE_BODY, parse_body },
    { "error", POSTSEAL_LOOKUP_LINE_ERROR, parse_error },
  };
  char *rest = line;
  const char *word = take_word (&rest);
  guint64 id = 0;

  memset (self, 0, sizeof *self);
  if (word == NULL || !take_number (&rest, G_MAXINT, &id))
    return FALSE;
  self->id = (guint)id;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (word, kinds[i].word) == 0)
      {
        self->kind = kinds[i].kind;
        return kinds[i].parse (self, rest);
      }
  return FALSE;
}
