/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/mail-hooks.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <unistd.h>

#include "log-catcher.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

namespace
{

class MailHooks : public testing::Test
{
protected:
  MailHooks ()
  {
    const char *const environment[]
        = { "PATH=/usr/bin:/bin", "NOTIFY_SOCKET=/run/notify", "CREDENTIALS_DIRECTORY=/run/secret",
            "COLOUR=blue", nullptr };

    hooks = postseal_mail_hooks_new (environment);
  }
  ~MailHooks () override { postseal_mail_hooks_free (hooks); }

  /* @script: for sh, in the sandbox as $1 */
  void
  run (const std::string &script,
       unsigned count = 1,
       const std::string &mailbox = "INBOX",
       const char *account = "work")
  {
    const char *const argv[]
        = { "/bin/sh", "-c", script.c_str (), "hook", sandbox.home ().c_str (), nullptr };
    g_autoptr (PostsealMailNews) news = postseal_mail_news_new (mailbox.c_str ());

    news->count = count;
    g_ptr_array_add (news->files, g_strdup ("/mail/new/1"));
    postseal_mail_hooks_run (hooks, account, argv, news);
  }

  bool
  wait_for_end ()
  {
    return loop.wait_for ([this] { return postseal_mail_hooks_get_running (hooks) == 0; });
  }

  std::string
  read (const std::string &name)
  {
    return postseal_test::read_file (sandbox.home () + "/" + name);
  }

  postseal_test::AsyncLoop loop;
  postseal_test::Sandbox sandbox;
  LogCatcher log;
  PostsealMailHooks *hooks;
};

} // namespace

TEST_F (MailHooks, GetTheNewsAsJson)
{
  run ("cat >$1/input; pwd >$1/cwd", 3, "Lists/\"a\"");
  wait_for_end ();
  EXPECT_EQ (read ("input"),
             "{\"event\":\"mail-arrived\",\"account\":\"work\",\"mailbox\":\"Lists/\\\"a\\\"\","
             "\"count\":3,\"files\":[\"/mail/new/1\"]}\n");
  EXPECT_EQ (read ("cwd"), std::string (g_get_home_dir ()) + "\n");
  EXPECT_TRUE (log.entries.empty ());
}

TEST_F (MailHooks, HaveTheEnvironmentWithoutWhatIsOurs)
{
  run ("env >$1/environment; ps -o pgid= -p $$ | tr -d ' ' >$1/group; echo $$ >$1/pid");
  wait_for_end ();
  std::string environment = read ("environment");
  EXPECT_NE (environment.find ("COLOUR=blue"), std::string::npos);
  EXPECT_EQ (environment.find ("NOTIFY_SOCKET"), std::string::npos);
  EXPECT_EQ (environment.find ("CREDENTIALS"), std::string::npos);
  EXPECT_EQ (read ("group"), read ("pid")) << "is no group that can be ended as a whole";
}

TEST_F (MailHooks, RunOneAtATimeAndMergeWhatComesMeanwhile)
{
  std::string script = "test -e $1/running && echo twice >>$1/wrong; touch $1/running; "
                       "cat >>$1/input; while ! test -e $1/go; do sleep 0.01; done; rm $1/running";

  run (script, 1);
  run (script, 2);
  run (script, 4, "Other");
  run (script, 8);
  run (script, 16, "INBOX", "club");
  EXPECT_EQ (postseal_mail_hooks_get_running (hooks), 2u) << "accounts wait for each other";
  loop.settle ();
  sandbox.write ("go", "");
  wait_for_end ();
  std::string input = read ("input");
  EXPECT_NE (input.find ("\"mailbox\":\"INBOX\",\"count\":1,\"files\":[\"/mail/new/1\"]"),
             std::string::npos);
  EXPECT_NE (
      input.find ("\"mailbox\":\"INBOX\",\"count\":10,\"files\":[\"/mail/new/1\",\"/mail/new/1\"]"),
      std::string::npos)
      << input;
  EXPECT_NE (input.find ("\"mailbox\":\"Other\",\"count\":4"), std::string::npos);
  EXPECT_NE (input.find ("\"count\":16"), std::string::npos);
  EXPECT_EQ (std::count (input.begin (), input.end (), '\n'), 4);
}

TEST_F (MailHooks, WhatTheyPrintIsLogged)
{
  run ("echo hello; printf 'a\\033b\\n' >&2; printf end");
  wait_for_end ();
  EXPECT_EQ (log.lines (), (std::vector<std::string>{ "work hook-output: /bin/sh: hello",
                                                      "work hook-output: /bin/sh: a\\x1Bb",
                                                      "work hook-output: /bin/sh: end" }));
}

TEST_F (MailHooks, ThatNeverStopTalkingFillNoLog)
{
  run ("i=0; while [ $i -lt 5000 ]; do echo line; i=$((i + 1)); done; head -c 1000000 /dev/zero");
  wait_for_end ();
  EXPECT_EQ (log.entries.size (), 51u);
}

TEST_F (MailHooks, MayIgnoreTheirInput)
{
  g_autoptr (PostsealMailNews) news = postseal_mail_news_new ("INBOX");
  const char *const argv[] = { "true", nullptr };

  for (int i = 0; i < 1000; i++)
    g_ptr_array_add (news->files, g_strdup_printf ("/mail/new/%0200d", i));
  news->count = 1000;
  postseal_mail_hooks_run (hooks, "work", argv, news);
  wait_for_end ();
  EXPECT_TRUE (log.entries.empty ());
}

TEST_F (MailHooks, FailuresAreLoggedOnceEach)
{
  run ("exit 3");
  wait_for_end ();
  run ("kill -9 $$");
  wait_for_end ();
  EXPECT_EQ (log.lines (), (std::vector<std::string>{
                               "work hook-failed: The command /bin/sh failed with exit status 3",
                               "work hook-failed: The command /bin/sh was ended by signal 9" }));
}

TEST_F (MailHooks, ThatDoNotExistAreLogged)
{
  g_autoptr (PostsealMailNews) news = postseal_mail_news_new ("INBOX");
  const char *const argv[] = { "/nowhere/hook", nullptr };

  news->count = 1;
  postseal_mail_hooks_run (hooks, "work", argv, news);
  EXPECT_EQ (postseal_mail_hooks_get_running (hooks), 0u);
  ASSERT_EQ (log.entries.size (), 1u);
  EXPECT_TRUE (log.has ("/nowhere/hook"));
}

TEST_F (MailHooks, ThatTakeTooLongAreEndedWithAllTheyStarted)
{
  postseal_mail_hooks_set_limits (hooks, 1000, 100);
  /* The first ignores SIGTERM, the second is told to end by it. */
  run ("trap '' TERM; sleep 100 & echo $! >$1/child; wait; wait; sleep 100");
  run ("trap 'echo ended >$1/said; exit 0' TERM; sleep 100 & wait", 1, "INBOX", "club");
  wait_for_end ();
  EXPECT_EQ (read ("said"), "ended\n");
  EXPECT_TRUE (log.has ("took longer than 1 s"));
  EXPECT_EQ (log.entries.size (), 2u);
  /* Gone, or not yet reaped by whoever inherited it; a signal takes its time. */
  std::string stat = "/proc/" + read ("child").substr (0, read ("child").size () - 1) + "/stat";
  loop.wait_for ([&] {
    std::string status = postseal_test::read_file (stat);

    g_usleep (1000);
    g_main_context_wakeup (loop.context ());
    return status.empty () || status.find (") Z") != std::string::npos;
  });
}

TEST_F (MailHooks, ThatLeaveSomethingBehindAreNotWaitedFor)
{
  run ("sleep 100 & echo $! >$1/child; echo started");
  wait_for_end ();
  EXPECT_TRUE (log.has ("started"));
  kill (std::stoi (read ("child")), SIGKILL);
}

TEST_F (MailHooks, AreEndedWithTheDaemon)
{
  run ("trap 'echo ended >$1/said.part; mv $1/said.part $1/said; exit' TERM; echo ready >$1/ready; "
       "sleep 100 & wait");
  loop.wait_for ([this] {
    g_usleep (1000);
    g_main_context_wakeup (loop.context ());
    return std::filesystem::exists (sandbox.home () + "/ready");
  });
  postseal_mail_hooks_free (hooks);
  hooks = nullptr;
  for (int i = 0; i < 5000 && !std::filesystem::exists (sandbox.home () + "/said"); i++)
    g_usleep (1000);
  EXPECT_EQ (read ("said"), "ended\n");
  loop.settle ();
}
