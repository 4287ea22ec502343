/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/port-exam-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/printable.h"

#define SILENCE_MS 2000 /* then a ClientHello is tried */
/* Servers that other servers send to keep them waiting on purpose, and punish those who do not. */
#define RELAY_PORT 25
#define RELAY_SILENCE_MS 7000
#define HELLO_MS 3000 /* for the answer to that ClientHello */
#define PATIENCE_MS 7000 /* after that nothing more is to be expected in clear */

gint64
_postseal_port_subject_step (PostsealPortSubject *self)
{
  return _postseal_probe_limit_within (&self->target.limit, POSTSEAL_PORT_STEP_MS);
}

PostsealProbeLink *
_postseal_port_subject_open (PostsealPortSubject *self, GError **error)
{
  gint64 until = _postseal_probe_limit_within (&self->target.limit, POSTSEAL_PORT_CONNECT_MS);

  return _postseal_probe_link_open (&self->target, self->addresses, until, error);
}

PostsealProbeAnswer
_postseal_port_subject_ask_caps (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealProbeAnswer answer = _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_CAPABILITIES,
                                                         _postseal_port_subject_step (self));

  if (answer == POSTSEAL_PROBE_ANSWER_NO && self->target.protocol == POSTSEAL_PROTOCOL_SMTP)
    return _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_HELO,
                                     _postseal_port_subject_step (self));
  return answer;
}

/* --- states --- */

/* @reason: (transfer full) */
static void
set_state (PostsealPortSubject *self, PostsealPortState state, char *reason)
{
  self->facts->state = state;
  g_free (self->facts->reason);
  self->facts->reason = reason;
}

static const char *
get_line (PostsealProbeLink *link)
{
  return _postseal_probe_talk_get_line (_postseal_probe_link_get_talk (link));
}

/* What an answer other than the good ones makes of the port. @link: (nullable) after ENDED */
static void
set_state_of_answer (PostsealPortSubject *self, PostsealProbeLink *link, PostsealProbeAnswer answer)
{
  const char *protocol = postseal_protocol_name (self->target.protocol);

  switch (answer)
    {
    case POSTSEAL_PROBE_ANSWER_BUSY:
      set_state (
          self, POSTSEAL_PORT_BUSY,
          g_strdup_printf (_ ("The server does not want to talk now: “%s”"), get_line (link)));
      break;
    case POSTSEAL_PROBE_ANSWER_ENDED:
      set_state (self, POSTSEAL_PORT_ENDED,
                 g_strdup (_ ("The server ended the connection without a word")));
      break;
    case POSTSEAL_PROBE_ANSWER_STALLED:
      set_state (self, POSTSEAL_PORT_SILENT,
                 g_strdup (_ ("The server accepts connections and says nothing")));
      break;
    case POSTSEAL_PROBE_ANSWER_MORE:
    case POSTSEAL_PROBE_ANSWER_YES:
    case POSTSEAL_PROBE_ANSWER_NO:
    case POSTSEAL_PROBE_ANSWER_PREAUTH:
    case POSTSEAL_PROBE_ANSWER_STRANGE:
    default:
      set_state (
          self, POSTSEAL_PORT_STRANGE,
          g_strdup_printf (_ ("What the server says is not %s: “%s”"), protocol, get_line (link)));
    }
}

/* The examination ends before its time. */
static void
note_break (PostsealPortSubject *self, PostsealProbeAnswer answer)
{
  g_free (self->facts->reason);
  self->facts->reason
      = g_strdup (answer == POSTSEAL_PROBE_ANSWER_STALLED
                      ? _ ("The server stopped answering")
                      : _ ("The server ended the connection in the middle of the conversation"));
}

/* At least 1: what has taken place. */
static guint
milliseconds_since (gint64 start)
{
  return MAX ((g_get_monotonic_time () - start) / 1000, 1);
}

/* --- within TLS --- */

static void
note_handshake (PostsealPortSubject *self, PostsealProbeTls *tls)
{
  PostsealPortFacts *facts = self->facts;
  gboolean is_1_3 = strcmp (_postseal_probe_tls_get_version (tls), "TLS 1.3") == 0;

  facts->has_tls = POSTSEAL_SEEN_YES;
  facts->tls_version = g_strdup (_postseal_probe_tls_get_version (tls));
  facts->cipher = g_strdup (_postseal_probe_tls_get_cipher (tls));
  facts->key_exchange = g_strdup (_postseal_probe_tls_get_key_exchange (tls));
  facts->tls13 = is_1_3 ? POSTSEAL_SEEN_YES : POSTSEAL_SEEN_NO;
  if (is_1_3)
    return;
  facts->tls12 = POSTSEAL_SEEN_YES;
  facts->extended_master_secret
      = _postseal_probe_tls_has_extended_master_secret (tls) ? POSTSEAL_SEEN_YES : POSTSEAL_SEEN_NO;
}

static PostsealProbeTlsOutcome
shake_hands (PostsealPortSubject *self, PostsealProbeLink *link, gint64 until)
{
  gint64 start = g_get_monotonic_time ();
  PostsealProbeTlsOutcome outcome
      = _postseal_probe_link_start_tls (link, POSTSEAL_PROBE_OFFER_GOOD, NULL, until);
  PostsealProbeTls *tls = _postseal_probe_link_get_tls (link);

  self->outcome = outcome;
  self->has_tried_tls = outcome != POSTSEAL_PROBE_TLS_UNTRIED;
  g_free (self->facts->tls_error);
  self->facts->tls_error = g_strdup (_postseal_probe_tls_get_error (tls));
  self->facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
  g_clear_pointer (&self->facts->chain, g_ptr_array_unref);
  self->facts->chain = _postseal_probe_tls_get_chain (tls);
  if (outcome == POSTSEAL_PROBE_TLS_DONE)
    {
      self->facts->handshake_ms = milliseconds_since (start);
      note_handshake (self, tls);
    }
  else if (outcome != POSTSEAL_PROBE_TLS_STALLED && outcome != POSTSEAL_PROBE_TLS_UNTRIED)
    self->facts->has_tls = POSTSEAL_SEEN_NO;
  return outcome;
}

/* Capabilities, what can be resumed, goodbye. */
static void
finish_within (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealProbeAnswer answer = _postseal_port_subject_ask_caps (self, link);

  if (answer == POSTSEAL_PROBE_ANSWER_YES || answer == POSTSEAL_PROBE_ANSWER_NO)
    {
      self->facts->caps_after
          = _postseal_probe_talk_get_caps (_postseal_probe_link_get_talk (link));
      self->session = _postseal_probe_tls_get_session (_postseal_probe_link_get_tls (link));
      _postseal_probe_link_leave (link);
    }
  else if (answer == POSTSEAL_PROBE_ANSWER_BUSY)
    set_state_of_answer (self, link, answer);
  else
    note_break (self, answer);
}

/* After a handshake that was the first thing on the connection. */
static void
look_within (PostsealPortSubject *self, PostsealProbeLink *link)
{
  gint64 start = g_get_monotonic_time ();
  PostsealProbeAnswer answer
      = _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_GREETING,
                                  _postseal_probe_limit_within (&self->target.limit, PATIENCE_MS));

  if (get_line (link)[0] != '\0')
    self->facts->greeting_after = g_strdup (get_line (link));
  if (answer != POSTSEAL_PROBE_ANSWER_YES && answer != POSTSEAL_PROBE_ANSWER_PREAUTH)
    {
      set_state_of_answer (self, link, answer);
      return;
    }
  self->facts->greeting_ms = milliseconds_since (start);
  set_state (self, POSTSEAL_PORT_MAIL, NULL);
  finish_within (self, link);
}

/* The outcome of a ClientHello at the very beginning, where it was answered with TLS. */
static gboolean
speaks_tls (PostsealProbeLink *link, PostsealProbeTlsOutcome outcome)
{
  return outcome == POSTSEAL_PROBE_TLS_DONE || outcome == POSTSEAL_PROBE_TLS_REFUSED
         || (outcome == POSTSEAL_PROBE_TLS_BROKEN
             && _postseal_probe_tls_heard_anything (_postseal_probe_link_get_tls (link)));
}

static void
note_implicit (PostsealPortSubject *self, PostsealProbeLink *link, PostsealProbeTlsOutcome outcome)
{
  self->facts->start = POSTSEAL_TLS_START_IMPLICIT;
  set_state (self, POSTSEAL_PORT_MAIL, NULL);
  if (outcome == POSTSEAL_PROBE_TLS_DONE)
    look_within (self, link);
}

/* --- in clear --- */

/* What came where a record of TLS should have begun. */
static char *
get_text (PostsealProbeLink *link)
{
  GBytes *text = _postseal_probe_tls_get_text (_postseal_probe_link_get_tls (link));
  gsize length = 0;
  const char *data = g_bytes_get_data (text, &length);
  const char *end = memchr (data, '\n', length);

  length = end != NULL ? (gsize)(end - data) : length;
  if (length > 0 && data[length - 1] == '\r')
    length--;
  return postseal_printable (data, length);
}

/* The conversation may go on within TLS. */
static void
look_at_upgrade (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealPortFacts *facts = self->facts;
  PostsealProbeTlsOutcome outcome = POSTSEAL_PROBE_TLS_BROKEN;

  facts->injected = _postseal_probe_link_get_leftover (link);
  facts->reply_injected = facts->injected != NULL ? POSTSEAL_SEEN_YES : POSTSEAL_SEEN_NO;
  if (facts->reply_injected == POSTSEAL_SEEN_YES)
    return;
  outcome = shake_hands (self, link, _postseal_port_subject_step (self));
  if (outcome == POSTSEAL_PROBE_TLS_TEXT)
    {
      facts->reply_injected = POSTSEAL_SEEN_YES;
      facts->injected = get_text (link);
    }
  else if (outcome == POSTSEAL_PROBE_TLS_DONE)
    finish_within (self, link);
}

static void
ask_for_upgrade (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealPortFacts *facts = self->facts;
  gboolean is_offered = _postseal_probe_talk_offers_upgrade (_postseal_probe_link_get_talk (link));
  PostsealProbeAnswer answer = _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_UPGRADE,
                                                         _postseal_port_subject_step (self));

  if (get_line (link)[0] != '\0')
    facts->upgrade_answer = g_strdup (get_line (link));
  if (answer == POSTSEAL_PROBE_ANSWER_STALLED)
    note_break (self, answer);
  else if (answer == POSTSEAL_PROBE_ANSWER_YES)
    {
      facts->upgrade = POSTSEAL_PORT_UPGRADE_AGREED;
      look_at_upgrade (self, link);
    }
  else
    {
      facts->upgrade = is_offered ? POSTSEAL_PORT_UPGRADE_REFUSED : POSTSEAL_PORT_UPGRADE_MISSING;
      if (answer == POSTSEAL_PROBE_ANSWER_NO)
        _postseal_probe_link_leave (link);
    }
}

static void
look_at_caps (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealProbeAnswer answer = _postseal_port_subject_ask_caps (self, link);
  gboolean is_smtp = self->target.protocol == POSTSEAL_PROTOCOL_SMTP;

  /* Who knows neither EHLO nor HELO is no SMTP server, whatever its greeting. */
  if (answer == POSTSEAL_PROBE_ANSWER_BUSY || answer == POSTSEAL_PROBE_ANSWER_STRANGE
      || (is_smtp && answer == POSTSEAL_PROBE_ANSWER_NO))
    set_state_of_answer (self, link, answer);
  else if (answer == POSTSEAL_PROBE_ANSWER_ENDED || answer == POSTSEAL_PROBE_ANSWER_STALLED)
    note_break (self, answer);
  else
    {
      self->facts->caps_before
          = _postseal_probe_talk_get_caps (_postseal_probe_link_get_talk (link));
      if (self->facts->is_preauth)
        _postseal_probe_link_leave (link);
      else
        ask_for_upgrade (self, link);
    }
}

/* The server has begun to speak. @start: when it was connected to */
static void
look_in_clear (PostsealPortSubject *self, PostsealProbeLink *link, gint64 start)
{
  PostsealProbeAnswer answer = _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_GREETING,
                                                         _postseal_port_subject_step (self));

  self->facts->start = POSTSEAL_TLS_START_UPGRADE;
  if (get_line (link)[0] != '\0')
    {
      self->facts->greeting = g_strdup (get_line (link));
      self->facts->greeting_ms = milliseconds_since (start);
    }
  self->facts->is_preauth = answer == POSTSEAL_PROBE_ANSWER_PREAUTH;
  if (answer != POSTSEAL_PROBE_ANSWER_YES && answer != POSTSEAL_PROBE_ANSWER_PREAUTH)
    {
      set_state_of_answer (self, link, answer);
      return;
    }
  set_state (self, POSTSEAL_PORT_MAIL, NULL);
  look_at_caps (self, link);
}

/* --- which of the two --- */

/* @link has been silent: perhaps it waits for a ClientHello. */
static void
look_behind_silence (PostsealPortSubject *self, PostsealProbeLink *link, gint64 start)
{
  gint64 end = start + PATIENCE_MS * G_GINT64_CONSTANT (1000);
  g_autoptr (PostsealProbeLink) other = _postseal_port_subject_open (self, NULL);
  PostsealProbeTlsOutcome outcome = POSTSEAL_PROBE_TLS_STALLED;
  PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_STALLED;

  if (other != NULL)
    {
      _postseal_probe_link_set_listener (other, self->listener, self->listener_data);
      _postseal_probe_link_note (other, "silence; trying TLS in another connection");
      outcome
          = shake_hands (self, other, _postseal_probe_limit_within (&self->target.limit, HELLO_MS));
      if (speaks_tls (other, outcome))
        {
          note_implicit (self, other, outcome);
          return;
        }
    }
  /* That was no attempt to speak TLS with somebody who does. */
  self->has_tried_tls = FALSE;
  self->facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
  g_clear_pointer (&self->facts->tls_error, g_free);
  answer = _postseal_probe_link_await (link, MIN (end, self->target.limit.end));
  if (answer == POSTSEAL_PROBE_ANSWER_YES)
    look_in_clear (self, link, start);
  else if (outcome == POSTSEAL_PROBE_TLS_TEXT)
    {
      self->facts->greeting = get_text (other);
      set_state (self, POSTSEAL_PORT_STRANGE,
                 g_strdup_printf (_ ("What the server says is not %s: “%s”"),
                                  postseal_protocol_name (self->target.protocol),
                                  self->facts->greeting));
    }
  else
    set_state_of_answer (self, link, answer);
}

static void
look_for_greeting (PostsealPortSubject *self, PostsealProbeLink *link, gint64 start)
{
  guint silence_ms = self->target.port == RELAY_PORT ? RELAY_SILENCE_MS : SILENCE_MS;
  PostsealProbeAnswer answer = _postseal_probe_link_await (
      link, _postseal_probe_limit_within (&self->target.limit, silence_ms));

  if (answer == POSTSEAL_PROBE_ANSWER_YES)
    look_in_clear (self, link, start);
  else if (answer == POSTSEAL_PROBE_ANSWER_STALLED
           && g_get_monotonic_time () < self->target.limit.end)
    look_behind_silence (self, link, start);
  else
    set_state_of_answer (self, link, answer);
}

/* What answers a ClientHello with a word in clear is asked again, in clear. */
static void
look_again_in_clear (PostsealPortSubject *self, PostsealProbeLink *first)
{
  g_autofree char *text = get_text (first);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PostsealProbeLink) link = _postseal_port_subject_open (self, NULL);

  self->has_tried_tls = FALSE;
  self->facts->has_tls = POSTSEAL_SEEN_UNKNOWN;
  g_clear_pointer (&self->facts->tls_error, g_free);
  self->facts->greeting = g_steal_pointer (&text);
  if (link != NULL)
    {
      _postseal_probe_link_set_listener (link, self->listener, self->listener_data);
      _postseal_probe_link_note (link, "plain text; another connection in clear");
    }
  if (link != NULL
      && _postseal_probe_link_await (link,
                                     _postseal_probe_limit_within (&self->target.limit, SILENCE_MS))
             == POSTSEAL_PROBE_ANSWER_YES)
    {
      g_clear_pointer (&self->facts->greeting, g_free);
      look_in_clear (self, link, start);
    }
  else
    set_state (self, POSTSEAL_PORT_STRANGE,
               g_strdup_printf (_ ("What the server says is not %s: “%s”"),
                                postseal_protocol_name (self->target.protocol),
                                self->facts->greeting));
}

static void
look_for_tls (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealProbeTlsOutcome outcome
      = shake_hands (self, link, _postseal_probe_limit_within (&self->target.limit, PATIENCE_MS));
  gboolean has_heard = _postseal_probe_tls_heard_anything (_postseal_probe_link_get_tls (link));

  if (speaks_tls (link, outcome))
    note_implicit (self, link, outcome);
  else if (outcome == POSTSEAL_PROBE_TLS_TEXT)
    look_again_in_clear (self, link);
  else if (outcome == POSTSEAL_PROBE_TLS_STALLED && has_heard)
    set_state (self, POSTSEAL_PORT_SILENT, g_strdup (self->facts->tls_error));
  else
    set_state_of_answer (self, link,
                         outcome == POSTSEAL_PROBE_TLS_STALLED ? POSTSEAL_PROBE_ANSWER_STALLED
                                                               : POSTSEAL_PROBE_ANSWER_ENDED);
}

static void
note_unreachable (PostsealPortSubject *self, GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    set_state (self, POSTSEAL_PORT_CLOSED, g_strdup (_ ("Nobody listens there")));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)) /* a reset */
    set_state_of_answer (self, NULL, POSTSEAL_PROBE_ANSWER_ENDED);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    set_state (self, POSTSEAL_PORT_UNREACHABLE,
               g_strdup (_ ("There was no answer to the connection")));
  else
    set_state (self, POSTSEAL_PORT_UNREACHABLE,
               g_strdup_printf (_ ("The server cannot be reached: %s"), error->message));
}

/* Of several addresses, one counts from now on. */
static void
keep_address (PostsealPortSubject *self, PostsealProbeLink *link)
{
  PostsealProbeSocket *socket = _postseal_probe_link_get_socket (link);
  GPtrArray *one = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (one, g_object_ref (_postseal_probe_socket_get_address (socket)));
  g_ptr_array_unref (self->addresses);
  self->addresses = one;
  self->facts->address = _postseal_probe_socket_describe (socket);
}

void
_postseal_port_look (PostsealPortSubject *self)
{
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  g_autoptr (PostsealProbeLink) link = _postseal_port_subject_open (self, &error);

  if (link == NULL)
    {
      note_unreachable (self, error);
      return;
    }
  self->facts->connect_ms = milliseconds_since (start);
  keep_address (self, link);
  _postseal_probe_link_set_listener (link, self->listener, self->listener_data);
  _postseal_probe_link_note (link, "connected to %s", self->facts->address);
  if (self->facts->usual == POSTSEAL_TLS_START_IMPLICIT)
    look_for_tls (self, link);
  else
    look_for_greeting (self, link, g_get_monotonic_time ());
}
