/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenario/terminal.h"
#include "support/sandbox.h"

using postseal_test::Outcome;
using postseal_test::read_file;
using postseal_test::Sandbox;
using postseal_test::Terminal;

static bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

class CliPassword : public testing::Test
{
protected:
  void
  SetUp () override
  {
    configure ("file:" + file ());
  }

  std::string
  file () const
  {
    return sandbox.home () + "/secret";
  }

  void
  configure (const std::string &spec)
  {
    sandbox.configure (
        "[account work]\naddress=jane@example.org\nreceive=imaps://imap.example.org\n"
        "deliver=maildir:~/Mail/work\npassword="
        + spec + "\n");
  }

  Sandbox sandbox;
};

TEST_F (CliPassword, IsStoredFromStandardInputFoundAndForgotten)
{
  Outcome set = sandbox.run ({ "password", "set", "work" }, "hunter2 \xc3\xa4\nnot this\n");
  EXPECT_EQ (set.status, 0) << set.err;
  EXPECT_EQ (read_file (file ()).substr (0, 10), "hunter2 \xc3\xa4");
  EXPECT_FALSE (has (read_file (file ()), "not this"));

  Outcome test = sandbox.run ({ "password", "test", "work" });
  EXPECT_EQ (test.status, 0) << test.err;
  EXPECT_TRUE (has (test.out, file ())) << test.out;

  Outcome json = sandbox.run ({ "password", "test", "work", "--json" });
  EXPECT_TRUE (has (json.out, "\"found\" : true")) << json.out;

  for (const Outcome *outcome : { &set, &test, &json })
    EXPECT_FALSE (has (outcome->out + outcome->err, "hunter2"));

  EXPECT_EQ (sandbox.run ({ "password", "clear", "work" }).status, 0);
  Outcome gone = sandbox.run ({ "password", "test", "work" });
  EXPECT_EQ (gone.status, 77);
  EXPECT_TRUE (has (gone.err, file ())) << gone.err;
}

TEST_F (CliPassword, EmptyOneIsRefused)
{
  for (const char *input : { "", "\n" })
    {
      Outcome outcome = sandbox.run ({ "password", "set", "work" }, input);

      EXPECT_EQ (outcome.status, 65);
      EXPECT_TRUE (has (outcome.err, "nothing was stored")) << outcome.err;
      EXPECT_FALSE (g_file_test (file ().c_str (), G_FILE_TEST_EXISTS));
    }
  EXPECT_EQ (sandbox.run ({ "password", "set", "work" }, std::string (70000, 'x')).status, 65);
  EXPECT_EQ (sandbox.run ({ "password", "set", "work" }, std::string ("a\0b\n", 4)).status, 65);
}

TEST_F (CliPassword, FileThatOthersCanReadIsRefused)
{
  sandbox.write ("secret", "hunter2\n");
  g_chmod (file ().c_str (), 0644);
  Outcome outcome = sandbox.run ({ "password", "test", "work" });

  EXPECT_EQ (outcome.status, 77);
  EXPECT_FALSE (has (outcome.err, "hunter2")) << outcome.err;
}

TEST_F (CliPassword, BackendThatIsOnlyReadSaysSo)
{
  configure ("command:/bin/echo hunter2");
  Outcome set = sandbox.run ({ "password", "set", "work" }, "other\n");
  Outcome test = sandbox.run ({ "password", "test", "work" });

  EXPECT_EQ (set.status, 73);
  EXPECT_TRUE (has (set.err, "command")) << set.err;
  EXPECT_EQ (test.status, 0) << test.err;
  EXPECT_FALSE (has (test.out + test.err, "hunter2"));
}

TEST_F (CliPassword, FailingCommandIsStatus77)
{
  configure ("command:/bin/false");
  EXPECT_EQ (sandbox.run ({ "password", "test", "work" }).status, 77);
}

TEST_F (CliPassword, UnknownAccountIsStatus78)
{
  EXPECT_EQ (sandbox.run ({ "password", "test", "wrok" }).status, 78);
}

/* --- on a terminal --- */

TEST_F (CliPassword, IsTypedTwiceOnATerminalWithoutEcho)
{
  Terminal terminal (sandbox, { "password", "set", "work" });

  ASSERT_TRUE (terminal.wait_for (": ")) << terminal.seen ();
  ASSERT_TRUE (terminal.wait_for_silence ());
  terminal.type ("hunter2\n");
  ASSERT_TRUE (terminal.wait_for (": ")) << terminal.seen ();
  ASSERT_TRUE (terminal.wait_for_silence ());
  terminal.type ("hunter2\n");
  int status = terminal.finish ();

  EXPECT_TRUE (WIFEXITED (status));
  EXPECT_EQ (WEXITSTATUS (status), 0) << terminal.seen ();
  EXPECT_FALSE (has (terminal.seen (), "hunter2")) << terminal.seen ();
  EXPECT_EQ (read_file (file ()).substr (0, 7), "hunter2");
}

TEST_F (CliPassword, TwoThatDifferAreNotStored)
{
  Terminal terminal (sandbox, { "password", "set", "work" });

  ASSERT_TRUE (terminal.wait_for (": "));
  ASSERT_TRUE (terminal.wait_for_silence ());
  terminal.type ("hunter2\n");
  ASSERT_TRUE (terminal.wait_for (": "));
  ASSERT_TRUE (terminal.wait_for_silence ());
  terminal.type ("hunter3\n");
  int status = terminal.finish ();

  EXPECT_EQ (WEXITSTATUS (status), 65) << terminal.seen ();
  EXPECT_FALSE (g_file_test (file ().c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (CliPassword, IsNotAskedForWhereNoKeyringCouldStoreIt)
{
  configure ("secret-service");
  Terminal terminal (sandbox, { "password", "set", "work" },
                     { { "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent" } });
  int status = terminal.finish ();

  EXPECT_EQ (WEXITSTATUS (status), 77) << terminal.seen ();
  EXPECT_FALSE (has (terminal.seen (), "Password of")) << terminal.seen ();
  EXPECT_TRUE (has (terminal.seen (), "account edit work password=file:PATH")) << terminal.seen ();
}

TEST_F (CliPassword, InterruptionTurnsTheEchoOnAgain)
{
  Terminal terminal (sandbox, { "password", "set", "work" });

  ASSERT_TRUE (terminal.wait_for (": "));
  ASSERT_TRUE (terminal.wait_for_silence ());
  terminal.type ("hun\x03");
  int status = terminal.finish ();

  EXPECT_TRUE (WIFSIGNALED (status));
  EXPECT_EQ (WTERMSIG (status), SIGINT);
  EXPECT_TRUE (terminal.has_echo ());
  EXPECT_FALSE (g_file_test (file ().c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (CliPassword, RemovalOfAnAccountAsksOnATerminal)
{
  std::string config = sandbox.home () + "/config/postseal/accounts.conf";
  std::string before = read_file (config);

  {
    Terminal terminal (sandbox, { "account", "remove", "work" });
    ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
    terminal.type ("\n");
    EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0);
    EXPECT_EQ (read_file (config), before);
  }
  Terminal terminal (sandbox, { "account", "remove", "work" });
  ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
  terminal.type ("y\n");
  EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0);
  EXPECT_EQ (read_file (config), "");
}

/* What is neither yes nor no is asked again, however long it is. */
TEST_F (CliPassword, QuestionTakesAWholeWordAndAsksAgainForAnother)
{
  std::string config = sandbox.home () + "/config/postseal/accounts.conf";
  std::string before = read_file (config);

  for (const char *no : { "NO\n", "N\n", "no \n", "yesterday\nno\n" })
    {
      Terminal terminal (sandbox, { "account", "remove", "work" });
      ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
      terminal.type (no);
      EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0) << no;
      EXPECT_EQ (read_file (config), before) << no;
    }
  Terminal terminal (sandbox, { "account", "remove", "work" });
  ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
  terminal.type ("ye\n");
  ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
  terminal.type (std::string (300, 'y') + "\n");
  ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
  EXPECT_EQ (read_file (config), before);
  terminal.type (" Yes\n");
  EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0);
  EXPECT_EQ (read_file (config), "");
}

TEST_F (CliPassword, QuestionWithoutAnAnswerIsNo)
{
  std::string config = sandbox.home () + "/config/postseal/accounts.conf";
  std::string before = read_file (config);
  Terminal terminal (sandbox, { "account", "remove", "work" });

  ASSERT_TRUE (terminal.wait_for ("[y/N] ")) << terminal.seen ();
  terminal.type ("\x04"); /* end of file */
  EXPECT_EQ (WEXITSTATUS (terminal.finish ()), 0);
  EXPECT_EQ (read_file (config), before);
}
