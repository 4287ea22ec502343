/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include <zlib.h>

#include "net/net-error.h"

using std::string;

namespace
{

class ImapSession : public ImapTest
{
protected:
  /* A short session: sign in, select, list, two fetches, delete. Everything is asked before
     anything is answered, as far as it goes; every operation must end once. Returns: what came of
     it */
  struct Outcome
  {
    bool has_login = false;
    bool has_select = false;
    bool has_list = false;
    bool has_fetch = false;
    bool has_delete = false;
    Delivery delivery;
  };

  void
  script ()
  {
    peer->answers["UID FETCH 1:* (UID RFC822.SIZE)"]
        = "* 1 FETCH (UID 5 RFC822.SIZE 5)\r\n* 2 FETCH (UID 6 RFC822.SIZE 3)\r\nTAG OK\r\n";
    peer->answers["UID FETCH 5:6 (UID BODY.PEEK[])"]
        = "* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n* 2 FETCH (UID 6 BODY[] {3}\r\na\r\n)\r\nTAG "
          "OK\r\n";
    peer->answers["UID EXPUNGE"] = "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\nTAG OK\r\n";
  }

  void
  converse (Outcome *outcome)
  {
    const guint32 uids[] = { 5, 6 };
    Waiter waiters[2];

    outcome->has_login = login ();
    PostsealImapStatus *status = select ("INBOX");
    outcome->has_select = status != nullptr && status->uid_validity == 77 && status->exists == 3;
    postseal_imap_status_free (status);
    postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                               &waiters[0]);
    postseal_imap_session_fetch_async (session, uids, 2, &Delivery::handler, &outcome->delivery,
                                       nullptr, Waiter::on_done, &waiters[1]);
    EXPECT_TRUE (peer->run_until ([&] { return waiters[0].is_done () && waiters[1].is_done (); }));
    GArray *entries
        = postseal_imap_session_list_messages_finish (session, waiters[0].result, nullptr);
    outcome->has_list = entries != nullptr && entries->len == 2;
    g_clear_pointer (&entries, g_array_unref);
    outcome->has_fetch = postseal_imap_session_fetch_finish (session, waiters[1].result, nullptr);
    outcome->has_delete = remove ({ 5, 6 });
    EXPECT_FALSE (outcome->delivery.is_open);
    EXPECT_EQ (waiters[0].count, 1);
    EXPECT_EQ (waiters[1].count, 1);
  }

  void
  expect_all (const Outcome &outcome)
  {
    EXPECT_TRUE (outcome.has_login);
    EXPECT_TRUE (outcome.has_select);
    EXPECT_TRUE (outcome.has_list);
    EXPECT_TRUE (outcome.has_fetch);
    EXPECT_TRUE (outcome.has_delete);
    EXPECT_EQ (outcome.delivery.text, "begin 5;hello;end 5 whole;begin 3;a\r\n;end 6 whole;");
  }

  void
  close ()
  {
    TearDown ();
    session = nullptr;
    peer = nullptr;
    transcript.clear ();
  }
};

} // namespace

TEST_F (ImapSession, WorksWholeAndByteByByte)
{
  for (bool is_slow : { false, true })
    {
      Outcome outcome;

      open ();
      script ();
      peer->is_slow = is_slow;
      converse (&outcome);
      expect_all (outcome);
      close ();
    }
  open ();
}

/* RFC 9051 sections 5.2, 5.3, 7: any response may come at any time, known or not. */
TEST_F (ImapSession, NoiseInEveryCommandChangesNothing)
{
  for (const char *noise : { "* 3 EXISTS\r\n",
                             "* 1 RECENT\r\n",
                             "* X-FOO bar (baz {3}\r\nx)y)\r\n",
                             "* 99 X-FOO\r\n",
                             "* OK [WEIRD 1 (2)] text\r\n",
                             "* OK\r\n",
                             "* NO slow today\r\n",
                             "* BAD what\r\n",
                             "* FLAGS (\\Seen)\r\n",
                             "* 9 FETCH (FLAGS (\\Seen))\r\n",
                             "* 1 FETCH (UID 5 FLAGS ())\r\n",
                             "* LIST () \"/\" Elsewhere\r\n",
                             "* STATUS Elsewhere (UIDNEXT 1)\r\n",
                             "* SEARCH 1 2 3\r\n",
                             "* ESEARCH (TAG \"x\") UID ALL 1:9\r\n",
                             "* ID NIL\r\n",
                             "+ \r\n",
                             "+ idling\r\n",
                             "* OK [ALERT] something\r\n",
                             "* OK [HIGHESTMODSEQ 901] more\r\n",
                             "* OK [UIDNEXT 12] more\r\n",
                             "* NAMESPACE NIL NIL NIL\r\n",
                             "* ENABLED\r\n",
                             "* METADATA \"\" /x\r\n" })
    for (bool is_slow : { false, true })
      {
        Outcome outcome;

        open ();
        script ();
        peer->noise = noise;
        peer->is_slow = is_slow;
        converse (&outcome);
        SCOPED_TRACE (noise);
        expect_all (outcome);
        close ();
      }
  open ();
}

/* Invariant 7: a cut anywhere ends everything once, and nothing cut counts as whole. */
TEST_F (ImapSession, CutAfterEveryByte)
{
  Outcome whole;
  size_t length;

  open ();
  script ();
  converse (&whole);
  length = peer->said;
  close ();

  for (size_t cut = 0; cut < length; cut++)
    {
      Outcome outcome;

      open ();
      script ();
      peer->cut_after = cut;
      converse (&outcome);
      EXPECT_FALSE (outcome.has_login && outcome.has_select && outcome.has_list && outcome.has_fetch
                    && outcome.has_delete)
          << cut;
      for (const auto &[uid, text] : outcome.delivery.whole)
        EXPECT_EQ (text, uid == 5 ? "hello" : "a\r\n") << cut;
      EXPECT_LE (outcome.delivery.whole.size (), 2u);
      EXPECT_TRUE (!outcome.has_fetch || outcome.delivery.whole.size () == 2) << cut;
      EXPECT_FALSE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT));
      close ();
    }
  open ();
}

/* RFC 9051 section 7.1.5. */
TEST_F (ImapSession, ByeInMidFetchFailsWhatIsUnderWay)
{
  const guint32 uids[] = { 5, 6 };
  Delivery delivery;
  Waiter waiter;

  start ();
  peer->answers["UID FETCH"]
      = "* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\n* BYE [UNAVAILABLE] going down\r\n"
        "* 2 FETCH (UID 6 BODY[] {3}\r\na";
  postseal_imap_session_fetch_async (session, uids, 2, &Delivery::handler, &delivery, nullptr,
                                     Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return delivery.is_open && delivery.open == "a"; }));
  /* Nothing more is said, and what is asked now fails at once. */
  EXPECT_FALSE (remove ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
  peer->hang_up ();
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (delivery.text, "begin 5;hello;end 5 whole;begin 3;a;end 0 broken;");
  g_clear_error (&error);
  EXPECT_FALSE (postseal_imap_session_fetch_finish (session, waiter.result, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
  EXPECT_NE (string (error->message).find ("going down"), string::npos);
}

TEST_F (ImapSession, ByeAndThenSilenceEndsSoon)
{
  gint64 begin;

  start ();
  peer->answers["UID FETCH"] = "* BYE later\r\n";
  begin = g_get_monotonic_time ();
  EXPECT_EQ (list_messages (1), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
  EXPECT_LT (g_get_monotonic_time () - begin, 5 * G_USEC_PER_SEC);
}

TEST_F (ImapSession, AnswerToACommandThatWasNotSentEndsIt)
{
  start ();
  peer->answers["UID FETCH"] = "a99 OK surprise\r\n";
  EXPECT_EQ (list_messages (1), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
  EXPECT_NE (string (error->message).find ("a99"), string::npos);
}

TEST_F (ImapSession, LineBeyondTheLimitEndsIt)
{
  start ();
  peer->answers["UID FETCH"] = "* OK " + string (70000, 'x') + "\r\nTAG OK\r\n";
  EXPECT_EQ (list_messages (1), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL))
      << error->message;
}

TEST_F (ImapSession, SilenceHasALimitOnlyWhileSomethingIsAsked)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (nullptr, FALSE);

  peer = new Peer ();
  peer->say (greeting);
  peer->answers["AUTHENTICATE"] = "TAG OK [CAPABILITY IMAP4rev1] in\r\n";
  peer->answers["SELECT"] = "";
  session = postseal_imap_session_new (peer->take_link (), 50, nullptr);
  use_mechanisms (nullptr);
  ASSERT_TRUE (login ()) << error->message;
  /* The time limit of an idle session would strike here. */
  g_timeout_add (
      150,
      [] (gpointer data) -> gboolean {
        g_main_loop_quit (static_cast<GMainLoop *> (data));
        return G_SOURCE_REMOVE;
      },
      loop);
  g_main_loop_run (loop);
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_TIMEOUT))
      << error->message;
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

TEST_F (ImapSession, CancellingEndsTheSessionForAll)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter listing;
  Waiter deletion;
  const guint32 uid = 5;

  start ();
  peer->answers["UID FETCH"] = "";
  peer->answers["UID STORE"] = "";
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, cancellable, Waiter::on_done,
                                             &listing);
  postseal_imap_session_delete_async (session, &uid, 1, nullptr, Waiter::on_done, &deletion);
  peer->settle ();
  EXPECT_FALSE (listing.is_done ());
  g_cancellable_cancel (cancellable);
  EXPECT_TRUE (peer->run_until ([&] { return listing.is_done () && deletion.is_done (); }));
  EXPECT_EQ (postseal_imap_session_list_messages_finish (session, listing.result, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  EXPECT_FALSE (postseal_imap_session_delete_finish (session, deletion.result, &error));
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (ImapSession, CancelledBeforeItBeginsSendsNothing)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Waiter waiter;

  start ();
  g_cancellable_cancel (cancellable);
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, cancellable, Waiter::on_done,
                                             &waiter);
  EXPECT_FALSE (waiter.is_done ()); /* never from within */
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
  GArray *entries = list_messages (1);
  EXPECT_NE (entries, nullptr); /* and harms nobody else */
  g_clear_pointer (&entries, g_array_unref);
}

TEST_F (ImapSession, NoCallbackComesFromWithinTheCall)
{
  Waiter waiter;
  Delivery delivery;

  start ();
  postseal_imap_session_fetch_async (session, nullptr, 0, &Delivery::handler, &delivery, nullptr,
                                     Waiter::on_done, &waiter);
  EXPECT_FALSE (waiter.is_done ());
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_TRUE (postseal_imap_session_fetch_finish (session, waiter.result, nullptr));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

/* --- pipelining --- */

/* What depends on the mailbox waits for it; what does not, does not wait. */
TEST_F (ImapSession, CommandsAfterSelectWaitForIt)
{
  Waiter waiters[3];

  open ();
  ASSERT_TRUE (login ());
  postseal_imap_session_status_async (session, "Other", nullptr, Waiter::on_done, &waiters[0]);
  postseal_imap_session_select_async (session, "INBOX", FALSE, nullptr, nullptr, Waiter::on_done,
                                      &waiters[1]);
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                             &waiters[2]);
  EXPECT_TRUE (peer->run_until ([&] { return waiters[2].is_done (); }));
  ASSERT_EQ (peer->flights.size (), 3u);
  EXPECT_NE (peer->flights[1].find ("STATUS Other"), string::npos);
  EXPECT_NE (peer->flights[1].find ("\nSELECT INBOX"), string::npos);
  EXPECT_EQ (peer->flights[2], "UID FETCH 1:* (UID RFC822.SIZE)");
  g_clear_pointer (&error, g_error_free);
  postseal_imap_status_free (
      postseal_imap_session_status_finish (session, waiters[0].result, nullptr));
  postseal_imap_status_free (
      postseal_imap_session_select_finish (session, waiters[1].result, nullptr));
  g_array_unref (postseal_imap_session_list_messages_finish (session, waiters[2].result, nullptr));
}

/* With a mailbox open, its data and those of the next one never meet. */
TEST_F (ImapSession, SelectOfAnotherMailboxWaitsForWhatIsUnderWay)
{
  Waiter waiters[2];
  size_t n_flights;

  start ();
  n_flights = peer->flights.size ();
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                             &waiters[0]);
  postseal_imap_session_select_async (session, "Other", FALSE, nullptr, nullptr, Waiter::on_done,
                                      &waiters[1]);
  EXPECT_TRUE (peer->run_until ([&] { return waiters[1].is_done (); }));
  ASSERT_EQ (peer->flights.size (), n_flights + 2);
  EXPECT_EQ (peer->flights.back (), "SELECT Other");
  g_array_unref (postseal_imap_session_list_messages_finish (session, waiters[0].result, nullptr));
  postseal_imap_status_free (
      postseal_imap_session_select_finish (session, waiters[1].result, nullptr));
}

/* RFC 9051 section 5.5: a literal that waits for "+" holds up everything behind it. */
TEST_F (ImapSession, LiteralHoldsUpWhatFollows)
{
  Waiter waiters[2];

  caps = "IMAP4rev1";
  open ();
  ASSERT_TRUE (login ());
  postseal_imap_session_status_async (session, "\xff", nullptr, Waiter::on_done, &waiters[0]);
  postseal_imap_session_status_async (session, "B", nullptr, Waiter::on_done, &waiters[1]);
  EXPECT_TRUE (peer->run_until ([&] { return waiters[1].is_done (); }));
  ASSERT_EQ (peer->flights.size (), 3u);
  EXPECT_EQ (peer->flights[1], "");
  EXPECT_EQ (
      peer->flights[2],
      "STATUS {1}|\xff (MESSAGES UIDNEXT UIDVALIDITY)\nSTATUS B (MESSAGES UIDNEXT UIDVALIDITY)");
}

/* RFC 9051 section 4.3: a refused literal leaves the stream in order. */
TEST_F (ImapSession, RefusedLiteralLeavesTheStreamInOrder)
{
  caps = "IMAP4rev1";
  open ();
  ASSERT_TRUE (login ());
  peer->literal_refusal = "NO [NONEXISTENT] no such name";
  EXPECT_EQ (status ("\xff"), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE));
  PostsealImapStatus *opened = select ("INBOX");
  EXPECT_NE (opened, nullptr);
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
  postseal_imap_status_free (opened);
}

/* RFC 7888 section 5: LITERAL- only for what is short. */
TEST_F (ImapSession, LongLiteralWaitsUnderLiteralMinus)
{
  string name (5000, 'x');

  caps = "IMAP4rev1 LITERAL-";
  open ();
  ASSERT_TRUE (login ());
  EXPECT_EQ (status (name.c_str ()), nullptr);
  EXPECT_EQ (peer->commands.back ().compare (0, 15, "STATUS {5000}|x"), 0);
  EXPECT_EQ (peer->flights.size (), 3u);
}

/* --- compression: RFC 4978 section 3 --- */

static string
deflate_text (const string &text)
{
  z_stream stream = {};
  string out (text.size () + 200, '\0');

  EXPECT_EQ (deflateInit2 (&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef *> (const_cast<char *> (text.data ()));
  stream.avail_in = static_cast<uInt> (text.size ());
  stream.next_out = reinterpret_cast<Bytef *> (&out[0]);
  stream.avail_out = static_cast<uInt> (out.size ());
  EXPECT_EQ (deflate (&stream, Z_SYNC_FLUSH), Z_OK);
  out.resize (out.size () - stream.avail_out);
  deflateEnd (&stream);
  return out;
}

TEST_F (ImapSession, CompressionBeginsAtTheExactByteAndWithNothingUnderWay)
{
  Waiter waiter;

  caps = "IMAP4rev1 ID COMPRESS=DEFLATE";
  open ();
  /* The server compresses from the byte behind the OK, in the same segment, and has something to
   * say. */
  peer->answers["COMPRESS DEFLATE"] = "TAG OK on\r\n" + deflate_text ("* OK [ALERT] squeezed\r\n");
  ASSERT_TRUE (login (true)) << error->message;
  postseal_imap_session_select_async (session, "INBOX", FALSE, nullptr, nullptr, Waiter::on_done,
                                      &waiter);
  EXPECT_TRUE (peer->run_until ([&] {
    const GPtrArray *alerts = postseal_imap_session_get_alerts (session);
    return alerts->len == 1;
  }));
  ASSERT_GE (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[1], "COMPRESS DEFLATE");
  /* What follows is compressed: no line that the peer could read. */
  EXPECT_EQ (peer->commands.back (), "COMPRESS DEFLATE");
  EXPECT_NE (transcript.find ("SELECT INBOX"), string::npos);
  postseal_imap_session_logout (session);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
}

TEST_F (ImapSession, RefusedCompressionChangesNothing)
{
  caps = "IMAP4rev1 COMPRESS=DEFLATE";
  open ();
  peer->answers["COMPRESS DEFLATE"] = "TAG NO [COMPRESSIONACTIVE] already\r\n";
  ASSERT_TRUE (login (true));
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_EQ (error, nullptr);
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

TEST_F (ImapSession, CompressionIsOnlyForThoseWhoWantIt)
{
  caps = "IMAP4rev1 COMPRESS=DEFLATE";
  open ();
  ASSERT_TRUE (login (false));
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_EQ (peer->commands.size (), 2u);
}

/* --- the end --- */

TEST_F (ImapSession, LogoutIsSaidAndNotWaitedFor)
{
  Waiter waiter;

  start ();
  peer->answers["UID FETCH"] = "";
  postseal_imap_session_list_messages_async (session, 1, nullptr, 0, nullptr, Waiter::on_done,
                                             &waiter);
  postseal_imap_session_logout (session);
  postseal_imap_session_logout (session);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (peer->commands.back (), "LOGOUT");
  EXPECT_EQ (postseal_imap_session_list_messages_finish (session, waiter.result, &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
  postseal_imap_session_pause (session);
  postseal_imap_session_resume (session);
  EXPECT_STREQ (postseal_imap_session_get_seal (session)->mechanism, "PLAIN");
  EXPECT_FALSE (remove ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED));
}

TEST_F (ImapSession, LogoutWithinACallback)
{
  const guint32 uids[] = { 5, 6 };
  Delivery delivery;
  Waiter waiter;

  start ();
  script ();
  delivery.on_data = [&] { postseal_imap_session_logout (session); };
  postseal_imap_session_fetch_async (session, uids, 2, &Delivery::handler, &delivery, nullptr,
                                     Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  EXPECT_EQ (delivery.text, "begin 5;hello;end 0 broken;");
  EXPECT_FALSE (postseal_imap_session_fetch_finish (session, waiter.result, nullptr));
}

TEST_F (ImapSession, LastReferenceMayGoWithinACallback)
{
  PostsealImapSession *last;

  start ();
  last = g_steal_pointer (&session);
  postseal_imap_session_list_messages_async (
      last, 1, nullptr, 0, nullptr,
      [] (GObject *source, GAsyncResult *result, gpointer data) {
        g_array_unref (postseal_imap_session_list_messages_finish (POSTSEAL_IMAP_SESSION (source),
                                                                   result, nullptr));
        g_object_unref (source);
      },
      nullptr);
  g_object_add_weak_pointer (G_OBJECT (last), reinterpret_cast<gpointer *> (&last));
  EXPECT_TRUE (peer->run_until ([&] { return last == nullptr; }));
}

/* EXISTS never takes messages away (RFC 9051 section 5.2): a listing is what counts. */
TEST_F (ImapSession, LowerExistsIsNotBelieved)
{
  start ();
  peer->answers["UID FETCH"]
      = "* 1 EXISTS\r\n* 0 EXISTS\r\n* 7 EXPUNGE\r\n* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n"
        "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* VANISHED 1:4000000000\r\n"
        "* 1 FETCH (UID 5 RFC822.SIZE 1)\r\nTAG OK\r\n";
  GArray *entries = list_messages (1);
  ASSERT_NE (entries, nullptr) << error->message;
  EXPECT_EQ (entries->len, 1u);
  g_array_unref (entries);
}
