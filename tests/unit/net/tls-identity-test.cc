/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-identity.h"
#include "support/test-ca.h"

#include <gtest/gtest.h>

using namespace postseal_test;

namespace
{

bool
matches (const std::string &presented, const char *host)
{
  return postseal_tls_identity_match_dns (presented.data (), presented.size (), host) != FALSE;
}

PostsealTlsIdentity
check (const CertOptions &options, const char *host, std::string *ret_names)
{
  TestIdentity identity = test_ca ().issue (options);
  gnutls_datum_t der = { reinterpret_cast<unsigned char *> (identity.leaf_der.data ()),
                         static_cast<unsigned> (identity.leaf_der.size ()) };
  gnutls_x509_crt_t leaf = nullptr;
  g_autofree char *names = nullptr;

  gnutls_x509_crt_init (&leaf);
  EXPECT_EQ (gnutls_x509_crt_import (leaf, &der, GNUTLS_X509_FMT_DER), 0);
  PostsealTlsIdentity result = postseal_tls_identity_check (leaf, host, &names);
  gnutls_x509_crt_deinit (leaf);
  *ret_names = names;
  return result;
}

} // namespace

/* RFC 9525 section 6.3 */
TEST (TlsIdentity, NamesMatchWholeAndIgnoringCase)
{
  EXPECT_TRUE (matches ("mail.example.org", "mail.example.org"));
  EXPECT_TRUE (matches ("MAIL.Example.Org", "mail.example.org"));
  EXPECT_TRUE (matches ("xn--mller-kva.example", "xn--mller-kva.example"));
  EXPECT_TRUE (matches ("localhost", "localhost"));
  EXPECT_FALSE (matches ("mail.example.org", "example.org"));
  EXPECT_FALSE (matches ("example.org", "mail.example.org"));
  EXPECT_FALSE (matches ("mail.example.org.", "mail.example.org"));
  EXPECT_FALSE (matches (".example.org", "example.org"));
  EXPECT_FALSE (matches ("mail.example.or", "mail.example.org"));
  EXPECT_FALSE (matches ("mail.example.orgg", "mail.example.org"));
  EXPECT_FALSE (matches ("", ""));
  EXPECT_FALSE (matches ("", "mail.example.org"));
}

/* RFC 9525 section 6.3: the whole left-most label, for exactly one label. RFC 7817 section 3
 * rule 5. */
TEST (TlsIdentity, WildcardIsOneWholeLabel)
{
  EXPECT_TRUE (matches ("*.example.com", "a.example.com"));
  EXPECT_TRUE (matches ("*.EXAMPLE.com", "a.example.com"));
  for (const char *host : { "example.com", "a.b.example.com", ".example.com", "com" })
    EXPECT_FALSE (matches ("*.example.com", host)) << host;
  for (const char *presented :
       { "*oo.example.com", "f*.example.com", "f*o.example.com", "*.*.example.com", "foo.*.com",
         "foo.*", "*", "*.", "**.example.com", "*foo.example.com", "xn--*.example.com",
         "*example.com" })
    EXPECT_FALSE (matches (presented, "foo.example.com")) << presented;
}

TEST (TlsIdentity, WildcardNeedsTwoLabelsBehindIt)
{
  EXPECT_FALSE (matches ("*.com", "example.com"));
  EXPECT_FALSE (matches ("*.com.", "example.com."));
  EXPECT_FALSE (matches ("*.localhost", "a.localhost"));
}

TEST (TlsIdentity, WildcardIsNoReference)
{
  EXPECT_FALSE (matches ("*.example.com", "*.example.com"));
}

TEST (TlsIdentity, BytesThatNoNameHasNeverMatch)
{
  EXPECT_FALSE (matches (std::string ("example.com\0.evil.test", 22), "example.com"));
  EXPECT_FALSE (matches (std::string ("example.com\0", 12), "example.com"));
  EXPECT_FALSE (matches ("exam_ple.com", "exam_ple.com"));
  EXPECT_FALSE (matches ("example .com", "example .com"));
  EXPECT_FALSE (matches ("m\xc3\xbcller.example", "m\xc3\xbcller.example"));
  EXPECT_FALSE (matches ("*.exam\0ple.com", "a.exam"));
}

/* RFC 9525 section 6.4, 6.5 */
TEST (TlsIdentity, AddressesMatchOctetForOctet)
{
  CertOptions options;
  std::string names;

  options.dns = { "10.0.0.1" };
  options.ip = { "127.0.0.1", "::1" };
  EXPECT_EQ (check (options, "127.0.0.1", &names), POSTSEAL_TLS_IDENTITY_MATCHES);
  EXPECT_EQ (names, "127.0.0.1");
  EXPECT_EQ (check (options, "::1", &names), POSTSEAL_TLS_IDENTITY_MATCHES);
  EXPECT_EQ (check (options, "10.0.0.1", &names), POSTSEAL_TLS_IDENTITY_OTHER);
  EXPECT_EQ (check (options, "::ffff:127.0.0.1", &names), POSTSEAL_TLS_IDENTITY_OTHER);
  EXPECT_EQ (names, "10.0.0.1, 127.0.0.1, ::1");
}

TEST (TlsIdentity, TheFirstNameThatMatchesIsTold)
{
  CertOptions options;
  std::string names;

  options.dns = { "a.example.org", "*.example.org", "mail.example.org" };
  EXPECT_EQ (check (options, "mail.example.org", &names), POSTSEAL_TLS_IDENTITY_MATCHES);
  EXPECT_EQ (names, "*.example.org");
}

TEST (TlsIdentity, CommonNameNeverMatches)
{
  CertOptions options;
  std::string names;

  options.dns.clear ();
  options.common_name = "mail.example.org";
  EXPECT_EQ (check (options, "mail.example.org", &names), POSTSEAL_TLS_IDENTITY_ONLY_CN);
  EXPECT_EQ (names, "mail.example.org");
  options.common_name.clear ();
  EXPECT_EQ (check (options, "mail.example.org", &names), POSTSEAL_TLS_IDENTITY_NONE);
}

TEST (TlsIdentity, LongListsAreCutAndHarmless)
{
  CertOptions options;
  std::string names;

  options.dns.clear ();
  for (int i = 0; i < 100; i++)
    options.dns.push_back ("\x1b[2J" + std::to_string (i));
  EXPECT_EQ (check (options, "mail.example.org", &names), POSTSEAL_TLS_IDENTITY_OTHER);
  EXPECT_NE (names.find ("and 92 others"), std::string::npos) << names;
  EXPECT_EQ (names.find ('\x1b'), std::string::npos);
}
