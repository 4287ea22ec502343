// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/vault-given.h"
#include "net/net-error.h"
#include "support/sealed-pair.h"
#include "support/session-records.h"

// "\0jane\0secret"
#define PLAIN_RESPONSE "AGphbmUAc2VjcmV0"

// A session of some protocol, the account "jane" with password "secret", and a scripted server at
// the other end, all in one loop. What the protocol says is the subclass's.
class SessionTest : public testing::Test, protected SessionRecords
{
protected:
  std::vector<size_t> flights; // how many lines came at once
  bool awaits_greeting = true;
  std::string greeting;
  size_t n_spoken = 0; // bytes the server has said
  size_t cut_after = SIZE_MAX; // it hangs up after so many
  bool is_bytewise = false; // it says one byte at a time
  bool is_holding = false; // it keeps its replies to itself

  std::vector<std::string> mechanisms; // "auth"; empty: auto
  std::string password = "secret";

  SealedPair *pair = nullptr;
  PostsealAuthenticator *auth = nullptr;

  std::vector<std::string> outcomes; // of the operations, in order: "login ok", "quit error"
  GError *error = nullptr; // of the last that failed

  std::string pending; // what the server is still to say

  // --- of the protocol ---

  // Makes the pair, and the session over its link.
  virtual void connect (PostsealTranscript *records, guint timeout_ms) = 0;
  // Ends the session, if there is one, and does away with it in drop().
  virtual void leave () = 0;
  virtual void drop () = 0;
  // Notes "login" when it has ended.
  virtual void login (GCancellable *cancellable = nullptr) = 0;
  // Reads what has come, and says what is to be said to it. Returns: how many lines came
  virtual size_t hear () = 0;

  // --- its course ---

  void
  open (guint timeout_ms = 5000)
  {
    g_autoptr (PostsealTranscript) records = new_transcript ();
    g_autoptr (PostsealCredential) secret
        = postseal_credential_new (password.data (), static_cast<gssize> (password.size ()));
    g_autoptr (PostsealVault) vault = postseal_vault_given_new (secret);
    std::vector<const char *> names;

    for (const std::string &name : mechanisms)
      names.push_back (name.c_str ());
    names.push_back (nullptr);
    auth = postseal_authenticator_new ("work", "jane", vault,
                                       mechanisms.empty () ? nullptr : names.data (), nullptr);
    connect (records, timeout_ms);
    if (awaits_greeting)
      say (greeting);
  }

  // Ends the session and forgets what came of it; the script stays.
  virtual void
  reset ()
  {
    leave ();
    delete pair;
    pair = nullptr;
    settle ();
    drop ();
    settle ();
    g_clear_pointer (&auth, postseal_authenticator_unref);
    for (std::string *kept : { &transcript, &facts, &pending })
      kept->clear ();
    outcomes.clear ();
    flights.clear ();
    n_spoken = 0;
  }

  void
  TearDown () override
  {
    reset ();
    g_clear_error (&error);
  }

  void
  say (const std::string &text)
  {
    pending += text;
    push ();
  }

  // One turn of everything: loop, server.
  void
  turn ()
  {
    size_t n_lines = 0;

    g_main_context_iteration (nullptr, FALSE);
    push ();
    if (pair->peer >= 0)
      n_lines = hear ();
    if (n_lines > 0)
      flights.push_back (n_lines);
  }

  void
  run_turns (int n)
  {
    for (int i = 0; i < n; i++)
      turn ();
  }

  bool
  run_while (const std::function<bool ()> &condition)
  {
    gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

    while (condition ())
      {
        turn ();
        if (g_get_monotonic_time () > end)
          return false;
      }
    return true;
  }

  bool
  run_to (size_t n_outcomes)
  {
    return run_while ([&] { return outcomes.size () < n_outcomes; });
  }

  // --- what comes of it ---

  void
  note (const std::string &name, GError *problem)
  {
    outcomes.push_back (name + (problem == nullptr ? " ok" : " error"));
    if (problem == nullptr)
      return;
    g_clear_error (&error);
    error = problem;
  }

  std::string
  message () const
  {
    return error != nullptr ? error->message : "";
  }

  // --- log-ins ---

  bool
  succeeds (guint timeout_ms = 5000)
  {
    open (timeout_ms);
    login ();
    EXPECT_TRUE (run_to (1));
    return outcomes == std::vector<std::string>{ "login ok" };
  }

  bool
  fails_with (GQuark domain, int code)
  {
    return !succeeds () && g_error_matches (error, domain, code);
  }

  bool
  is_dropped ()
  {
    return run_while ([&] {
      pair->hear ();
      return !pair->is_ended;
    });
  }

  // Gives the account a password of @length. Returns: the response of PLAIN to it
  std::string
  use_long_password (size_t length)
  {
    std::string response = std::string ("\0jane\0", 6) + std::string (length, 'x');
    g_autofree char *base64
        = g_base64_encode (reinterpret_cast<const guchar *> (response.data ()), response.size ());

    password = std::string (length, 'x');
    return base64;
  }

  void
  cancel_at_every_turn ()
  {
    for (int n_turns = 0; n_turns < 12; n_turns++)
      {
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();

        begin_login (n_turns, cancellable);
        g_cancellable_cancel (cancellable);
        ASSERT_TRUE (run_to (1));
        EXPECT_TRUE (outcomes[0] == "login ok"
                     || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            << message ();
        settle ();
        EXPECT_EQ (outcomes.size (), 1u);
        reset ();
      }
  }

  void
  leave_at_every_turn ()
  {
    for (int n_turns = 0; n_turns < 12; n_turns++)
      {
        begin_login (n_turns, nullptr);
        leave ();
        ASSERT_TRUE (run_to (1));
        settle ();
        EXPECT_EQ (outcomes.size (), 1u);
        reset ();
      }
  }

private:
  void
  begin_login (int n_turns, GCancellable *cancellable)
  {
    open ();
    login (cancellable);
    for (int i = 0; i < n_turns && outcomes.empty (); i++)
      turn ();
  }

  void
  push ()
  {
    while (!pending.empty () && pair->peer >= 0 && n_spoken < cut_after && !is_holding)
      {
        size_t most = is_bytewise ? 1 : MIN (pending.size (), cut_after - n_spoken);
        size_t n = pair->say (pending.substr (0, most));

        pending.erase (0, n);
        n_spoken += n;
        if (n == 0 || is_bytewise)
          break;
      }
    if (n_spoken >= cut_after)
      pair->hang_up ();
  }
};
