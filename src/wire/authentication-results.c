/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/authentication-results.h"

#include <string.h>

#include "base/limits.h"
#include "wire/field-lexer-private.h"

typedef struct
{
  PostsealFieldLexer lexer;
  PostsealFieldToken token; /* the one that is looked at; never a comment */
  PostsealAuthenticationResults *found; /* borrowed */
} Parser;

static void
free_result (gpointer data)
{
  PostsealAuthenticationResult *self = data;

  g_free (self->method);
  g_free (self->result);
  g_free (self->reason);
  g_strfreev (self->names);
  g_strfreev (self->values);
  g_free (self);
}

void
postseal_authentication_results_free (PostsealAuthenticationResults *self)
{
  if (self == NULL)
    return;
  g_free (self->authserv_id);
  g_ptr_array_unref (self->results);
  g_free (self);
}

const char *
postseal_authentication_result_get (const PostsealAuthenticationResult *self, const char *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (gsize i = 0; self->names[i] != NULL; i++)
    if (g_ascii_strcasecmp (self->names[i], name) == 0)
      return self->values[i];
  return NULL;
}

static void
advance (Parser *self)
{
  do
    self->token = _postseal_field_lexer_next (&self->lexer);
  while (self->token == POSTSEAL_FIELD_COMMENT);
}

static gboolean
is_mark (const Parser *self, char mark)
{
  return self->token == POSTSEAL_FIELD_MARK && self->lexer.text->str[0] == mark;
}

static gboolean
is_value (const Parser *self)
{
  return self->token == POSTSEAL_FIELD_WORD || self->token == POSTSEAL_FIELD_QUOTED;
}

/* "name = value". What is signed in base64 ends in "=", which some do not quote: within a value
   nothing but ";" is special. Returns: FALSE when there is none: what is there is passed over up to
   the next white space */
static gboolean
read_pair (Parser *self, char **ret_name, char **ret_value)
{
  g_autofree char *name = NULL;

  if (self->token != POSTSEAL_FIELD_WORD)
    {
      advance (self);
      return FALSE;
    }
  name = g_strdup (self->lexer.text->str);
  advance (self);
  if (!is_mark (self, '='))
    return FALSE;
  self->lexer.marks = ";";
  advance (self);
  self->lexer.marks = ";=";
  if (!is_value (self))
    return FALSE;
  *ret_name = g_steal_pointer (&name);
  *ret_value = g_strdup (self->lexer.text->str);
  advance (self);
  return TRUE;
}

static void
add_property (PostsealAuthenticationResult *result,
              GPtrArray *names,
              GPtrArray *values,
              char *name,
              char *value)
{
  if (result->reason == NULL && g_ascii_strcasecmp (name, "reason") == 0)
    {
      result->reason = value;
      g_free (name);
      return;
    }
  g_ptr_array_add (names, name);
  g_ptr_array_add (values, value);
}

static char **
end_list (GPtrArray *list)
{
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (list, FALSE);
}

/* resinfo, without its ";" */
static void
read_result (Parser *self)
{
  PostsealAuthenticationResult *result = g_new0 (PostsealAuthenticationResult, 1);
  GPtrArray *names = g_ptr_array_new ();
  GPtrArray *values = g_ptr_array_new ();
  char *name = NULL, *value = NULL;
  gboolean is_good = read_pair (self, &result->method, &result->result);

  while (self->token != POSTSEAL_FIELD_END && !is_mark (self, ';'))
    if (names->len >= POSTSEAL_LIMIT_AUTHENTICATION_PROPERTIES)
      {
        advance (self);
        self->found->is_whole = FALSE;
      }
    else if (read_pair (self, &name, &value))
      add_property (result, names, values, g_steal_pointer (&name), g_steal_pointer (&value));
    else
      self->found->is_whole = FALSE;
  result->names = end_list (names);
  result->values = end_list (values);
  if (is_good && self->found->results->len < POSTSEAL_LIMIT_AUTHENTICATION_RESULTS)
    {
      g_ptr_array_add (self->found->results, result);
      return;
    }
  self->found->is_whole = FALSE;
  free_result (result);
}

/* What is not "none" is no result either, and passed over. */
static gboolean
skip_none (Parser *self)
{
  const char *before = self->lexer.at;

  if (self->token != POSTSEAL_FIELD_WORD || g_ascii_strcasecmp (self->lexer.text->str, "none") != 0)
    return FALSE;
  advance (self);
  if (self->token == POSTSEAL_FIELD_END || is_mark (self, ';'))
    return TRUE;
  self->lexer.at = before;
  self->token = POSTSEAL_FIELD_WORD;
  g_string_assign (self->lexer.text, "none");
  return FALSE;
}

/* Some servers leave their name out, and begin with the first result. */
static void
read_head (Parser *self)
{
  PostsealAuthenticationResults *found = self->found;
  const char *before = self->lexer.start;

  found->version = 1;
  if (!is_value (self))
    return;
  found->authserv_id = g_strdup (self->lexer.text->str);
  advance (self);
  if (is_mark (self, '='))
    {
      g_clear_pointer (&found->authserv_id, g_free);
      found->is_whole = FALSE;
      self->lexer.at = before;
      advance (self);
      read_result (self);
      return;
    }
  if (self->token == POSTSEAL_FIELD_WORD)
    {
      guint64 version = 0;

      if (!g_ascii_string_to_unsigned (self->lexer.text->str, 10, 0, G_MAXUINT, &version, NULL))
        version = 0;
      found->version = (guint)version;
      advance (self);
    }
}

PostsealAuthenticationResults *
postseal_authentication_results_parse (const char *value, gsize length)
{
  PostsealAuthenticationResults *self = g_new0 (PostsealAuthenticationResults, 1);
  Parser parser = { .found = self };

  self->is_whole = length <= POSTSEAL_LIMIT_AUTHENTICATION_FIELD;
  self->results = g_ptr_array_new_with_free_func (free_result);
  _postseal_field_lexer_init (&parser.lexer, value,
                              MIN (length, POSTSEAL_LIMIT_AUTHENTICATION_FIELD), ";=");
  advance (&parser);
  read_head (&parser);
  self->is_whole = self->is_whole && self->authserv_id != NULL;
  while (parser.token != POSTSEAL_FIELD_END)
    if (!is_mark (&parser, ';'))
      {
        self->is_whole = FALSE;
        advance (&parser);
      }
    else
      {
        advance (&parser);
        if (parser.token != POSTSEAL_FIELD_END && !is_mark (&parser, ';') && !skip_none (&parser))
          read_result (&parser);
      }
  _postseal_field_lexer_clear (&parser.lexer);
  return self;
}
