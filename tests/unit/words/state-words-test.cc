/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/state-words.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

class StateWords : public ::testing::Test
{
protected:
  StateWords ()
  {
    g_object_set (status_, "receives", TRUE, "sends", TRUE, "receive-state", "waiting",
                  "send-state", "waiting", NULL);
  }
  ~StateWords () override { g_object_unref (status_); }

  void
  set_seal (const char *property)
  {
    g_object_set (status_, property, g_variant_new_parsed ("@a{ss} {'tls-version': 'TLS 1.3'}"),
                  NULL);
  }

  std::string
  sum_up (PostsealMood expected, bool is_working = false)
  {
    g_autofree char *sentence = nullptr;
    gboolean works = FALSE;

    EXPECT_EQ (postseal_state_words_sum_up (status_, &sentence, &works), expected) << sentence;
    EXPECT_EQ (works != FALSE, is_working);
    return sentence;
  }

  PostsealAccountStatus *status_ = postseal_account_status_new ("work");
};

TEST_F (StateWords, AreQuietBeforeAnythingWasTried)
{
  EXPECT_EQ (sum_up (POSTSEAL_MOOD_QUIET), "Nothing received yet");
}

TEST_F (StateWords, AreGoodOnceAConnectionWasSealed)
{
  set_seal ("receive-seal");
  g_object_set (status_, "receive-state", "watching", "receive-last", gint64{ 1 }, NULL);

  EXPECT_EQ (sum_up (POSTSEAL_MOOD_GOOD), "Up to date; the server tells of new mail");
}

TEST_F (StateWords, TellTheGraverOfTwoDirections)
{
  set_seal ("receive-seal");
  g_object_set (status_, "send-state", "refused", "send-error", "mail.example.org says no", NULL);

  EXPECT_EQ (sum_up (POSTSEAL_MOOD_STUCK), "mail.example.org says no");
}

TEST_F (StateWords, WorryAboutASealThatHasWeakened)
{
  const char *const changes[] = { "The server has another key than before", nullptr };

  set_seal ("receive-seal");
  g_object_set (status_, "receive-changes", changes, NULL);

  EXPECT_EQ (sum_up (POSTSEAL_MOOD_WORRIED), changes[0]);
}

TEST_F (StateWords, TellThatSomethingIsBeingDone)
{
  g_object_set (status_, "receive-state", "working", NULL);

  EXPECT_EQ (sum_up (POSTSEAL_MOOD_QUIET, true), "Receiving");
}

TEST_F (StateWords, TellHowFarItIs)
{
  g_object_set (status_, "receive-state", "working", "messages-done", guint64{ 17 },
                "messages-total", guint64{ 120 }, "send-state", "working", "send-messages-done",
                guint64{ 1 }, "send-messages-total", guint64{ 2 }, NULL);
  g_autofree char *receiving = postseal_state_words_describe (status_, FALSE);
  g_autofree char *sending = postseal_state_words_describe (status_, TRUE);

  EXPECT_STREQ (receiving, "Receiving: 17 of 120 messages");
  EXPECT_STREQ (sending, "Sending: 1 of 2 messages");
}

TEST_F (StateWords, TellOfTheOnlyDirectionThereIs)
{
  g_object_set (status_, "receives", FALSE, "receive-state", "off", NULL);

  EXPECT_EQ (sum_up (POSTSEAL_MOOD_QUIET), "Ready to send");
}

TEST_F (StateWords, SayForEachStateWhatItMeans)
{
  const struct
  {
    const char *state;
    PostsealMood mood;
  } rows[] = {
    { "offline", POSTSEAL_MOOD_QUIET },     { "locked", POSTSEAL_MOOD_STUCK },
    { "full", POSTSEAL_MOOD_STUCK },        { "refused", POSTSEAL_MOOD_STUCK },
    { "reauthorize", POSTSEAL_MOOD_STUCK }, { "broken", POSTSEAL_MOOD_STUCK },
    { "busy", POSTSEAL_MOOD_QUIET },
  };

  for (const auto &row : rows)
    {
      g_object_set (status_, "receive-state", row.state, NULL);
      g_autofree char *sentence = postseal_state_words_describe (status_, FALSE);

      EXPECT_EQ (postseal_state_words_judge (status_, FALSE), row.mood) << row.state;
      EXPECT_STRNE (sentence, "") << row.state;
    }
}

/* Whoever is in the dialog is told of what is on the page, not of commands and keys. */
TEST_F (StateWords, AdviseInTheDialogsOwnTerms)
{
  for (const char *remedy :
       { "password", "consent", "place", "keyring", "mechanisms", "forget", "pin", "connections" })
    {
      g_object_set (status_, "receive-advice", "Run “postseal something work”", "receive-remedy",
                    remedy, NULL);
      g_autofree char *advice = postseal_state_words_advise (status_, FALSE);

      EXPECT_EQ (std::string (advice).find ("postseal"), std::string::npos) << remedy;
      EXPECT_NE (std::string (advice), "") << remedy;
    }
}

TEST_F (StateWords, AdviseAsTheEngineDoesWhereNoCommandIsNeeded)
{
  g_object_set (status_, "send-advice", "Make room on the disk", "send-remedy", "room", NULL);
  g_autofree char *sending = postseal_state_words_advise (status_, TRUE);
  g_autofree char *receiving = postseal_state_words_advise (status_, FALSE);

  EXPECT_STREQ (sending, "Make room on the disk");
  EXPECT_STREQ (receiving, "");
}

TEST_F (StateWords, TellWhatIsInTheOutbox)
{
  auto tell = [this] (guint waiting, guint failed) {
    g_object_set (status_, "waiting", waiting, "failed", failed, NULL);
    g_autofree char *text = postseal_state_words_tell_outbox (status_);
    return std::string (text);
  };

  EXPECT_EQ (tell (0, 0), "");
  EXPECT_EQ (tell (1, 0), "1 message to be sent");
  EXPECT_EQ (tell (0, 2), "2 messages given up");
  EXPECT_EQ (tell (2, 1), "2 messages to be sent, 1 message given up");
}

TEST_F (StateWords, TellTheNextAttemptAfterAnErrorOnly)
{
  g_autofree char *before = nullptr;
  g_autofree char *after = nullptr;

  g_object_set (status_, "receive-next", gint64{ 1804161600 }, NULL);
  before = postseal_state_words_tell_next (status_, FALSE);
  g_object_set (status_, "receive-error", "no answer", NULL);
  after = postseal_state_words_tell_next (status_, FALSE);

  EXPECT_STREQ (before, "");
  EXPECT_NE (std::string (after).find ("2027"), std::string::npos) << after;
}

} // namespace
