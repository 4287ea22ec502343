/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "port-exam-fixture.h"

namespace postseal_test
{

/* --- Toy --- */

std::string
Toy::list (bool is_tls) const
{
  const bool offers = offers_upgrade && !is_tls;

  switch (protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return std::string ("* CAPABILITY IMAP4rev1 ") + (offers ? "STARTTLS LOGINDISABLED" : "IDLE")
             + "\r\n";
    case POSTSEAL_PROTOCOL_POP3:
      return std::string ("+OK\r\nUIDL\r\n") + (offers ? "STLS\r\n" : "USER\r\n") + ".\r\n";
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      return std::string ("250-toy.example\r\n") + (offers ? "250-STARTTLS\r\n" : "")
             + "250 SIZE 1000\r\n";
    }
}

bool
Toy::answer (Peer &peer, const std::string &line, bool *ret_upgrades) const
{
  const bool is_imap = protocol == POSTSEAL_PROTOCOL_IMAP;
  const bool is_smtp = protocol == POSTSEAL_PROTOCOL_SMTP;
  const size_t space = line.find (' ');
  const std::string tag = is_imap ? line.substr (0, space + 1) : "";
  const std::string command
      = is_imap ? line.substr (space + 1) : line.substr (0, std::min (space, line.size ()));

  if (command == "STARTTLS" || command == "STLS")
    {
      const bool is_crowded = refuses_clear_commands && peer.has_more ();
      const bool agrees = upgrade_answer.empty () && !peer.is_tls () && !is_crowded;
      const std::string usual = is_imap ? tag + "OK go\r\n" : is_smtp ? "220 go\r\n" : "+OK go\r\n";

      if (is_crowded)
        {
          peer.send (is_imap   ? tag + "BAD one by one\r\n"
                     : is_smtp ? "503 one by one\r\n"
                               : "-ERR\r\n");
          return false;
        }
      peer.send (agrees ? usual : upgrade_answer);
      *ret_upgrades = agrees;
      return agrees || upgrade_answer.find ("NO") != std::string::npos
             || upgrade_answer.find ("BAD") != std::string::npos
             || upgrade_answer.find ("-ERR") != std::string::npos || upgrade_answer[0] == '4'
             || upgrade_answer[0] == '5';
    }
  if (command == "CAPABILITY")
    peer.send (list (peer.is_tls ()) + tag + "OK done\r\n");
  else if (command == "CAPA" || (command == "EHLO" && knows_ehlo))
    peer.send (list (peer.is_tls ()));
  else if (command == "HELO")
    peer.send ("250 toy.example\r\n");
  else if (command == "NOOP")
    peer.send (is_imap ? tag + "OK done\r\n" : is_smtp ? "250 done\r\n" : "+OK\r\n");
  else if (command == "LOGOUT" || command == "QUIT")
    {
      peer.send (is_imap ? "* BYE\r\n" + tag + "OK bye\r\n" : is_smtp ? "221 bye\r\n" : "+OK\r\n");
      return false;
    }
  else
    peer.send (is_imap ? tag + "BAD unknown\r\n" : is_smtp ? "500 unknown\r\n" : "-ERR\r\n");
  return true;
}

void
Toy::serve (Peer &peer) const
{
  const std::string usual = protocol == POSTSEAL_PROTOCOL_IMAP   ? "* OK ready"
                            : protocol == POSTSEAL_PROTOCOL_POP3 ? "+OK ready"
                                                                 : "220 toy.example ready";

  if (start == POSTSEAL_TLS_START_IMPLICIT && !peer.start_tls (tls))
    return;
  peer.send ((greeting.empty () ? usual : greeting) + "\r\n");
  for (;;)
    {
      auto line = peer.read_line ();
      std::optional<std::string> stowaway;
      bool upgrades = false;

      if (!line || !answer (peer, *line, &upgrades))
        return;
      if (!upgrades)
        continue;
      if (peer.has_more () && !takes_clear_commands_for_tls)
        stowaway = peer.read_line ();
      if (!peer.start_tls (tls))
        return;
      if (stowaway && keeps_clear_commands)
        answer (peer, *stowaway, &upgrades);
    }
}

/* --- the fixture --- */

namespace
{

void
on_line (PostsealTranscriptKind kind, const char *line, gpointer user_data)
{
  auto *text = static_cast<std::string *> (user_data);

  *text += kind == POSTSEAL_TRANSCRIPT_NOTE ? "* " : kind == POSTSEAL_TRANSCRIPT_SENT ? "> " : "< ";
  *text += std::string (line) + "\n";
}

} // namespace

void
PortExamTest::examine_port (PostsealProtocol protocol,
                            PostsealTlsStart usual,
                            unsigned port,
                            unsigned limit_ms)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (PostsealTranscript) transcript
      = postseal_transcript_new (on_line, &transcript_, nullptr);
  PostsealPortExam exam = { "localhost", addresses, probe_injection_, is_brief_, limit_ms };

  for (const std::string &address : addresses_)
    g_ptr_array_add (addresses, g_inet_address_new_from_string (address.c_str ()));
  postseal_port_exam_async (&exam,
                            postseal_port_facts_new (protocol, static_cast<guint16> (port), usual),
                            transcript, cancellable_, AsyncLoop::on_ready, &loop_);
  g_clear_pointer (&facts_, postseal_port_facts_free);
  g_clear_error (&error_);
  facts_ = postseal_port_exam_finish (loop_.wait (90000), &error_);
  EXPECT_EQ (facts_ == nullptr, error_ != nullptr);
}

void
PortExamTest::examine (PostsealProtocol protocol,
                       PostsealTlsStart usual,
                       ScriptedServer::Script script,
                       unsigned limit_ms)
{
  server_ = std::make_unique<ScriptedServer> (std::move (script));
  examine_port (protocol, usual, server_->port (), limit_ms);
}

void
PortExamTest::Many::on_examined (GObject *, GAsyncResult *result, gpointer user_data)
{
  static_cast<Run *> (user_data)->facts = postseal_port_exam_finish (result, nullptr);
}

void
PortExamTest::Many::begin (PostsealProtocol protocol,
                           PostsealTlsStart usual,
                           ScriptedServer::Script script,
                           unsigned limit_ms)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  PostsealPortExam exam = { "localhost", addresses, FALSE, FALSE, limit_ms };
  auto run = std::make_unique<Run> ();

  run->server = std::make_unique<ScriptedServer> (std::move (script));
  g_ptr_array_add (addresses, g_inet_address_new_from_string ("127.0.0.1"));
  postseal_port_exam_async (&exam, postseal_port_facts_new (protocol, run->server->port (), usual),
                            nullptr, nullptr, on_examined, run.get ());
  runs_.push_back (std::move (run));
}

void
PortExamTest::Many::wait ()
{
  test_.loop_.wait_for (
      [this] {
        for (const auto &run : runs_)
          if (run->facts == nullptr)
            return false;
        return true;
      },
      90000);
}

std::string
PortExamTest::join (char **list)
{
  g_autofree char *text = list != nullptr ? g_strjoinv (", ", list) : nullptr;

  return text != nullptr ? text : "-";
}

} // namespace postseal_test
