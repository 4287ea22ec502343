/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/folder-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (PostsealFolder, postseal_folder, G_TYPE_OBJECT)

enum
{
  PROP_NAME = 1,
  PROP_CHOSEN,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

PostsealFolder *
_postseal_folder_new (PostsealFolderKind kind, const char *name)
{
  PostsealFolder *self = g_object_new (POSTSEAL_TYPE_FOLDER, NULL);

  self->kind = kind;
  self->name = g_strdup (name);
  return self;
}

void
_postseal_folder_add_match (PostsealFolder *pattern, PostsealFolder *folder)
{
  g_ptr_array_add (pattern->matches, folder);
  folder->covers = g_slist_append (folder->covers, pattern);
}

const char *
postseal_folder_get_name (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), NULL);

  return self->name;
}

PostsealFolderKind
postseal_folder_get_kind (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), POSTSEAL_FOLDER_MAILBOX);

  return self->kind;
}

PostsealImapUse
postseal_folder_get_use (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), POSTSEAL_IMAP_USE_NONE);

  return self->use;
}

const char *
postseal_folder_describe_use (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), NULL);

  switch (self->use)
    {
    case POSTSEAL_IMAP_USE_ALL:
      return _ ("Copies of all mail");
    case POSTSEAL_IMAP_USE_ARCHIVE:
      return _ ("Archive");
    case POSTSEAL_IMAP_USE_DRAFTS:
      return _ ("Drafts");
    case POSTSEAL_IMAP_USE_FLAGGED:
      return _ ("Copies of marked mail");
    case POSTSEAL_IMAP_USE_JUNK:
      return _ ("Junk");
    case POSTSEAL_IMAP_USE_SENT:
      return _ ("Sent mail");
    case POSTSEAL_IMAP_USE_TRASH:
      return _ ("Trash");
    case POSTSEAL_IMAP_USE_NONE:
    default:
      return "";
    }
}

gboolean
postseal_folder_is_nameable (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), FALSE);

  return self->is_nameable;
}

PostsealFolder *
postseal_folder_get_cover (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), NULL);

  for (const GSList *cover = self->covers; cover != NULL; cover = cover->next)
    if (((PostsealFolder *)cover->data)->is_picked)
      return cover->data;
  return NULL;
}

gboolean
postseal_folder_is_chosen (PostsealFolder *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FOLDER (self), FALSE);

  return (self->is_picked && self->is_nameable) || postseal_folder_get_cover (self) != NULL;
}

void
postseal_folder_set_picked (PostsealFolder *self, gboolean is_picked)
{
  g_return_if_fail (POSTSEAL_IS_FOLDER (self));

  if (!self->is_nameable || !self->is_picked == !is_picked)
    return;
  self->is_picked = is_picked;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOSEN]);
  for (guint i = 0; i < self->matches->len; i++)
    g_object_notify_by_pspec (g_ptr_array_index (self->matches, i), properties[PROP_CHOSEN]);
}

/* --- GObject --- */

static void
postseal_folder_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_NAME)
    g_value_set_string (value, POSTSEAL_FOLDER (object)->name);
  else if (id == PROP_CHOSEN)
    g_value_set_boolean (value, postseal_folder_is_chosen (POSTSEAL_FOLDER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
postseal_folder_finalize (GObject *object)
{
  PostsealFolder *self = POSTSEAL_FOLDER (object);

  g_free (self->name);
  g_free (self->entry);
  g_slist_free (self->covers);
  g_ptr_array_unref (self->matches);
  G_OBJECT_CLASS (postseal_folder_parent_class)->finalize (object);
}

static void
postseal_folder_class_init (PostsealFolderClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = postseal_folder_get_property;
  object_class->finalize = postseal_folder_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_CHOSEN] = g_param_spec_boolean ("chosen", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
postseal_folder_init (PostsealFolder *self)
{
  self->is_nameable = TRUE;
  self->position = G_MAXUINT;
  self->matches = g_ptr_array_new ();
}
