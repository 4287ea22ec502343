/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/endpoint.h"
#include "net/latches.h"
#include "net/net-error.h"
#include "net/seal.h"
#include "net/sealed-link-private.h"
#include "net/tls-policy.h"
#include "support/test-ca.h"

#include <gtest/gtest.h>

#include <string>
#include <sys/stat.h>

using postseal_test::test_ca;

/* RFC 8314 section 7 */
TEST (Endpoint, DefaultPortsFollowProtocolAndStart)
{
  struct
  {
    PostsealProtocol protocol;
    PostsealTlsStart start;
    guint16 port;
  } const table[] = {
    { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, 993 },
    { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, 143 },
    { POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT, 995 },
    { POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE, 110 },
    { POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT, 465 },
    { POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 587 },
  };

  for (const auto &row : table)
    {
      g_autoptr (PostsealEndpoint) endpoint
          = postseal_endpoint_new (row.protocol, row.start, "h", 0);

      EXPECT_EQ (endpoint->port, row.port);
    }
}

TEST (Endpoint, IsEqualToTheSameServerReachedInTheSameWay)
{
  auto make = [] (PostsealTlsStart start, const char *host, guint16 port) {
    return postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, start, host, port);
  };
  g_autoptr (PostsealEndpoint) one = make (POSTSEAL_TLS_START_IMPLICIT, "Imap.example.org", 0);
  g_autoptr (PostsealEndpoint) same = make (POSTSEAL_TLS_START_IMPLICIT, "imap.example.org", 993);
  g_autoptr (PostsealEndpoint) other_start = make (POSTSEAL_TLS_START_UPGRADE, one->host, 993);
  g_autoptr (PostsealEndpoint) other_port = make (POSTSEAL_TLS_START_IMPLICIT, one->host, 994);
  g_autoptr (PostsealEndpoint) other_host = make (POSTSEAL_TLS_START_IMPLICIT, "example.org", 0);

  EXPECT_TRUE (postseal_endpoint_equal (one, same));
  EXPECT_TRUE (postseal_endpoint_equal (nullptr, nullptr));
  for (const PostsealEndpoint *other :
       { other_start, other_port, other_host, static_cast<PostsealEndpoint *> (nullptr) })
    EXPECT_FALSE (postseal_endpoint_equal (one, other));
}

TEST (Endpoint, HostsHaveOneSpelling)
{
  struct
  {
    const char *host;
    const char *text;
  } const table[] = {
    { "Mail.Example.ORG", "mail.example.org:1" },
    { "mail.example.org.", "mail.example.org:1" },
    { "M\xc3\xbcller.example", "xn--mller-kva.example:1" },
    { "127.0.0.1", "127.0.0.1:1" },
    { "::1", "[::1]:1" },
    { "[0:0::0:1]", "[::1]:1" },
  };

  for (const auto &row : table)
    {
      g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
          POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, row.host, 1);
      g_autofree char *text = postseal_endpoint_to_string (endpoint);

      EXPECT_STREQ (text, row.text);
    }
}

TEST (TlsPolicy, DigestDiffersWheneverPoliciesDiffer)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, nullptr);
  const char *one[] = { "a", nullptr }, *two[] = { "a", "b", nullptr },
             *joined[] = { "ab", nullptr };
  guint count = 0;
  auto add = [&] (auto change) {
    g_autoptr (PostsealTlsPolicy) policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);

    change (policy);
    g_hash_table_add (seen, postseal_tls_policy_digest (policy));
    count++;
  };

  add ([] (PostsealTlsPolicy *) {});
  add ([] (PostsealTlsPolicy *p) { p->level = POSTSEAL_TLS_OPPORTUNISTIC; });
  add ([] (PostsealTlsPolicy *p) { p->min = POSTSEAL_TLS_MIN_1_3; });
  add ([] (PostsealTlsPolicy *p) { p->ca_file = g_strdup ("a"); });
  add ([] (PostsealTlsPolicy *p) { p->ca_file = g_strdup (""); });
  add ([] (PostsealTlsPolicy *p) { p->crl_file = g_strdup ("a"); });
  add ([] (PostsealTlsPolicy *p) { p->dane = POSTSEAL_DANE_REQUIRE; });
  add ([] (PostsealTlsPolicy *p) { p->dane = POSTSEAL_DANE_OFF; });
  add ([] (PostsealTlsPolicy *p) { p->client_certificate = g_strdup ("a"); });
  add ([] (PostsealTlsPolicy *p) { p->client_key = g_strdup ("a"); });
  add ([&] (PostsealTlsPolicy *p) { p->pins = g_strdupv (const_cast<char **> (one)); });
  add ([&] (PostsealTlsPolicy *p) { p->pins = g_strdupv (const_cast<char **> (two)); });
  add ([&] (PostsealTlsPolicy *p) { p->pins = g_strdupv (const_cast<char **> (joined)); });
  EXPECT_EQ (g_hash_table_size (seen), count);

  add ([] (PostsealTlsPolicy *) {});
  EXPECT_EQ (g_hash_table_size (seen), count - 1) << "equal policies have equal digests";
}

TEST (TlsPolicy, PinsAreCheckedByForm)
{
  EXPECT_TRUE (postseal_tls_pin_is_valid ("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
  for (const char *bad : { "", "sha256:", "sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA",
                           "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                           "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                           "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
                           "sha256:AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA=",
                           "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" })
    EXPECT_FALSE (postseal_tls_pin_is_valid (bad)) << bad;
}

namespace
{

PostsealSeal *
make_seal ()
{
  PostsealSeal *seal = postseal_seal_new ();

  seal->voucher = POSTSEAL_VOUCHER_CA_PIN;
  seal->endpoint = g_strdup ("imap.example.org:143");
  seal->protocol = POSTSEAL_PROTOCOL_POP3;
  seal->start = POSTSEAL_TLS_START_UPGRADE;
  seal->address = g_strdup ("192.0.2.1:143");
  seal->tls_version = g_strdup ("TLS 1.3");
  seal->cipher = g_strdup ("AES-256-GCM");
  seal->key_exchange = g_strdup ("ECDHE-X25519");
  seal->name = g_strdup ("*.example.org");
  seal->issuer = g_strdup ("CN=R3,O=a=b");
  seal->not_after = 1000 + 71 * 86400;
  seal->spki = g_strdup ("sha256:x");
  seal->resumed = TRUE;
  postseal_seal_set_mechanism (seal, "PLAIN");
  return seal;
}

} // namespace

TEST (Seal, SurvivesSerialization)
{
  g_autoptr (PostsealSeal) seal = make_seal ();
  g_autofree char *text = postseal_seal_serialize (seal);
  g_autoptr (PostsealSeal) again = postseal_seal_parse (text);
  ASSERT_NE (again, nullptr);
  g_autofree char *twice = postseal_seal_serialize (again);

  EXPECT_STREQ (text, twice);
  EXPECT_EQ (again->voucher, POSTSEAL_VOUCHER_CA_PIN);
  EXPECT_EQ (again->protocol, POSTSEAL_PROTOCOL_POP3);
  EXPECT_EQ (again->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_STREQ (again->issuer, "CN=R3,O=a=b");
  EXPECT_EQ (again->not_after, seal->not_after);
  EXPECT_TRUE (again->resumed);
  EXPECT_STREQ (again->mechanism, "PLAIN");
}

TEST (Seal, TellsWhatTheDnsSays)
{
  g_autoptr (PostsealSeal) seal = make_seal ();
  seal->voucher = POSTSEAL_VOUCHER_DANE_PIN;
  seal->dane = g_strdup ("3 1 1");
  g_autofree char *text = postseal_seal_serialize (seal);
  g_autoptr (PostsealSeal) again = postseal_seal_parse (text);
  ASSERT_NE (again, nullptr);
  EXPECT_EQ (again->voucher, POSTSEAL_VOUCHER_DANE_PIN);
  EXPECT_STREQ (again->dane, "3 1 1");
  EXPECT_TRUE (postseal_seal_has_dane (again));
  EXPECT_TRUE (postseal_seal_is_verified (again));

  const std::pair<const char *, const char *> cases[] = {
    { "3 1 1", "vouched for by CN=R3,O=a=b, DANE 3 1 1, 71 days" },
    { "bogus", "vouched for by CN=R3,O=a=b, the DNS is signed wrongly, 71 days" },
    { "unreachable",
      "vouched for by CN=R3,O=a=b, the DNS does not say whether it has DANE, 71 days" },
    { "none", "vouched for by CN=R3,O=a=b, 71 days" },
    { "insecure", "vouched for by CN=R3,O=a=b, 71 days" },
  };
  again->voucher = POSTSEAL_VOUCHER_CA;
  for (const auto &[dane, words] : cases)
    {
      g_free (again->dane);
      again->dane = g_strdup (dane);
      g_autofree char *line = postseal_seal_to_string (again, 1000);
      EXPECT_NE (std::string (line).find (words), std::string::npos) << line;
    }
  again->voucher = POSTSEAL_VOUCHER_DANE;
  g_autofree char *line = postseal_seal_to_string (again, 1000);
  EXPECT_NE (std::string (line).find ("*.example.org vouched for by DANE, "), std::string::npos)
      << line;
  for (PostsealVoucher voucher : { POSTSEAL_VOUCHER_LOOPBACK, POSTSEAL_VOUCHER_NONE })
    {
      again->voucher = voucher;
      EXPECT_FALSE (postseal_seal_is_verified (again));
    }
}

TEST (Seal, AbsentFactsStayAbsent)
{
  g_autoptr (PostsealSeal) again
      = postseal_seal_parse ("endpoint=h:1\nfuture-fact=x\nvoucher=loopback\n");

  ASSERT_NE (again, nullptr);
  EXPECT_EQ (again->tls_version, nullptr);
  EXPECT_EQ (again->mechanism, nullptr);
}

TEST (Seal, NoValueForgesAFact)
{
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();
  seal->endpoint = g_strdup ("h:1");
  seal->name = g_strdup ("x\nvoucher=ca");
  g_autofree char *text = postseal_seal_serialize (seal);
  g_autoptr (PostsealSeal) again = postseal_seal_parse (text);

  ASSERT_NE (again, nullptr);
  EXPECT_EQ (again->voucher, POSTSEAL_VOUCHER_NONE);
}

TEST (Seal, WhatIsNoSealIsRefused)
{
  for (const char *bad :
       { "", "voucher=ca\n", "endpoint=h:1\n", "endpoint=h:1\nvoucher=me\n",
         "endpoint=h:1\nvoucher=ca\nnot-after=x\n", "endpoint=h:1\nvoucher=ca\nhm\n",
         "endpoint=h:1\nvoucher=ca\nprotocol=ftp\n" })
    {
      PostsealSeal *seal = postseal_seal_parse (bad);

      EXPECT_EQ (seal, nullptr) << bad;
      g_clear_pointer (&seal, postseal_seal_unref);
    }
}

TEST (Seal, IsOneLineForAPerson)
{
  g_autoptr (PostsealSeal) seal = make_seal ();
  g_autofree char *text = postseal_seal_to_string (seal, 1000);
  g_autoptr (PostsealSeal) bare = postseal_seal_new ();
  bare->voucher = POSTSEAL_VOUCHER_LOOPBACK;
  bare->address = g_strdup ("127.0.0.1:143");
  g_autofree char *loopback = postseal_seal_to_string (bare, 1000);

  EXPECT_STREQ (text, "TLS 1.3, AES-256-GCM, *.example.org vouched for by CN=R3,O=a=b and by its "
                      "pinned key, 71 days left, PLAIN");
  EXPECT_STREQ (loopback, "no TLS, this machine (127.0.0.1:143)");
}

class Latches : public testing::Test
{
protected:
  std::string path = test_ca ().directory () + "/latches";
  GError *error = nullptr;

  void
  TearDown () override
  {
    remove (path.c_str ());
    g_clear_error (&error);
  }
};

TEST_F (Latches, SurviveSaveAndLoad)
{
  g_autoptr (PostsealLatches) latches = postseal_latches_new ();
  struct stat info = {};

  EXPECT_FALSE (postseal_latches_is_changed (latches));
  postseal_latches_set (latches, "[::1]:993", "tls", "1.3");
  postseal_latches_set (latches, "h:1", "mechanism", "SCRAM-SHA-256");
  EXPECT_TRUE (postseal_latches_is_changed (latches));
  ASSERT_TRUE (postseal_latches_save (latches, path.c_str (), &error)) << error->message;
  EXPECT_FALSE (postseal_latches_is_changed (latches));
  ASSERT_EQ (stat (path.c_str (), &info), 0);
  EXPECT_EQ (info.st_mode & 0777, 0600u);

  g_autoptr (PostsealLatches) again = postseal_latches_load (path.c_str (), &error);
  ASSERT_NE (again, nullptr) << error->message;
  EXPECT_STREQ (postseal_latches_get (again, "[::1]:993", "tls"), "1.3");
  EXPECT_STREQ (postseal_latches_get (again, "h:1", "mechanism"), "SCRAM-SHA-256");
  EXPECT_EQ (postseal_latches_get (again, "h:2", "tls"), nullptr);
  postseal_latches_set (again, "h:1", "mechanism", "SCRAM-SHA-256");
  EXPECT_FALSE (postseal_latches_is_changed (again)) << "nothing new was learned";
}

TEST_F (Latches, LearnSideBySide)
{
  g_autoptr (PostsealLatches) fetching = postseal_latches_load (path.c_str (), &error);
  g_autoptr (PostsealLatches) sending = postseal_latches_load (path.c_str (), &error);

  postseal_latches_set (fetching, "imap:993", "tls", "1.3");
  postseal_latches_set (sending, "smtp:587", "tls", "1.2");
  ASSERT_TRUE (postseal_latches_teach (fetching, path.c_str (), &error)) << error->message;
  ASSERT_TRUE (postseal_latches_teach (sending, path.c_str (), &error)) << error->message;
  EXPECT_FALSE (postseal_latches_is_changed (sending));

  g_autoptr (PostsealLatches) both = postseal_latches_load (path.c_str (), &error);
  EXPECT_STREQ (postseal_latches_get (both, "imap:993", "tls"), "1.3");
  EXPECT_STREQ (postseal_latches_get (both, "smtp:587", "tls"), "1.2");
}

/* Which wrote neither times nor keys. */
TEST_F (Latches, AreReadFromAnOlderVersionsFile)
{
  const char *old = "[latches]\nformat=1\n\n[imap.example.org:143]\ntls=1.3\nvoucher=ca\n"
                    "mechanism=SCRAM-SHA-256\n";

  g_file_set_contents (path.c_str (), old, -1, nullptr);
  g_autoptr (PostsealLatches) latches = postseal_latches_load (path.c_str (), &error);
  ASSERT_NE (latches, nullptr) << error->message;
  EXPECT_STREQ (postseal_latches_get (latches, "imap.example.org:143", "tls"), "1.3");
  EXPECT_EQ (postseal_latches_get (latches, "imap.example.org:143", "tls-since"), nullptr);
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, "imap.example.org:143");
  EXPECT_EQ (keys->len, 0u);
  g_auto (GStrv) endpoints = postseal_latches_list_endpoints (latches);
  ASSERT_EQ (g_strv_length (endpoints), 1u);
  EXPECT_STREQ (endpoints[0], "imap.example.org:143");
}

/* Two runs that began together: the one that saw less does not take back what the other saw. */
TEST_F (Latches, OnlyRiseInTheFile)
{
  g_autoptr (PostsealLatches) one = postseal_latches_new ();
  g_autoptr (PostsealLatches) other = postseal_latches_new ();

  postseal_latches_set (one, "h:1", "tls", "1.3");
  postseal_latches_set (one, "h:1", "keys", "1 first sha256:A CN=a");
  postseal_latches_set (other, "h:1", "tls", "1.2");
  postseal_latches_set (other, "h:1", "keys", "2 first sha256:B CN=a");
  ASSERT_TRUE (postseal_latches_teach (one, path.c_str (), &error)) << error->message;
  ASSERT_TRUE (postseal_latches_teach (other, path.c_str (), &error)) << error->message;
  g_autoptr (PostsealLatches) both = postseal_latches_load (path.c_str (), &error);
  EXPECT_STREQ (postseal_latches_get (both, "h:1", "tls"), "1.3");
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (both, "h:1");
  EXPECT_EQ (keys->len, 2u);
}

TEST_F (Latches, AreForgottenInTheFileOneByOne)
{
  g_autoptr (PostsealLatches) taught = postseal_latches_new ();

  for (const char *endpoint : { "[::1]:993", "h:1" })
    for (const char *name : { "tls", "tls-since", "mechanism", "mechanism-by" })
      postseal_latches_set (taught, endpoint, name, "x");
  ASSERT_TRUE (postseal_latches_teach (taught, path.c_str (), &error)) << error->message;

  g_autoptr (PostsealLatches) gone
      = postseal_latches_forget (path.c_str (), "[::1]:993", "tls", &error);
  ASSERT_NE (gone, nullptr) << error->message;
  EXPECT_STREQ (postseal_latches_get (gone, "[::1]:993", "tls-since"), "x");
  EXPECT_EQ (postseal_latches_get (gone, "[::1]:993", "mechanism"), nullptr);
  g_autoptr (PostsealLatches) left = postseal_latches_load (path.c_str (), &error);
  EXPECT_EQ (postseal_latches_get (left, "[::1]:993", "tls"), nullptr);
  EXPECT_EQ (postseal_latches_get (left, "[::1]:993", "tls-since"), nullptr);
  EXPECT_STREQ (postseal_latches_get (left, "[::1]:993", "mechanism-by"), "x");
  EXPECT_STREQ (postseal_latches_get (left, "h:1", "tls"), "x");

  /* A run that goes on does not teach anew what it has taught. */
  postseal_latches_set (taught, "h:2", "tls", "1.3");
  ASSERT_TRUE (postseal_latches_teach (taught, path.c_str (), &error)) << error->message;
  g_autoptr (PostsealLatches) later = postseal_latches_load (path.c_str (), &error);
  EXPECT_EQ (postseal_latches_get (later, "[::1]:993", "tls"), nullptr);
  EXPECT_STREQ (postseal_latches_get (later, "h:2", "tls"), "1.3");

  g_autoptr (PostsealLatches) all
      = postseal_latches_forget (path.c_str (), nullptr, nullptr, &error);
  ASSERT_NE (all, nullptr);
  g_auto (GStrv) endpoints = postseal_latches_list_endpoints (all);
  EXPECT_EQ (g_strv_length (endpoints), 3u);
  g_autoptr (PostsealLatches) empty = postseal_latches_load (path.c_str (), &error);
  g_auto (GStrv) none = postseal_latches_list_endpoints (empty);
  EXPECT_EQ (g_strv_length (none), 0u);
}

TEST_F (Latches, AreForgottenByTheUsersWordOnly)
{
  g_autoptr (PostsealLatches) latches = postseal_latches_new ();

  postseal_latches_set (latches, "h:1", "tls", "1.3");
  postseal_latches_set (latches, "h:2", "tls", "1.3");
  postseal_latches_clear (latches, "h:1");
  EXPECT_EQ (postseal_latches_get (latches, "h:1", "tls"), nullptr);
  EXPECT_STREQ (postseal_latches_get (latches, "h:2", "tls"), "1.3");
  postseal_latches_clear (latches, nullptr);
  EXPECT_EQ (postseal_latches_get (latches, "h:2", "tls"), nullptr);
  ASSERT_TRUE (postseal_latches_save (latches, path.c_str (), &error));
  g_autoptr (PostsealLatches) again = postseal_latches_load (path.c_str (), &error);
  EXPECT_NE (again, nullptr) << "an empty set is a good file";
}

TEST_F (Latches, MissingFileIsAnEmptySet)
{
  g_autoptr (PostsealLatches) latches = postseal_latches_load (path.c_str (), &error);

  ASSERT_NE (latches, nullptr);
  postseal_latches_set (latches, "h:1", "tls", "1.3");
  EXPECT_TRUE (postseal_latches_save (latches, path.c_str (), &error));
}

TEST_F (Latches, DamagedFileIsAnErrorAndNotAnEmptySet)
{
  for (const char *content : { "", "garbage", "[h:1]\ntls=1.3\n", "[latches]\nformat=2\n" })
    {
      g_file_set_contents (path.c_str (), content, -1, nullptr);
      PostsealLatches *latches = postseal_latches_load (path.c_str (), &error);
      EXPECT_EQ (latches, nullptr) << content;
      ASSERT_NE (error, nullptr);
      EXPECT_NE (std::string (error->message).find (path), std::string::npos) << error->message;
      g_clear_error (&error);
      g_clear_pointer (&latches, postseal_latches_unref);
    }
}

TEST_F (Latches, FailedSaveKeepsThemChanged)
{
  g_autoptr (PostsealLatches) latches = postseal_latches_new ();

  postseal_latches_set (latches, "h:1", "tls", "1.3");
  EXPECT_FALSE (postseal_latches_save (latches, "/nonexistent/latches", &error));
  EXPECT_TRUE (postseal_latches_is_changed (latches));
}

namespace
{

// The literal of a link from @from to itself; "" where this machine has no such address.
std::string
own_literal (const char *from)
{
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string (from, 0);
  g_autoptr (GSocketAddress) bound = nullptr;
  GSocketFamily family = g_socket_address_get_family (any);
  g_autoptr (GSocket) listener
      = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr);
  g_autoptr (GSocket) socket
      = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr);
  g_autoptr (GSocketConnection) stream = nullptr;
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT, "h", 0);
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();
  g_autoptr (PostsealSealedLink) link = nullptr;
  g_autofree char *literal = nullptr;

  if (listener == nullptr || !g_socket_bind (listener, any, FALSE, nullptr))
    return "";
  bound = g_socket_get_local_address (listener, nullptr);
  if (!g_socket_listen (listener, nullptr) || !g_socket_connect (socket, bound, nullptr, nullptr))
    return "";
  stream = g_socket_connection_factory_create_connection (socket);
  link = _postseal_sealed_link_new (G_IO_STREAM (stream), endpoint, seal, nullptr, TRUE);
  literal = postseal_sealed_link_get_own_literal (link);
  return literal;
}

} // namespace

/* RFC 5321 section 4.1.3 */
TEST (SealedLink, NamesItsOwnAddressAsALiteral)
{
  std::string ipv6 = own_literal ("::1");

  EXPECT_EQ (own_literal ("127.0.0.1"), "[127.0.0.1]");
  EXPECT_TRUE (ipv6 == "[IPv6:::1]" || ipv6.empty ()) << ipv6;
}
