/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "settings/session.h"
#include "settings/window.h"

namespace postseal_test
{

/* The dialog in the test's own process, on the display that with-desktop has made, in a home of its
   own. Widgets are found below the topmost page by the id that their template gives them. */
class UiTest : public ::testing::Test
{
protected:
  UiTest ();
  ~UiTest () override;

  /* --- the home --- */

  /* A path in the home of this test. */
  std::string path (const std::string &name) const;
  /* Writes a file into it, folders included. Returns: its path */
  std::string write (const std::string &name, const std::string &text);
  std::string read (const std::string &name) const;
  std::string accounts_conf () const;

  /* --- the keyring --- */

  /* Returns: "" when there is none */
  static std::string stored_secret (const std::string &account);
  static void store_secret (const std::string &account, const std::string &secret);
  static void clear_secret (const std::string &account);

  /* --- the window --- */

  /* Opens the window and waits until the first page is ready. */
  void open ();
  void close ();
  /* NULL once the person has closed it. */
  PostsealWindow *
  window () const
  {
    return window_;
  }
  PostsealSession *
  session () const
  {
    return session_;
  }
  GtkWidget *page () const;
  /* One that stands over the window, e.g. an AdwMessageDialog; NULL when there is none. */
  GtkWindow *dialog () const;

  /* --- widgets, below @root or the page --- */

  GtkWidget *find (const std::string &id, GtkWidget *root = nullptr) const;
  /* Buttons and rows by what they say, without mnemonics. */
  GtkWidget *find_text (const std::string &text, GtkWidget *root = nullptr) const;
  bool is_shown (const std::string &id) const;
  /* All that is to be read on the page, one line for each label that is shown. */
  std::string text (GtkWidget *root = nullptr) const;

  void type (const std::string &id, const std::string &text);
  void click (const std::string &id);
  void click (GtkWidget *widget);
  /* Enter in an entry. */
  void enter (const std::string &id);
  unsigned
  clicks () const
  {
    return clicks_;
  }

  /* --- time --- */

  /* Runs the main loop until @condition holds: FALSE, and a failure that shows the page, after
     @limit_ms. */
  bool wait (const std::function<bool ()> &condition, unsigned limit_ms = 10000);
  bool wait_for_text (const std::string &text, unsigned limit_ms = 10000);
  /* Everything that needs no waiting, frames included. */
  void settle ();

  /* --- pictures --- */

  /* Writes tests/ui/out/NAME.png. */
  void shoot (const std::string &name);
  /* The two halves of it. Returns: (transfer full) */
  GdkTexture *render ();
  static void save (GdkTexture *picture, const std::string &name);
  static void set_dark (bool is_dark);
  /* "de"; "" for English. What is made from now on speaks it. */
  static void set_language (const std::string &language);
  static void set_right_to_left (bool is_rtl);

private:
  /* The next frame is on the screen. */
  void draw (GtkWidget *widget);

  std::filesystem::path home_;
  PostsealSession *session_ = nullptr;
  PostsealWindow *window_ = nullptr;
  unsigned clicks_ = 0;
};

} // namespace postseal_test
