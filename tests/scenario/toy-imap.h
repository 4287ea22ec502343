/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/scripted-server.h"
#include "support/test-ca.h"

namespace postseal_test
{

struct ToyMessage
{
  std::string text; /* with CR LF */
  std::string size; /* what RFC822.SIZE says; the truth when empty */
  bool is_deleted = false; /* has the flag \Deleted */
};

struct ToyMailbox
{
  unsigned uid_validity = 9;
  std::string uid_next; /* what is said; the truth when empty, nothing when "-" */
  std::map<unsigned, ToyMessage> messages; /* by UID */
  unsigned next = 1; /* the truth about UIDNEXT */

  /* Adds a message under the next UID. */
  void add (const std::string &text);
};

/* An IMAP server with mailboxes, honest unless the hook answers a command itself. What it holds may
   be changed between two runs of the client. */
class ToyImap
{
public:
  /* One command of one connection. */
  struct Call
  {
    Peer &peer;
    std::string tag;
    std::string verb; /* "UID FETCH" */
    std::string words; /* what follows */
    ToyMailbox *mailbox; /* the selected one */

    bool
    is_body () const
    {
      return verb == "UID FETCH" && words.find ("BODY") != std::string::npos;
    }
  };
  /* Returns: TRUE when it has answered, tag included */
  using Hook = std::function<bool (const Call &call)>;

  ToyImap ();

  std::map<std::string, ToyMailbox> mailboxes; /* INBOX is there */
  std::string capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS";
  Hook hook;
  /* Called when it has said "+" to an IDLE (offered in capabilities), before it waits for DONE. */
  std::function<void (const Call &call)> on_idle;

  unsigned short
  port () const
  {
    return server_->port ();
  }
  /* Every command so far, "VERB words", of all connections. */
  std::vector<std::string> commands ();
  unsigned count (const std::string &beginning);
  /* Waits until every connection has ended: then the hook and what is held may be changed. */
  void settle ();
  /* Ends all connections, so that what they heard is complete. */
  void
  stop ()
  {
    server_->stop ();
  }
  ScriptedServer &
  server ()
  {
    return *server_;
  }

  /* The honest answers, for hooks. */
  static std::vector<unsigned> select_uids (const ToyMailbox &mailbox, const std::string &words);
  static std::string fetch_line (const ToyMailbox &mailbox, unsigned uid, bool with_body);
  static void answer_fetch (const Call &call);
  static void announce (const Call &call); /* EXISTS of the selected one */

private:
  void serve (Peer &peer);
  void converse (Peer &peer);
  void answer (const Call &call);
  void answer_open (const Call &call);
  void expunge (const Call &call);
  void idle (const Call &call);

  ServerTls tls_{ test_ca ().issue () };
  std::mutex mutex_; /* commands_, n_served_ */
  std::condition_variable changed_;
  unsigned n_served_ = 0; /* connections */
  std::vector<std::string> commands_;
  std::unique_ptr<ScriptedServer> server_;
};

} // namespace postseal_test
