/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes wrong on this side of the line: damaged files, odd words, users in a hurry. */
#include <csignal>
#include <filesystem>

#include <glib.h>
#include <sqlite3.h>

#include "scenario/submission.h"

namespace fs = std::filesystem;

namespace postseal_test
{

class SendLocal : public Submission
{
protected:
  using Reply = std::optional<std::string>;
  using Call = ToySubmission::Call;

  std::string
  queue_file (const std::string &id)
  {
    return sandbox.home () + "/state/postseal/outbox/queue/" + id;
  }

  /* Refused, and nothing is left of it. */
  void
  expect_unusable (const std::vector<std::string> &arguments, const std::string &text = message ())
  {
    std::vector<std::string> all = { "send" };

    all.insert (all.end (), arguments.begin (), arguments.end ());
    Outcome outcome = sandbox.run (all, text, { { "POSTSEAL", "/bin/true" } });
    EXPECT_TRUE (outcome.status == 64 || outcome.status == 65)
        << outcome.status << outcome.err << arguments.back ();
    EXPECT_NE (outcome.err, "");
    EXPECT_EQ (states (), "");
    for (const char *place : { "tmp", "queue" })
      EXPECT_TRUE (sandbox.files (std::string ("state/postseal/outbox/") + place).empty ());
  }
};

/* --- damage --- */

TEST_F (SendLocal, ATruncatedFileIsNeverSent)
{
  std::string ids[3];

  for (int i = 0; i < 3; i++)
    ids[i] = enqueue (message ("m" + std::to_string (i), std::string (900, 'x') + "\n"));
  fs::resize_file (queue_file (ids[1]), fs::file_size (queue_file (ids[1])) - 1);
  Outcome outcome = flush ();

  EXPECT_EQ (taken (), "m0 m2") << "and stops no other";
  EXPECT_NE (outcome.out + outcome.err, "");
  EXPECT_NE ((outcome.out + outcome.err).find (ids[1]), std::string::npos)
      << outcome.out << outcome.err;
  EXPECT_EQ (outcome.status, 74);
  EXPECT_TRUE (fs::exists (queue_file (ids[1]))) << "left for the user";
  EXPECT_EQ (reports ().size (), 0u);
}

TEST_F (SendLocal, AFileThatIsTruncatedWhileItIsSentEndsInNoMessage)
{
  for (bool is_chunked : { true, false })
    {
      ToySubmission toy;
      std::string body;

      SCOPED_TRACE (is_chunked);
      if (!is_chunked)
        toy.withdraw ("CHUNKING");
      while (body.size () < 20000000)
        body += std::string (900, 'x') + "\n";
      configure ("submissions", toy.port ());
      std::string id = enqueue (message ("m0", body));
      toy.hook = [&] (const Call &call) -> Reply {
        if (call.verb == "MAIL")
          fs::resize_file (queue_file (id), 100000);
        return std::nullopt;
      };
      Outcome outcome = flush ();
      toy.settle ();
      EXPECT_NE (outcome.status, 0);
      EXPECT_EQ (toy.deliveries ().size (), 0u);
      queue ({ "remove", id });
      fs::remove (queue_file (id));
    }
}

TEST_F (SendLocal, AFileThatWasDamagedSinceItWasTriedKeepsNobodyBusy)
{
  std::string id = enqueue (message ("m0"));

  server.answer ("RCPT", 1, "450 4.2.1 later");
  EXPECT_EQ (flush ().status, 75);
  fs::resize_file (queue_file (id), fs::file_size (queue_file (id)) - 1);
  enqueue (message ("m1"));
  unsigned connections = server.connections ();
  for (const char *filter : { "flush", "list" })
    {
      Outcome outcome = queue ({ filter });

      EXPECT_EQ (outcome.status, 74) << outcome.err;
      EXPECT_NE (outcome.err.find (id), std::string::npos) << "said: " << outcome.err;
    }
  EXPECT_EQ (server.connections (), connections + 1);
  EXPECT_EQ (taken (), "m1");
  EXPECT_TRUE (fs::exists (queue_file (id)));
}

TEST_F (SendLocal, WhatIsDamagedCanBeRemoved)
{
  std::string id = enqueue (message ("m0"));
  std::string other = enqueue (message ("m1"));

  fs::resize_file (queue_file (id), 10);
  EXPECT_EQ (queue ({ "hold", id }).status, 74);
  Outcome outcome = queue ({ "remove", id, other });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_FALSE (fs::exists (queue_file (id)));
  EXPECT_FALSE (fs::exists (queue_file (other)));
  EXPECT_EQ (flush ().status, 0);
}

TEST_F (SendLocal, DamageAloneIsNoEmptyOutbox)
{
  std::string id = enqueue ();

  fs::resize_file (queue_file (id), 10);
  Outcome outcome = flush ();
  EXPECT_EQ (outcome.status, 74) << outcome.out;
  EXPECT_NE (outcome.err.find (id), std::string::npos) << outcome.err;
  EXPECT_EQ (outcome.out.find ("empty"), std::string::npos) << outcome.out;
}

/* As on a full disk: the index can be read, not written. */
TEST_F (SendLocal, WhatCannotBeRecordedIsNotSentAndNotTriedWithoutEnd)
{
  sqlite3 *index = nullptr;

  enqueue (message ("m0"));
  EXPECT_EQ (queue ({ "list" }).status, 0);
  ASSERT_EQ (sqlite3_open ((sandbox.home () + "/state/postseal/outbox/index.db").c_str (), &index),
             SQLITE_OK);
  ASSERT_EQ (sqlite3_exec (index,
                           "CREATE TRIGGER full BEFORE INSERT ON entry BEGIN"
                           " SELECT RAISE (ABORT, 'no room'); END",
                           nullptr, nullptr, nullptr),
             SQLITE_OK);
  Outcome outcome = flush ();
  EXPECT_EQ (outcome.status, 74) << outcome.err;
  EXPECT_EQ (server.connections (), 1u) << "a server is not dialled again and again";
  EXPECT_EQ (taken (), "");
  ASSERT_EQ (sqlite3_exec (index, "DROP TRIGGER full", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close (index);
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "m0");
}

TEST_F (SendLocal, WhatHasFailedIsTriedAgainWhenItIsReleased)
{
  configure ("deliver=command:/bin/false\n");
  server.answer ("RCPT", 1, "550 5.1.1 no such user");
  std::string id = enqueue (message ("m0"));
  EXPECT_EQ (flush ().status, 69);
  EXPECT_EQ (states (), "failed");
  EXPECT_EQ (queue ({ "hold", id }).status, 0);
  EXPECT_EQ (queue ({ "release", id }).status, 0);
  Outcome outcome = flush_due ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (taken (), "m0");
}

TEST_F (SendLocal, ADamagedIndexSendsNothingAndSaysSo)
{
  enqueue ();
  expect_sent (flush ());
  enqueue (message ("two"));
  for (const char *name : { "index.db", "index.db-wal", "index.db-shm" })
    fs::remove (sandbox.home () + "/state/postseal/outbox/" + name);
  sandbox.write ("state/postseal/outbox/index.db", std::string (8192, 'x'));
  Outcome outcome = flush ();

  EXPECT_EQ (outcome.status, 74) << outcome.err;
  EXPECT_NE (outcome.err.find ("index.db"), std::string::npos) << outcome.err;
  EXPECT_EQ (taken (), "one");
  fs::remove (sandbox.home () + "/state/postseal/outbox/index.db");
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "one two");
}

TEST_F (SendLocal, AFileThatIsGoneIsNoTrouble)
{
  std::string id = enqueue ();

  server.answer ("RCPT", 1, "450 4.1.1 later");
  EXPECT_EQ (flush ().status, 75);
  fs::remove (queue_file (id));
  enqueue (message ("two"));
  EXPECT_EQ (flush ().status, 0);
  EXPECT_EQ (taken (), "two");
  EXPECT_EQ (states (), "");
}

/* --- what may not become a command --- */

TEST_F (SendLocal, NoAddressBringsACommandOfItsOwn)
{
  for (const char *address :
       { "bob@example.net>\r\nRCPT TO:<evil@example.org", "bob@example.net\nDATA",
         "bob@example.net\r", "<bob@example.net> NOTIFY=NEVER", "bob@example.net> SIZE=1",
         "bob@exam\x01ple.net", "", "@example.net", "bob@" })
    {
      expect_unusable ({ "--", address });
      /* A sender without a domain is this machine's idea of the user. */
      if (*address != '\0' && address != std::string ("bob@"))
        expect_unusable ({ "-a", "work", "-f", address, "bob@example.net" });
    }
  expect_unusable ({ "--envelope-id", "x\r\nRSET", "bob@example.net" });
  EXPECT_EQ (server.connections (), 0u);
}

TEST_F (SendLocal, AnOddAddressArrivesAsItIs)
{
  const std::vector<std::string> odd = { "\"john doe\"@example.net", "\"a>b\"@example.net",
                                         "o'neil+x=y@example.net", "bob@[192.0.2.1]" };

  EXPECT_EQ (send (message (), odd).status, 0);
  ASSERT_EQ (server.deliveries ().size (), 1u);
  EXPECT_EQ (server.deliveries ()[0].recipients, odd);
}

/* RFC 4954 section 4: no initial response that makes the line too long. */
TEST_F (SendLocal, ALongPasswordIsSentAfterTheQuestion)
{
  server.password = std::string (700, 'p');
  for (const char *mechanism : { "PLAIN", "LOGIN", "SCRAM-SHA-256" })
    {
      server.settle ();
      server.offer (std::string ("AUTH ") + mechanism);
      configure ("password=file:" + sandbox.write ("long", server.password + "\n") + "\n");
      EXPECT_EQ (send ().status, 0) << mechanism;
    }
  EXPECT_EQ (server.deliveries ().size (), 3u);
}

/* --- the user --- */

TEST_F (SendLocal, AUserInAHurryLosesNothing)
{
  for (int signal : { SIGINT, SIGTERM, SIGHUP })
    {
      bool goes_on = true;

      for (unsigned at = 0; goes_on && at < 60; at += 2)
        {
          ToySubmission toy;
          unsigned seen = 0;

          SCOPED_TRACE (std::to_string (signal) + " at " + std::to_string (at));
          goes_on = false;
          configure ("submissions", toy.port ());
          std::string one = enqueue (message ("one")), two = enqueue (message ("two"));
          toy.hook = [&] (const Call &) -> Reply {
            if (seen++ == at)
              {
                goes_on = true;
                sandbox.signal (signal);
              }
            return std::nullopt;
          };
          Outcome outcome = sandbox.run ({ "queue", "flush" }, "", {}, 20);
          toy.behave ();
          EXPECT_NE (outcome.status, 137) << "it hung";
          EXPECT_EQ (sandbox.run ({ "queue", "flush" }, "", {}, 20).status, 0);
          toy.settle ();
          std::map<std::string, unsigned> counts;
          for (const ToySubmission::Delivery &delivery : toy.deliveries ())
            counts[delivery.field ("Subject")]++;
          EXPECT_TRUE (counts["one"] == 1 || (counts["one"] == 2 && show (one).may_be_doubled));
          EXPECT_TRUE (counts["two"] == 1 || (counts["two"] == 2 && show (two).may_be_doubled));
          EXPECT_EQ (states (), "");
        }
    }
}

TEST_F (SendLocal, OneAccountDoesNotWaitForAnother)
{
  ToySubmission good;

  server.answer ("GREETING", 0, "421 4.3.2 closed");
  sandbox.configure ("[account bad]\naddress=jane@example.org\nsend=submissions://jane@localhost:"
                     + std::to_string (server.port ()) + "\nca-file=" + test_ca ().ca_file ()
                     + "\npassword=file:" + sandbox.home ()
                     + "/secret\ntimeout=2s\n[account good]\naddress=jane@example.com\n"
                       "send=submissions://jane@localhost:"
                     + std::to_string (good.port ()) + "\nca-file=" + test_ca ().ca_file ()
                     + "\npassword=file:" + sandbox.home () + "/secret\ntimeout=2s\n");
  enqueue (message ("one"), { "-a", "bad", "bob@example.net" });
  enqueue (message ("two"), { "-a", "good", "bob@example.net" });
  Outcome outcome = flush ();
  good.settle ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (good.deliveries ().size (), 1u);
  EXPECT_EQ (states (), "queued");
}

TEST_F (SendLocal, WhatIsHandedOverLeavesAtOnceOnItsOwn)
{
  Outcome outcome = sandbox.run ({ "send", "bob@example.net" }, message ());

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  for (int i = 0; i < 200 && server.deliveries ().empty (); i++)
    g_usleep (25000); /* another process, of which nothing else can be seen */
  EXPECT_EQ (taken (), "one");
  server.settle ();
}

} // namespace postseal_test
