/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/fetchmail-file.h"

#include <gtest/gtest.h>

#include "sections.h"

namespace
{

std::string
read (const std::string &text)
{
  return spell (postseal_fetchmail_file_parse, text);
}

TEST (FetchmailFile, ReadsAPollWithItsUsers)
{
  EXPECT_EQ (read ("set daemon 300\n"
                   "poll mail.example.org proto imap port 993\n"
                   "  user jane password secret ssl keep\n"
                   "  username bob pass other no keep\n"),
             "set\n  1: daemon 300\n"
             "poll mail.example.org\n  2: protocol imap\n  2: service 993\n"
             "user jane\n  3: password <secret>\n  3: ssl\n  3: keep\n"
             "user bob\n  4: password <other>\n  4: no keep\n");
}

TEST (FetchmailFile, NoiseWordsAndPunctuationMeanNothing)
{
  EXPECT_EQ (
      read ("poll a.example, with proto pop3; and has: options uidl\n"
            "user jane there wants ssl, and keep"),
      "set\npoll a.example\n  1: protocol pop3\n  1: uidl\nuser jane\n  2: ssl\n  2: keep\n");
}

TEST (FetchmailFile, LocalAndRemoteUserMayStandTheOtherWayRound)
{
  const char *expected = "set\npoll a\nuser remote\n  1: is local\n";

  EXPECT_EQ (read ("poll a user remote there is local here"), expected);
  EXPECT_EQ (read ("poll a user local here is remote there"), expected);
}

TEST (FetchmailFile, MappingsKeepTheirPairs)
{
  EXPECT_EQ (read ("poll a user box to jane = j bob=b * here"),
             "set\npoll a\nuser box\n  1: is jane=j|bob=b|*\n");
}

TEST (FetchmailFile, AllEscapesAreRead)
{
  EXPECT_EQ (read ("poll a user u pass \"a\\\"b\\\\c\\x41\\0101\\066\\65\\t\\q\""),
             "set\npoll a\nuser u\n  1: password <a\"b\\cAA6A\tq>\n");
}

TEST (FetchmailFile, StringsGoOnBehindABackslashAndCountLines)
{
  EXPECT_EQ (read ("poll a user u pass 'one \\\ntwo\nthree'\nkeep"),
             "set\npoll a\nuser u\n  1: password <one two\nthree>\n  4: keep\n");
}

TEST (FetchmailFile, AKeywordBehindItsKeywordIsAValue)
{
  EXPECT_EQ (read ("poll poll user user pass keep ssl"),
             "set\npoll poll\nuser user\n  1: password <keep>\n  1: ssl\n");
}

TEST (FetchmailFile, QuotedKeywordsStayInLists)
{
  EXPECT_EQ (read ("poll a user u folder INBOX 'user' Lists/b keep"),
             "set\npoll a\nuser u\n  1: folder INBOX|user|Lists/b\n  1: keep\n");
}

TEST (FetchmailFile, DefaultsAndSkippedEntriesAreToldApart)
{
  EXPECT_EQ (read ("defaults proto pop3 user me keep\nskip old.example\nserver new.example"),
             "set\ndefaults\n  1: protocol pop3\nuser me\n  1: keep\nskip old.example\n"
             "poll new.example\n");
}

TEST (FetchmailFile, AnEnvelopeMayHaveANumber)
{
  EXPECT_EQ (read ("poll a envelope 2 X-To no envelope envelope X-For"),
             "set\npoll a\n  1: envelope 2|X-To\n  1: no envelope\n  1: envelope X-For\n");
}

TEST (FetchmailFile, ACommentReachesToTheEndOfItsLine)
{
  EXPECT_EQ (read ("# poll x user y\npoll a # pass z\nuser u"), "set\npoll a\nuser u\n");
}

TEST (FetchmailFile, MistakesNameTheirLineAndNoValue)
{
  EXPECT_EQ (read ("poll a\nuser u pass 'open\n\n").substr (0, 2), "2:");
  EXPECT_EQ (read ("poll a user u\npass my secret phrase").find ("secret"), std::string::npos);
  EXPECT_EQ (read ("poll a user u\npass my secret phrase").substr (0, 2), "2:");
  EXPECT_EQ (read ("\n\nuser u").substr (0, 2), "3:");
  EXPECT_EQ (read ("poll a user u pass").substr (0, 2), "1:");
  EXPECT_EQ (read ("set color red").substr (0, 2), "1:");
  EXPECT_EQ (read ("poll a no poll").substr (0, 2), "1:");
  EXPECT_EQ (read ("poll a user u pass 'x\\x00'").substr (0, 2), "1:");
}

} // namespace
