/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/wake.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "base/lock-file.h"
#include "base/paths.h"
#include "outbox-fixture.h"

namespace
{

class Wake : public OutboxFixture
{
protected:
  void
  SetUp () override
  {
    OutboxFixture::SetUp ();
    program = home + "/postseal";
    report = home + "/report";
    g_setenv ("POSTSEAL", program.c_str (), TRUE);
  }

  void
  TearDown () override
  {
    g_unsetenv ("POSTSEAL");
    OutboxFixture::TearDown ();
  }

  /* The report of a program that is run; it comes whole, by a rename. */
  void
  write_program (const std::string &script)
  {
    std::ofstream (program) << "#!/bin/sh\n{ " + script + "; } > " + report + ".part 2>&1\nmv "
                                   + report + ".part " + report + "\n";
    std::filesystem::permissions (program, std::filesystem::perms::owner_all);
  }

  std::string
  wait_for_report ()
  {
    auto end = std::chrono::steady_clock::now () + std::chrono::seconds (20);

    while (!std::filesystem::exists (report) && std::chrono::steady_clock::now () < end)
      g_usleep (1000);
    return read (report);
  }

  std::string program, report;
};

} // namespace

TEST_F (Wake, StartsTheSenderOnceAndDoesNotWait)
{
  g_autoptr (GError) error = nullptr;

  ASSERT_EQ (mkfifo ((home + "/gate").c_str (), 0600), 0);
  write_program ("cat " + home + "/gate; printf '%s\\n' \"$@\"; pwd");
  ASSERT_TRUE (postseal_wake (nullptr, &error)) << error->message;
  EXPECT_FALSE (std::filesystem::exists (report)) << "it waited";
  EXPECT_EQ (waitpid (-1, nullptr, WNOHANG), -1) << "a child is left that nobody waits for";
  std::ofstream (home + "/gate") << "";
  EXPECT_EQ (wait_for_report (), "queue\nflush\n--due\n/\n");
}

TEST_F (Wake, NamesTheAccountsFile)
{
  g_autoptr (GError) error = nullptr;
  g_autofree char *here = g_get_current_dir ();

  write_program ("printf '%s\\n' \"$@\"");
  ASSERT_TRUE (postseal_wake ("other file.conf", &error)) << error->message;
  EXPECT_EQ (wait_for_report (),
             "queue\nflush\n--due\n--config\n" + std::string (here) + "/other file.conf\n");
}

TEST_F (Wake, TheSenderHasNothingOfOurs)
{
  g_autoptr (GError) error = nullptr;
  int secret = open ("/etc/passwd", O_RDONLY);
  int high = fcntl (secret, F_DUPFD, 900);
  std::string ours = std::to_string (getsid (0));

  write_program (
      "readlink /proc/$$/fd/0; ls -l /proc/$$/fd | grep -c passwd; cut -d' ' -f6 /proc/$$/stat;"
      /* By the shell itself: while it starts another program, it blocks signals. */
      " while read -r name value; do case $name in SigIgn:) ignored=$value ;;"
      " SigBlk:) blocked=$value ;; esac; done </proc/$$/status; echo $ignored; echo $blocked");
  std::signal (SIGUSR1, SIG_IGN);
  sigset_t blocked;
  sigemptyset (&blocked);
  sigaddset (&blocked, SIGUSR2);
  pthread_sigmask (SIG_BLOCK, &blocked, nullptr);
  ASSERT_TRUE (postseal_wake (nullptr, &error)) << error->message;
  std::signal (SIGUSR1, SIG_DFL);
  pthread_sigmask (SIG_UNBLOCK, &blocked, nullptr);
  close (secret);
  close (high);

  std::istringstream lines (wait_for_report ());
  std::string input, descriptors, session, ignored, masked;
  std::getline (lines, input);
  std::getline (lines, descriptors);
  std::getline (lines, session);
  std::getline (lines, ignored);
  std::getline (lines, masked);
  EXPECT_EQ (input, "/dev/null");
  EXPECT_EQ (descriptors, "0");
  EXPECT_NE (session, ours);
  /* The C library keeps 32 and 33 for itself. */
  EXPECT_EQ (std::stoull (ignored, nullptr, 16) & 0x7fffffff, 0u);
  EXPECT_EQ (masked, "0000000000000000");
}

TEST_F (Wake, ADaemonOfTheSameAccountsIsLeftToIt)
{
  g_autofree char *path = postseal_paths_daemon_lock ();
  g_autoptr (GError) error = nullptr;

  std::filesystem::create_directories (home + "/postseal");
  g_autoptr (PostsealLockFile) lock
      = postseal_lock_file_acquire (path, POSTSEAL_WAKE_DAEMON, nullptr);
  ASSERT_NE (lock, nullptr);
  EXPECT_TRUE (postseal_wake (nullptr, &error)) << "looks for a program: " << error->message;
  EXPECT_FALSE (postseal_wake ("other.conf", nullptr)) << "the daemon does not know these accounts";

  /* One that is gone leaves its name behind. */
  g_clear_pointer (&lock, postseal_lock_file_release);
  EXPECT_FALSE (postseal_wake (nullptr, nullptr));

  lock = postseal_lock_file_acquire (path, "postseald for other accounts", nullptr);
  EXPECT_FALSE (postseal_wake (nullptr, nullptr));
}

TEST_F (Wake, AMissingProgramIsAnErrorThatSaysWhatToDo)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_FALSE (postseal_wake (nullptr, &error));
  ASSERT_TRUE (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT));
  EXPECT_NE (strstr (error->message, "postseal queue flush"), nullptr) << error->message;
}

TEST_F (Wake, AProgramThatDoesNotStartIsAnError)
{
  g_autoptr (GError) error = nullptr;

  std::ofstream (program) << "#!/nowhere/interpreter\n";
  std::filesystem::permissions (program, std::filesystem::perms::owner_all);
  EXPECT_FALSE (postseal_wake (nullptr, &error));
  ASSERT_TRUE (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED));
  EXPECT_NE (strstr (error->message, program.c_str ()), nullptr) << error->message;
}
