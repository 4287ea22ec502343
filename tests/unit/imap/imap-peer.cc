/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

using std::string;

/* --- the other end --- */

static gboolean
say_yes (GIOStream *)
{
  return TRUE;
}

static const PostsealSealedLinkTls certified = { nullptr, say_yes };

Peer::Peer (bool awaits_greeting, bool has_certificate)
    : pair_ (awaits_greeting, POSTSEAL_PROTOCOL_IMAP, has_certificate ? &certified : nullptr)
{
}

PostsealSealedLink *
Peer::take_link ()
{
  return pair_.take_link ();
}

void
Peer::hang_up ()
{
  pair_.hang_up ();
}

void
Peer::say (const string &text)
{
  output_ += text;
}

static void
turn_loop ()
{
  while (g_main_context_iteration (nullptr, FALSE))
    ;
}

void
Peer::write_out ()
{
  while (!output_.empty () && pair_.peer >= 0)
    {
      size_t room = cut_after - said;
      size_t wanted = std::min (is_slow ? size_t (1) : output_.size (), room);
      ssize_t n = room == 0 ? 0 : send (pair_.peer, output_.data (), wanted, MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          turn_loop ();
          continue;
        }
      if (n > 0)
        {
          output_.erase (0, static_cast<size_t> (n));
          said += static_cast<size_t> (n);
        }
      if (n < 0 || said >= cut_after)
        {
          output_.clear ();
          hang_up ();
        }
      turn_loop ();
    }
}

/* Returns: whether anything came */
bool
Peer::read_flight ()
{
  char buffer[65536];
  string flight;
  ssize_t n = 0;

  turn_loop ();
  while (pair_.peer >= 0 && (n = recv (pair_.peer, buffer, sizeof buffer, 0)) != 0)
    {
      if (n < 0)
        break;
      flight.append (buffer, static_cast<size_t> (n));
      turn_loop ();
    }
  is_client_gone = is_client_gone || (pair_.peer >= 0 && n == 0);
  if (flight.empty ())
    return false;
  input_ += flight;
  flights.emplace_back ();
  take_input ();
  return true;
}

void
Peer::take_input ()
{
  while (!input_.empty ())
    {
      size_t end;

      if (literal_left_ > 0)
        {
          size_t n = std::min (literal_left_, input_.size ());

          command_.append (input_, 0, n);
          input_.erase (0, n);
          literal_left_ -= n;
          continue;
        }
      end = input_.find ("\r\n");
      if (end == string::npos)
        return;
      string line = input_.substr (0, end);
      input_.erase (0, end + 2);
      take_line (line);
    }
}

/* "... {5}" or "... {5+}". Returns: whether one is announced */
static bool
announces_literal (const string &line, size_t *ret_length, bool *ret_is_prompt)
{
  size_t brace = line.rfind ('{');

  if (line.empty () || line.back () != '}' || brace == string::npos)
    return false;
  *ret_is_prompt = line[line.size () - 2] == '+';
  *ret_length = std::stoul (line.substr (brace + 1));
  return true;
}

static void
replace_all (string &text, const string &from, const string &to)
{
  for (size_t at = 0; (at = text.find (from, at)) != string::npos; at += to.size ())
    text.replace (at, from.size (), to);
}

void
Peer::take_line (string line)
{
  bool is_prompt = false;
  string tag;
  string reply;

  if (!sasl_tag_.empty ())
    {
      flights.back () += (flights.back ().empty () ? "" : "\n") + line;
      reply = on_sasl (sasl_tag_, line);
      if (reply.compare (0, 2, "+ ") != 0)
        sasl_tag_.clear ();
      say (reply);
      return;
    }
  command_ += line;
  if (announces_literal (line, &literal_left_, &is_prompt))
    {
      if (!is_prompt && !literal_refusal.empty ())
        {
          tag = command_.substr (0, command_.find (' '));
          commands.push_back (command_.substr (tag.size () + 1));
          command_.clear ();
          literal_left_ = 0;
          say (tag + " " + literal_refusal + "\r\n");
          return;
        }
      command_ += "|";
      if (!is_prompt)
        say ("+ go on\r\n");
      return;
    }
  tag = command_.substr (0, command_.find (' '));
  /* DONE has no tag. */
  string command = command_.size () > tag.size () ? command_.substr (tag.size () + 1)
                   : tag == "DONE"                ? tag
                                                  : "";
  command_.clear ();
  commands.push_back (command);
  flights.back () += (flights.back ().empty () ? "" : "\n") + command;

  if (on_command == nullptr || !on_command (tag, command, reply))
    {
      const string *best = nullptr;

      reply = "TAG OK done\r\n";
      for (const auto &[beginning, answer] : answers) /* ascending: the longest match comes last */
        if (command.compare (0, beginning.size (), beginning) == 0)
          best = &answer;
      if (best != nullptr)
        reply = *best;
    }
  if (command.compare (0, 13, "AUTHENTICATE ") == 0 && reply.compare (0, 1, "+") == 0)
    sasl_tag_ = tag;
  replace_all (reply, "TAG", tag);
  /* In a SASL exchange "+" is no noise. */
  if (!noise.empty () && (noise[0] != '+' || command.compare (0, 12, "AUTHENTICATE") != 0))
    {
      string noisy;
      size_t at = 0;
      size_t end;

      /* Not inside a literal: only before lines that begin a response. */
      while ((end = reply.find ("\r\n", at)) != string::npos)
        {
          string one = reply.substr (at, end + 2 - at);

          if (one.compare (0, 2, "* ") == 0 || one.compare (0, tag.size (), tag) == 0)
            noisy += noise;
          noisy += one;
          at = end + 2;
        }
      reply = noisy + reply.substr (at);
    }
  say (reply);
}

bool
Peer::run_until (const std::function<bool ()> &is_done)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  for (;;)
    {
      bool is_moving;

      write_out ();
      is_moving = read_flight ();
      if (is_done ())
        return true;
      if (g_get_monotonic_time () > end)
        return false;
      if (!is_moving && output_.empty ())
        g_usleep (200); /* for a worker thread */
    }
}

void
Peer::settle ()
{
  do
    write_out ();
  while (read_flight () || !output_.empty ());
}

/* --- the session --- */

void
ImapTest::open (bool awaits_greeting, bool has_certificate)
{
  g_autoptr (PostsealTranscript) log = new_transcript ();

  peer = new Peer (awaits_greeting, has_certificate);
  if (awaits_greeting)
    peer->say (greeting);
  peer->answers["CAPABILITY"]
      = "* CAPABILITY IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN\r\nTAG OK done\r\n";
  peer->answers["AUTHENTICATE"] = "TAG OK [CAPABILITY " + caps + "] in\r\n";
  peer->answers["LOGIN"] = "TAG OK [CAPABILITY " + caps + "] in\r\n";
  peer->answers["SELECT"] = peer->answers["EXAMINE"]
      = "* FLAGS (\\Seen \\Deleted)\r\n* 3 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 77] v\r\n"
        "* OK [UIDNEXT 10] n\r\n* OK [HIGHESTMODSEQ 900] h\r\n* OK [X-ODD (1 (2))] x\r\n"
        "TAG OK [READ-WRITE] open\r\n";
  session = postseal_imap_session_new (peer->take_link (), 60000, log);
  if (auth == nullptr)
    use_mechanisms (nullptr);
}

void
ImapTest::use_mechanisms (const char *const *mechanisms, PostsealLatches *latches)
{
  g_clear_pointer (&auth, postseal_authenticator_unref);
  auth = postseal_authenticator_new ("work", "jane", vault.get (), mechanisms, latches);
}

void
ImapTest::TearDown ()
{
  g_clear_object (&session);
  while (g_main_context_iteration (nullptr, FALSE))
    ;
  delete peer;
  g_clear_pointer (&auth, postseal_authenticator_unref);
  g_clear_error (&error);
}

bool
ImapTest::login (bool compress)
{
  Waiter waiter;

  g_clear_error (&error);
  postseal_imap_session_login_async (session, auth, compress, nullptr, Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return waiter.is_done () && postseal_imap_session_login_finish (session, waiter.result, &error);
}

PostsealImapStatus *
ImapTest::select (const char *mailbox, bool read_only, const PostsealImapKnown *known)
{
  Waiter waiter;

  g_clear_error (&error);
  postseal_imap_session_select_async (session, mailbox, read_only, known, nullptr, Waiter::on_done,
                                      &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return postseal_imap_session_select_finish (session, waiter.result, &error);
}

GArray *
ImapTest::list_messages (guint32 first, const std::vector<guint32> &uids)
{
  Waiter waiter;

  g_clear_error (&error);
  postseal_imap_session_list_messages_async (session, first, uids.empty () ? nullptr : uids.data (),
                                             uids.size (), nullptr, Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return postseal_imap_session_list_messages_finish (session, waiter.result, &error);
}

bool
ImapTest::remove (const std::vector<guint32> &uids)
{
  Waiter waiter;

  g_clear_error (&error);
  postseal_imap_session_delete_async (session, uids.data (), uids.size (), nullptr, Waiter::on_done,
                                      &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return postseal_imap_session_delete_finish (session, waiter.result, &error);
}

GPtrArray *
ImapTest::list (const std::vector<const char *> &patterns, bool with_uses)
{
  std::vector<const char *> all = patterns;
  Waiter waiter;

  g_clear_error (&error);
  all.push_back (nullptr);
  postseal_imap_session_list_async (session, all.data (), with_uses, nullptr, Waiter::on_done,
                                    &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return postseal_imap_session_list_finish (session, waiter.result, &error);
}

PostsealImapStatus *
ImapTest::status (const char *mailbox)
{
  Waiter waiter;

  g_clear_error (&error);
  postseal_imap_session_status_async (session, mailbox, nullptr, Waiter::on_done, &waiter);
  EXPECT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  return postseal_imap_session_status_finish (session, waiter.result, &error);
}

void
ImapTest::start ()
{
  open ();
  ASSERT_TRUE (login ()) << error->message;
  postseal_imap_status_free (select ("INBOX"));
  ASSERT_EQ (error, nullptr) << error->message;
}

/* --- what comes in --- */

static void
take_begin (PostsealImapSession *, guint64 size, gpointer user_data)
{
  auto self = static_cast<Delivery *> (user_data);

  EXPECT_FALSE (self->is_open) << "begin within a message";
  self->is_open = true;
  self->open.clear ();
  self->text += "begin " + std::to_string (size) + ";";
}

static void
take_data (PostsealImapSession *, const char *data, gsize length, gpointer user_data)
{
  auto self = static_cast<Delivery *> (user_data);

  EXPECT_TRUE (self->is_open) << "data without a message";
  EXPECT_GT (length, 0u);
  self->open.append (data, length);
  if (self->on_data != nullptr)
    self->on_data ();
}

static void
take_end (PostsealImapSession *, guint32 uid, gboolean is_whole, gpointer user_data)
{
  auto self = static_cast<Delivery *> (user_data);

  EXPECT_TRUE (self->is_open) << "end without a message";
  self->is_open = false;
  if (is_whole)
    self->whole[uid] = self->open;
  self->text += self->open + ";end " + std::to_string (uid) + (is_whole ? " whole;" : " broken;");
}

const PostsealImapFetchHandler Delivery::handler = { take_begin, take_data, take_end };
