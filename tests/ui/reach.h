/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include <string>

namespace postseal_test
{

/* What is wrong with the window for people without eyes or without a mouse, one line each; "" when
   nothing is. Asks GTK's own record of names, so that GTK_A11Y must be "test". */

/* Everything that can be operated, and each alert, has a name, and no mnemonic in it. */
std::string find_nameless (GtkWidget *window);
/* A letter with Alt does one thing. */
std::string find_double_mnemonics (GtkWidget *window);
/* Tab alone goes from one to the next as they are read, to every one, and to the first again. The
   focus is where it was before. */
std::string find_lost_by_tab (GtkWindow *window);

/* What a screen reader calls @widget, or "". */
std::string get_spoken_name (GtkWidget *widget);

/* @visit for what is on the screen, or would be after scrolling. */
template <typename Visit>
void
walk (GtkWidget *root, const Visit &visit)
{
  if (!gtk_widget_get_mapped (root))
    return;
  visit (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
       child = gtk_widget_get_next_sibling (child))
    walk (child, visit);
}

} // namespace postseal_test
