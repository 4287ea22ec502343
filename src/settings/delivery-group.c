/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/delivery-group.h"

#include <glib/gi18n.h>
#include <string.h>

#include "settings/choice-field.h"
#include "settings/entry-field.h"

struct _PostsealDeliveryGroup
{
  AdwPreferencesGroup parent;

  PostsealChoiceField *kind_field; /* template children */
  PostsealEntryField *place_field;
  PostsealEntryField *folders_field;
  GtkWidget *folders_button;
  PostsealChoiceField *layout_field;
  PostsealFieldLink link;
};

static void postseal_delivery_group_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealDeliveryGroup,
                               postseal_delivery_group,
                               ADW_TYPE_PREFERENCES_GROUP,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_delivery_group_field_init))

/* What each kind of place is called, and how it is chosen. */
static const struct
{
  const char *kind;
  const char *title;
  const char *chooser;
} places[] = {
  { "maildir", N_ ("Folder"), "folder" },
  { "mbox", N_ ("File"), "save" },
  { "command", N_ ("Program and its arguments"), NULL },
  { "lmtp", N_ ("Socket, or host:port"), NULL },
};

static guint
get_kind (PostsealDeliveryGroup *self)
{
  const char *kind = postseal_choice_field_get_value (self->kind_field);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (g_strcmp0 (places[i].kind, kind) == 0)
      return i;
  return 0;
}

/* --- what is shown --- */

static gboolean
has_folders (PostsealDeliveryGroup *self)
{
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_account_form_get_endpoint (self->link.form, FALSE, NULL);

  return endpoint != NULL && endpoint->protocol == POSTSEAL_PROTOCOL_IMAP;
}

static void
update (PostsealDeliveryGroup *self)
{
  guint kind = get_kind (self);
  g_autofree char *folders = postseal_account_form_get_effective (self->link.form, "folders");
  gboolean has_more = g_strcmp0 (folders, "INBOX") != 0
                      || postseal_account_form_get (self->link.form, "layout") != NULL;
  /* A mistake in a key is always in sight. */
  gboolean shows_folders
      = has_folders (self) || postseal_account_form_get (self->link.form, "folders") != NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->place_field), _ (places[kind].title));
  postseal_entry_field_set_chooser (self->place_field, places[kind].chooser);
  gtk_widget_set_visible (GTK_WIDGET (self->folders_field), shows_folders);
  gtk_widget_set_visible (self->folders_button, has_folders (self));
  gtk_widget_set_visible (GTK_WIDGET (self->layout_field), shows_folders && has_more);
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (self),
      postseal_account_form_get (self->link.form, "receive") != NULL
          ? NULL
          : _ ("This account only sends. Reports about mail that could not be sent go here."));
}

static void
notice (PostsealField *field)
{
  update (POSTSEAL_DELIVERY_GROUP (field));
}

static void
read_form (PostsealField *field)
{
  PostsealDeliveryGroup *self = POSTSEAL_DELIVERY_GROUP (field);
  const char *value = postseal_account_form_get (self->link.form, self->link.key);
  const char *place = value;

  for (guint i = 0; i < G_N_ELEMENTS (places) && value != NULL; i++)
    {
      gsize length = strlen (places[i].kind);

      if (strncmp (value, places[i].kind, length) != 0 || value[length] != ':')
        continue;
      postseal_choice_field_set_value (self->kind_field, places[i].kind);
      place = value + length + 1;
    }
  postseal_entry_field_set_text (self->place_field, place != NULL ? place : "");
  update (self);
}

static void
on_edited (PostsealDeliveryGroup *self)
{
  g_autofree char *place = postseal_entry_field_get_text (self->place_field);
  g_autofree char *value = NULL;

  if (self->link.form == NULL)
    return;
  if (*place != '\0')
    value = g_strdup_printf ("%s:%s", places[get_kind (self)].kind, place);
  postseal_field_write (POSTSEAL_FIELD (self), value);
  update (self);
}

/* --- the field --- */

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_DELIVERY_GROUP (field)->link;
}

static void
tell (PostsealField *field, const char *mistake)
{
  postseal_field_tell (POSTSEAL_FIELD (POSTSEAL_DELIVERY_GROUP (field)->place_field), mistake);
}

static GtkWidget *
find_mistaken (PostsealField *field)
{
  return GTK_WIDGET (POSTSEAL_DELIVERY_GROUP (field)->place_field);
}

static void
postseal_delivery_group_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
  iface->notice = notice;
  iface->tell = tell;
  iface->find_mistaken = find_mistaken;
}

static void
postseal_delivery_group_finalize (GObject *object)
{
  postseal_field_link_clear (&POSTSEAL_DELIVERY_GROUP (object)->link);
  G_OBJECT_CLASS (postseal_delivery_group_parent_class)->finalize (object);
}

static void
postseal_delivery_group_class_init (PostsealDeliveryGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_delivery_group_finalize;
  g_type_ensure (POSTSEAL_TYPE_CHOICE_FIELD);
  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/delivery-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealDeliveryGroup, kind_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealDeliveryGroup, place_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealDeliveryGroup, folders_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealDeliveryGroup, folders_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealDeliveryGroup, layout_field);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
}

static void
postseal_delivery_group_init (PostsealDeliveryGroup *self)
{
  self->link.key = g_strdup ("deliver");
  gtk_widget_init_template (GTK_WIDGET (self));
}
