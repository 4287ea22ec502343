/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/keep-group.h"

#include <glib/gi18n.h>
#include "settings/choice-field.h"
#include "settings/entry-field.h"

#define USUAL_TIME "14d"
#define NO_TIME "0d" /* nothing is typed; the form calls it a mistake */

struct _PostsealKeepGroup
{
  AdwPreferencesGroup parent;

  PostsealChoiceField *keep_field; /* template children */
  PostsealEntryField *days_field;
  PostsealFieldLink link;
};

static void postseal_keep_group_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealKeepGroup,
                               postseal_keep_group,
                               ADW_TYPE_PREFERENCES_GROUP,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_keep_group_field_init))

static gboolean
is_for_a_time (PostsealKeepGroup *self)
{
  return g_strcmp0 (postseal_choice_field_get_value (self->keep_field), "time") == 0;
}

static void
update (PostsealKeepGroup *self)
{
  const char *kept = postseal_choice_field_get_value (self->keep_field);

  gtk_widget_set_visible (GTK_WIDGET (self->days_field), is_for_a_time (self));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (self),
      g_strcmp0 (kept, "yes") == 0
          ? _ ("Nothing is ever deleted from the server.")
          : _ ("Deleted from the server is only what is safely on this computer’s disk. If this "
               "disk is lost after that, so is the mail."));
}

static void
read_form (PostsealField *field)
{
  PostsealKeepGroup *self = POSTSEAL_KEEP_GROUP (field);
  g_autofree char *value = postseal_account_form_get_effective (self->link.form, "keep");
  gboolean is_word = g_strcmp0 (value, "yes") == 0 || g_strcmp0 (value, "no") == 0;

  postseal_choice_field_set_value (self->keep_field, is_word ? value : "time");
  postseal_entry_field_show_value (self->days_field, is_word ? USUAL_TIME : value);
  update (self);
}

static void
on_edited (PostsealKeepGroup *self)
{
  g_autofree char *typed = postseal_entry_field_dup_value (self->days_field);
  const char *time = typed != NULL ? typed : NO_TIME;
  const char *kept = postseal_choice_field_get_value (self->keep_field);

  if (self->link.is_busy || self->link.form == NULL)
    return;
  postseal_field_write (POSTSEAL_FIELD (self), is_for_a_time (self) ? time : kept);
  update (self);
}

/* --- the field --- */

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_KEEP_GROUP (field)->link;
}

static void
tell (PostsealField *field, const char *mistake)
{
  PostsealKeepGroup *self = POSTSEAL_KEEP_GROUP (field);

  postseal_field_tell (POSTSEAL_FIELD (self->days_field), mistake);
}

static GtkWidget *
find_mistaken (PostsealField *field)
{
  return GTK_WIDGET (POSTSEAL_KEEP_GROUP (field)->days_field);
}

static void
postseal_keep_group_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
  iface->tell = tell;
  iface->find_mistaken = find_mistaken;
}

static void
postseal_keep_group_finalize (GObject *object)
{
  postseal_field_link_clear (&POSTSEAL_KEEP_GROUP (object)->link);
  G_OBJECT_CLASS (postseal_keep_group_parent_class)->finalize (object);
}

static void
postseal_keep_group_class_init (PostsealKeepGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_keep_group_finalize;
  g_type_ensure (POSTSEAL_TYPE_CHOICE_FIELD);
  g_type_ensure (POSTSEAL_TYPE_ENTRY_FIELD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/keep-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealKeepGroup, keep_field);
  gtk_widget_class_bind_template_child (widget_class, PostsealKeepGroup, days_field);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
}

static void
postseal_keep_group_init (PostsealKeepGroup *self)
{
  self->link.key = g_strdup ("keep");
  gtk_widget_init_template (GTK_WIDGET (self));
}
