/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "outbox/outbox-error.h"
#include "sendmail/arguments.h"

namespace
{

using Strings = std::vector<std::string>;

class Arguments : public testing::Test
{
protected:
  ~Arguments () override
  {
    postseal_sendmail_arguments_clear (&parsed);
    g_clear_error (&error);
  }

  bool
  parse (Strings words, const std::string &name = "/usr/sbin/sendmail")
  {
    std::vector<char *> argv;

    words.insert (words.begin (), name);
    for (auto &word : words)
      argv.push_back (word.data ());
    postseal_sendmail_arguments_clear (&parsed);
    g_clear_error (&error);
    return postseal_sendmail_arguments_parse (&parsed, (int)argv.size (), argv.data (), &error);
  }

  Strings
  recipients () const
  {
    Strings all;

    for (guint i = 0; i < parsed.recipients->len; i++)
      all.push_back ((const char *)g_ptr_array_index (parsed.recipients, i));
    return all;
  }

  bool
  is_refused (const Strings &words)
  {
    return !parse (words)
           && g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE);
  }

  PostsealSendmailArguments parsed = {};
  GError *error = nullptr;
};

TEST_F (Arguments, AreNotNeeded)
{
  ASSERT_TRUE (parse ({}));
  EXPECT_EQ (parsed.mode, POSTSEAL_SENDMAIL_SEND);
  EXPECT_EQ (parsed.sender, nullptr);
  EXPECT_EQ (recipients (), Strings{});
}

TEST_F (Arguments, StandAttachedAndApart)
{
  for (const Strings &words :
       { Strings{ "-fjane@example.org" }, Strings{ "-f", "jane@example.org" },
         Strings{ "-rjane@example.org" }, Strings{ "-r", "<jane@example.org>" },
         Strings{ "-f", "Jane <jane@example.org>" } })
    {
      ASSERT_TRUE (parse (words)) << words[0];
      EXPECT_STREQ (parsed.sender, "jane@example.org") << words[0];
    }
}

TEST_F (Arguments, StandInClusters)
{
  ASSERT_TRUE (parse ({ "-tivfjane@example.org", "-moi", "bob@example.com" }));
  EXPECT_TRUE (parsed.reads_recipients);
  EXPECT_TRUE (parsed.ignores_dots);
  EXPECT_TRUE (parsed.is_verbose);
  EXPECT_STREQ (parsed.sender, "jane@example.org");
  EXPECT_EQ (recipients (), Strings{ "bob@example.com" });
}

TEST_F (Arguments, StandBehindRecipientsUpToTwoDashes)
{
  ASSERT_TRUE (parse ({ "bob@example.com", "-i", "carol@example.com", "--", "-t", "--config" }));
  EXPECT_TRUE (parsed.ignores_dots);
  EXPECT_FALSE (parsed.reads_recipients);
  EXPECT_EQ (recipients (), (Strings{ "bob@example.com", "carol@example.com", "-t", "--config" }));
}

TEST_F (Arguments, NameTheNullSender)
{
  for (const Strings &words :
       { Strings{ "-f", "<>" }, Strings{ "-f<>" }, Strings{ "-f", "" }, Strings{ "-r", "" } })
    {
      ASSERT_TRUE (parse (words));
      EXPECT_STREQ (parsed.sender, "");
    }
}

/* The second is never taken for the value of the first. */
TEST_F (Arguments, OfNullSenderLeaveTheNextAlone)
{
  ASSERT_TRUE (parse ({ "-f", "", "bob@example.com" }));
  EXPECT_EQ (recipients (), Strings{ "bob@example.com" });
}

TEST_F (Arguments, ListRecipients)
{
  ASSERT_TRUE (
      parse ({ "bob@example.com, Carol <carol@example.com>", "root", "<dave@example.com>" }));
  EXPECT_EQ (recipients (),
             (Strings{ "bob@example.com", "carol@example.com", "root", "dave@example.com" }));
}

/* What is wrong with an address is for the queue to say. */
TEST_F (Arguments, KeepWhatIsNoAddressAsItIs)
{
  for (const char *odd : { "not an address", "", "a@b>\r\nRCPT TO:<c@d", "a@b,\nc@d", "a@b\tc@d",
                           "bob@exa\xff"
                           "mple.com" })
    {
      ASSERT_TRUE (parse ({ odd }));
      EXPECT_EQ (recipients (), Strings{ odd });
    }
  ASSERT_TRUE (parse ({ "-f", "a@b>\r\nRCPT TO:<c@d" }));
  EXPECT_STREQ (parsed.sender, "a@b>\r\nRCPT TO:<c@d");
}

TEST_F (Arguments, ChooseTheMode)
{
  struct
  {
    Strings words;
    const char *name;
    PostsealSendmailMode mode;
  } cases[] = {
    { { "-bm" }, "sendmail", POSTSEAL_SENDMAIL_SEND },
    { { "-bs" }, "sendmail", POSTSEAL_SENDMAIL_SPEAK_SMTP },
    { { "-bp" }, "sendmail", POSTSEAL_SENDMAIL_LIST_QUEUE },
    { { "-b", "p" }, "sendmail", POSTSEAL_SENDMAIL_LIST_QUEUE },
    { { "-bv" }, "sendmail", POSTSEAL_SENDMAIL_VERIFY },
    { { "-bi" }, "sendmail", POSTSEAL_SENDMAIL_NEW_ALIASES },
    { { "-I" }, "sendmail", POSTSEAL_SENDMAIL_NEW_ALIASES },
    { { "-q" }, "sendmail", POSTSEAL_SENDMAIL_RUN_QUEUE },
    { { "-q30m" }, "sendmail", POSTSEAL_SENDMAIL_RUN_QUEUE },
    { { "-qRexample.com" }, "sendmail", POSTSEAL_SENDMAIL_RUN_QUEUE },
    { {}, "mailq", POSTSEAL_SENDMAIL_LIST_QUEUE },
    { {}, "/usr/bin/mailq", POSTSEAL_SENDMAIL_LIST_QUEUE },
    { { "-v" }, "mailq", POSTSEAL_SENDMAIL_LIST_QUEUE },
    { {}, "/usr/bin/newaliases", POSTSEAL_SENDMAIL_NEW_ALIASES },
    { {}, "postseal-sendmail", POSTSEAL_SENDMAIL_SEND },
    { { "--help" }, "sendmail", POSTSEAL_SENDMAIL_HELP },
    { { "--version" }, "sendmail", POSTSEAL_SENDMAIL_VERSION },
  };

  for (const auto &one : cases)
    {
      ASSERT_TRUE (parse (one.words, one.name));
      EXPECT_EQ (parsed.mode, one.mode) << one.name << (one.words.empty () ? "" : one.words[0]);
    }
}

TEST_F (Arguments, NameOneMessageOfTheQueue)
{
  ASSERT_TRUE (parse ({ "-qI0abcdefghi" }));
  EXPECT_STREQ (parsed.queue_id, "0abcdefghi");
}

/* RFC 3461 section 4. */
TEST_F (Arguments, SayWhatReportsAreWanted)
{
  ASSERT_TRUE (parse ({ "-N", "Success,failure,DELAY", "-R", "hdrs", "-V", "id-1" }));
  EXPECT_EQ (parsed.notify, (guint)(POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_FAILURE
                                    | POSTSEAL_SMTP_NOTIFY_DELAY));
  EXPECT_EQ (parsed.ret, POSTSEAL_SMTP_RETURN_HEADERS);
  EXPECT_STREQ (parsed.envid, "id-1");
  ASSERT_TRUE (parse ({ "-Nnever", "-Rfull" }));
  EXPECT_EQ (parsed.notify, (guint)POSTSEAL_SMTP_NOTIFY_NEVER);
  EXPECT_EQ (parsed.ret, POSTSEAL_SMTP_RETURN_FULL);
}

TEST_F (Arguments, SayWhatTheBodyIs)
{
  for (const char *type : { "7bit", "8BITMIME", "binarymime" })
    {
      ASSERT_TRUE (parse ({ "-B", type }));
      EXPECT_EQ (parsed.is_binary, g_str_equal (type, "binarymime"));
    }
}

TEST_F (Arguments, NameTheFileOfAccounts)
{
  for (const Strings &words : { Strings{ "-C", "/x" }, Strings{ "-C/x" },
                                Strings{ "--config", "/x" }, Strings{ "--config=/x" } })
    {
      ASSERT_TRUE (parse (words));
      EXPECT_STREQ (parsed.config, "/x");
    }
}

/* In no encoding that is known. */
TEST_F (Arguments, MakeANameOfAnyBytes)
{
  ASSERT_TRUE (parse ({ "-F", "J\xc3\xa4ne", "bob@example.com" }));
  EXPECT_STREQ (parsed.full_name, "Jäne");
  ASSERT_TRUE (parse ({ "-FJ\xe4ne" }));
  EXPECT_TRUE (g_utf8_validate (parsed.full_name, -1, nullptr));
}

TEST_F (Arguments, NameTheAccount)
{
  for (const Strings &words : { Strings{ "--account=my work" }, Strings{ "--account", "my work" } })
    {
      ASSERT_TRUE (parse (words));
      EXPECT_STREQ (parsed.account, "my work");
    }
  ASSERT_TRUE (parse ({ "--account", "x", "--config", "/c", "--undo-dots" }));
  EXPECT_STREQ (parsed.config, "/c");
  EXPECT_TRUE (parsed.undoes_dots);
  EXPECT_TRUE (parsed.ignores_dots);
  ASSERT_TRUE (parse ({ "--account=x" }));
  EXPECT_FALSE (parsed.undoes_dots);
  EXPECT_FALSE (parsed.ignores_dots);
}

TEST_F (Arguments, MayMeanNothingHere)
{
  ASSERT_TRUE (parse ({ "-oem", "-odb", "-o7", "-o",  "m",     "-OIgnoreDots=false",
                        "-O",   "X=y",  "-m",  "-n",  "-U",    "-G",
                        "-Am",  "-A",   "c",   "-L",  "label", "-X",
                        "/log", "-h",   "5",   "-ep", "-d0.1", "-pESMTP:x",
                        "-EGx" }))
      << error->message;
  EXPECT_EQ (recipients (), Strings{});
  EXPECT_FALSE (parsed.ignores_dots);
  EXPECT_EQ (parsed.mode, POSTSEAL_SENDMAIL_SEND);
}

TEST_F (Arguments, AreRefusedWithASentence)
{
  for (const Strings &words : { Strings{ "-Z" },
                                Strings{ "-tZ" },
                                Strings{ "-" },
                                Strings{ "--no-such" },
                                Strings{ "-f" },
                                Strings{ "-C" },
                                Strings{ "--config" },
                                Strings{ "--account" },
                                Strings{ "--accounts=x" },
                                Strings{ "--undo-dots=x" },
                                Strings{ "-bd" },
                                Strings{ "-bx" },
                                Strings{ "-bsv" },
                                Strings{ "-Nsometimes" },
                                Strings{ "-Nnever,success" },
                                Strings{ "-N", "" },
                                Strings{ "-Nsuccess," },
                                Strings{ "-Rsome" },
                                Strings{ "-Bbinary" },
                                Strings{ "-V", "" },
                                Strings{ "-V", "a b" },
                                Strings{ "-V", "\xc3\xa4" },
                                Strings{ "-V", std::string (101, 'a') },
                                Strings{ "-\xff" } })
    {
      EXPECT_TRUE (is_refused (words)) << words[0];
      EXPECT_TRUE (g_utf8_validate (error->message, -1, nullptr));
    }
}

} // namespace
