/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The outbox as front ends see it. */
#include "engine/outbox-service.h"

#include <unistd.h>

#include <cstring>
#include <thread>

#include "../outbox/outbox-fixture.h"
#include "engine/service.h"
#include "support/main-loop.h"

using postseal_test::AsyncLoop;

namespace
{

class OutboxService : public OutboxFixture
{
protected:
  void
  TearDown () override
  {
    g_clear_pointer (&answer, g_variant_unref);
    g_clear_error (&error);
    OutboxFixture::TearDown ();
  }

  /* Takes the answer, or the error. */
  void
  finish ()
  {
    g_clear_pointer (&answer, g_variant_unref);
    g_clear_error (&error);
    answer = postseal_outbox_service_finish (loop.wait (), &error);
  }

  void
  list (const char *arguments = "@a{sv} {}")
  {
    postseal_outbox_service_list_async (g_variant_new_parsed (arguments), nullptr,
                                        AsyncLoop::on_ready, &loop);
    finish ();
  }

  void
  change (const char *name, const std::vector<std::string> &ids)
  {
    GVariantBuilder builder;
    std::vector<const char *> pointers;

    for (const auto &id : ids)
      pointers.push_back (id.c_str ());
    g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&builder, "{sv}", "change", g_variant_new_string (name));
    g_variant_builder_add (
        &builder, "{sv}", "ids",
        g_variant_new_strv (pointers.data (), static_cast<gssize> (pointers.size ())));
    postseal_outbox_service_change_async (g_variant_builder_end (&builder), nullptr,
                                          AsyncLoop::on_ready, &loop);
    finish ();
  }

  /* @arguments: without the message, which is written by a thread of its own. */
  void
  submit (const char *arguments, const std::string &text)
  {
    const std::string config = home + "/accounts.conf";
    g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
    int ends[2];

    ASSERT_EQ (pipe (ends), 0);
    ASSERT_EQ (g_unix_fd_list_append (descriptors, ends[0], nullptr), 0);
    close (ends[0]);
    postseal_outbox_service_submit_async (config.c_str (), g_variant_new_parsed (arguments),
                                          descriptors, nullptr, AsyncLoop::on_ready, &loop);
    std::thread writer ([&] {
      for (size_t at = 0; at < text.size ();)
        {
          ssize_t n = write (ends[1], text.data () + at, text.size () - at);
          if (n < 0)
            break;
          at += static_cast<size_t> (n);
        }
      close (ends[1]);
    });
    finish ();
    writer.join ();
  }

  void
  configure ()
  {
    ASSERT_TRUE (g_file_set_contents ((home + "/accounts.conf").c_str (),
                                      "[account work]\naddress=jane@example.org\n"
                                      "send=submissions://smtp.example.org\n",
                                      -1, nullptr));
  }

  gsize
  count (const char *key)
  {
    g_autoptr (GVariant) array = g_variant_lookup_value (answer, key, nullptr);

    return array != nullptr ? g_variant_n_children (array) : 0;
  }

  /* Of element @index of the array @key: its @name, printed. */
  std::string
  get (const char *key, gsize index, const char *name)
  {
    g_autoptr (GVariant) array = g_variant_lookup_value (answer, key, nullptr);
    g_autoptr (GVariant) entry = g_variant_get_child_value (array, index);

    return print (entry, name);
  }

  static std::string
  print (GVariant *dictionary, const char *name)
  {
    g_autoptr (GVariant) value = g_variant_lookup_value (dictionary, name, nullptr);
    g_autofree char *text = value != nullptr ? g_variant_print (value, FALSE) : nullptr;

    return text != nullptr ? text : "";
  }

  /* As its sender would. */
  static void
  settle (const std::string &id, PostsealOutboxState state, gint64 next_attempt)
  {
    g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (nullptr);
    PostsealOutboxOutcome outcome = {};

    outcome.id = id.c_str ();
    outcome.state = state;
    outcome.counts_as_attempt = TRUE;
    /* What was done long ago is forgotten. */
    outcome.time = state == POSTSEAL_OUTBOX_SENT ? g_get_real_time () / G_USEC_PER_SEC : 1700000100;
    outcome.next_attempt = next_attempt;
    outcome.reason = "nobody home";
    ASSERT_TRUE (postseal_outbox_commit (outbox, &outcome, 1, nullptr, 0, nullptr, nullptr));
  }

  /* "work 0 2 1": account, when due, waiting, failed */
  std::vector<std::string>
  survey ()
  {
    std::vector<std::string> lines;

    postseal_outbox_survey_async (nullptr, AsyncLoop::on_ready, &loop);
    g_autoptr (GPtrArray) works = postseal_outbox_survey_finish (loop.wait (), nullptr);
    for (guint i = 0; i < works->len; i++)
      {
        auto *work = static_cast<PostsealOutboxWork *> (g_ptr_array_index (works, i));

        lines.push_back (std::string (work->account) + " " + std::to_string (work->next_due) + " "
                         + std::to_string (work->waiting) + " " + std::to_string (work->failed));
      }
    std::sort (lines.begin (), lines.end ());
    return lines;
  }

  AsyncLoop loop;
  GVariant *answer = nullptr;
  GError *error = nullptr;
};

TEST_F (OutboxService, MakesNoOutboxByLookingForOne)
{
  list ();
  EXPECT_EQ (count ("entries"), 0u);
  EXPECT_EQ (count ("problems"), 0u);
  EXPECT_TRUE (survey ().empty ());
  EXPECT_FALSE (std::filesystem::exists (place ()));
}

TEST_F (OutboxService, TellsAllThatIsKnownOfAMessage)
{
  std::string id = put ("work", { "joe@example.com", "ann@example.com" });

  settle (id, POSTSEAL_OUTBOX_QUEUED, 1700000400);
  list ();
  ASSERT_EQ (count ("entries"), 1u);
  EXPECT_EQ (get ("entries", 0, "id"), "'" + id + "'");
  EXPECT_EQ (get ("entries", 0, "account"), "'work'");
  EXPECT_EQ (get ("entries", 0, "state"), "'queued'");
  EXPECT_EQ (get ("entries", 0, "sender"), "'jane@example.org'");
  EXPECT_EQ (get ("entries", 0, "subject"), "'Grüße, 100 %'");
  EXPECT_EQ (get ("entries", 0, "message-id"), "'<1@example.org>'");
  EXPECT_EQ (get ("entries", 0, "arrived"), "1700000000");
  EXPECT_EQ (get ("entries", 0, "attempts"), "1");
  EXPECT_EQ (get ("entries", 0, "last-attempt"), "1700000100");
  EXPECT_EQ (get ("entries", 0, "next-attempt"), "1700000400");
  EXPECT_EQ (get ("entries", 0, "reason"), "'nobody home'");
  EXPECT_EQ (get ("entries", 0, "clear"), "false");
  EXPECT_EQ (get ("entries", 0, "doubtful"), "false");
  EXPECT_EQ (get ("entries", 0, "seal"), "");
  EXPECT_NE (get ("entries", 0, "recipients").find ("ann@example.com"), std::string::npos);
  EXPECT_NE (get ("entries", 0, "recipients").find ("'state': <'pending'>"), std::string::npos);
}

TEST_F (OutboxService, ListsOneAccountAndWhatIsDone)
{
  std::string work = put ("work");
  std::string home_id = put ("home");

  list ("{'account': <'home'>}");
  ASSERT_EQ (count ("entries"), 1u);
  EXPECT_EQ (get ("entries", 0, "id"), "'" + home_id + "'");
  settle (work, POSTSEAL_OUTBOX_SENT, 0);
  list ("{'done': <true>}");
  ASSERT_EQ (count ("entries"), 1u);
  EXPECT_EQ (get ("entries", 0, "state"), "'sent'");
  EXPECT_EQ (get ("entries", 0, "message-id"), "'<1@example.org>'") << "though its file is gone";
}

TEST_F (OutboxService, NamesWhatItCannotRead)
{
  std::string id = put ();

  std::filesystem::resize_file (place ("queue/" + id), 3);
  list ();
  EXPECT_EQ (count ("entries"), 0u);
  EXPECT_EQ (count ("problems"), 1u);
}

TEST_F (OutboxService, AnswersForEachMessageThatIsToChange)
{
  std::string id = put ();

  change ("hold", { id, "zzzzzzzzzz" });
  ASSERT_EQ (count ("results"), 2u);
  EXPECT_EQ (get ("results", 0, "status"), "0");
  EXPECT_EQ (get ("results", 0, "state"), "'held'");
  EXPECT_EQ (get ("results", 1, "status"), "64");
  EXPECT_NE (get ("results", 1, "error"), "''");
  EXPECT_EQ (survey (), (std::vector<std::string>{ "work -1 0 0" }));
  change ("release", { id.substr (0, 9) });
  EXPECT_EQ (get ("results", 0, "id"), "'" + id + "'") << "its beginning will do";
  EXPECT_EQ (survey (), (std::vector<std::string>{ "work 0 1 0" }));
  change ("remove", { id });
  EXPECT_EQ (get ("results", 0, "state"), "'removed'");
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (OutboxService, RemovesWhatIsDamaged)
{
  std::string id = put ();

  std::filesystem::resize_file (place ("queue/" + id), 3);
  change ("hold", { id });
  EXPECT_EQ (get ("results", 0, "status"), "74");
  change ("remove", { id });
  EXPECT_EQ (get ("results", 0, "status"), "0");
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (OutboxService, KnowsThreeChanges)
{
  change ("burn", { "x" });
  EXPECT_EQ (answer, nullptr);
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SERVICE_ERROR, 64));
}

TEST_F (OutboxService, TakesAMessageFromADescriptor)
{
  std::string text = "From: jane@example.org\nTo: bob@example.net\nSubject: Tea\n\n";

  configure ();
  for (int i = 0; i < 5000; i++)
    text += "More than a pipe takes at once, line by line.\n";
  submit ("{'message': <handle 0>, 'from-header': <true>}", text);
  ASSERT_NE (answer, nullptr) << error->message;
  std::string id = print (answer, "id");
  list ();
  ASSERT_EQ (count ("entries"), 1u);
  EXPECT_EQ (get ("entries", 0, "id"), id);
  EXPECT_EQ (get ("entries", 0, "subject"), "'Tea'");
  EXPECT_NE (get ("entries", 0, "recipients").find ("bob@example.net"), std::string::npos);
}

TEST_F (OutboxService, TakesRecipientsAndSenderInsteadOfTheMessages)
{
  configure ();
  submit ("{'message': <handle 0>, 'account': <'work'>, 'sender': <''>,"
          " 'recipients': <['joe@example.net']>}",
          "Subject: x\n\nHello\n");
  ASSERT_NE (answer, nullptr) << error->message;
  list ();
  EXPECT_EQ (get ("entries", 0, "sender"), "''");
  EXPECT_NE (get ("entries", 0, "recipients").find ("joe@example.net"), std::string::npos);
}

TEST_F (OutboxService, RefusesAMessageThatCannotGo)
{
  configure ();
  submit ("{'message': <handle 0>}", "Subject: x\n\nHello\n");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SERVICE_ERROR, 64)) << "no recipients";
  submit ("{'message': <handle 7>, 'from-header': <true>}", "Subject: x\n\nHello\n");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SERVICE_ERROR, 64)) << "no such descriptor";
  submit ("{'message': <handle 0>, 'recipients': <['joe@example.net']>, 'account': <'none'>}",
          "Subject: x\n\nHello\n");
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SERVICE_ERROR, 78)) << "no such account";
  EXPECT_TRUE (names ("queue").empty ());
}

TEST_F (OutboxService, SurveysEachAccount)
{
  const gint64 soon = g_get_real_time () / G_USEC_PER_SEC + 300;
  std::string first = put ("work");

  put ("home");
  settle (first, POSTSEAL_OUTBOX_QUEUED, soon);
  settle (put ("work"), POSTSEAL_OUTBOX_FAILED, 0);
  EXPECT_EQ (survey (),
             (std::vector<std::string>{ "home 0 1 0", "work " + std::to_string (soon) + " 1 1" }));
}

/* What is new shares the fate of what waits already. */
TEST_F (OutboxService, ThinksNothingDueWhileTheAccountIsPaused)
{
  const gint64 soon = g_get_real_time () / G_USEC_PER_SEC + 300;

  put ("work");
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (nullptr);
  ASSERT_TRUE (postseal_outbox_pause_account (outbox, "work", soon, "no", nullptr));
  EXPECT_EQ (survey (), (std::vector<std::string>{ "work " + std::to_string (soon) + " 1 0" }));
}

} // namespace
