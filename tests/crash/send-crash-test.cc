/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nothing lost on the way out, and twice only what was in doubt: "postseal queue flush" against a
   real submission server, ended or failed at every durable step; then run again to the end. Two of
   the messages cannot be sent at all, and become reports.

   POSTSEAL_CRASH=full tries each step in each way, else every third or so in one. */

#include "support/postseal-instance.h"
#include "support/submission-server.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <json-glib/json-glib.h>
#include <map>
#include <random>
#include <set>
#include <signal.h>

using namespace postseal_test;
namespace fs = std::filesystem;

namespace
{

constexpr unsigned GOOD = 20;
constexpr unsigned BAD = 2;
constexpr unsigned ENOUGH_FAILURES = 3;

bool
is_full_run ()
{
  const char *how = getenv ("POSTSEAL_CRASH");
  return how && strcmp (how, "full") == 0;
}

/* So large that they are not all read at once. */
std::string
make_message (unsigned number)
{
  std::string text
      = "From: jane@example.org\nTo: joe@example.net\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n"
        "Message-ID: <"
        + std::to_string (number) + "@crash.example>\nSubject: " + std::to_string (number)
        + "\n\nBody of " + std::to_string (number) + "\n.\n..dots\n";
  for (unsigned i = 0; i < 900; i++)
    text += "A line among many others, which make the message long: 60 octets.\n";
  return text;
}

/* The number in the Message-ID, or -1. */
int
find_number (const std::string &text)
{
  size_t at = text.find ("Message-ID: <");
  return at == std::string::npos ? -1 : atoi (text.c_str () + at + 13);
}

using States = std::map<std::string, std::string>; /* ID -> state */

/* One outbox, one Maildir for reports, and what the server got. */
class Trial
{
public:
  explicit Trial (SubmissionServer *server) : server_ (server)
  {
    postseal_.configure (
        server->account ("crash", "submission", "deliver=" + postseal_.deliver () + "\n"));
    fs::create_directories (state ());
    fs::copy (filled_outbox (server), state () + "/outbox", fs::copy_options::recursive);
    server->take ();
  }

  Outcome
  flush (const Environment &environment = {})
  {
    return postseal_.run ({ "queue", "flush" }, environment);
  }

  PostsealInstance &
  postseal ()
  {
    return postseal_;
  }

  States
  list ()
  {
    Outcome outcome = postseal_.run ({ "queue", "list", "--json" });
    States states;
    g_autoptr (JsonParser) parser = json_parser_new ();
    if (outcome.status != 0
        || !json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      {
        ADD_FAILURE () << "cannot list: " << outcome.status << outcome.err << outcome.out;
        return states;
      }
    JsonArray *array = json_node_get_array (json_parser_get_root (parser));
    for (guint i = 0; i < json_array_get_length (array); i++)
      {
        JsonObject *entry = json_array_get_object_element (array, i);
        states[json_object_get_string_member (entry, "id")]
            = json_object_get_string_member (entry, "state");
      }
    return states;
  }

  /* What came, and who may come again. */
  std::string
  check_interrupted ()
  {
    collect ();
    auto states = list ();
    for (const auto &[id, state] : states)
      {
        if (state == "sending")
          return "nobody sends, but " + id + " is “sending”";
        if (state == "in-doubt")
          doubtful_.insert (number_of (id));
      }
    for (unsigned number = 0; number < GOOD; number++)
      if (got_[number] == 0 && states.find (id_of (number)) == states.end ())
        return "message " + std::to_string (number) + " is neither sent nor in the outbox";
    return {};
  }

  std::string
  check_complete ()
  {
    collect ();
    for (unsigned number = 0; number < GOOD; number++)
      {
        unsigned count = got_[number];
        if (count == 0)
          return "message " + std::to_string (number) + " was lost";
        if (count > 1 && doubtful_.find (number) == doubtful_.end ())
          return "message " + std::to_string (number) + " came " + std::to_string (count)
                 + " times, and nobody said that it might";
      }
    auto states = list ();
    if (!states.empty ())
      return std::to_string (states.size ()) + " are left in the outbox, the first is "
             + states.begin ()->second;
    size_t reports = read_maildir (postseal_.maildir ()).size ();
    if (reports != BAD)
      return std::to_string (reports) + " reports of failure instead of " + std::to_string (BAD);
    size_t files = list_folder (state () + "/outbox/queue").size ();
    if (files > 0)
      return std::to_string (files) + " files are left in queue/";
    return {};
  }

  std::string
  finish ()
  {
    std::string problem = check_interrupted ();
    if (!problem.empty ())
      return problem;
    /* The second run may have to end what failed in the first: 65 for those that cannot be sent. */
    Outcome again = flush ();
    if (again.status != 0 && again.status != 65)
      return "the second run ended with " + std::to_string (again.status) + ": " + again.err;
    return check_complete ();
  }

private:
  std::string
  state () const
  {
    return state_of (postseal_);
  }

  static std::string
  state_of (const PostsealInstance &postseal)
  {
    return postseal.complete ().at ("XDG_STATE_HOME") + "/postseal";
  }

  /* Filled once and copied for each trial. IDs are in order of arrival. */
  static const std::string &
  filled_outbox (SubmissionServer *server)
  {
    static PostsealInstance filler;
    static std::string path;
    if (path.empty ())
      {
        filler.configure (server->account ("crash", "submission"));
        for (unsigned i = 0; i < GOOD + BAD; i++)
          {
            /* REQUIRETLS, which none of the servers offers (RFC 8689 section 4.2.1). */
            Environment asleep = { { "POSTSEAL", "/bin/true" } };
            Outcome outcome = i < GOOD ? filler.run_sendmail ({ "-i", "joe@example.net" },
                                                              make_message (i), asleep)
                                       : filler.run ({ "send", "--require-tls", "joe@example.net" },
                                                     asleep, make_message (i));
            if (outcome.status != 0)
              ADD_FAILURE () << outcome.err;
          }
        path = state_of (filler) + "/outbox";
        ids () = list_folder (path + "/queue");
        std::sort (ids ().begin (), ids ().end ());
      }
    return path;
  }

  static std::vector<std::string> &
  ids ()
  {
    static std::vector<std::string> all;
    return all;
  }

  static std::string
  id_of (unsigned number)
  {
    return ids ().at (number);
  }

  static unsigned
  number_of (const std::string &id)
  {
    return std::find (ids ().begin (), ids ().end (), id) - ids ().begin ();
  }

  void
  collect ()
  {
    for (const auto &submitted : server_->take ())
      {
        int number = find_number (submitted.text);
        std::string wanted;
        if (number >= 0)
          for (char c : make_message (number))
            wanted += c == '\n' ? "\r\n" : std::string (1, c);
        EXPECT_EQ (submitted.text, wanted) << "what came is not whole";
        got_[number]++;
      }
  }

  SubmissionServer *server_;
  PostsealInstance postseal_;
  std::map<int, unsigned> got_;
  std::set<unsigned> doubtful_;
};

class SendCrashTest : public testing::TestWithParam<const char *>
{
protected:
  void
  SetUp () override
  {
    server_ = SubmissionServer::shared (GetParam ());
    if (server_ == nullptr)
      GTEST_SKIP () << "needs root, and a machine without another mail server";
    write_file (count_ / "count", std::string (8, '\0'));
  }

  void
  TearDown () override
  {
    if (trials_ > 0)
      std::cout << "  " << trials_ << " interrupted runs, " << failures_ << " with harm\n";
  }

  Environment
  steps (uint64_t at, const std::string &action)
  {
    write_file (count_ / "count", std::string (8, '\0'));
    return { { "LD_PRELOAD", getenv ("STEPS_LIBRARY") },
             { "POSTSEAL_STEPS_REPORT", count_ / "count" },
             { "POSTSEAL_STEPS_AT", std::to_string (at) },
             { "POSTSEAL_STEPS_ACTION", action } };
  }

  uint64_t
  counted ()
  {
    uint64_t count = 0;
    std::string bytes = read_file (count_ / "count");
    memcpy (&count, bytes.data (), std::min (bytes.size (), sizeof count));
    return count;
  }

  uint64_t
  count_steps ()
  {
    Trial trial (server_);
    Outcome outcome = trial.flush (steps (0, ""));
    EXPECT_EQ (outcome.status, 65) << outcome.err;
    EXPECT_EQ (trial.check_complete (), "");
    return counted ();
  }

  bool
  note (const std::string &problem, const std::string &where)
  {
    trials_++;
    if (problem.empty ())
      return false;
    ADD_FAILURE () << where << ": " << problem;
    return ++failures_ >= ENOUGH_FAILURES;
  }

  SubmissionServer *server_ = nullptr;
  TemporaryFolder count_;
  unsigned trials_ = 0;
  unsigned failures_ = 0;
};

TEST_P (SendCrashTest, KilledAtEveryDurableStep)
{
  static const std::vector<std::string> actions = { "kill-before", "kill-torn", "kill-after" };
  uint64_t total = count_steps ();
  ASSERT_GT (total, GOOD) << "the steps are not counted";
  std::cout << "  " << total << " durable steps\n";
  uint64_t stride = is_full_run () ? 1 : total / 40 + 1;
  for (uint64_t at = 1; at <= total; at += stride)
    for (size_t i = 0; i < (is_full_run () ? actions.size () : 1); i++)
      {
        const std::string &action = actions[is_full_run () ? i : (at / stride) % actions.size ()];
        Trial trial (server_);
        Outcome outcome = trial.flush (steps (at, action));
        std::string problem;
        if (counted () >= at && outcome.status != 128 + SIGKILL)
          problem = "it was not killed but ended with " + std::to_string (outcome.status) + ": "
                    + outcome.err;
        else
          problem = trial.finish ();
        if (note (problem, action + " step " + std::to_string (at)))
          return;
      }
}

TEST_P (SendCrashTest, KilledAtRandomTimes)
{
  std::mt19937 random (20262);
  Trial whole (server_);
  Outcome outcome = whole.flush ();
  ASSERT_EQ (outcome.status, 65) << outcome.err;
  std::uniform_real_distribution<double> moment (0, outcome.seconds * 1.05);
  for (unsigned i = 0; i < (is_full_run () ? 100 : 20); i++)
    {
      Trial trial (server_);
      unsigned kills = 1 + unsigned (random () % 3);
      std::string problem;
      for (unsigned j = 0; j < kills && problem.empty (); j++)
        {
          auto run = trial.postseal ().start ({ "queue", "flush" });
          if (!run->ended_within (moment (random)))
            run->kill (SIGKILL);
          run->wait ();
          problem = trial.check_interrupted ();
        }
      if (problem.empty ())
        problem = trial.finish ();
      if (note (problem, "trial " + std::to_string (i)))
        return;
    }
}

TEST_P (SendCrashTest, DiskThatIsFullOrBrokenFromSomeStepOn)
{
  uint64_t total = count_steps ();
  uint64_t stride = is_full_run () ? 1 : total / 24 + 1;
  for (uint64_t at = 1; at <= total; at += stride)
    {
      std::string code = (at / stride) % 4 == 3 ? "EIO" : "ENOSPC";
      Trial trial (server_);
      Outcome outcome = trial.flush (steps (at, code));
      std::string problem;
      if (outcome.status != 65 && outcome.status != 73 && outcome.status != 74)
        problem = "it ended with " + std::to_string (outcome.status) + ": " + outcome.err;
      else if (outcome.err.empty ())
        problem = "it ended without a word";
      if (problem.empty ())
        problem = trial.finish ();
      if (note (problem, code + " from step " + std::to_string (at)))
        return;
    }
}

TEST_P (SendCrashTest, TwoSendersAtOnce)
{
  for (unsigned i = 0; i < 8; i++)
    {
      Trial trial (server_);
      auto one = trial.postseal ().start ({ "queue", "flush" });
      one->ended_within (0.004 * i);
      auto other = trial.postseal ().start ({ "queue", "flush", "--due" });
      Outcome first = one->wait (), second = other->wait ();
      EXPECT_TRUE (first.status == 65 || first.status == 75 || first.status == 0)
          << first.status << first.err;
      EXPECT_TRUE (second.status == 65 || second.status == 0) << second.status << second.err;
      if (note (trial.check_complete (), "round " + std::to_string (i)))
        return;
    }
}

std::string
name_server (const testing::TestParamInfo<const char *> &server)
{
  return server.param;
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          SendCrashTest,
                          testing::Values ("aiosmtpd", "postfix"),
                          name_server);

} // namespace
