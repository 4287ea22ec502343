/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/accessible-button.h"

/* "Also _remove" → "Also remove" */
static char *
strip_mnemonic (const char *label)
{
  GString *name = g_string_new (NULL);

  for (const char *c = label; *c != '\0'; c++)
    if (*c != '_' || *++c != '\0')
      g_string_append_c (name, *c);
    else
      break;
  return g_string_free (name, FALSE);
}

/* A button is labelled by its label as well, a box to tick by nothing else. */
static void
update (GtkWidget *button)
{
  if (GTK_IS_CHECK_BUTTON (button))
    {
      const char *label = gtk_check_button_get_label (GTK_CHECK_BUTTON (button));
      g_autofree char *name = strip_mnemonic (label != NULL ? label : "");

      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                      -1);
    }
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/* One whose label has a mnemonic; others may have been given a name. */
static gboolean
has_mnemonic (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    return gtk_button_get_use_underline (GTK_BUTTON (widget));
  return GTK_IS_CHECK_BUTTON (widget)
         && gtk_check_button_get_use_underline (GTK_CHECK_BUTTON (widget));
}

/* Only the line in it is labelled, not the whole. */
static void
name_expander (GtkWidget *row)
{
  g_autofree char *name
      = strip_mnemonic (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* Its label names the button inside. One without is named by its owner. */
static void
name_menu (GtkWidget *menu)
{
  const char *label = gtk_menu_button_get_label (GTK_MENU_BUTTON (menu));
  g_autofree char *name = label != NULL ? strip_mnemonic (label) : NULL;

  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (menu), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
postseal_accessible_button_name (GtkWidget *root)
{
  g_return_if_fail (GTK_IS_WIDGET (root));

  if (has_mnemonic (root))
    {
      g_signal_handlers_disconnect_by_func (root, update, NULL);
      g_signal_connect (root, "notify::label", G_CALLBACK (update), NULL);
      update (root);
    }
  if (GTK_IS_MENU_BUTTON (root))
    name_menu (root);
  if (G_OBJECT_TYPE (root) == ADW_TYPE_EXPANDER_ROW) /* those of our own have said it */
    name_expander (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    postseal_accessible_button_name (child);
}
