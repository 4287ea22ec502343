/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "engine/servers-private.h"

namespace
{

const gint64 second = G_USEC_PER_SEC;

class PostsealServersTest : public testing::Test
{
protected:
  PostsealServers *servers = postseal_servers_new ();
  PostsealEndpoint *imaps
      = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "h.test", 0);
  PostsealEndpoint *imap
      = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, "h.test", 0);
  PostsealEndpoint *other
      = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "o.test", 0);
  static gint64 now;

  void
  SetUp () override
  {
    now = 1000 * second;
    _postseal_servers_set_clock ([] { return now; });
  }
  void
  TearDown () override
  {
    _postseal_servers_set_clock (nullptr);
    postseal_endpoint_unref (imaps);
    postseal_endpoint_unref (imap);
    postseal_endpoint_unref (other);
    postseal_servers_unref (servers);
  }
  bool
  take (const PostsealEndpoint *endpoint, const char *user, guint most)
  {
    return postseal_servers_take (servers, endpoint, user, most);
  }
};

gint64 PostsealServersTest::now;

TEST_F (PostsealServersTest, CountsALoginWhateverThePort)
{
  EXPECT_TRUE (take (imaps, "jane", 2));
  EXPECT_TRUE (take (imap, "jane", 2));
  EXPECT_FALSE (take (imaps, "jane", 2));
  EXPECT_TRUE (take (imaps, "joe", 2));
  EXPECT_TRUE (take (other, "jane", 2));

  postseal_servers_give_back (servers, imaps, "jane");
  EXPECT_TRUE (take (imap, "jane", 2));
  EXPECT_FALSE (take (imap, "jane", 2));
  EXPECT_TRUE (take (imap, "jane", 3));
}

TEST_F (PostsealServersTest, LearnsWhatAServerBearsForADay)
{
  for (int i = 0; i < 4; i++)
    ASSERT_TRUE (take (imaps, "jane", 10));
  postseal_servers_report_limit (servers, imaps, "jane");
  postseal_servers_give_back (servers, imaps, "jane");

  EXPECT_FALSE (take (imap, "jane", 10));
  EXPECT_TRUE (take (imaps, "joe", 10));
  postseal_servers_give_back (servers, imaps, "jane");
  EXPECT_TRUE (take (imap, "jane", 10));

  now += 86400 * second - 1;
  EXPECT_FALSE (take (imaps, "jane", 10));
  now += 1;
  EXPECT_TRUE (take (imaps, "jane", 10));
}

TEST_F (PostsealServersTest, RemembersALimitThoughNothingIsTaken)
{
  ASSERT_TRUE (take (imaps, "jane", 10));
  ASSERT_TRUE (take (imaps, "jane", 10));
  postseal_servers_report_limit (servers, imaps, "jane");
  postseal_servers_give_back (servers, imaps, "jane");
  postseal_servers_give_back (servers, imaps, "jane");

  EXPECT_TRUE (take (imaps, "jane", 10));
  EXPECT_FALSE (take (imaps, "jane", 10));
}

TEST_F (PostsealServersTest, AlwaysLeavesOneConnection)
{
  ASSERT_TRUE (take (imaps, "jane", 10));
  postseal_servers_report_limit (servers, imaps, "jane");
  postseal_servers_give_back (servers, imaps, "jane");
  postseal_servers_report_limit (servers, imaps, "jane");

  EXPECT_TRUE (take (imaps, "jane", 10));
  EXPECT_FALSE (take (imaps, "jane", 10));
}

TEST_F (PostsealServersTest, WaitsLongerEachTimeUpToAQuarterOfAnHour)
{
  gint64 whole = 5 * second;
  gint64 at = now;

  for (int i = 0; i < 12; i++)
    {
      gint64 until = postseal_servers_report_trouble (servers, imaps, at);
      EXPECT_GE (until - at, whole / 2);
      EXPECT_LE (until - at, whole);
      EXPECT_EQ (postseal_servers_get_not_before (servers, imaps), until);
      at = until;
      whole = MIN (2 * whole, 900 * second);
    }
}

TEST_F (PostsealServersTest, TakesWhatIsToldDuringTheWaitForOneTrouble)
{
  gint64 until = postseal_servers_report_trouble (servers, imaps, now);

  for (int i = 0; i < 50; i++)
    EXPECT_EQ (postseal_servers_report_trouble (servers, imaps, now + i), until);
  EXPECT_LE (postseal_servers_report_trouble (servers, imaps, until) - until, 10 * second);
}

TEST_F (PostsealServersTest, KeepsServersApart)
{
  postseal_servers_report_trouble (servers, imaps, now);
  EXPECT_EQ (postseal_servers_get_not_before (servers, other), 0);
  EXPECT_EQ (postseal_servers_get_not_before (servers, imap), 0);
}

TEST_F (PostsealServersTest, ForgetsTroubleOnSuccessAndOnAnotherNetwork)
{
  gint64 at = now;
  for (int i = 0; i < 8; i++)
    at = postseal_servers_report_trouble (servers, imaps, at);
  postseal_servers_report_trouble (servers, other, now);

  postseal_servers_report_well (servers, imaps);
  EXPECT_EQ (postseal_servers_get_not_before (servers, imaps), 0);
  EXPECT_NE (postseal_servers_get_not_before (servers, other), 0);
  EXPECT_LE (postseal_servers_report_trouble (servers, imaps, at) - at, 5 * second);

  postseal_servers_forget_trouble (servers);
  EXPECT_EQ (postseal_servers_get_not_before (servers, imaps), 0);
  EXPECT_EQ (postseal_servers_get_not_before (servers, other), 0);
}

}
