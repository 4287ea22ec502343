/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "token/post.h"

#include <string.h>

#include <glib/gi18n.h>
#include <libsoup/soup.h>

#define ANSWER_MAX 49152
#define CONTENT_TYPE "application/x-www-form-urlencoded"

/* Returns: (transfer full) (nullable) */
static GUri *
parse_endpoint (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, error);

  if (uri == NULL)
    return NULL;
  if (strcmp (g_uri_get_scheme (uri), "https") == 0)
    return g_steal_pointer (&uri);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("a secret is sent to https:// only, not to %s://"), g_uri_get_scheme (uri));
  return NULL;
}

/* Only this, and the authority that the caller names, decides whom to believe. */
static gboolean
refuse_certificate (SoupMessage *message,
                    GTlsCertificate *certificate,
                    GTlsCertificateFlags problems,
                    gpointer user_data)
{
  return FALSE;
}

static SoupSession *
make_session (const char *ca_file, guint limit_s, GError **error)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options (
      "timeout", limit_s, "user-agent", "Postseal/" POSTSEAL_VERSION, NULL);
  g_autoptr (GTlsDatabase) database = NULL;

  /* What else it would do by itself: answer a demand for a password, unpack without a limit. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_COOKIE_JAR);
  if (ca_file == NULL)
    return g_steal_pointer (&session);
  database = g_tls_file_database_new (ca_file, error);
  if (database == NULL)
    return NULL;
  soup_session_set_tls_database (session, database);
  return g_steal_pointer (&session);
}

static SoupMessage *
make_message (GUri *uri, GString *body)
{
  SoupMessage *message = soup_message_new_from_uri (SOUP_METHOD_POST, uri);
  g_autoptr (GBytes) bytes = g_bytes_new_static (body->str, body->len);

  soup_message_set_request_body_from_bytes (message, CONTENT_TYPE, bytes);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/json");
  soup_message_set_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  soup_message_disable_feature (message, SOUP_TYPE_HSTS_ENFORCER);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (refuse_certificate), NULL);
  return message;
}

/* A stranger's certificate does not become right by waiting; all other trouble is the network's. */
static PostsealFailure
judge (const GError *error)
{
  if (error->domain == G_TLS_ERROR)
    return POSTSEAL_FAILURE_UNPROVEN;
  if (error->domain == G_URI_ERROR || error->domain == G_FILE_ERROR
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return POSTSEAL_FAILURE_LASTING;
  return POSTSEAL_FAILURE_TEMPORARY;
}

/* --- the exchange, on a loop that the limit ends --- */

typedef struct
{
  GMainLoop *loop; /* owned */
  GCancellable *cancellable; /* owned */
  SoupMessage *message; /* owned */
  char *answer; /* owned */
  gsize length;
  gboolean is_complete;
  GError *error; /* owned, nullable */
} Exchange;

static void
clear_exchange (Exchange *self)
{
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->message);
  g_free (self->answer);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Exchange, clear_exchange)

static gboolean
on_limit (gpointer user_data)
{
  g_cancellable_cancel (((Exchange *)user_data)->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exchange *self = user_data;

  self->is_complete = g_input_stream_read_all_finish (G_INPUT_STREAM (source), result,
                                                      &self->length, &self->error);
  if (self->is_complete && self->length > ANSWER_MAX)
    {
      self->is_complete = FALSE;
      g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                   _ ("its answer does not end"));
    }
  g_main_loop_quit (self->loop);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Exchange *self = user_data;
  g_autoptr (GInputStream) stream
      = soup_session_send_finish (SOUP_SESSION (source), result, &self->error);

  if (stream == NULL)
    g_main_loop_quit (self->loop);
  else
    g_input_stream_read_all_async (stream, self->answer, ANSWER_MAX + 1, G_PRIORITY_DEFAULT,
                                   self->cancellable, on_read, self);
}

static void
run_exchange (Exchange *self, SoupSession *session, guint limit_s)
{
  guint timer = g_timeout_add_seconds (limit_s, on_limit, self);

  soup_session_send_async (session, self->message, G_PRIORITY_DEFAULT, self->cancellable, on_sent,
                           self);
  g_main_loop_run (self->loop);
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_clear_error (&self->error);
      g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   _ ("it has not answered for %u seconds"), limit_s);
    }
  else
    g_source_remove (timer);
}

GBytes *
postseal_post_send (PostsealForm *form,
                    guint *ret_status,
                    PostsealFailure *ret_failure,
                    GError **error)
{
  g_autoptr (GUri) uri = parse_endpoint (form->endpoint, error);
  g_autoptr (SoupSession) session
      = uri != NULL ? make_session (form->ca_file, form->limit_s, error) : NULL;
  g_auto (Exchange) exchange = { 0 };

  *ret_failure = POSTSEAL_FAILURE_LASTING;
  if (session == NULL)
    return NULL;
  exchange.loop = g_main_loop_new (NULL, FALSE);
  exchange.cancellable = g_cancellable_new ();
  exchange.message = make_message (uri, form->body);
  exchange.answer = g_malloc (ANSWER_MAX + 1);
  run_exchange (&exchange, session, form->limit_s);
  if (!exchange.is_complete)
    {
      *ret_failure = judge (exchange.error);
      g_propagate_error (error, g_steal_pointer (&exchange.error));
      return NULL;
    }
  *ret_status = soup_message_get_status (exchange.message);
  if (!SOUP_STATUS_IS_REDIRECTION (*ret_status))
    return g_bytes_new_take (g_steal_pointer (&exchange.answer), exchange.length);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
               _ ("it sends Postseal elsewhere, and a secret is never taken there"));
  return NULL;
}
