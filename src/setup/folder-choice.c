/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/folder-choice.h"

#include <string.h>

#include "engine/account-text.h"
#include "setup/folder-private.h"

#define EVERYTHING "*"

struct _PostsealFolderChoice
{
  GObject parent_instance;

  char **entries; /* owned */
  GListStore *folders; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealFolderChoice, postseal_folder_choice, G_TYPE_OBJECT)

/* A mailbox while the choice is made. */
typedef struct
{
  PostsealFolder *folder; /* owned */
  char **keys; /* owned: for sorting, one for each component */
} Leaf;

static void
free_leaf (gpointer data)
{
  Leaf *self = data;

  g_object_unref (self->folder);
  g_strfreev (self->keys);
  g_free (self);
}

/* --- mailboxes, as in a tree --- */

static char **
make_keys (const PostsealImapMailbox *mailbox)
{
  const char delimiter[]
      = { g_ascii_isgraph (mailbox->delimiter) ? mailbox->delimiter : '\n', '\0' };
  char **keys = g_strsplit (mailbox->title, delimiter, -1);

  for (guint i = 0; keys[i] != NULL; i++)
    {
      char *key = g_utf8_collate_key_for_filename (keys[i], -1);

      g_free (keys[i]);
      keys[i] = key;
    }
  return keys;
}

static gboolean
is_inbox (const Leaf *leaf)
{
  return strcmp (leaf->folder->name, "INBOX") == 0;
}

static int
compare_leaves (gconstpointer a, gconstpointer b)
{
  const Leaf *x = *(Leaf *const *)a;
  const Leaf *y = *(Leaf *const *)b;
  guint i = 0;

  if (is_inbox (x) || is_inbox (y))
    return is_inbox (y) - is_inbox (x);
  while (x->keys[i] != NULL && y->keys[i] != NULL && strcmp (x->keys[i], y->keys[i]) == 0)
    i++;
  if (x->keys[i] == NULL || y->keys[i] == NULL)
    return (x->keys[i] != NULL) - (y->keys[i] != NULL);
  return strcmp (x->keys[i], y->keys[i]);
}

/* TRUE when the settings, written and read again, have this name. */
static gboolean
can_be_written (const char *name)
{
  char *const list[] = { (char *)name, NULL };
  g_autofree char *text = postseal_account_text_join_list (list);
  g_auto (GStrv) back = postseal_account_text_split (text);

  for (const char *p = name; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;
  return back != NULL && back[0] != NULL && back[1] == NULL && strcmp (back[0], name) == 0;
}

static void
add_leaves (GPtrArray *leaves, const GPtrArray *mailboxes, GHashTable *by_name)
{
  for (guint i = 0; i < mailboxes->len; i++)
    {
      const PostsealImapMailbox *mailbox = g_ptr_array_index (mailboxes, i);
      Leaf *leaf;

      if (!mailbox->is_selectable || g_hash_table_contains (by_name, mailbox->title))
        continue;
      leaf = g_new0 (Leaf, 1);
      leaf->folder = _postseal_folder_new (POSTSEAL_FOLDER_MAILBOX, mailbox->title);
      leaf->folder->use = mailbox->use;
      leaf->folder->is_nameable = mailbox->is_nameable && can_be_written (mailbox->title);
      leaf->keys = make_keys (mailbox);
      g_hash_table_insert (by_name, leaf->folder->name, leaf->folder);
      g_ptr_array_add (leaves, leaf);
    }
}

/* What "*" does not find, e.g. of other people, is there where an entry does. Returns: (transfer
   full) (element-type Leaf) */
static GPtrArray *
make_leaves (const GPtrArray *mailboxes, const GPtrArray *matches, GHashTable *by_name)
{
  GPtrArray *leaves = g_ptr_array_new_with_free_func (free_leaf);

  add_leaves (leaves, mailboxes, by_name);
  for (guint i = 0; i < matches->len; i++)
    add_leaves (leaves, g_ptr_array_index (matches, i), by_name);
  g_ptr_array_sort (leaves, compare_leaves);
  return leaves;
}

/* --- entries --- */

/* What nobody wants twice, or at all. */
static gboolean
is_proposed (const PostsealFolder *folder)
{
  return folder->use != POSTSEAL_IMAP_USE_ALL && folder->use != POSTSEAL_IMAP_USE_FLAGGED
         && folder->use != POSTSEAL_IMAP_USE_JUNK && folder->use != POSTSEAL_IMAP_USE_TRASH;
}

static gboolean
is_pattern (const char *entry)
{
  return strpbrk (entry, "*%") != NULL;
}

/* Returns: (transfer none) (nullable) */
static PostsealFolder *
look_up (const GPtrArray *mailboxes, guint i, GHashTable *by_name)
{
  const PostsealImapMailbox *mailbox = i < mailboxes->len ? g_ptr_array_index (mailboxes, i) : NULL;

  return mailbox != NULL ? g_hash_table_lookup (by_name, mailbox->title) : NULL;
}

/* Returns: (transfer none) */
static PostsealFolder *
add_pattern (PostsealFolderChoice *self,
             const char *entry,
             guint position,
             const GPtrArray *found,
             GHashTable *by_name)
{
  g_autoptr (PostsealFolder) pattern = _postseal_folder_new (POSTSEAL_FOLDER_PATTERN, entry);

  pattern->position = position;
  pattern->is_picked = position != G_MAXUINT;
  g_list_store_append (self->folders, pattern);
  for (guint i = 0; i < found->len; i++)
    {
      PostsealFolder *folder = look_up (found, i, by_name);

      if (folder == NULL)
        continue;
      _postseal_folder_add_match (pattern, folder);
      if (pattern->is_picked && is_proposed (folder))
        folder->is_picked = TRUE;
    }
  return pattern; /* the list holds it */
}

/* A plain name, which the server may have below its prefix. */
static void
add_name (PostsealFolderChoice *self,
          const char *entry,
          guint position,
          const GPtrArray *found,
          GHashTable *by_name)
{
  g_autoptr (PostsealFolder) missing = NULL;
  PostsealFolder *folder = look_up (found, 0, by_name);

  if (folder == NULL)
    {
      missing = _postseal_folder_new (POSTSEAL_FOLDER_MISSING, entry);
      g_list_store_append (self->folders, missing);
      folder = missing;
    }
  folder->is_picked = TRUE;
  /* What is there already has been named before. */
  if (folder->position != G_MAXUINT)
    return;
  folder->position = position;
  if (strcmp (folder->name, entry) != 0)
    folder->entry = g_strdup (entry);
}

static guint
find_everything (PostsealFolderChoice *self)
{
  for (guint i = 0; self->entries[i] != NULL; i++)
    if (strcmp (self->entries[i], EVERYTHING) == 0)
      return i;
  return G_MAXUINT;
}

/* "*" makes a pattern needless that finds nothing else. */
static void
cover_pattern (PostsealFolder *everything, PostsealFolder *pattern)
{
  for (guint i = 0; i < pattern->matches->len; i++)
    if (g_slist_find (((PostsealFolder *)g_ptr_array_index (pattern->matches, i))->covers,
                      everything)
        == NULL)
      return;
  _postseal_folder_add_match (everything, pattern);
}

static void
add_patterns (PostsealFolderChoice *self,
              const GPtrArray *mailboxes,
              const GPtrArray *matches,
              GHashTable *by_name)
{
  PostsealFolder *everything
      = add_pattern (self, EVERYTHING, find_everything (self), mailboxes, by_name);

  for (guint i = 0; i < matches->len; i++)
    if (is_pattern (self->entries[i]) && strcmp (self->entries[i], EVERYTHING) != 0)
      cover_pattern (everything, add_pattern (self, self->entries[i], i,
                                              g_ptr_array_index (matches, i), by_name));
}

static void
add_names (PostsealFolderChoice *self, const GPtrArray *matches, GHashTable *by_name)
{
  for (guint i = 0; i < matches->len; i++)
    if (!is_pattern (self->entries[i]))
      add_name (self, self->entries[i], i, g_ptr_array_index (matches, i), by_name);
}

static void
remember_picks (PostsealFolderChoice *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->folders)); i++)
    {
      g_autoptr (PostsealFolder) folder = g_list_model_get_item (G_LIST_MODEL (self->folders), i);

      folder->was_picked = folder->is_picked;
    }
}

PostsealFolderChoice *
postseal_folder_choice_new (const char *const *entries,
                            const GPtrArray *mailboxes,
                            const GPtrArray *matches)
{
  PostsealFolderChoice *self;
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) leaves = NULL;
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();

  g_return_val_if_fail (entries != NULL, NULL);
  g_return_val_if_fail (mailboxes != NULL, NULL);
  g_return_val_if_fail (matches->len == g_strv_length ((char **)entries), NULL);

  self = g_object_new (POSTSEAL_TYPE_FOLDER_CHOICE, NULL);
  self->entries = g_strdupv ((char **)entries);
  leaves = make_leaves (mailboxes, matches, by_name);
  add_patterns (self, mailboxes, matches, by_name);
  add_names (self, matches, by_name);
  for (guint i = 0; i < leaves->len; i++)
    g_ptr_array_add (folders, ((Leaf *)g_ptr_array_index (leaves, i))->folder);
  g_list_store_splice (self->folders, g_list_model_get_n_items (G_LIST_MODEL (self->folders)), 0,
                       folders->pdata, folders->len);
  remember_picks (self);
  return self;
}

GListModel *
postseal_folder_choice_get_folders (PostsealFolderChoice *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER_CHOICE (self), NULL);

  return G_LIST_MODEL (self->folders);
}

/* --- the value --- */

static int
compare_positions (gconstpointer a, gconstpointer b)
{
  const PostsealFolder *x = *(PostsealFolder *const *)a;
  const PostsealFolder *y = *(PostsealFolder *const *)b;

  return (x->position > y->position) - (x->position < y->position);
}

char *
postseal_folder_choice_get_value (PostsealFolderChoice *self)
{
  g_autoptr (GPtrArray) written = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char **list = NULL;
  gboolean is_changed = FALSE;

  g_return_val_if_fail (POSTSEAL_IS_FOLDER_CHOICE (self), NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->folders)); i++)
    {
      g_autoptr (PostsealFolder) folder = g_list_model_get_item (G_LIST_MODEL (self->folders), i);

      is_changed = is_changed || folder->is_picked != folder->was_picked;
      if (folder->is_picked && folder->is_nameable && postseal_folder_get_cover (folder) == NULL)
        g_ptr_array_add (written, g_steal_pointer (&folder));
    }
  if (!is_changed)
    return postseal_account_text_join_list (self->entries);
  if (written->len == 0)
    return NULL;
  g_ptr_array_sort (written, compare_positions);
  list = g_new0 (char *, written->len + 1); /* borrowed */
  for (guint i = 0; i < written->len; i++)
    {
      PostsealFolder *folder = g_ptr_array_index (written, i);

      list[i] = folder->entry != NULL ? folder->entry : folder->name;
    }
  return postseal_account_text_join_list (list);
}

/* --- GObject --- */

static void
postseal_folder_choice_finalize (GObject *object)
{
  PostsealFolderChoice *self = POSTSEAL_FOLDER_CHOICE (object);

  g_strfreev (self->entries);
  g_object_unref (self->folders);
  G_OBJECT_CLASS (postseal_folder_choice_parent_class)->finalize (object);
}

static void
postseal_folder_choice_class_init (PostsealFolderChoiceClass *class)
{
  G_OBJECT_CLASS (class)->finalize = postseal_folder_choice_finalize;
}

static void
postseal_folder_choice_init (PostsealFolderChoice *self)
{
  self->folders = g_list_store_new (POSTSEAL_TYPE_FOLDER);
}
