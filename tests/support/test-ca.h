/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <map>
#include <string>
#include <vector>

namespace postseal_test
{

/* What a certificate is to look like. Names may hold any byte, NUL included. */
struct CertOptions
{
  enum class Key
  {
    EcP256,
    Rsa2048,
    Rsa1024,
  };

  std::vector<std::string> dns = { "localhost" };
  std::vector<std::string> ip; /* "127.0.0.1", "::1" */
  std::string common_name; /* none when empty */
  long valid_from = -3600; /* seconds from now */
  long valid_until = 90 * 24 * 3600;
  std::vector<std::string> purposes = { GNUTLS_KP_TLS_WWW_SERVER }; /* none when empty */
  unsigned key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE; /* none when 0 */
  Key key = Key::EcP256;
  gnutls_digest_algorithm_t digest = GNUTLS_DIG_SHA256;
  bool self_signed = false;
  bool via_intermediate = false; /* issued by an intermediate authority ... */
  bool omit_intermediate = false; /* ... which the server does not send */
  bool must_staple = false; /* RFC 7633 */
  std::string issuer_url; /* where its issuer's certificate is; none when empty */
};

/* A certificate with its key, as PEM and as files in the directory of its TestCa. */
struct TestIdentity
{
  std::string chain_pem; /* leaf first, without the root */
  std::string key_pem;
  std::string chain_file;
  std::string key_file;
  std::string leaf_der;
  std::string issuer_der;
  std::string issuer_key_pem;
  std::string serial;
  std::string pin; /* "sha256:BASE64" of its SubjectPublicKeyInfo */
};

/* The data of a TLSA record that names its key, whoever vouches: "3 1 1 HEX". */
std::string name_key (const TestIdentity &identity);

/* A certificate authority made anew for each test program, with a temporary directory that goes
   when it goes. Nothing it makes is ever stored in the source tree. */
class TestCa
{
public:
  explicit TestCa (const std::string &name = "Postseal Test",
                   CertOptions::Key key = CertOptions::Key::EcP256);
  ~TestCa ();
  TestCa (const TestCa &) = delete;
  TestCa &operator= (const TestCa &) = delete;

  TestIdentity issue (const CertOptions &options = {});

  /* The CA's own certificate, as a PEM file for "ca-file". */
  const std::string &
  ca_file () const
  {
    return ca_file_;
  }
  const std::string &
  directory () const
  {
    return directory_;
  }

  /* DER of a certificate for the root of @other, with its name and key, vouched for by this one's;
     @valid_until: seconds from now. */
  std::string cross_sign (const TestCa &other, long valid_until) const;

  /* A PEM file with a CRL of this CA that revokes these. */
  std::string write_crl (const std::vector<TestIdentity> &revoked);

  /* A DER OCSP response about @identity, signed by its issuer; times in seconds from now. */
  std::string make_ocsp_response (const TestIdentity &identity,
                                  bool is_revoked,
                                  long this_update = -60,
                                  long next_update = 3600);

  /* Writes a file into the directory; returns its path. */
  std::string write (const std::string &name, const std::string &content);

private:
  struct Authority
  {
    gnutls_x509_crt_t crt = nullptr;
    gnutls_x509_privkey_t key = nullptr;
  };

  Authority make_authority (const std::string &name, CertOptions::Key key, const Authority *issuer);

  std::string directory_;
  std::string ca_file_;
  Authority root_;
  Authority intermediate_;
  unsigned count_ = 0;
};

/* The program's shared authority, made at the first call. */
TestCa &test_ca ();

} // namespace postseal_test
