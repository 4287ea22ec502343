/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/srv-choice-private.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

struct Record
{
  unsigned priority, weight, port;
  const char *target;
};

class SrvChoice : public testing::Test
{
protected:
  ~SrvChoice () override
  {
    for (PostsealLookupAnswer *answer : answers_)
      if (answer != nullptr)
        postseal_lookup_answer_free (answer);
  }

  /* In the order in which a lookup has them. */
  void
  publish (PostsealSrvService service, const std::vector<Record> &records, bool is_secure = true)
  {
    auto *answer = g_new0 (PostsealLookupAnswer, 1);

    answer->is_secure = is_secure;
    answer->records = g_ptr_array_new_with_free_func ([] (gpointer data) {
      g_free (static_cast<PostsealLookupRecord *> (data)->target);
      g_free (data);
    });
    for (const Record &record : records)
      {
        auto *made = g_new0 (PostsealLookupRecord, 1);

        made->priority = (guint16)record.priority;
        made->weight = (guint16)record.weight;
        made->port = (guint16)record.port;
        made->target = g_strdup (record.target);
        g_ptr_array_add (answer->records, made);
      }
    answers_[service] = answer;
  }

  /* "imap.example.org:993", "" when it is not offered. */
  std::string
  choose (PostsealProtocol protocol)
  {
    g_auto (PostsealSrvOffer) offer = _postseal_srv_choose (answers_, protocol);

    if (offer.endpoint == nullptr)
      return "";
    g_autofree char *text = postseal_endpoint_to_string (offer.endpoint);
    start_ = offer.endpoint->start;
    is_secure_ = offer.is_secure;
    return text;
  }

  PostsealLookupAnswer *answers_[POSTSEAL_N_SRV_SERVICES] = {};
  PostsealTlsStart start_ = POSTSEAL_TLS_START_UPGRADE;
  bool is_secure_ = false;
};

TEST_F (SrvChoice, FirstRecordWins)
{
  publish (POSTSEAL_SRV_IMAPS,
           { { 0, 5, 1993, "a.example.org" }, { 10, 9, 993, "b.example.org" } });
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_IMAP), "a.example.org:1993");
  EXPECT_TRUE (is_secure_);
}

/* RFC 8314 section 5.1: what is below the minimum is ignored, even with a better priority. */
TEST_F (SrvChoice, TlsFromTheFirstByteComesBeforeAnUpgrade)
{
  publish (POSTSEAL_SRV_IMAP, { { 0, 0, 143, "old.example.org" } });
  publish (POSTSEAL_SRV_IMAPS, { { 10, 0, 993, "imap.example.org" } }, false);
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_IMAP), "imap.example.org:993");
  EXPECT_EQ (start_, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_FALSE (is_secure_);
}

/* RFC 2782: "." is "decidedly not available". */
TEST_F (SrvChoice, DotIsNoOffer)
{
  publish (POSTSEAL_SRV_SUBMISSIONS, { { 0, 0, 0, "" } });
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_SMTP), "");
  publish (POSTSEAL_SRV_SUBMISSION, { { 0, 0, 587, "smtp.example.org" } });
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_SMTP), "smtp.example.org:587");
  EXPECT_EQ (start_, POSTSEAL_TLS_START_UPGRADE);
}

TEST_F (SrvChoice, TargetsThatAreNoHostsArePassedOver)
{
  publish (POSTSEAL_SRV_POP3S, { { 0, 0, 995, "a_b.example.org" },
                                 { 1, 0, 0, "zero.example.org" },
                                 { 2, 0, 995, "pop.example.org" } });
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_POP3), "pop.example.org:995");
}

TEST_F (SrvChoice, NothingIsNothing)
{
  EXPECT_EQ (choose (POSTSEAL_PROTOCOL_IMAP), "");
  EXPECT_STREQ (_postseal_srv_get_label (POSTSEAL_SRV_SUBMISSIONS), "_submissions._tcp");
}
