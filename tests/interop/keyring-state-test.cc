/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "auth-support.h"
#include "auth/keyring.h"
#include "auth/vault.h"

/* A real gnome-keyring, with nobody in front of it: its prompts end at once, dismissed. Each suite
   expects the session that secret-service-run has made for it, and is run alone. */

namespace
{

class KeyringState : public testing::Test
{
protected:
  PostsealKeyringState
  ask ()
  {
    Waiter waiter;

    postseal_keyring_get_state_async (nullptr, Waiter::on_done, &waiter);
    return postseal_keyring_get_state_finish (waiter.wait ());
  }

  /* Returns: -1 when it was unlocked, else the code of the vault's error */
  int
  unlock ()
  {
    g_autoptr (GError) error = nullptr;
    Waiter waiter;

    postseal_keyring_unlock_async (nullptr, Waiter::on_done, &waiter);
    if (postseal_keyring_unlock_finish (waiter.wait (), &error))
      return -1;
    EXPECT_EQ (error->domain, POSTSEAL_VAULT_ERROR) << error->message;
    return error->code;
  }
};

class KeyringStateOpen : public KeyringState
{
};
class KeyringStateLocked : public KeyringState
{
};
class KeyringStateNoneYet : public KeyringState
{
};
class KeyringStateAbsent : public KeyringState
{
};

TEST_F (KeyringStateOpen, IsSaidAndNeedsNoUnlocking)
{
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_OPEN);
  EXPECT_EQ (unlock (), -1);
}

TEST_F (KeyringStateLocked, IsSaidAndStaysWithoutAPerson)
{
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_LOCKED);
  EXPECT_EQ (unlock (), POSTSEAL_VAULT_ERROR_LOCKED);
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_LOCKED);
}

TEST_F (KeyringStateNoneYet, IsSaidAndStaysWithoutAPerson)
{
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_NONE_YET);
  EXPECT_EQ (unlock (), POSTSEAL_VAULT_ERROR_LOCKED);
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_NONE_YET);
}

TEST_F (KeyringStateAbsent, IsSaid)
{
  EXPECT_EQ (ask (), POSTSEAL_KEYRING_ABSENT);
  EXPECT_EQ (unlock (), POSTSEAL_VAULT_ERROR_UNAVAILABLE);
}

} // namespace
