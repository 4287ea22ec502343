/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The examination of ports, of servers that are as they should be. */
#include "port-exam-fixture.h"
#include "support/dovecot.h"
#include "support/submission-server.h"

using namespace postseal_test;

namespace
{

struct Port
{
  const char *name;
  PostsealProtocol protocol;
  PostsealTlsStart start;
};

constexpr auto IMPLICIT = POSTSEAL_TLS_START_IMPLICIT;
constexpr auto UPGRADE = POSTSEAL_TLS_START_UPGRADE;

class PortExamServersTest : public PortExamTest, public testing::WithParamInterface<Port>
{
protected:
  void
  examine_server (unsigned port)
  {
    probe_injection_ = true;
    examine_port (GetParam ().protocol, GetParam ().start, port);
  }

  void
  expect_sound ()
  {
    EXPECT_EQ (facts ().state, POSTSEAL_PORT_MAIL) << facts ().reason;
    EXPECT_EQ (facts ().reason, nullptr) << facts ().reason;
    EXPECT_EQ (facts ().start, GetParam ().start);
    EXPECT_EQ (facts ().has_tls, POSTSEAL_SEEN_YES) << facts ().tls_error;
    EXPECT_STREQ (facts ().tls_version, "TLS 1.3");
    ASSERT_NE (facts ().chain, nullptr);
    EXPECT_EQ (facts ().tls10, POSTSEAL_SEEN_NO);
    EXPECT_EQ (facts ().tls11, POSTSEAL_SEEN_NO);
    EXPECT_EQ (facts ().tls12, POSTSEAL_SEEN_YES);
    EXPECT_EQ (facts ().suites, POSTSEAL_SEEN_YES);
    EXPECT_EQ (facts ().suite_null, nullptr) << facts ().suite_null;
    EXPECT_EQ (facts ().suite_broken, nullptr) << facts ().suite_broken;
    EXPECT_EQ (facts ().suite_static, nullptr) << facts ().suite_static;
    EXPECT_EQ (facts ().extended_master_secret, POSTSEAL_SEEN_YES);
    EXPECT_EQ (facts ().resumption, POSTSEAL_SEEN_YES);
    EXPECT_NE (join (facts ().caps_after), "-");
    EXPECT_FALSE (facts ().is_preauth);
    if (GetParam ().start == IMPLICIT)
      return;
    EXPECT_EQ (facts ().upgrade, POSTSEAL_PORT_UPGRADE_AGREED);
    EXPECT_EQ (facts ().reply_injected, POSTSEAL_SEEN_NO);
    EXPECT_EQ (facts ().command_injection, POSTSEAL_SEEN_NO);
    EXPECT_NE (join (facts ().caps_before).find ("ST"), std::string::npos);
  }
};

std::string
name_of (const testing::TestParamInfo<Port> &about)
{
  return about.param.name;
}

/* --- Dovecot --- */

class PortExamDovecotTest : public PortExamServersTest
{
};

TEST_P (PortExamDovecotTest, IsSound)
{
  Dovecot &server = Dovecot::shared ();

  server.take_log ();
  examine_server (server.port (GetParam ().name));
  expect_sound ();
  EXPECT_EQ (facts ().suite_anonymous, nullptr) << facts ().suite_anonymous;
  const std::string log = server.take_log ();
  for (const char *word : { "Error", "Warning", "Panic", "attack" })
    EXPECT_EQ (log.find (word), std::string::npos) << log;
}

INSTANTIATE_TEST_SUITE_P (Ports,
                          PortExamDovecotTest,
                          testing::Values (Port{ "imap", POSTSEAL_PROTOCOL_IMAP, UPGRADE },
                                           Port{ "imaps", POSTSEAL_PROTOCOL_IMAP, IMPLICIT },
                                           Port{ "pop3", POSTSEAL_PROTOCOL_POP3, UPGRADE },
                                           Port{ "pop3s", POSTSEAL_PROTOCOL_POP3, IMPLICIT }),
                          name_of);

/* --- Postfix --- */

class PortExamPostfixTest : public PortExamServersTest
{
};

TEST_P (PortExamPostfixTest, IsSound)
{
  SubmissionServer *server = SubmissionServer::shared ("postfix");

  if (server == nullptr)
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  server->take_log ();
  examine_server (server->port (GetParam ().name));
  expect_sound ();
  const std::string log = server->take_log ();
  for (const char *word : { "pipelining", "too many", "non-SMTP", "panic", "fatal" })
    EXPECT_EQ (log.find (word), std::string::npos) << log;
}

INSTANTIATE_TEST_SUITE_P (Ports,
                          PortExamPostfixTest,
                          testing::Values (Port{ "submission", POSTSEAL_PROTOCOL_SMTP, UPGRADE },
                                           Port{ "submissions", POSTSEAL_PROTOCOL_SMTP, IMPLICIT }),
                          name_of);

} // namespace
