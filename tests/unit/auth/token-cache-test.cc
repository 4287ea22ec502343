/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <vector>

#include "auth-support.h"
#include "auth/token-cache-private.h"
#include "fake-vault.h"

namespace
{

/* Fetches that wait for the test to end them. */
struct Pending
{
  GTask *task;
  bool is_renewal;
};
std::vector<Pending> pending;

void
fetch (PostsealVault *, const char *, gboolean is_renewal, GTask *task)
{
  pending.push_back ({ task, is_renewal != FALSE });
}

class TokenCache : public testing::Test
{
protected:
  PostsealVault *vault = fake_vault_new ("unused");
  GError *error = nullptr;
  gint64 now = 1000000;

  void
  SetUp () override
  {
    pending.clear ();
    _postseal_token_cache_reset (now);
  }
  void
  TearDown () override
  {
    EXPECT_EQ (pending.size (), 0u);
    _postseal_token_cache_reset (0);
    g_clear_object (&vault);
    g_clear_error (&error);
  }
  void
  ask (Waiter &waiter, const char *account = "work", const char *place = "here")
  {
    _postseal_token_cache_lookup (vault, place, account, fetch, Waiter::on_done, &waiter);
    EXPECT_EQ (waiter.result, nullptr) << "called back before it returned";
  }
  std::string
  take (Waiter &waiter)
  {
    return take_string (finish (waiter.wait ()));
  }
  PostsealCredential *
  finish (GAsyncResult *result)
  {
    g_clear_error (&error);
    return static_cast<PostsealCredential *> (g_task_propagate_pointer (G_TASK (result), &error));
  }
  /* Ends the oldest fetch. */
  void
  give (const char *token, gint64 lifetime)
  {
    g_autoptr (PostsealCredential) secret = postseal_credential_new (token, -1);
    GTask *task = pending.front ().task;

    pending.erase (pending.begin ());
    g_task_return_pointer (task, _postseal_fresh_token_new (secret, lifetime),
                           (GDestroyNotify)_postseal_fresh_token_free);
    g_object_unref (task);
  }
  void
  fail ()
  {
    GTask *task = pending.front ().task;

    pending.erase (pending.begin ());
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE, "no");
    g_object_unref (task);
  }
  std::string
  get (const char *fresh, gint64 lifetime)
  {
    Waiter waiter;

    ask (waiter);
    if (!pending.empty ())
      give (fresh, lifetime);
    return take (waiter);
  }
  void
  invalidate (const char *token)
  {
    g_autoptr (PostsealCredential) secret = postseal_credential_new (token, -1);

    _postseal_token_cache_invalidate ("here", "work", secret);
  }
};

TEST_F (TokenCache, ManyWhoAskAtOnceShareOneFetch)
{
  Waiter waiters[5];

  for (Waiter &waiter : waiters)
    ask (waiter);
  EXPECT_EQ (pending.size (), 1u);
  give ("one", 3600);
  for (Waiter &waiter : waiters)
    EXPECT_EQ (take (waiter), "one");
  EXPECT_EQ (get ("two", 3600), "one") << "and those who ask later";
}

TEST_F (TokenCache, TheyShareItsFailure)
{
  Waiter first, second;

  ask (first);
  ask (second);
  fail ();
  EXPECT_EQ (take (first), "(null)");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_REAUTHORIZE));
  EXPECT_EQ (take (second), "(null)");
  EXPECT_EQ (get ("one", 3600), "one") << "which is not kept";
}

/* A minute before its end, or a minute and a half at most. */
TEST_F (TokenCache, ATokenIsRenewedBeforeItsEnd)
{
  for (int i = 0; i < 20; i++)
    {
      _postseal_token_cache_reset (now);
      EXPECT_EQ (get ("one", 3600), "one");
      _postseal_token_cache_set_now (now + 3600 - 91);
      EXPECT_EQ (get ("two", 3600), "one");
      _postseal_token_cache_set_now (now + 3600 - 60);
      EXPECT_EQ (get ("two", 3600), "two");
    }
}

TEST_F (TokenCache, AShortLifeIsHalved)
{
  EXPECT_EQ (get ("one", 60), "one");
  _postseal_token_cache_set_now (now + 29);
  EXPECT_EQ (get ("two", 60), "one");
  _postseal_token_cache_set_now (now + 30);
  EXPECT_EQ (get ("two", 60), "two");
}

TEST_F (TokenCache, AnUnknownLifeIsShort)
{
  EXPECT_EQ (get ("one", 0), "one");
  _postseal_token_cache_set_now (now + 100);
  EXPECT_EQ (get ("two", 0), "one");
  _postseal_token_cache_set_now (now + 300);
  EXPECT_EQ (get ("two", 0), "two");
}

TEST_F (TokenCache, ARefusedTokenIsForgotten)
{
  Waiter waiter;

  EXPECT_EQ (get ("one", 3600), "one");
  invalidate ("one");
  ask (waiter);
  ASSERT_EQ (pending.size (), 1u);
  EXPECT_TRUE (pending[0].is_renewal);
  give ("two", 3600);
  EXPECT_EQ (take (waiter), "two");
}

/* Two connections hear the refusal of the same token, one after the other. */
TEST_F (TokenCache, ALateRefusalDoesNotTouchTheNextToken)
{
  EXPECT_EQ (get ("one", 3600), "one");
  invalidate ("one");
  EXPECT_EQ (get ("two", 3600), "two");
  invalidate ("one");
  EXPECT_EQ (get ("three", 3600), "two");
}

TEST_F (TokenCache, AccountsAndPlacesAreKeptApart)
{
  Waiter one, two, three;

  ask (one, "work");
  ask (two, "home");
  ask (three, "work", "there");
  EXPECT_EQ (pending.size (), 3u);
  give ("one", 3600);
  give ("two", 3600);
  give ("three", 3600);
  EXPECT_EQ (take (one) + take (two) + take (three), "onetwothree");
}

TEST_F (TokenCache, ContextsAreKeptApart)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Waiter here, there;

  ask (here);
  g_main_context_push_thread_default (context);
  ask (there);
  EXPECT_EQ (pending.size (), 2u);
  g_main_context_pop_thread_default (context);
  give ("one", 3600);
  EXPECT_EQ (take (here), "one");
  give ("two", 3600);
  while (there.result == nullptr)
    g_main_context_iteration (context, TRUE);
  EXPECT_EQ (take (there), "two");
}

}
