/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "support/private-server.h"

#include <string>
#include <vector>

namespace postseal_test
{

/* What a submission server has accepted. */
struct Submitted
{
  std::string sender;
  std::vector<std::string> recipients; /* in order, but Postfix has one of its own */
  std::vector<std::string> options; /* of MAIL, as the last server in the chain got them */
  std::string text; /* as it came, without the Received field that the server put in front */
};

/* Whether tests/run installs Postfix and what needs it: asked by root, and no other mail server has
   this machine. On a fresh machine it is so. */
bool may_have_mta ();

/* A private submission server (data/demo/private-submission) that keeps what it gets. Any user name
   is taken. */
class SubmissionServer
{
public:
  /* @kind: "postfix", "aiosmtpd", "dovecot" */
  explicit SubmissionServer (const std::string &kind);

  /* The one of its kind that all tests of a program share, started by the first. NULL for Postfix
     where it may not be, see may_have_mta(); that another one does not start is a failure. */
  static SubmissionServer *shared (const std::string &kind);

  const std::string &
  kind () const
  {
    return kind_;
  }
  /* "submission", "submissions" */
  unsigned port (const std::string &scheme) const;
  const std::string &
  password () const
  {
    return server_.value ("SUBMISSION_PASSWORD");
  }
  const std::string &
  password_file () const
  {
    return server_.value ("SUBMISSION_PASSWORD_FILE");
  }
  const std::string &
  ca_file () const
  {
    return server_.value ("SUBMISSION_CA");
  }

  /* A section of accounts.conf that sends as jane@example.org. @more: further lines. @port: 0 for
     the server's own */
  std::string account (const std::string &name,
                       const std::string &scheme,
                       const std::string &more = {},
                       unsigned port = 0) const;

  /* What came since the last call, in order of arrival; waits until nothing is on its way within
     the server. */
  std::vector<Submitted> take ();

  /* The log since the last call. */
  std::string take_log ();

private:
  bool is_busy () const;

  std::string kind_;
  TemporaryFolder dump_;
  PrivateServer server_;
  size_t taken_ = 0;
  size_t log_seen_ = 0;
};

} // namespace postseal_test
