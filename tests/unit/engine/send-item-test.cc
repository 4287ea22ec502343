/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a server's answers to the state of a message (RFC 5321 section 4.5.4.1). */
#include "engine/send-item.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "auth/sasl.h"
#include "engine/send-job.h"
#include "net/net-error.h"

static constexpr gint64 ARRIVED = 1700000000;
static constexpr gint64 NOW = ARRIVED + 60;
static constexpr gint64 DAY = 86400;

class SendItem : public testing::Test
{
protected:
  PostsealAccount *account = postseal_account_new ();
  PostsealSendItem *item = nullptr;
  PostsealSendLimits limits = {};

  ~SendItem () override
  {
    g_clear_pointer (&item, _postseal_send_item_free);
    postseal_account_unref (account);
  }

  void
  ask (const std::vector<std::string> &recipients, gint64 now = NOW)
  {
    PostsealOutboxEntry *entry = g_new0 (PostsealOutboxEntry, 1);
    PostsealEnvelope *envelope = postseal_envelope_new ();

    g_free (envelope->account);
    envelope->account = g_strdup ("work");
    g_free (envelope->sender);
    envelope->sender = g_strdup ("jane@example.org");
    envelope->arrived = ARRIVED;
    for (const auto &recipient : recipients)
      postseal_envelope_add_recipient (envelope, recipient.c_str (), 0, nullptr);
    entry->id = g_strdup ("abc");
    entry->sender = g_strdup ("jane@example.org");
    entry->account = g_strdup ("work");
    entry->since = ARRIVED;
    entry->envelope = envelope;
    entry->n_recipients = recipients.size ();
    entry->recipients = g_new0 (PostsealOutboxRecipient, entry->n_recipients);
    for (gsize i = 0; i < entry->n_recipients; i++)
      entry->recipients[i].recipient
          = (const PostsealEnvelopeRecipient *)g_ptr_array_index (envelope->recipients, i);
    item = _postseal_send_item_new (entry);
    _postseal_send_item_prepare (item, &limits, now);
  }

  struct Answer
  {
    PostsealSmtpVerdict verdict;
    guint code;
  };

  void
  answer (const std::vector<Answer> &answers, GError *error = nullptr)
  {
    item->result = g_new0 (PostsealSmtpResult, 1);
    item->result->error = error;
    item->result->n_recipients = answers.size ();
    item->result->recipients = g_new0 (PostsealSmtpAnswer, answers.size ());
    for (gsize i = 0; i < answers.size (); i++)
      {
        item->result->recipients[i].verdict = answers[i].verdict;
        item->result->recipients[i].code = answers[i].code;
        item->result->recipients[i].text = g_strdup ("the server's words");
      }
  }

  void
  judge (gint64 now = NOW)
  {
    _postseal_send_item_judge (item, account, "smtp.example.org:587", nullptr, now, 0.5);
  }

  PostsealOutboxProgress
  progress (gsize i)
  {
    return item->entry->recipients[i].progress;
  }
};

TEST_F (SendItem, IsSentWhenAllAreServed)
{
  ask ({ "a@x", "b@x" });
  answer ({ { POSTSEAL_SMTP_ACCEPTED, 250 }, { POSTSEAL_SMTP_ACCEPTED, 250 } });
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_SENT);
  EXPECT_TRUE (item->outcome.counts_as_attempt);
  EXPECT_EQ (item->error, nullptr);
  EXPECT_STREQ (item->reason, "250 the server's words");
  EXPECT_EQ (item->outcome.reason, nullptr) << "nothing to complain about";
}

TEST_F (SendItem, TriesAgainOnlyThoseWhoWaitAfterATemporaryRefusal)
{
  ask ({ "a@x", "b@x", "c@x" });
  answer ({ { POSTSEAL_SMTP_ACCEPTED, 250 },
            { POSTSEAL_SMTP_TEMPORARY, 450 },
            { POSTSEAL_SMTP_PERMANENT, 550 } });
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_EQ (item->outcome.next_attempt, NOW + 300);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_DELIVERED);
  EXPECT_EQ (progress (1), POSTSEAL_OUTBOX_PENDING);
  EXPECT_EQ (progress (2), POSTSEAL_OUTBOX_REFUSED);
  EXPECT_TRUE (_postseal_send_item_has_refused (item));
  EXPECT_TRUE (g_error_matches (item->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_REFUSED));

  PostsealSendItem *next = _postseal_send_item_new (item->entry);
  _postseal_send_item_prepare (next, &limits, NOW);
  EXPECT_EQ (next->message.n_recipients, 1u);
  EXPECT_STREQ (next->message.recipients[0].address, "b@x");
  next->entry = nullptr;
  g_free (next->recipients);
  g_free (next->indexes);
  g_free (next);
}

TEST_F (SendItem, FailsWhenAllAreRefusedAndIsBouncedOnceTheSenderKnows)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_PERMANENT, 550 } });
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_FAILED);
  _postseal_send_item_set_reported (item);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_BOUNCED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_REPORTED);
}

TEST_F (SendItem, GoesOnAtOnceWhereTheServerTookOnlySomeRecipients)
{
  /* RFC 5321 section 4.5.3.1.10, for both codes. */
  for (guint code : { 452u, 552u })
    {
      ask ({ "a@x", "b@x" });
      answer ({ { POSTSEAL_SMTP_ACCEPTED, 250 },
                { code == 452 ? POSTSEAL_SMTP_TEMPORARY : POSTSEAL_SMTP_PERMANENT, code } });
      judge ();
      EXPECT_TRUE (item->goes_on);
      EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
      EXPECT_EQ (item->outcome.next_attempt, 0);
      EXPECT_FALSE (item->outcome.counts_as_attempt);
      EXPECT_EQ (progress (1), POSTSEAL_OUTBOX_PENDING);
      g_clear_pointer (&item, _postseal_send_item_free);
    }
}

TEST_F (SendItem, TakesA552ForAllAsFinal)
{
  /* No progress: the message is too large, not the list too long. */
  ask ({ "a@x", "b@x" });
  answer ({ { POSTSEAL_SMTP_PERMANENT, 552 }, { POSTSEAL_SMTP_PERMANENT, 552 } });
  judge ();
  EXPECT_FALSE (item->goes_on);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_FAILED);
}

TEST_F (SendItem, AsksForNoMoreRecipientsThanTheServerTakes)
{
  /* RFC 9422: RCPTMAX and RCPTDOMAINMAX. */
  limits.recipients_max = 2;
  ask ({ "a@x", "b@x", "c@x" });
  EXPECT_EQ (item->message.n_recipients, 2u);
  answer ({ { POSTSEAL_SMTP_ACCEPTED, 250 }, { POSTSEAL_SMTP_ACCEPTED, 250 } });
  judge ();
  EXPECT_TRUE (item->goes_on);
  g_clear_pointer (&item, _postseal_send_item_free);

  limits.recipients_max = 0;
  limits.recipient_domains_max = 1;
  ask ({ "a@x", "b@y", "c@X" });
  ASSERT_EQ (item->message.n_recipients, 2u);
  EXPECT_STREQ (item->message.recipients[1].address, "c@X");
}

TEST_F (SendItem, AsksAboutTheOthersAtOnceWhenTheFirstAreRefusedForGood)
{
  limits.recipients_max = 1;
  ask ({ "a@x", "b@x" });
  answer ({ { POSTSEAL_SMTP_PERMANENT, 550 } });
  judge ();
  EXPECT_TRUE (item->goes_on);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_REFUSED);
  EXPECT_EQ (progress (1), POSTSEAL_OUTBOX_PENDING);
  g_clear_pointer (&item, _postseal_send_item_free);

  ask ({ "a@x", "b@x" });
  answer ({ { POSTSEAL_SMTP_TEMPORARY, 450 } });
  judge ();
  EXPECT_FALSE (item->goes_on) << "not before its time";
}

TEST_F (SendItem, GivesUpWhenItsTimeIsOver)
{
  account->retry_seconds = DAY;
  ask ({ "a@x" }, ARRIVED + DAY + 1);
  answer ({ { POSTSEAL_SMTP_TEMPORARY, 451 } });
  judge (ARRIVED + DAY + 1);
  EXPECT_TRUE (item->is_expired);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_FAILED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_REFUSED);
  EXPECT_TRUE (g_error_matches (item->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_REFUSED));
}

/* The computer was off: nobody has tried for a day. */
TEST_F (SendItem, GivesUpNothingThatWasNeverTried)
{
  g_autoptr (GError) offline
      = g_error_new_literal (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE, "offline");
  const gint64 now = ARRIVED + 10 * DAY;

  account->retry_seconds = DAY;
  ask ({ "a@x" }, now);
  item->entry->since = 0;
  _postseal_send_item_postpone (item, account, POSTSEAL_OUTBOX_QUEUED, offline, now + 5, now);
  EXPECT_FALSE (item->is_expired);
  answer ({ { POSTSEAL_SMTP_TEMPORARY, 451 } });
  judge (now);
  EXPECT_FALSE (item->is_expired) << "a greylist at the first attempt";
  item->entry->since = now;
  _postseal_send_item_postpone (item, account, POSTSEAL_OUTBOX_QUEUED, offline, now, now + DAY);
  EXPECT_FALSE (item->is_expired);
  _postseal_send_item_postpone (item, account, POSTSEAL_OUTBOX_QUEUED, offline, now, now + DAY + 1);
  EXPECT_TRUE (item->is_expired) << "it was tried for a day";
}

TEST_F (SendItem, StaysInDoubtWhenTheReplyNeverCame)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_UNDECIDED, 0 } },
          g_error_new_literal (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT, "who knows"));
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_IN_DOUBT);
  EXPECT_TRUE (item->outcome.is_doubtful);
  EXPECT_EQ (item->outcome.next_attempt, NOW + 300);
  EXPECT_TRUE (g_error_matches (item->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_IN_DOUBT));
}

/* RFC 5321 section 4.5.4.1: there is an end to trying, or copies without end might arrive. */
TEST_F (SendItem, IsGivenUpInDoubtWhenItsTimeIsOver)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_UNDECIDED, 0 } },
          g_error_new_literal (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_IN_DOUBT, "who knows"));
  judge (ARRIVED + 30 * DAY);
  EXPECT_TRUE (item->is_expired);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_FAILED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_REFUSED);
  EXPECT_TRUE (item->outcome.is_doubtful);
  EXPECT_TRUE (item->entry->is_doubtful) << "the report says so";
}

TEST_F (SendItem, IsBlockedWhereTheServerWantsALogIn)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_PERMANENT, 530 } });
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_BLOCKED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_PENDING);
  EXPECT_EQ (item->error->domain, POSTSEAL_AUTH_ERROR);
}

TEST_F (SendItem, BeingOfflineIsNoAttempt)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "offline");

  ask ({ "a@x" });
  _postseal_send_item_postpone (item, account, POSTSEAL_OUTBOX_QUEUED, error, NOW + 5, NOW);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_FALSE (item->outcome.counts_as_attempt);
  EXPECT_EQ (item->outcome.next_attempt, NOW + 5);
  EXPECT_STREQ (item->outcome.reason, "offline");
}

TEST_F (SendItem, CancellingLeavesItDue)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_UNDECIDED, 0 } },
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled"));
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_EQ (item->outcome.next_attempt, 0);
  EXPECT_FALSE (item->outcome.counts_as_attempt);
}

TEST_F (SendItem, CancellingGivesUpNothing)
{
  ask ({ "a@x" });
  answer ({ { POSTSEAL_SMTP_UNDECIDED, 0 } },
          g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled"));
  judge (ARRIVED + 100 * DAY);
  EXPECT_FALSE (item->is_expired) << "the user has interrupted the program, no more";
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_QUEUED);
  EXPECT_EQ (progress (0), POSTSEAL_OUTBOX_PENDING);
}

TEST_F (SendItem, RefusedHereIsUnfit)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "too odd");

  ask ({ "a@x" });
  _postseal_send_item_refuse (item, "5.6.3", error);
  judge ();
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_FAILED);
  EXPECT_STREQ (item->entry->recipients[0].status, "5.6.3");
  EXPECT_TRUE (g_error_matches (item->error, POSTSEAL_SEND_ERROR, POSTSEAL_SEND_ERROR_UNFIT));
}
