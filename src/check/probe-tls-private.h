/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/probe-socket-private.h"

G_BEGIN_DECLS

/* One TLS handshake with a server that is examined, to see what it agrees to. It verifies nothing,
   and takes what no client should take: that is what it looks for. Nothing secret can be said over
   it; see PostsealProbeLink. */
typedef struct _PostsealProbeTls PostsealProbeTls;

/* What is offered. Complete in themselves, so that the system's own configuration of GnuTLS adds
   nothing; what it forbids cannot be offered: POSTSEAL_PROBE_TLS_UNTRIED. */
typedef enum
{
  POSTSEAL_PROBE_OFFER_GOOD, /* TLS 1.3 and 1.2, as clients of today */
  POSTSEAL_PROBE_OFFER_TLS_1_0, /* and nothing else; likewise: */
  POSTSEAL_PROBE_OFFER_TLS_1_1,
  POSTSEAL_PROBE_OFFER_TLS_1_2,
  POSTSEAL_PROBE_OFFER_TLS_1_3,
  POSTSEAL_PROBE_OFFER_OLD, /* TLS 1.1 and 1.0 at once */
  /* TLS 1.0 to 1.2: */
  POSTSEAL_PROBE_OFFER_NULL, /* suites without encryption only */
  POSTSEAL_PROBE_OFFER_ANONYMOUS, /* suites without a certificate only */
  POSTSEAL_PROBE_OFFER_BROKEN, /* 3DES and RC4 only */
  POSTSEAL_PROBE_OFFER_STATIC, /* keys encrypted to the server's RSA key only */
  POSTSEAL_PROBE_OFFER_DHE, /* Diffie-Hellman over a group of the server's choice only */
  POSTSEAL_PROBE_OFFER_WEAK, /* NULL and BROKEN at once */
  POSTSEAL_PROBE_OFFER_DATED, /* STATIC and DHE at once */
} PostsealProbeOffer;

typedef enum
{
  POSTSEAL_PROBE_TLS_DONE, /* the handshake is complete */
  POSTSEAL_PROBE_TLS_REFUSED, /* the server said so: an alert, or a version not offered */
  POSTSEAL_PROBE_TLS_DROPPED, /* it ended the connection without a word */
  POSTSEAL_PROBE_TLS_TEXT, /* it answered in clear: _postseal_probe_tls_get_text() */
  POSTSEAL_PROBE_TLS_BROKEN, /* anything else: garbage, a reset in the middle, a wrong signature */
  POSTSEAL_PROBE_TLS_STALLED, /* no time was left, or it was cancelled */
  POSTSEAL_PROBE_TLS_UNTRIED, /* this GnuTLS, or the system's configuration, does not offer that */
} PostsealProbeTlsOutcome;

/* This GnuTLS and the system's configuration let us. */
gboolean _postseal_probe_tls_can_offer (PostsealProbeOffer offer);

/**
 * _postseal_probe_tls_new:
 * @socket: borrowed
 * @host: for SNI, unless it is an IP address
 * @session: (nullable): to be resumed
 */
PostsealProbeTls *_postseal_probe_tls_new (PostsealProbeSocket *socket,
                                           const char *host,
                                           PostsealProbeOffer offer,
                                           GBytes *session);
void _postseal_probe_tls_free (PostsealProbeTls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbeTls, _postseal_probe_tls_free)

/* Once. @until: monotonic time */
PostsealProbeTlsOutcome _postseal_probe_tls_shake_hands (PostsealProbeTls *self, gint64 until);

/* Why there was no handshake. Returns: (transfer none): a sentence, NULL after DONE */
const char *_postseal_probe_tls_get_error (PostsealProbeTls *self);
/* Some bytes of the server have come. */
gboolean _postseal_probe_tls_heard_anything (PostsealProbeTls *self);
/* After TEXT: its beginning, raw. Returns: (transfer none) */
GBytes *_postseal_probe_tls_get_text (PostsealProbeTls *self);

/* --- after DONE --- */

const char *_postseal_probe_tls_get_version (PostsealProbeTls *self); /* "TLS 1.3" */
const char *_postseal_probe_tls_get_cipher (PostsealProbeTls *self); /* "AES-256-GCM" */
const char *
_postseal_probe_tls_get_key_exchange (PostsealProbeTls *self); /* "X25519", "ECDHE-RSA" */
/* "TLS_RSA_WITH_NULL_SHA". Returns: (transfer full) */
char *_postseal_probe_tls_get_suite (PostsealProbeTls *self);
guint _postseal_probe_tls_get_dh_bits (PostsealProbeTls *self); /* 0: no group of its own */
gboolean _postseal_probe_tls_has_extended_master_secret (PostsealProbeTls *self);
gboolean _postseal_probe_tls_is_resumed (PostsealProbeTls *self);
/* Also after a handshake that failed later. Returns: (transfer full) (nullable) (element-type
   GBytes): DER, as they were sent */
GPtrArray *_postseal_probe_tls_get_chain (PostsealProbeTls *self);
/* What another connection resumes. TLS 1.3 sends it some time after the handshake: ask when
   something was read. Returns: (transfer full) (nullable) */
GBytes *_postseal_probe_tls_get_session (PostsealProbeTls *self);

/* As those of PostsealProbeSocket. */
gssize _postseal_probe_tls_read (
    PostsealProbeTls *self, void *buffer, gsize size, gint64 until, GError **error);
gboolean _postseal_probe_tls_write (
    PostsealProbeTls *self, const void *data, gsize size, gint64 until, GError **error);
/* close_notify; does not wait. */
void _postseal_probe_tls_end (PostsealProbeTls *self);

G_END_DECLS
