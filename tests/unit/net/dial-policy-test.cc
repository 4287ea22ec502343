/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"
#include "fake-resolver.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

using namespace postseal_test;

namespace
{

/* What each level of policy allows, and what a success takes away. */
class DialPolicy : public DialFixture
{
protected:
  void
  use_level (PostsealTlsLevel level)
  {
    postseal_tls_policy_unref (policy);
    policy = postseal_tls_policy_new (level);
    if (level != POSTSEAL_TLS_LOOPBACK)
      policy->ca_file = g_strdup (test_ca ().ca_file ().c_str ());
  }

  bool
  dial_smtp (ScriptedServer &server)
  {
    return dial (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, server.port ());
  }

  const char *
  latch (ScriptedServer &server, const char *name)
  {
    return postseal_latches_get (latches, ("localhost:" + std::to_string (server.port ())).c_str (),
                                 name);
  }

  /* An SMTP server that does what `stage` says. */
  enum Stage
  {
    STRIPPED,
    SELF_SIGNED,
    VERIFIED,
    INJECTED,
  };

  ScriptedServer::Script
  smtp ()
  {
    return [this] (Peer &peer) {
      Stage now = stage;

      peer.send ("220 hello\r\n");
      peer.read_line ();
      peer.send (now == SELF_SIGNED || now == VERIFIED ? "250-h\r\n250 STARTTLS\r\n" : "250 h\r\n");
      peer.read_line ();
      if (now == STRIPPED)
        peer.send ("502 what\r\n");
      else if (now == INJECTED)
        peer.send ("502 what\r\n250 mine\r\n");
      else
        {
          peer.send ("220 go\r\n");
          peer.start_tls (now == VERIFIED ? good : bad);
        }
      peer.read_all ();
    };
  }

  DialPolicy ()
  {
    CertOptions options;
    options.self_signed = true;
    good.identity = test_ca ().issue ();
    bad.identity = test_ca ().issue (options);
  }

  ServerTls good, bad;
  std::atomic<Stage> stage{ STRIPPED };
};

/* An address of this machine that is not loopback, or "". */
std::string
outer_address ()
{
  ifaddrs *list = nullptr;
  std::string found;

  if (getifaddrs (&list) != 0)
    return "";
  for (ifaddrs *i = list; i != nullptr; i = i->ifa_next)
    if (i->ifa_addr != nullptr && i->ifa_addr->sa_family == AF_INET)
      {
        char text[INET_ADDRSTRLEN];
        auto *in = reinterpret_cast<sockaddr_in *> (i->ifa_addr);

        inet_ntop (AF_INET, &in->sin_addr, text, sizeof text);
        if ((ntohl (in->sin_addr.s_addr) >> 24) != 127)
          found = text;
      }
  freeifaddrs (list);
  return found;
}

} // namespace

TEST_F (DialPolicy, LoopbackNeedsNoTlsAndSaysSo)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_all ();
  });

  use_level (POSTSEAL_TLS_LOOPBACK);
  ASSERT_TRUE (dial_imap (server)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_LOOPBACK);
  EXPECT_EQ (seal ()->tls_version, nullptr);
  EXPECT_TRUE (postseal_sealed_link_awaits_greeting (link));
  const char *type = nullptr;
  EXPECT_EQ (postseal_sealed_link_get_channel_binding (link, &type), nullptr);
  EXPECT_FALSE (postseal_sealed_link_has_client_certificate (link));
  EXPECT_EQ (read (12), "* OK hello\r\n");
  write ("x\r\n");
  hang_up ();
  server.stop ();
  EXPECT_EQ (server.record ().clear, "x\r\n");
}

/* getpeername decides: a name that looks remote is fine when it is this machine ... */
TEST_F (DialPolicy, LoopbackByAnyName)
{
  FakeResolver resolver;
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  resolver.ipv4.addresses = { "127.0.0.1" };
  use_level (POSTSEAL_TLS_LOOPBACK);
  EXPECT_TRUE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, server.port (),
                     "mail.example.org"));
}

/* ... and one that looks local is not when it is not. */
TEST_F (DialPolicy, LoopbackIsNeverAMatterOfNames)
{
  std::string address = outer_address ();
  FakeResolver resolver;

  if (address.empty ())
    GTEST_SKIP () << "this machine has loopback only";
  ScriptedServer server ([] (Peer &peer) { peer.read_all (); }, address);
  resolver.ipv4.addresses = { address };
  use_level (POSTSEAL_TLS_LOOPBACK);
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, server.port (),
                      "mail.localhost.test"));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_NOT_LOOPBACK);
  server.stop ();
  EXPECT_EQ (server.all_clear (), "");
}

/* The scripted bypass of the above, for machines without another address: enforced stays enforced.
 */
TEST_F (DialPolicy, EnforcedIsEnforcedOnLoopbackToo)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_line ();
    peer.send ("a1 NO\r\n");
    peer.read_all ();
  });

  EXPECT_FALSE (dial_imap (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_REFUSED);
}

TEST_F (DialPolicy, OpportunisticIsForSendingOnly)
{
  use_level (POSTSEAL_TLS_OPPORTUNISTIC);
  for (PostsealProtocol protocol : { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_PROTOCOL_POP3 })
    {
      EXPECT_FALSE (dial (protocol, POSTSEAL_TLS_START_UPGRADE, unused_port ()));
      EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_SETTINGS);
    }
}

TEST_F (DialPolicy, OpportunisticGoesOnInClearAndSaysSo)
{
  ScriptedServer server (smtp ());

  use_level (POSTSEAL_TLS_OPPORTUNISTIC);
  ASSERT_TRUE (dial_smtp (server)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_NONE);
  EXPECT_EQ (seal ()->tls_version, nullptr);
  EXPECT_FALSE (postseal_sealed_link_awaits_greeting (link));
  EXPECT_EQ (latch (server, "tls"), nullptr);
}

/* RFC 3207 section 6: once seen with TLS, never again without. */
TEST_F (DialPolicy, LatchEndsOpportunismAtTheFirstSuccess)
{
  ScriptedServer server (smtp ());

  use_level (POSTSEAL_TLS_OPPORTUNISTIC);
  stage = SELF_SIGNED;
  ASSERT_TRUE (dial_smtp (server)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_NONE);
  EXPECT_STREQ (seal ()->tls_version, "TLS 1.3");
  EXPECT_STREQ (latch (server, "tls"), "1.3");
  EXPECT_EQ (latch (server, "voucher"), nullptr);

  stage = STRIPPED;
  EXPECT_FALSE (dial_smtp (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_LATCH);

  stage = VERIFIED;
  ASSERT_TRUE (dial_smtp (server)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA);
  stage = SELF_SIGNED;
  EXPECT_FALSE (dial_smtp (server)) << "once vouched for, always";
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_UNTRUSTED);

  postseal_latches_clear (latches, nullptr);
  stage = STRIPPED;
  EXPECT_TRUE (dial_smtp (server)) << "the user's word";
}

TEST_F (DialPolicy, OpportunisticStillRefusesInjection)
{
  ScriptedServer server (smtp ());

  use_level (POSTSEAL_TLS_OPPORTUNISTIC);
  stage = INJECTED;
  EXPECT_FALSE (dial_smtp (server));
}

/* TLS 1.3 once, 1.2 later: a replaced server, not an attack (RFC 8446 section 4.1.3 sees to those).
 */
TEST_F (DialPolicy, LatchRemembersTheHighestVersionAndDemandsNone)
{
  ScriptedServer server ([&] (Peer &peer) {
    ServerTls tls = good;
    if (peer.index () == 1)
      tls.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    peer.start_tls (tls);
    peer.read_all ();
  });

  ASSERT_TRUE (dial_imaps (server));
  EXPECT_TRUE (postseal_latches_is_changed (latches));
  EXPECT_EQ (seal ()->tls_before, nullptr);
  ASSERT_TRUE (dial_imaps (server));
  EXPECT_STREQ (seal ()->tls_version, "TLS 1.2");
  EXPECT_STREQ (seal ()->tls_before, "TLS 1.3") << "told, not refused";
  EXPECT_STREQ (latch (server, "tls"), "1.3");
}

/* Each connection has the next of @identities, the last one again and again. */
static ScriptedServer::Script
show_in_turn (const std::vector<TestIdentity> &identities)
{
  return [&identities] (Peer &peer) {
    const size_t index = std::min<size_t> (peer.index (), identities.size () - 1);

    peer.start_tls (ServerTls{ identities[index] });
    peer.read_all ();
  };
}

TEST_F (DialPolicy, ARenewedCertificateIsNewsOnceAndAStrangersForSomeTime)
{
  CertOptions of_another;
  of_another.via_intermediate = true;
  const std::vector<TestIdentity> identities
      = { test_ca ().issue (CertOptions ()), test_ca ().issue (CertOptions ()),
          test_ca ().issue (of_another) };
  const std::vector<TestIdentity> shown
      = { identities[0], identities[1], identities[1], identities[0], identities[2] };
  ScriptedServer server (show_in_turn (shown));
  const std::string place = "localhost:" + std::to_string (server.port ());

  for (const char *change : { "", "renewed", "", "", "stranger", "stranger" })
    {
      ASSERT_TRUE (dial_imaps (server)) << error->message;
      EXPECT_STREQ (seal ()->key_change != nullptr ? seal ()->key_change : "", change);
    }
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, place.c_str ());
  ASSERT_EQ (keys->len, 3u);
  static_cast<PostsealKeyEntry *> (g_ptr_array_index (keys, 2))->since -= 15 * 86400;
  g_autofree char *text = postseal_key_history_format (keys);
  postseal_latches_set (latches, place.c_str (), "keys", text);
  ASSERT_TRUE (dial_imaps (server));
  EXPECT_EQ (seal ()->key_change, nullptr);
}

TEST_F (DialPolicy, TheSpareOfTwoPinsIsNewsAndAThirdKeyIsRefused)
{
  const std::vector<TestIdentity> identities
      = { test_ca ().issue (CertOptions ()), test_ca ().issue (CertOptions ()),
          test_ca ().issue (CertOptions ()) };
  ScriptedServer server (show_in_turn (identities));

  /* What they are is learned without pins. */
  std::vector<std::string> keys;
  for (int i = 0; i < 3; i++)
    {
      ASSERT_TRUE (dial_imaps (server)) << error->message;
      keys.push_back (seal ()->spki);
    }
  postseal_latches_clear (latches, nullptr);
  const char *pins[] = { keys[0].c_str (), keys[1].c_str (), nullptr };
  policy->pins = g_strdupv (const_cast<char **> (pins));
  ScriptedServer again (show_in_turn (identities));
  for (const char *change : { "", "spare" })
    {
      ASSERT_TRUE (dial_imaps (again)) << error->message;
      EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA_PIN);
      EXPECT_STREQ (seal ()->key_change != nullptr ? seal ()->key_change : "", change);
    }
  EXPECT_FALSE (dial_imaps (again));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_PIN);
}

/* RFC 3207 section 6: what was offered before says that somebody may have taken it away. */
TEST_F (DialPolicy, AnOfferThatIsMissedIsCalledSo)
{
  ScriptedServer server (smtp ());

  stage = STRIPPED;
  EXPECT_FALSE (dial_smtp (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_NOT_OFFERED);
  EXPECT_EQ (std::string (error->message).find ("did TLS before"), std::string::npos);
  stage = VERIFIED;
  ASSERT_TRUE (dial_smtp (server)) << error->message;
  stage = STRIPPED;
  EXPECT_FALSE (dial_smtp (server));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_NOT_OFFERED);
  EXPECT_NE (std::string (error->message).find ("did TLS before"), std::string::npos);
}

/* Who vouched for nobody is not remembered by a key. */
TEST_F (DialPolicy, AKeyThatNobodyVouchesForIsNotRemembered)
{
  ScriptedServer server (smtp ());

  use_level (POSTSEAL_TLS_OPPORTUNISTIC);
  stage = SELF_SIGNED;
  ASSERT_TRUE (dial_smtp (server)) << error->message;
  EXPECT_EQ (latch (server, "keys"), nullptr);
  EXPECT_NE (latch (server, "tls-since"), nullptr);
  EXPECT_NE (std::string (latch (server, "tls-by")).find ("TLS 1.3"), std::string::npos);
}

/* RFC 8314 section 5.5 */
TEST_F (DialPolicy, ClientCertificateIsSentWhenAskedForAndOnlyThen)
{
  CertOptions options;
  options.purposes = { GNUTLS_KP_TLS_WWW_CLIENT };
  TestIdentity me = test_ca ().issue (options);
  ScriptedServer server ([&] (Peer &peer) {
    ServerTls tls = good;
    tls.asks_for_certificate = peer.index () != 1;
    peer.start_tls (tls);
    peer.stall ();
  });

  policy->client_certificate = g_strdup (me.chain_file.c_str ());
  policy->client_key = g_strdup (me.key_file.c_str ());
  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_TRUE (postseal_sealed_link_has_client_certificate (link));
  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_FALSE (postseal_sealed_link_has_client_certificate (link));
  use_level (POSTSEAL_TLS_ENFORCED);
  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_FALSE (postseal_sealed_link_has_client_certificate (link));
  hang_up ();
  server.stop ();
  EXPECT_EQ (server.record (0).client_certificates, 1u);
  EXPECT_EQ (server.record (1).client_certificates, 0u);
  EXPECT_EQ (server.record (2).client_certificates, 0u);
}

TEST_F (DialPolicy, KeyInTheCertificatesFile)
{
  TestIdentity me = test_ca ().issue ();
  ScriptedServer server ([&] (Peer &peer) {
    ServerTls tls = good;
    tls.asks_for_certificate = true;
    peer.start_tls (tls);
    peer.stall ();
  });

  policy->client_certificate
      = g_strdup (test_ca ().write ("both.pem", me.chain_pem + me.key_pem).c_str ());
  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_TRUE (postseal_sealed_link_has_client_certificate (link));
}

TEST_F (DialPolicy, UnusableClientCertificateIsASettingsError)
{
  policy->client_certificate = g_strdup ("/nonexistent/me.pem");
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ()));
  EXPECT_TLS_ERROR (POSTSEAL_TLS_ERROR_SETTINGS);
}

TEST_F (DialPolicy, CancelsInEveryState)
{
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  ScriptedServer silent ([] (Peer &peer) { peer.stall (); });

  cancellable = stop;
  for (PostsealTlsStart start : { POSTSEAL_TLS_START_IMPLICIT, POSTSEAL_TLS_START_UPGRADE })
    for (unsigned after_ms : { 0u, 30u })
      {
        g_cancellable_reset (stop);
        GSource *source = g_timeout_source_new (after_ms);
        g_source_set_callback (
            source,
            [] (gpointer data) -> gboolean {
              g_cancellable_cancel (G_CANCELLABLE (data));
              return G_SOURCE_REMOVE;
            },
            stop, nullptr);
        g_source_attach (source, loop.context ());
        g_source_unref (source);
        EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, start, silent.port ()));
        EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error->message;
      }
}

TEST_F (DialPolicy, RefusedConnectionIsTheNetworksFault)
{
  EXPECT_FALSE (dial (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ()));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT));
}
