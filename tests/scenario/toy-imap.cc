/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/toy-imap.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace postseal_test
{

void
ToyMailbox::add (const std::string &text)
{
  messages[next++] = ToyMessage{ text, "", false };
}

ToyImap::ToyImap () : mailboxes{ { "INBOX", {} } }
{
  server_ = std::make_unique<ScriptedServer> ([this] (Peer &peer) { serve (peer); });
}

std::vector<std::string>
ToyImap::commands ()
{
  std::lock_guard guard (mutex_);

  return commands_;
}

unsigned
ToyImap::count (const std::string &beginning)
{
  std::vector<std::string> all = commands ();

  return (unsigned)std::count_if (all.begin (), all.end (), [&] (const std::string &command) {
    return command.rfind (beginning, 0) == 0;
  });
}

/* RFC 9051 section 9, sequence-set: "*" is the highest. */
std::vector<unsigned>
ToyImap::select_uids (const ToyMailbox &mailbox, const std::string &words)
{
  std::set<unsigned> chosen;
  std::stringstream ranges (words.substr (0, words.find (' ')));
  unsigned highest = mailbox.messages.empty () ? 0 : mailbox.messages.rbegin ()->first;

  for (std::string range; std::getline (ranges, range, ',');)
    {
      std::string last = range.substr (range.find (':') + 1);
      unsigned from = (unsigned)strtoul (range.c_str (), nullptr, 10);
      unsigned to = last == "*" ? highest : (unsigned)strtoul (last.c_str (), nullptr, 10);

      if (from > to)
        std::swap (from, to);
      for (const auto &[uid, message] : mailbox.messages)
        if (uid >= from && uid <= to)
          chosen.insert (uid);
    }
  return { chosen.begin (), chosen.end () };
}

std::string
ToyImap::fetch_line (const ToyMailbox &mailbox, unsigned uid, bool with_body)
{
  auto found = mailbox.messages.find (uid);
  const ToyMessage &message = found->second;
  std::string true_size = std::to_string (message.text.size ());
  std::string size = message.size.empty () ? true_size : message.size;
  auto number = std::distance (mailbox.messages.begin (), found) + 1;

  return "* " + std::to_string (number) + " FETCH (UID " + std::to_string (uid)
         + (with_body ? " BODY[] {" + true_size + "}\r\n" + message.text : " RFC822.SIZE " + size)
         + ")\r\n";
}

void
ToyImap::answer_fetch (const Call &call)
{
  std::string all;

  for (unsigned uid : select_uids (*call.mailbox, call.words))
    all += fetch_line (*call.mailbox, uid, call.is_body ());
  call.peer.send (all);
}

void
ToyImap::announce (const Call &call)
{
  call.peer.send ("* " + std::to_string (call.mailbox->messages.size ()) + " EXISTS\r\n");
}

void
ToyImap::idle (const Call &call)
{
  call.peer.send ("+ idling\r\n");
  if (on_idle)
    on_idle (call);
  if (call.peer.read_line () == "DONE")
    call.peer.send (call.tag + " OK done\r\n");
}

static std::string
describe (const ToyMailbox &mailbox)
{
  return mailbox.uid_next == "-"
             ? ""
             : (mailbox.uid_next.empty () ? std::to_string (mailbox.next) : mailbox.uid_next);
}

void
ToyImap::answer_open (const Call &call)
{
  std::string next;

  if (call.mailbox == nullptr)
    {
      call.peer.send (call.tag + " NO [NONEXISTENT] no such mailbox\r\n");
      return;
    }
  next = describe (*call.mailbox);
  call.peer.send ("* " + std::to_string (call.mailbox->messages.size ()) + " EXISTS\r\n"
                  + "* OK [UIDVALIDITY " + std::to_string (call.mailbox->uid_validity)
                  + "] valid\r\n" + (next.empty () ? "" : "* OK [UIDNEXT " + next + "] next\r\n")
                  + call.tag + " OK opened\r\n");
}

void
ToyImap::expunge (const Call &call)
{
  bool is_plain = call.verb == "EXPUNGE";

  for (unsigned uid : select_uids (*call.mailbox, is_plain ? "1:*" : call.words))
    if (call.mailbox->messages[uid].is_deleted)
      {
        auto number
            = std::distance (call.mailbox->messages.begin (), call.mailbox->messages.find (uid))
              + 1;

        call.mailbox->messages.erase (uid);
        call.peer.send ("* " + std::to_string (number) + " EXPUNGE\r\n");
      }
}

void
ToyImap::answer (const Call &call)
{
  if (call.verb == "CAPABILITY")
    call.peer.send ("* CAPABILITY " + capabilities + "\r\n");
  else if (call.verb == "SELECT" || call.verb == "EXAMINE")
    {
      answer_open (call);
      return;
    }
  else if (call.verb == "IDLE")
    {
      idle (call);
      return;
    }
  else if (call.verb == "UID FETCH")
    answer_fetch (call);
  else if (call.verb == "UID STORE")
    for (unsigned uid : select_uids (*call.mailbox, call.words))
      call.mailbox->messages[uid].is_deleted = true;
  else if (call.verb == "UID EXPUNGE" || call.verb == "EXPUNGE")
    expunge (call);
  else if (call.verb == "LIST")
    for (const auto &[name, mailbox] : mailboxes)
      {
        if (call.words.substr (call.words.rfind (' ') + 1) == name)
          call.peer.send ("* LIST () \"/\" " + name + "\r\n");
      }
  else if (call.verb == "STATUS")
    {
      std::string name = call.words.substr (0, call.words.find (' '));
      auto found = mailboxes.find (name);

      if (found == mailboxes.end ())
        {
          call.peer.send (call.tag + " NO [NONEXISTENT] no such mailbox\r\n");
          return;
        }
      call.peer.send ("* STATUS " + name + " (MESSAGES "
                      + std::to_string (found->second.messages.size ()) + " UIDNEXT "
                      + (describe (found->second).empty () ? "0" : describe (found->second))
                      + " UIDVALIDITY " + std::to_string (found->second.uid_validity) + ")\r\n");
    }
  else if (call.verb == "LOGOUT")
    call.peer.send ("* BYE good night\r\n");
  call.peer.send (call.tag + " OK done\r\n");
}

static std::string
unquote (std::string text)
{
  text.erase (std::remove (text.begin (), text.end (), '"'), text.end ());
  return text;
}

void
ToyImap::settle ()
{
  std::unique_lock guard (mutex_);

  changed_.wait (guard, [this] { return n_served_ == 0; });
}

void
ToyImap::serve (Peer &peer)
{
  {
    std::lock_guard guard (mutex_);
    n_served_++;
  }
  converse (peer);
  {
    std::lock_guard guard (mutex_);
    n_served_--;
  }
  changed_.notify_all ();
}

void
ToyImap::converse (Peer &peer)
{
  ToyMailbox *selected = nullptr;

  if (!peer.start_tls (tls_))
    return;
  peer.send ("* OK IMAP4rev1 ready\r\n");
  while (auto line = peer.read_line ())
    {
      std::stringstream stream (*line);
      std::string tag, verb, rest;

      stream >> tag >> verb;
      if (verb == "UID")
        {
          stream >> rest;
          verb += " " + rest;
        }
      rest.clear ();
      std::getline (stream >> std::ws, rest);
      {
        std::lock_guard guard (mutex_);
        commands_.push_back (verb + " " + rest);
      }
      if (verb == "SELECT" || verb == "EXAMINE")
        {
          auto found = mailboxes.find (unquote (rest));

          selected = found != mailboxes.end () ? &found->second : nullptr;
        }
      Call call{ peer, tag, verb, unquote (rest), selected };

      if (!hook || !hook (call))
        answer (call);
      if (verb == "LOGOUT")
        return;
    }
}

} // namespace postseal_test
