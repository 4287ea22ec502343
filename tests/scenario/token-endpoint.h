/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "scenario/toy-imap.h"
#include "scenario/toy-submission.h"
#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

/* A provider's token endpoint (RFC 6749 section 3.2), by HTTPS unless told otherwise. Honest: gives
   out "access-1", "access-2" ... for the refresh token "refresh-1". */
class TokenEndpoint
{
public:
  using Form = std::map<std::string, std::string>;
  /* What to answer to @form, head included; nothing is said when it is empty. */
  using Answer = std::function<std::string (const Form &form)>;

  explicit TokenEndpoint (bool is_clear = false);

  Answer answer;
  std::string refresh_token = "refresh-1";

  static std::string reply (int status, const std::string &body);
  static std::string refusal (const std::string &error, const std::string &description);

  unsigned short
  port () const
  {
    return server_->port ();
  }
  std::string
  url () const
  {
    return "https://localhost:" + std::to_string (port ()) + "/token";
  }
  ScriptedServer &
  server ()
  {
    return *server_;
  }
  std::vector<Form> forms ();
  /* The heads of the requests. */
  std::vector<std::string> heads ();

private:
  void serve (Peer &peer);

  bool is_clear_;
  ServerTls tls_{ test_ca ().issue () };
  std::mutex mutex_; /* all below */
  std::vector<Form> forms_;
  std::vector<std::string> heads_;
  std::unique_ptr<ScriptedServer> server_;
};

/* Mail servers that take @is_good tokens only, as RFC 7628 section 3.2.3 wants it, and note what
   they were given. */
class TokenGate
{
public:
  std::function<bool (const std::string &token)> is_good
      = [] (const std::string &) { return true; };

  ToyImap::Hook imap ();
  ToySubmission::Hook smtp ();
  /* "MECHANISM TOKEN" of each attempt. */
  std::vector<std::string> attempts ();

private:
  bool judge (const std::string &mechanism, const std::string &initial);

  std::mutex mutex_;
  std::vector<std::string> attempts_;
};

} // namespace postseal_test
