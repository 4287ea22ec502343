/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/screens.h"

#include "ui/contrast.h"
#include "ui/reach.h"

namespace postseal_test
{

namespace
{

constexpr int kWidth = 900, kHeight = 760, kNarrow = 360;
/* What libadwaita gives to its smallest hints, and to its blue buttons in high contrast. */
constexpr double kContrast = 2.5, kHighContrast = 3.5;
/* As it opens. */
constexpr int kOwnWidth = 680, kOwnHeight = 720;

/* The run of tests/ui/meson.build in which the desktop asks for it. */
bool
is_contrast ()
{
  return adw_style_manager_get_high_contrast (adw_style_manager_get_default ()) != FALSE;
}

/* That of a page gives way to its buttons. */
bool
is_title (GtkWidget *label)
{
  return gtk_widget_get_ancestor (label, ADW_TYPE_WINDOW_TITLE) != nullptr
         || (gtk_widget_get_ancestor (label, ADW_TYPE_HEADER_BAR) != nullptr
             && gtk_widget_has_css_class (label, "title"));
}

/* Words of which a part is not to be seen. */
bool
is_cut (GtkWidget *widget)
{
  return GTK_IS_LABEL (widget) && !is_title (widget)
         && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget)));
}

int
get_minimum (GtkWidget *widget)
{
  int minimum = 0;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, nullptr, nullptr, nullptr);
  return minimum;
}

/* What takes how much, of what is wide. */
std::string
tell_widths (GtkWidget *root)
{
  std::string widths;

  walk (root, [&widths] (GtkWidget *widget) {
    if (get_minimum (widget) > kNarrow / 2)
      widths += std::to_string (get_minimum (widget)) + " " + G_OBJECT_TYPE_NAME (widget) + " “"
                + get_spoken_name (widget) + "”\n";
  });
  return widths;
}

void
set_text_size (double factor)
{
  g_object_set (gtk_settings_get_default (), "gtk-xft-dpi", int (96 * 1024 * factor), nullptr);
}

/* Whether something of what it holds has to be scrolled to. */
bool
is_scrolled (GtkWidget *widget)
{
  if (!GTK_IS_SCROLLED_WINDOW (widget))
    return false;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget));

  return gtk_adjustment_get_upper (adjustment) > gtk_adjustment_get_page_size (adjustment) + 1;
}

} // namespace

Screens::Screens ()
{
  set_language (GetParam ());
  if (*GetParam () != '\0')
    catalogue_ = std::make_unique<Catalogue> (GetParam ());
}

Screens::~Screens ()
{
  set_language ("");
  set_right_to_left (false);
  set_dark (false);
  set_text_size (1);
}

std::string
Screens::language () const
{
  return *GetParam () != '\0' ? GetParam () : "en";
}

GtkWidget *
Screens::top () const
{
  return dialog () != nullptr ? GTK_WIDGET (dialog ()) : GTK_WIDGET (window ());
}

void
Screens::resize (int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (window ());
  const int frame = gdk_surface_get_width (gtk_native_get_surface (GTK_NATIVE (widget)))
                    - gtk_widget_get_width (widget);

  ASSERT_LE (get_minimum (widget) - frame, width) << "too wide:\n" << tell_widths (widget);
  gtk_window_set_default_size (GTK_WINDOW (widget), width + frame, height + frame);
  wait ([widget, width, height] {
    return gtk_widget_get_width (widget) == width && gtk_widget_get_height (widget) == height;
  });
}

/* --- what holds for each --- */

void
Screens::check_layout (const std::string &name, Length length)
{
  EXPECT_LE (get_minimum (top ()),
             gdk_surface_get_width (gtk_native_get_surface (GTK_NATIVE (top ()))))
      << name;
  walk (top (), [&name, length] (GtkWidget *widget) {
    EXPECT_FALSE (is_cut (widget))
        << name << ": cut off: " << gtk_label_get_text (GTK_LABEL (widget));
    EXPECT_FALSE (length == Length::Fits && is_scrolled (widget)) << name << ": has to be scrolled";
  });
}

void
Screens::check_words (const std::string &name)
{
  unsigned translations = 0;

  walk (top (), [this, &name, &translations] (GtkWidget *widget) {
    const char *tip = gtk_widget_get_tooltip_text (widget);

    const std::string label = GTK_IS_LABEL (widget) ? gtk_label_get_label (GTK_LABEL (widget)) : "";

    for (const std::string &words :
         { label, std::string (tip != nullptr ? tip : ""), get_spoken_name (widget) })
      {
        EXPECT_FALSE (catalogue_->is_untranslated (words)) << name << ": not translated: " << words;
        translations += catalogue_->is_translation (words) ? 1 : 0;
      }
  });
  EXPECT_GT (translations, 1u) << name << ": not in its language:\n" << text (top ());
}

void
Screens::check_reach (const std::string &name)
{
  EXPECT_EQ (find_nameless (top ()), "") << name;
  EXPECT_EQ (find_double_mnemonics (top ()), "") << name;
  EXPECT_EQ (find_lost_by_tab (GTK_WINDOW (top ())), "") << name;
}

/* --- looks --- */

void
Screens::look_at (const std::string &name, const std::string &look, Length length)
{
  const std::string full = name + "-" + language () + "-" + look;

  g_autoptr (GdkTexture) picture = render ();

  ASSERT_NE (picture, nullptr) << full;
  save (picture, full);
  check_layout (full, length);
  /* The strokes of other scripts may be thinner than a pixel. */
  if (language () == "en")
    {
      EXPECT_EQ (find_faint (top (), picture, is_contrast () ? kHighContrast : kContrast), "")
          << full;
    }
}

/* Other languages are as long or as short in the dark. */
void
Screens::picture (const std::string &name, Length length)
{
  const bool is_full = language () == "en" || language () == "de";

  if (is_contrast ())
    {
      resize (kWidth, kHeight);
      look_at_contrast (name, length);
      return;
    }
  if (catalogue_ != nullptr)
    check_words (name);
  resize (kOwnWidth, kOwnHeight);
  check_layout (name + " as it opens", length);
  resize (kNarrow, kHeight);
  check_layout (name + " narrow", Length::Scrolls);
  if (language () == "de")
    look_at (name, "narrow", Length::Scrolls);
  resize (kWidth, kHeight);
  look_at (name, "light", length);
  if (is_full)
    {
      set_dark (true);
      look_at (name, "dark", length);
      set_dark (false);
    }
  if (language () == "en")
    look_at_mirrored (name, length);
  if (language () == "de")
    {
      set_text_size (1.5);
      look_at (name, "large", Length::Scrolls);
      set_text_size (1);
    }
  check_reach (name); /* last: Tab selects the text of what it comes by */
  settle ();
}

/* For people who see little. */
void
Screens::look_at_contrast (const std::string &name, Length length)
{
  look_at (name, "contrast", length);
  set_dark (true);
  look_at (name, "contrast-dark", length);
  set_dark (false);
}

void
Screens::look_at_mirrored (const std::string &name, Length length)
{
  set_right_to_left (true);
  EXPECT_EQ (gtk_widget_get_direction (page ()), GTK_TEXT_DIR_RTL);
  look_at (name, "rtl", length);
  EXPECT_EQ (find_lost_by_tab (GTK_WINDOW (window ())), "") << name << " mirrored";
  set_right_to_left (false);
}

void
Screens::picture_dialog (const std::string &name, const char *action)
{
  if (action != nullptr)
    gtk_widget_activate_action (page (), action, nullptr);
  ASSERT_TRUE (wait ([this] {
    return dialog () != nullptr && gtk_widget_get_width (GTK_WIDGET (dialog ())) > 1;
  })) << name;
  if (is_contrast ())
    look_at_contrast (name, Length::Fits);
  else
    {
      look_at (name, "light", Length::Fits);
      set_dark (true);
      look_at (name, "dark", Length::Fits);
      set_dark (false);
    }
  if (catalogue_ != nullptr)
    check_words (name);
  check_reach (name);
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
