/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers that are less than they were, and what "postseal account trust" knows of them. */
#include "scenario/hostile.h"
#include "scenario/outbox-fixture.h"
#include "support/corpus.h"

namespace postseal_test
{

class Trust : public Scenario
{
protected:
  /* Each connection has the next of these, the last one again and again. */
  std::vector<ServerTls> shown_;
  ScriptedServer server_{ [this] (Peer &peer) {
    serve_implicit (peer, kProtocols[0],
                    shown_[std::min<size_t> (peer.index (), shown_.size () - 1)]);
  } };

  Outcome
  fetch (const std::string &extra = "")
  {
    return Scenario::fetch ("imaps", server_.port (), extra);
  }

  std::string
  place () const
  {
    return "localhost:" + std::to_string (server_.port ());
  }

  Outcome
  trust (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> arguments = { "account", "trust", "work" };

    arguments.insert (arguments.end (), more.begin (), more.end ());
    return sandbox.run (arguments);
  }

  /* What "changed" says in the status; "" when it says nothing. */
  std::string
  changed ()
  {
    const std::string out = sandbox.run ({ "status" }, "", { { "COLUMNS", "1000" } }).out;
    const size_t at = out.find ("  changed ");

    return at == std::string::npos ? "" : out.substr (at, out.find ("\n", at) - at);
  }

  std::string
  latches_file () const
  {
    return sandbox.home () + "/state/postseal/accounts/work/latches";
  }
};

INSTANTIATE_TEST_SUITE_P (Imap, Trust, testing::Values (kProtocols[0]), protocol_name);

static ServerTls
make_tls (bool of_another_issuer = false)
{
  CertOptions options;

  options.via_intermediate = of_another_issuer;
  return ServerTls{ test_ca ().issue (options) };
}

/* RFC 8446 section 4.1.3: nobody in between can do that, so that the server has it from its owner.
 */
TEST_P (Trust, AnOlderVersionOfTlsIsToldAndNotRefused)
{
  ServerTls now = make_tls ();
  ServerTls older = now;

  older.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
  shown_ = { now, older };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (changed (), "");
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_NE (changed ().find ("TLS 1.2, it was TLS 1.3"), std::string::npos) << changed ();
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_NE (changed ().find ("TLS 1.2, it was TLS 1.3"), std::string::npos) << "as long as it is";
}

TEST_P (Trust, ARenewedCertificateIsToldOnce)
{
  shown_ = { make_tls (), make_tls () };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (changed (), "");
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_NE (changed ().find ("was renewed by"), std::string::npos) << changed ();
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (changed (), "");
}

TEST_P (Trust, AStrangersCertificateIsToldAgainAndAgain)
{
  shown_ = { make_tls (), make_tls (true) };
  EXPECT_EQ (fetch ().status, 0);
  for (int i = 0; i < 2; i++)
    {
      EXPECT_EQ (fetch ().status, 0);
      EXPECT_NE (changed ().find ("another issuer"), std::string::npos) << changed ();
    }
  Json status (sandbox.run ({ "status", "--json" }).out);
  EXPECT_EQ (status["0.seal.key-change"], "stranger");

  EXPECT_EQ (trust ({ "--forget", "keys" }).status, 0);
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (changed (), "") << "the user's word";
}

TEST_P (Trust, ASparePinIsToldOnceAndAThirdKeyIsRefused)
{
  shown_ = { make_tls (), make_tls (), make_tls () };
  std::string pins;
  for (const ServerTls &tls : shown_)
    pins += (pins.empty () ? "pin=" : ";") + tls.identity.pin;
  pins = pins.substr (0, pins.rfind (';')) + "\n";

  EXPECT_EQ (fetch (pins).status, 0);
  EXPECT_EQ (changed (), "");
  EXPECT_EQ (fetch (pins).status, 0);
  EXPECT_NE (changed ().find ("pin a new spare"), std::string::npos) << changed ();
  EXPECT_EQ (fetch (pins).status, 76);
}

TEST_P (Trust, IsShownWithWhenAndHowItWasLearned)
{
  shown_ = { make_tls () };
  EXPECT_EQ (fetch ().status, 0);
  const Outcome text = trust ();
  EXPECT_EQ (text.status, 0);
  for (const char *words : { "was encrypted before", "learned from 127.0.0.1:", "TLS 1.3",
                             "has proven who it is", "vouched for by", "sha256:" })
    EXPECT_NE (text.out.find (words), std::string::npos) << words << " in\n" << text.out;

  Json json (trust ({ "--json" }).out);
  EXPECT_EQ (json["account"], "work");
  EXPECT_EQ (json["servers.0.server"], place ());
  EXPECT_EQ (json["servers.0.tls.value"], "1.3");
  EXPECT_NE (json["servers.0.tls.since"], "null");
  EXPECT_EQ (json["servers.0.voucher.value"], "ca");
  EXPECT_EQ (json["servers.0.keys.0.change"], "first");
  EXPECT_EQ (json["servers.0.keys.0.key"], shown_[0].identity.pin);
}

TEST_P (Trust, IsReadFromAnOlderVersionsFile)
{
  shown_ = { make_tls () };
  sandbox.write ("state/postseal/accounts/work/latches",
                 "[latches]\nformat=1\n\n[" + place () + "]\ntls=1.3\nvoucher=ca\n");
  EXPECT_EQ (fetch ().status, 0);
  const Outcome text = trust ();
  EXPECT_NE (text.out.find ("never connects without any more\n"), std::string::npos)
      << "nobody knows since when\n"
      << text.out;
  EXPECT_NE (text.out.find ("sha256:"), std::string::npos) << "learned now";
}

TEST_P (Trust, IsForgottenPieceByPieceAndTold)
{
  shown_ = { make_tls () };
  EXPECT_EQ (fetch ().status, 0);
  sandbox.write ("state/postseal/accounts/work/latches",
                 read_file (latches_file ()) + "\n[other.example.org:25]\ntls=1.2\n");

  Outcome outcome = trust ({ "--forget", "tls", "localhost" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out, "Forgotten: " + place () + ": tls 1.3\n");
  Json json (trust ({ "--json" }).out);
  EXPECT_EQ (json["servers.0.tls"], "null");
  EXPECT_EQ (json["servers.0.voucher.value"], "ca");
  EXPECT_EQ (json["servers.1.tls.value"], "1.2");

  Json forgotten (trust ({ "--forget", "other.example.org:25", "--json" }).out);
  EXPECT_EQ (forgotten["forgotten.0.server"], "other.example.org:25");
  EXPECT_EQ (forgotten["forgotten.0.latch"], "tls");
  EXPECT_EQ (forgotten["forgotten.0.value"], "1.2");
  EXPECT_EQ (trust ({ "--forget" }).status, 0);
  outcome = trust ({ "--forget" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (outcome.out, "There was nothing to forget.\n");
  EXPECT_NE (trust ().out.find ("Nothing yet"), std::string::npos);
}

TEST_P (Trust, OfKeysInTheDnsIsShownAndForgotten)
{
  shown_ = { make_tls () };
  EXPECT_EQ (fetch ().status, 0);
  sandbox.write ("state/postseal/accounts/work/latches",
                 read_file (latches_file ()) + "dane=keys\ndane-keys=sha256:A sha256:B\n");
  EXPECT_NE (trust ().out.find ("(DANE)"), std::string::npos) << trust ().out;
  Json json (trust ({ "--json" }).out);
  EXPECT_EQ (json["servers.0.dane.value"], "keys");
  Json status (sandbox.run ({ "status", "--json" }).out);
  EXPECT_EQ (status["0.latches." + place () + ".dane"], "keys");
  EXPECT_NE (sandbox.run ({ "status" }, "", { { "COLUMNS", "1000" } }).out.find (", dane keys"),
             std::string::npos);

  EXPECT_EQ (trust ({ "--forget", "dane" }).out, "Forgotten: " + place () + ": dane keys\n");
  EXPECT_EQ (read_file (latches_file ()).find ("dane"), std::string::npos)
      << read_file (latches_file ());
}

TEST_P (Trust, RefusesWhatMakesNoSense)
{
  shown_ = { make_tls () };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (sandbox.run ({ "account", "trust" }).status, 64);
  EXPECT_EQ (sandbox.run ({ "account", "trust", "nobody" }).status, 78);
  EXPECT_EQ (sandbox.run ({ "account", "trust", "nobody", "--forget" }).status, 78);
  EXPECT_EQ (trust ({ "tls" }).status, 64);
  EXPECT_EQ (trust ({ "--forget", "tls", "keys" }).status, 64);
  EXPECT_EQ (trust ({ "--forget", "a", "b" }).status, 64);
  EXPECT_EQ (trust ({ "--forget", "nowhere.example.org" }).status, 0) << "nothing of it is known";

  /* A damaged file is not taken for an empty one, but can be forgotten as a whole. */
  sandbox.write ("state/postseal/accounts/work/latches", "[x]\ntls=1.3\n");
  EXPECT_EQ (trust ().status, 74);
  EXPECT_NE (trust ({ "--forget", "tls" }).status, 0);
  EXPECT_EQ (trust ({ "--forget" }).status, 0);
  EXPECT_EQ (trust ().status, 0);
}

} // namespace postseal_test
