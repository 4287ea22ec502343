/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <glib/gstdio.h>

#include <stdio.h>

#include <string>

#include "engine/account-store.h"

/* A good account that must survive whatever stands before it. */
inline constexpr char good[] = "[account good]\n"
                               "address=joe@example.org\n"
                               "receive=imaps://imap.example.org\n"
                               "deliver=maildir:/var/tmp/good\n";

/* What every account needs: lines 1 to 4. */
inline constexpr char base[] = "[account work]\n"
                               "address=jane@example.org\n"
                               "receive=imaps://imap.example.org\n"
                               "deliver=maildir:/var/tmp/work\n";

class AccountStore : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("account-store-XXXXXX", nullptr);
    directory = made;
    path = directory + "/accounts.conf";
  }

  void
  TearDown () override
  {
    g_chmod (path.c_str (), 0600);
    for (const char *name :
         { "/accounts.conf", "/.accounts.conf.lock", "/real.conf", "/.real.conf.lock" })
      g_remove ((directory + name).c_str ());
    g_rmdir (directory.c_str ());
  }

  void
  write (const std::string &text)
  {
    FILE *file = fopen (path.c_str (), "w");

    ASSERT_NE (file, nullptr);
    ASSERT_EQ (fwrite (text.data (), 1, text.size (), file), text.size ());
    ASSERT_EQ (fclose (file), 0);
    g_chmod (path.c_str (), 0600);
  }

  std::string
  read ()
  {
    g_autofree char *text = nullptr;
    gsize length = 0;

    EXPECT_TRUE (g_file_get_contents (path.c_str (), &text, &length, nullptr));
    return std::string (text, length);
  }

  PostsealAccountStore *
  load (const std::string &text)
  {
    g_autoptr (GError) error = nullptr;

    write (text);
    PostsealAccountStore *store = postseal_account_store_load (path.c_str (), &error);
    EXPECT_NE (store, nullptr) << error->message;
    return store;
  }

  static std::string
  join_problems (PostsealAccountStore *store)
  {
    const GPtrArray *problems = postseal_account_store_get_problems (store);
    std::string all;

    for (guint i = 0; i < problems->len; i++)
      all += std::string (static_cast<const char *> (g_ptr_array_index (problems, i))) + "\n";
    return all;
  }

  /* A good account with one more line, the fifth. */
  static std::string
  with (const std::string &line)
  {
    return std::string (base) + line + "\n";
  }

  std::string directory, path;
};
