/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/dovecot.h"
#include "support/network-proxy.h"
#include "support/postseal-instance.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace postseal_test
{

inline std::vector<std::string>
texts_of (const std::vector<CorpusMessage> &corpus)
{
  std::vector<std::string> texts;
  for (const auto &message : corpus)
    texts.push_back (message.text);
  return texts;
}

/* A mailbox user, a Postseal and its Maildir. */
class FetchTest : public testing::Test
{
protected:
  FetchTest () : user_ (server ().new_user ()) {}

  ~FetchTest () override { server ().forget_user (user_); }

  static Dovecot &
  server ()
  {
    return Dovecot::shared ();
  }

  /* Thirty messages of everyday mail. */
  static const std::vector<CorpusMessage> &
  some_mail ()
  {
    static const auto corpus = make_corpus ("demo", 30, 3);
    return corpus;
  }

  void
  fill (const std::vector<CorpusMessage> &corpus, const std::string &mailbox = "INBOX")
  {
    server ().admin (user_)->append (mailbox, texts_of (corpus));
  }

  /* One account "main" that delivers to the Maildir. */
  void
  configure (const std::string &scheme, const std::string &more = {}, unsigned port = 0)
  {
    postseal_.configure (
        server ().account ("main", scheme, user_, postseal_.deliver (), more, port));
  }

  Outcome
  fetch (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> arguments = { "fetch" };
    arguments.insert (arguments.end (), more.begin (), more.end ());
    return postseal_.run (arguments);
  }

  /* Fetches and demands success. */
  void
  fetch_well ()
  {
    Outcome outcome = fetch ();
    EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  }

  Contents
  delivered () const
  {
    return read_maildir (postseal_.maildir ());
  }

  std::string
  difference (const std::vector<CorpusMessage> &corpus) const
  {
    return compare_contents (file_forms (corpus), delivered ());
  }

  unsigned
  on_server (const std::string &mailbox = "INBOX") const
  {
    return server ().admin (user_)->count (mailbox);
  }

  std::string user_;
  PostsealInstance postseal_;
};

} // namespace postseal_test
