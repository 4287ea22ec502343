/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/fetchmail-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "import/fetchmail-lexer.h"
#include "import/fetchmail-words.h"

typedef struct
{
  PostsealFetchmailLexer lexer;
  GPtrArray *sections; /* owned */
  PostsealRcSection *globals; /* borrowed: the first */
  PostsealRcSection *server; /* borrowed, nullable */
  PostsealRcSection *user; /* borrowed, nullable: of server */
  gboolean is_named; /* user has had its name */
} Reader;

static gboolean
advance (Reader *self, GError **error)
{
  return postseal_fetchmail_lexer_advance (&self->lexer, error);
}

/* The keyword at hand. Returns: (transfer none) (nullable) */
static const PostsealFetchmailWord *
get_keyword (Reader *self)
{
  return self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD
             ? postseal_fetchmail_word_find (self->lexer.text)
             : NULL;
}

static gboolean
is_value (Reader *self)
{
  return self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD
         || self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_STRING;
}

static gboolean
skip_equals (Reader *self, GError **error)
{
  while (self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_EQUALS)
    if (!advance (self, error))
      return FALSE;
  return TRUE;
}

static PostsealRcSection *
begin_section (Reader *self, const char *kind, const char *name, guint line)
{
  PostsealRcSection *section = postseal_rc_section_new (kind, name, line);

  g_ptr_array_add (self->sections, section);
  return section;
}

static void
begin_user (Reader *self, const char *name, guint line)
{
  if (self->user == NULL || self->is_named)
    self->user = begin_section (self, "user", NULL, line);
  g_free (self->user->name);
  self->user->name = name != NULL ? g_utf8_make_valid (name, -1) : NULL;
  self->user->line = line;
  self->is_named = TRUE;
}

/* What stands there may be a password that was not quoted: it is not repeated. */
static gboolean
expect_value (Reader *self, const char *name, GError **error)
{
  if (is_value (self))
    return TRUE;
  return postseal_rc_fail (error, self->lexer.line, _ ("“%s” has no value"), name);
}

static gboolean
read_one (Reader *self, PostsealRcSetting *setting, gboolean is_secret, GError **error)
{
  if (!skip_equals (self, error) || !expect_value (self, setting->name, error))
    return FALSE;
  if (is_secret)
    postseal_rc_setting_set_secret (setting, self->lexer.text, (gssize)self->lexer.length);
  else
    postseal_rc_setting_add (setting, self->lexer.text, (gssize)self->lexer.length);
  return advance (self, error);
}

/* "envelope 2 X-Original-To" */
static gboolean
read_counted (Reader *self, PostsealRcSetting *setting, GError **error)
{
  gboolean is_number;

  if (!skip_equals (self, error) || !expect_value (self, setting->name, error))
    return FALSE;
  is_number = self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD
              && strspn (self->lexer.text, "0123456789") == self->lexer.length;
  return read_one (self, setting, FALSE, error)
         && (!is_number || read_one (self, setting, FALSE, error));
}

static gboolean
read_pair (Reader *self, PostsealRcSetting *setting, GError **error)
{
  guint last = setting->values->len - 1;
  g_autofree char *joined = NULL;

  if (!advance (self, error) || !expect_value (self, setting->name, error))
    return FALSE;
  joined = g_strdup_printf ("%s=%s", (const char *)g_ptr_array_index (setting->values, last),
                            self->lexer.text);
  g_ptr_array_set_size (setting->values, (int)last);
  postseal_rc_setting_add (setting, joined, -1);
  return advance (self, error);
}

/* The first element may be spelled like a keyword, the others must be quoted then. */
static gboolean
read_list (Reader *self, PostsealRcSetting *setting, gboolean is_map, GError **error)
{
  if (!read_one (self, setting, FALSE, error))
    return FALSE;
  for (;;)
    if (self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_EQUALS && is_map)
      {
        if (!read_pair (self, setting, error))
          return FALSE;
      }
    else if (!is_value (self) || get_keyword (self) != NULL)
      return TRUE;
    else if (!read_one (self, setting, FALSE, error))
      return FALSE;
}

static gboolean
read_values (Reader *self,
             const PostsealFetchmailWord *word,
             PostsealRcSetting *setting,
             GError **error)
{
  switch (word->form)
    {
    case POSTSEAL_FETCHMAIL_ONE:
    case POSTSEAL_FETCHMAIL_SECRET:
      return read_one (self, setting, word->form == POSTSEAL_FETCHMAIL_SECRET, error);
    case POSTSEAL_FETCHMAIL_LIST:
    case POSTSEAL_FETCHMAIL_MAP:
      return read_list (self, setting, word->form == POSTSEAL_FETCHMAIL_MAP, error);
    case POSTSEAL_FETCHMAIL_COUNTED:
      return read_counted (self, setting, error);
    case POSTSEAL_FETCHMAIL_FLAG:
    default:
      return TRUE;
    }
}

/* "no envelope" has no value. */
static gboolean
read_setting (Reader *self,
              PostsealRcSection *section,
              const PostsealFetchmailWord *word,
              gboolean is_negated,
              GError **error)
{
  PostsealRcSetting *setting = postseal_rc_section_add (section, word->name, self->lexer.line);

  setting->is_negated = is_negated;
  return advance (self, error) && (is_negated || read_values (self, word, setting, error));
}

static gboolean
fail_unknown (Reader *self, GError **error)
{
  return postseal_rc_fail (error, self->lexer.line,
                           _ ("there is a word here that is no keyword of fetchmail; if it belongs "
                              "to a value, that must be quoted"));
}

/* Behind "set". */
static gboolean
read_global (Reader *self, GError **error)
{
  const PostsealFetchmailWord *word;
  gboolean is_negated;

  if (!advance (self, error))
    return FALSE;
  is_negated
      = self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD && strcmp (self->lexer.text, "no") == 0;
  if (is_negated && !advance (self, error))
    return FALSE;
  word = self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD
             ? postseal_fetchmail_word_find_global (self->lexer.text)
             : NULL;
  if (word == NULL)
    return fail_unknown (self, error);
  return read_setting (self, self->globals, word,
                       is_negated || g_str_equal (word->word, "nosyslog"), error);
}

/* "poll NAME", "skip NAME", "defaults" */
static gboolean
read_entry (Reader *self, const PostsealFetchmailWord *word, GError **error)
{
  gboolean has_name = !g_str_equal (word->name, "defaults");
  guint line = self->lexer.line;

  if (!advance (self, error) || (has_name && !expect_value (self, word->name, error)))
    return FALSE;
  self->server = begin_section (self, word->name, has_name ? self->lexer.text : NULL, line);
  self->user = NULL;
  self->is_named = FALSE;
  return !has_name || advance (self, error);
}

static gboolean
is_side (Reader *self, const char *side)
{
  const PostsealFetchmailWord *word = get_keyword (self);

  return word != NULL && g_str_equal (word->name, side);
}

/* "user REMOTE", "user REMOTE there", "user LOCAL… here" */
static gboolean
read_user (Reader *self, GError **error)
{
  PostsealRcSection *names = postseal_rc_section_new ("names", NULL, self->lexer.line);
  PostsealRcSetting *setting = postseal_rc_section_add (names, "user", self->lexer.line);
  gboolean is_done = advance (self, error) && read_list (self, setting, TRUE, error);

  if (is_done && is_side (self, "here"))
    {
      begin_user (self, NULL, setting->line);
      g_free (setting->name);
      setting->name = g_strdup ("is");
      postseal_rc_section_append (self->user, names);
      is_done = advance (self, error);
    }
  else if (is_done && setting->values->len > 1)
    is_done = postseal_rc_fail (error, setting->line, _ ("“user” has more than one name"));
  else if (is_done)
    {
      begin_user (self, postseal_rc_setting_get (setting), setting->line);
      if (is_side (self, "there"))
        is_done = advance (self, error);
    }
  postseal_rc_section_free (names);
  return is_done;
}

/* "is LOCAL… [here]", or "is REMOTE there" behind "user LOCAL here". */
static gboolean
read_is (Reader *self, const PostsealFetchmailWord *word, GError **error)
{
  const PostsealRcSetting *setting;

  if (!read_setting (self, self->user, word, FALSE, error))
    return FALSE;
  if (is_side (self, "there"))
    {
      setting = g_ptr_array_index (self->user->settings, self->user->settings->len - 1);
      g_free (self->user->name);
      self->user->name = g_strdup (postseal_rc_setting_get (setting));
      g_ptr_array_set_size (self->user->settings, (int)self->user->settings->len - 1);
      return advance (self, error);
    }
  return !is_side (self, "here") || advance (self, error);
}

static gboolean
read_option (Reader *self, const PostsealFetchmailWord *word, gboolean is_negated, GError **error)
{
  if (self->server == NULL)
    return postseal_rc_fail (error, self->lexer.line, _ ("“%s” stands before the first “poll”"),
                             word->name);
  if (word->scope == POSTSEAL_FETCHMAIL_SERVER)
    return read_setting (self, self->server, word, is_negated, error);
  if (g_str_equal (word->name, "user"))
    return read_user (self, error);
  if (self->user == NULL)
    self->user = begin_section (self, "user", NULL, self->lexer.line);
  if (g_str_equal (word->name, "is"))
    return read_is (self, word, error);
  return read_setting (self, self->user, word, is_negated, error);
}

/* "nokeep" is "no keep". */
static const PostsealFetchmailWord *
find_negated (const char *text)
{
  const PostsealFetchmailWord *word
      = g_str_has_prefix (text, "no") ? postseal_fetchmail_word_find (text + 2) : NULL;

  return word != NULL && word->form == POSTSEAL_FETCHMAIL_FLAG
                 && word->scope >= POSTSEAL_FETCHMAIL_SERVER
             ? word
             : NULL;
}

static gboolean
read_statement (Reader *self, GError **error)
{
  const PostsealFetchmailWord *word = get_keyword (self);
  gboolean is_negated = word != NULL && word->scope == POSTSEAL_FETCHMAIL_NO;

  if (is_negated)
    {
      if (!advance (self, error))
        return FALSE;
      word = get_keyword (self);
      if (word == NULL || word->scope < POSTSEAL_FETCHMAIL_SERVER)
        return fail_unknown (self, error);
    }
  else if (word == NULL && self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_WORD)
    {
      word = find_negated (self->lexer.text);
      is_negated = word != NULL;
    }
  if (word == NULL)
    return self->lexer.kind == POSTSEAL_FETCHMAIL_TOKEN_EQUALS ? skip_equals (self, error)
                                                               : fail_unknown (self, error);
  if (word->scope == POSTSEAL_FETCHMAIL_NOISE || word->scope == POSTSEAL_FETCHMAIL_SIDE)
    return advance (self, error);
  if (word->scope != POSTSEAL_FETCHMAIL_ENTRY)
    return read_option (self, word, is_negated, error);
  return g_str_equal (word->name, "set") ? read_global (self, error)
                                         : read_entry (self, word, error);
}

GPtrArray *
postseal_fetchmail_file_parse (const char *text, gsize length, GError **error)
{
  Reader reader = { .sections = postseal_rc_sections_new () };
  gboolean is_done;

  reader.globals = begin_section (&reader, "set", NULL, 0);
  postseal_fetchmail_lexer_init (&reader.lexer, text, length);
  is_done = advance (&reader, error);
  while (is_done && reader.lexer.kind != POSTSEAL_FETCHMAIL_TOKEN_END)
    is_done = read_statement (&reader, error);
  postseal_fetchmail_lexer_clear (&reader.lexer);
  if (is_done)
    return reader.sections;
  g_ptr_array_unref (reader.sections);
  return NULL;
}
