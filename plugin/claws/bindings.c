/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/bindings.h"

#include <string.h>

#include "base/durable-file.h"

#define GROUP_PREFIX "account "
#define KEY_ACCOUNT "account"
#define REMEMBERED_PREFIX "before-"

static const char *const duty_keys[] = {
  [POSTSEAL_CLAWS_RECEIVE] = "receive",
  [POSTSEAL_CLAWS_SEND] = "send",
  [POSTSEAL_CLAWS_PASSWORDS] = "passwords",
};

/* Shared with the thread that writes. */
typedef struct
{
  GMutex mutex;
  GCond ended;
  char *path; /* owned */
  char *text; /* owned, nullable: what is still to be written */
  gboolean is_running;
} Writer;

struct _PostsealClawsBindings
{
  GObject parent;

  GKeyFile *file; /* owned */
  GHashTable *accounts; /* owned (element-type int utf8): what get_account() lends */
  Writer writer;
};

G_DEFINE_FINAL_TYPE (PostsealClawsBindings, postseal_claws_bindings, G_TYPE_OBJECT)

static guint signal_changed;

/* --- the file --- */

static gpointer
write_in_thread (gpointer data)
{
  Writer *writer = data;

  g_mutex_lock (&writer->mutex);
  while (writer->text != NULL)
    {
      g_autofree char *text = g_steal_pointer (&writer->text);
      g_autoptr (GError) error = NULL;

      g_mutex_unlock (&writer->mutex);
      if (!postseal_durable_write (writer->path, text, strlen (text), 0600, &error))
        g_warning ("%s", error->message);
      g_mutex_lock (&writer->mutex);
    }
  writer->is_running = FALSE;
  g_cond_signal (&writer->ended);
  g_mutex_unlock (&writer->mutex);
  return NULL;
}

static void
save (PostsealClawsBindings *self)
{
  Writer *writer = &self->writer;

  g_mutex_lock (&writer->mutex);
  g_free (writer->text);
  writer->text = g_key_file_to_data (self->file, NULL, NULL);
  if (!writer->is_running)
    {
      writer->is_running = TRUE;
      g_thread_unref (g_thread_new ("postseal-claws", write_in_thread, writer));
    }
  g_mutex_unlock (&writer->mutex);
}

static char *
name_group (int id)
{
  return g_strdup_printf (GROUP_PREFIX "%d", id);
}

/* Returns: 0 when @group is for no account */
static int
parse_group (const char *group)
{
  gint64 id;

  if (!g_str_has_prefix (group, GROUP_PREFIX)
      || !g_ascii_string_to_signed (group + strlen (GROUP_PREFIX), 10, 1, G_MAXINT, &id, NULL))
    return 0;
  return (int)id;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return *(const int *)a - *(const int *)b;
}

/* Returns: (transfer full) (element-type int): ascending */
static GArray *
list_ids (PostsealClawsBindings *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (int));
  g_auto (GStrv) groups = g_key_file_get_groups (self->file, NULL);

  for (gsize i = 0; groups[i] != NULL; i++)
    {
      int id = parse_group (groups[i]);

      if (id > 0)
        g_array_append_val (ids, id);
    }
  g_array_sort (ids, compare_ids);
  return ids;
}

static void
tell (PostsealClawsBindings *self, int id)
{
  save (self);
  g_signal_emit (self, signal_changed, 0, id);
}

PostsealClawsBindings *
postseal_claws_bindings_new (const char *path)
{
  PostsealClawsBindings *self = g_object_new (POSTSEAL_TYPE_CLAWS_BINDINGS, NULL);
  g_autoptr (GArray) ids = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self->writer.path = g_strdup (path);
  g_key_file_load_from_file (self->file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  ids = list_ids (self);
  for (guint i = 0; i < ids->len; i++)
    {
      int id = g_array_index (ids, int, i);
      g_autofree char *group = name_group (id);
      char *account = g_key_file_get_string (self->file, group, KEY_ACCOUNT, NULL);

      if (account != NULL && *account != '\0')
        g_hash_table_insert (self->accounts, GINT_TO_POINTER (id), account);
      else
        g_free (account);
    }
  return self;
}

/* --- accounts --- */

const char *
postseal_claws_bindings_get_account (PostsealClawsBindings *self, int id)
{
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self), NULL);

  return g_hash_table_lookup (self->accounts, GINT_TO_POINTER (id));
}

/* Takes @duty for @account away from all but @keeper. */
static void
relieve_others (PostsealClawsBindings *self,
                const char *account,
                PostsealClawsDuty duty,
                int keeper)
{
  g_autoptr (GArray) ids = postseal_claws_bindings_list (self, duty);

  for (guint i = 0; i < ids->len; i++)
    {
      int id = g_array_index (ids, int, i);

      if (id != keeper && g_strcmp0 (postseal_claws_bindings_get_account (self, id), account) == 0)
        postseal_claws_bindings_set (self, id, duty, FALSE);
    }
}

void
postseal_claws_bindings_set_account (PostsealClawsBindings *self, int id, const char *account)
{
  g_autofree char *group = name_group (id);

  g_return_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self));
  g_return_if_fail (id > 0);

  if (g_strcmp0 (account, postseal_claws_bindings_get_account (self, id)) == 0)
    return;
  if (account != NULL)
    {
      if (postseal_claws_bindings_does (self, id, POSTSEAL_CLAWS_RECEIVE))
        relieve_others (self, account, POSTSEAL_CLAWS_RECEIVE, id);
      g_key_file_set_string (self->file, group, KEY_ACCOUNT, account);
      g_hash_table_insert (self->accounts, GINT_TO_POINTER (id), g_strdup (account));
    }
  else
    {
      g_key_file_remove_key (self->file, group, KEY_ACCOUNT, NULL);
      g_key_file_remove_key (self->file, group, duty_keys[POSTSEAL_CLAWS_RECEIVE], NULL);
      g_key_file_remove_key (self->file, group, duty_keys[POSTSEAL_CLAWS_SEND], NULL);
      g_hash_table_remove (self->accounts, GINT_TO_POINTER (id));
    }
  tell (self, id);
}

/* --- duties --- */

gboolean
postseal_claws_bindings_does (PostsealClawsBindings *self, int id, PostsealClawsDuty duty)
{
  g_autofree char *group = name_group (id);

  g_return_val_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self), FALSE);

  return (duty == POSTSEAL_CLAWS_PASSWORDS
          || postseal_claws_bindings_get_account (self, id) != NULL)
         && g_key_file_get_boolean (self->file, group, duty_keys[duty], NULL);
}

void
postseal_claws_bindings_set (PostsealClawsBindings *self,
                             int id,
                             PostsealClawsDuty duty,
                             gboolean does)
{
  g_autofree char *group = name_group (id);

  g_return_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self));
  g_return_if_fail (id > 0);

  if (does == g_key_file_get_boolean (self->file, group, duty_keys[duty], NULL))
    return;
  if (does && duty == POSTSEAL_CLAWS_RECEIVE
      && postseal_claws_bindings_get_account (self, id) != NULL)
    relieve_others (self, postseal_claws_bindings_get_account (self, id), duty, id);
  g_key_file_set_boolean (self->file, group, duty_keys[duty], does);
  tell (self, id);
}

GArray *
postseal_claws_bindings_list (PostsealClawsBindings *self, PostsealClawsDuty duty)
{
  GArray *ids;

  g_return_val_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self), NULL);

  ids = list_ids (self);
  for (guint i = ids->len; i > 0; i--)
    if (!postseal_claws_bindings_does (self, g_array_index (ids, int, i - 1), duty))
      g_array_remove_index (ids, i - 1);
  return ids;
}

int
postseal_claws_bindings_find (PostsealClawsBindings *self,
                              const char *account,
                              PostsealClawsDuty duty)
{
  g_autoptr (GArray) ids = postseal_claws_bindings_list (self, duty);

  for (guint i = 0; i < ids->len; i++)
    {
      int id = g_array_index (ids, int, i);

      if (g_strcmp0 (postseal_claws_bindings_get_account (self, id), account) == 0)
        return id;
    }
  return 0;
}

/* --- what was there before --- */

void
postseal_claws_bindings_remember (PostsealClawsBindings *self,
                                  int id,
                                  const char *key,
                                  const char *value)
{
  g_autofree char *group = name_group (id);
  g_autofree char *full_key = g_strconcat (REMEMBERED_PREFIX, key, NULL);

  g_return_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self));
  g_return_if_fail (id > 0);

  if (value != NULL)
    g_key_file_set_string (self->file, group, full_key, value);
  else
    g_key_file_remove_key (self->file, group, full_key, NULL);
  save (self);
}

char *
postseal_claws_bindings_recall (PostsealClawsBindings *self, int id, const char *key)
{
  g_autofree char *group = name_group (id);
  g_autofree char *full_key = g_strconcat (REMEMBERED_PREFIX, key, NULL);

  g_return_val_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self), NULL);

  return g_key_file_get_string (self->file, group, full_key, NULL);
}

void
postseal_claws_bindings_forget (PostsealClawsBindings *self, int id)
{
  g_autofree char *group = name_group (id);

  g_return_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (self));

  if (!g_key_file_remove_group (self->file, group, NULL))
    return;
  g_hash_table_remove (self->accounts, GINT_TO_POINTER (id));
  tell (self, id);
}

/* --- GObject --- */

static void
postseal_claws_bindings_finalize (GObject *object)
{
  PostsealClawsBindings *self = POSTSEAL_CLAWS_BINDINGS (object);
  Writer *writer = &self->writer;

  /* A few hundred bytes, and whoever comes next is to read them. */
  g_mutex_lock (&writer->mutex);
  while (writer->is_running)
    g_cond_wait (&writer->ended, &writer->mutex);
  g_mutex_unlock (&writer->mutex);
  g_mutex_clear (&writer->mutex);
  g_cond_clear (&writer->ended);
  g_free (writer->path);
  g_key_file_unref (self->file);
  g_hash_table_unref (self->accounts);
  G_OBJECT_CLASS (postseal_claws_bindings_parent_class)->finalize (object);
}

static void
postseal_claws_bindings_class_init (PostsealClawsBindingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = postseal_claws_bindings_finalize;
  signal_changed = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
postseal_claws_bindings_init (PostsealClawsBindings *self)
{
  self->file = g_key_file_new ();
  self->accounts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_mutex_init (&self->writer.mutex);
  g_cond_init (&self->writer.ended);
}
