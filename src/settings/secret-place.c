/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/secret-place.h"

#include <glib/gi18n.h>

#include "auth/keyring.h"
#include "auth/vault.h"
#include "settings/accessible-entry.h"

struct _PostsealSecretPlace
{
  AdwPreferencesGroup parent;

  AdwExpanderRow *place_row; /* template children */
  AdwEntryRow *command_row;
  AdwEntryRow *file_row;
  GtkLabel *mistake_label;
  PostsealKeyringState keyring;
};

G_DEFINE_FINAL_TYPE (PostsealSecretPlace, postseal_secret_place, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const char *
describe_keyring (PostsealKeyringState state)
{
  switch (state)
    {
    case POSTSEAL_KEYRING_OPEN:
      return _ ("In the keyring of your desktop");
    case POSTSEAL_KEYRING_LOCKED:
      return _ ("In the keyring of your desktop, which you unlock when you press Continue");
    case POSTSEAL_KEYRING_NONE_YET:
      return _ ("In a new keyring of your desktop: it will ask for a password to lock it with");
    case POSTSEAL_KEYRING_ABSENT:
    case POSTSEAL_KEYRING_NOT_BUILT:
    default:
      return _ ("Your desktop has no keyring, and Postseal writes no password into a file. Name a "
                "command or a file of your own here, or start a keyring.");
    }
}

static void
update (PostsealSecretPlace *self)
{
  g_autofree char *spec = postseal_secret_place_dup_spec (self);
  const char *text = describe_keyring (self->keyring);

  if (spec != NULL)
    text = g_str_has_prefix (spec, "file:") ? _ ("In your file") : _ ("Where your command has it");
  adw_expander_row_set_subtitle (self->place_row, text);
}

static void
on_edited (PostsealSecretPlace *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->mistake_label), FALSE);
  update (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_activated (PostsealSecretPlace *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

static void
on_state (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealSecretPlace) self = user_data;

  self->keyring = postseal_keyring_get_state_finish (result);
  if (self->keyring >= POSTSEAL_KEYRING_ABSENT)
    adw_expander_row_set_expanded (self->place_row, TRUE);
  update (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
postseal_secret_place_look (PostsealSecretPlace *self)
{
  g_return_if_fail (POSTSEAL_IS_SECRET_PLACE (self));

  postseal_keyring_get_state_async (NULL, on_state, g_object_ref (self));
}

static char *
dup_typed (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

char *
postseal_secret_place_dup_spec (PostsealSecretPlace *self)
{
  g_autofree char *command = NULL;
  g_autofree char *file = NULL;

  g_return_val_if_fail (POSTSEAL_IS_SECRET_PLACE (self), NULL);

  command = dup_typed (self->command_row);
  file = dup_typed (self->file_row);
  if (*command != '\0')
    return g_strconcat ("command:", command, NULL);
  return *file != '\0' ? g_strconcat ("file:", file, NULL) : NULL;
}

gboolean
postseal_secret_place_demand (PostsealSecretPlace *self)
{
  g_autofree char *spec = NULL;
  g_autofree char *mistake = NULL;

  g_return_val_if_fail (POSTSEAL_IS_SECRET_PLACE (self), FALSE);

  spec = postseal_secret_place_dup_spec (self);
  mistake = spec != NULL ? postseal_vault_check_spec (spec) : NULL;
  if (mistake == NULL)
    return TRUE;
  gtk_label_set_label (self->mistake_label, mistake);
  gtk_widget_set_visible (GTK_WIDGET (self->mistake_label), TRUE);
  postseal_accessible_entry_select (g_str_has_prefix (spec, "file:") ? self->file_row
                                                                     : self->command_row);
  return FALSE;
}

static void
postseal_secret_place_class_init (PostsealSecretPlaceClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  static const char *const names[N_SIGNALS] = { "changed", "activated" };

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/secret-place.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSecretPlace, place_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSecretPlace, command_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSecretPlace, file_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealSecretPlace, mistake_label);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static void
postseal_secret_place_init (PostsealSecretPlace *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_entry_name (self->command_row);
  postseal_accessible_entry_name (self->file_row);
}
