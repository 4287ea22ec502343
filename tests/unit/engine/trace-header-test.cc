/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <string>

#include "engine/trace-header.h"

static std::string
make_header (const char *cipher)
{
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();

  seal->endpoint = g_strdup ("imap.example.org:143");
  seal->address = g_strdup ("192.0.2.1:143");
  seal->protocol = POSTSEAL_PROTOCOL_IMAP;
  seal->tls_version = g_strdup ("TLS 1.3");
  seal->cipher = g_strdup (cipher);
  seal->name = g_strdup ("imap.example.org");

  g_autofree char *header
      = postseal_trace_header_new (seal, "jane@example.org", G_GINT64_CONSTANT (784111777000000));
  return header;
}

/* RFC 5321 section 4.4, RFC 5322 section 3.3. */
TEST (TraceHeader, IsOneFoldedFieldWithTheDateInUtc)
{
  std::string header = make_header ("AES-256-GCM");

  EXPECT_EQ (header.find ("Received: from imap.example.org by localhost with IMAP\n\t("), 0u)
      << header;
  EXPECT_NE (header.find ("for <jane@example.org>; Sun, 6 Nov 1994 08:49:37 +0000\n"),
             std::string::npos)
      << header;
  EXPECT_NE (header.find ("TLS 1.3"), std::string::npos) << header;
  for (std::size_t at = header.find ('\n'); at + 1 < header.size ();
       at = header.find ('\n', at + 1))
    EXPECT_EQ (header[at + 1], '\t') << "a line that does not continue the field: " << header;
}

/* RFC 5322 section 3.2.2: a parenthesis would end the comment. */
TEST (TraceHeader, QuotesWhatWouldEndTheComment)
{
  EXPECT_NE (make_header ("a)b\\").find ("a\\)b\\\\"), std::string::npos);
}
