/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/choice-field.h"

struct _PostsealChoiceField
{
  AdwComboRow parent;

  PostsealFieldLink link;
  char **values; /* owned */
};

static void postseal_choice_field_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealChoiceField,
                               postseal_choice_field,
                               ADW_TYPE_COMBO_ROW,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_choice_field_field_init))

enum
{
  PROP_KEY = 1,
  PROP_VALUES,
};

/* --- the field --- */

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_CHOICE_FIELD (field)->link;
}

static void
read_form (PostsealField *field)
{
  PostsealChoiceField *self = POSTSEAL_CHOICE_FIELD (field);
  g_autofree char *value = postseal_account_form_get_effective (self->link.form, self->link.key);

  postseal_choice_field_set_value (self, value);
}

static void
postseal_choice_field_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
}

static void
on_selected (PostsealChoiceField *self)
{
  const char *value = postseal_choice_field_get_value (self);

  postseal_field_tell (POSTSEAL_FIELD (self), NULL);
  if (value != NULL)
    postseal_field_write (POSTSEAL_FIELD (self), value);
}

/* --- public --- */

const char *
postseal_choice_field_get_value (PostsealChoiceField *self)
{
  guint selected;

  g_return_val_if_fail (POSTSEAL_IS_CHOICE_FIELD (self), NULL);

  selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  return self->values != NULL && selected < g_strv_length (self->values) ? self->values[selected]
                                                                         : NULL;
}

void
postseal_choice_field_set_value (PostsealChoiceField *self, const char *value)
{
  guint selected = 0;

  g_return_if_fail (POSTSEAL_IS_CHOICE_FIELD (self));

  while (self->values[selected] != NULL && g_strcmp0 (self->values[selected], value) != 0)
    selected++;
  adw_combo_row_set_selected (
      ADW_COMBO_ROW (self), self->values[selected] != NULL ? selected : GTK_INVALID_LIST_POSITION);
}

void
postseal_choice_field_set_choices (PostsealChoiceField *self,
                                   const char *const *values,
                                   const char *const *words)
{
  g_autoptr (GtkStringList) model = NULL;

  g_return_if_fail (POSTSEAL_IS_CHOICE_FIELD (self));

  if (self->values != NULL && g_strv_equal ((const char *const *)self->values, values))
    return;
  model = gtk_string_list_new (words);
  self->link.is_busy = TRUE;
  g_strfreev (self->values);
  self->values = g_strdupv ((char **)values);
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (model));
  if (self->link.form != NULL)
    read_form (POSTSEAL_FIELD (self));
  self->link.is_busy = FALSE;
}

/* --- GObject --- */

static void
postseal_choice_field_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *spec)
{
  PostsealChoiceField *self = POSTSEAL_CHOICE_FIELD (object);

  switch (id)
    {
    case PROP_KEY:
      self->link.key = g_value_dup_string (value);
      break;
    case PROP_VALUES:
      g_strfreev (self->values);
      self->values = g_strsplit (g_value_get_string (value), " ", -1);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
postseal_choice_field_finalize (GObject *object)
{
  PostsealChoiceField *self = POSTSEAL_CHOICE_FIELD (object);

  postseal_field_link_clear (&self->link);
  g_strfreev (self->values);
  G_OBJECT_CLASS (postseal_choice_field_parent_class)->finalize (object);
}

static void
postseal_choice_field_class_init (PostsealChoiceFieldClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = postseal_choice_field_set_property;
  object_class->finalize = postseal_choice_field_finalize;
  g_object_class_install_property (object_class, PROP_KEY,
                                   g_param_spec_string ("key", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_VALUES,
                                   g_param_spec_string ("values", NULL, NULL, "", flags));
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (class),
                                               "/org/postseal/Settings/choice-field.ui");
}

static void
postseal_choice_field_init (PostsealChoiceField *self)
{
  self->values = g_new0 (char *, 1);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::selected", G_CALLBACK (on_selected), NULL);
}
