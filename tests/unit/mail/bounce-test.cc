/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "mail/bounce.h"
#include "mail/sink.h"
#include "mime-fixture.h"

using namespace postseal_test;

namespace
{

constexpr gint64 ARRIVED = 1700000000;
constexpr const char *ORIGINAL = "From: jane@example.org\r\n"
                                 "To: bob@example.com\r\n"
                                 "Subject: Hello\r\n"
                                 "Message-ID: <one@example.org>\r\n"
                                 "\r\n"
                                 "First line\r\n"
                                 "\r\n"
                                 ".dot\r\n";

class Bounce : public testing::Test
{
protected:
  void
  SetUp () override
  {
    entry_.envelope = &envelope_;
    envelope_.account = (char *)"work";
    envelope_.sender = (char *)"jane@example.org";
    envelope_.origin = (char *)"postseal send";
    envelope_.message_id = (char *)"<one@example.org>";
    envelope_.subject = (char *)"Hello";
    entry_.id = (char *)"0abcdefghi";
    entry_.account = envelope_.account;
    entry_.sender = envelope_.sender;
    entry_.subject = envelope_.subject;
    entry_.arrived = ARRIVED;
    entry_.attempts = 3;
    entry_.last_attempt = ARRIVED + 3600;
    bounce_.entry = &entry_;
    bounce_.recipient = "jane@example.org";
    bounce_.full_name = "Jane Doe";
    bounce_.server = "smtp.example.org:587";
    bounce_.now = ARRIVED + 7200;
    Put (ORIGINAL);
  }

  void
  Put (const std::string &message)
  {
    path_ = dir_ / "entry";
    spill (path_, "Postseal-Outbox: 1\n\n" + message);
    entry_.path = (char *)path_.c_str ();
    entry_.offset = 20;
    entry_.length = message.size ();
    envelope_.length = message.size ();
  }

  PostsealOutboxRecipient &
  Add (const char *address, PostsealOutboxProgress progress, guint code, const char *text)
  {
    auto &known = *new PostsealEnvelopeRecipient ();
    PostsealOutboxRecipient recipient = {};

    known.address = (char *)address;
    known_.emplace_back (&known);
    recipient.recipient = &known;
    recipient.progress = progress;
    recipient.code = code;
    recipient.text = (char *)text;
    recipient.time = code != 0 ? ARRIVED + 3600 : 0;
    recipients_.push_back (recipient);
    entry_.recipients = recipients_.data ();
    entry_.n_recipients = recipients_.size ();
    return recipients_.back ();
  }

  PostsealOutboxRecipient &
  AddRefused ()
  {
    auto &recipient = Add ("bob@example.com", POSTSEAL_OUTBOX_REFUSED, 550, "No such user here");

    recipient.status = (char *)"5.1.1";
    return recipient;
  }

  guint &
  Notify (gsize index)
  {
    return known_[index]->notify;
  }

  std::string
  Write ()
  {
    g_autoptr (GError) error = nullptr;

    EXPECT_TRUE (postseal_bounce_write (&bounce_, (dir_ / "report").c_str (), &error))
        << (error != nullptr ? error->message : "");
    return slurp (dir_ / "report");
  }

  TempDir dir_;
  std::string path_;
  PostsealEnvelope envelope_ = {};
  PostsealOutboxEntry entry_ = {};
  PostsealBounce bounce_ = {};
  std::vector<std::unique_ptr<PostsealEnvelopeRecipient>> known_;
  std::vector<PostsealOutboxRecipient> recipients_;
};

bool
has (const std::string &text, const std::string &part)
{
  return text.find (part) != std::string::npos;
}

/* However the lines are broken. */
bool
says (const std::string &text, const char *words)
{
  std::string flat;

  for (char letter : text)
    if (letter != '\n' && (letter != ' ' || flat.empty () || flat.back () != ' '))
      flat += letter;
    else if (letter == '\n' && !flat.empty () && flat.back () != ' ')
      flat += ' ';
  return has (flat, words);
}

/* RFC 6522 section 3, RFC 3464 section 2. */
TEST_F (Bounce, IsAReportOfThreeParts)
{
  AddRefused ();
  ParsedMessage report (Write ());

  EXPECT_EQ (report.type (), "multipart/report");
  EXPECT_TRUE (has (report.header ("Content-Type"), "report-type=delivery-status"));
  ASSERT_EQ (report.n_parts (), 3);
  EXPECT_EQ (ParsedMessage::type_of (report.part (0)), "text/plain");
  EXPECT_EQ (ParsedMessage::type_of (report.part (1)), "message/delivery-status");
  EXPECT_EQ (ParsedMessage::type_of (report.part (2)), "message/rfc822");
}

TEST_F (Bounce, HasAHeaderThatNoProgramAnswers)
{
  AddRefused ();
  ParsedMessage report (Write ());

  EXPECT_EQ (report.header ("Return-Path"), "<>");
  EXPECT_EQ (report.header ("From"), "Postseal <MAILER-DAEMON@example.org>");
  EXPECT_EQ (report.header ("To"), "Jane Doe <jane@example.org>");
  EXPECT_EQ (report.header ("Subject"), "Not sent: Hello");
  EXPECT_EQ (report.header ("Auto-Submitted"), "auto-replied");
  EXPECT_EQ (report.header ("Message-Id"), "<0abcdefghi.3.bounce@example.org>");
  EXPECT_EQ (report.header ("In-Reply-To"), "<one@example.org>");
  EXPECT_EQ (report.header ("References"), "<one@example.org>");
  EXPECT_EQ (g_date_time_to_unix (g_mime_message_get_date (report.get ())), bounce_.now);
}

/* As the sender of the outbox has it: nobody is left who waits. */
TEST_F (Bounce, WhatWasGivenUpWasNotRefusedForGood)
{
  Add ("bob@example.com", POSTSEAL_OUTBOX_REFUSED, 451, "Greylisted").status = (char *)"4.7.1";
  Add ("carol@example.net", POSTSEAL_OUTBOX_REFUSED, 0, "no network").status = (char *)"4.4.7";
  bounce_.is_expired = TRUE;
  std::string report = Write ();

  EXPECT_EQ (report.find ("for good"), std::string::npos) << report;
  EXPECT_NE (report.find ("said last"), std::string::npos) << report;
  EXPECT_NE (report.find ("could not be sent so far"), std::string::npos) << report;
  EXPECT_EQ (report.find ("Status: 5"), std::string::npos) << report;
  EXPECT_NE (report.find ("Status: 4.4.7"), std::string::npos) << report;
}

TEST_F (Bounce, SaysInPlainWordsWhatWentWrong)
{
  AddRefused ();
  Add ("carol@example.net", POSTSEAL_OUTBOX_DELIVERED, 250, "Ok");
  std::string text = ParsedMessage::content_of (ParsedMessage (Write ()).part (0));

  EXPECT_TRUE (says (text, "to some of its recipients")) << text;
  EXPECT_TRUE (has (text, "Subject: Hello"));
  EXPECT_TRUE (has (text, "  bob@example.com\n    smtp.example.org:587 refused it for good:"));
  EXPECT_TRUE (says (text, "refused it for good: “550 5.1.1 No such user here”")) << text;
  EXPECT_TRUE (says (text, "tried 3 times"));
  EXPECT_TRUE (has (text, "need not send it again to:\n\n  carol@example.net\n")) << text;
  EXPECT_TRUE (says (text, "copy of the message is below"));
  for (const char *line = text.c_str (); *line != '\0'; line = strchr (line, '\n') + 1)
    EXPECT_LE (g_utf8_strlen (line, strchr (line, '\n') - line), 72);
}

TEST_F (Bounce, TellsProgramsOfEachRecipientThatFailed)
{
  envelope_.envid = (char *)"QQ314159";
  AddRefused ();
  known_[0]->original = (char *)"robert@example.com";
  Add ("carol@example.net", POSTSEAL_OUTBOX_DELIVERED, 250, "Ok");
  g_setenv ("TZ", "UTC", TRUE);
  std::string status = ParsedMessage::content_of (ParsedMessage (Write ()).part (1));

  g_unsetenv ("TZ");
  EXPECT_EQ (status, "Original-Envelope-Id: QQ314159\n"
                     "Reporting-MTA: dns; localhost\n"
                     "Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\n"
                     "\n"
                     "Original-Recipient: rfc822; robert@example.com\n"
                     "Final-Recipient: rfc822; bob@example.com\n"
                     "Action: failed\n"
                     "Status: 5.1.1\n"
                     "Remote-MTA: dns; smtp.example.org\n"
                     "Diagnostic-Code: smtp; 550 5.1.1 No such user here\n"
                     "Last-Attempt-Date: Tue, 14 Nov 2023 23:13:20 +0000\n");
}

TEST_F (Bounce, GivesUpWithAStatusOfItsOwn)
{
  Add ("bob@example.com", POSTSEAL_OUTBOX_PENDING, 451, "Greylisted").status = (char *)"4.7.1";
  Add ("carol@example.net", POSTSEAL_OUTBOX_PENDING, 0, nullptr);
  entry_.reason = (char *)"Cannot connect to smtp.example.org: No route to host";
  entry_.is_doubtful = TRUE;
  bounce_.is_expired = TRUE;
  ParsedMessage report (Write ());
  std::string text = ParsedMessage::content_of (report.part (0));
  std::string status = ParsedMessage::content_of (report.part (1));

  EXPECT_TRUE (has (status, "Status: 4.4.7\n"));
  EXPECT_TRUE (has (status, "Diagnostic-Code: smtp; 451 4.7.1 Greylisted\n"));
  EXPECT_TRUE (has (status, "x-postseal; Cannot connect"));
  EXPECT_TRUE (says (text, "said last: “451 4.7.1 Greylisted”")) << text;
  EXPECT_TRUE (says (text, "No route to host"));
  EXPECT_TRUE (says (text, "given up"));
  EXPECT_TRUE (says (text, "arrived all the same")) << text;
}

/* What still waits is no failure. */
TEST_F (Bounce, LeavesOutWhatIsStillBeingTried)
{
  AddRefused ();
  Add ("carol@example.net", POSTSEAL_OUTBOX_PENDING, 451, "Later");
  ParsedMessage report (Write ());

  EXPECT_FALSE (has (ParsedMessage::content_of (report.part (1)), "carol"));
  EXPECT_TRUE (has (ParsedMessage::content_of (report.part (0)),
                    "still being tried for:\n\n  carol@example.net"));
}

TEST_F (Bounce, ReturnsTheMessageByteForByteWithMaildirLineEnds)
{
  AddRefused ();
  std::string report = Write ();
  std::string original = ORIGINAL;

  original.erase (std::remove (original.begin (), original.end (), '\r'), original.end ());
  EXPECT_TRUE (has (report, "Content-Type: message/rfc822\n\n" + original + "\n--"));
  EXPECT_FALSE (has (report, "\r"));
}

/* RFC 3461 section 4.3, RFC 8689 section 5. */
TEST_F (Bounce, ReturnsTheHeaderAloneWhereAskedTo)
{
  AddRefused ();
  envelope_.ret = POSTSEAL_SMTP_RETURN_HEADERS;
  std::string by_ret = Write ();

  envelope_.ret = POSTSEAL_SMTP_RETURN_FULL;
  envelope_.requiretls = TRUE;
  std::string by_requiretls = Write ();

  EXPECT_EQ (by_ret, by_requiretls);
  ParsedMessage report (by_ret);
  EXPECT_EQ (ParsedMessage::type_of (report.part (2)), "text/rfc822-headers");
  EXPECT_EQ (ParsedMessage::content_of (report.part (2)),
             "From: jane@example.org\nTo: bob@example.com\nSubject: Hello\n"
             "Message-ID: <one@example.org>\n");
  EXPECT_TRUE (has (ParsedMessage::content_of (report.part (0)), "header of the message is below"));
}

/* The empty line may be split over two reads. */
TEST_F (Bounce, FindsTheEndOfAHeaderAtEveryPlace)
{
  AddRefused ();
  envelope_.ret = POSTSEAL_SMTP_RETURN_HEADERS;
  for (gsize length = 65536 - 4; length <= 65536 + 2; length++)
    {
      std::string header;

      while (header.size () < length)
        header
            += "X-A: " + std::string (MIN (60, MAX (length - header.size (), 8) - 7), 'a') + "\r\n";
      Put (header + "\r\nbody\r\n");
      std::string kept = ParsedMessage::content_of (ParsedMessage (Write ()).part (2));
      header.erase (std::remove (header.begin (), header.end (), '\r'), header.end ());
      EXPECT_EQ (kept, header) << length;
    }
}

TEST_F (Bounce, IsTheSameWheneverItIsMadeAgain)
{
  AddRefused ();
  std::string first = Write ();

  spill (dir_ / "report", "left by a crash");
  EXPECT_EQ (Write (), first);
}

TEST_F (Bounce, IsForTheUserAlone)
{
  struct stat status;

  AddRefused ();
  Write ();
  ASSERT_EQ (stat ((dir_ / "report").c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 0777, 0600u);
}

/* RFC 6533 section 3, RFC 6532 section 3.7. */
TEST_F (Bounce, IsInternationalWhereAnAddressIs)
{
  Put ("From: jane@example.org\r\nTo: δ@example.com\r\nSubject: Grüße\r\n\r\nHallo\r\n");
  envelope_.is_international = TRUE;
  envelope_.body = POSTSEAL_SMTP_BODY_8BIT;
  envelope_.subject = (char *)"Grüße";
  bounce_.full_name = "Jäne Doe";
  Add ("δ@example.com", POSTSEAL_OUTBOX_REFUSED, 550, "Неизвестен");
  std::string text = Write ();
  ParsedMessage report (text);
  std::string status = ParsedMessage::content_of (report.part (1));

  EXPECT_EQ (ParsedMessage::type_of (report.part (1)), "message/global-delivery-status");
  EXPECT_TRUE (has (status, "Final-Recipient: utf-8; δ@example.com\n")) << status;
  EXPECT_TRUE (has (status, "Status: 5.0.0\n"));
  EXPECT_TRUE (has (status, "Неизвестен"));
  EXPECT_TRUE (has (text, "Content-Type: message/global\nContent-Transfer-Encoding: 8bit\n\nFrom"));
  EXPECT_STREQ (g_mime_message_get_subject (report.get ()), "Not sent: Grüße");
  EXPECT_TRUE (has (ParsedMessage::content_of (report.part (0)), "δ@example.com"));
  /* The header is ASCII all the same. */
  EXPECT_TRUE (g_str_is_ascii (text.substr (0, text.find ("\n\n")).c_str ()));
}

TEST_F (Bounce, WritesForeignWordsInAsciiForOldReaders)
{
  Add ("bob@example.com", POSTSEAL_OUTBOX_REFUSED, 550, "пр");
  std::string status = ParsedMessage::content_of (ParsedMessage (Write ()).part (1));

  EXPECT_TRUE (has (status, "Diagnostic-Code: smtp; 550 \\x{43F}\\x{440}\n")) << status;
}

/* Words of a server and of a message are trusted in nothing. */
TEST_F (Bounce, LetsNothingBecomeAFieldOfItsOwn)
{
  envelope_.message_id = (char *)"<a@b>\nBcc: eve@example.com";
  envelope_.envid = (char *)"x\nFinal-Recipient: rfc822; eve@example.com";
  bounce_.full_name = "Jane\nBcc: eve@example.com";
  Add ("bob@example.com", POSTSEAL_OUTBOX_REFUSED, 550, "No\n\nAction: delivered");
  std::string text = Write ();
  ParsedMessage report (text);

  EXPECT_EQ (report.header ("Bcc"), "");
  EXPECT_EQ (report.header ("In-Reply-To"), "");
  EXPECT_FALSE (has (text, "\nFinal-Recipient: rfc822; eve"));
  EXPECT_FALSE (has (text, "\nAction: delivered"));
}

TEST_F (Bounce, KeepsOctetsThatAreNoLines)
{
  std::string binary = "Content-Type: application/octet-stream\r\n"
                       "Content-Transfer-Encoding: binary\r\n\r\n";

  for (int i = 0; i < 200000; i++)
    binary += (char)(i * 7 % 256);
  Put (binary);
  envelope_.body = POSTSEAL_SMTP_BODY_BINARY;
  AddRefused ();
  Write ();
  EXPECT_EQ (ask_python ("import email, sys, base64\n"
                         "report = email.message_from_bytes(open(sys.argv[1], 'rb').read())\n"
                         "part = report.get_payload()[2]\n"
                         "raw = open(sys.argv[1], 'rb').read()\n"
                         "at = raw.index(b'encoding: base64'.title().replace(b'Base64', b'base64'))"
                         "\n"
                         "text = raw[raw.index(b'\\n\\n', at):raw.rindex(b'\\n--')]\n"
                         "print(part.get_content_type(), base64.b64decode(text)"
                         " == open(sys.argv[2], 'rb').read()[20:])\n",
                         { dir_ / "report", path_ }),
             "message/global True\n");
}

TEST_F (Bounce, IsReadByPythonToo)
{
  AddRefused ();
  envelope_.subject = (char *)"Ein sehr langer Betreff, der über mehrere Zeilen geht und dann noch "
                              "weiter, weil er so schön ist, bis er endlich aufhört";
  Write ();
  EXPECT_EQ (ask_python ("import email, email.policy, sys\n"
                         "report = email.message_from_bytes(open(sys.argv[1], 'rb').read(),"
                         " policy=email.policy.default)\n"
                         "status = report.get_payload()[1].get_payload()\n"
                         "print(report['subject'])\n"
                         "print(len(status), status[0]['reporting-mta'], status[1]['action'],"
                         " report.get_payload()[2].get_payload()[0]['subject'])\n"
                         "print([d for p in report.walk() for d in p.defects])\n",
                         { dir_ / "report" }),
             "Not sent: Ein sehr langer Betreff, der über mehrere Zeilen geht und dann noch "
             "weiter, weil er so schön ist, bis er endlich aufhört\n"
             "2 dns; localhost failed Hello\n"
             "[]\n");
}

TEST_F (Bounce, NeedsNoMoreMemoryForALargeMessage)
{
  AddRefused ();
  Put (std::string (ORIGINAL) + std::string (1000, 'a') + "\r\n");
  Write ();
  /* 64 MiB that take no room on the disk. */
  ASSERT_EQ (truncate (path_.c_str (), 64 << 20), 0);
  entry_.length = (64 << 20) - entry_.offset;
  reset_peak_memory ();
  long before = peak_memory ();
  g_autoptr (GError) error = nullptr;
  ASSERT_TRUE (postseal_bounce_write (&bounce_, (dir_ / "report").c_str (), &error));
  EXPECT_TRUE (!CAN_MEASURE_MEMORY || peak_memory () < before + 8 * 1024);
  EXPECT_GT (std::filesystem::file_size (dir_ / "report"), 64u << 20);
}

TEST_F (Bounce, NamesTheFileThatIsGone)
{
  g_autoptr (GError) error = nullptr;

  AddRefused ();
  entry_.length += 100;
  EXPECT_FALSE (postseal_bounce_write (&bounce_, (dir_ / "report").c_str (), &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
  EXPECT_FALSE (std::filesystem::exists (dir_ / "report"));
  g_clear_error (&error);
  std::filesystem::remove (path_);
  EXPECT_FALSE (postseal_bounce_write (&bounce_, (dir_ / "report").c_str (), &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
  EXPECT_TRUE (has (error->message, path_));
}

TEST_F (Bounce, TellsWhenThereIsNoPlaceForIt)
{
  g_autoptr (GError) error = nullptr;

  AddRefused ();
  EXPECT_FALSE (postseal_bounce_write (&bounce_, (dir_ / "no/report").c_str (), &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE));
}

/* RFC 5321 section 4.5.5, RFC 3461 section 4.1. */
TEST_F (Bounce, IsWantedByWhomItIsNotForbidden)
{
  AddRefused ();
  EXPECT_TRUE (postseal_bounce_is_wanted (&entry_));
  Notify (0) = POSTSEAL_SMTP_NOTIFY_NEVER;
  EXPECT_FALSE (postseal_bounce_is_wanted (&entry_));
  Notify (0) = POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_DELAY;
  EXPECT_FALSE (postseal_bounce_is_wanted (&entry_));
  Notify (0) = POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_FAILURE;
  EXPECT_TRUE (postseal_bounce_is_wanted (&entry_));
  entry_.sender = (char *)"";
  EXPECT_FALSE (postseal_bounce_is_wanted (&entry_));
  entry_.sender = (char *)"jane@example.org";
  recipients_[0].progress = POSTSEAL_OUTBOX_DELIVERED;
  EXPECT_FALSE (postseal_bounce_is_wanted (&entry_));
}

TEST_F (Bounce, DoesNotTellOfWhomItMustNot)
{
  AddRefused ();
  Add ("dave@example.com", POSTSEAL_OUTBOX_REFUSED, 550, "No");
  Notify (1) = POSTSEAL_SMTP_NOTIFY_NEVER;
  EXPECT_FALSE (has (Write (), "dave@"));
}

} // namespace
