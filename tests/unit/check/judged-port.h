/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "check/finding.h"
#include "check/judge-port.h"
#include "support/test-ca.h"

namespace postseal_test
{

using Ids = std::vector<std::string>;
using Lines = std::vector<std::string>;

constexpr gint64 kDay = 24 * 3600;

/* Facts about ports without a network. Each is honest until a test says otherwise. */
class JudgedPort : public testing::Test
{
protected:
  JudgedPort ();
  ~JudgedPort () override;

  /* An honest port, made new. */
  void be (PostsealProtocol protocol, guint16 port, PostsealTlsStart usual);
  /* The server has this certificate, and sends what belongs to it. */
  void present (const CertOptions &options);
  void present (const TestIdentity &identity);
  /* DER of all that it sends, leaf first. */
  void send (const std::vector<std::string> &ders);
  void set_caps (const Lines &before, const Lines &after);
  /* The DNS names these, "3 1 1 PIN" with the pin of the server's key as @data. */
  void publish (guint usage, guint selector, guint matching, const std::string &data);

  /* All IDs, sorted. */
  Ids judge ();
  /* Only of what is worse than good to know. */
  Ids complaints ();
  /* After judge(): the one with this ID; there must be one. */
  const PostsealFinding &find (const std::string &id) const;
  Ids list_ids (bool is_all) const;

  /* SHA-256 of the key or the whole of a certificate, as TLSA has them. */
  static std::string digest_key (const TestIdentity &identity);
  static std::string digest_whole (const std::string &der);

  PostsealPortFacts *facts = nullptr;
  PostsealPortContext context = {};
  TestIdentity identity; /* of the server */
  GPtrArray *findings = postseal_findings_new ();
  gint64 now;

private:
  PostsealTlsTrust *trust = nullptr;
  PostsealTlsaAnswer *tlsa = postseal_tlsa_answer_new ();
};

} // namespace postseal_test
