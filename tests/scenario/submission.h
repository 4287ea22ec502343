/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "scenario/hostile.h"
#include "scenario/toy-submission.h"
#include "support/sandbox.h"

namespace postseal_test
{

/* One message as "postseal queue show --json" tells of it. */
struct QueueEntry
{
  struct Recipient
  {
    std::string address, state, status, text;
    int64_t code = 0;
  };

  std::string id, state, reason, message_id;
  std::vector<Recipient> recipients;
  int64_t attempts = 0, next_attempt = 0;
  bool is_in_clear = false, may_be_doubled = false, has_seal = false;
};

/* Whole-program tests: "postseal send" and "postseal queue" against a toy submission server. What
   no honest client does is an error in each of them. */
class Submission : public testing::Test
{
protected:
  explicit Submission (ToySubmission::Start start = ToySubmission::Start::Implicit) : server (start)
  {
  }
  void SetUp () override;
  void TearDown () override;

  /* The account "work" of jane@example.org at localhost:@port; keys in @extra are appended. */
  void configure (const std::string &extra = "");
  void configure (const std::string &scheme, unsigned short port, const std::string &extra = "");

  /* With a From, a Date and a Message-ID of <@name@example.org>. */
  static std::string message (const std::string &name = "one", const std::string &body = "Hello\n");

  /* Puts it into the outbox and starts nothing. Returns: its ID */
  std::string enqueue (const std::string &text = message (),
                       const std::vector<std::string> &arguments = { "bob@example.net" });
  /* "postseal send --wait" */
  Outcome send (const std::string &text = message (),
                const std::vector<std::string> &arguments = { "bob@example.net" });
  /* "postseal queue ...", without anything in the background. */
  Outcome queue (const std::vector<std::string> &arguments);
  Outcome
  flush ()
  {
    return queue ({ "flush" });
  }
  /* What the background does. */
  Outcome
  flush_due ()
  {
    return queue ({ "flush", "--due" });
  }

  std::vector<QueueEntry> list ();
  QueueEntry show (const std::string &id);
  /* "queued queued": of all that wait, in order. */
  std::string states ();
  /* The bodies' names, see message(), of all that the server has taken, in order. */
  std::string taken ();

  /* Exit status and a sentence on standard error; no secret in it. */
  void expect_outcome (const Outcome &outcome, int status, const std::string &words);
  /* Sent once, and the outbox is empty. */
  void expect_sent (const Outcome &outcome);
  /* The reports in the account's Maildir. */
  std::vector<std::string> reports ();

  Sandbox sandbox;
  ToySubmission server;
  bool expects_violations = false;
};

} // namespace postseal_test
