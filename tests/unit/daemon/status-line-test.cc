/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/status-line.h"

#include <gtest/gtest.h>

#include <string>

#include "fake-service.h"

namespace
{

class StatusLine : public testing::Test
{
protected:
  ~StatusLine () override { g_object_unref (service); }

  PostsealAccountStatus *
  add (const char *receive, const char *send, const char *error = "")
  {
    PostsealAccountStatus *status = fake_service_add (service, "work");

    g_object_set (status, "receive-state", receive, "send-state", send, "receive-error", error,
                  nullptr);
    return status;
  }

  std::string
  line ()
  {
    g_autofree char *text = postseal_status_line_compose (service);

    return text;
  }

  PostsealService *service = fake_service_new ();
};

} // namespace

TEST_F (StatusLine, SaysThatThereIsNothingToDo) { EXPECT_EQ (line (), "No accounts to watch"); }

TEST_F (StatusLine, CountsAccountsAndMessages)
{
  add ("watching", "waiting");
  add ("working", "off");
  PostsealAccountStatus *third = add ("waiting", "waiting");
  add ("locked", "locked");
  g_object_set (third, "waiting", 2u, "failed", 1u, nullptr);
  EXPECT_EQ (line (), "3 accounts watched, 1 waits for the keyring; 2 messages to be sent; "
                      "1 message given up");
}

TEST_F (StatusLine, TheGraverDirectionCounts)
{
  add ("watching", "refused");
  add ("reauthorize", "waiting");
  add ("broken", "broken");
  EXPECT_EQ (line (), "1 is refused, 1 needs consent again, 1 has a mistake in accounts.conf");
}

TEST_F (StatusLine, AnErrorThatIsWaitedOutIsNoRest)
{
  add ("waiting", "off", "The server is away");
  add ("offline", "offline");
  EXPECT_EQ (line (), "1 waits for the network, 1 is tried again later");
}
