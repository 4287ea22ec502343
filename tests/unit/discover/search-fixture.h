/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "discover/discovery.h"
#include "support/mail-server.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

namespace postseal_test
{

/* Searches for jane@example.localhost, where a shell script stands for postseal-lookup and the CA
   of the tests vouches by way of discovery.conf. */
class Search : public testing::Test
{
protected:
  static constexpr const char *kDomain = "example.localhost";
  static constexpr const char *kAddress = "jane.secret@example.localhost";

  Search ();
  ~Search () override;

  /* To be said when @question ("mx example.localhost", "get https://...") is asked; "ID" becomes
     its number. Everything else is answered with "nothing". */
  void answer (const std::string &question, const std::string &lines, double after_s = 0);
  void srv (const std::string &service,
            const std::string &target,
            unsigned port,
            bool is_secure = true,
            unsigned priority = 0);
  void file (const std::string &uri, const std::string &xml, double after_s = 0);
  /* The XML with these servers: "imap SSL imap.example.org 993". */
  static std::string xml (const std::vector<std::string> &servers);
  static std::string own_uri (const std::string &domain = kDomain);
  /* Where the guess looks instead of the registry's ports. */
  void guess (const std::string &scheme, unsigned short port);
  void configure (const std::string &extra);

  /* Runs a search to its end. Returns: what it found, kept until the next */
  GPtrArray *run (bool may_ask_list = false);
  PostsealProposal *
  proposal (unsigned index = 0)
  {
    return found_ != nullptr && index < found_->len
               ? static_cast<PostsealProposal *> (g_ptr_array_index (found_, index))
               : nullptr;
  }
  /* "FOUND", as last told. */
  std::string state (PostsealSource source);
  const std::string &
  text (PostsealSource source)
  {
    return texts_[source];
  }
  /* All that has been asked. */
  std::string questions ();

  Sandbox sandbox;
  AsyncLoop loop;
  PostsealDiscovery *discovery = nullptr;
  double seconds = 0; /* of the last search */

private:
  static void
  on_source (PostsealDiscovery *, guint source, guint state, const char *text, gpointer);
  void write_program ();

  std::string cases_;
  GPtrArray *found_ = nullptr;
  std::map<unsigned, unsigned> states_;
  std::map<unsigned, std::string> texts_;
  std::map<std::string, unsigned short> ports_; /* of guesses, by URL scheme */
};

} // namespace postseal_test
