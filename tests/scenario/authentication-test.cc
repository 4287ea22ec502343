/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing in to servers that prove themselves, that do not, and that offer less than before. */
#include "scenario/hostile.h"
#include "scenario/toy-imap.h"
#include "support/scram-server.h"

namespace postseal_test
{

class Authentication : public Scenario
{
protected:
  using Call = ToyImap::Call;

  ToyImap server;

  Authentication ()
  {
    server.mailboxes["INBOX"].add ("A: 1\r\n\r\n");
    server.capabilities = "IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256 AUTH=PLAIN UIDPLUS";
  }

  Outcome
  fetch (const std::string &extra = "")
  {
    Outcome outcome = Scenario::fetch ("imaps", server.port (), extra);

    server.settle ();
    return outcome;
  }

  /* Serves SCRAM-SHA-256; @server_final replaces what proves the server, "-" leaves it out. */
  static bool
  serve_scram (const Call &call, ScramServer scram, const std::string &server_final = "")
  {
    const std::string name = "SCRAM-SHA-256 ";

    if (call.verb != "AUTHENTICATE" || call.words.rfind (name, 0) != 0)
      return false;
    call.peer.send ("+ "
                    + base64_encode (scram.first (base64_decode (call.words.substr (name.size ()))))
                    + "\r\n");
    std::string answer = call.peer.read_line ().value_or ("*");
    std::optional<std::string> proof
        = answer == "*" ? std::nullopt : scram.final (base64_decode (answer));

    if (!proof)
      {
        call.peer.send (call.tag + " NO [AUTHENTICATIONFAILED] wrong\r\n");
        return true;
      }
    if (server_final != "-")
      {
        call.peer.send ("+ " + base64_encode (server_final.empty () ? *proof : server_final)
                        + "\r\n");
        call.peer.read_line ();
      }
    call.peer.send (call.tag + " OK welcome\r\n");
    return true;
  }

  /* The server is not believed: nothing is asked of it, and it learns nothing. */
  void
  expect_not_believed (const Outcome &outcome)
  {
    EXPECT_EQ (outcome.status, 76) << outcome.err;
    EXPECT_TRUE (sandbox.messages ("Mail").empty ());
    EXPECT_EQ (server.count ("SELECT") + server.count ("EXAMINE") + server.count ("UID"), 0u);
    EXPECT_EQ (server.count ("AUTHENTICATE PLAIN") + server.count ("LOGIN"), 0u);
    expect_no_password_sent ();
  }
  void
  expect_no_password_sent ()
  {
    using namespace std::string_literals;
    const std::string plain = base64_encode ("\0jane\0"s + kPassword);

    server.stop ();
    for (unsigned i = 0; i < server.server ().connections (); i++)
      {
        std::string heard = server.server ().record (i).tls;

        EXPECT_EQ (heard.find (kPassword), std::string::npos) << heard;
        EXPECT_EQ (heard.find (base64_encode (kPassword)), std::string::npos) << heard;
        EXPECT_EQ (heard.find (plain), std::string::npos) << heard;
      }
  }
};

INSTANTIATE_TEST_SUITE_P (Imap, Authentication, testing::Values (kProtocols[0]), protocol_name);

TEST_P (Authentication, ScramFetchesWithoutShowingThePassword)
{
  server.hook = [] (const Call &call) { return serve_scram (call, ScramServer (kPassword)); };
  EXPECT_EQ (fetch ().status, 0);
  EXPECT_EQ (sandbox.messages ("Mail").size (), 1u);
  expect_no_password_sent ();
}

TEST_P (Authentication, WhoHasDoneScramCannotGoBackToThePassword)
{
  server.hook = [] (const Call &call) { return serve_scram (call, ScramServer (kPassword)); };
  EXPECT_EQ (fetch ().status, 0);
  server.hook = nullptr;
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN UIDPLUS";
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  EXPECT_NE (outcome.err.find ("SCRAM-SHA-256"), std::string::npos) << outcome.err;
  EXPECT_NE (outcome.err.find ("--forget-latches"), std::string::npos) << outcome.err;
  EXPECT_EQ (server.count ("AUTHENTICATE PLAIN") + server.count ("AUTHENTICATE LOGIN")
                 + server.count ("LOGIN"),
             0u);
  expect_no_password_sent ();
}

TEST_P (Authentication, TheUserCanForgetWhatTheServerDid)
{
  server.hook = [] (const Call &call) { return serve_scram (call, ScramServer (kPassword)); };
  EXPECT_EQ (fetch ().status, 0);
  server.hook = nullptr;
  server.capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS";
  EXPECT_EQ (fetch ().status, 76);
  EXPECT_EQ (sandbox.run ({ "account", "edit", "work", "--forget-latches" }).status, 0);
  EXPECT_EQ (fetch ().status, 0);
}

/* RFC 5802 section 5: the signature is what tells the server from somebody in the middle. */
TEST_P (Authentication, AForgedSignatureIsNotBelieved)
{
  server.hook = [] (const Call &call) {
    ScramServer scram (kPassword);

    scram.forges_signature = true;
    return serve_scram (call, scram);
  };
  expect_not_believed (fetch ());
}

TEST_P (Authentication, SuccessWithoutASignatureIsNotBelieved)
{
  server.hook = [] (const Call &call) { return serve_scram (call, ScramServer (kPassword), "-"); };
  expect_not_believed (fetch ());
}

TEST_P (Authentication, SuccessAtOnceIsNotBelieved)
{
  server.hook = [] (const Call &call) {
    if (call.verb != "AUTHENTICATE")
      return false;
    call.peer.send (call.tag + " OK welcome\r\n");
    return true;
  };
  expect_not_believed (fetch ());
}

TEST_P (Authentication, ANonceThatIsNotOursIsNotAnswered)
{
  server.hook = [] (const Call &call) {
    ScramServer scram (kPassword);

    scram.drops_nonce = true;
    return serve_scram (call, scram);
  };
  expect_not_believed (fetch ());
}

TEST_P (Authentication, IterationsWithoutEndAreNotCounted)
{
  server.hook = [] (const Call &call) {
    ScramServer scram (kPassword);

    scram.iterations = "4000000000";
    return serve_scram (call, scram);
  };
  Outcome outcome = fetch ();

  expect_not_believed (outcome);
  EXPECT_LT (outcome.seconds, 8);
}

/* RFC 9051 section 6.2.3. */
TEST_P (Authentication, LoginDisabledIsHeeded)
{
  server.capabilities = "IMAP4rev1 LOGINDISABLED UIDPLUS";
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (server.count ("LOGIN") + server.count ("AUTHENTICATE"), 0u);
  expect_no_password_sent ();
}

TEST_P (Authentication, AMechanismThatIsNotThereAfterAllGivesWayToTheNext)
{
  server.hook = [] (const Call &call) {
    if (call.verb != "AUTHENTICATE" || call.words.rfind ("SCRAM", 0) != 0)
      return false;
    call.peer.send (call.tag + " BAD unknown mechanism\r\n");
    return true;
  };
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (server.count ("AUTHENTICATE PLAIN"), 1u);
}

/* RFC 5530 section 3. */
TEST_P (Authentication, AServerThatCannotNowIsTriedLater)
{
  server.hook = [] (const Call &call) {
    if (call.verb != "AUTHENTICATE")
      return false;
    call.peer.send (call.tag + " NO [UNAVAILABLE] the directory is down\r\n");
    return true;
  };
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_EQ (server.count ("AUTHENTICATE"), 1u) << "and not with a weaker mechanism";
}

TEST_P (Authentication, AWrongPasswordIsNotShownToAServerThatDoesScram)
{
  server.hook = [] (const Call &call) { return serve_scram (call, ScramServer ("another")); };
  Outcome outcome = fetch ();

  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (server.count ("AUTHENTICATE"), 1u);
  expect_no_password_sent ();
}

} // namespace postseal_test
