/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/switch-field.h"

struct _PostsealSwitchField
{
  AdwActionRow parent;

  GtkSwitch *toggle; /* template child */
  PostsealFieldLink link;
};

static void postseal_switch_field_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealSwitchField,
                               postseal_switch_field,
                               ADW_TYPE_ACTION_ROW,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_switch_field_field_init))

enum
{
  PROP_KEY = 1,
  PROP_ACTIVE,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_SWITCH_FIELD (field)->link;
}

static void
read_form (PostsealField *field)
{
  PostsealSwitchField *self = POSTSEAL_SWITCH_FIELD (field);
  g_autofree char *value = postseal_account_form_get_effective (self->link.form, self->link.key);

  gtk_switch_set_active (self->toggle, g_strcmp0 (value, "yes") == 0);
}

static void
postseal_switch_field_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
}

static void
on_active (PostsealSwitchField *self)
{
  postseal_field_tell (POSTSEAL_FIELD (self), NULL);
  postseal_field_write (POSTSEAL_FIELD (self), gtk_switch_get_active (self->toggle) ? "yes" : "no");
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

static void
postseal_switch_field_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *spec)
{
  PostsealSwitchField *self = POSTSEAL_SWITCH_FIELD (object);

  switch (id)
    {
    case PROP_KEY:
      self->link.key = g_value_dup_string (value);
      break;
    case PROP_ACTIVE:
      gtk_switch_set_active (self->toggle, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
postseal_switch_field_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_ACTIVE)
    g_value_set_boolean (value, gtk_switch_get_active (POSTSEAL_SWITCH_FIELD (object)->toggle));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
postseal_switch_field_finalize (GObject *object)
{
  postseal_field_link_clear (&POSTSEAL_SWITCH_FIELD (object)->link);
  G_OBJECT_CLASS (postseal_switch_field_parent_class)->finalize (object);
}

static void
postseal_switch_field_class_init (PostsealSwitchFieldClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->set_property = postseal_switch_field_set_property;
  object_class->get_property = postseal_switch_field_get_property;
  object_class->finalize = postseal_switch_field_finalize;
  properties[PROP_KEY]
      = g_param_spec_string ("key", NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ACTIVE]
      = g_param_spec_boolean ("active", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/switch-field.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSwitchField, toggle);
  gtk_widget_class_bind_template_callback (widget_class, on_active);
}

static void
postseal_switch_field_init (PostsealSwitchField *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
