/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/scripted-server.h"

#include <gnutls/ocsp.h>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace postseal_test;

namespace
{

int
connect_to (unsigned short port)
{
  sockaddr_in address = {};
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_family = AF_INET;
  address.sin_port = htons (port);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  EXPECT_EQ (connect (fd, reinterpret_cast<sockaddr *> (&address), sizeof address), 0);
  return fd;
}

} // namespace

/* A plain blocking client, so that the server is known to be right before anything is held against
 * it. */
TEST (ScriptedServer, RecordsClearAndTlsBytesApart)
{
  CertOptions options;
  ServerTls tls{ test_ca ().issue (options) };
  gnutls_certificate_credentials_t credentials = nullptr;
  gnutls_session_t session = nullptr;
  char bytes[16];

  ScriptedServer server ([&] (Peer &peer) {
    peer.send ("hello\r\n");
    EXPECT_EQ (peer.read_line (), "upgrade");
    peer.send ("go\r\n");
    ASSERT_TRUE (peer.start_tls (tls));
    EXPECT_EQ (peer.read_line (), "secret");
    peer.send ("bye\r\n");
  });

  int fd = connect_to (server.port ());
  ASSERT_EQ (recv (fd, bytes, 7, MSG_WAITALL), 7);
  ASSERT_EQ (send (fd, "upgrade\r\n", 9, 0), 9);
  ASSERT_EQ (recv (fd, bytes, 4, MSG_WAITALL), 4);
  gnutls_certificate_allocate_credentials (&credentials);
  ASSERT_GT (gnutls_certificate_set_x509_trust_file (credentials, test_ca ().ca_file ().c_str (),
                                                     GNUTLS_X509_FMT_PEM),
             0);
  gnutls_init (&session, GNUTLS_CLIENT);
  gnutls_set_default_priority (session);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_server_name_set (session, GNUTLS_NAME_DNS, "localhost", 9);
  gnutls_session_set_verify_cert (session, "localhost", 0);
  gnutls_transport_set_int (session, fd);
  ASSERT_EQ (gnutls_handshake (session), 0);
  ASSERT_EQ (gnutls_record_send (session, "secret\r\n", 8), 8);
  ASSERT_EQ (gnutls_record_recv (session, bytes, sizeof bytes), 5);
  ASSERT_EQ (gnutls_record_recv (session, bytes, sizeof bytes), 0) << "close_notify";
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
  close (fd);

  server.stop ();
  EXPECT_EQ (server.record ().clear, "upgrade\r\n");
  EXPECT_EQ (server.record ().tls, "secret\r\n");
  EXPECT_EQ (server.record ().sni, "localhost");
  EXPECT_EQ (server.record ().version, "TLS1.3");
}

TEST (ScriptedServer, StopsWhileTheScriptWaits)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("hello\r\n");
    peer.stall ();
  });
  char bytes[7];

  int fd = connect_to (server.port ());
  ASSERT_EQ (recv (fd, bytes, 7, MSG_WAITALL), 7);
  server.stop ();
  EXPECT_EQ (server.connections (), 1u);
  close (fd);
}

TEST (TestCa, IssuesWhatIsAskedFor)
{
  CertOptions options;
  options.dns = { std::string ("a\0b.example", 11), "*.example.org" };
  options.ip = { "127.0.0.1", "::1" };
  options.key = CertOptions::Key::Rsa1024;
  options.digest = GNUTLS_DIG_SHA1;
  options.via_intermediate = true;
  options.must_staple = true;
  TestIdentity identity = test_ca ().issue (options);

  EXPECT_NE (identity.leaf_der.find (options.dns[0]), std::string::npos);
  EXPECT_EQ (identity.pin.size (), 7u + 44u);
}

TEST (TestCa, OcspResponsesAreWellFormedAndSigned)
{
  TestIdentity identity = test_ca ().issue ();
  std::string response = test_ca ().make_ocsp_response (identity, true);
  gnutls_datum_t datum = { reinterpret_cast<unsigned char *> (response.data ()),
                           static_cast<unsigned> (response.size ()) };
  gnutls_datum_t issuer_der = { reinterpret_cast<unsigned char *> (identity.issuer_der.data ()),
                                static_cast<unsigned> (identity.issuer_der.size ()) };
  gnutls_datum_t leaf_der = { reinterpret_cast<unsigned char *> (identity.leaf_der.data ()),
                              static_cast<unsigned> (identity.leaf_der.size ()) };
  gnutls_ocsp_resp_t parsed = nullptr;
  gnutls_x509_crt_t issuer = nullptr, leaf = nullptr;
  unsigned verify = 0, status = 0;

  gnutls_ocsp_resp_init (&parsed);
  ASSERT_EQ (gnutls_ocsp_resp_import (parsed, &datum), 0);
  gnutls_x509_crt_init (&issuer);
  gnutls_x509_crt_init (&leaf);
  ASSERT_EQ (gnutls_x509_crt_import (issuer, &issuer_der, GNUTLS_X509_FMT_DER), 0);
  ASSERT_EQ (gnutls_x509_crt_import (leaf, &leaf_der, GNUTLS_X509_FMT_DER), 0);
  EXPECT_EQ (gnutls_ocsp_resp_check_crt (parsed, 0, leaf), 0);
  EXPECT_EQ (gnutls_ocsp_resp_verify_direct (parsed, issuer, &verify, 0), 0);
  EXPECT_EQ (verify, 0u);
  ASSERT_EQ (gnutls_ocsp_resp_get_single (parsed, 0, nullptr, nullptr, nullptr, nullptr, &status,
                                          nullptr, nullptr, nullptr, nullptr),
             0);
  EXPECT_EQ (status, static_cast<unsigned> (GNUTLS_OCSP_CERT_REVOKED));
  gnutls_x509_crt_deinit (issuer);
  gnutls_x509_crt_deinit (leaf);
  gnutls_ocsp_resp_deinit (parsed);
}
