/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/token-endpoint.h"

#include <glib.h>

#include "support/scram-server.h"

namespace postseal_test
{

/* What the server says inside the mechanism. */
static const char *const kRefusal = "{\"status\":\"invalid_token\",\"schemes\":\"bearer\"}";

static std::string
decode (const std::string &text)
{
  std::string spaced = text;

  for (char &byte : spaced)
    byte = byte == '+' ? ' ' : byte;
  g_autofree char *plain = g_uri_unescape_string (spaced.c_str (), nullptr);
  return plain != nullptr ? plain : "(bad)";
}

static TokenEndpoint::Form
parse (const std::string &body)
{
  TokenEndpoint::Form form;
  size_t from = 0;

  while (from < body.size ())
    {
      size_t end = std::min (body.find ('&', from), body.size ());
      std::string field = body.substr (from, end - from);
      size_t equals = std::min (field.find ('='), field.size () - 1);

      form[decode (field.substr (0, equals))] = decode (field.substr (equals + 1));
      from = end + 1;
    }
  return form;
}

TokenEndpoint::TokenEndpoint (bool is_clear) : is_clear_ (is_clear)
{
  answer = [this] (const Form &form) {
    auto found = form.find ("refresh_token");

    if (found == form.end () || found->second != refresh_token)
      return refusal ("invalid_grant", "Token has been expired or revoked.");
    return reply (200, "{\"access_token\":\"access-" + std::to_string (forms ().size ())
                           + "\",\"token_type\":\"Bearer\",\"expires_in\":3599}");
  };
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); });
}

std::string
TokenEndpoint::reply (int status, const std::string &body)
{
  return "HTTP/1.1 " + std::to_string (status)
         + " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
         + std::to_string (body.size ()) + "\r\n\r\n" + body;
}

std::string
TokenEndpoint::refusal (const std::string &error, const std::string &description)
{
  return reply (400, "{\"error\":\"" + error + "\",\"error_description\":\"" + description + "\"}");
}

void
TokenEndpoint::serve (Peer &peer)
{
  std::string head, answered;
  size_t length = 0;

  if (!is_clear_ && !peer.start_tls (tls_))
    return;
  while (auto line = peer.read_line ())
    {
      g_autofree char *lower = g_ascii_strdown (line->c_str (), -1);

      head += *line + "\n";
      if (g_str_has_prefix (lower, "content-length: "))
        length = std::stoul (line->substr (16));
      if (line->empty ())
        break;
    }
  Form form = parse (peer.read_bytes (length));
  {
    std::lock_guard<std::mutex> guard (mutex_);

    heads_.push_back (head);
    forms_.push_back (form);
  }
  answered = answer (form);
  if (answered.empty ())
    peer.stall ();
  else
    peer.send (answered);
}

std::vector<TokenEndpoint::Form>
TokenEndpoint::forms ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return forms_;
}

std::vector<std::string>
TokenEndpoint::heads ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return heads_;
}

/* --- mail servers --- */

bool
TokenGate::judge (const std::string &mechanism, const std::string &initial)
{
  std::string message = base64_decode (initial);
  size_t from = message.find ("auth=Bearer ");
  std::string token = from == std::string::npos
                          ? "(none)"
                          : message.substr (from + 12, message.find ('\1', from) - from - 12);
  std::lock_guard<std::mutex> guard (mutex_);

  attempts_.push_back (mechanism + " " + token);
  return is_good (token);
}

std::vector<std::string>
TokenGate::attempts ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return attempts_;
}

ToyImap::Hook
TokenGate::imap ()
{
  return [this] (const ToyImap::Call &call) {
    size_t blank = call.words.find (' ');

    if (call.verb != "AUTHENTICATE" || blank == std::string::npos)
      return false;
    if (judge (call.words.substr (0, blank), call.words.substr (blank + 1)))
      {
        call.peer.send (call.tag + " OK welcome\r\n");
        return true;
      }
    call.peer.send ("+ " + base64_encode (kRefusal) + "\r\n");
    call.peer.read_line ();
    call.peer.send (call.tag + " NO [AUTHENTICATIONFAILED] no\r\n");
    return true;
  };
}

ToySubmission::Hook
TokenGate::smtp ()
{
  return [this] (const ToySubmission::Call &call) -> std::optional<std::string> {
    if (call.verb != "AUTH")
      return std::nullopt;

    size_t blank = call.line.find (' ', 5);
    if (judge (call.line.substr (5, blank - 5), call.line.substr (blank + 1)))
      return "235 2.7.0 welcome\r\n";
    call.peer.send ("334 " + base64_encode (kRefusal) + "\r\n");
    call.peer.read_line ();
    return "535 5.7.8 no\r\n";
  };
}

} // namespace postseal_test
