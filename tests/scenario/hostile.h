/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/sandbox.h"
#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* A secret that must never be seen in clear, plain or in base64. */
inline constexpr const char *kUser = "jane";
inline constexpr const char *kPassword = "correct-horse-77";

/* One of the two retrieval protocols: how an honest server speaks it. */
struct Protocol
{
  const char *name; /* "Imap", for test names */
  const char *upgrade; /* URL scheme with STARTTLS or STLS */
  const char *implicit; /* URL scheme with TLS from the first byte */
  std::string greeting; /* with CR LF */

  /* The answers to the upgrade command @line. */
  std::string accept (const std::string &line) const;
  std::string refuse (const std::string &line, bool is_known) const;

  /* An honest session with one message, from behind the greeting to the end. Messages are what a
     client must store, with LF line ends. */
  void serve (Peer &peer) const;
  static const std::string &message ();
};

extern const Protocol kProtocols[2];

/* For INSTANTIATE_TEST_SUITE_P: "Imap", "Pop3". */
std::string protocol_name (const testing::TestParamInfo<Protocol> &parameter);
/* For failures. */
std::ostream &operator<< (std::ostream &stream, const Protocol &protocol);

/* Reads the greeting and the upgrade command. Returns: the command's line, "" when it did not come
 */
std::string greet (Peer &peer, const Protocol &protocol);
/* An honest server on a plain port. */
void serve_upgraded (Peer &peer, const Protocol &protocol, const ServerTls &tls);
/* An honest server on a TLS port. */
void serve_implicit (Peer &peer, const Protocol &protocol, const ServerTls &tls);

/* Whole-program tests: "postseal fetch" against a scripted server. */
class Scenario : public testing::TestWithParam<Protocol>
{
protected:
  /* Configures the account "work" for localhost:@port and fetches. */
  Outcome fetch (const std::string &scheme, unsigned short port, const std::string &extra = "");

  /* Sealed: exit status @status with a sentence that has @words, quickly; nothing in clear but the
     upgrade command, nothing delivered. */
  void expect_refused (ScriptedServer &server,
                       const Outcome &outcome,
                       const std::string &words,
                       int status = 76);
  void expect_nothing_in_clear (ScriptedServer &server);
  /* Exit status 0 and the message of Protocol::message() delivered, once. */
  void expect_delivered (const Outcome &outcome);

  Sandbox sandbox;
};

} // namespace postseal_test
