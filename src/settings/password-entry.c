/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/password-entry.h"

/* Before each change: GTK 4.8 begins a history when the text is shown, whatever was asked for. */
static void
end_history (GtkEditable *text)
{
  gtk_editable_set_enable_undo (text, FALSE);
}

void
postseal_password_entry_keep_no_history (AdwEntryRow *row)
{
  GtkEditable *text;

  g_return_if_fail (ADW_IS_ENTRY_ROW (row));

  text = gtk_editable_get_delegate (GTK_EDITABLE (row));
  g_signal_connect (text, "insert-text", G_CALLBACK (end_history), NULL);
  g_signal_connect (text, "delete-text", G_CALLBACK (end_history), NULL);
}
