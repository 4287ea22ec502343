/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A session that waits for news of Dovecot: IDLE, NOTIFY, and one connection too many. */

#include <gtest/gtest.h>

#include "imap/imap-session.h"
#include "net/dial.h"
#include "support/dovecot.h"
#include "support/main-loop.h"

using namespace postseal_test;

namespace
{

const char message[] = "From: a@example.test\r\nSubject: news\r\n\r\nHello.\r\n";

/* One signed-in session. */
class Session
{
public:
  Session (AsyncLoop &loop, Dovecot &server, const std::string &user)
      : loop_ (loop), transcript_ (postseal_transcript_new (record, this, nullptr))
  {
    g_autoptr (PostsealEndpoint) endpoint
        = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "127.0.0.1",
                                 guint16 (server.port ("imaps")));
    g_autoptr (PostsealTlsPolicy) policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
    g_autoptr (PostsealVault) vault
        = postseal_vault_new (("file:" + server.password_file ()).c_str (), nullptr);
    g_autoptr (PostsealAuthenticator) auth
        = postseal_authenticator_new ("work", user.c_str (), vault, nullptr, nullptr);
    PostsealSealedLink *link;

    policy->ca_file = g_strdup (server.ca_file ().c_str ());
    postseal_dial_async (endpoint, policy, nullptr, nullptr, 30000, nullptr, nullptr,
                         AsyncLoop::on_ready, &loop_);
    link = postseal_dial_finish (loop_.wait (), &error);
    if (link == nullptr)
      return;
    self = postseal_imap_session_new (link, 30000, transcript_);
    postseal_imap_session_login_async (self, auth, FALSE, nullptr, AsyncLoop::on_ready, &loop_);
    is_in = postseal_imap_session_login_finish (self, loop_.wait (), &error);
  }

  ~Session ()
  {
    if (self != nullptr)
      postseal_imap_session_logout (self);
    loop_.settle ();
    g_clear_object (&self);
    g_clear_error (&error);
    postseal_transcript_unref (transcript_);
  }

  void
  select (const char *mailbox)
  {
    postseal_imap_session_select_async (self, mailbox, FALSE, nullptr, nullptr, AsyncLoop::on_ready,
                                        &loop_);
    PostsealImapStatus *status = postseal_imap_session_select_finish (self, loop_.wait (), &error);
    EXPECT_NE (status, nullptr) << error->message;
    postseal_imap_status_free (status);
  }

  void
  begin_idle (guint renew_ms = 0)
  {
    is_idling = true;
    postseal_imap_session_idle_async (self, renew_ms, nullptr, on_idle_done, this);
    EXPECT_TRUE (loop_.wait_for ([this] { return count ("< + idling") > 0; }));
  }

  bool
  wait_for_end_of_idle ()
  {
    return loop_.wait_for ([this] { return !is_idling; }) && error == nullptr;
  }

  bool
  notify (const std::vector<const char *> &mailboxes)
  {
    std::vector<const char *> all = mailboxes;

    all.push_back (nullptr);
    postseal_imap_session_notify_async (self, all.data (), take_news, this, nullptr,
                                        AsyncLoop::on_ready, &loop_);
    return postseal_imap_session_notify_finish (self, loop_.wait (), &error);
  }

  guint32
  exists ()
  {
    return postseal_imap_session_get_selected (self, nullptr)->exists;
  }

  /* Of lines that end so. */
  unsigned
  count (const std::string &end) const
  {
    unsigned found = 0;

    for (const std::string &line : lines)
      found += line.size () >= end.size ()
               && line.compare (line.size () - end.size (), end.size (), end) == 0;
    return found;
  }

  PostsealImapSession *self = nullptr;
  GError *error = nullptr;
  bool is_in = false;
  bool is_idling = false;
  std::string news; /* "NAME exists;" */
  std::vector<std::string> lines;

private:
  static void
  record (PostsealTranscriptKind kind, const char *line, gpointer user_data)
  {
    static_cast<Session *> (user_data)->lines.push_back (
        (kind == POSTSEAL_TRANSCRIPT_SENT ? "> " : "< ") + std::string (line));
  }

  static void
  on_idle_done (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto session = static_cast<Session *> (user_data);

    session->is_idling = false;
    postseal_imap_session_idle_finish (POSTSEAL_IMAP_SESSION (source), result, &session->error);
  }

  static void
  take_news (PostsealImapSession *,
             const char *mailbox,
             const PostsealImapStatus *status,
             gpointer user_data)
  {
    static_cast<Session *> (user_data)->news
        += std::string (mailbox) + " " + std::to_string (status->exists) + ";";
  }

  AsyncLoop &loop_;
  PostsealTranscript *transcript_;
};

class ImapNewsTest : public testing::Test
{
protected:
  ImapNewsTest () : user_ (server ().new_user ()) {}
  ~ImapNewsTest () override { server ().forget_user (user_); }

  static Dovecot &
  server ()
  {
    return Dovecot::shared ();
  }

  void
  deliver ()
  {
    const std::string port = std::to_string (server ().port ("lmtp"));
    const std::string script
        = "import smtplib, sys\n"
          "with smtplib.LMTP('127.0.0.1', int(sys.argv[1])) as lmtp:\n"
          "    lmtp.sendmail('a@example.test', [sys.argv[2]], sys.stdin.read())\n";
    Outcome outcome
        = run_program ({ "python3", "-c", script, port, user_ + "@example.test" }, {}, message);

    EXPECT_EQ (outcome.status, 0) << outcome.err;
  }

  AsyncLoop loop_;
  std::string user_;
};

TEST_F (ImapNewsTest, IdleEndsWhenAMessageIsDelivered)
{
  Session session (loop_, server (), user_);

  ASSERT_TRUE (session.is_in) << session.error->message;
  session.select ("INBOX");
  EXPECT_EQ (session.exists (), 0u);
  session.begin_idle ();
  deliver ();
  EXPECT_TRUE (session.wait_for_end_of_idle ());
  EXPECT_EQ (session.exists (), 1u);
  EXPECT_EQ (session.count ("> DONE"), 1u);
}

TEST_F (ImapNewsTest, IdleIsRenewedAndStillSeesNews)
{
  Session session (loop_, server (), user_);

  ASSERT_TRUE (session.is_in) << session.error->message;
  session.select ("INBOX");
  session.begin_idle (5);
  EXPECT_TRUE (loop_.wait_for ([&] { return session.count (" IDLE") >= 4; }));
  EXPECT_TRUE (session.is_idling);
  server ().admin (user_)->append ("INBOX", message);
  EXPECT_TRUE (session.wait_for_end_of_idle ());
  EXPECT_EQ (session.exists (), 1u);
}

TEST_F (ImapNewsTest, ProbeWhileIdlingIsAnswered)
{
  Session session (loop_, server (), user_);

  ASSERT_TRUE (session.is_in) << session.error->message;
  session.select ("INBOX");
  session.begin_idle ();
  postseal_imap_session_probe_async (session.self, 10000, nullptr, AsyncLoop::on_ready, &loop_);
  EXPECT_TRUE (postseal_imap_session_probe_finish (session.self, loop_.wait (), &session.error));
  EXPECT_TRUE (session.is_idling);
  postseal_imap_session_idle_stop (session.self);
  EXPECT_TRUE (session.wait_for_end_of_idle ());
}

/* RFC 5465: the other mailboxes' news come during IDLE, too, and do not end it. */
TEST_F (ImapNewsTest, NotifyTellsOfAMessageInAnotherMailboxWhileIdling)
{
  auto admin = server ().admin (user_);
  Session session (loop_, server (), user_);

  ASSERT_TRUE (session.is_in) << session.error->message;
  admin->create ("Lists/orchard");
  admin->create ("Sp ace");
  session.select ("INBOX");
  ASSERT_TRUE (session.notify ({ "INBOX", "Lists/orchard", "Sp ace" })) << session.error->message;
  session.begin_idle ();
  admin->append ("Sp ace", message);
  EXPECT_TRUE (loop_.wait_for ([&] { return !session.news.empty (); }));
  admin->append ("Lists/orchard", message);
  EXPECT_TRUE (loop_.wait_for ([&] { return session.news.size () > strlen ("Sp ace 1;"); }));
  EXPECT_EQ (session.news, "Sp ace 1;Lists/orchard 1;");
  EXPECT_TRUE (session.is_idling);
  deliver ();
  EXPECT_TRUE (session.wait_for_end_of_idle ());
  EXPECT_EQ (session.exists (), 1u);
}

TEST_F (ImapNewsTest, NotifyTellsWithoutIdle)
{
  auto admin = server ().admin (user_);
  Session session (loop_, server (), user_);

  ASSERT_TRUE (session.is_in) << session.error->message;
  admin->create ("Box");
  ASSERT_TRUE (session.notify ({ "Box", "INBOX" })) << session.error->message;
  admin->append ("Box", message);
  EXPECT_TRUE (loop_.wait_for ([&] { return session.news == "Box 1;"; }));
}

TEST_F (ImapNewsTest, OneConnectionTooManyIsNoWrongPassword)
{
  Dovecot narrow ({ "--extra", "mail_max_userip_connections = 1" });
  Session first (loop_, narrow, "jane");
  Session second (loop_, narrow, "jane");

  ASSERT_TRUE (first.is_in) << first.error->message;
  EXPECT_FALSE (second.is_in);
  EXPECT_TRUE (g_error_matches (second.error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT));
}

} // namespace
