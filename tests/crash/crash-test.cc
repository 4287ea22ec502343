/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nothing lost, nothing twice, nothing truncated: "postseal fetch" against a real Dovecot, ended or
   failed at every durable step, at random moments, by a full disk, by a cut connection; then run
   again to the end.

   POSTSEAL_CRASH=full tries each step in each way, else every third or so in one. */

#include "support/dovecot.h"
#include "support/network-proxy.h"
#include "support/postseal-instance.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <iostream>
#include <random>
#include <signal.h>

using namespace postseal_test;
namespace fs = std::filesystem;

namespace
{

constexpr unsigned MESSAGES = 50;
constexpr unsigned ENOUGH_FAILURES = 3;

bool
is_full_run ()
{
  const char *how = getenv ("POSTSEAL_CRASH");
  return how && strcmp (how, "full") == 0;
}

const std::vector<CorpusMessage> &
corpus ()
{
  static const auto messages = make_corpus ("demo", MESSAGES, 7);
  return messages;
}

/* As they lie in a Maildir. */
const Contents &
corpus_contents ()
{
  static const Contents contents = file_forms (corpus ());
  return contents;
}

const std::string &
template_user ()
{
  static const std::string user = [] {
    std::vector<std::string> texts;
    for (const auto &message : corpus ())
      texts.push_back (message.text);
    Dovecot::shared ().admin ("template")->append ("INBOX", texts);
    return "template";
  }();
  return user;
}

/* One way of retrieving. */
struct Way
{
  const char *scheme;
  bool keeps;
};

void
PrintTo (const Way &way, std::ostream *out)
{
  *out << way.scheme << (way.keeps ? ", keep=yes" : ", keep=no");
}

std::string
name_way (const testing::TestParamInfo<Way> &info)
{
  return std::string (info.param.scheme) + (info.param.keeps ? "_keep" : "_delete");
}

/* A mail reader at work between two runs. */
enum class Reader
{
  NONE,
  MOVES_AND_DELETES,
};

/* One mailbox, one Maildir, and what has happened to them. */
class Trial
{
public:
  Trial (const Way &way, unsigned port = 0)
      : way_ (way), user_ (Dovecot::shared ().clone_user (template_user ()))
  {
    aim_at (port);
  }

  ~Trial () { Dovecot::shared ().forget_user (user_); }

  void
  aim_at (unsigned port)
  {
    postseal_.configure (
        Dovecot::shared ().account ("crash", way_.scheme, user_, postseal_.deliver (),
                                    way_.keeps ? "keep=yes\n" : "keep=no\n", port));
  }

  Outcome
  fetch (const Environment &environment = {})
  {
    return postseal_.run ({ "fetch" }, environment);
  }

  PostsealInstance &
  postseal ()
  {
    return postseal_;
  }

  /* Moves what is new to cur/, as a reader does that has shown it, and removes some of it. */
  void
  read_mail ()
  {
    unsigned number = 0;
    fs::create_directories (postseal_.maildir () + "/cur");
    for (const auto &name : list_folder (postseal_.maildir () + "/new"))
      {
        std::string from = postseal_.maildir () + "/new/" + name;
        if (++number % 4 == 0)
          {
            removed_.insert (read_file (from));
            fs::remove (from);
          }
        else
          fs::rename (from, postseal_.maildir () + "/cur/" + name + ":2,S");
      }
  }

  Contents
  delivered () const
  {
    Contents all = read_maildir (postseal_.maildir ());
    all.insert (removed_.begin (), removed_.end ());
    return all;
  }

  /* In the middle: whatever a reader can see is whole and there once, and what the server no longer
   * has is there. */
  std::string
  check_interrupted ()
  {
    const Contents &wanted = corpus_contents ();
    Contents there = delivered ();
    if (!std::includes (wanted.begin (), wanted.end (), there.begin (), there.end ()))
      return "after the interruption: " + compare_contents (wanted, there);
    if (way_.keeps)
      return {};
    for (const auto &[uid, text] : Dovecot::shared ().admin (user_)->messages ("INBOX"))
      there.insert (to_file_form (text));
    for (const auto &text : wanted)
      if (there.count (text) < wanted.count (text))
        return "after the interruption a message is neither delivered nor on the server: "
               + text.substr (0, 200);
    return {};
  }

  /* At the end. */
  std::string
  check_complete ()
  {
    std::string problem = compare_contents (corpus_contents (), delivered ());
    if (!problem.empty ())
      return "at the end: " + problem;
    size_t left = list_folder (postseal_.maildir () + "/tmp").size ();
    if (left > 0)
      return "at the end " + std::to_string (left) + " files are left in tmp/";
    unsigned on_server = Dovecot::shared ().admin (user_)->count ("INBOX");
    if (on_server != (way_.keeps ? MESSAGES : 0))
      return "at the end " + std::to_string (on_server) + " messages are on the server";
    return {};
  }

  /* Runs to the end and checks. */
  std::string
  finish (Reader reader = Reader::NONE)
  {
    std::string problem = check_interrupted ();
    if (!problem.empty ())
      return problem;
    if (reader == Reader::MOVES_AND_DELETES)
      read_mail ();
    Outcome again = fetch ();
    if (again.status != 0)
      return "the second run ended with " + std::to_string (again.status) + ": " + again.err;
    problem = check_complete ();
    if (!problem.empty ())
      return problem;
    Outcome third = fetch ();
    if (third.status != 0)
      return "the third run ended with " + std::to_string (third.status) + ": " + third.err;
    problem = check_complete ();
    return problem.empty () ? problem : "after a third run, " + problem;
  }

private:
  Way way_;
  PostsealInstance postseal_;
  std::string user_;
  Contents removed_;
};

/* --- the step library --- */

class Steps
{
public:
  Steps () { write_file (file_ / "count", std::string (8, '\0')); }

  Environment
  environment (uint64_t at, const std::string &action, const std::string &match = {})
  {
    write_file (file_ / "count", std::string (8, '\0'));
    Environment variables = { { "LD_PRELOAD", getenv ("STEPS_LIBRARY") },
                              { "POSTSEAL_STEPS_REPORT", file_ / "count" },
                              { "POSTSEAL_STEPS_AT", std::to_string (at) },
                              { "POSTSEAL_STEPS_ACTION", action } };
    if (!match.empty ())
      variables["POSTSEAL_STEPS_MATCH"] = match;
    return variables;
  }

  uint64_t
  counted ()
  {
    uint64_t count = 0;
    std::string bytes = read_file (file_ / "count");
    memcpy (&count, bytes.data (), std::min (bytes.size (), sizeof count));
    return count;
  }

private:
  TemporaryFolder file_;
};

uint64_t
count_steps (const Way &way)
{
  Steps steps;
  Trial trial (way);
  Outcome outcome = trial.fetch (steps.environment (0, ""));
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (trial.check_complete (), "");
  return steps.counted ();
}

class CrashTest : public testing::TestWithParam<Way>
{
protected:
  /* True when it is of no use to go on. */
  bool
  note (const std::string &problem, const std::string &where)
  {
    trials_++;
    if (problem.empty ())
      return false;
    ADD_FAILURE () << where << ": " << problem;
    return ++failures_ >= ENOUGH_FAILURES;
  }

  void
  TearDown () override
  {
    if (trials_ > 0)
      std::cout << "  " << trials_ << " interrupted runs, " << failures_ << " with harm\n";
  }

  unsigned trials_ = 0;
  unsigned failures_ = 0;
};

TEST_P (CrashTest, KilledAtEveryDurableStep)
{
  static const std::vector<std::string> actions = { "kill-before", "kill-torn", "kill-after" };
  uint64_t total = count_steps (GetParam ());
  ASSERT_GT (total, MESSAGES * 2) << "the steps are not counted";
  std::cout << "  " << total << " durable steps\n";
  uint64_t stride = is_full_run () ? 1 : total / 120 + 1;
  Steps steps;
  for (uint64_t at = 1; at <= total; at += stride)
    for (size_t i = 0; i < (is_full_run () ? actions.size () : 1); i++)
      {
        const std::string &action = actions[is_full_run () ? i : (at / stride) % actions.size ()];
        Trial trial (GetParam ());
        Outcome outcome = trial.fetch (steps.environment (at, action));
        bool was_reached = steps.counted () >= at;
        std::string where = action + " step " + std::to_string (at);
        std::string problem;
        if (was_reached && outcome.status != 128 + SIGKILL)
          problem = "it was not killed but ended with " + std::to_string (outcome.status) + ": "
                    + outcome.err;
        else
          problem = trial.finish (at % 2 ? Reader::NONE : Reader::MOVES_AND_DELETES);
        if (note (problem, where))
          return;
      }
}

TEST_P (CrashTest, KilledAtRandomTimes)
{
  std::mt19937 random (20261);
  Trial whole (GetParam ());
  Outcome outcome = whole.fetch ();
  ASSERT_EQ (outcome.status, 0) << outcome.err;
  std::uniform_real_distribution<double> moment (0, outcome.seconds * 1.05);
  for (unsigned i = 0; i < (is_full_run () ? 200 : 25); i++)
    {
      Trial trial (GetParam ());
      unsigned kills = 1 + unsigned (random () % 3);
      std::string problem;
      for (unsigned j = 0; j < kills && problem.empty (); j++)
        {
          auto run = trial.postseal ().start ({ "fetch" });
          if (!run->ended_within (moment (random)))
            run->kill (SIGKILL);
          run->wait ();
          problem = trial.check_interrupted ();
          if (i % 2)
            trial.read_mail ();
        }
      if (problem.empty ())
        problem = trial.finish (i % 3 ? Reader::MOVES_AND_DELETES : Reader::NONE);
      if (note (problem, "trial " + std::to_string (i)))
        return;
    }
}

TEST_P (CrashTest, DiskThatIsFullOrBrokenFromSomeStepOn)
{
  uint64_t total = count_steps (GetParam ());
  ASSERT_GT (total, MESSAGES * 2);
  Steps steps;
  uint64_t stride = is_full_run () ? 1 : total / 40 + 1;
  for (uint64_t at = 1; at <= total; at += stride)
    {
      std::string code = (at / stride) % 4 == 3 ? "EIO" : "ENOSPC";
      Trial trial (GetParam ());
      Outcome outcome = trial.fetch (steps.environment (at, code));
      std::string where = code + " from step " + std::to_string (at);
      std::string problem;
      if (outcome.status == 0)
        problem = trial.check_complete ();
      else if (outcome.status != 73 && outcome.status != 74)
        problem = "it ended with " + std::to_string (outcome.status) + ": " + outcome.err;
      else if (outcome.err.empty ())
        problem = "it ended without a word";
      if (problem.empty ())
        problem = trial.finish (at % 2 ? Reader::NONE : Reader::MOVES_AND_DELETES);
      if (note (problem, where))
        return;
    }
}

TEST_P (CrashTest, MaildirThatCannotBeWritten)
{
  Steps steps;
  Trial trial (GetParam ());
  Outcome outcome = trial.fetch (steps.environment (1, "EROFS", "/Mail"));
  EXPECT_EQ (outcome.status, 73) << outcome.err;
  EXPECT_NE (outcome.err.find ("/Mail"), std::string::npos) << outcome.err;
  EXPECT_TRUE (trial.delivered ().empty ());
  note (trial.finish (), "afterwards");
}

TEST_P (CrashTest, MaildirThatBecomesReadOnlyInTheMiddle)
{
  Steps steps;
  Trial trial (GetParam ());
  Outcome outcome = trial.fetch (steps.environment (40, "EROFS", "/Mail"));
  EXPECT_EQ (outcome.status, 73) << outcome.err;
  note (trial.finish (), "afterwards");
}

TEST_P (CrashTest, TwoInstancesAtOnce)
{
  for (unsigned i = 0; i < 8; i++)
    {
      Trial trial (GetParam ());
      auto one = trial.postseal ().start ({ "fetch" });
      one->ended_within (0.004 * i);
      auto other = trial.postseal ().start ({ "fetch" });
      Outcome first = one->wait (), second = other->wait ();
      for (const Outcome &outcome : { first, second })
        EXPECT_TRUE (outcome.status == 0 || outcome.status == 75) << outcome.status << outcome.err;
      EXPECT_TRUE (first.status == 0 || second.status == 0) << first.err << second.err;
      std::string problem = trial.check_complete ();
      if (problem.empty ())
        problem = trial.finish ();
      if (note (problem, "round " + std::to_string (i)))
        return;
    }
}

TEST_P (CrashTest, ConnectionThatIsCutAfterSoManyBytes)
{
  unsigned server = Dovecot::shared ().port (GetParam ().scheme);
  unsigned long total;
  {
    NetworkProxy proxy (server);
    Trial trial (GetParam (), proxy.port ());
    Outcome outcome = trial.fetch ();
    ASSERT_EQ (outcome.status, 0) << outcome.err;
    total = proxy.stop ();
  }
  ASSERT_GT (total, 100000u);
  std::cout << "  " << total << " bytes from the server\n";

  /* Each of the first bytes tells another step of the conversation, later ones fall into messages.
   */
  std::vector<unsigned long> cuts;
  unsigned long early = is_full_run () ? 1 : 97, late = total / (is_full_run () ? 400 : 40);
  for (unsigned long at = 1; at < 4000; at += early)
    cuts.push_back (at);
  for (unsigned long at = 4000; at < total; at += late)
    cuts.push_back (at);
  for (unsigned long at = total - 400; at <= total; at += 40)
    cuts.push_back (at);
  for (unsigned long at : cuts)
    {
      NetworkProxy proxy (server, { "--cut-after", std::to_string (at) });
      Trial trial (GetParam (), proxy.port ());
      Outcome outcome = trial.fetch ();
      std::string problem;
      if (outcome.status == 0)
        problem = trial.check_complete ();
      else if (outcome.status != 75 && outcome.status != 76)
        problem = "it ended with " + std::to_string (outcome.status) + ": " + outcome.err;
      if (problem.empty ())
        {
          trial.aim_at (0);
          problem = trial.finish (at % 2 ? Reader::NONE : Reader::MOVES_AND_DELETES);
        }
      if (note (problem, "cut after " + std::to_string (at)))
        return;
    }
}

INSTANTIATE_TEST_SUITE_P (Fetch,
                          CrashTest,
                          testing::Values (Way{ "imap", true },
                                           Way{ "imap", false },
                                           Way{ "pop3", true },
                                           Way{ "pop3", false }),
                          name_way);

} // namespace
