/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/test-ca.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <glib.h>

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace postseal_test
{

namespace
{

/* What fails here is a mistake in a test, not a result of one. */
void
must (int result, const char *what)
{
  if (result < 0)
    throw std::runtime_error (std::string (what) + ": " + gnutls_strerror (result));
}

std::string
take (gnutls_datum_t *datum)
{
  std::string bytes (reinterpret_cast<char *> (datum->data), datum->size);

  gnutls_free (datum->data);
  return bytes;
}

gnutls_datum_t
borrow (const std::string &bytes)
{
  return { reinterpret_cast<unsigned char *> (const_cast<char *> (bytes.data ())),
           static_cast<unsigned> (bytes.size ()) };
}

std::string
export_crt (gnutls_x509_crt_t crt, gnutls_x509_crt_fmt_t format)
{
  gnutls_datum_t out = {};

  must (gnutls_x509_crt_export2 (crt, format, &out), "export certificate");
  return take (&out);
}

std::string
export_key (gnutls_x509_privkey_t key)
{
  gnutls_datum_t out = {};

  must (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN,
                                           &out),
        "export key");
  return take (&out);
}

gnutls_x509_privkey_t
make_key (CertOptions::Key kind)
{
  gnutls_x509_privkey_t key = nullptr;
  bool is_ec = kind == CertOptions::Key::EcP256;
  unsigned bits = kind == CertOptions::Key::Rsa1024 ? 1024 : 2048;

  must (gnutls_x509_privkey_init (&key), "key");
  must (gnutls_x509_privkey_generate (
            key, is_ec ? GNUTLS_PK_EC : GNUTLS_PK_RSA,
            is_ec ? GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1) : bits, 0),
        "generate key");
  return key;
}

void
set_serial (gnutls_x509_crt_t crt, std::string *ret_serial = nullptr)
{
  unsigned char serial[8];

  must (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial), "random");
  serial[0] = static_cast<unsigned char> ((serial[0] & 0x3f) | 0x40); /* positive, minimal */
  must (gnutls_x509_crt_set_serial (crt, serial, sizeof serial), "serial");
  if (ret_serial != nullptr)
    ret_serial->assign (reinterpret_cast<char *> (serial), sizeof serial);
}

/* One DER value: enough for the alternative names that GnuTLS would not write and for OCSP
   responses (RFC 6960 section 4.2.1), which it only reads. */
/* --- just enough DER to write an OCSP response (RFC 6960 section 4.2.1), which GnuTLS only reads
 * --- */

std::string
der (int tag, const std::string &content)
{
  std::string out (1, static_cast<char> (tag));
  size_t size = content.size ();

  if (size >= 0x100)
    {
      out += static_cast<char> (0x82);
      out += static_cast<char> (size >> 8);
    }
  else if (size >= 0x80)
    out += static_cast<char> (0x81);
  out += static_cast<char> (size & 0xff);
  return out + content;
}

void
set_names (gnutls_x509_crt_t crt, const CertOptions &options)
{
  std::string names;

  for (const std::string &name : options.dns)
    names += der (0x82, name);
  for (const std::string &text : options.ip)
    {
      char bytes[16];
      bool is_v6 = text.find (':') != std::string::npos;

      if (inet_pton (is_v6 ? AF_INET6 : AF_INET, text.c_str (), bytes) != 1)
        throw std::runtime_error ("bad address " + text);
      names += der (0x87, std::string (bytes, is_v6 ? 16 : 4));
    }
  if (!names.empty ())
    {
      std::string extension = der (0x30, names);

      must (gnutls_x509_crt_set_extension_by_oid (crt, "2.5.29.17", extension.data (),
                                                  extension.size (), 0),
            "alternative names");
    }
  if (!options.common_name.empty ())
    must (gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                         options.common_name.data (),
                                         static_cast<unsigned> (options.common_name.size ())),
          "common name");
  else
    must (gnutls_x509_crt_set_dn (crt, "O=Postseal test", nullptr), "name");
}

void
set_must_staple (gnutls_x509_crt_t crt)
{
  static const unsigned char status_request[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };

  must (gnutls_x509_crt_set_extension_by_oid (crt, "1.3.6.1.5.5.7.1.24", status_request,
                                              sizeof status_request, 0),
        "must-staple");
}

void
set_issuer_url (gnutls_x509_crt_t crt, const std::string &url)
{
  gnutls_datum_t datum = borrow (url);

  must (gnutls_x509_crt_set_authority_info_access (crt, GNUTLS_IA_CAISSUERS_URI, &datum),
        "issuer's place");
}

std::string
der_time (long offset)
{
  char text[32];
  time_t when = time (nullptr) + offset;
  struct tm parts = {};

  gmtime_r (&when, &parts);
  strftime (text, sizeof text, "%Y%m%d%H%M%SZ", &parts);
  return der (0x18, text);
}

std::string
sha1 (const std::string &bytes)
{
  std::string out (20, '\0');

  must (gnutls_hash_fast (GNUTLS_DIG_SHA1, bytes.data (), bytes.size (), out.data ()), "sha1");
  return out;
}

const std::string OID_SHA1 ("\x06\x05\x2b\x0e\x03\x02\x1a", 7);
const std::string OID_ECDSA_SHA256 ("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 10);
const std::string OID_OCSP_BASIC ("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 11);

gnutls_x509_crt_t
import_crt (const std::string &bytes)
{
  gnutls_x509_crt_t crt = nullptr;
  gnutls_datum_t datum = borrow (bytes);

  must (gnutls_x509_crt_init (&crt), "certificate");
  must (gnutls_x509_crt_import (crt, &datum, GNUTLS_X509_FMT_DER), "import certificate");
  return crt;
}

/* The contents of the issuer's subjectPublicKey BIT STRING, whose hash names the key in a CertID.
 */
std::string
public_key_bits (gnutls_x509_crt_t crt)
{
  gnutls_pubkey_t key = nullptr;
  gnutls_datum_t x = {}, y = {};
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

  must (gnutls_pubkey_init (&key), "public key");
  must (gnutls_pubkey_import_x509 (key, crt, 0), "import public key");
  must (gnutls_pubkey_export_ecc_raw2 (key, &curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ),
        "curve point");
  gnutls_pubkey_deinit (key);
  std::string px = take (&x), py = take (&y);
  return std::string (1, '\x04') + std::string (32 - px.size (), '\0') + px
         + std::string (32 - py.size (), '\0') + py;
}

} // namespace

TestCa::TestCa (const std::string &name, CertOptions::Key key)
{
  std::string pattern = std::filesystem::temp_directory_path () / "postseal-test-XXXXXX";

  if (mkdtemp (pattern.data ()) == nullptr)
    throw std::runtime_error ("no temporary directory");
  directory_ = pattern;
  root_ = make_authority (name + " Root", key, nullptr);
  intermediate_ = make_authority (name + " Intermediate", key, &root_);
  ca_file_ = write ("ca.pem", export_crt (root_.crt, GNUTLS_X509_FMT_PEM));
}

TestCa::~TestCa ()
{
  for (Authority *authority : { &root_, &intermediate_ })
    {
      gnutls_x509_crt_deinit (authority->crt);
      gnutls_x509_privkey_deinit (authority->key);
    }
  std::error_code ignored;
  std::filesystem::remove_all (directory_, ignored);
}

std::string
TestCa::write (const std::string &name, const std::string &content)
{
  std::string path = directory_ + "/" + name;

  std::ofstream (path, std::ios::binary) << content;
  return path;
}

TestCa::Authority
TestCa::make_authority (const std::string &name, CertOptions::Key key, const Authority *issuer)
{
  Authority self;

  self.key = make_key (key);
  must (gnutls_x509_crt_init (&self.crt), "certificate");
  must (gnutls_x509_crt_set_version (self.crt, 3), "version");
  set_serial (self.crt);
  must (gnutls_x509_crt_set_dn_by_oid (self.crt, GNUTLS_OID_X520_COMMON_NAME, 0, name.data (),
                                       static_cast<unsigned> (name.size ())),
        "name");
  must (gnutls_x509_crt_set_activation_time (self.crt, time (nullptr) - 10L * 365 * 86400), "time");
  must (gnutls_x509_crt_set_expiration_time (self.crt, time (nullptr) + 10L * 365 * 86400), "time");
  must (gnutls_x509_crt_set_key (self.crt, self.key), "key");
  must (gnutls_x509_crt_set_basic_constraints (self.crt, 1, -1), "constraints");
  must (gnutls_x509_crt_set_key_usage (self.crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                                                     | GNUTLS_KEY_DIGITAL_SIGNATURE),
        "usage");
  must (gnutls_x509_crt_sign2 (self.crt, issuer != nullptr ? issuer->crt : self.crt,
                               issuer != nullptr ? issuer->key : self.key, GNUTLS_DIG_SHA256, 0),
        "sign");
  return self;
}

std::string
TestCa::cross_sign (const TestCa &other, long valid_until) const
{
  gnutls_x509_crt_t crt = nullptr;
  char name[64];
  size_t length = sizeof name;

  must (gnutls_x509_crt_get_dn_by_oid (other.root_.crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
                                       &length),
        "name");
  must (gnutls_x509_crt_init (&crt), "certificate");
  must (gnutls_x509_crt_set_version (crt, 3), "version");
  set_serial (crt);
  must (gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                       static_cast<unsigned> (length)),
        "name");
  must (gnutls_x509_crt_set_activation_time (crt, time (nullptr) - 10L * 365 * 86400), "time");
  must (gnutls_x509_crt_set_expiration_time (crt, time (nullptr) + valid_until), "time");
  must (gnutls_x509_crt_set_key (crt, other.root_.key), "key");
  must (gnutls_x509_crt_set_basic_constraints (crt, 1, -1), "constraints");
  must (gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_KEY_CERT_SIGN), "usage");
  must (gnutls_x509_crt_sign2 (crt, root_.crt, root_.key, GNUTLS_DIG_SHA256, 0), "sign");
  std::string bytes = export_crt (crt, GNUTLS_X509_FMT_DER);
  gnutls_x509_crt_deinit (crt);
  return bytes;
}

TestIdentity
TestCa::issue (const CertOptions &options)
{
  TestIdentity self;
  gnutls_x509_crt_t crt = nullptr;
  gnutls_x509_privkey_t key = make_key (options.key);
  const Authority &authority
      = options.via_intermediate || options.omit_intermediate ? intermediate_ : root_;
  unsigned char key_id[32];
  size_t key_id_size = sizeof key_id;
  gnutls_datum_t id = { key_id, sizeof key_id }, base64 = {};

  must (gnutls_x509_crt_init (&crt), "certificate");
  must (gnutls_x509_crt_set_version (crt, 3), "version");
  set_serial (crt, &self.serial);
  set_names (crt, options);
  must (gnutls_x509_crt_set_activation_time (crt, time (nullptr) + options.valid_from), "time");
  must (gnutls_x509_crt_set_expiration_time (crt, time (nullptr) + options.valid_until), "time");
  must (gnutls_x509_crt_set_key (crt, key), "key");
  must (gnutls_x509_crt_set_basic_constraints (crt, 0, -1), "constraints");
  if (options.key_usage != 0)
    must (gnutls_x509_crt_set_key_usage (crt, options.key_usage), "usage");
  for (const std::string &purpose : options.purposes)
    must (gnutls_x509_crt_set_key_purpose_oid (crt, purpose.c_str (), 0), "purpose");
  if (options.must_staple)
    set_must_staple (crt);
  if (!options.issuer_url.empty ())
    set_issuer_url (crt, options.issuer_url);
  must (gnutls_x509_crt_sign2 (crt, options.self_signed ? crt : authority.crt,
                               options.self_signed ? key : authority.key, options.digest, 0),
        "sign");

  self.leaf_der = export_crt (crt, GNUTLS_X509_FMT_DER);
  self.chain_pem = export_crt (crt, GNUTLS_X509_FMT_PEM);
  if (options.via_intermediate && !options.omit_intermediate)
    self.chain_pem += export_crt (intermediate_.crt, GNUTLS_X509_FMT_PEM);
  self.key_pem = export_key (key);
  self.issuer_der = export_crt (options.self_signed ? crt : authority.crt, GNUTLS_X509_FMT_DER);
  self.issuer_key_pem = options.self_signed ? self.key_pem : export_key (authority.key);
  must (gnutls_x509_crt_get_key_id (crt, GNUTLS_KEYID_USE_SHA256, key_id, &key_id_size), "key id");
  must (gnutls_base64_encode2 (&id, &base64), "base64");
  self.pin = "sha256:" + take (&base64);
  std::string number = std::to_string (++count_);
  self.chain_file = write ("chain-" + number + ".pem", self.chain_pem);
  self.key_file = write ("key-" + number + ".pem", self.key_pem);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_privkey_deinit (key);
  return self;
}

std::string
TestCa::write_crl (const std::vector<TestIdentity> &revoked)
{
  gnutls_x509_crl_t crl = nullptr;
  gnutls_datum_t out = {};

  must (gnutls_x509_crl_init (&crl), "crl");
  must (gnutls_x509_crl_set_version (crl, 2), "version");
  must (gnutls_x509_crl_set_this_update (crl, time (nullptr) - 60), "this update");
  must (gnutls_x509_crl_set_next_update (crl, time (nullptr) + 3600), "next update");
  must (gnutls_x509_crl_set_number (crl, "\x01", 1), "number");
  for (const TestIdentity &identity : revoked)
    must (gnutls_x509_crl_set_crt_serial (crl, identity.serial.data (), identity.serial.size (),
                                          time (nullptr) - 60),
          "serial");
  must (gnutls_x509_crl_sign2 (crl, root_.crt, root_.key, GNUTLS_DIG_SHA256, 0), "sign");
  must (gnutls_x509_crl_export2 (crl, GNUTLS_X509_FMT_PEM, &out), "export");
  gnutls_x509_crl_deinit (crl);
  return write ("crl-" + std::to_string (++count_) + ".pem", take (&out));
}

std::string
TestCa::make_ocsp_response (const TestIdentity &identity,
                            bool is_revoked,
                            long this_update,
                            long next_update)
{
  gnutls_x509_crt_t issuer = import_crt (identity.issuer_der);
  gnutls_privkey_t key = nullptr;
  gnutls_datum_t name = {}, signature = {}, key_pem = borrow (identity.issuer_key_pem);

  must (gnutls_x509_crt_get_raw_dn (issuer, &name), "issuer's name");
  std::string issuer_name = take (&name);
  std::string key_hash = sha1 (public_key_bits (issuer));
  gnutls_x509_crt_deinit (issuer);

  std::string cert_id
      = der (0x30, der (0x30, OID_SHA1 + der (0x05, "")) + der (0x04, sha1 (issuer_name))
                       + der (0x04, key_hash) + der (0x02, identity.serial));
  std::string status = is_revoked ? der (0xa1, der_time (-3600)) : der (0x80, "");
  std::string single
      = der (0x30, cert_id + status + der_time (this_update) + der (0xa0, der_time (next_update)));
  std::string data
      = der (0x30, der (0xa2, der (0x04, key_hash)) + der_time (this_update) + der (0x30, single));

  gnutls_datum_t tbs = borrow (data);
  must (gnutls_privkey_init (&key), "key");
  must (gnutls_privkey_import_x509_raw (key, &key_pem, GNUTLS_X509_FMT_PEM, nullptr, 0), "key");
  must (gnutls_privkey_sign_data (key, GNUTLS_DIG_SHA256, 0, &tbs, &signature), "sign");
  gnutls_privkey_deinit (key);

  std::string basic = der (0x30, data + der (0x30, OID_ECDSA_SHA256)
                                     + der (0x03, std::string (1, '\0') + take (&signature)));
  return der (0x30, der (0x0a, std::string (1, '\0'))
                        + der (0xa0, der (0x30, OID_OCSP_BASIC + der (0x04, basic))));
}

TestCa &
test_ca ()
{
  static TestCa ca;

  return ca;
}

std::string
name_key (const TestIdentity &identity)
{
  gsize length = 0;
  g_autofree guchar *digest = g_base64_decode (identity.pin.c_str () + strlen ("sha256:"), &length);
  std::string text = "3 1 1 ";

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *two = g_strdup_printf ("%02x", digest[i]);
      text += two;
    }
  return text;
}

} // namespace postseal_test
