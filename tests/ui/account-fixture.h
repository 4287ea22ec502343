/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>

#include "ui/ui-fixture.h"

namespace postseal_test
{

/* The page of an account. */
class AccountTest : public UiTest
{
protected:
  /* With @text as the file of accounts. */
  void open_account (const std::string &text, const std::string &name = "work");
  /* The page "failure", "content". */
  std::string shown_part ();

  GtkWidget *in (const std::string &group, const std::string &id);
  void type_in (const std::string &group, const std::string &id, const std::string &text);
  void choose_in (const std::string &group, const std::string &id, const std::string &value);
  void set_used (const std::string &group, bool is_used);
  /* The field of a key gets what a person types or chooses. */
  void edit (const std::string &key, const std::string &value);
  /* What is told below the field of a key, or "". */
  std::string mistake_of (const std::string &key);
  std::string mistake_below (GtkWidget *field);

  void press (const std::string &action);
  bool can_save ();
  /* Presses Save, and waits until that is done. */
  void save ();
  void respond (const std::string &response);
  bool is_open () const;
  bool has_focus (GtkWidget *widget) const;
  /* What stands over the page: heading, body and all. */
  std::string dialog_text () const;
  /* The row below a mistaken field is in sight. */
  bool is_in_sight (GtkWidget *widget) const;
  /* So that a picture shows it. */
  void scroll_to (const std::string &group);

private:
  GtkWidget *page_ = nullptr;
};

/* @text with @line once replaced by @by. */
std::string replace (std::string text, const std::string &line, const std::string &by);

} // namespace postseal_test
