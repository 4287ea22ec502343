/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An account that is edited while it watches. */
#include <glib/gstdio.h>
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "scenario/toy-imap.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

namespace postseal_test
{

class EngineChange : public testing::Test
{
protected:
  void
  configure (const std::string &extra, unsigned port = 0)
  {
    std::string secret = sandbox.write ("secret", "x\n");

    sandbox.configure ("[account main]\naddress=jane@example.org\nreceive=imaps://jane@localhost:"
                       + std::to_string (port != 0 ? port : server.port ()) + "\ndeliver=maildir:"
                       + sandbox.home () + "/Mail\nlayout=single\nca-file=" + test_ca ().ca_file ()
                       + "\ntimeout=5s\npassword=file:" + secret + "\n" + extra);
  }
  GVariant *
  ask (PostsealService *service, PostsealServiceRequest request, const char *arguments)
  {
    g_autoptr (GError) error = nullptr;

    postseal_service_request_async (service, request, g_variant_new_parsed (arguments), nullptr,
                                    nullptr, AsyncLoop::on_ready, &loop);
    GVariant *answer = postseal_service_request_finish (service, loop.wait (), &error);
    EXPECT_EQ (error, nullptr) << error->message;
    return answer;
  }

  /* Without waiting: its end is in @ret_result. */
  static void
  begin_to_ask (PostsealService *service,
                PostsealServiceRequest request,
                const char *arguments,
                GAsyncResult **ret_result)
  {
    postseal_service_request_async (
        service, request, g_variant_new_parsed (arguments), nullptr, nullptr,
        [] (GObject *, GAsyncResult *result, gpointer data) {
          *static_cast<GAsyncResult **> (data) = G_ASYNC_RESULT (g_object_ref (result));
        },
        ret_result);
  }

  Sandbox sandbox;
  AsyncLoop loop;
  ToyImap server;
};

TEST_F (EngineChange, CanBeAskedAtOnceWhileItBeginsAnew)
{
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  server.capabilities += " IDLE";
  configure ("");
  g_autoptr (PostsealEngine) engine
      = postseal_engine_new ((sandbox.home () + "/config/postseal/accounts.conf").c_str ());
  g_autoptr (PostsealWorld) world = postseal_world_new (nullptr);
  auto *service = POSTSEAL_SERVICE (engine);

  postseal_engine_start (engine, world);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  PostsealAccountStatus *status = postseal_service_find_account (service, "main");
  ASSERT_NE (status, nullptr);
  ASSERT_TRUE (loop.wait_for ([&] {
    g_autofree char *state = nullptr;
    g_object_get (status, "receive-state", &state, nullptr);
    return g_str_equal (state, "watching") != FALSE;
  }));
  server.mailboxes["INBOX"].add ("A: 1\r\n\r\n");
  configure ("interval=7m\n");
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  g_autoptr (GVariant) answer = ask (service, POSTSEAL_SERVICE_FETCH, "{'account': <'main'>}");
  if (answer != nullptr)
    {
      int exit_status = -1;
      g_variant_lookup (answer, "status", "i", &exit_status);
      EXPECT_EQ (exit_status, 0);
      EXPECT_EQ (sandbox.messages ("Mail").size (), 1u);
    }
  postseal_engine_stop_async (engine, AsyncLoop::on_ready, &loop);
  postseal_engine_stop_finish (engine, loop.wait ());
}

/* The file was changed, the service told of it and asked to fetch, all in one go. */
TEST_F (EngineChange, FetchesByWhatTheFileSaysSinceTheReloadThatWasAskedForBefore)
{
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  g_autoptr (PostsealEngine) engine
      = postseal_engine_new ((sandbox.home () + "/config/postseal/accounts.conf").c_str ());
  auto *service = POSTSEAL_SERVICE (engine);
  int exit_status = -1;
  g_autoptr (GAsyncResult) reloaded = nullptr;

  server.mailboxes["INBOX"].add ("A: 1\r\n\r\n");
  configure ("", 1);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  configure ("");
  begin_to_ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}", &reloaded);
  g_autoptr (GVariant) answer = ask (service, POSTSEAL_SERVICE_FETCH, "{'account': <'main'>}");
  ASSERT_NE (answer, nullptr);
  g_variant_lookup (answer, "status", "i", &exit_status);
  EXPECT_EQ (exit_status, 0);
  EXPECT_EQ (sandbox.messages ("Mail").size (), 1u);
  EXPECT_TRUE (loop.wait_for ([&] { return reloaded != nullptr; }));
}

/* An edit ends what is under way: that is no retrieval. */
TEST_F (EngineChange, DoesNotCallItUpToDateWhenAFetchWasEndedByAnEdit)
{
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  g_autoptr (GSocketListener) silent = g_socket_listener_new ();
  const guint16 port = g_socket_listener_add_any_inet_port (silent, nullptr, nullptr);
  g_autoptr (PostsealEngine) engine
      = postseal_engine_new ((sandbox.home () + "/config/postseal/accounts.conf").c_str ());
  auto *service = POSTSEAL_SERVICE (engine);
  g_autoptr (GAsyncResult) fetched = nullptr;

  configure ("", port);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  PostsealAccountStatus *status = postseal_service_find_account (service, "main");
  ASSERT_NE (status, nullptr);
  gint64 said = 0;
  g_signal_connect (status, "notify::receive-last",
                    G_CALLBACK (+[] (PostsealAccountStatus *shown, GParamSpec *, gpointer data) {
                      g_object_get (shown, "receive-last", data, nullptr);
                    }),
                    &said);
  begin_to_ask (service, POSTSEAL_SERVICE_FETCH, "{'account': <'main'>}", &fetched);
  ASSERT_TRUE (loop.wait_for ([&] {
    g_autofree char *activity = nullptr;
    g_object_get (status, "receive-activity", &activity, nullptr);
    return g_str_equal (activity, "connecting") != FALSE;
  }));
  configure ("interval=7m\n", port);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  EXPECT_TRUE (loop.wait_for ([&] { return fetched != nullptr; }));
  EXPECT_EQ (said, 0);
}

/* A disk that fails, too many open files: the accounts were right a moment ago. */
TEST_F (EngineChange, KeepsItsAccountsWhileTheFileCannotBeRead)
{
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  configure ("");
  std::string path = sandbox.home () + "/config/postseal/accounts.conf";
  g_autoptr (PostsealEngine) engine = postseal_engine_new (path.c_str ());
  g_autoptr (PostsealWorld) world = postseal_world_new (nullptr);
  auto *service = POSTSEAL_SERVICE (engine);

  postseal_engine_start (engine, world);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  ASSERT_NE (postseal_service_find_account (service, "main"), nullptr);

  g_remove (path.c_str ());
  g_mkdir (path.c_str (), 0700);
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  g_auto (GStrv) problems = nullptr;
  g_object_get (engine, "problems", &problems, nullptr);
  EXPECT_EQ (g_strv_length (problems), 1u);
  ASSERT_NE (postseal_service_find_account (service, "main"), nullptr);

  /* No file at all is the user's word: no accounts. */
  g_remove (path.c_str ());
  g_variant_unref (ask (service, POSTSEAL_SERVICE_RELOAD, "@a{sv} {}"));
  EXPECT_TRUE (
      loop.wait_for ([&] { return postseal_service_find_account (service, "main") == nullptr; }));
  g_auto (GStrv) none = nullptr;
  g_object_get (engine, "problems", &none, nullptr);
  EXPECT_EQ (g_strv_length (none), 0u);
  postseal_engine_stop_async (engine, AsyncLoop::on_ready, &loop);
  postseal_engine_stop_finish (engine, loop.wait ());
}

} // namespace postseal_test
