/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/reach.h"

#include <adwaita.h>

#include <algorithm>
#include <map>
#include <vector>

namespace postseal_test
{

namespace
{

/* More than any page has. */
constexpr unsigned kMostSteps = 400;

std::string
describe (GtkWidget *widget)
{
  const char *id = gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget));
  std::string text = std::string ("  ") + G_OBJECT_TYPE_NAME (widget) + " "
                     + (id != nullptr ? id : "") + " “" + get_spoken_name (widget) + "”";

  for (GtkWidget *above = gtk_widget_get_parent (widget); above != nullptr;
       above = gtk_widget_get_parent (above))
    if (const char *own = gtk_buildable_get_buildable_id (GTK_BUILDABLE (above));
        own != nullptr && g_str_has_prefix (G_OBJECT_TYPE_NAME (above), "Postseal"))
      return text + " in " + G_OBJECT_TYPE_NAME (above) + " " + own + "\n";
  return text + "\n";
}

/* Minimise, maximise and close: the window manager's keys do this. */
bool
is_of_window (GtkWidget *widget)
{
  return gtk_widget_get_ancestor (widget, GTK_TYPE_WINDOW_CONTROLS) != nullptr;
}

/* Has something to be operated by itself. */
bool
is_operable (GtkWidget *widget)
{
  if (is_of_window (widget) || !gtk_widget_get_focusable (widget))
    return false;
  if (GTK_IS_LIST_BOX_ROW (widget))
    return gtk_list_box_row_get_activatable (GTK_LIST_BOX_ROW (widget))
           && !ADW_IS_ENTRY_ROW (widget);
  return GTK_IS_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SWITCH (widget)
         || GTK_IS_TEXT (widget) || GTK_IS_TEXT_VIEW (widget) || GTK_IS_DROP_DOWN (widget)
         || GTK_IS_RANGE (widget) || GTK_IS_SPIN_BUTTON (widget);
}

/* What GTK tells when it is asked whether the name is something else. */
std::string
get_label_property (GtkWidget *widget)
{
  g_autofree char *told = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, "\001");
  const std::string text = told != nullptr ? told : "";

  return text == "undefined" ? "" : text; /* so it says where there was one before */
}

/* --- Tab --- */

bool
get_place (GtkWidget *widget, GtkWidget *window, graphene_rect_t *place)
{
  return gtk_widget_compute_bounds (widget, window, place);
}

/* Reading goes on downwards, and in a line to its end. */
bool
is_before (GtkWidget *first, GtkWidget *second, GtkWidget *window)
{
  graphene_rect_t a, b;

  if (!get_place (first, window, &a) || !get_place (second, window, &b)
      || gtk_widget_is_ancestor (second, first))
    return true;
  if (b.origin.y >= a.origin.y + a.size.height - 1)
    return true;
  if (b.origin.y + b.size.height <= a.origin.y + 1)
    return false;
  return gtk_widget_get_direction (window) == GTK_TEXT_DIR_RTL
             ? b.origin.x <= a.origin.x + a.size.width
             : b.origin.x + b.size.width >= a.origin.x;
}

/* Where Tab goes from nowhere until it is at a place again. */
std::vector<GtkWidget *>
go_round (GtkWindow *window)
{
  std::vector<GtkWidget *> way;

  gtk_window_set_focus (window, nullptr);
  for (unsigned i = 0; i < kMostSteps; i++)
    {
      g_signal_emit_by_name (window, "move-focus", GTK_DIR_TAB_FORWARD);
      GtkWidget *focus = gtk_window_get_focus (window);

      if (focus == nullptr || std::find (way.begin (), way.end (), focus) != way.end ())
        {
          if (focus != nullptr && focus != way.front ())
            way.push_back (focus); /* a circle that leaves the beginning out */
          break;
        }
      way.push_back (focus);
    }
  return way;
}

/* So that what is above on the page is above on the screen, too. */
void
scroll_up (GtkWidget *window)
{
  walk (window, [] (GtkWidget *widget) {
    if (GTK_IS_SCROLLED_WINDOW (widget))
      gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)),
                                0);
  });
}

} // namespace

std::string
get_spoken_name (GtkWidget *widget)
{
  /* The text inside is a part of the entry, which is named. */
  if (GTK_IS_TEXT (widget) && GTK_IS_SEARCH_ENTRY (gtk_widget_get_parent (widget)))
    return get_spoken_name (gtk_widget_get_parent (widget));
  const std::string own = get_label_property (widget);

  if (own.empty ()
      && gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                           GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    return "(what labels it)"; /* GTK does not tell what that is */
  return own;
}

std::string
find_nameless (GtkWidget *window)
{
  std::string faults;

  walk (window, [&faults] (GtkWidget *widget) {
    const bool is_alert
        = gtk_test_accessible_has_role (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_ROLE_ALERT);
    std::string name;

    if (!is_operable (widget) && !(is_alert && !GTK_IS_LABEL (widget)))
      return;
    name = get_spoken_name (widget);
    if (name.find_first_not_of (' ') == std::string::npos)
      faults += "without a name:" + describe (widget);
    for (size_t i = 0; i + 1 < name.size (); i++)
      if (name[i] == '_' && g_ascii_isalpha (name[i + 1])
          && (i == 0 || !g_ascii_isalnum (name[i - 1])))
        faults += "with a mnemonic in the name:" + describe (widget);
  });
  return faults;
}

std::string
find_double_mnemonics (GtkWidget *window)
{
  std::map<unsigned, std::string> taken;
  std::string faults;

  walk (window, [&] (GtkWidget *widget) {
    if (!GTK_IS_LABEL (widget) || !gtk_label_get_use_underline (GTK_LABEL (widget)))
      return;
    const unsigned key = gtk_label_get_mnemonic_keyval (GTK_LABEL (widget));
    const std::string text = gtk_label_get_label (GTK_LABEL (widget));
    const auto [place, is_new] = taken.emplace (key, text);

    /* The same in each of a list's rows goes from one to the next. */
    if (key != GDK_KEY_VoidSymbol && !is_new && place->second != text)
      faults += "one mnemonic for “" + place->second + "” and “" + text + "”\n";
  });
  return faults;
}

std::string
find_lost_by_tab (GtkWindow *window)
{
  GtkWidget *root = GTK_WIDGET (window), *before = gtk_window_get_focus (window);
  std::string faults;

  if (before != nullptr)
    g_object_ref (before);
  const std::vector<GtkWidget *> way = go_round (window);
  scroll_up (root);
  if (way.empty () || way.size () >= kMostSteps)
    faults += "Tab goes nowhere, or without an end\n";
  for (size_t i = 1; i < way.size (); i++)
    if (!is_before (way[i - 1], way[i], root))
      faults += "Tab goes back from" + describe (way[i - 1]) + "  to" + describe (way[i]);
  walk (root, [&] (GtkWidget *widget) {
    /* In a list view the arrow keys go on. */
    if (is_operable (widget) && gtk_widget_is_sensitive (widget)
        && gtk_widget_get_ancestor (widget, GTK_TYPE_LIST_VIEW) == nullptr
        && std::find (way.begin (), way.end (), widget) == way.end ())
      faults += "not reached by Tab:" + describe (widget);
  });
  gtk_window_set_focus (window, before);
  g_clear_object (&before);
  return faults;
}

} // namespace postseal_test
