/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports of failure (RFC 3464) on their way into the account's sink. */
#include "engine/send-report.h"

#include <filesystem>
#include <sqlite3.h>

#include "../outbox/outbox-fixture.h"

class SendReport : public OutboxFixture
{
protected:
  void
  SetUp () override
  {
    g_autoptr (GError) error = nullptr;

    OutboxFixture::SetUp ();
    account = postseal_account_new ();
    account->name = g_strdup ("work");
    account->address = g_strdup ("jane@example.org");
    std::filesystem::create_directories (home + "/postseal/accounts/work");
    outbox = postseal_outbox_open (&error);
    ASSERT_NE (outbox, nullptr) << error->message;
  }

  void
  TearDown () override
  {
    g_clear_pointer (&item, _postseal_send_item_free);
    postseal_outbox_free (outbox);
    postseal_account_unref (account);
    OutboxFixture::TearDown ();
  }

  void
  deliver_to (const std::string &spec)
  {
    g_free (account->deliver);
    account->deliver = g_strdup (spec.c_str ());
  }

  PostsealOutboxEntry *
  load (const std::string &id)
  {
    return postseal_outbox_load (outbox, id.c_str (), nullptr);
  }

  /* The server has refused the first recipient for good, and puts the others off. */
  void
  refuse_first (const std::string &id)
  {
    PostsealSendLimits limits = {};

    g_clear_pointer (&item, _postseal_send_item_free);
    item = _postseal_send_item_new (load (id));
    _postseal_send_item_prepare (item, &limits, 1700000000);
    item->result = g_new0 (PostsealSmtpResult, 1);
    item->result->n_recipients = item->message.n_recipients;
    item->result->recipients = g_new0 (PostsealSmtpAnswer, item->message.n_recipients);
    for (gsize i = 0; i < item->message.n_recipients; i++)
      item->result->recipients[i]
          = { i == 0 ? POSTSEAL_SMTP_PERMANENT : POSTSEAL_SMTP_TEMPORARY, i == 0 ? 550u : 450u,
              g_strdup (i == 0 ? "5.1.1" : "4.2.1"), g_strdup ("no") };
    _postseal_send_item_judge (item, account, "smtp.example.org:587", nullptr, 1700000000, 0.5);
  }

  void
  report ()
  {
    g_autoptr (GError) error = nullptr;

    ASSERT_TRUE (_postseal_send_report_failure (outbox, account, item, "server", &error))
        << error->message;
  }

  void
  record ()
  {
    ASSERT_TRUE (postseal_outbox_commit (outbox, &item->outcome, 1, nullptr, 0, nullptr, nullptr));
  }

  void
  recover ()
  {
    g_autoptr (GError) error = nullptr;

    ASSERT_TRUE (_postseal_send_report_recover (outbox, account, &error)) << error->message;
  }

  /* For what no program of ours does. */
  void
  execute (const std::string &sql)
  {
    sqlite3 *db = nullptr;

    ASSERT_EQ (sqlite3_open (place ("index.db").c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg (db);
    sqlite3_close (db);
  }

  PostsealOutboxState
  state (const std::string &id)
  {
    g_autoptr (PostsealOutboxEntry) entry = load (id);

    return entry->state;
  }

  gsize
  count (const std::string &folder)
  {
    gsize n = 0;

    if (std::filesystem::exists (home + "/" + folder))
      for (const auto &file : std::filesystem::directory_iterator (home + "/" + folder))
        n += file.is_regular_file ();
    return n;
  }

  PostsealAccount *account = nullptr;
  PostsealOutbox *outbox = nullptr;
  PostsealSendItem *item = nullptr;
};

TEST_F (SendReport, IsInTheMaildirOnceItIsDelivered)
{
  std::string id = put ();

  deliver_to ("maildir:" + home + "/Mail");
  refuse_first (id);
  report ();
  record ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_BOUNCED);
  EXPECT_EQ (count ("Mail/new"), 1u);
}

/* A commit whose sync has failed may be on the disk all the same, and the next run believes it. */
TEST_F (SendReport, IsNotTakenAwayWhenItIsUnknownWhetherItsIntentIsOnTheDisk)
{
  std::string id = put ();
  g_autoptr (GError) error = nullptr;

  deliver_to ("maildir:" + home + "/Mail");
  refuse_first (id);
  execute ("CREATE TRIGGER broken BEFORE UPDATE ON entry BEGIN SELECT RAISE (ABORT, 'no'); END;");
  EXPECT_FALSE (_postseal_send_report_failure (outbox, account, item, "server", &error));
  EXPECT_EQ (count ("Mail/tmp"), 1u);
  EXPECT_EQ (count ("Mail/new"), 0u);

  execute ("DROP TRIGGER broken;");
  item->outcome.bounce = item->bounce;
  record ();
  recover ();
  EXPECT_EQ (count ("Mail/new"), 1u) << "nobody would ever know";
}

TEST_F (SendReport, FindsItsWayWhenTheUserDeliversElsewhereMeanwhile)
{
  std::string id = put ();

  deliver_to ("command:/bin/false");
  refuse_first (id);
  report ();
  record ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_FAILED) << "staged";
  recover ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_FAILED) << "still";
  deliver_to ("maildir:" + home + "/Mail");
  recover ();
  EXPECT_EQ (count ("Mail/new"), 1u) << "nobody would ever know";
  EXPECT_EQ (count ("Mail/tmp"), 0u);
  EXPECT_EQ (count ("postseal/accounts/work"), 0u) << "nothing is left where it was staged first";
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_BOUNCED);
  recover ();
  EXPECT_EQ (count ("Mail/new"), 1u);
}

TEST_F (SendReport, StaysStagedAsLongAsNoSinkTakesIt)
{
  std::string id = put ();

  deliver_to ("command:/bin/false");
  refuse_first (id);
  report ();
  record ();
  std::ofstream (home + "/file") << "";
  deliver_to ("maildir:" + home + "/file/Mail");
  recover ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_FAILED);
  deliver_to ("maildir:" + home + "/Mail");
  recover ();
  EXPECT_EQ (count ("Mail/new"), 1u);
}

TEST_F (SendReport, LeavesThoseWaitingWhoWereNotRefusedWhateverHappens)
{
  std::string id = put ("work", { "joe@example.com", "ann@example.com" });

  deliver_to ("command:/bin/false");
  refuse_first (id);
  report ();
  /* The process ends here. */
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_QUEUED) << "what has failed is not tried again";
  recover ();
  EXPECT_EQ (state (id), POSTSEAL_OUTBOX_QUEUED);
  g_autoptr (PostsealOutboxEntry) entry = load (id);
  EXPECT_EQ (entry->recipients[0].progress, POSTSEAL_OUTBOX_REFUSED);
  EXPECT_EQ (entry->recipients[1].progress, POSTSEAL_OUTBOX_PENDING);
}
