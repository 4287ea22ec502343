/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/accessible-entry.h"

#include <glib/gi18n.h>

static void
update (AdwPreferencesRow *row)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (row));

  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (row), -1);
}

/* The eye is a button with nothing but a picture. */
static void
name_eye (GtkWidget *widget)
{
  const char *icon = GTK_IS_BUTTON (widget) ? gtk_button_get_icon_name (GTK_BUTTON (widget)) : NULL;

  if (icon != NULL && g_str_has_prefix (icon, "view-"))
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Show what is typed"), -1);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_eye (child);
}

void
postseal_accessible_entry_name (AdwEntryRow *row)
{
  g_return_if_fail (ADW_IS_ENTRY_ROW (row));

  g_signal_connect (row, "notify::title", G_CALLBACK (update), NULL);
  update (ADW_PREFERENCES_ROW (row));
  if (ADW_IS_PASSWORD_ENTRY_ROW (row))
    name_eye (GTK_WIDGET (row));
}

void
postseal_accessible_entry_select (AdwEntryRow *row)
{
  GtkEditable *text;

  g_return_if_fail (ADW_IS_ENTRY_ROW (row));

  text = gtk_editable_get_delegate (GTK_EDITABLE (row));
  gtk_widget_grab_focus (GTK_WIDGET (text));
  gtk_editable_select_region (text, 0, -1);
}
