/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <json-glib/json-glib.h>

#include <memory>
#include <string>
#include <vector>

#include "outbox/outbox.h"
#include "support/sandbox.h"

namespace postseal_test
{

inline bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

/* A JSON document, read. */
class Json
{
public:
  explicit Json (const std::string &text);

  /* The value at @path, e.g. "0.recipients.1.code", as text; "null", "true"; "(absent)" */
  std::string operator[] (const std::string &path) const;
  unsigned size () const; /* of the array on top */

private:
  std::unique_ptr<JsonParser, void (*) (gpointer)> parser_;
};

/* Programs that share one outbox, with the accounts "work" (jane@example.org) and "club". Nothing
   is ever sent in the background: $POSTSEAL is /bin/true for what is woken. */
class OutboxTest : public testing::Test
{
protected:
  OutboxTest ();
  ~OutboxTest () override;

  /* Where both accounts send to. @extra: lines for each */
  void configure (unsigned short port, const std::string &extra = "");
  Outcome postseal (const std::vector<std::string> &arguments, const std::string &input = "");
  /* Sends a small message. Returns: its ID, "" after a test failure */
  std::string queue (const std::vector<std::string> &arguments = { "bob@example.net" },
                     const std::string &input = kMessage);
  /* "queue list --json" */
  Json list (const std::vector<std::string> &arguments = {});

  /* The test as the one who sends: @id is being sent, until release_lock(). */
  void start_sending (const std::string &account, const std::string &id);
  void release_lock ();
  /* What became of @id in an attempt at Unix time 1700000000: each recipient has @code and
     "@status words". @clear, @doubtful as in PostsealOutboxOutcome */
  void finish (const std::string &id,
               PostsealOutboxState state,
               unsigned code,
               const char *reason = nullptr,
               bool is_clear = false,
               bool is_doubtful = false);

  static constexpr const char *kMessage
      = "From: Jane Doe <jane@example.org>\nTo: bob@example.net\nSubject: Tea at four\n"
        "Message-ID: <tea@example.org>\nDate: Sun, 22 Nov 2026 10:00:00 +0000\n\nCome along.\n";

  Sandbox sandbox;
  PostsealLockFile *lock_ = nullptr;
  std::string old_state_;
};

} // namespace postseal_test
