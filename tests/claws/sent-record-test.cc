/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "claws/sent-record.h"
#include "claws/sent-verdict.h"

namespace
{

constexpr gint64 NOW = 1900000000;

class SentRecord : public testing::Test
{
protected:
  SentRecord ()
  {
    char name[] = "/tmp/sent-record-XXXXXX";

    folder = std::string (mkdtemp (name)) + "/records";
    record = postseal_claws_sent_record_new ("work", "#mh/Mail/queue", 7);
    g_free (record->message_id);
    record->message_id = g_strdup ("<1@example.org>");
    record->written = NOW;
  }

  ~SentRecord () override
  {
    postseal_claws_sent_record_free (record);
    std::filesystem::remove_all (std::filesystem::path (folder).parent_path ());
  }

  void
  hand_over ()
  {
    record->stage = POSTSEAL_CLAWS_HANDED_OVER;
    record->outbox_id = g_strdup ("abc");
  }

  /* @entries: in the text form of aa{sv} */
  static GVariant *
  list (const std::string &entries)
  {
    std::string text
        = "{'entries': <" + (entries.empty () ? "@aa{sv} []" : "[" + entries + "]") + ">}";

    return g_variant_parse (G_VARIANT_TYPE_VARDICT, text.c_str (), nullptr, nullptr, nullptr);
  }

  PostsealClawsFate
  judge (const std::string &pending, const std::string &done = {}, gint64 now = NOW + 60)
  {
    g_autoptr (GVariant) first = list (pending);
    g_autoptr (GVariant) second = list (done);
    g_autoptr (PostsealClawsVerdict) verdict
        = postseal_claws_verdict_new (record, first, second, now);

    reason = verdict->reason != nullptr ? verdict->reason : "";
    id = verdict->outbox_id != nullptr ? verdict->outbox_id : "";
    is_in_outbox = verdict->is_in_outbox;
    return verdict->fate;
  }

  static std::string
  entry (const std::string &state, const std::string &recipients = {}, gint64 arrived = NOW)
  {
    return "{'id': <'abc'>, 'account': <'work'>, 'message-id': <'<1@example.org>'>, 'state': <'"
           + state + "'>, 'arrived': <int64 " + std::to_string (arrived)
           + ">, 'reason': <'because'>, 'recipients': <"
           + (recipients.empty () ? "@aa{sv} []" : "[" + recipients + "]") + ">}";
  }

  static std::string
  recipient (const std::string &state)
  {
    return "{'address': <'" + state + "@example.net'>, 'state': <'" + state + "'>, 'text': <'no'>}";
  }

  std::string folder, reason, id;
  bool is_in_outbox = false;
  PostsealClawsSentRecord *record;
};

TEST_F (SentRecord, IsReadAsItWasWritten)
{
  hand_over ();
  record->reason = g_strdup ("“no”\nnever");
  ASSERT_TRUE (postseal_claws_sent_record_store (record, folder.c_str (), nullptr));
  g_autoptr (GPtrArray) all = postseal_claws_sent_record_load_all (folder.c_str ());
  ASSERT_EQ (all->len, 1u);
  auto *read = (PostsealClawsSentRecord *)all->pdata[0];
  EXPECT_STREQ (read->name, record->name);
  EXPECT_EQ (read->stage, POSTSEAL_CLAWS_HANDED_OVER);
  EXPECT_STREQ (read->account, "work");
  EXPECT_STREQ (read->folder, "#mh/Mail/queue");
  EXPECT_EQ (read->number, 7);
  EXPECT_STREQ (read->message_id, "<1@example.org>");
  EXPECT_EQ (read->written, NOW);
  EXPECT_STREQ (read->outbox_id, "abc");
  EXPECT_STREQ (read->reason, "“no”\nnever");
}

TEST_F (SentRecord, IsRemovedAndLeavesOutWhatIsBroken)
{
  ASSERT_TRUE (postseal_claws_sent_record_store (record, folder.c_str (), nullptr));
  std::filesystem::copy (folder + "/" + record->name, folder + "/" + record->name + ".X1b2c3");
  std::ofstream (folder + "/broken") << "[message]\nstage=handed-over\n";
  g_autoptr (GPtrArray) one = postseal_claws_sent_record_load_all (folder.c_str ());
  EXPECT_EQ (one->len, 1u);
  EXPECT_FALSE (std::filesystem::exists (folder + "/" + record->name + ".X1b2c3"));
  EXPECT_TRUE (postseal_claws_sent_record_remove (record, folder.c_str (), nullptr));
  EXPECT_TRUE (postseal_claws_sent_record_remove (record, folder.c_str (), nullptr));
  g_autoptr (GPtrArray) none = postseal_claws_sent_record_load_all (folder.c_str ());
  EXPECT_EQ (none->len, 0u);
}

TEST_F (SentRecord, IsFoundByItsMessageIdWhenTheHostWasKilledTooSoon)
{
  EXPECT_EQ (judge (""), POSTSEAL_CLAWS_IS_UNKNOWN);
  EXPECT_EQ (judge (entry ("queued")), POSTSEAL_CLAWS_WAITS);
  EXPECT_EQ (id, "abc");
  EXPECT_EQ (judge ("", entry ("sent")), POSTSEAL_CLAWS_IS_SENT);
  EXPECT_EQ (id, "abc");
  EXPECT_EQ (judge ("", entry ("sent", "", NOW - 1)), POSTSEAL_CLAWS_IS_UNKNOWN)
      << "an earlier one of the same name";
  EXPECT_EQ (judge ("", "", NOW + 30 * 86400), POSTSEAL_CLAWS_IS_FORGOTTEN);
}

TEST_F (SentRecord, WaitsAsLongAsTheOutboxTries)
{
  hand_over ();
  for (const char *state : { "queued", "sending", "in-doubt", "held" })
    EXPECT_EQ (judge (entry (state)), POSTSEAL_CLAWS_WAITS) << state;
  EXPECT_EQ (judge (entry ("blocked", recipient ("delivered") + "," + recipient ("pending"))),
             POSTSEAL_CLAWS_WAITS)
      << "some have it already";
}

TEST_F (SentRecord, GoesBackWhenNobodyHasIt)
{
  hand_over ();
  EXPECT_EQ (judge (entry ("blocked", recipient ("pending"))), POSTSEAL_CLAWS_IS_REFUSED);
  EXPECT_EQ (reason, "because");
  EXPECT_TRUE (is_in_outbox);
  EXPECT_EQ (judge (entry ("failed", recipient ("refused"))), POSTSEAL_CLAWS_IS_REFUSED);
  EXPECT_EQ (reason, "refused@example.net: no");
  EXPECT_EQ (judge ("", entry ("bounced", recipient ("reported"))), POSTSEAL_CLAWS_IS_REFUSED);
  EXPECT_FALSE (is_in_outbox);
  EXPECT_EQ (judge (""), POSTSEAL_CLAWS_WAS_TAKEN_OUT);
  record->stage = POSTSEAL_CLAWS_GIVING_BACK;
  EXPECT_EQ (judge (""), POSTSEAL_CLAWS_IS_REFUSED) << "taken out before a crash";
}

TEST_F (SentRecord, IsSentWhenSomebodyHasIt)
{
  hand_over ();
  EXPECT_EQ (judge ("", entry ("sent", recipient ("delivered"))), POSTSEAL_CLAWS_IS_SENT);
  EXPECT_EQ (reason, "");
  std::string both = recipient ("delivered") + "," + recipient ("refused");
  EXPECT_EQ (judge (entry ("failed", both)), POSTSEAL_CLAWS_IS_SENT);
  EXPECT_EQ (reason, "refused@example.net: no");
  EXPECT_TRUE (is_in_outbox);
  EXPECT_EQ (judge ("", entry ("bounced", both)), POSTSEAL_CLAWS_IS_SENT);
  record->stage = POSTSEAL_CLAWS_FILING;
  EXPECT_EQ (judge (""), POSTSEAL_CLAWS_IS_SENT) << "as it was known before a crash";
}

} // namespace
