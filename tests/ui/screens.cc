/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/screens.h"

namespace postseal_test
{

namespace
{

constexpr int kWidth = 900, kHeight = 760, kNarrow = 360;

void
walk (GtkWidget *root, const std::function<void (GtkWidget *)> &visit)
{
  if (!gtk_widget_get_mapped (root))
    return;
  visit (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
       child = gtk_widget_get_next_sibling (child))
    walk (child, visit);
}

/* Words of which a part is not to be seen. The title of a page gives way to its buttons. */
bool
is_cut (GtkWidget *widget)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_ancestor (widget, ADW_TYPE_WINDOW_TITLE) == nullptr
         && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget)));
}

int
get_minimum (GtkWidget *widget)
{
  int minimum = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, nullptr, nullptr, nullptr);
  return minimum;
}

void
set_text_size (double factor)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", int (96 * 1024 * factor), nullptr);
}

} // namespace

Screens::Screens () { set_language (GetParam ()); }

Screens::~Screens ()
{
  set_language ("");
  set_right_to_left (false);
  set_dark (false);
  set_text_size (1);
}

void
Screens::resize (int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (window ());
  const int frame = gdk_surface_get_width (gtk_native_get_surface (GTK_NATIVE (widget)))
                    - gtk_widget_get_width (widget);

  ASSERT_LE (get_minimum (widget) - frame, width) << "too wide:\n" << text ();
  gtk_window_set_default_size (GTK_WINDOW (widget), width + frame, height + frame);
  wait ([widget, width, height] {
    return gtk_widget_get_width (widget) == width && gtk_widget_get_height (widget) == height;
  });
}

void
Screens::check_layout (const std::string &name)
{
  GtkWidget *top = dialog () != nullptr ? GTK_WIDGET (dialog ()) : GTK_WIDGET (window ());

  EXPECT_LE (get_minimum (top), gdk_surface_get_width (gtk_native_get_surface (GTK_NATIVE (top))))
      << name;
  walk (top, [&name] (GtkWidget *widget) {
    EXPECT_FALSE (is_cut (widget))
        << name << ": cut off: " << gtk_label_get_text (GTK_LABEL (widget));
  });
}

void
Screens::picture_in (const std::string &name, const std::string &look)
{
  const std::string full = name + "-" + (is_german () ? "de" : "en") + "-" + look;

  shoot (full);
  check_layout (full);
}

void
Screens::picture (const std::string &name, const std::string &title)
{
  if (is_german ())
    {
      EXPECT_NE (text ().find (title), std::string::npos) << name << " is not German:\n" << text ();
    }
  look_at (name, kHeight);
}

void
Screens::look_at (const std::string &name, int height)
{
  resize (kWidth, height);
  picture_in (name, "light");
  set_dark (true);
  picture_in (name, "dark");
  set_dark (false);
  if (is_german ())
    {
      resize (kNarrow, height);
      picture_in (name, "narrow");
      resize (kWidth, height);
      set_text_size (1.5);
      picture_in (name, "large");
      set_text_size (1);
    }
  else
    {
      set_right_to_left (true);
      EXPECT_EQ (gtk_widget_get_direction (page ()), GTK_TEXT_DIR_RTL);
      picture_in (name, "rtl");
      set_right_to_left (false);
    }
  settle ();
}

void
Screens::picture_dialog (const std::string &name, const char *action)
{
  if (action != nullptr)
    gtk_widget_activate_action (page (), action, nullptr);
  ASSERT_TRUE (wait ([this] {
    return dialog () != nullptr && gtk_widget_get_width (GTK_WIDGET (dialog ())) > 1;
  })) << name;
  picture_in (name, "light");
  set_dark (true);
  picture_in (name, "dark");
  set_dark (false);
  gtk_window_destroy (dialog ());
  settle ();
}

void
Screens::open_account (const std::string &name)
{
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", name.c_str ());
  ASSERT_TRUE (wait ([this] { return is_shown ("content"); }));
}

PostsealTrouble *
Screens::make_trouble (GQuark domain,
                       int code,
                       const std::string &message,
                       const std::map<std::string, std::string> &facts)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, message.c_str ());
  g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
      POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "mail.example.org", 0);
  g_autoptr (PostsealAccount) account = postseal_account_new ();
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  account->name = g_strdup (kAddress);
  account->address = g_strdup (kAddress);
  account->receive_user = g_strdup (kAddress);
  for (const auto &[fact, value] : facts)
    g_hash_table_insert (table, g_strdup (fact.c_str ()), g_strdup (value.c_str ()));
  return postseal_trouble_new (error, account, endpoint, table, nullptr);
}

} // namespace postseal_test
