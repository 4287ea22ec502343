/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* postseal check HOST against honest servers of other people: nothing bad is said of them, and they
   take no offence. */

#include "support/dovecot.h"
#include "support/postseal-instance.h"
#include "support/submission-server.h"

#include <gtest/gtest.h>

using namespace postseal_test;

namespace
{

bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

class CheckHostInterop : public testing::Test
{
protected:
  /* No fault, and TLS of today. */
  void
  expect_honest (const std::string &url, const std::string &ca_file)
  {
    Outcome outcome
        = postseal_.run ({ "check", "--json", "--probe-injection", "--ca-file=" + ca_file, url });

    SCOPED_TRACE (url);
    EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
    for (const char *words : { "\"tls-ok\"", "\"cert-ok\"", "TLS 1.3" })
      EXPECT_TRUE (has (outcome.out, words)) << words << " in\n" << outcome.out;
    for (const char *level : { "\"bad\"", "\"unknown\"" })
      EXPECT_FALSE (has (outcome.out, level)) << outcome.out;
  }

  PostsealInstance postseal_;
};

TEST_F (CheckHostInterop, FindsNothingBadWithDovecot)
{
  Dovecot &server = Dovecot::shared ();

  server.take_log ();
  for (const char *scheme : { "imap", "imaps", "pop3", "pop3s" })
    expect_honest (std::string (scheme) + "://localhost:" + std::to_string (server.port (scheme)),
                   server.ca_file ());
  std::string log = server.take_log ();
  EXPECT_FALSE (has (log, "auth failed")) << log;
  EXPECT_FALSE (has (log, "Panic")) << log;
}

class CheckHostSubmission : public CheckHostInterop,
                            public testing::WithParamInterface<const char *>
{
};

TEST_P (CheckHostSubmission, FindsNothingBad)
{
  SubmissionServer *server = SubmissionServer::shared (GetParam ());

  if (server == nullptr)
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  for (const char *scheme : { "submission", "submissions" })
    expect_honest (std::string (scheme) + "://localhost:" + std::to_string (server->port (scheme)),
                   server->ca_file ());
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          CheckHostSubmission,
                          testing::Values ("postfix", "aiosmtpd", "dovecot"),
                          [] (const auto &one) { return std::string (one.param); });

} // namespace
