/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "auth-support.h"
#include "auth/vault-given.h"
#include "auth/vault-private.h"
#include "base/limits.h"

using namespace std::string_literals;

namespace
{

class Vault : public testing::Test
{
protected:
  std::string directory;
  GError *error = nullptr;

  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("postseal-vault-XXXXXX", nullptr);
    directory = made;
  }
  void
  TearDown () override
  {
    _postseal_vault_set_limit_ms (0);
    g_unsetenv ("CREDENTIALS_DIRECTORY");
    g_clear_error (&error);
    g_autoptr (GDir) entries = g_dir_open (directory.c_str (), 0, nullptr);
    while (const char *name = g_dir_read_name (entries))
      g_unlink ((directory + "/" + name).c_str ());
    g_rmdir (directory.c_str ());
  }
  std::string
  write (const std::string &text, mode_t mode = 0600, const std::string &name = "secret")
  {
    std::string path = directory + "/" + name;
    std::ofstream (path, std::ios::binary) << text;
    chmod (path.c_str (), mode);
    return path;
  }
  static std::string
  read (const std::string &path)
  {
    std::ifstream file (path, std::ios::binary);
    return std::string (std::istreambuf_iterator<char> (file), {});
  }
  std::string
  look_up (const std::string &spec, GCancellable *cancellable = nullptr)
  {
    Waiter waiter;
    g_clear_error (&error);
    g_autoptr (PostsealVault) vault = postseal_vault_new (spec.c_str (), &error);
    if (vault == nullptr)
      return "(bad)";
    postseal_vault_lookup_async (vault, "work", cancellable, Waiter::on_done, &waiter);
    EXPECT_EQ (waiter.result, nullptr) << "called back before it returned";
    return take_string (postseal_vault_lookup_finish (vault, waiter.wait (), &error));
  }
  bool
  store (const std::string &spec, const std::string &text)
  {
    Waiter waiter;
    g_clear_error (&error);
    g_autoptr (PostsealVault) vault = postseal_vault_new (spec.c_str (), &error);
    g_autoptr (PostsealCredential) secret
        = postseal_credential_new (text.data (), (gssize)text.size ());
    postseal_vault_store_async (vault, "work", secret, nullptr, Waiter::on_done, &waiter);
    return postseal_vault_store_finish (vault, waiter.wait (), &error);
  }
  bool
  clear (const std::string &spec)
  {
    Waiter waiter;
    g_clear_error (&error);
    g_autoptr (PostsealVault) vault = postseal_vault_new (spec.c_str (), &error);
    postseal_vault_clear_async (vault, "work", nullptr, Waiter::on_done, &waiter);
    return postseal_vault_clear_finish (vault, waiter.wait (), &error);
  }
  void
  expect_error (int code)
  {
    EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, code))
        << (error == nullptr ? "no error" : error->message);
  }
  /* Neither the secret nor its base64 may be in what a person or a log sees. */
  void
  expect_silence_about (const std::string &secret)
  {
    ASSERT_NE (error, nullptr);
    std::string text = error->message;
    g_autofree char *encoded = g_base64_encode ((const guchar *)secret.data (), secret.size ());
    EXPECT_EQ (text.find (secret), std::string::npos) << text;
    EXPECT_EQ (text.find (std::string (encoded).substr (0, 6)), std::string::npos) << text;
  }
};

/* --- the key "password" --- */

TEST_F (Vault, ChecksItsSpec)
{
  for (const char *good : { "file:/a", "file:~/a", "command:pass show 'my mail'",
                            "credential:mail-work", "command:~/bin/get" })
    {
      g_autofree char *problem = postseal_vault_check_spec (good);
      EXPECT_EQ (problem, nullptr) << good << ": " << problem;
    }
  for (const char *bad : { "", "file:", "file:relative", "file:~other/x", "command:", "command:  ",
                           "command:'open", "credential:", "credential:../x", "credential:..",
                           "credential:a/b", "secret-service:x", "Secret-Service", "hunter2" })
    {
      g_autofree char *problem = postseal_vault_check_spec (bad);
      EXPECT_NE (problem, nullptr) << bad;
      EXPECT_EQ (look_up (bad), "(bad)");
      expect_error (POSTSEAL_VAULT_ERROR_UNAVAILABLE);
    }
}

TEST_F (Vault, NamesTheNearestPlace)
{
  g_autofree char *one = postseal_vault_check_spec ("secret-servce");
  EXPECT_NE (std::string (one).find ("secret-service"), std::string::npos);
  g_autofree char *two = postseal_vault_check_spec ("comand:pass");
  EXPECT_NE (std::string (two).find ("command:"), std::string::npos);
}

TEST_F (Vault, DoesNotRepeatAPasswordWrittenInTheWrongPlace)
{
  g_autofree char *problem = postseal_vault_check_spec ("hunter2-is-my-password");
  EXPECT_EQ (std::string (problem).find ("hunter2"), std::string::npos);
}

/* --- file:PATH --- */

TEST_F (Vault, ReadsTheFirstLineOfAFile)
{
  EXPECT_EQ (look_up ("file:" + write ("sesame\nnot this\n")), "sesame");
  EXPECT_EQ (look_up ("file:" + write ("pässwörd \r\n")), "pässwörd ");
  EXPECT_EQ (look_up ("file:" + write ("sesame", 0400)), "sesame");
}

TEST_F (Vault, RefusesAFileThatOthersCanRead)
{
  for (mode_t mode : { 0644, 0640, 0604, 0620, 0602, 0601 })
    {
      EXPECT_EQ (look_up ("file:" + write ("sesame\n", mode)), "(null)");
      expect_error (POSTSEAL_VAULT_ERROR_DENIED);
      expect_silence_about ("sesame");
      EXPECT_NE (std::string (error->message).find ("chmod 600"), std::string::npos);
    }
}

TEST_F (Vault, TellsAbsentFilesFromBadOnes)
{
  EXPECT_EQ (look_up ("file:" + directory + "/none"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_ABSENT);
  EXPECT_EQ (look_up ("file:" + write ("\nsecond\n")), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_ABSENT);
  EXPECT_EQ (look_up ("file:" + directory), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("file:" + write ("a\0b\n"s)), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("file:" + write (std::string (POSTSEAL_LIMIT_SECRET + 1, 'x'))), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("file:" + write (std::string (POSTSEAL_LIMIT_SECRET, 'x'))),
             std::string (POSTSEAL_LIMIT_SECRET, 'x'));
}

TEST_F (Vault, DoesNotWaitForTheWriterOfAPipe)
{
  std::string path = directory + "/fifo";
  ASSERT_EQ (mkfifo (path.c_str (), 0600), 0);
  EXPECT_EQ (look_up ("file:" + path), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
}

TEST_F (Vault, HoldsTheRulesOnWhatALinkPointsTo)
{
  std::string path = write ("sesame\n");
  std::string name = directory + "/link";
  ASSERT_EQ (symlink (path.c_str (), name.c_str ()), 0);
  EXPECT_EQ (look_up ("file:" + name), "sesame");
  chmod (path.c_str (), 0644);
  EXPECT_EQ (look_up ("file:" + name), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
}

TEST_F (Vault, StoresInAFileOfTheUserOnly)
{
  std::string path = directory + "/stored";
  struct stat status;
  ASSERT_TRUE (store ("file:" + path, "sésame")) << error->message;
  ASSERT_EQ (stat (path.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 07777, 0600u);
  EXPECT_EQ (read (path), "sésame\n");
  EXPECT_EQ (look_up ("file:" + path), "sésame");
  ASSERT_TRUE (store ("file:" + path, "other"));
  EXPECT_EQ (look_up ("file:" + path), "other");
}

TEST_F (Vault, StoringMakesAnOpenFilePrivate)
{
  std::string path = write ("old", 0644);
  ASSERT_TRUE (store ("file:" + path, "new"));
  EXPECT_EQ (look_up ("file:" + path), "new");
}

TEST_F (Vault, StoresBehindALink)
{
  std::string path = write ("old\n");
  std::string name = directory + "/link";
  ASSERT_EQ (symlink (path.c_str (), name.c_str ()), 0);
  ASSERT_TRUE (store ("file:" + name, "new"));
  EXPECT_EQ (read (path), "new\n");
}

TEST_F (Vault, RefusesToStoreWhatItCouldNotReadBack)
{
  for (const std::string &text :
       { ""s, "two\nlines"s, "n\0l"s, std::string (POSTSEAL_LIMIT_SECRET + 1, 'x') })
    {
      EXPECT_FALSE (store ("file:" + directory + "/stored", text));
      expect_error (POSTSEAL_VAULT_ERROR_DENIED);
    }
  EXPECT_FALSE (store ("file:/proc/none/stored", "sesame"));
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  expect_silence_about ("sesame");
}

TEST_F (Vault, ClearingRemovesTheFile)
{
  std::string path = write ("sesame\n");
  EXPECT_TRUE (clear ("file:" + path));
  EXPECT_NE (access (path.c_str (), F_OK), 0);
  EXPECT_TRUE (clear ("file:" + path));
}

/* --- credential:NAME --- */

TEST_F (Vault, ReadsACredentialOfSystemd)
{
  g_setenv ("CREDENTIALS_DIRECTORY", directory.c_str (), TRUE);
  write ("sesame\n", 0400, "mail");
  EXPECT_EQ (look_up ("credential:mail"), "sesame");
  EXPECT_EQ (look_up ("credential:none"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_ABSENT);
  write ("sesame\n", 0444, "mail");
  EXPECT_EQ (look_up ("credential:mail"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
}

TEST_F (Vault, SaysWhenThereAreNoCredentials)
{
  EXPECT_EQ (look_up ("credential:mail"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_UNAVAILABLE);
}

TEST_F (Vault, SaysWhereToPutWhatItCannotStore)
{
  EXPECT_FALSE (store ("credential:mail", "sesame"));
  expect_error (POSTSEAL_VAULT_ERROR_READ_ONLY);
  EXPECT_NE (std::string (error->message).find ("LoadCredential=mail"), std::string::npos);
  EXPECT_FALSE (clear ("credential:mail"));
  expect_error (POSTSEAL_VAULT_ERROR_READ_ONLY);
  EXPECT_FALSE (store ("command:pass", "sesame"));
  expect_error (POSTSEAL_VAULT_ERROR_READ_ONLY);
  EXPECT_FALSE (clear ("command:pass"));
  expect_error (POSTSEAL_VAULT_ERROR_READ_ONLY);
  expect_silence_about ("sesame");
}

/* --- command:ARGV --- */

TEST_F (Vault, TakesTheFirstLineOfACommand)
{
  EXPECT_EQ (look_up ("command:printf 'sesame\\nurl: x\\n'"), "sesame");
  EXPECT_EQ (look_up ("command:printf '%s' 'a b'"), "a b");
  EXPECT_EQ (look_up ("command:printf '%s\\r\\n' pässwörd"), "pässwörd");
}

TEST_F (Vault, RunsNoShell)
{
  EXPECT_EQ (look_up ("command:echo $HOME; rm -rf *"), "$HOME; rm -rf *");
}

TEST_F (Vault, GivesTheCommandNoInputAndNoTerminal)
{
  EXPECT_EQ (look_up ("command:sh -c 'read x; echo got:$x'"), "got:");
  EXPECT_EQ (look_up ("command:sh -c '(: </dev/tty) 2>/dev/null || echo none'"), "none");
}

TEST_F (Vault, ReportsWhyACommandFailed)
{
  EXPECT_EQ (
      look_up ("command:sh -c 'echo sesame; echo \"no \033[31mkey\" >&2; echo x >&2; exit 3'"),
      "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  std::string text = error->message;
  EXPECT_NE (text.find ("status 3"), std::string::npos) << text;
  EXPECT_NE (text.find ("no "), std::string::npos) << text;
  EXPECT_EQ (text.find ('\033'), std::string::npos);
  expect_silence_about ("sesame");
}

TEST_F (Vault, DoesNotRepeatAPasswordFromStandardError)
{
  EXPECT_EQ (look_up ("command:sh -c 'echo sesame; echo got sesame >&2; exit 1'"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  expect_silence_about ("sesame");
}

TEST_F (Vault, ReportsACommandThatIsNotThereOrDies)
{
  EXPECT_EQ (look_up ("command:/none/such"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("command:sh -c 'echo sesame; kill -9 $$'"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  expect_silence_about ("sesame");
}

TEST_F (Vault, ACommandThatSaysNothingHasNoPassword)
{
  for (const char *command : { "command:true", "command:echo", "command:printf '\\nsecond\\n'" })
    {
      EXPECT_EQ (look_up (command), "(null)");
      expect_error (POSTSEAL_VAULT_ERROR_ABSENT);
    }
}

TEST_F (Vault, ReadsPastTheFirstLineSoThatACommandCanEnd)
{
  EXPECT_EQ (look_up ("command:sh -c 'echo sesame; head -c 300000 /dev/zero'"), "sesame");
  EXPECT_EQ (look_up ("command:sh -c 'echo sesame; head -c 300000 /dev/zero >&2'"), "sesame");
}

TEST_F (Vault, StopsACommandThatNeverStopsTalking)
{
  EXPECT_EQ (look_up ("command:yes"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("command:cat /dev/zero"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
  EXPECT_EQ (look_up ("command:sh -c 'echo a; cat /dev/zero >&2'"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_DENIED);
}

TEST_F (Vault, DoesNotWaitForWhatTheCommandLeavesRunning)
{
  gint64 start = g_get_monotonic_time ();
  EXPECT_EQ (look_up ("command:sh -c 'sleep 20 & echo sesame'"), "sesame");
  EXPECT_LT (g_get_monotonic_time () - start, 10 * G_USEC_PER_SEC);
}

TEST_F (Vault, EndsACommandWithAllItsChildrenAtTheLimit)
{
  std::string mark = directory + "/pid";
  _postseal_vault_set_limit_ms (2000); /* enough for a shell to begin */
  EXPECT_EQ (look_up ("command:sh -c 'sleep 1000 & echo $! >" + mark + "; wait'"), "(null)");
  expect_error (POSTSEAL_VAULT_ERROR_UNAVAILABLE);

  /* The child is a zombie at most: of its parent, who is gone, or of init, who may be slow. */
  std::string pid = read (mark);
  ASSERT_FALSE (pid.empty ());
  std::string state;
  for (int i = 0; i < 200 && state != "gone"; i++)
    {
      std::string text = read ("/proc/" + pid.substr (0, pid.size () - 1) + "/stat");
      state = text.empty () || text.find (") Z") != std::string::npos ? "gone" : text;
      g_usleep (10000);
    }
  EXPECT_EQ (state, "gone");
}

TEST_F (Vault, CanBeCancelled)
{
  for (const char *spec : { "command:sleep 1000", "file:/proc/none" })
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_cancellable_cancel (cancellable);
      EXPECT_EQ (look_up (spec, cancellable), "(null)");
      EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
    }
}

/* Everything lives on the maker's context. */
TEST_F (Vault, WorksOnAContextOfItsOwn)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Waiter waiter;
  g_main_context_push_thread_default (context);
  {
    g_autoptr (PostsealVault) vault = postseal_vault_new ("command:echo sesame", nullptr);
    postseal_vault_lookup_async (vault, "work", nullptr, Waiter::on_done, &waiter);
    while (waiter.result == nullptr)
      g_main_context_iteration (context, TRUE);
    EXPECT_EQ (take_string (postseal_vault_lookup_finish (vault, waiter.result, nullptr)),
               "sesame");
  }
  g_main_context_pop_thread_default (context);
}

}

/* --- what was typed --- */

TEST_F (Vault, GivesWhatWasTypedToAnyAccountAndKeepsNothing)
{
  g_autoptr (PostsealCredential) typed = postseal_credential_new ("correct horse", -1);
  g_autoptr (PostsealVault) vault = postseal_vault_given_new (typed);

  EXPECT_EQ (postseal_vault_get_kind (vault), POSTSEAL_VAULT_PASSWORD);
  for (const char *account : { "work", "home" })
    {
      Waiter waiter;
      postseal_vault_lookup_async (vault, account, nullptr, Waiter::on_done, &waiter);
      EXPECT_EQ (take_string (postseal_vault_lookup_finish (vault, waiter.wait (), &error)),
                 "correct horse");
    }
  Waiter storing;
  postseal_vault_store_async (vault, "work", typed, nullptr, Waiter::on_done, &storing);
  EXPECT_FALSE (postseal_vault_store_finish (vault, storing.wait (), &error));
  expect_error (POSTSEAL_VAULT_ERROR_READ_ONLY);
  expect_silence_about ("correct horse");
}
