/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "scenario/hostile.h"
#include "support/json-schema.h"

#include <json-glib/json-glib.h>

#include <algorithm>

namespace postseal_test
{

using Ids = std::vector<std::string>;

/* "postseal check ACCOUNT" and what it says. */
class CheckAccount : public testing::Test
{
protected:
  /* An account that receives from @port of host. @more: further lines */
  void
  configure (const std::string &scheme, unsigned short port, const std::string &more = "")
  {
    sandbox.configure (
        section ("work", "receive=" + scheme + "://jane@" + host + ":" + std::to_string (port)
                             + "\ndeliver=maildir:" + sandbox.home () + "/Mail\n" + more));
  }

  std::string
  section (const std::string &name, const std::string &lines)
  {
    std::string text = "[account " + name + "]\naddress=jane@example.org\npassword=file:"
                       + sandbox.write ("secret", std::string (kPassword) + "\n") + "\n" + lines;

    if (lines.find ("ca-file=") == std::string::npos)
      text += "ca-file=" + test_ca ().ca_file () + "\n";
    return text;
  }

  /* Returns: the status */
  int
  check (std::vector<std::string> arguments = { "work" })
  {
    arguments.insert (arguments.begin (), { "check", "--json" });
    outcome_ = sandbox.run (arguments);
    g_clear_object (&parser_);
    parser_ = json_parser_new ();
    EXPECT_TRUE (json_parser_load_from_data (parser_, outcome_.out.c_str (), -1, nullptr))
        << outcome_.out << outcome_.err;
    EXPECT_EQ (find_schema_fault ("check.json", outcome_.out), "");
    return outcome_.status;
  }

  ~CheckAccount () override { g_clear_object (&parser_); }

  JsonObject *
  document ()
  {
    return json_node_get_object (json_parser_get_root (parser_));
  }

  /* Those of a level, sorted. */
  Ids
  ids (const std::string &level)
  {
    JsonArray *findings = json_object_get_array_member (document (), "findings");
    Ids found;

    for (guint i = 0; i < json_array_get_length (findings); i++)
      {
        JsonObject *finding = json_array_get_object_element (findings, i);

        if (level == json_object_get_string_member (finding, "level"))
          found.push_back (json_object_get_string_member (finding, "id"));
      }
    std::sort (found.begin (), found.end ());
    return found;
  }

  bool
  has_id (const std::string &level, const std::string &id)
  {
    const Ids all = ids (level);

    return std::find (all.begin (), all.end (), id) != all.end ();
  }

  /* @member: "text", "advice" of the finding @id; "" where there is none */
  std::string
  finding (const std::string &id, const char *member)
  {
    JsonArray *findings = json_object_get_array_member (document (), "findings");

    for (guint i = 0; i < json_array_get_length (findings); i++)
      {
        JsonObject *one = json_array_get_object_element (findings, i);
        const char *value = json_object_get_string_member_with_default (one, member, "");

        if (id == json_object_get_string_member (one, "id"))
          return value != nullptr ? value : "";
      }
    return "";
  }

  JsonObject *
  step (const std::string &name, const char *side = "receive")
  {
    JsonObject *steps = json_object_get_object_member (document (), "steps");
    JsonArray *list = json_object_get_array_member (steps, side);

    for (guint i = 0; i < json_array_get_length (list); i++)
      {
        JsonObject *one = json_array_get_object_element (list, i);

        if (name == json_object_get_string_member (one, "name"))
          return one;
      }
    ADD_FAILURE () << "no step " << name;
    return nullptr;
  }

  std::string
  result (const std::string &name, const char *side = "receive")
  {
    return json_object_get_string_member (step (name, side), "result");
  }

  std::string
  text (const std::string &name, const char *side = "receive")
  {
    const char *value = json_object_get_string_member_with_default (step (name, side), "text", "");

    return value != nullptr ? value : "";
  }

  /* The names of the steps that came to @what, in order. */
  Ids
  steps (const std::string &what, const char *side = "receive")
  {
    JsonArray *list
        = json_object_get_array_member (json_object_get_object_member (document (), "steps"), side);
    Ids found;

    for (guint i = 0; i < json_array_get_length (list); i++)
      {
        JsonObject *one = json_array_get_object_element (list, i);

        if (what == json_object_get_string_member (one, "result"))
          found.push_back (json_object_get_string_member (one, "name"));
      }
    return found;
  }

  static bool
  has (const std::string &text, const std::string &piece)
  {
    return text.find (piece) != std::string::npos;
  }

  /* No line of a client that could sign anybody in. */
  static void
  expect_no_credentials (ScriptedServer &server)
  {
    for (unsigned i = 0; i < server.connections (); i++)
      for (const std::string &said : { server.record (i).clear, server.record (i).tls })
        for (const char *word : { "AUTH", "LOGIN", "USER", "PASS", kPassword, "jane" })
          EXPECT_FALSE (has (said, word)) << word << " in\n" << said;
  }

  static ServerTls
  with (const CertOptions &options)
  {
    ServerTls tls{ test_ca ().issue (options) };

    tls.ticket_key = make_ticket_key ();
    return tls;
  }

  Sandbox sandbox;
  std::string host = "localhost";
  Outcome outcome_;
  JsonParser *parser_ = nullptr; /* owned */
};

/* --- servers --- */

inline const std::string kCapabilities = "IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256-PLUS AUTH=PLAIN";

/* Behind the handshake. */
inline void
serve_imap (Peer &peer, const std::string &capabilities = kCapabilities)
{
  while (auto line = peer.read_line ())
    {
      const std::string tag = line->substr (0, line->find (' '));

      if (line->find ("CAPABILITY") != std::string::npos)
        peer.send ("* CAPABILITY " + capabilities + "\r\n");
      peer.send (tag + " OK done\r\n");
      if (line->find ("LOGOUT") != std::string::npos)
        return;
    }
}

/* In clear: @answer, behind the tag, to STARTTLS. Returns: whether it has come to that */
inline bool
serve_imap_in_clear (Peer &peer, const std::string &capabilities, const std::string &answer)
{
  while (auto line = peer.read_line ())
    {
      const std::string tag = line->substr (0, line->find (' '));

      if (line->find ("STARTTLS") != std::string::npos)
        {
          peer.send (tag + " " + answer);
          return true;
        }
      if (line->find ("CAPABILITY") != std::string::npos)
        peer.send ("* CAPABILITY " + capabilities + "\r\n");
      peer.send (tag + " OK done\r\n");
    }
  return false;
}

inline const std::string kClear = "IMAP4rev1 STARTTLS LOGINDISABLED";

/* An honest one with STARTTLS. */
inline ScriptedServer::Script
honest_imap (const ServerTls &tls, const std::string &capabilities = kCapabilities)
{
  return [tls, capabilities] (Peer &peer) {
    peer.send ("* OK [CAPABILITY " + kClear + "] ready\r\n");
    if (serve_imap_in_clear (peer, kClear, "OK go\r\n") && peer.start_tls (tls))
      serve_imap (peer, capabilities);
  };
}

inline ScriptedServer::Script
honest_imaps (const ServerTls &tls)
{
  return [tls] (Peer &peer) {
    if (!peer.start_tls (tls))
      return;
    peer.send ("* OK ready\r\n");
    serve_imap (peer);
  };
}

} // namespace postseal_test
