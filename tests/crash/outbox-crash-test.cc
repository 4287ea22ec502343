/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The outbox, with its users ended or failed at every durable step: a message whose caller saw
   success is whole in the queue, and nothing half ever is; what a sender has marked is sent, in
   doubt or settled for all at once; what was removed is gone.

   POSTSEAL_CRASH=full tries each step in each way, else each in one. */

#include "support/child-process.h"
#include "support/corpus.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <set>
#include <signal.h>
#include <sstream>

using namespace postseal_test;
namespace fs = std::filesystem;

namespace
{

const std::vector<std::string> KILLS = { "kill-before", "kill-torn", "kill-after" };
const std::vector<std::string> FAILURES = { "ENOSPC", "EIO", "EROFS" };

bool
is_full_run ()
{
  const char *how = getenv ("POSTSEAL_CRASH");
  return how && strcmp (how, "full") == 0;
}

/* One outbox, and programs that use it. */
class Trial
{
public:
  Trial ()
  {
    write_file (home_ / "count", std::string (8, '\0'));
    write_file (home_ / "accounts.conf",
                "[account work]\naddress=jane@example.org\nsend=submissions://x\n");
  }

  /* @at: 0: whole; else that step with @action */
  Outcome
  run (std::vector<std::string> arguments,
       const std::string &input = {},
       uint64_t at = 0,
       const std::string &action = {})
  {
    Environment environment = { { "XDG_STATE_HOME", home_ / "state" } };
    write_file (home_ / "count", std::string (8, '\0'));
    if (arguments[0] != "check")
      {
        environment["LD_PRELOAD"] = getenv ("STEPS_LIBRARY");
        environment["POSTSEAL_STEPS_REPORT"] = home_ / "count";
        environment["POSTSEAL_STEPS_AT"] = std::to_string (at);
        environment["POSTSEAL_STEPS_ACTION"] = action;
      }
    if (arguments[0] == "put")
      arguments.push_back (home_ / "accounts.conf");
    arguments.insert (arguments.begin (), getenv ("OUTBOX_DRIVER"));
    return run_program (arguments, environment, input);
  }

  uint64_t
  counted ()
  {
    uint64_t count = 0;
    std::string bytes = read_file (home_ / "count");
    memcpy (&count, bytes.data (), std::min (bytes.size (), sizeof count));
    return count;
  }

  /* Puts @count messages in. Returns: their IDs */
  std::vector<std::string>
  fill (unsigned count)
  {
    std::vector<std::string> ids;
    for (unsigned i = 0; i < count; i++)
      {
        Outcome outcome = run ({ "put" }, "Subject: " + std::to_string (i) + "\n\nbody\n");
        EXPECT_EQ (outcome.status, 0) << outcome.err;
        ids.push_back (outcome.out.substr (0, outcome.out.find ('\n')));
      }
    return ids;
  }

  /* Each ID with the rest of its line; asserts that the outbox is sound. */
  std::map<std::string, std::string>
  check (const std::string &where)
  {
    std::map<std::string, std::string> found;
    Outcome outcome = run ({ "check" });
    EXPECT_EQ (outcome.status, 0) << where << ": " << outcome.err;
    EXPECT_EQ (outcome.out.find ("problem"), std::string::npos) << where << ": " << outcome.out;
    std::istringstream lines (outcome.out);
    for (std::string id, rest; lines >> id && std::getline (lines, rest);)
      EXPECT_TRUE (found.emplace (id, rest.substr (1)).second) << where << ": twice " << id;
    return found;
  }

  std::vector<std::string>
  names (const std::string &folder)
  {
    std::string path = home_ / ("state/postseal/outbox/" + folder);
    return fs::exists (path) ? list_folder (path) : std::vector<std::string>{};
  }

  std::string
  content (const std::string &id)
  {
    return read_file (home_ / ("state/postseal/outbox/queue/" + id));
  }

private:
  TemporaryFolder home_;
};

/* Calls @test with each step of a run that has @total, and one or all of @actions. */
template <typename Test>
void
try_each (uint64_t total, const std::vector<std::string> &actions, Test test)
{
  std::cout << "  " << total << " durable steps\n";
  for (uint64_t at = 1; at <= total && !testing::Test::HasFailure (); at++)
    for (size_t i = 0; i < (is_full_run () ? actions.size () : 1); i++)
      {
        const std::string &action = actions[is_full_run () ? i : at % actions.size ()];
        test (at, action, action + " at step " + std::to_string (at));
      }
}

std::string
make_message (size_t length)
{
  std::string text = "Subject: crash\n\n";
  while (text.size () < length)
    text += "a line of text that is there as a whole or not at all\n";
  return text + "the end\n";
}

bool
is_whole (const std::string &file, const std::string &message)
{
  std::string wanted;
  for (char byte : message.substr (message.find ("\n\n")))
    wanted += byte == '\n' ? "\r\n" : std::string (1, byte);
  return file.size () > wanted.size ()
         && file.compare (file.size () - wanted.size (), wanted.size (), wanted) == 0
         && file.compare (0, 19, "Postseal-Outbox: 1\n") == 0;
}

class PuttingIn : public testing::TestWithParam<size_t>
{
};

TEST_P (PuttingIn, EndedAtEveryStepLeavesAWholeMessageOrNone)
{
  std::string message = make_message (GetParam ());
  Trial whole;
  Outcome outcome = whole.run ({ "put" }, message);
  ASSERT_EQ (outcome.status, 0) << outcome.err;
  uint64_t total = whole.counted ();
  ASSERT_GE (total, 8u) << "the steps are not counted";
  try_each (total, KILLS, [&] (uint64_t at, const std::string &action, const std::string &where) {
    Trial trial;
    Outcome ended = trial.run ({ "put" }, message, at, action);
    ASSERT_EQ (ended.status, 128 + SIGKILL) << where << ": " << ended.err;
    auto queue = trial.names ("queue");
    EXPECT_LE (queue.size (), 1u) << where;
    EXPECT_TRUE (ended.out.empty () || !queue.empty ()) << where;
    for (const auto &id : queue)
      EXPECT_TRUE (is_whole (trial.content (id), message)) << where;
    EXPECT_EQ (trial.check (where).size (), queue.size ()) << where;
    EXPECT_EQ (trial.run ({ "put" }, message).status, 0) << where << ", afterwards";
    EXPECT_EQ (trial.check (where).size (), queue.size () + 1) << where;
  });
}

TEST_P (PuttingIn, FailedAtEveryStepSaysSoAndLeavesNothing)
{
  std::string message = make_message (GetParam ());
  Trial whole;
  ASSERT_EQ (whole.run ({ "put" }, message).status, 0);
  try_each (whole.counted (), FAILURES,
            [&] (uint64_t at, const std::string &code, const std::string &where) {
              Trial trial;
              Outcome failed = trial.run ({ "put" }, message, at, code);
              EXPECT_EQ (failed.status, 1) << where;
              EXPECT_TRUE (failed.out.empty ()) << where;
              EXPECT_FALSE (failed.err.empty ()) << where;
              if (code != "EROFS") /* where nothing can be removed either */
                {
                  EXPECT_TRUE (trial.names ("queue").empty ()) << where;
                  EXPECT_TRUE (trial.names ("tmp").empty ()) << where;
                }
              EXPECT_EQ (trial.run ({ "put" }, message).status, 0) << where << ", afterwards";
            });
}

std::string
name_length (const testing::TestParamInfo<size_t> &info)
{
  return std::to_string (info.param) + "_bytes";
}

INSTANTIATE_TEST_SUITE_P (Outbox, PuttingIn, testing::Values (1000, 200000), name_length);

/* All of them are as at one of the stages of sending, and not before what was said. */
void
expect_one_stage (Trial &trial,
                  const std::vector<std::string> &ids,
                  const std::string &said,
                  const std::string &where)
{
  auto found = trial.check (where);
  std::set<std::string> stages;
  ASSERT_EQ (found.size (), ids.size ()) << where << ": something is lost";
  for (size_t i = 0; i < ids.size (); i++)
    {
      const std::string &state = found[ids[i]];
      if (state == "queued 0 sure")
        stages.insert ("untouched");
      else if (state == "in-doubt 0 doubtful")
        stages.insert ("sending");
      else if (state == (i % 3 ? "sent 1 sure" : "queued 1 sure"))
        stages.insert ("settled");
      else
        stages.insert ("neither: " + state);
    }
  ASSERT_EQ (stages.size (), 1u) << where << ": " << *stages.begin () << ", " << *stages.rbegin ();
  std::string stage = *stages.begin ();
  EXPECT_TRUE (stage == "untouched" || stage == "sending" || stage == "settled")
      << where << ": " << stage;
  bool has_settled = said.find ("settled") != std::string::npos;
  bool has_marked = said.find ("sending") != std::string::npos;
  EXPECT_TRUE (!has_settled || stage == "settled") << where << ": " << stage;
  EXPECT_TRUE (!has_marked || stage != "untouched")
      << where << ": it would be sent again without a word";
  size_t sent = std::count_if (found.begin (), found.end (), [] (const auto &entry) {
    return entry.second.compare (0, 4, "sent") == 0;
  });
  EXPECT_EQ (trial.names ("queue").size (), ids.size () - sent) << where;
}

TEST (Sending, EndedAtEveryStepIsKnownForAllAtOnce)
{
  Trial whole;
  whole.fill (6);
  ASSERT_EQ (whole.run ({ "send" }).status, 0);
  uint64_t total = whole.counted ();
  ASSERT_GT (total, 15u);
  try_each (total, KILLS, [&] (uint64_t at, const std::string &action, const std::string &where) {
    Trial trial;
    auto ids = trial.fill (6);
    Outcome ended = trial.run ({ "send" }, {}, at, action);
    ASSERT_TRUE (ended.status == 128 + SIGKILL || trial.counted () < at)
        << where << ": " << ended.status << ended.err;
    expect_one_stage (trial, ids, ended.out, where);
    Outcome again = trial.run ({ "send" });
    EXPECT_EQ (again.status, 0) << where << ": " << again.err;
  });
}

TEST (Sending, FailedAtEveryStepIsKnownForAllAtOnce)
{
  Trial whole;
  whole.fill (6);
  ASSERT_EQ (whole.run ({ "send" }).status, 0);
  try_each (whole.counted (), FAILURES,
            [&] (uint64_t at, const std::string &code, const std::string &where) {
              Trial trial;
              auto ids = trial.fill (6);
              Outcome failed = trial.run ({ "send" }, {}, at, code);
              EXPECT_TRUE (failed.status == 0 || !failed.err.empty ()) << where;
              expect_one_stage (trial, ids, failed.out, where);
            });
}

TEST (Removing, EndedAtEveryStepRemovesOrKeeps)
{
  Trial whole;
  auto first = whole.fill (1);
  ASSERT_EQ (whole.run ({ "remove", first[0] }).status, 0);
  try_each (whole.counted (), KILLS,
            [&] (uint64_t at, const std::string &action, const std::string &where) {
              Trial trial;
              auto ids = trial.fill (2);
              Outcome ended = trial.run ({ "remove", ids[0] }, {}, at, action);
              auto found = trial.check (where);
              EXPECT_EQ (found.count (ids[1]), 1u) << where;
              EXPECT_EQ (found.count (ids[0]), trial.names ("queue").size () - 1) << where;
              EXPECT_TRUE (ended.out.empty () || found.count (ids[0]) == 0) << where;
            });
}

} // namespace
