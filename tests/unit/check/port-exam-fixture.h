/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/port-exam.h"
#include "support/main-loop.h"
#include "support/scripted-server.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace postseal_test
{

/* A mail server with nothing behind its greeting, and with the faults it is told to have. */
struct Toy
{
  PostsealProtocol protocol = POSTSEAL_PROTOCOL_IMAP;
  PostsealTlsStart start = POSTSEAL_TLS_START_UPGRADE;
  ServerTls tls = {};
  std::string greeting = {}; /* without line end; the usual one when empty */
  bool offers_upgrade = true;
  std::string upgrade_answer = {}; /* all of its bytes; the usual one when empty */
  bool keeps_clear_commands = false; /* answers within TLS what was sent in clear */
  bool takes_clear_commands_for_tls = false; /* and fails for that */
  bool refuses_clear_commands = false; /* and TLS with them */
  bool knows_ehlo = true;

  void serve (Peer &peer) const;

private:
  /* FALSE at the end of the conversation; @ret_upgrades: the next thing is a handshake */
  bool answer (Peer &peer, const std::string &line, bool *ret_upgrades) const;
  std::string list (bool is_tls) const;
};

/* A TLS server of today. */
inline ServerTls
sound_tls (const CertOptions &options = {})
{
  ServerTls tls;

  tls.identity = test_ca ().issue (options);
  tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA";
  tls.ticket_key = make_ticket_key ();
  return tls;
}

class PortExamTest : public testing::Test
{
protected:
  ~PortExamTest () override { postseal_port_facts_free (facts_); }

  /* Looks at a server with @script. */
  void examine (PostsealProtocol protocol,
                PostsealTlsStart usual,
                ScriptedServer::Script script,
                unsigned limit_ms = 60000);
  /* The same with a toy, as on its usual port. */
  void
  examine (const Toy &toy)
  {
    examine (toy.protocol, toy.start, [toy] (Peer &peer) { toy.serve (peer); });
  }
  /* Looks at many servers at the same time. */
  class Many;
  /* Looks at a port of this machine. */
  void examine_port (PostsealProtocol protocol,
                     PostsealTlsStart usual,
                     unsigned port,
                     unsigned limit_ms = 60000);

  /* "a, b"; "-" for NULL */
  static std::string join (char **list);

  const PostsealPortFacts &
  facts () const
  {
    return *facts_;
  }

  AsyncLoop loop_;
  bool is_brief_ = false;
  bool probe_injection_ = false;
  std::vector<std::string> addresses_ = { "127.0.0.1" };
  GCancellable *cancellable_ = nullptr; /* borrowed */
  GError *error_ = nullptr;
  std::string transcript_; /* "* note\n> sent\n< received\n" */
  std::unique_ptr<ScriptedServer> server_;

private:
  PostsealPortFacts *facts_ = nullptr;
};

class PortExamTest::Many
{
public:
  explicit Many (PortExamTest &test) : test_ (test) {}

  void begin (PostsealProtocol protocol,
              PostsealTlsStart usual,
              ScriptedServer::Script script,
              unsigned limit_ms);
  void wait ();

  size_t
  size () const
  {
    return runs_.size ();
  }
  const PostsealPortFacts &
  facts (size_t index) const
  {
    return *runs_[index]->facts;
  }

private:
  struct Run
  {
    ~Run () { postseal_port_facts_free (facts); }

    std::unique_ptr<ScriptedServer> server;
    PostsealPortFacts *facts = nullptr;
  };
  static void on_examined (GObject *source, GAsyncResult *result, gpointer user_data);

  PortExamTest &test_;
  std::vector<std::unique_ptr<Run>> runs_;
};

} // namespace postseal_test
