/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "net/net-error.h"
#include "net/upgrade-private.h"

namespace
{

struct Outcome
{
  PostsealUpgradeVerdict verdict;
  int code; /* of the error, or -1 */
  std::string sent;
};

void
check_error (const GError *error)
{
  fuzz::demand ((error->domain == POSTSEAL_TLS_ERROR
                 || g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED))
                    && g_utf8_validate (error->message, -1, nullptr),
                "an error that can be shown", error->message);
}

Outcome
talk (PostsealEndpoint *endpoint, const std::string &bytes, fuzz::Pieces *pieces)
{
  g_autoptr (PostsealUpgrade) script = _postseal_upgrade_new (endpoint, nullptr, nullptr);
  g_autoptr (GString) send = g_string_new (nullptr);
  Outcome outcome = { POSTSEAL_UPGRADE_WAITS, -1, "" };

  for (size_t offset = 0; offset < bytes.size () && outcome.verdict != POSTSEAL_UPGRADE_FAILED;)
    {
      size_t length = bytes.size () - offset;
      g_autoptr (GError) error = nullptr;

      if (pieces != nullptr)
        length = std::min (length, pieces->next ());
      std::string piece = bytes.substr (offset, length);
      outcome.verdict = _postseal_upgrade_feed (script, piece.data (), piece.size (), send, &error);
      fuzz::demand ((outcome.verdict == POSTSEAL_UPGRADE_FAILED) == (error != nullptr),
                    "an error with failure only");
      if (error != nullptr)
        {
          check_error (error);
          outcome.code = error->code;
        }
      offset += length;
    }

  if (outcome.verdict == POSTSEAL_UPGRADE_WAITS)
    {
      g_autoptr (GError) end = _postseal_upgrade_explain_end (script, 0);
      g_autoptr (GError) silence = _postseal_upgrade_explain_end (script, 1000);

      check_error (end);
      check_error (silence);
    }
  outcome.sent = send->str;
  return outcome;
}

/* What a script may ever say, as a whole. */
bool
is_allowed (PostsealProtocol protocol, const std::string &sent)
{
  switch (protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return sent.size () > 11 && sent.compare (sent.size () - 11, 11, " STARTTLS\r\n") == 0
             && sent.find ('\n') == sent.size () - 1;
    case POSTSEAL_PROTOCOL_POP3:
      return sent == "STLS\r\n";
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      return sent == "EHLO [127.0.0.1]\r\n" || sent == "EHLO [127.0.0.1]\r\nSTARTTLS\r\n";
    }
}

bool
has_asked (const std::string &sent)
{
  return sent.find ("STARTTLS") != std::string::npos || sent.find ("STLS") != std::string::npos;
}

} // namespace

/* Whole and in pieces: the same verdict. TLS is agreed only after it was asked for, and nothing but
   the asking is ever said. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  auto protocol = static_cast<PostsealProtocol> (input.seed % 3);
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (protocol, POSTSEAL_TLS_START_UPGRADE, "mail.example.org", 0);
  Outcome whole = talk (endpoint, input.bytes, nullptr);
  Outcome in_pieces = talk (endpoint, input.bytes, &pieces);

  fuzz::demand (whole.verdict == in_pieces.verdict && whole.code == in_pieces.code, "pieces",
                std::to_string (whole.code), std::to_string (in_pieces.code));
  for (const Outcome *outcome : { &whole, &in_pieces })
    {
      fuzz::demand (outcome->sent.empty () || is_allowed (protocol, outcome->sent), "what is said",
                    outcome->sent);
      fuzz::demand (outcome->verdict != POSTSEAL_UPGRADE_AGREED || has_asked (outcome->sent),
                    "agreed to what was asked for", outcome->sent);
    }
  return 0;
}
