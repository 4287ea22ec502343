/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/https.h"

#include <string.h>

#include <glib/gi18n.h>
#include <libsoup/soup.h>

#include "base/limits.h"
#include "lookup/question.h"

#define MOST_REDIRECTS 3
#define CONNECTIONS 64
#define LONGEST_HOST 253 /* RFC 1035 section 2.3.4, without the last dot */

struct _PostsealHttps
{
  SoupSession *session; /* owned */
  GTlsDatabase *others; /* owned, nullable: who else may vouch */
  char *complaint; /* owned, nullable: about the file with them */
};

/* One file. */
typedef struct
{
  PostsealHttps *https; /* borrowed: lives longer */
  GUri *uri; /* owned: where it is now */
  SoupMessage *message; /* owned */
  gboolean follows;
  guint n_redirects;
  GTlsCertificateFlags problems; /* with the certificate that was refused */
  char *body; /* owned */
} Get;

static void
free_get (gpointer data)
{
  Get *self = data;

  g_clear_pointer (&self->uri, g_uri_unref);
  g_clear_object (&self->message);
  g_free (self->body);
  g_free (self);
}

PostsealHttps *
postseal_https_new (const char *ca_file)
{
  PostsealHttps *self = g_new0 (PostsealHttps, 1);
  g_autoptr (GError) error = NULL;

  self->session
      = soup_session_new_with_options ("user-agent", "Postseal/" POSTSEAL_VERSION, "max-conns",
                                       CONNECTIONS, "max-conns-per-host", CONNECTIONS, NULL);
  /* What else it would do by itself: answer a demand for a password, unpack without a limit. */
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_COOKIE_JAR);
  if (ca_file != NULL)
    self->others = g_tls_file_database_new (ca_file, &error);
  if (error != NULL)
    self->complaint = g_strdup_printf ("%s: %s", ca_file, error->message);
  return self;
}

void
postseal_https_free (PostsealHttps *self)
{
  g_clear_object (&self->session);
  g_clear_object (&self->others);
  g_free (self->complaint);
  g_free (self);
}

/* --- where to go --- */

/* What nobody may be called would make no sense in a reply, either. */
static gboolean
is_host (const char *host)
{
  if (host == NULL || *host == '\0' || *host == '.' || strlen (host) > LONGEST_HOST)
    return FALSE;
  while (g_ascii_isalnum (*host) || (*host != '\0' && strchr ("-_.:", *host) != NULL))
    host++;
  return *host == '\0';
}

/* Returns: (transfer full) (nullable) */
static GUri *
parse_uri (GUri *base, const char *text, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GUri) uri = base == NULL
                             ? g_uri_parse (text, SOUP_HTTP_URI_FLAGS, &cause)
                             : g_uri_parse_relative (base, text, SOUP_HTTP_URI_FLAGS, &cause);

  if (uri != NULL && strcmp (g_uri_get_scheme (uri), "https") != 0)
    g_set_error (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNPROVEN,
                 base == NULL
                     ? _ ("%s is not asked by %s://, where nobody can prove who answers")
                     : _ ("%s sends Postseal to %s://, where nobody can prove who answers"),
                 base == NULL ? text : g_uri_get_host (base), g_uri_get_scheme (uri));
  else if (uri == NULL || !is_host (g_uri_get_host (uri)) || g_uri_get_userinfo (uri) != NULL)
    g_set_error (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                 base == NULL ? _ ("%s is no address of an https server")
                              : _ ("%s sends Postseal to what is no address of an https server"),
                 base == NULL ? text : g_uri_get_host (base));
  else
    return g_steal_pointer (&uri);
  return NULL;
}

/* --- what went wrong --- */

static const char *
describe_problems (GTlsCertificateFlags problems)
{
  if (problems & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return _ ("nobody who is trusted vouches for its certificate");
  if (problems & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _ ("its certificate is for another name");
  if (problems & G_TLS_CERTIFICATE_EXPIRED)
    return _ ("its certificate has expired");
  if (problems & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return _ ("its certificate is not yet valid");
  if (problems & G_TLS_CERTIFICATE_REVOKED)
    return _ ("its certificate has been revoked");
  return _ ("its certificate is not good enough");
}

static GError *
make_transport_error (const Get *self, const GError *cause)
{
  const char *host = g_uri_get_host (self->uri);

  if (cause->domain == POSTSEAL_QUESTION_ERROR
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (cause);
  if (g_error_matches (cause, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    return g_error_new (POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_NOTHING,
                        _ ("There is no server %s"), host);
  if (!g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return g_error_new (POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                        _ ("%s cannot be reached: %s"), host, cause->message);
  if (self->https->complaint != NULL)
    return g_error_new (POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNPROVEN,
                        _ ("%s has not proven who it is: %s; and the file of who else may vouch "
                           "cannot be read: %s"),
                        host, describe_problems (self->problems), self->https->complaint);
  return g_error_new (POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNPROVEN,
                      _ ("%s has not proven who it is: %s"), host,
                      describe_problems (self->problems));
}

static void
return_status (GTask *task, guint status)
{
  const Get *self = g_task_get_task_data (task);
  gboolean is_answer = SOUP_STATUS_IS_SUCCESSFUL (status)
                       || (SOUP_STATUS_IS_CLIENT_ERROR (status)
                           && status != SOUP_STATUS_REQUEST_TIMEOUT && status != 429);

  g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR,
                           is_answer ? POSTSEAL_QUESTION_ERROR_NOTHING
                                     : POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                           is_answer ? _ ("%s has no such file (HTTP status %u)")
                                     : _ ("%s is in trouble (HTTP status %u)"),
                           g_uri_get_host (self->uri), status);
}

/* --- the exchange --- */

static void send_get (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Get *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &length, &error))
    g_task_return_error (task, make_transport_error (self, error));
  else if (length > POSTSEAL_LIMIT_AUTOCONFIG)
    g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                             _ ("%s sends more than %u KiB, which is not what was asked for"),
                             g_uri_get_host (self->uri), POSTSEAL_LIMIT_AUTOCONFIG / 1024);
  else if (length == 0)
    return_status (task, SOUP_STATUS_NO_CONTENT);
  else
    g_task_return_pointer (task, g_bytes_new_take (g_steal_pointer (&self->body), length),
                           (GDestroyNotify)g_bytes_unref);
}

static void
follow (GTask *task)
{
  Get *self = g_task_get_task_data (task);
  const char *location = soup_message_headers_get_one (
      soup_message_get_response_headers (self->message), "Location");
  GError *error = NULL;
  GUri *uri = NULL;

  if (!self->follows)
    g_set_error (&error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_REDIRECTED,
                 _ ("%s sends everybody elsewhere (HTTP status %u)"), g_uri_get_host (self->uri),
                 soup_message_get_status (self->message));
  else if (location == NULL || self->n_redirects == MOST_REDIRECTS)
    g_set_error (&error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                 location == NULL ? _ ("%s sends Postseal elsewhere without saying where")
                                  : _ ("%s sends Postseal elsewhere, as others did before it"),
                 g_uri_get_host (self->uri));
  else
    uri = parse_uri (self->uri, location, &error);
  if (uri == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_uri_unref (self->uri);
  self->uri = uri;
  self->n_redirects++;
  send_get (task);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Get *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream
      = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  guint status = soup_message_get_status (self->message);

  if (stream == NULL)
    g_task_return_error (task, make_transport_error (self, error));
  else if (SOUP_STATUS_IS_REDIRECTION (status) && status != SOUP_STATUS_NOT_MODIFIED)
    follow (task);
  else if (status != SOUP_STATUS_OK)
    return_status (task, status);
  else
    {
      self->body = g_malloc (POSTSEAL_LIMIT_AUTOCONFIG + 1);
      g_input_stream_read_all_async (stream, self->body, POSTSEAL_LIMIT_AUTOCONFIG + 1,
                                     G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_read,
                                     g_object_ref (task));
    }
}

/* Of this machine's authorities it was asked before. */
static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags problems,
                       gpointer user_data)
{
  Get *self = g_task_get_task_data (user_data);
  g_autoptr (GSocketConnectable) identity = g_network_address_new (g_uri_get_host (self->uri), 0);

  if (self->https->others != NULL && (problems & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0)
    problems = g_tls_database_verify_chain (self->https->others, certificate,
                                            G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER, identity,
                                            NULL, G_TLS_DATABASE_VERIFY_NONE, NULL, NULL);
  self->problems = problems;
  return problems == G_TLS_CERTIFICATE_NO_FLAGS;
}

static void
send_get (GTask *task)
{
  Get *self = g_task_get_task_data (task);

  g_clear_object (&self->message);
  self->message = soup_message_new_from_uri (SOUP_METHOD_GET, self->uri);
  soup_message_set_flags (self->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_disable_feature (self->message, SOUP_TYPE_HSTS_ENFORCER);
  g_signal_connect_object (self->message, "accept-certificate", G_CALLBACK (on_accept_certificate),
                           task, 0);
  soup_session_send_async (self->https->session, self->message, G_PRIORITY_DEFAULT,
                           g_task_get_cancellable (task), on_sent, g_object_ref (task));
}

void
postseal_https_get_async (PostsealHttps *self,
                          const char *text,
                          gboolean follows,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Get *get = g_new0 (Get, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, postseal_https_get_async);
  g_task_set_task_data (task, get, free_get);
  get->https = self;
  get->follows = follows;
  get->uri = parse_uri (NULL, text, &error);
  if (get->uri == NULL)
    g_task_return_error (task, error);
  else
    send_get (task);
}

GBytes *
postseal_https_get_finish (GAsyncResult *result, char **ret_host, GError **error)
{
  const Get *self = g_task_get_task_data (G_TASK (result));
  GBytes *body = g_task_propagate_pointer (G_TASK (result), error);

  if (body != NULL)
    *ret_host = g_ascii_strdown (g_uri_get_host (self->uri), -1);
  return body;
}
