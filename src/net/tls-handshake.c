/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-handshake-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/net-error.h"

/* RFC 9325 section 3.1.1, 4.1, 4.2: nothing below TLS 1.2, no SHA-1, no key exchange without
   forward secrecy, finite-field groups of 2048 bits or more (the profile). Renegotiation must be
   secure. */
#define PRIORITY_COMMON                                                                            \
  ":-RSA:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1:%PROFILE_MEDIUM:%SAFE_RENEGOTIATION"
#define PRIORITY_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" PRIORITY_COMMON
#define PRIORITY_1_3 "NORMAL:-VERS-ALL:+VERS-TLS1.3" PRIORITY_COMMON

struct _PostsealTlsHandshake
{
  PostsealEndpoint *endpoint; /* owned */
  PostsealTlsMin min;
  char *server; /* owned */
  PostsealTlsStream *stream; /* owned */
};

/* One for all sessions with the same string: it is several kilobytes. Never freed. */
static gnutls_priority_t
get_priority (PostsealTlsMin min)
{
  static GMutex lock;
  static gnutls_priority_t kept[2];
  gboolean is_1_3 = min == POSTSEAL_TLS_MIN_1_3;
  gnutls_priority_t *priority = &kept[is_1_3];
  const char *text = is_1_3 ? PRIORITY_1_3 : PRIORITY_1_2;

  g_mutex_lock (&lock);
  if (*priority == NULL && gnutls_priority_init (priority, text, NULL) < 0)
    g_error ("this GnuTLS does not understand “%s”", text);
  g_mutex_unlock (&lock);
  return *priority;
}

static gnutls_session_t
make_session (PostsealEndpoint *endpoint,
              const PostsealTlsPolicy *policy,
              PostsealTlsMaterial *material,
              GBytes *ticket)
{
  gnutls_session_t session = NULL;
  gsize size = 0;

  if (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
    g_error ("no memory for a TLS session");
  if (gnutls_priority_set (session, get_priority (policy->min)) < 0)
    g_error ("GnuTLS does not take its own priorities");
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, material->credentials);
  /* RFC 6066 section 3, RFC 9325 section 3.7: names only. It is the configured one, also where that
     is an alias whose target has the TLSA records (RFC 7671 section 7): the DNS is asked beside the
     handshake, not before it, and a server that has certificates for several names must know the
     one that its users type. A certificate under either name counts. */
  if (!g_hostname_is_ip_address (endpoint->host))
    gnutls_server_name_set (session, GNUTLS_NAME_DNS, endpoint->host, strlen (endpoint->host));
  if (ticket != NULL)
    {
      const void *data = g_bytes_get_data (ticket, &size);

      gnutls_session_set_data (session, data, size);
    }
  return session;
}

PostsealTlsHandshake *
_postseal_tls_handshake_new (GSocket *socket,
                             PostsealEndpoint *endpoint,
                             const PostsealTlsPolicy *policy,
                             PostsealTlsMaterial *material,
                             GBytes *ticket)
{
  PostsealTlsHandshake *self = g_new0 (PostsealTlsHandshake, 1);

  self->endpoint = postseal_endpoint_ref (endpoint);
  self->min = policy->min;
  self->server = postseal_endpoint_to_string (endpoint);
  self->stream = _postseal_tls_stream_new (
      socket, make_session (endpoint, policy, material, ticket), self->server);
  g_object_set_data_full (G_OBJECT (self->stream), "postseal-material",
                          _postseal_tls_material_ref (material),
                          (GDestroyNotify)_postseal_tls_material_unref);
  return self;
}

void
_postseal_tls_handshake_free (PostsealTlsHandshake *self)
{
  if (self == NULL)
    return;
  postseal_endpoint_unref (self->endpoint);
  g_free (self->server);
  g_object_unref (self->stream);
  g_free (self);
}

/* --- failures: one sentence each --- */

static const char *
lowest_version (PostsealTlsHandshake *self)
{
  return self->min == POSTSEAL_TLS_MIN_1_3 ? "1.3" : "1.2";
}

static const char *
upgrade_command (PostsealTlsHandshake *self)
{
  return self->endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";
}

static GError *
explain_old_version (PostsealTlsHandshake *self)
{
  return g_error_new (
      POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
      _ ("%s offers only TLS versions below %s, which protect nothing; its owner must "
         "update it"),
      self->server, lowest_version (self));
}

static GError *
explain_garbage (PostsealTlsHandshake *self, gboolean is_text)
{
  if (is_text && self->endpoint->start == POSTSEAL_TLS_START_UPGRADE)
    return g_error_new (
        POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INJECTED,
        _ ("Text in clear came from %s where its TLS should have begun; somebody may "
           "be adding to the connection"),
        self->server);
  if (is_text)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START,
                        _ ("%s: port %u answers in plain text where TLS was expected; configure it "
                           "for %s, or use the port for TLS from the first byte"),
                        self->endpoint->host, self->endpoint->port, upgrade_command (self));
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
                      _ ("%s answered the TLS handshake with garbage; this is no TLS server, or "
                         "somebody meddles with the connection"),
                      self->server);
}

static GError *
explain_closed (PostsealTlsHandshake *self)
{
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED,
                      _ ("%s closed the connection during the TLS handshake"), self->server);
}

static GError *
explain_alert (PostsealTlsHandshake *self)
{
  gnutls_alert_description_t alert
      = gnutls_alert_get (_postseal_tls_stream_get_session (self->stream));

  if (alert == GNUTLS_A_PROTOCOL_VERSION)
    return explain_old_version (self);
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
                      _ ("%s refused the TLS handshake with the alert “%s”; it may be too old for "
                         "TLS %s, or want a client certificate"),
                      self->server, gnutls_alert_get_name (alert), lowest_version (self));
}

static GError *
explain_failure (PostsealTlsHandshake *self, int result)
{
  gboolean is_text = FALSE;

  if (_postseal_tls_stream_heard_garbage (self->stream, &is_text))
    return explain_garbage (self, is_text);
  switch (result)
    {
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
      return explain_old_version (self);
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
      return explain_alert (self);
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
      return explain_closed (self);
    case GNUTLS_E_SAFE_RENEGOTIATION_FAILED:
    case GNUTLS_E_UNSAFE_RENEGOTIATION_DENIED:
      return g_error_new (
          POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
          _ ("%s does not know secure renegotiation (RFC 5746) and can be attacked; "
             "its owner must update it"),
          self->server);
    case GNUTLS_E_KEY_USAGE_VIOLATION:
      return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED,
                          _ ("The certificate of %s was not issued for a server; its owner must "
                             "replace it"),
                          self->endpoint->host);
    default:
      return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
                          _ ("The TLS handshake with %s failed: %s"), self->server,
                          gnutls_strerror (result));
    }
}

GError *
_postseal_tls_handshake_explain_stall (PostsealTlsHandshake *self, guint silence_ms)
{
  double seconds = silence_ms / 1000.0;

  if (!_postseal_tls_stream_heard_anything (self->stream)
      && self->endpoint->start == POSTSEAL_TLS_START_IMPLICIT)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED,
                        _ ("%s did not answer the TLS handshake within %.4g seconds; if this port "
                           "begins in clear, configure it for %s"),
                        self->server, seconds, upgrade_command (self));
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INTERRUPTED,
                      _ ("The TLS handshake with %s was not done after %.4g seconds"), self->server,
                      seconds);
}

/* --- running --- */

/* What GnuTLS leaves to us, and what must hold even if a priority string were misread. */
static GError *
check_parameters (PostsealTlsHandshake *self)
{
  gnutls_session_t session = _postseal_tls_stream_get_session (self->stream);
  gnutls_protocol_t version = gnutls_protocol_get_version (session);

  if (version != GNUTLS_TLS1_3 && (version != GNUTLS_TLS1_2 || self->min == POSTSEAL_TLS_MIN_1_3))
    return explain_old_version (self);
  /* RFC 9325 section 3.5; RFC 7627. TLS 1.3 has both built in. */
  if (version == GNUTLS_TLS1_2
      && (!gnutls_session_ext_master_secret_status (session)
          || !gnutls_safe_renegotiation_status (session)))
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_HANDSHAKE,
                        _ ("%s speaks TLS 1.2 without extended master secret (RFC 7627) and can be "
                           "attacked; its owner must update it"),
                        self->server);
  return NULL;
}

static gboolean
on_socket_ready (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  PostsealTlsHandshake *self = g_task_get_task_data (task);
  g_autoptr (GSource) next = NULL;
  GIOCondition wait = 0;
  GError *error = NULL;
  int result = 0;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  result = _postseal_tls_stream_shake_hands (self->stream, &wait);
  if (result == GNUTLS_E_AGAIN)
    {
      next = g_socket_create_source (socket, wait, g_task_get_cancellable (task));
      g_task_attach_source (task, next, G_SOURCE_FUNC (on_socket_ready));
      return G_SOURCE_REMOVE;
    }
  error = result < 0 ? explain_failure (self, result) : check_parameters (self);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_object_ref (self->stream), g_object_unref);
  return G_SOURCE_REMOVE;
}

void
_postseal_tls_handshake_run_async (PostsealTlsHandshake *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSource) source = NULL;

  g_task_set_source_tag (task, _postseal_tls_handshake_run_async);
  g_task_set_task_data (task, self, NULL);
  source = g_socket_create_source (_postseal_tls_stream_get_socket (self->stream), G_IO_OUT,
                                   cancellable);
  g_task_attach_source (task, source, G_SOURCE_FUNC (on_socket_ready));
}

PostsealTlsStream *
_postseal_tls_handshake_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
