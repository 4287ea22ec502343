/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-status.h"

#include <gtest/gtest.h>

namespace
{

void
count (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*static_cast<int *> (user_data);
}

TEST (AccountStatus, BeginsEmptyWithoutNull)
{
  g_autoptr (PostsealAccountStatus) status = postseal_account_status_new ("work");
  g_autofree char *state = nullptr;
  g_autofree char *error = nullptr;
  g_auto (GStrv) watched = nullptr;
  g_autoptr (GVariant) seal = nullptr;

  g_object_get (status, "receive-state", &state, "receive-error", &error, "receive-watched",
                &watched, "receive-seal", &seal, nullptr);
  EXPECT_STREQ (postseal_account_status_get_name (status), "work");
  EXPECT_STREQ (state, "off");
  EXPECT_STREQ (error, "");
  ASSERT_NE (watched, nullptr);
  EXPECT_EQ (watched[0], nullptr);
  ASSERT_NE (seal, nullptr);
  EXPECT_EQ (g_variant_n_children (seal), 0u);
}

TEST (AccountStatus, NotifiesOfChangesOnly)
{
  g_autoptr (PostsealAccountStatus) status = postseal_account_status_new ("work");
  const char *const watched[] = { "INBOX", nullptr };
  int notified = 0;

  g_signal_connect (status, "notify", G_CALLBACK (count), &notified);
  g_object_set (status, "receive-state", "working", "receive-next", G_GINT64_CONSTANT (7),
                "receive-watched", watched, "waiting", 2u, nullptr);
  EXPECT_EQ (notified, 4);
  g_object_set (status, "receive-state", "working", "receive-next", G_GINT64_CONSTANT (7),
                "receive-watched", watched, "waiting", 2u, nullptr);
  EXPECT_EQ (notified, 4);
  g_object_set (status, "receive-error", nullptr, nullptr);
  EXPECT_EQ (notified, 4);
}

TEST (AccountStatus, EveryPropertyItListsExists)
{
  g_autoptr (PostsealAccountStatus) status = postseal_account_status_new ("work");
  const char *const *names = postseal_account_status_get_properties ();
  guint n = 0;

  for (; names[n] != nullptr; n++)
    EXPECT_NE (g_object_class_find_property (G_OBJECT_GET_CLASS (status), names[n]), nullptr)
        << names[n];
  EXPECT_EQ (n, 38u);
}

TEST (AccountStatus, StatesHaveNamesThatAreFoundAgain)
{
  for (int i = POSTSEAL_ACCOUNT_OFF; i <= POSTSEAL_ACCOUNT_BROKEN; i++)
    {
      auto state = static_cast<PostsealAccountState> (i);

      EXPECT_EQ (postseal_account_state_parse (postseal_account_state_name (state)), state);
    }
  EXPECT_EQ (postseal_account_state_parse ("nonsense"), POSTSEAL_ACCOUNT_OFF);
}

} // namespace
