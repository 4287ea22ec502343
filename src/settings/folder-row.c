/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/folder-row.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PostsealFolderRow
{
  GtkBox parent;

  GtkCheckButton *check; /* template children */
  GtkLabel *name_label;
  GtkLabel *words_label;
  PostsealFolder *folder; /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (PostsealFolderRow, postseal_folder_row, GTK_TYPE_BOX)

enum
{
  PROP_FOLDER = 1,
  N_PROPERTIES
};

/* --- words --- */

static const char *
get_title (PostsealFolder *folder)
{
  const char *name = postseal_folder_get_name (folder);

  return strcmp (name, "*") == 0 ? _ ("All folders") : name;
}

/* Returns: (transfer full) */
static char *
describe_state (PostsealFolder *folder)
{
  PostsealFolder *cover = postseal_folder_get_cover (folder);

  if (cover != NULL)
    return g_strdup_printf (_ ("Fetched with “%s”"), get_title (cover));
  if (postseal_folder_get_kind (folder) == POSTSEAL_FOLDER_PATTERN)
    return g_strdup (_ ("Those made later, too"));
  if (postseal_folder_get_kind (folder) == POSTSEAL_FOLDER_MISSING)
    return g_strdup (_ ("Not on the server now"));
  if (!postseal_folder_is_nameable (folder))
    return g_strdup (_ ("The settings cannot hold this name"));
  return g_strdup ("");
}

/* Returns: (transfer full) */
static char *
describe (PostsealFolder *folder)
{
  const char *use = postseal_folder_describe_use (folder);
  g_autofree char *state = describe_state (folder);

  /* Most have the name of what they are for. */
  if (strcmp (use, postseal_folder_get_name (folder)) == 0)
    use = "";
  return g_strconcat (use, *use != '\0' && *state != '\0' ? " · " : "", state, NULL);
}

/* --- what is shown --- */

static void on_toggled (PostsealFolderRow *self);

/* GTK 4.8 leaves what the list puts around a row without a name. */
static void
name_item (PostsealFolderRow *self)
{
  GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));

  if (item != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (item), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    get_title (self->folder), -1);
}

static void
update (PostsealFolderRow *self)
{
  gboolean is_free = postseal_folder_is_nameable (self->folder)
                     && postseal_folder_get_cover (self->folder) == NULL;
  g_autofree char *words = describe (self->folder);

  gtk_label_set_label (self->name_label, get_title (self->folder));
  gtk_label_set_label (self->words_label, words);
  gtk_widget_set_visible (GTK_WIDGET (self->words_label), *words != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->check), is_free);
  g_signal_handlers_block_by_func (self->check, on_toggled, self);
  gtk_check_button_set_active (self->check, postseal_folder_is_chosen (self->folder));
  g_signal_handlers_unblock_by_func (self->check, on_toggled, self);
  name_item (self);
}

static void
on_toggled (PostsealFolderRow *self)
{
  if (self->folder != NULL)
    postseal_folder_set_picked (self->folder, gtk_check_button_get_active (self->check));
}

/* @folder: (nullable): NULL while it shows nothing */
static void
set_folder (PostsealFolderRow *self, PostsealFolder *folder)
{
  if (self->folder != NULL)
    g_signal_handlers_disconnect_by_func (self->folder, update, self);
  g_set_object (&self->folder, folder);
  if (folder == NULL)
    return;
  g_signal_connect_object (folder, "notify::chosen", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

/* --- GObject --- */

/* With the arrow keys, too. What cannot be changed is read where the list puts it. */
static gboolean
postseal_folder_row_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (POSTSEAL_FOLDER_ROW (widget)->check));
}

static void
postseal_folder_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROP_FOLDER)
    set_folder (POSTSEAL_FOLDER_ROW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
postseal_folder_row_dispose (GObject *object)
{
  set_folder (POSTSEAL_FOLDER_ROW (object), NULL);
  G_OBJECT_CLASS (postseal_folder_row_parent_class)->dispose (object);
}

static void
postseal_folder_row_class_init (PostsealFolderRowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->set_property = postseal_folder_row_set_property;
  object_class->dispose = postseal_folder_row_dispose;
  widget_class->grab_focus = postseal_folder_row_grab_focus;
  g_object_class_install_property (object_class, PROP_FOLDER,
                                   g_param_spec_object ("folder", NULL, NULL, POSTSEAL_TYPE_FOLDER,
                                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/folder-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealFolderRow, check);
  gtk_widget_class_bind_template_child (widget_class, PostsealFolderRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealFolderRow, words_label);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
}

static void
postseal_folder_row_init (PostsealFolderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
