/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "outbox/outbox.h"

/* An outbox in a state directory of its own. */
class OutboxFixture : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("outbox-XXXXXX", nullptr);

    home = made;
    g_setenv ("XDG_STATE_HOME", home.c_str (), TRUE);
    g_setenv ("XDG_CONFIG_HOME", home.c_str (), TRUE);
  }

  void
  TearDown () override
  {
    std::error_code ignored;

    std::filesystem::permissions (home, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all (home, ignored);
  }

  std::string
  place (const std::string &name = "") const
  {
    return home + "/postseal/outbox" + (name.empty () ? "" : "/" + name);
  }

  std::vector<std::string>
  names (const std::string &folder) const
  {
    std::vector<std::string> found;

    if (std::filesystem::exists (place (folder)))
      for (const auto &entry : std::filesystem::directory_iterator (place (folder)))
        found.push_back (entry.path ().filename ());
    std::sort (found.begin (), found.end ());
    return found;
  }

  static std::string
  read (const std::string &path)
  {
    std::ifstream file (path, std::ios::binary);
    std::ostringstream content;

    content << file.rdbuf ();
    return content.str ();
  }

  static PostsealEnvelope *
  make_envelope (const std::string &account = "work",
                 const std::vector<std::string> &recipients = { "joe@example.com" })
  {
    PostsealEnvelope *envelope = postseal_envelope_new ();

    g_free (envelope->account);
    envelope->account = g_strdup (account.c_str ());
    g_free (envelope->sender);
    envelope->sender = g_strdup ("jane@example.org");
    g_free (envelope->subject);
    envelope->subject = g_strdup ("Grüße, 100 %");
    g_free (envelope->message_id);
    envelope->message_id = g_strdup ("<1@example.org>");
    envelope->arrived = 1700000000;
    for (const auto &recipient : recipients)
      postseal_envelope_add_recipient (envelope, recipient.c_str (), 0, nullptr);
    return envelope;
  }

  /* Puts @text in, asserting that it works. Returns: the ID */
  static std::string
  put (PostsealEnvelope *envelope, const std::string &text = "Subject: x\r\n\r\nHello\r\n")
  {
    g_autoptr (GError) error = nullptr;
    PostsealOutboxDraft *draft = postseal_outbox_draft_open (envelope, &error);
    std::string id;

    EXPECT_NE (draft, nullptr) << error->message;
    if (draft == nullptr)
      return id;
    EXPECT_TRUE (postseal_outbox_draft_write (draft, text.data (), text.size (), &error));
    envelope->length = text.size ();
    g_autofree char *made = postseal_outbox_draft_commit (draft, envelope, &error);
    EXPECT_NE (made, nullptr) << error->message;
    if (made != nullptr)
      id = made;
    return id;
  }

  static std::string
  put (const std::string &account = "work",
       const std::vector<std::string> &recipients = { "joe@example.com" })
  {
    g_autoptr (PostsealEnvelope) envelope = make_envelope (account, recipients);

    return put (envelope);
  }

  std::string home;
};
