/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/toy-submission.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "scenario/hostile.h"
#include "support/scram-server.h"

namespace postseal_test
{

namespace
{

std::string
to_upper (std::string text)
{
  for (char &byte : text)
    if (byte >= 'a' && byte <= 'z')
      byte = (char)(byte - 'a' + 'A');
  return text;
}

std::string
first_word (const std::string &line)
{
  return to_upper (line.substr (0, line.find_first_of (" :")));
}

/* The words of @text. */
std::vector<std::string>
split (const std::string &text)
{
  std::istringstream stream (text);
  std::vector<std::string> words;

  for (std::string word; stream >> word;)
    words.push_back (word);
  return words;
}

/* "MAIL FROM:<a@b> X Y": "a@b" and "X Y". FALSE when it is not of this form. */
bool
parse_path (const std::string &line, std::string *ret_address, std::string *ret_parameters)
{
  size_t open = line.find (":<"), close = line.rfind ('>');

  if (open == std::string::npos || close == std::string::npos || close < open + 2
      || (close + 1 < line.size () && line[close + 1] != ' '))
    return false;
  *ret_address = line.substr (open + 2, close - open - 2);
  *ret_parameters = line.substr (std::min (line.size (), close + 2));
  return true;
}

std::string
unstuff (const std::string &data)
{
  std::string content;
  size_t start = !data.empty () && data[0] == '.' ? 1 : 0;

  for (size_t at = 0; (at = data.find ("\n.", start)) != std::string::npos; start = at + 2)
    content.append (data, start, at + 1 - start);
  return content.append (data, start, std::string::npos);
}

} // namespace

/* One connection. */
class ToySubmission::Session
{
public:
  Session (ToySubmission &server, Peer &peer) : server_ (server), peer_ (peer) {}

  void
  run ()
  {
    if (server_.start_ == Start::Implicit && !peer_.start_tls (server_.tls))
      return;
    if (reply ("GREETING", "", "220 toy.example ESMTP") != 2)
      return;
    while (auto line = peer_.read_line ())
      {
        std::string verb = first_word (*line);

        if (verb != "MAIL" && verb != "RCPT" && verb != "RSET" && verb != "BDAT")
          check_last_of_group (verb);
        if (std::any_of (line->begin (), line->end (), [] (char byte) { return byte < 0; })
            && !server_.offers ("SMTPUTF8"))
          server_.complain ("8-bit command without SMTPUTF8: " + *line);
        if (handle (verb, *line))
          return;
      }
  }

private:
  /* Returns: TRUE when the connection is to end */
  bool
  handle (const std::string &verb, const std::string &line)
  {
    if (verb == "EHLO")
      handle_ehlo (line);
    else if (verb == "STARTTLS")
      return !handle_starttls (line);
    else if (verb == "AUTH")
      handle_auth (line);
    else if (verb == "MAIL")
      handle_mail (line);
    else if (verb == "RCPT")
      handle_rcpt (line);
    else if (verb == "DATA")
      handle_data (line);
    else if (verb == "BDAT")
      handle_bdat (line);
    else if (verb == "RSET" || verb == "NOOP")
      {
        if (reply (verb, line, "250 2.0.0 ok") == 2 && verb == "RSET")
          forget ();
      }
    else if (verb == "QUIT")
      {
        reply (verb, line, "221 2.0.0 bye");
        return true;
      }
    else
      {
        server_.complain ("unknown command: " + line);
        reply (verb, line, "500 5.5.2 what?");
      }
    return is_closing_;
  }

  /* Returns: the first digit of what was said, whoever decided it; 0: nothing */
  int
  reply (const std::string &verb, const std::string &line, const std::string &honest)
  {
    unsigned nth = server_.note (verb, line);
    std::optional<std::string> text;

    if (server_.hook)
      text = server_.hook (Call{ peer_, verb, line, nth });
    if (!text)
      text = server_.find_answer (verb, nth);
    if (!text)
      text = honest + "\r\n";
    peer_.send (*text);
    is_closing_ |= text->rfind ("421", 0) == 0;
    return text->empty () ? 0 : (*text)[0] - '0';
  }

  /* RFC 2920 section 3.1; without PIPELINING each command waits for its reply. */
  void
  check_last_of_group (const std::string &verb)
  {
    if (peer_.has_more () && verb != "STARTTLS")
      server_.complain ("more sent behind " + verb);
  }

  void
  check_pipelining (const std::string &verb)
  {
    if (peer_.has_more () && !server_.offers ("PIPELINING"))
      server_.complain ("pipelined without PIPELINING behind " + verb);
  }

  void
  forget ()
  {
    is_in_mail_ = is_spoilt_ = false;
    mail_ = Delivery ();
  }

  void
  handle_ehlo (const std::string &line)
  {
    std::vector<std::string> lines = { "toy.example at your service" };
    std::string text;
    bool is_open = server_.start_ == Start::Upgrade && !peer_.is_tls ();

    if (line.size () < 7 || line[5] != '[')
      server_.complain ("EHLO without an address literal: " + line);
    for (const std::string &offer : server_.offers_)
      if (!is_open || offer == "PIPELINING")
        lines.push_back (offer);
    if (!peer_.is_tls () && server_.start_ != Start::Clear)
      lines.push_back ("STARTTLS");
    for (size_t i = 0; i < lines.size (); i++)
      text += (i + 1 == lines.size () ? "250 " : "250-") + lines[i]
              + (i + 1 == lines.size () ? "" : "\r\n");
    has_ehlo_ = reply ("EHLO", line, text) == 2;
    forget ();
  }

  bool
  handle_starttls (const std::string &line)
  {
    if (peer_.is_tls () || server_.start_ == Start::Clear)
      return reply ("STARTTLS", line, "502 5.5.1 not here") != 0;
    if (reply ("STARTTLS", line, "220 2.0.0 go ahead") != 2)
      return true;
    has_ehlo_ = false;
    forget ();
    return peer_.start_tls (server_.tls);
  }

  /* --- AUTH, RFC 4954 --- */

  std::string
  ask (const std::string &challenge)
  {
    peer_.send ("334 " + base64_encode (challenge) + "\r\n");
    return base64_decode (peer_.read_line ().value_or ("*"));
  }

  bool
  is_right (const std::string &mechanism, const std::string &initial, bool has_initial)
  {
    using namespace std::string_literals;

    if (mechanism == "PLAIN")
      return (has_initial ? initial : ask ("")) == "\0"s + kUser + "\0"s + server_.password;
    if (mechanism == "LOGIN")
      {
        bool is_known = (has_initial ? initial : ask ("Username:")) == kUser;
        return (ask ("Password:") == server_.password) && is_known;
      }
    ScramServer scram (server_.password);
    std::string first = has_initial ? initial : ask ("");
    std::optional<std::string> proof = scram.final (ask (scram.first (first)));

    return proof && ask (*proof).empty ();
  }

  void
  handle_auth (const std::string &line)
  {
    std::vector<std::string> words = split (line);
    std::vector<std::string> offered = split (server_.parameter ("AUTH"));

    if (!peer_.is_tls ())
      server_.complain ("AUTH in clear");
    if (is_signed_in_ || !has_ehlo_)
      server_.complain ("AUTH out of place");
    if (line.size () > 510)
      server_.complain ("AUTH with too long an initial response");
    /* A hook or a prepared answer speaks before anything is asked. */
    unsigned nth = server_.note ("AUTH", line);
    std::optional<std::string> text;
    if (server_.hook)
      text = server_.hook (Call{ peer_, "AUTH", line, nth });
    if (!text)
      text = server_.find_answer ("AUTH", nth);
    if (!text && std::find (offered.begin (), offered.end (), words.at (1)) == offered.end ())
      text = "504 5.5.4 unknown mechanism\r\n";
    if (!text)
      text = is_right (words.at (1), words.size () > 2 ? base64_decode (words[2]) : "",
                       words.size () > 2)
                 ? "235 2.7.0 welcome\r\n"
                 : "535 5.7.8 wrong user or password\r\n";
    peer_.send (*text);
    is_closing_ |= text->rfind ("421", 0) == 0;
    is_signed_in_ = text->rfind ("235", 0) == 0;
  }

  /* --- a transaction --- */

  void
  check_parameters (const std::string &parameters)
  {
    static const std::map<std::string, std::string> owners = {
      { "SIZE", "SIZE" },
      { "SMTPUTF8", "SMTPUTF8" },
      { "RET", "DSN" },
      { "ENVID", "DSN" },
      { "NOTIFY", "DSN" },
      { "ORCPT", "DSN" },
      { "REQUIRETLS", "REQUIRETLS" },
      { "HOLDFOR", "FUTURERELEASE" },
      { "BY", "DELIVERBY" },
    };

    for (const std::string &word : split (parameters))
      {
        std::string name = word.substr (0, word.find ('='));
        auto owner = owners.find (name);

        if (name == "BODY" ? !server_.offers (word.substr (5))
                           : owner == owners.end () || !server_.offers (owner->second))
          server_.complain ("not offered: " + word);
      }
  }

  void
  handle_mail (const std::string &line)
  {
    std::string address, parameters, honest = "250 2.1.0 ok";
    std::string limit = server_.limit ("MAILMAX");

    check_pipelining ("MAIL");
    if (!parse_path (line, &address, &parameters))
      server_.complain ("bad MAIL: " + line);
    check_parameters (parameters);
    if (!has_ehlo_ || is_in_mail_)
      {
        server_.complain ("MAIL out of place");
        honest = "503 5.5.1 not now";
      }
    else if (!peer_.is_tls () && server_.start_ == Start::Upgrade)
      honest = "530 5.7.0 STARTTLS first";
    else if (server_.demands_login && !is_signed_in_)
      honest = "530 5.7.0 log in first";
    else if (!limit.empty () && n_mails_ >= strtoul (limit.c_str (), nullptr, 10))
      {
        server_.complain ("more messages than MAILMAX");
        honest = "421 4.7.0 enough for one connection";
      }
    n_mails_++;
    if (reply ("MAIL", line, honest) != 2)
      return;
    forget ();
    is_in_mail_ = true;
    mail_.connection = peer_.index ();
    mail_.is_clear = !peer_.is_tls ();
    mail_.sender = address;
    mail_.parameters = parameters;
  }

  void
  handle_rcpt (const std::string &line)
  {
    std::string address, parameters, limit = server_.limit ("RCPTMAX");
    std::string honest = is_in_mail_ ? "250 2.1.5 ok" : "503 5.5.1 MAIL first";

    check_pipelining ("RCPT");
    if (!parse_path (line, &address, &parameters))
      server_.complain ("bad RCPT: " + line);
    check_parameters (parameters);
    if (is_in_mail_ && !limit.empty ()
        && mail_.recipients.size () >= strtoul (limit.c_str (), nullptr, 10))
      {
        server_.complain ("more recipients than RCPTMAX");
        honest = "452 4.5.3 too many";
      }
    if (reply ("RCPT", line, honest) != 2 || !is_in_mail_)
      return;
    mail_.recipients.push_back (address);
    mail_.recipient_parameters.push_back (parameters);
  }

  bool
  has_word (const std::string &word) const
  {
    std::vector<std::string> words = split (mail_.parameters);

    return std::find (words.begin (), words.end (), word) != words.end ();
  }

  void
  check_content ()
  {
    size_t line_start = 0;
    bool is_binary = has_word ("BODY=BINARYMIME");
    bool is_eight_bit = is_binary || has_word ("BODY=8BITMIME");
    size_t size = mail_.parameters.find ("SIZE=");
    const std::string &text = mail_.content;

    if (size != std::string::npos
        && strtoull (&mail_.parameters[size + 5], nullptr, 10) != text.size ())
      server_.complain ("SIZE is not that of the message: " + mail_.parameters + ", "
                        + std::to_string (text.size ()));
    for (size_t i = 0; i < text.size () && !is_binary; i++)
      {
        if (text[i] < 0 && !is_eight_bit)
          {
            server_.complain ("8-bit octets in a message without BODY=8BITMIME");
            is_eight_bit = true;
          }
        if ((text[i] == '\r') != (i + 1 < text.size () && text[i + 1] == '\n'))
          server_.complain ("a bare CR or LF");
        if (text[i] == '\0')
          server_.complain ("NUL in a message");
        if (text[i] == '\n')
          {
            if (i - line_start > 999)
              server_.complain ("a line that is too long");
            line_start = i + 1;
          }
      }
  }

  /* @mail_ has come whole. */
  void
  take ()
  {
    check_content ();
    int first = reply ("CONTENT", mail_.content, "250 2.0.0 taken");
    std::lock_guard guard (server_.mutex_);

    if (first == 2)
      server_.deliveries_.push_back (mail_);
    forget ();
  }

  void
  handle_data (const std::string &line)
  {
    bool is_ready = is_in_mail_ && !mail_.recipients.empty ();

    if (has_word ("BODY=BINARYMIME") || is_spoilt_)
      server_.complain ("DATA out of place");
    if (reply ("DATA", line, is_ready ? "354 go on" : "503 5.5.1 no valid recipients") != 3)
      return;
    std::string data = peer_.read_until (is_ready ? "\r\n.\r\n" : ".\r\n");
    if (data.size () < 3 || data.compare (data.size () - 3, 3, ".\r\n") != 0)
      return; /* cut: nothing has come whole */
    if (!is_ready)
      {
        if (data != ".\r\n")
          server_.complain ("content for nobody");
        reply ("CONTENT", "", "554 5.5.1 no valid recipients");
        forget ();
        return;
      }
    mail_.content = unstuff (data.substr (0, data.size () - 3));
    take ();
  }

  /* RFC 3030 section 2 */
  void
  handle_bdat (const std::string &line)
  {
    std::vector<std::string> words = split (line);
    size_t size = words.size () > 1 ? strtoull (words[1].c_str (), nullptr, 10) : 0;
    bool is_last = words.size () > 2 && to_upper (words[2]) == "LAST";
    std::string chunk = peer_.read_bytes (size);

    if (!server_.offers ("CHUNKING"))
      server_.complain ("BDAT without CHUNKING");
    check_pipelining ("BDAT");
    if (chunk.size () < size)
      return;
    mail_.is_chunked = true;
    if (!is_in_mail_ || mail_.recipients.empty () || is_spoilt_)
      {
        is_spoilt_ = true;
        reply ("BDAT", line, "503 5.5.1 no valid recipients");
        return;
      }
    mail_.content += chunk;
    if (is_last)
      {
        server_.note ("BDAT", line);
        take ();
      }
    else if (reply ("BDAT", line, "250 2.0.0 so far") != 2)
      is_spoilt_ = true;
  }

  ToySubmission &server_;
  Peer &peer_;
  bool has_ehlo_ = false, is_signed_in_ = false, is_in_mail_ = false, is_closing_ = false;
  bool is_spoilt_ = false; /* a chunk was refused: only RSET helps */
  unsigned n_mails_ = 0;
  Delivery mail_;
};

std::string
ToySubmission::Delivery::field (const std::string &name) const
{
  size_t at = ("\r\n" + content).find ("\r\n" + name + ": ");

  if (at == std::string::npos)
    return "";
  at += name.size () + 2;
  return content.substr (at, content.find ("\r\n", at) - at);
}

ToySubmission::ToySubmission (Start start, unsigned short port)
    : password (kPassword), tls{ test_ca ().issue () }, start_ (start),
      offers_ ({ "PIPELINING", "SIZE 100000000", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN",
                 "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN" })
{
  server_
      = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); }, "127.0.0.1", port);
}

void
ToySubmission::answer (const std::string &verb, unsigned nth, const std::string &reply)
{
  std::lock_guard guard (mutex_);

  answers_[{ verb, nth }] = reply + "\r\n";
}

void
ToySubmission::behave ()
{
  settle ();
  hook = nullptr;
  answers_.clear ();
}

void
ToySubmission::offer (const std::string &line)
{
  withdraw (first_word (line));
  offers_.push_back (line);
}

void
ToySubmission::withdraw (const std::string &keyword)
{
  offers_.erase (
      std::remove_if (offers_.begin (), offers_.end (),
                      [&] (const std::string &line) { return first_word (line) == keyword; }),
      offers_.end ());
}

bool
ToySubmission::offers (const std::string &keyword) const
{
  return std::any_of (offers_.begin (), offers_.end (),
                      [&] (const std::string &line) { return first_word (line) == keyword; });
}

std::string
ToySubmission::parameter (const std::string &keyword) const
{
  for (const std::string &line : offers_)
    if (first_word (line) == keyword)
      return line.substr (std::min (line.size (), keyword.size () + 1));
  return "";
}

std::string
ToySubmission::limit (const std::string &keyword) const
{
  for (const std::string &word : split (parameter ("LIMITS")))
    if (word.rfind (keyword + "=", 0) == 0)
      return word.substr (keyword.size () + 1);
  return "";
}

std::vector<ToySubmission::Delivery>
ToySubmission::deliveries ()
{
  std::lock_guard guard (mutex_);

  return deliveries_;
}

std::vector<std::string>
ToySubmission::commands ()
{
  std::lock_guard guard (mutex_);

  return commands_;
}

std::vector<std::string>
ToySubmission::violations ()
{
  std::lock_guard guard (mutex_);

  return violations_;
}

unsigned
ToySubmission::count (const std::string &beginning)
{
  std::vector<std::string> all = commands ();

  return (unsigned)std::count_if (all.begin (), all.end (), [&] (const std::string &command) {
    return command.rfind (beginning, 0) == 0;
  });
}

unsigned
ToySubmission::note (const std::string &verb, const std::string &line)
{
  std::lock_guard guard (mutex_);

  if (verb != "CONTENT" && verb != "GREETING")
    commands_.push_back (line);
  return ++counts_[verb];
}

std::optional<std::string>
ToySubmission::find_answer (const std::string &verb, unsigned nth)
{
  std::lock_guard guard (mutex_);

  for (unsigned key : { nth, 0u })
    if (auto found = answers_.find ({ verb, key }); found != answers_.end ())
      return found->second;
  return std::nullopt;
}

void
ToySubmission::complain (const std::string &violation)
{
  std::lock_guard guard (mutex_);

  violations_.push_back (violation);
}

void
ToySubmission::settle ()
{
  std::unique_lock guard (mutex_);

  changed_.wait (guard, [this] { return n_served_ == 0; });
}

void
ToySubmission::serve (Peer &peer)
{
  {
    std::lock_guard guard (mutex_);
    n_served_++;
  }
  Session (*this, peer).run ();
  /* What is on its way already must not make the last reply be lost to a reset. */
  peer.say_goodbye ();
  peer.read_all ();
  peer.close ();
  {
    std::lock_guard guard (mutex_);
    n_served_--;
  }
  changed_.notify_all ();
}

} // namespace postseal_test
