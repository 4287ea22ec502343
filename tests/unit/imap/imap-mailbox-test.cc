/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include "base/limits.h"

using std::string;

namespace
{

class ImapSelect : public ImapTest
{
};

class ImapStatus : public ImapTest
{
};

class ImapList : public ImapTest
{
protected:
  /* "name|title|delimiter|selectable" a line */
  string
  show (GPtrArray *mailboxes)
  {
    string text;

    EXPECT_NE (mailboxes, nullptr) << error->message;
    if (mailboxes == nullptr)
      return "";
    for (guint i = 0; i < mailboxes->len; i++)
      {
        auto m = static_cast<PostsealImapMailbox *> (g_ptr_array_index (mailboxes, i));

        text += string (m->name) + "|" + m->title + "|"
                + (m->delimiter ? string (1, m->delimiter) : "") + "|"
                + (m->is_selectable ? "yes" : "no") + "\n";
      }
    g_ptr_array_unref (mailboxes);
    return text;
  }
};

class ImapDelete : public ImapTest
{
};

std::vector<guint32>
get_uids (GArray *array)
{
  if (array == nullptr)
    return {};
  auto data = reinterpret_cast<guint32 *> (array->data);
  return std::vector<guint32> (data, data + array->len);
}

} // namespace

/* --- SELECT --- */

TEST_F (ImapSelect, TellsWhatTheMailboxHolds)
{
  open ();
  ASSERT_TRUE (login ());
  PostsealImapStatus *status = select ("INBOX");
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (status->uid_validity, 77u);
  EXPECT_EQ (status->uid_next, 10u);
  EXPECT_EQ (status->exists, 3u);
  EXPECT_EQ (status->highest_modseq, 900u);
  EXPECT_FALSE (status->is_read_only);
  EXPECT_FALSE (status->uids_not_sticky);
  EXPECT_EQ (status->vanished, nullptr);
  postseal_imap_status_free (status);
}

/* RFC 3501 section 6.3.1: anything may be missing, and in any order. */
TEST_F (ImapSelect, WhatIsMissingIsUnknown)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["SELECT"]
      = "* OK [UIDNOTSTICKY] odd\r\n* OK [NOMODSEQ] none\r\nTAG OK [READ-ONLY] open\r\n";
  PostsealImapStatus *status = select ("INBOX");
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (status->uid_validity, 0u);
  EXPECT_EQ (status->uid_next, 0u);
  EXPECT_EQ (status->exists, 0u);
  EXPECT_EQ (status->highest_modseq, 0u);
  EXPECT_TRUE (status->is_read_only);
  EXPECT_TRUE (status->uids_not_sticky);
  postseal_imap_status_free (status);
}

/* RFC 9051 section 9: nz-number, 32 bits; RFC 7162 section 7: 63 bits. */
TEST_F (ImapSelect, NumbersBeyondTheirRangeAreUnknown)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["SELECT"] = "* OK [UIDVALIDITY 4294967296] v\r\n* OK [UIDNEXT 4294967295] n\r\n"
                            "* OK [HIGHESTMODSEQ 9223372036854775807] h\r\nTAG OK\r\n";
  PostsealImapStatus *status = select ("INBOX");
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (status->uid_validity, 0u);
  EXPECT_EQ (status->uid_next, 4294967295u);
  EXPECT_EQ (status->highest_modseq, G_GUINT64_CONSTANT (9223372036854775807));
  postseal_imap_status_free (status);
}

TEST_F (ImapSelect, ExamineIsReadOnly)
{
  open ();
  ASSERT_TRUE (login ());
  PostsealImapStatus *status = select ("INBOX", true);
  ASSERT_NE (status, nullptr);
  EXPECT_TRUE (status->is_read_only);
  EXPECT_EQ (peer->commands.back (), "EXAMINE INBOX");
  postseal_imap_status_free (status);
}

/* RFC 9051 section 6.3.2: a SELECT that fails leaves nothing selected. */
TEST_F (ImapSelect, FailureLeavesNothingSelected)
{
  start ();
  peer->answers["SELECT Gone"]
      = "* OK [CLOSED] old one\r\nTAG NO [NONEXISTENT] no such mailbox\r\n";
  EXPECT_EQ (select ("Gone"), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE));
  EXPECT_FALSE (remove ({ 1 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (peer->commands.back (), "SELECT Gone");
}

TEST_F (ImapSelect, RefusalsAreToldApart)
{
  const struct
  {
    const char *reply;
    int code;
  } cases[] = {
    { "NO no such mailbox", POSTSEAL_IMAP_ERROR_GONE },
    { "NO [TRYCREATE] create it", POSTSEAL_IMAP_ERROR_GONE },
    { "NO [UNAVAILABLE] later", POSTSEAL_IMAP_ERROR_BUSY },
    { "NO [INUSE] later", POSTSEAL_IMAP_ERROR_BUSY },
    { "NO [SERVERBUG] later", POSTSEAL_IMAP_ERROR_BUSY },
    { "NO [LIMIT] later", POSTSEAL_IMAP_ERROR_BUSY },
    { "NO [ALERT] Too many simultaneous connections. (Failure)", POSTSEAL_IMAP_ERROR_LIMIT },
    { "NO [OVERQUOTA] full", POSTSEAL_IMAP_ERROR_REFUSED },
    { "NO [NOPERM] not yours", POSTSEAL_IMAP_ERROR_REFUSED },
    { "BAD what", POSTSEAL_IMAP_ERROR_REFUSED },
  };

  open ();
  ASSERT_TRUE (login ());
  for (const auto &one : cases)
    {
      peer->answers["SELECT"] = string ("TAG ") + one.reply + "\r\n";
      EXPECT_EQ (select ("INBOX"), nullptr);
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, one.code)) << one.reply;
    }
}

/* RFC 9051 section 7.1, CLOSED: what comes before it is about the old mailbox. */
TEST_F (ImapSelect, DataBeforeClosedBelongToTheOldMailbox)
{
  start ();
  peer->answers["SELECT Other"]
      = "* 99 EXISTS\r\n* OK [UIDVALIDITY 77] old\r\n* OK [UIDNEXT 1000] old\r\n* OK [CLOSED] "
        "now\r\n"
        "* 2 EXISTS\r\n* OK [UIDVALIDITY 5] new\r\nTAG OK [READ-WRITE] open\r\n";
  PostsealImapStatus *status = select ("Other");
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (status->exists, 2u);
  EXPECT_EQ (status->uid_validity, 5u);
  EXPECT_EQ (status->uid_next, 0u);
  postseal_imap_status_free (status);
}

/* Identity is UIDVALIDITY and UID (RFC 9051 section 2.3.1.1): a change in mid-session stops
 * everything. */
TEST_F (ImapSelect, ChangedUidValidityEndsTheSession)
{
  start ();
  peer->answers["UID FETCH"] = "* OK [UIDVALIDITY 78] changed\r\nTAG OK done\r\n";
  EXPECT_EQ (list_messages (1), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
}

/* RFC 7162 section 3.2.5, and RFC 5161 section 3.1: ENABLE first, in the same flight. */
TEST_F (ImapSelect, QresyncTellsWhichKnownUidsAreGone)
{
  const guint32 uids[] = { 3, 4, 5, 9 };
  const PostsealImapKnown known = { 77, 800, uids, 4 };

  open ();
  ASSERT_TRUE (login ());
  peer->answers["ENABLE"] = "* ENABLED QRESYNC\r\nTAG OK\r\n";
  peer->answers["SELECT"]
      = "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] v\r\n* VANISHED (EARLIER) 1:2,5,9:4000000000\r\n"
        "* VANISHED (EARLIER) 4:5\r\n* 1 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (850))\r\nTAG OK\r\n";
  PostsealImapStatus *status = select ("INBOX", false, &known);
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (get_uids (status->vanished), (std::vector<guint32>{ 4, 5, 9 }));
  EXPECT_EQ (status->exists, 3u);
  postseal_imap_status_free (status);
  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_NE (peer->flights[1].find ("ENABLE QRESYNC\nSELECT INBOX (QRESYNC (77 800 3:5,9))"),
             string::npos)
      << peer->flights[1];
}

TEST_F (ImapSelect, NothingIsAskedOfQresyncWithoutKnownUids)
{
  const PostsealImapKnown known = { 77, 800, nullptr, 0 };

  open ();
  ASSERT_TRUE (login ());
  postseal_imap_status_free (select ("INBOX", false, &known));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
  for (const string &command : peer->commands)
    EXPECT_EQ (command.find ("ENABLE"), string::npos);
}

/* RFC 5161 section 3.2: only what ENABLED lists is on; a server that balks is asked plainly. */
TEST_F (ImapSelect, RefusedParameterIsLeftOut)
{
  const guint32 uids[] = { 3 };
  const PostsealImapKnown known = { 77, 800, uids, 1 };

  open ();
  ASSERT_TRUE (login ());
  peer->answers["SELECT INBOX (QRESYNC"] = "TAG BAD not enabled\r\n";
  PostsealImapStatus *status = select ("INBOX", false, &known);
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_EQ (status->vanished, nullptr);
  EXPECT_EQ (status->uid_validity, 77u);
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
  postseal_imap_status_free (status);

  /* ENABLE is not for the selected state, and QRESYNC is known to be off. */
  postseal_imap_status_free (select ("Other", false, &known));
  EXPECT_EQ (peer->commands.back (), "SELECT Other (CONDSTORE)");
}

/* RFC 7162 section 4: a line stays below 8192 octets, whatever is known. */
TEST_F (ImapSelect, KnownUidsAreCutToTheLine)
{
  std::vector<guint32> uids;

  for (guint32 i = 0; i < 50000; i++)
    uids.push_back (4000000000u + 2 * i);
  const PostsealImapKnown known = { 77, 800, uids.data (), uids.size () };
  open ();
  ASSERT_TRUE (login ());
  peer->answers["ENABLE"] = "* ENABLED QRESYNC\r\nTAG OK\r\n";
  peer->answers["SELECT"] = "* VANISHED (EARLIER) 1:4294967295\r\nTAG OK\r\n";
  PostsealImapStatus *status = select ("INBOX", false, &known);
  ASSERT_NE (status, nullptr) << error->message;
  EXPECT_LT (peer->commands.back ().size (), 8150u);
  /* Those that were not asked about are not said to be gone. */
  EXPECT_GT (status->vanished->len, 500u);
  EXPECT_LT (status->vanished->len, 1000u);
  postseal_imap_status_free (status);
}

/* --- STATUS --- */

/* And may be answered in another order. */
TEST_F (ImapStatus, SeveralLeaveInOneFlight)
{
  Waiter first;
  Waiter second;
  string first_tag;

  open ();
  ASSERT_TRUE (login ());
  peer->on_command = [&] (const string &tag, const string &command, string &reply) {
    if (command.compare (0, 8, "STATUS A") == 0)
      first_tag = tag;
    else if (command.compare (0, 8, "STATUS B") == 0)
      reply = "* STATUS B (UIDNEXT 2)\r\n* STATUS A (UIDNEXT 3)\r\nTAG OK\r\n" + first_tag
              + " OK\r\n";
    return command.compare (0, 6, "STATUS") == 0;
  };
  postseal_imap_session_status_async (session, "A", nullptr, Waiter::on_done, &first);
  postseal_imap_session_status_async (session, "B", nullptr, Waiter::on_done, &second);
  EXPECT_TRUE (peer->run_until ([&] { return first.is_done () && second.is_done (); }));
  EXPECT_EQ (peer->flights.size (), 2u);
  PostsealImapStatus *a = postseal_imap_session_status_finish (session, first.result, &error);
  PostsealImapStatus *b = postseal_imap_session_status_finish (session, second.result, &error);
  ASSERT_NE (a, nullptr) << error->message;
  ASSERT_NE (b, nullptr) << error->message;
  EXPECT_EQ (a->uid_next, 3u);
  EXPECT_EQ (b->uid_next, 2u);
  postseal_imap_status_free (a);
  postseal_imap_status_free (b);
}

TEST_F (ImapStatus, AnswersGoToTheMailboxTheyName)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["STATUS"] = "* STATUS {4}\r\nElse (MESSAGES 5 UIDNEXT 50)\r\n"
                            "* STATUS {5}\r\ninbox (UIDVALIDITY 7 MESSAGES 1 X-ODD 5 UIDNEXT 9 "
                            "HIGHESTMODSEQ 12345678901234)\r\nTAG OK\r\n";
  PostsealImapStatus *answer = status ("INBOX");
  ASSERT_NE (answer, nullptr) << error->message;
  EXPECT_EQ (answer->uid_validity, 7u);
  EXPECT_EQ (answer->exists, 1u);
  EXPECT_EQ (answer->uid_next, 9u);
  EXPECT_EQ (answer->highest_modseq, G_GUINT64_CONSTANT (12345678901234));
  postseal_imap_status_free (answer);
  EXPECT_EQ (peer->commands.back (), "STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)");
}

TEST_F (ImapStatus, OkWithoutAnAnswerIsAnError)
{
  open ();
  ASSERT_TRUE (login ());
  EXPECT_EQ (status ("INBOX"), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
  peer->answers["STATUS"] = "TAG NO [NONEXISTENT] none\r\n";
  EXPECT_EQ (status ("Other"), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE));
}

/* RFC 9051 section 6.3.11. */
TEST_F (ImapStatus, IsNeverAskedOfTheOpenMailbox)
{
  start ();
  EXPECT_EQ (status ("INBOX"), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

/* --- LIST --- */

TEST_F (ImapList, InboxAloneIsNotAskedFor)
{
  open ();
  ASSERT_TRUE (login ());
  EXPECT_EQ (show (list ({ "inBox" })), "INBOX|INBOX||yes\n");
  EXPECT_EQ (peer->flights.size (), 1u);
}

TEST_F (ImapList, PatternsLeaveInOneFlightAndMailboxesComeOnce)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST \"\" \"Lists/*\""]
      = "* LIST (\\HasNoChildren) \"/\" Lists/a\r\n* LIST (\\Noselect) \"/\" Lists/top\r\n"
        "* LIST (\\NonExistent) \"/\" Lists/ghost\r\n* LIST () NIL {7}\r\nLists/b\r\nTAG OK\r\n";
  peer->answers["LIST \"\" %"] = peer->answers["LIST \"\" \"%\""]
      = "* LIST () \"/\" \"iNbOx\"\r\n* LIST () \"/\" Lists/a\r\n"
        "* LIST () \".\" Drafts\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "Lists/*", "%" })), "INBOX|INBOX|/|yes\nLists/a|Lists/a|/|yes\n"
                                               "Lists/b|Lists/b||yes\nDrafts|Drafts|.|yes\n");
  ASSERT_EQ (peer->flights.size (), 2u) << peer->flights[2];
  EXPECT_NE (peer->flights[1].find ("NAMESPACE\nLIST \"\" \"Lists/*\"\nLIST \"\" \"%\""),
             string::npos)
      << peer->flights[1];
}

TEST_F (ImapList, PlainNameThatIsNotThereIsReported)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST \"\" Top"] = "* LIST (\\Noselect) \"/\" Top\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "Missing", "Top", "No*" })), "Missing|Missing||no\nTop|Top||no\n");
}

/* RFC 2342 section 5: the personal namespace, and no guessing. */
TEST_F (ImapList, NamesAreLookedForBelowThePersonalNamespace)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["NAMESPACE"]
      = "* NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\")) ((\"#a.\" \".\")"
        "(\"#b.\" \".\"))\r\nTAG OK\r\n";
  peer->answers["LIST \"\" Sent"] = "* LIST () \".\" Sent\r\nTAG OK\r\n";
  peer->answers["LIST \"\" INBOX.Work"] = "* LIST () \".\" INBOX.Work\r\nTAG OK\r\n";
  peer->answers["LIST \"\" \"INBOX.L.*\""] = "* LIST () \".\" INBOX.L.x\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "Work", "L.*", "Sent", "INBOX" })),
             "INBOX|INBOX||yes\nSent|Sent|.|yes\nINBOX.Work|INBOX.Work|.|yes\nINBOX.L.x|INBOX.L.x|."
             "|yes\n");
  EXPECT_EQ (peer->flights.size (), 3u);
  EXPECT_EQ (peer->flights[2], "LIST \"\" INBOX.Work\nLIST \"\" \"INBOX.L.*\"");
}

/* RFC 6154 section 5: said unasked by some, asked for where that is known to be understood. */
TEST_F (ImapList, TellsWhatMailboxesAreFor)
{
  const string answer
      = "* LIST (\\HasNoChildren \\Junk) \"/\" Spam\r\n* LIST (\\trash) \"/\" Bin\r\n"
        "* LIST (\\Archive) \"/\" INBOX\r\n* LIST (\\Odd) \"/\" Work\r\nTAG OK\r\n";
  auto uses = [this] (GPtrArray *mailboxes) {
    string text;

    EXPECT_NE (mailboxes, nullptr) << error->message;
    for (guint i = 0; mailboxes != nullptr && i < mailboxes->len; i++)
      {
        auto m = static_cast<PostsealImapMailbox *> (g_ptr_array_index (mailboxes, i));

        text += string (m->title) + " " + std::to_string (m->use) + ", ";
      }
    g_clear_pointer (&mailboxes, g_ptr_array_unref);
    return text;
  };

  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = answer;
  EXPECT_EQ (uses (list ({ "*" }, true)), "INBOX 0, Spam 5, Bin 7, Work 0, ");
  EXPECT_EQ (peer->commands.back (), "LIST \"\" \"*\"");
  EXPECT_EQ (uses (list ({ "*" })), "INBOX 0, Spam 0, Bin 0, Work 0, ");
}

TEST_F (ImapList, AsksWhatMailboxesAreForOnlyWhenToldTo)
{
  caps = "IMAP4rev1 LITERAL+ LIST-EXTENDED SPECIAL-USE";
  open ();
  ASSERT_TRUE (login ());
  show (list ({ "*" }, true));
  EXPECT_EQ (peer->commands.back (), "LIST \"\" \"*\" RETURN (SPECIAL-USE)");
  show (list ({ "*" }));
  EXPECT_EQ (peer->commands.back (), "LIST \"\" \"*\"");
}

/* What a person sees is not always what brings the mailbox back. */
TEST_F (ImapList, TellsWhichTitlesNameTheirMailbox)
{
  string nameable;

  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = "* LIST () \"/\" Plain\r\n* LIST () \"/\" \"Entw&APw-rfe\"\r\n"
                          "* LIST () \"/\" {3}\r\na*b\r\n* LIST () \"/\" {3}\r\na%b\r\n"
                          "* LIST () \"/\" \"&Jjo!\"\r\nTAG OK\r\n";
  g_autoptr (GPtrArray) mailboxes = list ({ "*" });
  ASSERT_NE (mailboxes, nullptr);
  for (guint i = 0; i < mailboxes->len; i++)
    nameable
        += "-+"[static_cast<PostsealImapMailbox *> (g_ptr_array_index (mailboxes, i))->is_nameable];
  EXPECT_EQ (nameable, "++---");
}

TEST_F (ImapList, NamesBeyondReasonTogetherEndTheSession)
{
  string answer;

  for (int i = 0; i <= POSTSEAL_LIMIT_MAILBOX_NAMES / 4096; i++)
    answer
        += "* LIST () \"/\" {4096}\r\n" + std::to_string (10000 + i) + string (4091, 'x') + "\r\n";
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = answer + "TAG OK\r\n";
  EXPECT_EQ (list ({ "*" }), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
}

/* RFC 3501 section 5.1.3; the example names of its text. */
TEST_F (ImapList, ModifiedUtf7BothWays)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = "* LIST () \"/\" \"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"\r\n"
                          "* LIST () \"/\" \"A&-B\"\r\n* LIST () \"/\" \"&Jjo!\"\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "Entwürfe/*" })),
             "~peter/mail/&U,BTFw-/&ZeVnLIqe-|~peter/mail/台北/日本語|/|yes\n"
             "A&-B|A&B|/|yes\n&Jjo!|\\x26Jjo!|/|yes\n");
  EXPECT_EQ (peer->commands.back (), "LIST \"\" \"Entw&APw-rfe/*\"");
}

/* RFC 9051 section 4.5: NIL, "NIL" and a mailbox of that name. */
TEST_F (ImapList, MailboxNamedNil)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = "* LIST () \"/\" NIL\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "NIL" })), "NIL|NIL|/|yes\n");
  EXPECT_EQ (peer->commands.back (), "LIST \"\" \"NIL\"");
}

/* RFC 6855 section 3: UTF-8 names only after ENABLED says so, and a name is spelled only when that
 * is known. */
TEST_F (ImapList, NamesAreUtf8AfterEnable)
{
  caps = "IMAP4rev1 ENABLE UTF8=ACCEPT LITERAL+";
  open ();
  ASSERT_TRUE (login ());
  peer->answers["ENABLE"] = "* ENABLED UTF8=ACCEPT\r\nTAG OK\r\n";
  peer->answers["LIST"] = "* LIST () \"/\" \"Entwürfe/A&-B\"\r\nTAG OK\r\n";
  EXPECT_EQ (show (list ({ "Entwürfe/*" })), "Entwürfe/A&-B|Entwürfe/A&-B|/|yes\n");
  ASSERT_EQ (peer->flights.size (), 3u);
  EXPECT_EQ (peer->flights[1], "ENABLE UTF8=ACCEPT");
  EXPECT_EQ (peer->commands.back (), "LIST \"\" {11+}|Entwürfe/*");
}

TEST_F (ImapList, NamesStayUtf7WhenEnableIsIgnored)
{
  caps = "IMAP4rev1 ENABLE UTF8=ACCEPT";
  open ();
  ASSERT_TRUE (login ());
  peer->answers["ENABLE"] = "* ENABLED\r\nTAG OK\r\n";
  show (list ({ "Entwürfe" }));
  EXPECT_EQ (peer->commands.back (), "LIST \"\" Entw&APw-rfe");
}

TEST_F (ImapList, AsciiNamesDoNotWaitForEnable)
{
  caps = "IMAP4rev1 ENABLE UTF8=ACCEPT";
  open ();
  ASSERT_TRUE (login ());
  show (list ({ "Sent" }));
  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[1], "ENABLE UTF8=ACCEPT\nLIST \"\" Sent");
}

TEST_F (ImapList, NameBeyondReasonEndsTheSession)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = "* LIST () \"/\" {5000}\r\n" + string (5000, 'x') + "\r\nTAG OK\r\n";
  EXPECT_EQ (list ({ "*" }), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL));
}

TEST_F (ImapList, RefusalIsAnError)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["LIST"] = "TAG NO [NOPERM] no\r\n";
  EXPECT_EQ (list ({ "A", "B" }), nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
}

/* --- deletion --- */

/* RFC 4315 section 2.1: exactly these, in one flight. */
TEST_F (ImapDelete, StoresThenExpungesExactlyThese)
{
  start ();
  peer->answers["UID EXPUNGE"] = "* 2 EXPUNGE\r\n* 2 EXPUNGE\r\nTAG OK gone\r\n";
  ASSERT_TRUE (remove ({ 7, 5, 6, 9, 7 })) << error->message;
  EXPECT_EQ (peer->flights.back (), "UID STORE 5:7,9 +FLAGS.SILENT (\\Deleted)\nUID EXPUNGE 5:7,9");
}

TEST_F (ImapDelete, WithoutUidplusNothingIsSent)
{
  caps = "IMAP4rev1";
  start ();
  EXPECT_FALSE (remove ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_NE (string (error->message).find ("UIDPLUS"), string::npos);
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

TEST_F (ImapDelete, Imap4rev2HasUidExpunge)
{
  caps = "IMAP4rev2";
  start ();
  EXPECT_TRUE (remove ({ 5 }));
}

TEST_F (ImapDelete, ReadOnlyMailboxIsLeftAlone)
{
  open ();
  ASSERT_TRUE (login ());
  peer->answers["SELECT"] = "* OK [UIDVALIDITY 1] v\r\nTAG OK [READ-ONLY] open\r\n";
  postseal_imap_status_free (select ("INBOX"));
  EXPECT_FALSE (remove ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED));
  EXPECT_EQ (peer->commands.back (), "SELECT INBOX");
}

TEST_F (ImapDelete, IsRefusedWhileAnotherMailboxIsBeingOpened)
{
  Waiter waiter;
  Waiter deletion;
  const guint32 uid = 5;

  start ();
  postseal_imap_session_select_async (session, "Other", FALSE, nullptr, nullptr, Waiter::on_done,
                                      &waiter);
  postseal_imap_session_delete_async (session, &uid, 1, nullptr, Waiter::on_done, &deletion);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done () && deletion.is_done (); }));
  EXPECT_FALSE (postseal_imap_session_delete_finish (session, deletion.result, &error));
  EXPECT_EQ (peer->commands.back (), "SELECT Other");
  postseal_imap_status_free (postseal_imap_session_select_finish (session, waiter.result, nullptr));
}

TEST_F (ImapDelete, RefusalOrPartialSuccessIsAnError)
{
  start ();
  for (const char *reply : { "TAG NO no\r\n", "TAG OK [MODIFIED 7] some\r\n" })
    {
      peer->answers["UID STORE"] = reply;
      EXPECT_FALSE (remove ({ 5, 7 })) << reply;
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED))
          << reply;
    }
  peer->answers["UID STORE"] = "TAG OK\r\n";
  peer->answers["UID EXPUNGE"] = "TAG NO [INUSE] later\r\n";
  EXPECT_FALSE (remove ({ 5 }));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY));
}

/* RFC 7162 section 4: 50,000 scattered UIDs in lines below 8192 octets, one flight. */
TEST_F (ImapDelete, ManyUidsAreSplit)
{
  std::vector<guint32> uids;
  size_t n_flights;

  for (guint32 i = 0; i < 50000; i++)
    uids.push_back (1000000 + 2 * i);
  start ();
  n_flights = peer->flights.size ();
  ASSERT_TRUE (remove (uids)) << error->message;
  EXPECT_EQ (peer->flights.size (), n_flights + 1);
  for (const string &command : peer->commands)
    EXPECT_LT (command.size (), 8180u);
  EXPECT_GT (peer->commands.size (), 50u);
}
