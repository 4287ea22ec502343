/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-tls-private.h"

#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <gnutls/gnutls.h>

#include "base/printable.h"

#define LEAST_DH_BITS 256 /* to see a weak group, we take it */
#define TEXT_SIZE 512
#define TEXT_WAIT_MS 200 /* for the rest of a line in clear */

/* --- what is offered --- */

#define OLD_VERSIONS "NONE:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0"
#define CIPHERS                                                                                    \
  ":+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-CCM:+AES-128-CCM:+AES-256-CBC"           \
  ":+AES-128-CBC"
#define MACS ":+AEAD:+SHA256:+SHA384:+SHA1"
#define KEY_EXCHANGES ":+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+RSA"
#define CURVES ":+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1"
#define GROUPS CURVES ":+GROUP-FFDHE2048:+GROUP-FFDHE3072:+GROUP-FFDHE4096"
/* A key that signs with SHA-1 only is to be seen. */
#define TAIL ":+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:+COMP-NULL:+CTYPE-X509:%PROFILE_VERY_WEAK"
/* And a key that is used for what it was not certified for; costs the extended master secret. */
#define OLD_TAIL TAIL ":%COMPAT"
#define ONLY(version, tail) "NONE:+VERS-" version CIPHERS MACS KEY_EXCHANGES GROUPS tail

/* Who names groups of RFC 7919 is given one of them: a group of the server's own is shown to a
   client only that knows none. */
static const char *const priorities[] = {
  [POSTSEAL_PROBE_OFFER_GOOD]
  = "NONE:+VERS-TLS1.3:+VERS-TLS1.2" CIPHERS MACS KEY_EXCHANGES GROUPS TAIL,
  [POSTSEAL_PROBE_OFFER_TLS_1_0] = ONLY ("TLS1.0", OLD_TAIL),
  [POSTSEAL_PROBE_OFFER_TLS_1_1] = ONLY ("TLS1.1", OLD_TAIL),
  [POSTSEAL_PROBE_OFFER_TLS_1_2] = ONLY ("TLS1.2", TAIL),
  [POSTSEAL_PROBE_OFFER_TLS_1_3] = ONLY ("TLS1.3", TAIL),
  [POSTSEAL_PROBE_OFFER_NULL] = OLD_VERSIONS ":+NULL" MACS ":+MD5" KEY_EXCHANGES GROUPS OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_ANONYMOUS]
  = OLD_VERSIONS CIPHERS ":+3DES-CBC:+ARCFOUR-128" MACS ":+MD5:+ANON-ECDH:+ANON-DH" CURVES OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_BROKEN]
  = OLD_VERSIONS ":+3DES-CBC:+ARCFOUR-128" MACS ":+MD5" KEY_EXCHANGES GROUPS OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_STATIC] = OLD_VERSIONS CIPHERS MACS ":+RSA" OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_DHE] = OLD_VERSIONS CIPHERS MACS ":+DHE-RSA" OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_OLD] = ONLY ("TLS1.1:+VERS-TLS1.0", OLD_TAIL),
  [POSTSEAL_PROBE_OFFER_WEAK]
  = OLD_VERSIONS ":+3DES-CBC:+ARCFOUR-128:+NULL" MACS ":+MD5" KEY_EXCHANGES GROUPS OLD_TAIL,
  [POSTSEAL_PROBE_OFFER_DATED] = OLD_VERSIONS CIPHERS MACS ":+RSA:+DHE-RSA" OLD_TAIL,
};

gboolean
_postseal_probe_tls_can_offer (PostsealProbeOffer offer)
{
  gnutls_priority_t priority = NULL;
  const unsigned *list = NULL;
  gboolean can_offer = gnutls_priority_init (&priority, priorities[offer], NULL) == 0
                       && gnutls_priority_protocol_list (priority, &list) > 0
                       && gnutls_priority_cipher_list (priority, &list) > 0;

  if (priority != NULL)
    gnutls_priority_deinit (priority);
  return can_offer;
}

struct _PostsealProbeTls
{
  PostsealProbeSocket *socket; /* borrowed */
  gnutls_session_t session; /* owned, NULL where it cannot be offered */
  gnutls_certificate_credentials_t credentials; /* owned */
  gnutls_anon_client_credentials_t anonymous; /* owned */
  gint64 until; /* of the handshake that is under way */
  gboolean has_sent; /* something */
  gboolean is_at_end; /* the connection is */
  gboolean is_done; /* the handshake is */
  GByteArray *heard; /* owned: the first bytes that came */
  GBytes *text; /* owned, nullable */
  char *error; /* owned, nullable */
};

/* --- transport --- */

static gssize
fail_transport (PostsealProbeTls *self, GError *error)
{
  gboolean is_busy = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  g_error_free (error);
  gnutls_transport_set_errno (self->session, is_busy ? EAGAIN : EIO);
  return -1;
}

static gssize
pull (gnutls_transport_ptr_t data, void *buffer, gsize size)
{
  PostsealProbeTls *self = data;
  GError *error = NULL;
  gssize count = _postseal_probe_socket_receive (self->socket, buffer, size, &error);

  if (count < 0)
    return fail_transport (self, error);
  self->is_at_end = self->is_at_end || count == 0;
  if (self->heard->len < TEXT_SIZE)
    g_byte_array_append (self->heard, buffer, MIN ((gsize)count, TEXT_SIZE - self->heard->len));
  return count;
}

/* GnuTLS asks while it waits for a ticket, and not for longer than a round trip. */
static int
pull_timeout (gnutls_transport_ptr_t data, unsigned ms)
{
  PostsealProbeTls *self = data;
  gint64 until = g_get_monotonic_time () + MIN (ms, 1000) * G_GINT64_CONSTANT (1000);

  return _postseal_probe_socket_wait (self->socket, G_IO_IN, until, NULL) ? 1 : 0;
}

static gssize
push (gnutls_transport_ptr_t data, const void *bytes, gsize size)
{
  PostsealProbeTls *self = data;
  GError *error = NULL;
  gssize count = _postseal_probe_socket_send (self->socket, bytes, size, &error);

  if (count < 0)
    {
      self->is_at_end
          = self->is_at_end || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      return fail_transport (self, error);
    }
  self->has_sent = TRUE;
  return count;
}

/* --- making --- */

static gboolean
set_up (PostsealProbeTls *self, const char *host, PostsealProbeOffer offer, GBytes *session)
{
  gsize size = 0;

  gnutls_certificate_allocate_credentials (&self->credentials);
  gnutls_anon_allocate_client_credentials (&self->anonymous);
  if (gnutls_init (&self->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
    return FALSE;
  if (gnutls_priority_set_direct (self->session, priorities[offer], NULL) < 0)
    return FALSE;
  gnutls_credentials_set (self->session, GNUTLS_CRD_CERTIFICATE, self->credentials);
  gnutls_credentials_set (self->session, GNUTLS_CRD_ANON, self->anonymous);
  gnutls_dh_set_prime_bits (self->session, LEAST_DH_BITS);
  /* RFC 6066 section 3: names only */
  if (!g_hostname_is_ip_address (host))
    gnutls_server_name_set (self->session, GNUTLS_NAME_DNS, host, strlen (host));
  if (session != NULL)
    {
      const void *data = g_bytes_get_data (session, &size);

      gnutls_session_set_data (self->session, data, size);
    }
  gnutls_transport_set_ptr (self->session, self);
  gnutls_transport_set_pull_function (self->session, pull);
  gnutls_transport_set_pull_timeout_function (self->session, pull_timeout);
  gnutls_transport_set_push_function (self->session, push);
  gnutls_handshake_set_timeout (self->session, 0); /* ends are ours */
  return TRUE;
}

PostsealProbeTls *
_postseal_probe_tls_new (PostsealProbeSocket *socket,
                         const char *host,
                         PostsealProbeOffer offer,
                         GBytes *session)
{
  PostsealProbeTls *self = g_new0 (PostsealProbeTls, 1);

  self->socket = socket;
  self->heard = g_byte_array_new ();
  if (!set_up (self, host, offer, session))
    g_clear_pointer (&self->session, gnutls_deinit);
  return self;
}

void
_postseal_probe_tls_free (PostsealProbeTls *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->session, gnutls_deinit);
  gnutls_certificate_free_credentials (self->credentials);
  gnutls_anon_free_client_credentials (self->anonymous);
  g_byte_array_unref (self->heard);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_free (self->error);
  g_free (self);
}

/* --- handshake --- */

/* RFC 8446 section 5.1: every record begins with its type and a version. */
static gboolean
has_heard_text (PostsealProbeTls *self)
{
  const guint8 *heard = self->heard->data;

  return self->heard->len > 0
         && (heard[0] < 0x14 || heard[0] > 0x17 || (self->heard->len > 1 && heard[1] != 0x03));
}

/* The first line, as far as it comes soon. */
static void
hear_text (PostsealProbeTls *self)
{
  gint64 until = MIN (self->until, g_get_monotonic_time () + TEXT_WAIT_MS * 1000);
  guint8 buffer[TEXT_SIZE];

  while (self->heard->len < TEXT_SIZE && memchr (self->heard->data, '\n', self->heard->len) == NULL)
    {
      gssize count = _postseal_probe_socket_read (self->socket, buffer,
                                                  TEXT_SIZE - self->heard->len, until, NULL);

      if (count <= 0)
        break;
      g_byte_array_append (self->heard, buffer, count);
    }
  self->text = g_bytes_new (self->heard->data, self->heard->len);
}

static PostsealProbeTlsOutcome
fail (PostsealProbeTls *self, PostsealProbeTlsOutcome outcome, char *error)
{
  self->error = error;
  return outcome;
}

static char *
explain_alert (PostsealProbeTls *self)
{
  gnutls_alert_description_t alert = gnutls_alert_get (self->session);

  if (alert == GNUTLS_A_PROTOCOL_VERSION)
    return g_strdup (_ ("The server does not know the TLS versions that were offered"));
  return g_strdup_printf (_ ("The server refused the TLS handshake with the alert “%s”"),
                          gnutls_alert_get_name (alert));
}

static PostsealProbeTlsOutcome
judge_failure (PostsealProbeTls *self, int result)
{
  if (!self->has_sent && !self->is_at_end)
    return fail (self, POSTSEAL_PROBE_TLS_UNTRIED,
                 g_strdup (_ ("This system does not allow to try that")));
  if (has_heard_text (self))
    {
      hear_text (self);
      return fail (self, POSTSEAL_PROBE_TLS_TEXT,
                   g_strdup (_ ("The server answered the TLS handshake in clear")));
    }
  if (result == GNUTLS_E_FATAL_ALERT_RECEIVED)
    return fail (self, POSTSEAL_PROBE_TLS_REFUSED, explain_alert (self));
  if (result == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
    return fail (self, POSTSEAL_PROBE_TLS_REFUSED,
                 g_strdup (_ ("The server does not know the TLS versions that were offered")));
  if (self->is_at_end)
    return fail (self,
                 self->heard->len == 0 ? POSTSEAL_PROBE_TLS_DROPPED : POSTSEAL_PROBE_TLS_BROKEN,
                 g_strdup (_ ("The server ended the connection during the TLS handshake")));
  return fail (self, POSTSEAL_PROBE_TLS_BROKEN,
               g_strdup_printf (_ ("The TLS handshake failed: %s"), gnutls_strerror (result)));
}

PostsealProbeTlsOutcome
_postseal_probe_tls_shake_hands (PostsealProbeTls *self, gint64 until)
{
  int result = GNUTLS_E_AGAIN;

  if (self->session == NULL)
    return judge_failure (self, result);
  self->until = until;
  while ((result = gnutls_handshake (self->session)) < 0 && !gnutls_error_is_fatal (result))
    {
      GIOCondition wanted = gnutls_record_get_direction (self->session) != 0 ? G_IO_OUT : G_IO_IN;

      /* A flood of warnings must not outlast the end either. */
      if (g_get_monotonic_time () >= until
          || (result == GNUTLS_E_AGAIN
              && !_postseal_probe_socket_wait (self->socket, wanted, until, NULL)))
        return fail (self, POSTSEAL_PROBE_TLS_STALLED,
                     g_strdup (_ ("The server did not go on with the TLS handshake")));
    }
  if (result < 0)
    {
      gnutls_alert_send_appropriate (self->session, result);
      return judge_failure (self, result);
    }
  self->is_done = TRUE;
  return POSTSEAL_PROBE_TLS_DONE;
}

const char *
_postseal_probe_tls_get_error (PostsealProbeTls *self)
{
  return self->error;
}

gboolean
_postseal_probe_tls_heard_anything (PostsealProbeTls *self)
{
  return self->heard->len > 0;
}

GBytes *
_postseal_probe_tls_get_text (PostsealProbeTls *self)
{
  return self->text;
}

/* --- what was agreed --- */

const char *
_postseal_probe_tls_get_version (PostsealProbeTls *self)
{
  gnutls_protocol_t version = gnutls_protocol_get_version (self->session);

  return version == GNUTLS_TLS1_3   ? "TLS 1.3"
         : version == GNUTLS_TLS1_2 ? "TLS 1.2"
         : version == GNUTLS_TLS1_1 ? "TLS 1.1"
                                    : "TLS 1.0";
}

const char *
_postseal_probe_tls_get_cipher (PostsealProbeTls *self)
{
  return gnutls_cipher_get_name (gnutls_cipher_get (self->session));
}

const char *
_postseal_probe_tls_get_key_exchange (PostsealProbeTls *self)
{
  /* TLS 1.3 has nothing but the group; GnuTLS makes up the rest. */
  if (gnutls_protocol_get_version (self->session) == GNUTLS_TLS1_3)
    return gnutls_group_get_name (gnutls_group_get (self->session));
  return gnutls_kx_get_name (gnutls_kx_get (self->session));
}

char *
_postseal_probe_tls_get_suite (PostsealProbeTls *self)
{
#if GNUTLS_VERSION_NUMBER >= 0x030704
  return g_strdup (gnutls_ciphersuite_get (self->session));
#else
  return g_strdup (gnutls_cipher_suite_get_name (gnutls_kx_get (self->session),
                                                 gnutls_cipher_get (self->session),
                                                 gnutls_mac_get (self->session)));
#endif
}

guint
_postseal_probe_tls_get_dh_bits (PostsealProbeTls *self)
{
  int bits = gnutls_dh_get_prime_bits (self->session);

  return MAX (bits, 0);
}

gboolean
_postseal_probe_tls_has_extended_master_secret (PostsealProbeTls *self)
{
  return gnutls_session_ext_master_secret_status (self->session) != 0;
}

gboolean
_postseal_probe_tls_is_resumed (PostsealProbeTls *self)
{
  return gnutls_session_is_resumed (self->session) != 0;
}

GPtrArray *
_postseal_probe_tls_get_chain (PostsealProbeTls *self)
{
  unsigned length = 0;
  const gnutls_datum_t *ders
      = self->session != NULL ? gnutls_certificate_get_peers (self->session, &length) : NULL;
  GPtrArray *chain = NULL;

  if (ders == NULL || length == 0
      || gnutls_certificate_type_get2 (self->session, GNUTLS_CTYPE_SERVER) != GNUTLS_CRT_X509)
    return NULL;
  chain = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (unsigned i = 0; i < length; i++)
    g_ptr_array_add (chain, g_bytes_new (ders[i].data, ders[i].size));
  return chain;
}

GBytes *
_postseal_probe_tls_get_session (PostsealProbeTls *self)
{
  gnutls_datum_t data = { NULL, 0 };
  GBytes *bytes = NULL;

  if (gnutls_session_get_data2 (self->session, &data) < 0)
    return NULL;
  bytes = g_bytes_new (data.data, data.size);
  gnutls_free (data.data);
  return bytes;
}

/* --- bytes --- */

static gboolean
is_in_vain (int result)
{
  return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED
         || !gnutls_error_is_fatal (result);
}

/* Waits for what GnuTLS waits for. */
static gboolean
wait_for_more (PostsealProbeTls *self, gint64 until, GError **error)
{
  GIOCondition wanted = gnutls_record_get_direction (self->session) != 0 ? G_IO_OUT : G_IO_IN;

  return _postseal_probe_socket_wait (self->socket, wanted, until, error);
}

gssize
_postseal_probe_tls_read (
    PostsealProbeTls *self, void *buffer, gsize size, gint64 until, GError **error)
{
  for (;;)
    {
      gssize count = gnutls_record_recv (self->session, buffer, size);

      if (count >= 0)
        return count;
      if (!is_in_vain (count))
        return 0; /* a connection that was cut, or damaged, brings nothing more */
      if (g_get_monotonic_time () >= until)
        {
          g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, g_strerror (ETIMEDOUT));
          return -1;
        }
      if (count == GNUTLS_E_AGAIN && !wait_for_more (self, until, error))
        return -1;
    }
}

gboolean
_postseal_probe_tls_write (
    PostsealProbeTls *self, const void *data, gsize size, gint64 until, GError **error)
{
  gssize count = gnutls_record_send (self->session, data, size);

  while (count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED)
    {
      if (!wait_for_more (self, until, error))
        return FALSE;
      count = gnutls_record_send (self->session, NULL, 0);
    }
  if (count == (gssize)size)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, g_strerror (EPIPE));
  return FALSE;
}

void
_postseal_probe_tls_end (PostsealProbeTls *self)
{
  if (self->is_done)
    gnutls_bye (self->session, GNUTLS_SHUT_WR);
}
