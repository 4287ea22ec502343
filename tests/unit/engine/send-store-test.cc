/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sender reads from the outbox and writes into it. */
#include "engine/send-store.h"

#include <filesystem>

#include "../outbox/outbox-fixture.h"

class SendStore : public OutboxFixture
{
protected:
  void
  SetUp () override
  {
    OutboxFixture::SetUp ();
    account = postseal_account_new ();
    account->name = g_strdup ("work");
    account->address = g_strdup ("jane@example.org");
  }

  void
  TearDown () override
  {
    close ();
    postseal_account_unref (account);
    OutboxFixture::TearDown ();
  }

  void
  open ()
  {
    g_autoptr (GError) error = nullptr;

    store = _postseal_send_store_open (account, &error);
    ASSERT_NE (store, nullptr) << error->message;
  }

  void
  close ()
  {
    g_clear_pointer (&exchange.answered, g_ptr_array_unref);
    g_clear_pointer (&exchange.next_ids, g_ptr_array_unref);
    g_clear_pointer (&exchange.loaded, g_ptr_array_unref);
    g_clear_pointer (&exchange.refused, g_ptr_array_unref);
    g_clear_pointer (&store, _postseal_send_store_free);
  }

  /* Asks for these; see "exchange" afterwards. */
  void
  load (const std::vector<std::string> &ids)
  {
    g_autoptr (GError) error = nullptr;

    exchange.answered = g_ptr_array_new_with_free_func ((GDestroyNotify)_postseal_send_item_free);
    exchange.next_ids = g_ptr_array_new_with_free_func (g_free);
    for (const auto &id : ids)
      g_ptr_array_add (exchange.next_ids, g_strdup (id.c_str ()));
    ASSERT_TRUE (_postseal_send_store_exchange (store, &exchange, &error)) << error->message;
  }

  /* As if the server had said so some time ago. */
  void
  note (const std::string &id, PostsealOutboxState state, PostsealOutboxProgress progress)
  {
    PostsealOutbox *outbox = _postseal_send_store_get_outbox (store);
    g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), nullptr);
    PostsealOutboxOutcome outcome = {};

    for (gsize i = 0; i < entry->n_recipients; i++)
      entry->recipients[i].progress = progress;
    outcome.id = entry->id;
    outcome.state = state;
    outcome.recipients = entry->recipients;
    outcome.n_recipients = entry->n_recipients;
    outcome.counts_as_attempt = TRUE;
    ASSERT_TRUE (postseal_outbox_commit (outbox, &outcome, 1, nullptr, 0, nullptr, nullptr));
  }

  std::vector<std::string>
  list_due ()
  {
    g_auto (GStrv) ids = postseal_outbox_list (
        _postseal_send_store_get_outbox (store), "work", POSTSEAL_OUTBOX_DUE,
        g_get_real_time () / G_USEC_PER_SEC, nullptr, nullptr);
    std::vector<std::string> due;

    for (gsize i = 0; ids != nullptr && ids[i] != nullptr; i++)
      due.push_back (ids[i]);
    return due;
  }

  PostsealAccount *account = nullptr;
  PostsealSendStore *store = nullptr;
  PostsealSendExchange exchange = {};
};

TEST_F (SendStore, TriesAgainWhatHasFailedAndWasHeldAndReleased)
{
  std::string id = put ();

  open ();
  note (id, POSTSEAL_OUTBOX_FAILED, POSTSEAL_OUTBOX_REFUSED);
  PostsealOutbox *outbox = _postseal_send_store_get_outbox (store);
  ASSERT_TRUE (postseal_outbox_hold (outbox, id.c_str (), nullptr));
  ASSERT_TRUE (postseal_outbox_release (outbox, id.c_str (), nullptr));
  load ({ id });
  EXPECT_EQ (exchange.refused->len, 0u) << "nobody has said a word about it";
  ASSERT_EQ (exchange.loaded->len, 1u);
  auto *item = static_cast<PostsealSendItem *> (exchange.loaded->pdata[0]);
  EXPECT_EQ (item->message.n_recipients, 1u);
}

TEST_F (SendStore, EndsWhatNobodyWaitsForAnyMore)
{
  std::string id = put ();

  open ();
  note (id, POSTSEAL_OUTBOX_QUEUED, POSTSEAL_OUTBOX_DELIVERED);
  load ({ id });
  EXPECT_EQ (exchange.loaded->len, 0u);
  ASSERT_EQ (exchange.refused->len, 1u);
  auto *item = static_cast<PostsealSendItem *> (exchange.refused->pdata[0]);
  _postseal_send_item_judge (item, account, "smtp.example.org:587", nullptr, 1700000000, 0.5);
  EXPECT_EQ (item->outcome.state, POSTSEAL_OUTBOX_SENT);
}

TEST_F (SendStore, PutsOffWhatWasDamagedSinceItWasTried)
{
  std::string id = put ();
  std::string path = place ("queue/" + id);

  open ();
  note (id, POSTSEAL_OUTBOX_QUEUED, POSTSEAL_OUTBOX_PENDING);
  std::filesystem::resize_file (path, std::filesystem::file_size (path) - 1);
  EXPECT_EQ (list_due (), std::vector<std::string>{ id });
  load ({ id });
  EXPECT_EQ (exchange.loaded->len, 0u);
  EXPECT_TRUE (list_due ().empty ()) << "or its sender would look at it for ever";
  ASSERT_EQ (exchange.answered->len, 1u) << "the user is told";
  auto *item = static_cast<PostsealSendItem *> (exchange.answered->pdata[0]);
  EXPECT_TRUE (g_error_matches (item->error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED));
  EXPECT_STREQ (item->outcome.id, id.c_str ());
  EXPECT_TRUE (std::filesystem::exists (path)) << "left alone";
}

TEST_F (SendStore, ConvertsNoMoreThanAFewAtATime)
{
  std::string text = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: 8bit\r\n\r\n";
  std::vector<std::string> ids;

  while (text.size () < 600000)
    text += "Gr\303\274\303\237e\r\n";
  for (int i = 0; i < 5; i++)
    {
      g_autoptr (PostsealEnvelope) envelope = make_envelope ();

      envelope->body = POSTSEAL_SMTP_BODY_8BIT;
      ids.push_back (put (envelope, text));
    }
  open ();
  load (ids);
  EXPECT_EQ (exchange.refused->len, 0u);
  EXPECT_LE (exchange.loaded->len, 2u) << "each is a file, and takes room on the disk";
  EXPECT_EQ (exchange.loaded->len + exchange.next_ids->len, 5u) << "the others follow";
}

TEST_F (SendStore, PutsOffWhatIsDamagedAlsoWhenThereIsNoNetwork)
{
  std::string id = put ();
  std::string path = place ("queue/" + id);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GPtrArray) items = nullptr;
  g_autoptr (GError) why = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE, "no way");

  open ();
  note (id, POSTSEAL_OUTBOX_QUEUED, POSTSEAL_OUTBOX_PENDING);
  std::filesystem::resize_file (path, std::filesystem::file_size (path) - 1);
  g_ptr_array_add (ids, (char *)id.c_str ());
  ASSERT_TRUE (_postseal_send_store_postpone (store, ids, FALSE, why, &items, nullptr));
  EXPECT_EQ (items->len, 1u);
  EXPECT_TRUE (list_due ().empty ());
}
