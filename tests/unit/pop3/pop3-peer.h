// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "pop3/pop3-session.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "support/session-test.h"

// A POP3 session with its server.
class Pop3 : public SessionTest
{
protected:
  // Line by line; by the whole line first, then by its first word. The default is -ERR.
  std::map<std::string, std::string> script;
  std::function<std::string (const std::string &)> answer; // instead of the script, when set
  std::vector<std::string> lines; // what the server has heard
  PostsealPop3Session *session = nullptr;
  gint64 n_counted = 0; // by STAT

  PostsealPop3Listing *listing = nullptr;
  std::vector<guint32> deleted;

  // What the retrieve handler got: "begin 1", "data text", "end 1", "end 2 error".
  std::vector<std::string> events;
  std::function<void ()> on_data = [] () {};
  std::function<void ()> on_end = [] () {};

  Pop3 ()
  {
    greeting = "+OK ready\r\n";
    script["CAPA"] = "+OK\r\nSASL PLAIN\r\nUSER\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n.\r\n";
    script["AUTH PLAIN " PLAIN_RESPONSE] = "+OK welcome\r\n";
    script["UIDL"] = "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n";
    script["LIST"] = "+OK\r\n1 10\r\n2 20\r\n3 30\r\n.\r\n";
    script["DELE"] = "+OK\r\n";
    script["NOOP"] = "+OK\r\n";
    script["QUIT"] = "+OK bye\r\n";
  }

  void
  connect (PostsealTranscript *records, guint timeout_ms) override
  {
    pair = new SealedPair (awaits_greeting);
    session = postseal_pop3_session_new (pair->take_link (), timeout_ms, records);
  }

  void
  leave () override
  {
    if (session != nullptr)
      postseal_pop3_session_leave (session);
  }

  void
  drop () override
  {
    g_clear_object (&session);
  }

  void
  reset () override
  {
    SessionTest::reset ();
    g_clear_pointer (&listing, postseal_pop3_listing_free);
    unread.clear ();
    lines.clear ();
    events.clear ();
    deleted.clear ();
  }

  // --- the server ---

  size_t
  hear () override
  {
    size_t n_lines = 0;
    size_t end = 0;

    unread += pair->hear ();
    while ((end = unread.find ("\r\n")) != std::string::npos)
      {
        std::string heard = unread.substr (0, end);

        unread.erase (0, end + 2);
        lines.push_back (heard);
        n_lines++;
        say (answer ? answer (heard) : look_up (heard));
      }
    return n_lines;
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
  login (GCancellable *cancellable = nullptr) override
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
    ASSERT_TRUE (succeeds ()) << message ();
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

private:
  std::string unread;

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
