/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include "mail/delivery.h"
#include "support/main-loop.h"
#include "temp-dir.h"

#include <memory>

namespace postseal_test
{

struct Settled
{
  guint32 uid;
  std::string uidl;
  guint64 size;
  bool is_delivered;
  std::string error;
  bool was_there;
  std::string file;
};

using Mailbox
    = std::unique_ptr<PostsealDeliveryMailbox, decltype (&postseal_delivery_mailbox_free)>;

/* One run of one account, with everything that it was told. */
class Session
{
public:
  Session (AsyncLoop &loop,
           const std::string &state,
           const std::string &deliver,
           PostsealLayout layout = POSTSEAL_LAYOUT_MAILDIRPP)
      : loop_ (loop)
  {
    static const PostsealDeliveryHandler handler = { on_settled, on_drained, on_failed };

    postseal_delivery_open_async ("jane", state.c_str (), deliver.c_str (), layout,
                                  "jane@example.org", "postseal test", nullptr, AsyncLoop::on_ready,
                                  &loop_);
    delivery_ = postseal_delivery_open_finish (loop_.wait (), &open_error);
    if (delivery_ != nullptr)
      postseal_delivery_set_handler (delivery_, &handler, this);
  }

  ~Session ()
  {
    if (delivery_ != nullptr && !is_closed_)
      close ();
    g_clear_object (&delivery_);
    g_clear_error (&open_error);
  }

  Session (const Session &) = delete;
  Session &operator= (const Session &) = delete;

  PostsealDelivery *
  get ()
  {
    return delivery_;
  }

  Mailbox
  open_mailbox (const std::string &name = "INBOX",
                guint32 uid_validity = 7,
                gint64 due_before = G_MININT64,
                std::string *error_text = nullptr)
  {
    g_autoptr (GError) error = nullptr;

    postseal_delivery_open_mailbox_async (
        delivery_, name.c_str (), name.empty () ? "INBOX" : name.c_str (), '/', uid_validity,
        due_before, nullptr, AsyncLoop::on_ready, &loop_);
    Mailbox mailbox (postseal_delivery_open_mailbox_finish (delivery_, loop_.wait (), &error),
                     postseal_delivery_mailbox_free);
    if (error_text != nullptr)
      *error_text = error != nullptr ? error->message : "";
    else
      EXPECT_NE (mailbox, nullptr) << (error != nullptr ? error->message : "");
    return mailbox;
  }

  /* One whole IMAP message, ended but not confirmed. */
  void
  add (gint64 mailbox, guint32 uid, const std::string &content, guint64 listed_size = 0)
  {
    PostsealMessageId id = { uid, nullptr, 0, listed_size };

    postseal_delivery_begin (delivery_, mailbox, "seal=1",
                             trace.empty () ? nullptr : trace.c_str ());
    postseal_delivery_write (delivery_, content.data (), content.size ());
    postseal_delivery_end (delivery_, &id);
  }

  void
  add_uidl (gint64 mailbox,
            const std::string &uidl,
            const std::string &content,
            guint32 occurrence = 0,
            guint64 listed_size = 0)
  {
    PostsealMessageId id = { 0, uidl.c_str (), occurrence, listed_size };

    postseal_delivery_begin (delivery_, mailbox, "seal=1", nullptr);
    postseal_delivery_write (delivery_, content.data (), content.size ());
    postseal_delivery_end (delivery_, &id);
    postseal_delivery_confirm (delivery_, mailbox, 0);
  }

  /* Lets go of it without a word. */
  void
  abandon ()
  {
    postseal_delivery_set_handler (delivery_, nullptr, nullptr);
    g_clear_object (&delivery_);
  }

  /* Returns: the error's text, "" when there was none */
  std::string
  flush ()
  {
    g_autoptr (GError) error = nullptr;

    postseal_delivery_flush_async (delivery_, nullptr, AsyncLoop::on_ready, &loop_);
    postseal_delivery_flush_finish (delivery_, loop_.wait (), &error);
    return error != nullptr ? error->message : "";
  }

  std::string
  close ()
  {
    g_autoptr (GError) error = nullptr;

    is_closed_ = true;
    postseal_delivery_close_async (delivery_, nullptr, AsyncLoop::on_ready, &loop_);
    postseal_delivery_close_finish (delivery_, loop_.wait (), &error);
    return error != nullptr ? error->message : "";
  }

  struct Comparison
  {
    std::vector<guint> fresh;
    std::vector<guint> due;
  };

  Comparison
  compare (gint64 mailbox,
           const std::vector<PostsealDeliveryListed> &listed,
           gint64 due_before = G_MININT64)
  {
    g_autoptr (GArray) fresh = nullptr;
    g_autoptr (GArray) due = nullptr;
    g_autoptr (GError) error = nullptr;

    postseal_delivery_compare_async (delivery_, mailbox, listed.data (), listed.size (), due_before,
                                     nullptr, AsyncLoop::on_ready, &loop_);
    EXPECT_TRUE (postseal_delivery_compare_finish (delivery_, loop_.wait (), &fresh, &due, &error));
    return { to_vector<guint> (fresh), to_vector<guint> (due) };
  }

  template <typename T>
  static std::vector<T>
  to_vector (GArray *array)
  {
    auto *data = reinterpret_cast<T *> (array->data);

    return std::vector<T> (data, data + array->len);
  }

  std::vector<std::string>
  notes ()
  {
    const GPtrArray *notes = postseal_delivery_get_recovery_notes (delivery_);
    std::vector<std::string> result;

    for (guint i = 0; i < notes->len; i++)
      result.push_back (static_cast<const char *> (g_ptr_array_index (notes, i)));
    return result;
  }

  size_t
  n_delivered () const
  {
    return std::count_if (settled.begin (), settled.end (),
                          [] (const Settled &one) { return one.is_delivered; });
  }

  std::vector<Settled> settled;
  unsigned n_drained = 0;
  std::vector<std::string> failures;
  std::string trace;
  GError *open_error = nullptr;

private:
  static void
  on_settled (PostsealDelivery *,
              const PostsealDeliveryResult *results,
              gsize n_results,
              gpointer user_data)
  {
    auto *self = static_cast<Session *> (user_data);

    for (gsize i = 0; i < n_results; i++)
      {
        EXPECT_EQ (results[i].is_delivered, results[i].error == nullptr);
        self->settled.push_back (
            { results[i].id.uid, results[i].id.uidl != nullptr ? results[i].id.uidl : "",
              results[i].size, results[i].is_delivered != FALSE,
              results[i].error != nullptr ? results[i].error->message : "",
              results[i].was_there != FALSE, results[i].file != nullptr ? results[i].file : "" });
      }
  }

  static void
  on_drained (PostsealDelivery *, gpointer user_data)
  {
    static_cast<Session *> (user_data)->n_drained++;
  }

  static void
  on_failed (PostsealDelivery *, const GError *error, gpointer user_data)
  {
    static_cast<Session *> (user_data)->failures.push_back (error->message);
  }

  AsyncLoop &loop_;
  PostsealDelivery *delivery_ = nullptr;
  bool is_closed_ = false;
};

class DeliveryTest : public testing::Test
{
protected:
  std::string
  state () const
  {
    return dir / "state";
  }

  std::string
  maildir () const
  {
    return dir / "Mail";
  }

  std::string
  spec () const
  {
    return "maildir:" + maildir ();
  }

  TempDir dir;
  AsyncLoop loop;
};

} // namespace postseal_test
