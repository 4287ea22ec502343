/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-caps.h"

struct _PostsealImapCaps
{
  GHashTable *names; /* owned: upper-case */
};

/* More than any server has; what goes beyond is noise. */
#define MAX_CAPABILITIES 256
#define LITERAL_MINUS_LIMIT 4096

static const char *const parts_of_rev2[]
    = { "ENABLE",  "IDLE",        "LIST-EXTENDED", "LIST-STATUS", "LITERAL-", "MOVE", "NAMESPACE",
        "SASL-IR", "SPECIAL-USE", "STATUS=SIZE",   "UIDPLUS",     "UNSELECT", NULL };

PostsealImapCaps *
postseal_imap_caps_new (const PostsealImapValue *values)
{
  PostsealImapCaps *self = g_new0 (PostsealImapCaps, 1);

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (const PostsealImapValue *v = values; v != NULL; v = v->next)
    if (v->type == POSTSEAL_IMAP_VALUE_ATOM && g_hash_table_size (self->names) < MAX_CAPABILITIES)
      g_hash_table_add (self->names, g_ascii_strup (v->bytes, (gssize)v->length));
  return self;
}

void
postseal_imap_caps_free (PostsealImapCaps *self)
{
  g_hash_table_unref (self->names);
  g_free (self);
}

static gboolean
contains (PostsealImapCaps *self, const char *upper)
{
  return g_hash_table_contains (self->names, upper);
}

gboolean
postseal_imap_caps_has (PostsealImapCaps *self, const char *name)
{
  g_autofree char *upper = g_ascii_strup (name, -1);

  if (self == NULL)
    return FALSE;
  if (contains (self, upper))
    return TRUE;
  if (strcmp (upper, "UTF8=ACCEPT") == 0)
    return contains (self, "UTF8=ONLY");
  if (strcmp (upper, "CONDSTORE") == 0) /* RFC 7162 section 3.2.3 */
    return contains (self, "QRESYNC");
  return contains (self, "IMAP4REV2") && g_strv_contains (parts_of_rev2, upper);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
postseal_imap_caps_get_mechanisms (PostsealImapCaps *self)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_prefix (name, "AUTH="))
      g_ptr_array_add (found, g_strdup ((const char *)name + strlen ("AUTH=")));
  g_ptr_array_sort (found, compare_names);
  if (!contains (self, "LOGINDISABLED"))
    g_ptr_array_add (found, g_strdup ("IMAP-LOGIN"));
  g_ptr_array_add (found, NULL);
  g_ptr_array_set_free_func (found, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

gsize
postseal_imap_caps_get_prompt_limit (PostsealImapCaps *self)
{
  if (self == NULL)
    return 0;
  if (contains (self, "LITERAL+"))
    return G_MAXSIZE;
  return postseal_imap_caps_has (self, "LITERAL-") ? LITERAL_MINUS_LIMIT : 0;
}

gboolean
postseal_imap_caps_is_rev2_only (PostsealImapCaps *self)
{
  return self != NULL && contains (self, "IMAP4REV2") && !contains (self, "IMAP4REV1");
}
