/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gio/gio.h>
#include <gtest/gtest.h>

#include "auth/authenticator.h"
#include "auth/vault-given.h"
#include "imap/imap-session.h"
#include "support/sealed-pair.h"
#include "support/session-records.h"

/* An IMAP server in the test's own main loop, at the other end of a sealed link. It reads only when
   the client has said all it wants to say, so that what it reads at once is one flight: counting
   flights counts round trips. */
class Peer
{
public:
  explicit Peer (bool awaits_greeting = true, bool has_certificate = false);
  Peer (const Peer &) = delete;
  Peer &operator= (const Peer &) = delete;

  PostsealSealedLink *take_link ();

  /* Answers to commands by their beginning, longest first; "TAG" stands for the tag. A command that
     nothing matches is answered "TAG OK done". */
  std::map<std::string, std::string> answers;
  /* Instead of those when set and it returns true. */
  std::function<bool (const std::string &tag, const std::string &command, std::string &reply)>
      on_command;
  /* Called with each line while a SASL exchange is on; returns what is to be said. */
  std::function<std::string (const std::string &tag, const std::string &line)> on_sasl;
  /* Put before every response line: the noise of other clients. */
  std::string noise;
  /* One byte at a time, the client running in between. */
  bool is_slow = false;
  /* The connection is cut after so many bytes. */
  size_t cut_after = SIZE_MAX;
  /* Synchronising literals are refused with this instead of "+". */
  std::string literal_refusal;

  void say (const std::string &text);
  void hang_up ();

  /* Runs client and server until @is_done or the server has nothing more to do and nothing is under
     way, or for ten seconds. */
  bool run_until (const std::function<bool ()> &is_done);
  /* Until neither side has anything to do. */
  void settle ();

  /* Each command as it came, without its tag, one string a flight, lines separated by "\n". */
  std::vector<std::string> flights;
  std::vector<std::string> commands;
  size_t said = 0;
  bool is_client_gone = false;

private:
  bool read_flight ();
  void take_input ();
  void take_line (std::string line);
  void write_out ();

  SealedPair pair_;
  std::string input_;
  std::string command_; /* with its literals, so far */
  size_t literal_left_ = 0;
  bool is_literal_halted_ = false;
  std::string sasl_tag_;
  std::string output_;
};

/* A vault that holds one secret. */
class Vault
{
public:
  explicit Vault (const char *secret)
  {
    g_autoptr (PostsealCredential) credential = postseal_credential_new (secret, -1);

    vault_ = postseal_vault_given_new (credential);
  }
  ~Vault () { g_object_unref (vault_); }
  Vault (const Vault &) = delete;
  Vault &operator= (const Vault &) = delete;
  PostsealVault *
  get ()
  {
    return vault_;
  }

private:
  PostsealVault *vault_;
};

/* One result. */
struct Waiter
{
  GAsyncResult *result = nullptr;
  int count = 0;

  static void
  on_done (GObject *, GAsyncResult *result, gpointer user_data)
  {
    auto self = static_cast<Waiter *> (user_data);

    self->count++;
    g_set_object (&self->result, result);
  }
  bool
  is_done () const
  {
    return result != nullptr;
  }
  ~Waiter () { g_clear_object (&result); }
};

/* A session with its peer. */
class ImapTest : public testing::Test, protected SessionRecords
{
protected:
  Peer *peer = nullptr;
  PostsealImapSession *session = nullptr;
  PostsealAuthenticator *auth = nullptr;
  Vault vault{ "secret" };
  GError *error = nullptr;

  /* What the server says it can do, before and after. */
  std::string greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN] hello\r\n";
  std::string caps = "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE UIDPLUS NAMESPACE CONDSTORE QRESYNC";

  void TearDown () override;
  void open (bool awaits_greeting = true, bool has_certificate = false);
  void use_mechanisms (const char *const *mechanisms, PostsealLatches *latches = nullptr);
  /* Each returns whether it went well; @error says why not. */
  bool login (bool compress = false);
  PostsealImapStatus *
  select (const char *mailbox, bool read_only = false, const PostsealImapKnown *known = nullptr);
  GArray *list_messages (guint32 first, const std::vector<guint32> &uids = {});
  bool remove (const std::vector<guint32> &uids);
  GPtrArray *list (const std::vector<const char *> &patterns, bool with_uses = false);
  PostsealImapStatus *status (const char *mailbox);
  /* open(), login(), select("INBOX"). */
  void start ();
};

/* What a fetch delivers, written down. */
struct Delivery
{
  std::string text; /* "begin 5;data hello;end 7 whole;" */
  std::map<guint32, std::string> whole;
  std::string open;
  bool is_open = false;
  std::function<void ()> on_data;

  static const PostsealImapFetchHandler handler;
};
