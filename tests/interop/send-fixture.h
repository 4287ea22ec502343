/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/network-proxy.h"
#include "support/postseal-instance.h"
#include "support/submission-server.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace postseal_test
{

/* What is not to go out by itself: whoever queues a message "wakes" this instead. */
inline const Environment asleep = { { "POSTSEAL", "/bin/true" } };

/* CR LF line ends. */
inline std::string
to_wire_form (const std::string &text)
{
  std::string out;
  for (size_t i = 0; i < text.size (); i++)
    {
      if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
        out += '\r';
      out += text[i];
    }
  return out;
}

/* Complete, so that nothing is added to it, and with everything that is easily spoilt. */
inline std::string
whole_message (const std::string &subject, const std::string &more_fields = {})
{
  return "From: Jane Ambrose <jane@example.org>\nTo: Bob <bob@example.net>\nSubject: " + subject
         + "\nDate: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <" + subject
         + ".1@example.org>\nX-Folded: a field\n\twith a tail and a blank at its end \n"
         + more_fields
         + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
           "Content-Transfer-Encoding: 8bit\n\n"
           ".\n..\n.dots\nFrom here on\n\n Gr\xc3\xbc\xc3\x9f"
           "e \n\ttabs\t\n\n\n"
         + std::string (998, 'x') + "\n.\n\n";
}

/* A Postseal, and the server it sends through. */
class SendTest : public testing::Test
{
protected:
  SubmissionServer &
  server () const
  {
    return *server_;
  }

  /* Skips the test where there is no such server. */
  void
  use_server (const std::string &kind)
  {
    server_ = SubmissionServer::shared (kind);
    if (!server_)
      GTEST_SKIP () << "needs root, and a machine without another mail server";
    server_->take ();
  }

  /* One account "main" of jane@example.org. */
  void
  configure (const std::string &scheme, const std::string &more = {}, unsigned port = 0)
  {
    postseal_.configure (server ().account ("main", scheme, more, port));
  }

  /* "postseal send" */
  Outcome
  send (std::vector<std::string> arguments,
        const std::string &message,
        const Environment &environment = {})
  {
    arguments.insert (arguments.begin (), "send");
    return postseal_.run (arguments, environment, message);
  }

  /* What the queue holds, as JSON: "[]" when nothing. */
  std::string
  queue ()
  {
    Outcome outcome = postseal_.run ({ "queue", "list", "--json" });
    EXPECT_EQ (outcome.status, 0) << outcome.err;
    std::string dense;
    for (char c : outcome.out)
      if (!isspace (static_cast<unsigned char> (c)))
        dense += c;
    return dense;
  }

  bool
  is_queue_empty ()
  {
    return queue ().find ('{') == std::string::npos;
  }

  /* Until whatever was woken has sent everything. */
  void
  wait_until_sent ()
  {
    for (int i = 0; i < 1500; i++)
      {
        if (is_queue_empty ())
          return;
        std::this_thread::sleep_for (std::chrono::milliseconds (20));
      }
    FAIL () << "still in the queue: " << queue ();
  }

  /* What arrived, which is to be @count. */
  std::vector<Submitted>
  arrived (size_t count)
  {
    auto all = server ().take ();
    EXPECT_EQ (all.size (), count) << server ().take_log ();
    all.resize (count);
    return all;
  }

  static std::vector<std::string>
  sorted (std::vector<std::string> list)
  {
    std::sort (list.begin (), list.end ());
    return list;
  }

  SubmissionServer *server_ = nullptr;
  PostsealInstance postseal_;
};

} // namespace postseal_test
