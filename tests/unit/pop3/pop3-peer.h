// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "pop3/pop3-session.h"

#include <glib/gstdio.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../net/sealed-pair.h"
#include "auth/authenticator.h"
#include "net/net-error.h"

// "\0jane\0secret"
#define PLAIN_RESPONSE "AGphbmUAc2VjcmV0"

// A session, the account "jane" with password "secret", and a scripted server at the other end.
class Pop3 : public testing::Test
{
protected:
  // Line by line; by the whole line first, then by its first word. The default is -ERR.
  std::map<std::string, std::string> script;
  std::function<std::string (const std::string &)> answer; // instead of the script, when set
  std::vector<std::string> lines; // what the server has heard
  std::vector<size_t> flights; // how many lines came at once
  bool awaits_greeting = true;
  std::string greeting = "+OK ready\r\n";
  size_t n_spoken = 0; // bytes the server has said
  size_t cut_after = SIZE_MAX; // it hangs up after so many
  bool is_bytewise = false; // it says one byte at a time

  std::vector<std::string> mechanisms; // "auth"; empty: auto
  std::string password = "secret";

  SealedPair *pair = nullptr;
  PostsealPop3Session *session = nullptr;
  PostsealAuthenticator *auth = nullptr;
  std::string transcript;
  std::string facts; // "name=value", a line each
  gint64 n_counted = 0; // by STAT

  // What came of the operations, in order: "login ok", "quit error 3 of postseal-pop3-error-quark".
  std::vector<std::string> outcomes;
  GError *error = nullptr; // of the last that failed
  PostsealPop3Listing *listing = nullptr;
  std::vector<guint32> deleted;

  // What the retrieve handler got: "begin 1", "data text", "end 1", "end 2 error".
  std::vector<std::string> events;
  std::function<void ()> on_data = [] () {};
  std::function<void ()> on_end = [] () {};

  Pop3 ()
  {
    script["CAPA"] = "+OK\r\nSASL PLAIN\r\nUSER\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n.\r\n";
    script["AUTH PLAIN " PLAIN_RESPONSE] = "+OK welcome\r\n";
    script["UIDL"] = "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n";
    script["LIST"] = "+OK\r\n1 10\r\n2 20\r\n3 30\r\n.\r\n";
    script["DELE"] = "+OK\r\n";
    script["NOOP"] = "+OK\r\n";
    script["QUIT"] = "+OK bye\r\n";
  }

  void
  open (guint timeout_ms = 5000)
  {
    g_autoptr (PostsealTranscript) records = postseal_transcript_new (record, this, nullptr);
    g_autoptr (PostsealVault) vault = make_vault ();
    std::vector<const char *> names;

    for (const std::string &name : mechanisms)
      names.push_back (name.c_str ());
    postseal_transcript_set_fact_func (records, record_fact);
    names.push_back (nullptr);
    auth = postseal_authenticator_new ("work", "jane", vault,
                                       mechanisms.empty () ? nullptr : names.data (), nullptr);
    pair = new SealedPair (awaits_greeting);
    session = postseal_pop3_session_new (pair->take_link (), timeout_ms, records);
    if (awaits_greeting)
      say (greeting);
  }

  // Ends the session and forgets what came of it; the script stays.
  void
  reset ()
  {
    if (session != nullptr)
      postseal_pop3_session_leave (session);
    g_clear_pointer (&pair, delete_pair);
    settle ();
    g_clear_object (&session);
    settle ();
    g_clear_pointer (&auth, postseal_authenticator_unref);
    g_clear_pointer (&listing, postseal_pop3_listing_free);
    if (!secret_file.empty ())
      g_unlink (secret_file.c_str ());
    for (std::vector<std::string> *kept : { &lines, &outcomes, &events })
      kept->clear ();
    for (std::string *kept : { &transcript, &facts, &pending, &unread, &secret_file })
      kept->clear ();
    flights.clear ();
    deleted.clear ();
    n_spoken = 0;
  }

  void
  TearDown () override
  {
    reset ();
    g_clear_error (&error);
  }

  // --- the server ---

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
    std::string heard;
    size_t n_lines = 0;
    size_t end = 0;

    g_main_context_iteration (nullptr, FALSE);
    push ();
    if (pair->peer < 0)
      return;
    unread += pair->hear ();
    while ((end = unread.find ("\r\n")) != std::string::npos)
      {
        heard = unread.substr (0, end);
        unread.erase (0, end + 2);
        lines.push_back (heard);
        n_lines++;
        say (answer ? answer (heard) : look_up (heard));
      }
    if (n_lines > 0)
      flights.push_back (n_lines);
  }

  bool
  run_to (size_t n_outcomes)
  {
    return run_while ([&] { return outcomes.size () < n_outcomes; });
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

  std::string
  look_up (const std::string &line) const
  {
    auto found = script.find (line);

    if (found == script.end ())
      found = script.find (line.substr (0, line.find (' ')));
    return found != script.end () ? found->second : "-ERR unknown command\r\n";
  }

  // --- operations ---

  void
  login (GCancellable *cancellable = nullptr)
  {
    postseal_pop3_session_login_async (session, auth, cancellable, on_login, this);
  }

  void
  list ()
  {
    postseal_pop3_session_list_async (session, nullptr, on_list, this);
  }

  void
  stat (GCancellable *cancellable = nullptr)
  {
    postseal_pop3_session_stat_async (session, cancellable, on_stat, this);
  }

  void
  retrieve (const std::vector<PostsealPop3Entry> &entries, GCancellable *cancellable = nullptr)
  {
    static const PostsealPop3RetrieveHandler handler = { handle_begin, handle_data, handle_end };

    postseal_pop3_session_retrieve_async (session, entries.data (), entries.size (), &handler, this,
                                          cancellable, on_retrieve, this);
  }

  void
  remove (const std::vector<guint32> &numbers)
  {
    postseal_pop3_session_delete_async (session, numbers.data (), numbers.size (), nullptr,
                                        on_delete, this);
  }

  void
  quit ()
  {
    postseal_pop3_session_quit_async (session, nullptr, on_quit, this);
  }

  // Signed in, and as if nothing had been said.
  void
  open_and_login ()
  {
    open ();
    login ();
    ASSERT_TRUE (run_to (1));
    ASSERT_EQ (outcomes[0], "login ok") << (error != nullptr ? error->message : "");
    outcomes.clear ();
    lines.clear ();
    flights.clear ();
  }

  static PostsealPop3Entry
  entry (guint32 number, guint64 size = 0)
  {
    return { number, 0, size, nullptr };
  }

  static std::vector<PostsealPop3Entry>
  entries (guint32 n, guint64 size = 0)
  {
    std::vector<PostsealPop3Entry> all;

    for (guint32 i = 1; i <= n; i++)
      all.push_back (entry (i, size));
    return all;
  }

  std::string
  message () const
  {
    return error != nullptr ? error->message : "";
  }

private:
  static void
  delete_pair (SealedPair *self)
  {
    delete self;
  }

  std::string pending; // said, not sent yet
  std::string unread;
  std::string secret_file;

  PostsealVault *
  make_vault ()
  {
    g_autoptr (GError) problem = nullptr;
    g_autofree char *name = nullptr;
    int fd = g_file_open_tmp ("pop3-secret-XXXXXX", &name, &problem);
    PostsealVault *vault = nullptr;

    EXPECT_GE (fd, 0);
    EXPECT_EQ (write (fd, password.data (), password.size ()),
               static_cast<ssize_t> (password.size ()));
    close (fd);
    secret_file = name;
    vault = postseal_vault_new (("file:" + secret_file).c_str (), &problem);
    EXPECT_NE (vault, nullptr);
    return vault;
  }

  void
  push ()
  {
    while (!pending.empty () && pair->peer >= 0 && n_spoken < cut_after)
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

  static void
  record (PostsealTranscriptKind kind, const char *line, gpointer user_data)
  {
    static_cast<Pop3 *> (user_data)->transcript
        += (kind == POSTSEAL_TRANSCRIPT_SENT ? "> " : "< ") + std::string (line) + "\n";
  }

  static void
  record_fact (const char *name, const char *value, gpointer user_data)
  {
    static_cast<Pop3 *> (user_data)->facts += std::string (name) + "=" + value + "\n";
  }

  void
  note (const std::string &name, GError *problem)
  {
    if (problem == nullptr)
      {
        outcomes.push_back (name + " ok");
        return;
      }
    outcomes.push_back (name + " error");
    g_clear_error (&error);
    error = problem;
  }

  static void
  on_login (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    GError *problem = nullptr;

    postseal_pop3_session_login_finish (POSTSEAL_POP3_SESSION (source), result, &problem);
    static_cast<Pop3 *> (user_data)->note ("login", problem);
  }

  static void
  on_list (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto self = static_cast<Pop3 *> (user_data);
    GError *problem = nullptr;

    g_clear_pointer (&self->listing, postseal_pop3_listing_free);
    self->listing
        = postseal_pop3_session_list_finish (POSTSEAL_POP3_SESSION (source), result, &problem);
    self->note ("list", problem);
  }

  static void
  on_stat (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto self = static_cast<Pop3 *> (user_data);
    GError *problem = nullptr;

    self->n_counted
        = postseal_pop3_session_stat_finish (POSTSEAL_POP3_SESSION (source), result, &problem);
    self->note ("stat", problem);
  }

  static void
  on_retrieve (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    GError *problem = nullptr;

    postseal_pop3_session_retrieve_finish (POSTSEAL_POP3_SESSION (source), result, &problem);
    static_cast<Pop3 *> (user_data)->note ("retrieve", problem);
  }

  static void
  on_delete (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto self = static_cast<Pop3 *> (user_data);
    GError *problem = nullptr;
    g_autoptr (GArray) numbers
        = postseal_pop3_session_delete_finish (POSTSEAL_POP3_SESSION (source), result, &problem);

    for (guint i = 0; numbers != nullptr && i < numbers->len; i++)
      self->deleted.push_back (g_array_index (numbers, guint32, i));
    self->note ("delete", problem);
  }

  static void
  on_quit (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    GError *problem = nullptr;

    postseal_pop3_session_quit_finish (POSTSEAL_POP3_SESSION (source), result, &problem);
    static_cast<Pop3 *> (user_data)->note ("quit", problem);
  }

  static void
  handle_begin (PostsealPop3Session *source, const PostsealPop3Entry *entry, gpointer user_data)
  {
    static_cast<Pop3 *> (user_data)->events.push_back ("begin " + std::to_string (entry->number));
  }

  static void
  handle_data (PostsealPop3Session *source, const char *data, gsize length, gpointer user_data)
  {
    auto self = static_cast<Pop3 *> (user_data);

    // Pieces come in any size; what they add up to counts.
    if (self->events.back ().compare (0, 5, "data ") == 0)
      self->events.back ().append (data, length);
    else
      self->events.push_back ("data " + std::string (data, length));
    self->on_data ();
  }

  static void
  handle_end (PostsealPop3Session *source,
              const PostsealPop3Entry *entry,
              const GError *problem,
              gpointer user_data)
  {
    auto self = static_cast<Pop3 *> (user_data);

    self->events.push_back ("end " + std::to_string (entry->number)
                            + (problem != nullptr ? " error" : ""));
    self->on_end ();
  }
};
