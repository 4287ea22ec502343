/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dial-fixture.h"

using namespace postseal_test;

namespace
{

class Dial : public DialFixture
{
protected:
  std::string
  own_literal ()
  {
    g_autofree char *literal = postseal_sealed_link_get_own_literal (link);

    return literal;
  }
};

const ServerTls &
good ()
{
  static const ServerTls tls{ test_ca ().issue () };

  return tls;
}

} // namespace

TEST_F (Dial, ImplicitTlsGivesALinkThatAwaitsTheGreeting)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.start_tls (good ());
    peer.send ("* OK hello\r\n");
    peer.read_line ();
  });

  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_TRUE (postseal_sealed_link_awaits_greeting (link));
  EXPECT_EQ (read (12), "* OK hello\r\n");
  write ("a1 LOGIN\r\n");
  EXPECT_EQ (read (1), "");
  EXPECT_EQ (read_error_text (), "") << "close_notify is an orderly end";
  hang_up ();
  server.stop ();
  EXPECT_EQ (server.record ().tls, "a1 LOGIN\r\n");
  EXPECT_EQ (server.record ().clear, "");
}

TEST_F (Dial, SealSaysWhatWasProven)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.start_tls (good ());
    peer.stall ();
  });

  ASSERT_TRUE (dial_imaps (server)) << error->message;
  EXPECT_EQ (seal ()->voucher, POSTSEAL_VOUCHER_CA);
  EXPECT_STREQ (seal ()->tls_version, "TLS 1.3");
  EXPECT_STREQ (seal ()->cipher, "AES-256-GCM");
  EXPECT_STREQ (seal ()->name, "localhost");
  EXPECT_STREQ (seal ()->issuer, "CN=Postseal Test Root");
  EXPECT_EQ (seal ()->spki, good ().identity.pin);
  EXPECT_EQ (std::string (seal ()->address), "127.0.0.1:" + std::to_string (server.port ()));
  EXPECT_FALSE (seal ()->resumed);
  EXPECT_GT (seal ()->not_after, g_get_real_time () / G_USEC_PER_SEC);
}

TEST_F (Dial, UpgradesImapWithoutAskingForCapabilities)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("* OK hello\r\n");
    peer.read_line ();
    peer.send ("a1 OK go\r\n");
    peer.start_tls (good ());
    peer.read_all ();
  });

  ASSERT_TRUE (dial_imap (server)) << error->message;
  EXPECT_FALSE (postseal_sealed_link_awaits_greeting (link));
  EXPECT_EQ (seal ()->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_EQ (own_literal (), "[127.0.0.1]");
  hang_up ();
  server.stop ();
  EXPECT_EQ (server.record ().clear, "a1 STARTTLS\r\n");
  EXPECT_TRUE (server.record ().ended_with_close_notify);
}
