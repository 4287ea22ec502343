/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/staying-job.h"

#include "engine/account-store.h"

#include <numeric>
#include <stdexcept>

namespace postseal_test
{

static void
on_round (PostsealFetchJob *, const PostsealFetchRound *round, StayingJob *self)
{
  self->rounds.push_back ({ (unsigned long)round->delivered, (unsigned long)round->deleted,
                            (unsigned long)round->failed,
                            round->error != nullptr ? round->error->message : "" });
  if (self->on_round)
    self->on_round ();
}

static void
on_arrived (PostsealFetchJob *, const char *mailbox, guint count, GStrv files, StayingJob *self)
{
  self->arrivals.push_back ({ mailbox, count, { files, files + g_strv_length (files) } });
  if (self->on_arrival)
    self->on_arrival ();
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  auto *self = static_cast<StayingJob *> (user_data);

  postseal_fetch_job_run_finish (POSTSEAL_FETCH_JOB (source), result, &self->error);
  self->has_ended = true;
}

StayingJob::StayingJob (AsyncLoop &loop,
                        const std::string &home,
                        PostsealServers *servers,
                        bool stays)
    : loop_ (loop), cancellable_ (g_cancellable_new ())
{
  g_autoptr (GError) problem = nullptr;

  g_setenv ("XDG_STATE_HOME", (home + "/state").c_str (), TRUE);
  g_autoptr (PostsealAccountStore) store
      = postseal_account_store_load ((home + "/config/postseal/accounts.conf").c_str (), &problem);
  PostsealAccount *account
      = store != nullptr ? postseal_account_store_lookup (store, "main", &problem) : nullptr;

  if (account == nullptr)
    throw std::runtime_error (problem->message);
  job_ = postseal_fetch_job_new (account, nullptr);
  if (stays)
    postseal_fetch_job_set_stay (job_, servers);
  g_signal_connect (job_, "round", G_CALLBACK (postseal_test::on_round), this);
  g_signal_connect (job_, "arrived", G_CALLBACK (on_arrived), this);
}

StayingJob::~StayingJob ()
{
  if (is_started_ && !has_ended)
    {
      cancel ();
      ends ();
    }
  g_object_unref (job_);
  g_object_unref (cancellable_);
  g_clear_error (&error);
}

void
StayingJob::start ()
{
  is_started_ = true;
  postseal_fetch_job_run_async (job_, cancellable_, on_ended, this);
}

bool
StayingJob::watches ()
{
  return loop_.wait_for ([this] { return activity () == "watching" || has_ended; }) && !has_ended;
}

bool
StayingJob::has_rounds (size_t n)
{
  return loop_.wait_for ([this, n] { return rounds.size () >= n || has_ended; })
         && rounds.size () >= n;
}

bool
StayingJob::ends (unsigned limit_ms)
{
  return loop_.wait_for ([this] { return has_ended; }, limit_ms);
}

std::string
StayingJob::activity () const
{
  return postseal_fetch_job_get_progress (job_)->activity;
}

std::vector<std::string>
StayingJob::watched () const
{
  const char *const *titles = postseal_fetch_job_get_watched (job_);

  return { titles, titles + g_strv_length ((GStrv)titles) };
}

unsigned
StayingJob::arrived () const
{
  return std::accumulate (
      arrivals.begin (), arrivals.end (), 0u,
      [] (unsigned sum, const Arrival &arrival) { return sum + arrival.count; });
}

} // namespace postseal_test
