// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "smtp/smtp-session.h"

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "support/session-test.h"

// What a server makes of the bytes of a client: commands, and messages with their envelopes. It
// keeps to the letter of the RFCs: no nested MAIL, no content without a recipient.
class SmtpServer
{
public:
  struct Message
  {
    std::string sender;
    std::vector<std::string> recipients;
    std::string content;
  };

  // The reply to a command, by the whole line first, then by its first word; "." is the end of DATA
  // and "LAST" of BDAT. A reply of 4yz or 5yz has no effect but to be said.
  std::map<std::string, std::string> script;
  std::function<std::string (const std::string &)>
      answer; // asked before the script; "": no opinion

  std::vector<std::string> lines; // heard, content as "[n]"
  std::vector<Message> messages; // accepted
  size_t n_dots = 0; // ends of DATA
  bool is_after_data = false; // the next bytes are content

  // Returns: what it says to @bytes
  std::string
  hear (const std::string &bytes)
  {
    std::string said;

    unread += bytes;
    while (take (&said))
      ;
    return said;
  }

private:
  std::string unread;
  Message open;
  bool has_sender = false;
  bool is_spoilt = false; // a chunk of this message was refused
  size_t n_searched = 0; // of unread, for the end of DATA
  size_t chunk_left = 0;
  size_t chunk_size = 0;
  bool chunk_is_last = false;

  static bool
  is_positive (const std::string &reply)
  {
    return reply[0] == '2' || reply[0] == '3';
  }

  void
  forget ()
  {
    open = Message ();
    has_sender = false;
    is_spoilt = false;
  }

  bool
  take (std::string *said)
  {
    size_t end = 0;
    std::string line;

    if (chunk_left > 0)
      return take_chunk (said);
    if (is_after_data)
      return take_data (said);
    end = unread.find ("\r\n");
    if (end == std::string::npos)
      return false;
    line = unread.substr (0, end);
    unread.erase (0, end + 2);
    lines.push_back (line);
    take_command (line, said);
    return true;
  }

  std::string
  find (const std::string &line, const std::string &otherwise)
  {
    std::string reply = answer ? answer (line) : "";
    auto found = script.find (line);

    if (!reply.empty ())
      return reply;
    if (found == script.end ())
      found = script.find (line.substr (0, line.find (' ')));
    return found != script.end () ? found->second : otherwise;
  }

  void
  take_command (const std::string &line, std::string *said)
  {
    std::string word = line.substr (0, line.find (' '));
    std::string argument = line.substr (MIN (line.size (), word.size () + 1));

    if (word == "MAIL")
      take_mail (line, argument, said);
    else if (word == "RCPT")
      take_rcpt (line, argument, said);
    else if (word == "DATA")
      {
        std::string reply
            = find (line, open.recipients.empty () ? "503 5.5.1 whom for\r\n" : "354 go on\r\n");

        is_after_data = reply[0] == '3';
        *said += reply;
      }
    else if (word == "BDAT")
      {
        chunk_size = chunk_left = std::stoul (argument);
        chunk_is_last = argument.find ("LAST") != std::string::npos;
        if (chunk_left == 0)
          end_chunk (said);
      }
    else if (word == "RSET")
      {
        std::string reply = find (line, "250 2.0.0 forgotten\r\n");

        if (is_positive (reply))
          forget ();
        *said += reply;
      }
    else
      *said += find (line, "500 5.5.2 what\r\n");
  }

  void
  take_mail (const std::string &line, const std::string &argument, std::string *said)
  {
    std::string reply = find (line, has_sender ? "503 5.5.1 nested\r\n" : "250 2.1.0 ok\r\n");

    if (is_positive (reply))
      {
        forget ();
        has_sender = true;
        open.sender = argument.substr (6, argument.find ('>') - 6);
      }
    *said += reply;
  }

  void
  take_rcpt (const std::string &line, const std::string &argument, std::string *said)
  {
    std::string reply = find (line, has_sender ? "250 2.1.5 ok\r\n" : "503 5.5.1 who\r\n");

    if (is_positive (reply))
      open.recipients.push_back (argument.substr (4, argument.find ('>') - 4));
    *said += reply;
  }

  bool
  take_chunk (std::string *said)
  {
    size_t n = MIN (chunk_left, unread.size ());

    open.content.append (unread, 0, n);
    unread.erase (0, n);
    chunk_left -= n;
    if (chunk_left > 0)
      return false;
    end_chunk (said);
    return true;
  }

  void
  end_chunk (std::string *said)
  {
    std::string reply;

    lines.push_back ("[" + std::to_string (chunk_size) + "]");
    if (is_spoilt || open.recipients.empty ())
      reply = "503 5.5.1 no\r\n";
    else
      reply = find (chunk_is_last ? "LAST" : "BDAT", "250 2.0.0 taken\r\n");
    if (!is_positive (reply))
      is_spoilt = true;
    else if (chunk_is_last)
      {
        messages.push_back (open);
        forget ();
      }
    *said += reply;
  }

  bool
  take_data (std::string *said)
  {
    bool is_empty = unread.compare (0, 3, ".\r\n") == 0;
    size_t last = is_empty ? 0 : unread.find ("\r\n.\r\n", n_searched);
    size_t end = is_empty ? 0 : last + 2;
    std::string reply;

    n_searched = unread.size () < 4 ? 0 : unread.size () - 4;
    if (last == std::string::npos)
      return false;
    n_searched = 0;
    for (size_t at = 0; at < end; at++)
      {
        bool begins_line = at == 0 || (unread[at - 1] == '\n' && at > 1 && unread[at - 2] == '\r');

        if (unread[at] != '.' || !begins_line)
          open.content.push_back (unread[at]);
      }
    unread.erase (0, end + 3);
    lines.push_back ("[" + std::to_string (open.content.size ()) + "]");
    is_after_data = false;
    n_dots++;
    reply = find (".", open.recipients.empty () ? "554 5.5.1 nobody\r\n" : "250 2.0.0 taken\r\n");
    if (is_positive (reply))
      messages.push_back (open);
    forget ();
    *said += reply;
    return true;
  }
};

// An SMTP session with its server.
class Smtp : public SessionTest
{
protected:
  // A message as the caller keeps it, and what became of it.
  struct Sent
  {
    std::string sender;
    std::vector<std::string> addresses;
    std::vector<PostsealSmtpRecipient> recipients;
    std::string content;
    PostsealSmtpMessage message = {};
    PostsealSmtpResult *result = nullptr;
    Smtp *test = nullptr;

    ~Sent ()
    {
      g_clear_pointer (&message.content, g_bytes_unref);
      postseal_smtp_result_free (result);
    }

    // "accepted 250 2.0.0", "permanent 550 5.1.1" for recipient @i; "undecided in doubt",
    // "undecided" with the error's code.
    std::string
    verdict (size_t i = 0) const
    {
      static const char *const words[] = { "accepted", "temporary", "permanent", "undecided" };
      const PostsealSmtpAnswer *answer = nullptr;

      if (result == nullptr)
        return "no result";
      answer = &result->recipients[i];
      if (answer->verdict != POSTSEAL_SMTP_UNDECIDED)
        return std::string (words[answer->verdict]) + " " + std::to_string (answer->code) + " "
               + (answer->status != nullptr ? answer->status : "-");
      if (result->error == nullptr)
        return "undecided without a reason";
      if (g_error_matches (result->error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT))
        return "in doubt";
      return "not accepted";
    }

    std::string
    text (size_t i = 0) const
    {
      const char *words = result->recipients[i].text;

      return words != nullptr ? words : "";
    }

    bool
    failed_with (GQuark domain, int code) const
    {
      return result != nullptr && g_error_matches (result->error, domain, code);
    }

    std::string
    reason () const
    {
      return result != nullptr && result->error != nullptr ? result->error->message : "";
    }
  };

  SmtpServer server;
  bool is_deaf = false; // it reads nothing
  size_t n_heard = 0;
  size_t deaf_after = SIZE_MAX; // bytes, then it hangs up

  bool has_auth = true;
  bool has_certificate = false; // of the client

  PostsealSmtpSession *session = nullptr;
  std::string rehearsed; // both answers

  std::list<Sent> sent;
  size_t n_results = 0;
  std::function<void (Sent &)> on_result = [] (Sent &) {};

  static std::string
  ehlo (const std::vector<std::string> &keywords)
  {
    std::string text = "250-mail.example.org";

    for (const std::string &keyword : keywords)
      text += "\r\n250-" + keyword;
    text[text.rfind ("250-") + 3] = ' ';
    return text + "\r\n";
  }

  void
  offer (const std::vector<std::string> &keywords)
  {
    server.script["EHLO"] = ehlo (keywords);
  }

  Smtp ()
  {
    greeting = "220 mail.example.org ESMTP\r\n";
    offer ({ "PIPELINING", "CHUNKING", "8BITMIME", "SIZE 0", "ENHANCEDSTATUSCODES", "AUTH PLAIN" });
    server.script["AUTH PLAIN " PLAIN_RESPONSE] = "235 2.7.0 welcome\r\n";
    server.script["NOOP"] = "250 2.0.0 ok\r\n";
    server.script["QUIT"] = "221 2.0.0 bye\r\n";
  }

  void
  connect (PostsealTranscript *records, guint timeout_ms) override
  {
    static const PostsealSealedLinkTls certified
        = { nullptr, [] (GIOStream *) -> gboolean { return TRUE; } };

    pair = new SealedPair (awaits_greeting, POSTSEAL_PROTOCOL_SMTP,
                           has_certificate ? &certified : nullptr);
    session = postseal_smtp_session_new (pair->take_link (), timeout_ms, records);
  }

  void
  leave () override
  {
    if (session != nullptr)
      postseal_smtp_session_leave (session);
  }

  void
  drop () override
  {
    g_clear_object (&session);
  }

  void
  reset () override
  {
    SmtpServer fresh;

    SessionTest::reset ();
    sent.clear ();
    n_results = n_heard = 0;
    fresh.script = server.script;
    fresh.answer = server.answer;
    server = fresh;
  }

  // --- the server ---

  size_t
  hear () override
  {
    size_t n_before = server.lines.size ();
    std::string heard;

    if (is_deaf)
      return 0;
    heard = pair->hear ();
    if (n_heard + heard.size () >= deaf_after)
      heard.resize (deaf_after - n_heard);
    n_heard += heard.size ();
    pending += server.hear (heard);
    if (n_heard >= deaf_after)
      pair->hang_up ();
    return server.lines.size () - n_before;
  }

  // Until all messages have their results.
  bool
  run_sent ()
  {
    return run_while ([&] { return n_results < sent.size (); });
  }

  // --- operations ---

  void
  login (GCancellable *cancellable = nullptr) override
  {
    postseal_smtp_session_login_async (session, has_auth ? auth : nullptr, cancellable, on_login,
                                       this);
  }

  // Signed in, and as if nothing had been said.
  void
  open_and_login (guint timeout_ms = 5000)
  {
    ASSERT_TRUE (succeeds (timeout_ms)) << message ();
    outcomes.clear ();
    server.lines.clear ();
    flights.clear ();
    n_heard = n_spoken = 0;
  }

  Sent &
  prepare (const std::string &content,
           const std::vector<std::string> &recipients = { "joe@example.net" },
           const std::string &sender = "jane@example.org")
  {
    Sent &one = (sent.emplace_back (), sent.back ());

    one.test = this;
    one.sender = sender;
    one.addresses = recipients;
    for (const std::string &address : one.addresses)
      one.recipients.push_back ({ address.c_str (), 0, nullptr });
    one.content = content;
    one.message.sender = one.sender.c_str ();
    one.message.recipients = one.recipients.data ();
    one.message.n_recipients = one.recipients.size ();
    one.message.length = content.size ();
    one.message.content = g_bytes_new (content.data (), content.size ());
    one.message.fd = -1;
    return one;
  }

  void
  start (Sent &one, GCancellable *cancellable = nullptr)
  {
    postseal_smtp_session_send_async (session, &one.message, cancellable, on_sent, &one);
  }

  Sent &
  send (const std::string &content = "Subject: x\r\n\r\nhello\r\n",
        const std::vector<std::string> &recipients = { "joe@example.net" },
        const std::string &sender = "jane@example.org")
  {
    Sent &one = prepare (content, recipients, sender);

    start (one);
    return one;
  }

  void
  noop ()
  {
    postseal_smtp_session_noop_async (session, nullptr, on_noop, this);
  }

  void
  rehearse (const char *sender, const char *recipient, GCancellable *cancellable = nullptr)
  {
    postseal_smtp_session_rehearse_async (session, sender, recipient, cancellable, on_rehearsed,
                                          this);
  }

  // All lines heard, " | " between.
  std::string
  dialogue () const
  {
    std::string text;

    for (const std::string &line : server.lines)
      text += (text.empty () ? "" : " | ") + line;
    return text;
  }

  std::vector<std::string>
  contents () const
  {
    std::vector<std::string> all;

    for (const SmtpServer::Message &one : server.messages)
      all.push_back (one.content);
    return all;
  }

private:
  static void
  on_login (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    GError *problem = nullptr;

    postseal_smtp_session_login_finish (POSTSEAL_SMTP_SESSION (source), result, &problem);
    static_cast<Smtp *> (user_data)->note ("login", problem);
  }

  static void
  on_noop (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    GError *problem = nullptr;

    postseal_smtp_session_noop_finish (POSTSEAL_SMTP_SESSION (source), result, &problem);
    static_cast<Smtp *> (user_data)->note ("noop", problem);
  }

  static void
  on_rehearsed (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto self = static_cast<Smtp *> (user_data);
    GError *problem = nullptr;
    g_autoptr (PostsealSmtpRehearsal) answers
        = postseal_smtp_session_rehearse_finish (POSTSEAL_SMTP_SESSION (source), result, &problem);

    if (answers != nullptr)
      self->rehearsed = describe (answers->sender) + " / " + describe (answers->recipient);
    self->note ("rehearsal", problem);
  }

  // "250 2.1.0 ok"; "?" when undecided
  static std::string
  describe (const PostsealSmtpAnswer &answer)
  {
    if (answer.verdict == POSTSEAL_SMTP_UNDECIDED)
      return "?";
    return std::to_string (answer.code) + " " + answer.status + " " + answer.text;
  }

  static void
  on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto one = static_cast<Sent *> (user_data);

    EXPECT_EQ (one->result, nullptr) << "each message ends once";
    one->result = postseal_smtp_session_send_finish (POSTSEAL_SMTP_SESSION (source), result);
    one->test->n_results++;
    one->test->on_result (*one);
  }
};
