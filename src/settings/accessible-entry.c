/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/accessible-entry.h"

static void
update (AdwPreferencesRow *row)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (row));

  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (row), -1);
}

void
postseal_accessible_entry_name (AdwEntryRow *row)
{
  g_return_if_fail (ADW_IS_ENTRY_ROW (row));

  g_signal_connect (row, "notify::title", G_CALLBACK (update), NULL);
  update (ADW_PREFERENCES_ROW (row));
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
