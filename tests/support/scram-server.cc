/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/scram-server.h"

#include <glib.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

namespace postseal_test
{

constexpr size_t kLength = 32;
constexpr char kSalt[] = "0123456789abcdef";

std::string
base64_encode (const std::string &bytes)
{
  g_autofree char *text
      = g_base64_encode (reinterpret_cast<const guchar *> (bytes.data ()), bytes.size ());

  return text;
}

std::string
base64_decode (const std::string &text)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text.c_str (), &length);

  return std::string (reinterpret_cast<char *> (bytes), length);
}

static std::string
hmac (const std::string &key, const std::string &text)
{
  std::string value (kLength, '\0');

  gnutls_hmac_fast (GNUTLS_MAC_SHA256, key.data (), key.size (), text.data (), text.size (),
                    value.data ());
  return value;
}

static std::string
hash (const std::string &text)
{
  std::string value (kLength, '\0');

  gnutls_hash_fast (GNUTLS_DIG_SHA256, text.data (), text.size (), value.data ());
  return value;
}

static std::string
stretch (const std::string &password, unsigned iterations)
{
  std::string value (kLength, '\0');
  gnutls_datum_t key = { (unsigned char *)password.data (), (unsigned)password.size () };
  gnutls_datum_t salt = { (unsigned char *)kSalt, sizeof kSalt - 1 };

  gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &key, &salt, iterations, value.data (), value.size ());
  return value;
}

std::string
ScramServer::first (const std::string &client_first)
{
  std::string nonce;

  client_bare_ = client_first.substr (client_first.find (",,") + 2);
  nonce = drops_nonce ? "" : client_bare_.substr (client_bare_.find (",r=") + 3);
  server_first_ = "r=" + nonce + "server-part,s=" + base64_encode (kSalt) + ",i=" + iterations;
  return server_first_;
}

/* RFC 5802 section 3. */
std::optional<std::string>
ScramServer::final (const std::string &client_final)
{
  size_t at = client_final.rfind (",p=");
  std::string message = client_bare_ + "," + server_first_ + "," + client_final.substr (0, at);
  std::string salted = stretch (password_, (unsigned)std::stoul (iterations));
  std::string client_key = hmac (salted, "Client Key");
  std::string proof = hmac (hash (client_key), message);
  std::string signature = hmac (hmac (salted, "Server Key"), message);

  for (size_t i = 0; i < proof.size (); i++)
    proof[i] = (char)(proof[i] ^ client_key[i]);
  if (at == std::string::npos || base64_decode (client_final.substr (at + 3)) != proof)
    return std::nullopt;
  if (forges_signature)
    signature[0] = (char)(signature[0] ^ 1);
  return "v=" + base64_encode (signature);
}

} // namespace postseal_test
