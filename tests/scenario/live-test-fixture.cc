/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/live-test-fixture.h"

#include <atomic>
#include <thread>

namespace postseal_test
{

static void
on_state (PostsealTestStep *step, GParamSpec *, gpointer user_data)
{
  static const char *const states[] = { "waiting", "running", "passed", "failed", "skipped" };

  static_cast<std::vector<std::string> *> (user_data)->push_back (
      std::string (postseal_test_step_is_sending (step) ? "sending " : "receiving ")
      + std::to_string (postseal_test_step_get_kind (step)) + " "
      + states[postseal_test_step_get_state (step)]);
}

LiveTest::LiveTest () : account (postseal_account_new ()), cancellable (g_cancellable_new ())
{
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  account->name = g_strdup ("work");
  account->address = g_strdup ("jane@example.org");
  g_free (account->password);
  account->password
      = g_strdup (("file:" + sandbox.write ("password", std::string (kPassword) + "\n")).c_str ());
  account->timeout_ms = 20000;
}

LiveTest::~LiveTest ()
{
  g_clear_object (&test);
  g_clear_error (&error);
  g_object_unref (cancellable);
  postseal_account_unref (account);
}

static PostsealTlsPolicy *
make_policy ()
{
  PostsealTlsPolicy *policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);

  policy->ca_file = g_strdup (test_ca ().ca_file ().c_str ());
  return policy;
}

void
LiveTest::receive (PostsealProtocol protocol,
                   PostsealTlsStart start,
                   unsigned short port,
                   const char *host)
{
  account->receive = postseal_endpoint_new (protocol, start, host, port);
  account->receive_user = g_strdup (kUser);
  account->receive_policy = make_policy ();
}

void
LiveTest::send (PostsealTlsStart start, unsigned short port, const char *host)
{
  account->send = postseal_endpoint_new (POSTSEAL_PROTOCOL_SMTP, start, host, port);
  account->send_user = g_strdup (kUser);
  account->send_policy = make_policy ();
}

void
LiveTest::make (const std::string &typed)
{
  g_autoptr (PostsealCredential) secret
      = typed.empty () ? nullptr : postseal_credential_new (typed.c_str (), -1);

  g_clear_object (&test);
  test = postseal_live_test_new (account, secret);
  GListModel *steps = postseal_live_test_get_steps (test);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (PostsealTestStep) one = POSTSEAL_TEST_STEP (g_list_model_get_item (steps, i));

      g_signal_connect (one, "notify::state", G_CALLBACK (on_state), &told);
    }
}

void
LiveTest::start ()
{
  postseal_live_test_run_async (test, cancellable, AsyncLoop::on_ready, &loop);
}

bool
LiveTest::finish ()
{
  g_clear_error (&error);
  return postseal_live_test_run_finish (test, loop.wait (), &error);
}

bool
LiveTest::run (const std::string &typed)
{
  make (typed);
  start ();
  return finish ();
}

void
LiveTest::see_off (const std::function<void ()> &settle)
{
  std::atomic<bool> is_over = false;
  std::thread watch ([&] {
    settle ();
    is_over = true;
    g_main_context_wakeup (loop.context ());
  });

  loop.wait_for ([&] { return is_over.load (); });
  watch.join ();
}

std::string
LiveTest::states (bool sending)
{
  GListModel *steps = postseal_live_test_get_steps (test);
  std::string letters;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (PostsealTestStep) one = POSTSEAL_TEST_STEP (g_list_model_get_item (steps, i));

      if (!!postseal_test_step_is_sending (one) == sending)
        letters += "WRPFS"[postseal_test_step_get_state (one)];
    }
  return letters;
}

PostsealTestStep *
LiveTest::step (bool sending, PostsealTestKind kind)
{
  GListModel *steps = postseal_live_test_get_steps (test);

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (PostsealTestStep) one = POSTSEAL_TEST_STEP (g_list_model_get_item (steps, i));

      if (!!postseal_test_step_is_sending (one) == sending
          && postseal_test_step_get_kind (one) == kind)
        return one; /* the list holds it */
    }
  return nullptr;
}

std::string
LiveTest::detail (bool sending, PostsealTestKind kind)
{
  return postseal_test_step_get_detail (step (sending, kind));
}

int
LiveTest::trouble (bool sending)
{
  const PostsealTrouble *found = postseal_live_test_get_trouble (test, sending);

  return found != nullptr ? (int)found->kind : -1;
}

std::string
LiveTest::report ()
{
  g_autofree char *text = postseal_live_test_get_report (test);

  return text;
}

} // namespace postseal_test
