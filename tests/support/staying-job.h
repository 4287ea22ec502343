/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-job.h"
#include "support/main-loop.h"

#include <string>
#include <vector>

namespace postseal_test
{

/* A retrieval job that stays, in this process, with everything that it tells. */
class StayingJob
{
public:
  struct Round
  {
    unsigned long delivered, deleted, failed;
    std::string error;
  };
  struct Arrival
  {
    std::string mailbox;
    unsigned count;
    std::vector<std::string> files;
  };

  /* @home: of the instance: its config/postseal/accounts.conf has the account "main".
     @servers: (nullable) */
  StayingJob (AsyncLoop &loop,
              const std::string &home,
              PostsealServers *servers = nullptr,
              bool stays = true);
  ~StayingJob ();
  StayingJob (const StayingJob &) = delete;
  StayingJob &operator= (const StayingJob &) = delete;

  void start ();
  /* Until it watches; false after a while. */
  bool watches ();
  /* Until @n rounds have ended. */
  bool has_rounds (size_t n);
  /* Until it has ended. */
  bool ends (unsigned limit_ms = 30000);
  void
  look ()
  {
    postseal_fetch_job_look (job_);
  }
  void
  leave ()
  {
    postseal_fetch_job_leave (job_);
  }
  void
  probe (unsigned limit_ms)
  {
    postseal_fetch_job_probe (job_, limit_ms);
  }
  void
  cancel ()
  {
    g_cancellable_cancel (cancellable_);
  }
  std::string activity () const;
  std::vector<std::string> watched () const;
  /* New messages told of so far. */
  unsigned arrived () const;

  std::vector<Round> rounds;
  std::vector<Arrival> arrivals;
  bool has_ended = false;
  GError *error = nullptr; /* owned; what it ended with */
  /* Called with each of these signals. */
  std::function<void ()> on_round;
  std::function<void ()> on_arrival;

  PostsealFetchJob *
  get ()
  {
    return job_;
  }

private:
  AsyncLoop &loop_;
  PostsealFetchJob *job_;
  GCancellable *cancellable_;
  bool is_started_ = false;
};

} // namespace postseal_test
