/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <optional>
#include <string>

namespace postseal_test
{

/* The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), without channel binding.
   Messages are raw, not in base64. */
class ScramServer
{
public:
  explicit ScramServer (std::string password) : password_ (std::move (password)) {}

  /* How it lies. */
  bool forges_signature = false;
  bool drops_nonce = false; /* answers with a nonce of its own alone */
  std::string iterations = "4096";

  /* Answers "n,,n=USER,r=NONCE" with "r=...,s=...,i=...". */
  std::string first (const std::string &client_first);
  /* Answers "c=biws,r=...,p=..." with "v=..."; nothing when the proof is wrong. */
  std::optional<std::string> final (const std::string &client_final);

private:
  std::string password_;
  std::string client_bare_;
  std::string server_first_;
};

std::string base64_encode (const std::string &bytes);
std::string base64_decode (const std::string &text);

} // namespace postseal_test
