/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-session.h"

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "base/printable.h"
#include "imap/imap-operation.h"
#include "imap/imap-refusal.h"
#include "imap/imap-session-private.h"

/* More are noise. */
#define MAX_ALERTS 32

G_DEFINE_QUARK (postseal - imap - error - quark, postseal_imap_error)
G_DEFINE_FINAL_TYPE (PostsealImapSession, postseal_imap_session, G_TYPE_OBJECT)

/* RFC 9051 section 3: a connection moves on, or back from the mailbox, or ends. */
static gboolean
may_become (PostsealImapState from, PostsealImapState to)
{
  switch (from)
    {
    case POSTSEAL_IMAP_STATE_GREETING:
      return to == POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED || to == POSTSEAL_IMAP_STATE_AUTHENTICATED
             || to == POSTSEAL_IMAP_STATE_ENDED;
    case POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED:
      return to == POSTSEAL_IMAP_STATE_AUTHENTICATED || to == POSTSEAL_IMAP_STATE_ENDED;
    case POSTSEAL_IMAP_STATE_AUTHENTICATED:
    case POSTSEAL_IMAP_STATE_SELECTED:
      return to >= POSTSEAL_IMAP_STATE_AUTHENTICATED;
    case POSTSEAL_IMAP_STATE_ENDED:
    default:
      return to == POSTSEAL_IMAP_STATE_ENDED;
    }
}

void
_postseal_imap_session_set_state (PostsealImapSession *self, PostsealImapState state)
{
  g_assert (may_become (self->state, state));
  self->state = state;
}

const GError *
_postseal_imap_session_get_error (PostsealImapSession *self)
{
  return self->error;
}

void
_postseal_imap_session_fail (PostsealImapSession *self, const GError *error)
{
  if (self->state == POSTSEAL_IMAP_STATE_ENDED)
    return;
  _postseal_imap_session_set_state (self, POSTSEAL_IMAP_STATE_ENDED);
  postseal_imap_queue_stop (self->queue);
  if (self->error == NULL)
    self->error = g_error_copy (error);
  postseal_channel_fail (self->channel, self->error);
}

void
_postseal_imap_session_fail_protocol (PostsealImapSession *self, const char *format, ...)
{
  g_autofree char *what = NULL;
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  error = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_PROTOCOL,
                       _ ("Server “%s” broke the IMAP protocol: %s"), self->server, what);
  _postseal_imap_session_fail (self, error);
}

void
_postseal_imap_session_update_deadline (PostsealImapSession *self)
{
  gboolean is_on = self->state == POSTSEAL_IMAP_STATE_GREETING
                   || (postseal_imap_queue_is_waiting (self->queue)
                       && !_postseal_imap_session_is_idling (self));

  /* After BYE the limit is that of the farewell. */
  if (self->channel == NULL || self->error != NULL || is_on == self->is_deadline_on)
    return;
  self->is_deadline_on = is_on;
  postseal_channel_set_timeout (self->channel, is_on ? self->timeout_ms : 0);
}

void
_postseal_imap_session_send (PostsealImapSession *self, PostsealImapCommand *command)
{
  postseal_imap_queue_push (self->queue, command);
  _postseal_imap_session_update_deadline (self);
}

void
_postseal_imap_session_take_caps (PostsealImapSession *self, PostsealImapCaps *caps)
{
  g_clear_pointer (&self->caps, postseal_imap_caps_free);
  self->caps = caps;
  self->is_caps_fresh = caps != NULL;
  postseal_imap_queue_set_prompt_limit (self->queue, postseal_imap_caps_get_prompt_limit (caps));
}

gboolean
_postseal_imap_session_has_utf8_names (PostsealImapSession *self)
{
  return g_hash_table_contains (self->enabled, "UTF8=ACCEPT")
         || postseal_imap_caps_is_rev2_only (self->caps);
}

/* RFC 9051 section 7.1: shown once, as the server's words. */
static void
keep_alert (PostsealImapSession *self, const char *text)
{
  g_autofree char *printable = postseal_printable (text, -1);

  if (self->alerts->len >= MAX_ALERTS
      || g_ptr_array_find_with_equal_func (self->alerts, printable, g_str_equal, NULL))
    return;
  g_ptr_array_add (self->alerts, g_steal_pointer (&printable));
}

/* What any status may carry, tagged or not. */
static void
take_code (PostsealImapSession *self, const PostsealImapResponse *response)
{
  if (g_strcmp0 (response->code, "ALERT") == 0)
    keep_alert (self, response->text);
  else if (g_strcmp0 (response->code, "CAPABILITY") == 0)
    _postseal_imap_session_take_caps (self, postseal_imap_caps_new (response->code_values));
}

void
_postseal_imap_session_tell_refusal (PostsealImapSession *self,
                                     const PostsealImapResponse *response)
{
  postseal_transcript_fact (self->transcript, "said", response->text);
}

/* The server leaves: what it still says is heard, nothing more is said to it (RFC 9051
 * section 7.1.5). */
static void
take_bye (PostsealImapSession *self, const PostsealImapResponse *response)
{
  g_autofree char *text = postseal_printable (response->text, -1);

  if (self->error != NULL)
    return;
  _postseal_imap_session_tell_refusal (self, response);
  postseal_imap_queue_stop (self->queue);
  if (g_strcmp0 (response->code, "REFERRAL") == 0)
    self->error
        = g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                       _ ("Server “%s” ended the conversation and names another server, which "
                          "is never followed unasked: “%s”"),
                       self->server, text);
  else
    self->error = g_error_new (POSTSEAL_IMAP_ERROR,
                               postseal_imap_refusal_is_limit (response) ? POSTSEAL_IMAP_ERROR_LIMIT
                                                                         : POSTSEAL_IMAP_ERROR_BUSY,
                               _ ("Server “%s” ended the conversation; try again later: “%s”"),
                               self->server, text);
  postseal_channel_set_timeout (self->channel, MIN (self->timeout_ms, POSTSEAL_LIMIT_CLOSE_MS));
}

/* RFC 5161 section 3.2: only what is listed here is enabled. */
static void
take_enabled (PostsealImapSession *self, const PostsealImapResponse *response)
{
  for (const PostsealImapValue *v = response->values; v != NULL; v = v->next)
    if (v->type == POSTSEAL_IMAP_VALUE_ATOM
        && (postseal_imap_value_is (v, "UTF8=ACCEPT") || postseal_imap_value_is (v, "QRESYNC")))
      g_hash_table_add (self->enabled, g_ascii_strup (v->bytes, (gssize)v->length));
}

/* Untagged data counts only in the state that it belongs to (RFC 9051 section 11.3). */
static void
take_data (PostsealImapSession *self, const PostsealImapResponse *response)
{
  if (strcmp (response->name, "CAPABILITY") == 0)
    {
      _postseal_imap_session_take_caps (self, postseal_imap_caps_new (response->values));
      return;
    }
  if (self->state < POSTSEAL_IMAP_STATE_AUTHENTICATED)
    return;
  if (strcmp (response->name, "ENABLED") == 0)
    take_enabled (self, response);
  else if (strcmp (response->name, "FETCH") == 0)
    {
      if (self->state == POSTSEAL_IMAP_STATE_SELECTED)
        _postseal_imap_body_response (self, response);
      if (self->state == POSTSEAL_IMAP_STATE_SELECTED)
        postseal_imap_queue_untagged (self->queue, response);
    }
  else if (postseal_imap_queue_untagged (self->queue, response))
    return;
  else if (strcmp (response->name, "STATUS") == 0)
    _postseal_imap_session_take_news (self, response);
  else
    _postseal_imap_session_take_mailbox_data (self, response);
}

static void
take_untagged_status (PostsealImapSession *self, const PostsealImapResponse *response)
{
  take_code (self, response);
  if (response->kind == POSTSEAL_IMAP_RESPONSE_BYE)
    take_bye (self, response);
  else if (response->kind == POSTSEAL_IMAP_RESPONSE_PREAUTH)
    _postseal_imap_session_fail_protocol (self, "%s", _ ("PREAUTH in mid-conversation"));
  else if (g_strcmp0 (response->code, "NOTIFICATIONOVERFLOW") == 0)
    _postseal_imap_session_take_overflow (self);
  else if (self->state >= POSTSEAL_IMAP_STATE_AUTHENTICATED
           && !postseal_imap_queue_untagged (self->queue, response))
    _postseal_imap_session_take_mailbox_data (self, response);
}

static void
take_tagged (PostsealImapSession *self, const PostsealImapResponse *response)
{
  g_autofree char *tag = NULL;

  take_code (self, response);
  if (postseal_imap_queue_tagged (self->queue, response))
    return;
  tag = postseal_printable (response->tag, -1);
  _postseal_imap_session_fail_protocol (self, _ ("it answers a command “%s” that was not sent"),
                                        tag);
}

/* Once, before anything else, and only where no upgrade has consumed it (RFC 9051 section 7.1). */
static void
take_greeting (PostsealImapSession *self, const PostsealImapResponse *response)
{
  gboolean is_preauth = response->kind == POSTSEAL_IMAP_RESPONSE_PREAUTH;

  if (response->tag != NULL
      || (response->kind != POSTSEAL_IMAP_RESPONSE_OK && !is_preauth
          && response->kind != POSTSEAL_IMAP_RESPONSE_BYE))
    {
      _postseal_imap_session_fail_protocol (self, "%s", _ ("it begins without a greeting"));
      return;
    }
  take_code (self, response);
  if (response->kind == POSTSEAL_IMAP_RESPONSE_BYE)
    {
      take_bye (self, response);
      _postseal_imap_session_fail (self, self->error);
      return;
    }
  self->is_preauth = is_preauth;
  _postseal_imap_session_set_state (self, POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED);
  _postseal_imap_session_resume_login (self);
}

static void
take_response (PostsealImapSession *self, const PostsealImapResponse *response)
{
  self->n_responses++;
  if (self->trace != NULL)
    postseal_imap_trace_response (self->trace,
                                  response->kind == POSTSEAL_IMAP_RESPONSE_CONTINUATION
                                      && self->state == POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED);
  if (self->state == POSTSEAL_IMAP_STATE_GREETING)
    take_greeting (self, response);
  else if (response->kind == POSTSEAL_IMAP_RESPONSE_DATA)
    take_data (self, response);
  else if (response->kind == POSTSEAL_IMAP_RESPONSE_CONTINUATION)
    postseal_imap_queue_continuation (self->queue, response);
  else if (response->tag != NULL)
    take_tagged (self, response);
  else
    take_untagged_status (self, response);
}

static void
take_literal (PostsealImapSession *self)
{
  if (self->trace != NULL)
    postseal_imap_trace_literal (self->trace,
                                 postseal_imap_parser_get_literal_length (self->parser));
  if (_postseal_imap_body_literal (self, postseal_imap_parser_peek (self->parser),
                                   postseal_imap_parser_get_literal_length (self->parser)))
    postseal_imap_parser_stream_literal (self->parser);
}

static void
take_event (PostsealImapSession *self, PostsealImapParserEvent event)
{
  const char *chunk;
  gsize length;

  switch (event)
    {
    case POSTSEAL_IMAP_PARSER_RESPONSE:
      take_response (self, postseal_imap_parser_get_response (self->parser));
      _postseal_imap_session_update_deadline (self);
      break;
    case POSTSEAL_IMAP_PARSER_LITERAL:
      take_literal (self);
      break;
    case POSTSEAL_IMAP_PARSER_CHUNK:
      chunk = postseal_imap_parser_get_chunk (self->parser, &length);
      _postseal_imap_body_chunk (self, chunk, length);
      break;
    case POSTSEAL_IMAP_PARSER_BAD:
      _postseal_imap_session_fail_protocol (self, "%s",
                                            _ (postseal_imap_parser_get_problem (self->parser)));
      break;
    case POSTSEAL_IMAP_PARSER_MORE:
    default:
      break;
    }
}

static gsize
on_data (PostsealChannel *channel, const char *data, gsize length, gpointer user_data)
{
  g_autoptr (PostsealImapSession) self = g_object_ref (user_data);
  gsize used = 0;

  while (used < length && !self->is_paused && self->state != POSTSEAL_IMAP_STATE_ENDED)
    {
      gsize consumed = 0;
      PostsealImapParserEvent event
          = postseal_imap_parser_feed (self->parser, data + used, length - used, &consumed);

      if (self->trace != NULL)
        postseal_imap_trace_bytes (self->trace, data + used, consumed);
      used += consumed;
      take_event (self, event);
      if (self->is_deflate_due)
        {
          /* Every byte behind the OK is compressed already (RFC 4978 section 3). */
          self->is_deflate_due = FALSE;
          return used;
        }
    }
  /* What comes behind the last word of a session that has handed over is for its successor. */
  return self->state == POSTSEAL_IMAP_STATE_ENDED && self->channel != NULL ? length : used;
}

/* Everybody who waits is told why nothing more comes. */
static void
end_operations (PostsealImapSession *self)
{
  _postseal_imap_body_abort (self);
  _postseal_imap_session_resume_login (self);
  _postseal_imap_session_resume_lists (self);
  postseal_imap_queue_end (self->queue, self->error);
}

static void
on_closed (PostsealChannel *channel, const GError *error, gpointer user_data)
{
  g_autoptr (PostsealImapSession) self = g_object_ref (user_data);

  _postseal_imap_session_set_state (self, POSTSEAL_IMAP_STATE_ENDED);
  if (self->error == NULL)
    self->error = g_error_copy (error);
  end_operations (self);
}

static const PostsealChannelHandler channel_handler
    = { .on_data = on_data, .on_closed = on_closed };

PostsealImapSession *
postseal_imap_session_new (PostsealSealedLink *link,
                           guint timeout_ms,
                           PostsealTranscript *transcript)
{
  PostsealImapSession *self = g_object_new (POSTSEAL_TYPE_IMAP_SESSION, NULL);

  self->link = link;
  self->seal = postseal_seal_ref (postseal_sealed_link_get_seal (link));
  self->server = postseal_endpoint_to_string (postseal_sealed_link_get_endpoint (link));
  self->timeout_ms = timeout_ms;
  if (transcript != NULL)
    {
      self->transcript = postseal_transcript_ref (transcript);
      self->trace = postseal_imap_trace_new (transcript);
    }
  self->state = postseal_sealed_link_awaits_greeting (link) ? POSTSEAL_IMAP_STATE_GREETING
                                                            : POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED;
  self->channel = postseal_channel_new (link, timeout_ms, transcript, &channel_handler, self);
  self->is_deadline_on = TRUE;
  self->queue = postseal_imap_queue_new (self->channel, transcript);
  _postseal_imap_session_update_deadline (self);
  return self;
}

gboolean
postseal_imap_session_has_capability (PostsealImapSession *self, const char *name)
{
  g_return_val_if_fail (POSTSEAL_IS_IMAP_SESSION (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  return postseal_imap_caps_has (self->caps, name);
}

PostsealSeal *
postseal_imap_session_get_seal (PostsealImapSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_IMAP_SESSION (self), NULL);

  return self->seal;
}

const GPtrArray *
postseal_imap_session_get_alerts (PostsealImapSession *self)
{
  g_return_val_if_fail (POSTSEAL_IS_IMAP_SESSION (self), NULL);

  return self->alerts;
}

void
postseal_imap_session_pause (PostsealImapSession *self)
{
  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  self->is_paused = TRUE;
  if (self->channel != NULL)
    postseal_channel_pause (self->channel);
}

void
postseal_imap_session_resume (PostsealImapSession *self)
{
  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  self->is_paused = FALSE;
  if (self->channel != NULL)
    postseal_channel_resume (self->channel);
}

static gboolean
on_logged_out (gpointer user_data)
{
  PostsealImapSession *self = user_data;

  end_operations (self);
  return G_SOURCE_REMOVE;
}

void
postseal_imap_session_logout (PostsealImapSession *self)
{
  g_autoptr (GSource) source = NULL;

  g_return_if_fail (POSTSEAL_IS_IMAP_SESSION (self));

  if (self->channel == NULL)
    return;
  if (self->error == NULL)
    {
      /* In the middle of a command the word would be taken for a part of it. */
      if (self->state != POSTSEAL_IMAP_STATE_GREETING
          && (!postseal_imap_queue_is_mid_command (self->queue)
              || _postseal_imap_session_leave_idle (self)))
        {
          postseal_channel_write (self->channel, "z LOGOUT\r\n", -1);
          postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, "z LOGOUT", -1);
        }
      self->error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                                 _ ("The conversation with “%s” has been ended"), self->server);
    }
  _postseal_imap_session_set_state (self, POSTSEAL_IMAP_STATE_ENDED);
  postseal_imap_queue_stop (self->queue);
  self->link = NULL;
  postseal_channel_close_politely (g_steal_pointer (&self->channel));

  source = g_idle_source_new ();
  g_source_set_callback (source, on_logged_out, g_object_ref (self), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

PostsealChannel *
postseal_imap_session_hand_over (PostsealImapSession *self,
                                 const PostsealChannelHandler *handler,
                                 gpointer user_data)
{
  g_return_val_if_fail (POSTSEAL_IS_IMAP_SESSION (self), NULL);

  if (self->channel == NULL || self->error != NULL)
    return NULL;
  self->error = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
                             _ ("The conversation with “%s” has been ended"), self->server);
  _postseal_imap_session_set_state (self, POSTSEAL_IMAP_STATE_ENDED);
  postseal_imap_queue_stop (self->queue);
  self->link = NULL;
  postseal_channel_take_over (self->channel, handler, user_data);
  return g_steal_pointer (&self->channel);
}

static void
postseal_imap_session_dispose (GObject *object)
{
  PostsealImapSession *self = POSTSEAL_IMAP_SESSION (object);

  self->state = POSTSEAL_IMAP_STATE_ENDED;
  self->link = NULL;
  if (self->queue != NULL)
    postseal_imap_queue_stop (self->queue);
  g_clear_pointer (&self->queue, postseal_imap_queue_free);
  g_clear_pointer (&self->channel, postseal_channel_free);
  G_OBJECT_CLASS (postseal_imap_session_parent_class)->dispose (object);
}

static void
postseal_imap_session_finalize (GObject *object)
{
  PostsealImapSession *self = POSTSEAL_IMAP_SESSION (object);

  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_clear_pointer (&self->trace, postseal_imap_trace_free);
  g_clear_pointer (&self->parser, postseal_imap_parser_free);
  g_clear_pointer (&self->alerts, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->caps, postseal_imap_caps_free);
  g_clear_pointer (&self->enabled, g_hash_table_unref);
  g_clear_pointer (&self->personal_prefix, g_free);
  g_clear_pointer (&self->selected_name, g_free);
  g_clear_pointer (&self->waiting_lists, g_ptr_array_unref);
  g_clear_pointer (&self->selected, postseal_imap_status_free);
  G_OBJECT_CLASS (postseal_imap_session_parent_class)->finalize (object);
}

static void
postseal_imap_session_class_init (PostsealImapSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = postseal_imap_session_dispose;
  object_class->finalize = postseal_imap_session_finalize;
}

static void
postseal_imap_session_init (PostsealImapSession *self)
{
  self->parser = postseal_imap_parser_new ();
  self->alerts = g_ptr_array_new_with_free_func (g_free);
  self->waiting_lists
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_operation_unref);
  self->enabled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
