/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The test of an account against real servers: Dovecot, and what submits to it. */
#include "setup/live-test.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "engine/account-store.h"
#include "support/main-loop.h"
#include "support/postseal-instance.h"
#include "support/private-server.h"
#include "support/submission-server.h"

using namespace postseal_test;

namespace
{

std::string
read_text (const std::string &path)
{
  std::ifstream file (path);
  std::stringstream text;

  text << file.rdbuf ();
  return text.str ();
}

/* One Dovecot for both sides, so that one log has all that is tried. */
class OneServer
{
public:
  OneServer () : server_ ("private-submission", { "--server", "dovecot" })
  {
    std::istringstream lines (read_text (server_.value ("SUBMISSION_DIR") + "/d/env"));

    for (std::string line; std::getline (lines, line);)
      dovecot_[line.substr (0, line.find ('='))] = line.substr (line.find ('=') + 1);
  }

  static OneServer &
  shared ()
  {
    static OneServer server;

    return server;
  }

  std::string
  port (const std::string &scheme) const
  {
    if (scheme == "submission")
      return server_.value ("SUBMISSION_PORT");
    if (scheme == "submissions")
      return server_.value ("SUBMISSIONS_PORT");
    std::string upper;
    for (char letter : scheme)
      upper += static_cast<char> (toupper (letter));
    return dovecot_.at ("DOVECOT_" + upper);
  }

  std::string
  value (const std::string &name) const
  {
    return server_.value (name);
  }

  /* What was logged since @start. */
  std::string
  log (size_t start) const
  {
    return read_text (server_.value ("SUBMISSION_LOG")).substr (start);
  }

private:
  PrivateServer server_;
  std::map<std::string, std::string> dovecot_;
};

unsigned
count (const std::string &text, const std::string &part)
{
  unsigned n = 0;

  for (size_t at = text.find (part); at != std::string::npos; at = text.find (part, at + 1))
    n++;
  return n;
}

struct Schemes
{
  const char *receive;
  const char *send;
};

class LiveTestInterop : public testing::TestWithParam<Schemes>
{
protected:
  LiveTestInterop ()
  {
    g_setenv ("XDG_STATE_HOME", postseal_.path ("state").c_str (), TRUE);
    log_start_ = server ().log (0).size ();
  }

  ~LiveTestInterop () override { g_clear_object (&test_); }

  static OneServer &
  server ()
  {
    return OneServer::shared ();
  }

  /* @typed: "": as stored */
  bool
  run (const std::string &typed, const std::string &more = "")
  {
    const std::string config = postseal_.path ("tested.conf");
    const std::string text
        = std::string ("[account main]\naddress=jane@example.org\nreceive=") + GetParam ().receive
          + "://jane@127.0.0.1:" + server ().port (GetParam ().receive)
          + "\nsend=" + GetParam ().send + "://jane@127.0.0.1:" + server ().port (GetParam ().send)
          + "\nca-file=" + server ().value ("SUBMISSION_CA")
          + "\npassword=file:" + server ().value ("SUBMISSION_PASSWORD_FILE")
          + "\ndeliver=maildir:" + postseal_.path ("mail") + "\n" + more;
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealCredential) secret
        = typed.empty () ? nullptr : postseal_credential_new (typed.c_str (), -1);

    EXPECT_TRUE (g_file_set_contents (config.c_str (), text.c_str (), -1, nullptr));
    g_autoptr (PostsealAccountStore) store = postseal_account_store_load (config.c_str (), &error);
    PostsealAccount *account
        = store != nullptr ? postseal_account_store_lookup (store, "main", &error) : nullptr;
    if (account == nullptr)
      {
        ADD_FAILURE () << error->message;
        return false;
      }
    g_clear_object (&test_);
    test_ = postseal_live_test_new (account, secret);
    postseal_live_test_run_async (test_, nullptr, AsyncLoop::on_ready, &loop_);
    bool is_passed = postseal_live_test_run_finish (test_, loop_.wait (), &error);
    EXPECT_EQ (error, nullptr);
    return is_passed;
  }

  /* "PPPPP PPPFS" */
  std::string
  states ()
  {
    GListModel *steps = postseal_live_test_get_steps (test_);
    std::string letters;

    for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
      {
        g_autoptr (PostsealTestStep) step = POSTSEAL_TEST_STEP (g_list_model_get_item (steps, i));

        if (postseal_test_step_is_sending (step)
            && postseal_test_step_get_kind (step) == POSTSEAL_TEST_RESOLVE)
          letters += " ";
        letters += "WRPFS"[postseal_test_step_get_state (step)];
      }
    return letters;
  }

  std::string
  report ()
  {
    g_autofree char *text = postseal_live_test_get_report (test_);

    return text;
  }

  /* The log once it has @n lines with @part. */
  std::string
  await_log (const std::string &part, unsigned n)
  {
    for (int i = 0; i < 500 && count (server ().log (log_start_), part) < n; i++)
      {
        loop_.settle (); /* farewells */
        g_usleep (10000);
      }
    return server ().log (log_start_);
  }

  AsyncLoop loop_;
  PostsealInstance postseal_;
  PostsealLiveTest *test_ = nullptr;
  size_t log_start_ = 0;
};

TEST_P (LiveTestInterop, PassesWithTheRightPassword)
{
  EXPECT_TRUE (run (server ().value ("SUBMISSION_PASSWORD"))) << report ();
  EXPECT_EQ (states (), "PPPPP PPPPP");
  EXPECT_EQ (report ().find (server ().value ("SUBMISSION_PASSWORD")), std::string::npos);
  EXPECT_EQ (g_file_test (postseal_.path ("state").c_str (), G_FILE_TEST_EXISTS), FALSE);
}

TEST_P (LiveTestInterop, PassesWithTheStoredPassword)
{
  EXPECT_TRUE (run ("")) << report ();
  EXPECT_EQ (states (), "PPPPP PPPPP");
}

TEST_P (LiveTestInterop, TriesAWrongPasswordOnceOnBothSidesTogether)
{
  EXPECT_FALSE (run ("mistyped-canary-31"));
  EXPECT_EQ (states (), "PPPFS PPPSS") << report ();
  EXPECT_EQ (postseal_live_test_get_trouble (test_, FALSE)->kind, POSTSEAL_TROUBLE_PASSWORD);
  EXPECT_EQ (report ().find ("mistyped-canary-31"), std::string::npos);
  /* Both connections are told of when they have ended. */
  const std::string log = await_log ("-login: ", 2);
  EXPECT_EQ (count (log, "auth failed, 1 attempts"), 1u) << log;
  EXPECT_EQ (count (log, "auth failed"), 1u) << log;
  EXPECT_EQ (count (log, "no auth attempts"), 1u) << log;
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          LiveTestInterop,
                          testing::Values (Schemes{ "imaps", "submissions" },
                                           Schemes{ "imap", "submission" },
                                           Schemes{ "pop3s", "submission" },
                                           Schemes{ "pop3", "submissions" }),
                          [] (const auto &about) {
                            return std::string (about.param.receive) + "_" + about.param.send;
                          });

} // namespace
