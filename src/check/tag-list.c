/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tag-list.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/printable.h"

typedef struct
{
  char *name; /* owned */
  char *value; /* owned */
} Tag;

struct _PostsealTagList
{
  GArray *tags; /* owned (element-type Tag) */
};

static void
clear_tag (gpointer data)
{
  Tag *self = data;

  g_free (self->name);
  g_free (self->value);
}

void
postseal_tag_list_free (PostsealTagList *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->tags);
  g_free (self);
}

static gboolean
is_tag_name (const char *name)
{
  if (!g_ascii_isalpha (*name))
    return FALSE;
  while (g_ascii_isalnum (*name) || *name == '_' || *name == '-' || *name == '.')
    name++;
  return *name == '\0';
}

/* Returns: (transfer full) (nullable): what is wrong */
static char *
add_tag (PostsealTagList *self, char *text)
{
  g_autofree char *shown = postseal_printable (g_strstrip (text), -1);
  char *equals = strchr (text, '=');
  Tag tag;

  if (equals == NULL)
    return g_strdup_printf (_ ("“%s” is no NAME=VALUE"), shown);
  *equals = '\0';
  g_strchomp (text);
  if (!is_tag_name (text))
    return g_strdup_printf (_ ("“%s” does not begin with a name"), shown);
  tag.name = g_strdup (text);
  tag.value = g_strdup (g_strstrip (equals + 1));
  g_array_append_val (self->tags, tag);
  return NULL;
}

PostsealTagList *
postseal_tag_list_parse (const char *text, char **ret_flaw)
{
  g_autoptr (PostsealTagList) self = g_new0 (PostsealTagList, 1);
  g_auto (GStrv) pieces = g_strsplit (text, ";", -1);
  char *flaw = NULL;

  self->tags = g_array_new (FALSE, FALSE, sizeof (Tag));
  g_array_set_clear_func (self->tags, clear_tag);
  for (gsize i = 0; pieces[i] != NULL && flaw == NULL; i++)
    if (*g_strstrip (pieces[i]) != '\0')
      flaw = add_tag (self, pieces[i]);
    else if (pieces[i + 1] != NULL)
      flaw = g_strdup (_ ("a semicolon has nothing before it"));
  if (flaw == NULL)
    return g_steal_pointer (&self);
  *ret_flaw = flaw;
  return NULL;
}

guint
postseal_tag_list_get_length (const PostsealTagList *self)
{
  return self->tags->len;
}

const char *
postseal_tag_list_get_name (const PostsealTagList *self, guint position)
{
  return g_array_index (self->tags, Tag, position).name;
}

const char *
postseal_tag_list_get (const PostsealTagList *self, const char *name)
{
  for (guint i = 0; i < self->tags->len; i++)
    {
      const Tag *tag = &g_array_index (self->tags, Tag, i);

      if (strcmp (tag->name, name) == 0)
        return tag->value;
    }
  return NULL;
}

/* Returns: @text after blanks */
static const char *
skip_blanks (const char *text)
{
  return text + strspn (text, " \t");
}

gboolean
postseal_tag_list_is_of (const char *text, const char *version)
{
  if (*text != 'v')
    return FALSE;
  text = skip_blanks (text + 1);
  if (*text != '=')
    return FALSE;
  text = skip_blanks (text + 1);
  if (!g_str_has_prefix (text, version))
    return FALSE;
  text += strlen (version);
  return *text == '\0' || strchr ("; \t", *text) != NULL;
}
