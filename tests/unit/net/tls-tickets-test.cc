/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

using namespace postseal_test;

namespace
{

/* RFC 9325 section 3.4, RFC 8446 section 4.6.1 and appendix C.4 */
class TlsTickets : public DialFixture
{
protected:
  TlsTickets ()
  {
    tls.identity = test_ca ().issue ();
    tls.ticket_key = make_ticket_key ();
    scope = "work";
  }

  ScriptedServer::Script
  greeting ()
  {
    return [this] (Peer &peer) {
      peer.start_tls (tls);
      peer.send ("* OK\r\n");
      peer.read_all ();
    };
  }

  /* Dials, reads the greeting (and what TLS 1.3 sends before it), hangs up. Was it a resumption? */
  bool
  resumes (ScriptedServer &server)
  {
    if (!dial_imaps (server))
      {
        ADD_FAILURE () << error->message;
        return false;
      }
    EXPECT_EQ (read (6), "* OK\r\n");
    bool is_resumed = seal ()->resumed;
    EXPECT_STREQ (seal ()->name, "localhost");
    EXPECT_EQ (seal ()->spki, tls.identity.pin);
    EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA);
    hang_up ();
    return is_resumed;
  }

  ServerTls tls;
};

} // namespace

TEST_F (TlsTickets, ResumeTheSameServerUnderTheSamePolicy)
{
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  EXPECT_TRUE (resumes (server));
  EXPECT_TRUE (resumes (server));
  server.stop ();
  EXPECT_TRUE (server.record (2).is_resumed);
}

TEST_F (TlsTickets, ResumeTls12)
{
  tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  EXPECT_TRUE (resumes (server));
}

TEST_F (TlsTickets, AreUsedOnce)
{
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  ASSERT_TRUE (dial_imaps (server));
  EXPECT_TRUE (seal ()->resumed);
  ASSERT_TRUE (dial_imaps (server)) << "before the second connection has read a new ticket";
  EXPECT_FALSE (seal ()->resumed);
}

TEST_F (TlsTickets, StayInTheirAccount)
{
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  scope = "home";
  EXPECT_FALSE (resumes (server));
  scope = nullptr;
  EXPECT_FALSE (resumes (server));
  EXPECT_FALSE (resumes (server)) << "no scope, no resumption";
}

TEST_F (TlsTickets, DieWithTheirPolicy)
{
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  policy->min = POSTSEAL_TLS_MIN_1_3;
  EXPECT_FALSE (resumes (server));
}

TEST_F (TlsTickets, StayAtTheirServer)
{
  ScriptedServer server (greeting ()), other (greeting ());

  EXPECT_FALSE (resumes (server));
  EXPECT_FALSE (resumes (other));
}

/* The names and files are the same, so is the policy's digest; what they say is not. */
TEST_F (TlsTickets, AreNotOfferedWhenTheOldChainNoLongerPasses)
{
  std::string path = test_ca ().write ("ticket-crl.pem", "");
  g_autofree char *none = nullptr, *revoked = nullptr;
  g_file_get_contents (test_ca ().write_crl ({}).c_str (), &none, nullptr, nullptr);
  g_file_get_contents (test_ca ().write_crl ({ tls.identity }).c_str (), &revoked, nullptr,
                       nullptr);
  policy->crl_file = g_strdup (path.c_str ());
  ScriptedServer server (greeting ());

  test_ca ().write ("ticket-crl.pem", none);
  EXPECT_FALSE (resumes (server));
  test_ca ().write ("ticket-crl.pem", revoked);
  EXPECT_FALSE (dial_imaps (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_REVOKED);
  server.stop ();
  EXPECT_FALSE (server.record (1).is_resumed);
}

/* The server may have forgotten the key; then it shows a certificate, and that one is verified. */
TEST_F (TlsTickets, DeclinedTicketMeansAFullHandshakeWithFullVerification)
{
  ScriptedServer server (greeting ());
  CertOptions options;

  EXPECT_FALSE (resumes (server));
  tls.ticket_key = make_ticket_key ();
  EXPECT_FALSE (resumes (server));
  tls.ticket_key = make_ticket_key ();
  options.self_signed = true;
  tls.identity = test_ca ().issue (options);
  EXPECT_FALSE (dial_imaps (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_UNTRUSTED);
}

TEST_F (TlsTickets, AreNotEarnedByFailure)
{
  CertOptions options;
  options.self_signed = true;
  TestIdentity good = tls.identity;
  tls.identity = test_ca ().issue (options);
  ScriptedServer server (greeting ());

  EXPECT_FALSE (dial_imaps (server));
  tls.identity = good;
  EXPECT_FALSE (resumes (server));
}

/* Who the client is must not come out of a ticket. */
TEST_F (TlsTickets, AreNotKeptBesideAClientCertificate)
{
  CertOptions options;
  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT };
  TestIdentity me = test_ca ().issue (options);
  policy->client_certificate = g_strdup (me.chain_file.c_str ());
  policy->client_key = g_strdup (me.key_file.c_str ());
  ScriptedServer server (greeting ());

  EXPECT_FALSE (resumes (server));
  EXPECT_FALSE (resumes (server));
}
