/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* postseal connect against Dovecot and the submission servers, through a pipe and on a terminal. */

#include "support/dovecot.h"
#include "support/postseal-instance.h"
#include "support/submission-server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace postseal_test;

namespace
{

class ConnectInterop : public testing::Test
{
protected:
  Outcome
  connect (unsigned port,
           const std::string &protocol,
           const std::string &start,
           const std::string &ca_file,
           const std::string &input)
  {
    return postseal_.run ({ "connect", "localhost:" + std::to_string (port),
                            "--protocol=" + protocol, "--tls=" + start, "--ca-file=" + ca_file },
                          {}, input);
  }

  PostsealInstance postseal_;
};

bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

TEST_F (ConnectInterop, SpeaksImapToDovecot)
{
  Dovecot &server = Dovecot::shared ();

  for (const auto &[scheme, start] :
       { std::pair ("imaps", "implicit"), std::pair ("imap", "starttls") })
    {
      Outcome outcome = connect (server.port (scheme), "imap", start, server.ca_file (),
                                 "R1 NOOP\nQ1 CAPABILITY\nz LOGOUT\n");

      SCOPED_TRACE (scheme);
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_EQ (has (outcome.out, "ready."), scheme == std::string ("imaps")) << outcome.out;
      for (const char *words : { "R1 OK", "* CAPABILITY IMAP4rev1", "\r\nQ1 OK", "\r\nz OK" })
        EXPECT_TRUE (has (outcome.out, words)) << words << " in\n" << outcome.out;
    }
}

TEST_F (ConnectInterop, SpeaksPop3ToDovecot)
{
  Dovecot &server = Dovecot::shared ();

  for (const auto &[scheme, start] :
       { std::pair ("pop3s", "implicit"), std::pair ("pop3", "starttls") })
    {
      Outcome outcome
          = connect (server.port (scheme), "pop3", start, server.ca_file (), "CAPA\nQUIT\n");

      EXPECT_EQ (outcome.status, 0) << scheme << outcome.err;
      EXPECT_TRUE (has (outcome.out, "SASL ")) << outcome.out;
      EXPECT_TRUE (has (outcome.out, "Logging out")) << outcome.out;
    }
}

/* Without a farewell, the answers come all the same. */
TEST_F (ConnectInterop, WaitsForTheAnswersOfAScriptWithoutAFarewell)
{
  Dovecot &server = Dovecot::shared ();
  Outcome outcome
      = connect (server.port ("imaps"), "imap", "implicit", server.ca_file (), "a NOOP\n");

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "a OK")) << outcome.out;
}

TEST_F (ConnectInterop, SignsInAndHandsTheConversationOver)
{
  Dovecot &server = Dovecot::shared ();

  for (const auto &[scheme, script, answer] :
       { std::tuple ("imap", "a STATUS INBOX (MESSAGES)\nz LOGOUT\n", "MESSAGES 0"),
         std::tuple ("imaps", "a STATUS INBOX (MESSAGES)\nz LOGOUT\n", "MESSAGES 0"),
         std::tuple ("pop3", "STAT\nQUIT\n", "+OK 0 0"),
         std::tuple ("pop3s", "STAT\nQUIT\n", "+OK 0 0") })
    {
      const std::string kept = postseal_.path (std::string ("transcript-") + scheme);

      postseal_.configure (
          server.account ("main", scheme, server.new_user (), postseal_.deliver ()));
      Outcome outcome
          = postseal_.run ({ "connect", "--login", "--transcript=" + kept, "main" }, {}, script);

      SCOPED_TRACE (scheme);
      EXPECT_EQ (outcome.status, 0) << outcome.err;
      EXPECT_TRUE (has (outcome.out, answer)) << outcome.out;
      EXPECT_TRUE (has (outcome.err, "SCRAM-SHA-256")) << outcome.err;
      std::string text = read_file (kept);
      EXPECT_TRUE (has (text, answer)) << text;
      EXPECT_TRUE (has (text, "***")) << text;
      EXPECT_FALSE (has (text, server.password ())) << text;
    }
}

class ConnectSubmission : public ConnectInterop, public testing::WithParamInterface<const char *>
{
};

TEST_P (ConnectSubmission, SpeaksSmtp)
{
  SubmissionServer *server = SubmissionServer::shared (GetParam ());

  if (server == nullptr)
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  for (const auto &[scheme, start] :
       { std::pair ("submissions", "implicit"), std::pair ("submission", "starttls") })
    for (const char *farewell : { "QUIT\n", "" })
      {
        /* It drops its answers when it is told of the end, and a busy machine may make it slow. */
        if (*farewell == '\0' && server->kind () == "aiosmtpd")
          continue;

        Outcome outcome = connect (server->port (scheme), "submission", start, server->ca_file (),
                                   std::string ("EHLO me\nRSET\nQUAX\n") + farewell);

        SCOPED_TRACE (scheme);
        EXPECT_EQ (outcome.status, 0) << outcome.err;
        EXPECT_TRUE (has (outcome.out, "\r\n250 ")) << outcome.out;
        EXPECT_TRUE (has (outcome.out, "\r\n50")) << outcome.out;
        EXPECT_EQ (has (outcome.out, "\r\n221"), *farewell != '\0') << outcome.out;
      }
}

TEST_P (ConnectSubmission, SignsIn)
{
  SubmissionServer *server = SubmissionServer::shared (GetParam ());

  if (server == nullptr)
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  postseal_.configure (server->account ("main", "submission"));
  Outcome outcome = postseal_.run ({ "connect", "--login", "main" }, {},
                                   "MAIL FROM:<jane@example.org>\nRSET\nQUIT\n");

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out.rfind ("250 ", 0), 0u) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\r\n221")) << outcome.out;
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          ConnectSubmission,
                          testing::Values ("postfix", "aiosmtpd"),
                          [] (const auto &one) { return std::string (one.param); });

/* Reads until @words have been said. */
bool
wait_for (int fd, std::string *seen, const std::string &words)
{
  while (!has (*seen, words))
    {
      struct pollfd ready = { fd, POLLIN, 0 };
      char buffer[1024];
      ssize_t n = poll (&ready, 1, 30000) > 0 ? read (fd, buffer, sizeof buffer) : -1;

      if (n <= 0)
        return false;
      seen->append (buffer, n);
    }
  return true;
}

TEST_F (ConnectInterop, IsDrivenFromATerminal)
{
  Dovecot &server = Dovecot::shared ();
  const std::string program = getenv ("POSTSEAL");
  std::string seen;
  int fd = -1;
  int status = 0;

  postseal_.configure (server.account ("main", "imap", server.new_user (), postseal_.deliver ()));
  Environment environment = postseal_.complete ();
  pid_t pid = forkpty (&fd, nullptr, nullptr, nullptr);
  if (pid == 0)
    {
      for (const auto &[name, value] : environment)
        setenv (name.c_str (), value.c_str (), 1);
      execl (program.c_str (), program.c_str (), "connect", "--login", "main", nullptr);
      _exit (127);
    }
  EXPECT_TRUE (wait_for (fd, &seen, "Ctrl-D")) << seen;
  EXPECT_EQ (write (fd, "R NOOPS\x7f\n", 9), 9);
  EXPECT_TRUE (wait_for (fd, &seen, "R OK")) << seen;
  EXPECT_EQ (write (fd, "Q NOOP\n", 7), 7);
  EXPECT_TRUE (wait_for (fd, &seen, "Q OK")) << seen;
  EXPECT_EQ (write (fd, "\x04", 1), 1);
  EXPECT_FALSE (wait_for (fd, &seen, "never said"));
  waitpid (pid, &status, 0);
  close (fd);
  EXPECT_TRUE (WIFEXITED (status));
  EXPECT_EQ (WEXITSTATUS (status), 0) << seen;
}

} // namespace
