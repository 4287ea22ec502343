/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "support/sandbox.h"

using postseal_test::Outcome;
using postseal_test::read_file;
using postseal_test::Sandbox;

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

/* The program on a terminal of its own. */
class Terminal
{
public:
  Terminal (const Sandbox &sandbox, std::vector<std::string> arguments)
  {
    std::vector<char *> argv;
    std::string program = g_getenv ("POSTSEAL");

    argv.push_back (program.data ());
    for (std::string &argument : arguments)
      argv.push_back (argument.data ());
    argv.push_back (nullptr);
    pid_ = forkpty (&fd_, nullptr, nullptr, nullptr);
    if (pid_ == 0)
      {
        setenv ("HOME", sandbox.home ().c_str (), 1);
        setenv ("XDG_CONFIG_HOME", (sandbox.home () + "/config").c_str (), 1);
        setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), 1);
        execv (program.c_str (), argv.data ());
        _exit (127);
      }
  }

  ~Terminal () { close (fd_); }

  /* Reads until @words have been said. */
  bool
  wait_for (const std::string &words)
  {
    while (seen_.find (words, mark_) == std::string::npos)
      if (!read_some ())
        return false;
    mark_ = seen_.find (words, mark_) + words.size ();
    return true;
  }

  /* The prompt comes before the echo is off: waits for that. */
  bool
  wait_for_silence ()
  {
    struct termios settings;

    for (int i = 0; i < 10000; i++)
      {
        if (tcgetattr (fd_, &settings) == 0 && !(settings.c_lflag & ECHO))
          return true;
        g_usleep (1000);
      }
    return false;
  }

  bool
  has_echo ()
  {
    struct termios settings;

    return tcgetattr (fd_, &settings) == 0 && (settings.c_lflag & ECHO);
  }

  void
  type (const std::string &text)
  {
    ASSERT_EQ (::write (fd_, text.data (), text.size ()), (ssize_t)text.size ());
  }

  int
  finish ()
  {
    int status = 0;

    while (read_some ())
      ;
    waitpid (pid_, &status, 0);
    return status;
  }

  const std::string &
  seen () const
  {
    return seen_;
  }

private:
  bool
  read_some ()
  {
    struct pollfd poll_fd = { fd_, POLLIN, 0 };
    char buffer[1024];
    ssize_t n;

    if (poll (&poll_fd, 1, 20000) <= 0)
      return false;
    n = read (fd_, buffer, sizeof buffer);
    if (n <= 0)
      return false;
    seen_.append (buffer, n);
    return true;
  }

  pid_t pid_ = -1;
  int fd_ = -1;
  std::string seen_;
  size_t mark_ = 0;
};

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
