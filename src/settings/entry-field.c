/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/entry-field.h"

#include <glib/gi18n.h>
#include <string.h>

#include "engine/account-span.h"

#define MOST_DIGITS 9 /* of a bare number */

struct _PostsealEntryField
{
  AdwEntryRow parent;

  GtkButton *choose_button; /* template child */
  PostsealFieldLink link;
  char *unit; /* owned, nullable */
  char *prefix; /* owned, nullable */
  char *chooser; /* owned, nullable */
  GtkFileChooserNative *dialog; /* owned, nullable: while it is open */
};

static void postseal_entry_field_field_init (PostsealFieldInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PostsealEntryField,
                               postseal_entry_field,
                               ADW_TYPE_ENTRY_ROW,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_FIELD,
                                                      postseal_entry_field_field_init))

enum
{
  PROP_KEY = 1,
  PROP_UNIT,
  PROP_PREFIX,
  PROP_CHOOSER,
  N_PROPERTIES
};
static guint left_signal;

/* --- the value as text, and back --- */

static gint64
get_unit_seconds (PostsealEntryField *self)
{
  gint64 seconds = 1;
  g_autofree char *one = g_strconcat ("1", self->unit, NULL);

  postseal_account_span_parse (one, &seconds);
  return seconds;
}

static char *
format_value (PostsealEntryField *self, const char *value)
{
  gint64 seconds = 0;

  if (value == NULL)
    return g_strdup ("");
  if (self->prefix != NULL && g_str_has_prefix (value, self->prefix))
    return g_strdup (value + strlen (self->prefix));
  if (self->unit != NULL && postseal_account_span_parse (value, &seconds)
      && seconds % get_unit_seconds (self) == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT, seconds / get_unit_seconds (self));
  return g_strdup (value);
}

static gboolean
is_number (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= MOST_DIGITS && strspn (text, "0123456789") == length
         && strspn (text, "0") < length;
}

/* @text: without spaces around it. Returns: (transfer full) (nullable) */
static char *
parse_text (PostsealEntryField *self, const char *text)
{
  if (*text == '\0')
    return NULL;
  if (self->unit != NULL && is_number (text))
    return postseal_account_span_format (g_ascii_strtoll (text, NULL, 10)
                                         * get_unit_seconds (self));
  if (self->prefix != NULL && !g_str_has_prefix (text, self->prefix))
    return g_strconcat (self->prefix, text, NULL);
  return g_strdup (text);
}

char *
postseal_entry_field_dup_value (PostsealEntryField *self)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (POSTSEAL_IS_ENTRY_FIELD (self), NULL);

  text = postseal_entry_field_get_text (self);
  return parse_text (self, text);
}

void
postseal_entry_field_show_value (PostsealEntryField *self, const char *value)
{
  g_autofree char *text = NULL;

  g_return_if_fail (POSTSEAL_IS_ENTRY_FIELD (self));

  text = format_value (self, value);
  postseal_entry_field_set_text (self, text);
}

static void
on_changed (PostsealEntryField *self)
{
  g_autofree char *value = postseal_entry_field_dup_value (self);

  postseal_field_tell (POSTSEAL_FIELD (self), NULL);
  postseal_field_write (POSTSEAL_FIELD (self), value);
}

static void
on_left (PostsealEntryField *self)
{
  g_signal_emit (self, left_signal, 0);
}

static PostsealFieldLink *
get_link (PostsealField *field)
{
  return &POSTSEAL_ENTRY_FIELD (field)->link;
}

static void
read_form (PostsealField *field)
{
  PostsealEntryField *self = POSTSEAL_ENTRY_FIELD (field);
  g_autofree char *value = postseal_account_form_get_effective (self->link.form, self->link.key);

  postseal_entry_field_show_value (self, value);
}

static void
postseal_entry_field_field_init (PostsealFieldInterface *iface)
{
  iface->get_link = get_link;
  iface->read = read_form;
}

/* --- choosing a file --- */

/* As a person would write it. */
static char *
shorten_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (g_str_has_prefix (path, home) && path[length] == '/')
    return g_strconcat ("~", path + length, NULL);
  return g_strdup (path);
}

static void
on_response (PostsealEntryField *self, int response)
{
  g_autoptr (GFile) file = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (self->dialog));
  g_clear_object (&self->dialog);
  path = file != NULL ? g_file_get_path (file) : NULL;
  if (path == NULL)
    return;
  text = shorten_path (path);
  gtk_editable_set_text (GTK_EDITABLE (self), text);
}

static GtkFileChooserAction
get_action (PostsealEntryField *self)
{
  if (g_strcmp0 (self->chooser, "folder") == 0)
    return GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER;
  return g_strcmp0 (self->chooser, "save") == 0 ? GTK_FILE_CHOOSER_ACTION_SAVE
                                                : GTK_FILE_CHOOSER_ACTION_OPEN;
}

static void
on_choose (PostsealEntryField *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  g_clear_object (&self->dialog);
  self->dialog = gtk_file_chooser_native_new (
      adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)),
      GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, get_action (self), NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->dialog), TRUE);
  g_signal_connect_object (self->dialog, "response", G_CALLBACK (on_response), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->dialog));
}

/* --- public --- */

char *
postseal_entry_field_get_text (PostsealEntryField *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ENTRY_FIELD (self), NULL);

  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self))));
}

void
postseal_entry_field_set_text (PostsealEntryField *self, const char *text)
{
  g_return_if_fail (POSTSEAL_IS_ENTRY_FIELD (self));
  g_return_if_fail (text != NULL);

  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (self)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self), text);
}

void
postseal_entry_field_set_chooser (PostsealEntryField *self, const char *chooser)
{
  g_return_if_fail (POSTSEAL_IS_ENTRY_FIELD (self));

  g_free (self->chooser);
  self->chooser = g_strdup (chooser);
  gtk_widget_set_visible (GTK_WIDGET (self->choose_button), chooser != NULL);
}

/* --- GObject --- */

/* libadwaita 1.2 leaves the text inside without a name. */
static void
name_text (PostsealEntryField *self)
{
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self));
  const char *hint = gtk_widget_get_tooltip_text (GTK_WIDGET (self));
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (self));
  g_autofree char *choose = g_strdup_printf (_ ("Choose: %s"), title);

  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, hint != NULL ? hint : "",
                                  -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->choose_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, choose, -1);
}

static void
postseal_entry_field_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  PostsealEntryField *self = POSTSEAL_ENTRY_FIELD (object);

  switch (id)
    {
    case PROP_KEY:
      self->link.key = g_value_dup_string (value);
      break;
    case PROP_UNIT:
      self->unit = g_value_dup_string (value);
      break;
    case PROP_PREFIX:
      self->prefix = g_value_dup_string (value);
      break;
    case PROP_CHOOSER:
      postseal_entry_field_set_chooser (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
postseal_entry_field_finalize (GObject *object)
{
  PostsealEntryField *self = POSTSEAL_ENTRY_FIELD (object);

  postseal_field_link_clear (&self->link);
  g_free (self->unit);
  g_free (self->prefix);
  g_free (self->chooser);
  g_clear_object (&self->dialog);
  G_OBJECT_CLASS (postseal_entry_field_parent_class)->finalize (object);
}

static void
postseal_entry_field_class_init (PostsealEntryFieldClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  static const char *const names[N_PROPERTIES] = {
    [PROP_KEY] = "key",
    [PROP_UNIT] = "unit",
    [PROP_PREFIX] = "prefix",
    [PROP_CHOOSER] = "chooser",
  };

  object_class->set_property = postseal_entry_field_set_property;
  object_class->finalize = postseal_entry_field_finalize;
  for (guint i = 1; i < N_PROPERTIES; i++)
    g_object_class_install_property (
        object_class, i,
        g_param_spec_string (names[i], NULL, NULL, NULL,
                             G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  left_signal = g_signal_new ("left", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/entry-field.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealEntryField, choose_button);
  gtk_widget_class_bind_template_callback (widget_class, on_left);
  gtk_widget_class_bind_template_callback (widget_class, on_choose);
}

static void
postseal_entry_field_init (PostsealEntryField *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::title", G_CALLBACK (name_text), NULL);
  g_signal_connect (self, "notify::tooltip-text", G_CALLBACK (name_text), NULL);
  g_signal_connect (self, "changed", G_CALLBACK (on_changed), NULL);
}
