/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/account-fixture.h"

#include "settings/choice-field.h"
#include "settings/entry-field.h"
#include "settings/field.h"
#include "settings/mistake-row.h"
#include "settings/switch-field.h"

namespace postseal_test
{

std::string
replace (std::string text, const std::string &line, const std::string &by)
{
  const size_t at = text.find (line);

  EXPECT_NE (at, std::string::npos) << line;
  return text.replace (at, line.size (), by);
}

void
AccountTest::open_account (const std::string &text, const std::string &name)
{
  write ("XDG_CONFIG_HOME-dir/postseal/accounts.conf", text);
  open ();
  gtk_widget_activate_action (GTK_WIDGET (window ()), "win.edit", "s", name.c_str ());
  page_ = page ();
  wait ([this] { return shown_part () != "looking"; });
  settle ();
}

std::string
AccountTest::shown_part ()
{
  const char *name = gtk_stack_get_visible_child_name (GTK_STACK (find ("stack", page_)));

  return name != nullptr ? name : "";
}

GtkWidget *
AccountTest::in (const std::string &group, const std::string &id)
{
  return find (id, find (group));
}

void
AccountTest::type_in (const std::string &group, const std::string &id, const std::string &text)
{
  gtk_widget_grab_focus (in (group, id));
  gtk_editable_set_text (GTK_EDITABLE (in (group, id)), text.c_str ());
  settle ();
}

void
AccountTest::choose_in (const std::string &group, const std::string &id, const std::string &value)
{
  postseal_choice_field_set_value (POSTSEAL_CHOICE_FIELD (in (group, id)), value.c_str ());
  settle ();
}

void
AccountTest::set_used (const std::string &group, bool is_used)
{
  g_object_set (in (group, "used_field"), "active", gboolean (is_used), nullptr);
  settle ();
}

void
AccountTest::edit (const std::string &key, const std::string &value)
{
  PostsealField *field = postseal_field_find (page_, key.c_str ());

  ASSERT_NE (field, nullptr) << key;
  if (POSTSEAL_IS_ENTRY_FIELD (field))
    gtk_editable_set_text (GTK_EDITABLE (field), value.c_str ());
  else if (POSTSEAL_IS_CHOICE_FIELD (field))
    postseal_choice_field_set_value (POSTSEAL_CHOICE_FIELD (field), value.c_str ());
  else if (POSTSEAL_IS_SWITCH_FIELD (field))
    g_object_set (field, "active", gboolean (value == "yes"), nullptr);
  else
    FAIL () << key;
  settle ();
}

std::string
AccountTest::mistake_below (GtkWidget *field)
{
  GtkWidget *next = gtk_widget_get_next_sibling (field);

  if (!gtk_widget_has_css_class (field, "error") || !POSTSEAL_IS_MISTAKE_ROW (next)
      || !gtk_widget_get_visible (next))
    return "";
  return text (next);
}

std::string
AccountTest::mistake_of (const std::string &key)
{
  return mistake_below (GTK_WIDGET (postseal_field_find (page_, key.c_str ())));
}

void
AccountTest::press (const std::string &action)
{
  EXPECT_TRUE (gtk_widget_activate_action (page_, action.c_str (), nullptr)) << action;
  settle ();
}

bool
AccountTest::can_save ()
{
  return gtk_widget_is_sensitive (find ("save_button", page_));
}

void
AccountTest::save ()
{
  ASSERT_TRUE (can_save ());
  press ("account.save");
  wait ([this] {
    AdwWindowTitle *title = ADW_WINDOW_TITLE (find ("title", page_));

    return std::string (adw_window_title_get_subtitle (title)) == "Saved";
  });
  EXPECT_FALSE (can_save ());
}

void
AccountTest::respond (const std::string &response)
{
  ASSERT_NE (dialog (), nullptr);
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog ()), response.c_str ());
  settle ();
}

bool
AccountTest::is_open () const
{
  return page () == page_;
}

bool
AccountTest::has_focus (GtkWidget *widget) const
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (window ()));

  return focus != nullptr && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

std::string
AccountTest::dialog_text () const
{
  return dialog () != nullptr ? text (GTK_WIDGET (dialog ())) : "";
}

bool
AccountTest::is_in_sight (GtkWidget *widget) const
{
  GtkWidget *view = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  graphene_rect_t bounds;

  return gtk_widget_get_mapped (widget) && gtk_widget_compute_bounds (widget, view, &bounds)
         && bounds.origin.y >= 0
         && bounds.origin.y + bounds.size.height <= float (gtk_widget_get_height (view));
}

void
AccountTest::scroll_to (const std::string &group)
{
  GtkWidget *widget = find (group);
  GtkWidget *view = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));
  graphene_point_t place;
  const graphene_point_t origin = GRAPHENE_POINT_INIT (0, -18);

  settle ();
  ASSERT_TRUE (
      gtk_widget_compute_point (widget, gtk_widget_get_first_child (view), &origin, &place));
  gtk_adjustment_set_value (adjustment, double (place.y));
  settle ();
}

} // namespace postseal_test
