/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/ini-file.h"
#include "import/mbsync-file.h"
#include "import/mpop-file.h"

#include <gtest/gtest.h>

#include "sections.h"

namespace
{

std::string
read_mpop (const std::string &text)
{
  return spell (postseal_mpop_file_parse, text);
}

TEST (MpopFile, DefaultsAndParentsAreWrittenOut)
{
  EXPECT_EQ (
      read_mpop ("defaults\ntls on\n\naccount a\nhost a.example\n\naccount b : a\nuser \"j d\"\n"),
      "account a\n  2: tls on\n  5: host a.example\n"
      "account b\n  2: tls on\n  7: account a\n  2: tls on\n  5: host a.example\n"
      "  8: user j d\n");
}

TEST (MpopFile, ManyParentsComeInTheirOrder)
{
  EXPECT_EQ (read_mpop ("account a\nport 1\naccount b\nport 2\naccount c : a , b\n"),
             "account a\n  2: port 1\naccount b\n  4: port 2\n"
             "alias c\n  5: account a , b\n  2: port 1\n  4: port 2\n");
}

TEST (MpopFile, AnAccountThatSaysNothingOfItsOwnIsAnAlias)
{
  EXPECT_NE (read_mpop ("account a\nhost h\naccount default : a").find ("alias default"),
             std::string::npos);
}

TEST (MpopFile, LaterDefaultsReplaceEarlierOnes)
{
  EXPECT_EQ (read_mpop ("defaults\ntls on\ndefaults\nport 1\naccount a\nhost h"),
             "account a\n  4: port 1\n  6: host h\n");
}

TEST (MpopFile, PasswordsAreSecretsWithAllTheirCharacters)
{
  EXPECT_EQ (read_mpop ("account a\npassword a # \"b\" \\\n"),
             "account a\n  2: password <a # \"b\" \\>\n");
}

TEST (MpopFile, CommandsMayBeIndentedAndWithoutAValue)
{
  EXPECT_EQ (read_mpop ("account a\n\t tls\n  # no\n\thost\th  \n"),
             "account a\n  2: tls \n  4: host h\n");
}

TEST (MpopFile, EvalIsNotRun)
{
  EXPECT_EQ (read_mpop ("account a\neval echo host $(rm -rf /nothing)\n"),
             "account a\n  2: eval echo host $(rm -rf /nothing)\n");
}

TEST (MpopFile, MistakesNameTheirLine)
{
  EXPECT_EQ (read_mpop ("\nhost h").substr (0, 2), "2:");
  EXPECT_EQ (read_mpop ("account a : b").substr (0, 2), "1:");
  EXPECT_EQ (read_mpop ("account a\naccount a").substr (0, 2), "2:");
  EXPECT_EQ (read_mpop ("account a\nS3cret!").find ("S3cret"), std::string::npos);
}

TEST (MpopFile, InheritingFromItselfManyTimesEnds)
{
  std::string text = "account a0\nport 1\n";
  for (int i = 1; i < 40; i++)
    text += "account a" + std::to_string (i) + " : a" + std::to_string (i - 1) + ", a"
            + std::to_string (i - 1) + "\n";
  EXPECT_NE (read_mpop (text).find ("inherits too much"), std::string::npos);
}

std::string
read_mbsync (const std::string &text)
{
  return spell (postseal_mbsync_file_parse, text);
}

TEST (MbsyncFile, AnEmptyLineEndsASection)
{
  EXPECT_EQ (read_mbsync ("IMAPAccount a\nHost h\n# still\nUser u\n\nSyncState *\n"),
             "global\n  6: syncstate *\nimapaccount a\n  2: host h\n  4: user u\n");
}

TEST (MbsyncFile, OldWordsBecomeNewOnes)
{
  EXPECT_EQ (
      read_mbsync ("Channel c\nMaster :a:\nSlave \":b:x y\"\nSSLType IMAPS\nPattern * !Junk"),
      "global\nchannel c\n  2: far :a:\n  3: near :b:x y\n  4: tlstype IMAPS\n"
      "  5: patterns *|!Junk\n");
}

TEST (MbsyncFile, CommandsLoseTheirPlusAndPasswordsAreSecrets)
{
  EXPECT_EQ (read_mbsync ("IMAPStore s\nPassCmd \"+pass show 'a b'\"\nPass \"se\\\"cret\"\n"),
             "global\nimapstore s\n  2: passcmd pass show 'a b'\n  3: pass <se\"cret>\n");
}

TEST (MbsyncFile, MistakesNameTheirLine)
{
  EXPECT_EQ (read_mbsync ("IMAPAccount").substr (0, 2), "1:");
  EXPECT_EQ (read_mbsync ("IMAPAccount a\nHost").substr (0, 2), "2:");
  EXPECT_EQ (read_mbsync ("IMAPAccount a\nHost \"x").substr (0, 2), "2:");
  EXPECT_EQ (read_mbsync ("IMAPAccount a\nIMAPStore b").substr (0, 2), "2:");
  EXPECT_EQ (read_mbsync ("IMAPAccount a\nS3cret! x").find ("S3cret"), std::string::npos);
}

std::string
read_getmail (const std::string &text)
{
  return spell (
      [] (const char *data, gsize length, GError **error) {
        return postseal_ini_file_parse (data, length, POSTSEAL_INI_GETMAIL, error);
      },
      text);
}

TEST (IniFile, ReadsWhatPythonReads)
{
  EXPECT_EQ (
      read_getmail ("[retriever]\nType: SimplePOP3Retriever\nserver = h\n# x\npassword = a = b\n"
                    "mailboxes = (\"INBOX\",\n    # no\n    \"b\")\n"),
      "retriever\n  2: type SimplePOP3Retriever\n  3: server h\n  5: password <a = b>\n"
      "  6: mailboxes (\"INBOX\",\n\"b\")\n");
}

TEST (IniFile, MistakesNameTheirLine)
{
  EXPECT_EQ (read_getmail ("x=1").substr (0, 2), "1:");
  EXPECT_EQ (read_getmail ("[a\n").substr (0, 2), "1:");
  EXPECT_EQ (read_getmail ("[a]\nS3cret").find ("S3cret"), std::string::npos);
}

std::string
strings_of (const char *text)
{
  g_autoptr (GPtrArray) list = postseal_ini_python_strings (text);
  std::string all;

  for (guint i = 0; i < list->len; i++)
    all += std::string (static_cast<const char *> (g_ptr_array_index (list, i))) + "|";
  return all;
}

TEST (IniFile, PythonsLiteralsAreStrings)
{
  EXPECT_EQ (strings_of ("('INBOX', u\"a\\\"b\", r'c')"), "INBOX|a\"b|c|");
  EXPECT_EQ (strings_of ("[ 'x' ,\n 'y',]"), "x|y|");
  EXPECT_EQ (strings_of ("(('a', 'b'), True, 5)"), "a|b|True|5|");
  EXPECT_EQ (strings_of ("'lone'"), "lone|");
  EXPECT_EQ (strings_of ("~/Maildir/"), "~/Maildir/|");
  EXPECT_EQ (strings_of ("('open"), "('open|");
  EXPECT_EQ (strings_of (""), "");
}

} // namespace
