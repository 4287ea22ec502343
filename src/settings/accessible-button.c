/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/accessible-button.h"

static void
update (GtkWidget *button)
{
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
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    postseal_accessible_button_name (child);
}
