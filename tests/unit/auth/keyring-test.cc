/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/keyring.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/vault.h"
#include "support/main-loop.h"
#include "support/private-bus.h"

using postseal_test::AsyncLoop;
using postseal_test::PrivateBus;

namespace
{

const char secrets[] = "org.freedesktop.secrets";
const char prompt_path[] = "/org/freedesktop/secrets/prompt/p1";

/* The secret service as far as its users see it (Secret Service API 0.2). */
struct FakeService
{
  std::string alias = "/org/freedesktop/secrets/collection/login"; /* "/": none */
  bool is_locked = true;
  bool wants_prompt = true;
  bool answers_nonsense = false;
  std::vector<std::string> calls; /* "METHOD" */
};

class Keyring : public testing::Test
{
protected:
  static inline PrivateBus *bus = nullptr;

  static void
  SetUpTestSuite ()
  {
    bus = new PrivateBus;
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", bus->address ().c_str (), TRUE);
  }

  static void
  TearDownTestSuite ()
  {
    g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  }

  /* The service runs on the connection's own thread. */
  void
  serve ()
  {
    service = bus->connect ();
    filter = g_dbus_connection_add_filter (service, on_message, this, nullptr);
    PrivateBus::own_name (service, secrets);
  }

  void
  TearDown () override
  {
    if (service != nullptr)
      {
        PrivateBus::sync (service);
        g_dbus_connection_remove_filter (service, filter);
        PrivateBus::disown_name (service, secrets);
        PrivateBus::sync (service);
      }
  }

  GVariant *
  answer (const std::string &method)
  {
    const char *prompt = fake.wants_prompt ? prompt_path : "/";

    if (fake.answers_nonsense)
      return g_variant_new ("(i)", 1);
    if (method == "ReadAlias")
      return g_variant_new ("(o)", fake.alias.c_str ());
    if (method == "Get")
      return g_variant_new ("(v)", g_variant_new_boolean (fake.is_locked));
    if (!fake.wants_prompt)
      fake.is_locked = false;
    if (method == "Unlock")
      return g_variant_new_parsed ("(@ao [], %o)", prompt);
    if (method == "CreateCollection")
      return g_variant_new ("(oo)", fake.wants_prompt ? "/" : "/made", prompt);
    return g_variant_new ("()");
  }

  static GDBusMessage *
  on_message (GDBusConnection *connection,
              GDBusMessage *message,
              gboolean is_incoming,
              gpointer data)
  {
    Keyring *self = static_cast<Keyring *> (data);

    if (!is_incoming
        || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
      return message;
    std::string method = g_dbus_message_get_member (message);
    g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (message);

    g_mutex_lock (&self->lock);
    g_dbus_message_set_body (reply, self->answer (method));
    self->fake.calls.push_back (method);
    g_mutex_unlock (&self->lock);
    g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, nullptr,
                                    nullptr);
    g_object_unref (message);
    return nullptr;
  }

  size_t
  count (const char *method)
  {
    size_t n = 0;

    g_mutex_lock (&lock);
    for (const std::string &called : fake.calls)
      n += called == method ? 1 : 0;
    g_mutex_unlock (&lock);
    return n;
  }

  PostsealKeyringState
  ask ()
  {
    postseal_keyring_get_state_async (nullptr, AsyncLoop::on_ready, &loop);
    return postseal_keyring_get_state_finish (loop.wait ());
  }

  /* The person types the password, or sends the prompt away. */
  void
  complete (const char *parameters, bool is_locked)
  {
    ASSERT_TRUE (loop.wait_for ([this] { return count ("Prompt") == 1; }));
    g_mutex_lock (&lock);
    fake.is_locked = is_locked;
    g_mutex_unlock (&lock);
    PrivateBus::emit (service, prompt_path, "org.freedesktop.Secret.Prompt", "Completed",
                      parameters);
  }

  bool
  finish ()
  {
    g_clear_error (&error);
    return postseal_keyring_unlock_finish (loop.wait (), &error);
  }

  void
  begin (GCancellable *cancellable = nullptr)
  {
    postseal_keyring_unlock_async (cancellable, AsyncLoop::on_ready, &loop);
  }

  ~Keyring () override { g_clear_error (&error); }

  AsyncLoop loop;
  FakeService fake;
  GMutex lock = {};
  GDBusConnection *service = nullptr; /* borrowed: the bus's */
  guint filter = 0;
  GError *error = nullptr;
};

TEST_F (Keyring, IsAbsentWithoutAService)
{
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_ABSENT);
  begin ();
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE));
}

TEST_F (Keyring, TellsLockedOpenAndNoneYetApartWithoutAPrompt)
{
  serve ();
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_LOCKED);
  fake.is_locked = false;
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_OPEN);
  fake.alias = "/";
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_NONE_YET);
  fake.answers_nonsense = true;
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_ABSENT);
  EXPECT_EQ (count ("Unlock") + count ("Prompt") + count ("CreateCollection"), 0u);
}

TEST_F (Keyring, ACancelledQuestionHasAnAnswer)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  serve ();
  g_cancellable_cancel (cancellable);
  postseal_keyring_get_state_async (cancellable, AsyncLoop::on_ready, &loop);
  EXPECT_EQ (postseal_keyring_get_state_finish (loop.wait ()), POSTSEAL_KEYRING_ABSENT);
}

TEST_F (Keyring, IsUnlockedWhenThePersonHasTypedThePassword)
{
  serve ();
  begin ();
  complete ("(false, <[objectpath '/x']>)", false);
  EXPECT_TRUE (finish ()) << error->message;
}

TEST_F (Keyring, ADismissedPromptLeavesItLocked)
{
  serve ();
  begin ();
  complete ("(true, <''>)", true);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED));
}

TEST_F (Keyring, APromptThatUnlocksNothingIsNotBelieved)
{
  serve ();
  begin ();
  complete ("(false, <[objectpath '/x']>)", true);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED));
}

TEST_F (Keyring, WhatNeedsNoPromptHasNone)
{
  serve ();
  fake.wants_prompt = false;
  begin ();
  EXPECT_TRUE (finish ()) << error->message;
  EXPECT_EQ (count ("Prompt"), 0u);
}

TEST_F (Keyring, WhereThereIsNoneOneIsMade)
{
  serve ();
  fake.alias = "/";
  begin ();
  complete ("(false, <objectpath '/made'>)", false);
  EXPECT_TRUE (finish ()) << error->message;
  EXPECT_EQ (count ("CreateCollection"), 1u);
  EXPECT_EQ (count ("Unlock"), 0u);
}

TEST_F (Keyring, CancellingTakesThePromptAway)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  serve ();
  begin (cancellable);
  ASSERT_TRUE (loop.wait_for ([this] { return count ("Prompt") == 1; }));
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  /* What is asked after it is answered after it. */
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_LOCKED);
  EXPECT_EQ (count ("Dismiss"), 1u);
}

TEST_F (Keyring, AServiceThatEndsDuringThePromptIsNotWaitedFor)
{
  serve ();
  begin ();
  ASSERT_TRUE (loop.wait_for ([this] { return count ("Prompt") == 1; }));
  g_dbus_connection_remove_filter (service, filter);
  g_dbus_connection_close_sync (service, nullptr, nullptr);
  service = nullptr;
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE));
}

TEST_F (Keyring, SignalsOfOthersAreNoAnswer)
{
  serve ();
  begin ();
  ASSERT_TRUE (loop.wait_for ([this] { return count ("Prompt") == 1; }));
  GDBusConnection *stranger = bus->connect ();
  PrivateBus::emit (stranger, prompt_path, "org.freedesktop.Secret.Prompt", "Completed",
                    "(true, <''>)");
  PrivateBus::sync (stranger);
  complete ("(false, <[objectpath '/x']>)", false);
  EXPECT_TRUE (finish ()) << error->message;
}

} // namespace
