/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A run that ends at any step of the conversation, by its user, by its death or by the network,
   and the next one: each message is there once, and gone from the server. */
#include <csignal>

#include "scenario/hostile.h"
#include "scenario/toy-imap.h"
#include "scenario/toy-pop3.h"

namespace postseal_test
{

class Interruption : public testing::TestWithParam<Protocol>
{
protected:
  /* What happens when the command arrives. Returns: TRUE: there is no answer */
  using Blow = std::function<bool (Peer &peer, Sandbox &sandbox)>;

  /* Runs until nothing more is new, and to the end. */
  class Story : public Scenario
  {
  public:
    explicit Story (bool is_imap) : is_imap_ (is_imap)
    {
      for (const char *text : { "A: 1\r\n\r\n", "A: 2\r\n\r\n", "A: 3\r\n\r\n" })
        {
          imap_.mailboxes["INBOX"].add (text);
          pop3_.messages.push_back ({ text, text, "" });
        }
      for (auto &message : pop3_.messages)
        message.uidl = "u" + message.text.substr (3, 1);
      for (auto &[uid, message] : imap_.mailboxes["INBOX"].messages)
        message.size = "9000000"; /* each is a command of its own */
    }
    void
    TestBody () override
    {
    }

    /* Strikes at the command number @at (from 0). Returns: whether there was one */
    bool
    strike (unsigned at, const Blow &blow)
    {
      unsigned seen = 0;
      bool is_struck = false;
      auto hook = [&] (Peer &peer) {
        if (seen++ != at)
          return false;
        is_struck = true;
        return blow (peer, sandbox);
      };

      imap_.hook = [&] (const ToyImap::Call &call) { return hook (call.peer); };
      pop3_.hook = [&] (Peer &peer, const std::string &) { return hook (peer); };
      run ();
      imap_.hook = nullptr;
      pop3_.hook = nullptr;
      return is_struck;
    }
    Outcome
    run ()
    {
      Outcome outcome = fetch (is_imap_ ? "imaps" : "pop3s",
                               is_imap_ ? imap_.port () : pop3_.port (), "keep=no\n");

      imap_.settle ();
      pop3_.settle ();
      return outcome;
    }
    void
    expect_once (unsigned at)
    {
      Outcome outcome = run ();

      EXPECT_EQ (outcome.status, 0) << "after command " << at << ": " << outcome.err;
      EXPECT_EQ (sandbox.messages ("Mail"),
                 (std::vector<std::string>{ "A: 1\n\n", "A: 2\n\n", "A: 3\n\n" }))
          << "after command " << at;
      EXPECT_TRUE (is_imap_ ? imap_.mailboxes["INBOX"].messages.empty () : pop3_.messages.empty ())
          << "after command " << at;
      for (const std::string &name : sandbox.files ("Mail"))
        EXPECT_NE (name.substr (0, 4), "tmp/") << name;
    }

  private:
    bool is_imap_;
    ToyImap imap_;
    ToyPop3 pop3_;
  };

  void
  expect_each_step_survives (const Blow &blow)
  {
    bool is_imap = GetParam ().name == std::string ("Imap");
    unsigned at = 0;

    for (bool goes_on = true; goes_on; at++)
      {
        Story story (is_imap);

        goes_on = story.strike (at, blow);
        story.expect_once (at);
      }
    EXPECT_GT (at, 8u) << "there were so few commands";
  }
};

INSTANTIATE_TEST_SUITE_P (Both, Interruption, testing::ValuesIn (kProtocols), protocol_name);

TEST_P (Interruption, ByTheUserAtAnyStepLosesAndDoublesNothing)
{
  expect_each_step_survives ([] (Peer &, Sandbox &sandbox) {
    sandbox.signal (SIGINT);
    return false;
  });
}

TEST_P (Interruption, ByDeathAtAnyStepLosesAndDoublesNothing)
{
  expect_each_step_survives ([] (Peer &, Sandbox &sandbox) {
    sandbox.signal (SIGKILL);
    return false;
  });
}

TEST_P (Interruption, ByACutAtAnyStepLosesAndDoublesNothing)
{
  expect_each_step_survives ([] (Peer &peer, Sandbox &) {
    peer.cut ();
    return true;
  });
}

/* The server has done what it was asked for, and nobody hears of it. */
TEST_P (Interruption, ByAnAnswerThatIsLostLosesAndDoublesNothing)
{
  expect_each_step_survives ([] (Peer &peer, Sandbox &) {
    peer.cut ();
    return false;
  });
}

} // namespace postseal_test
