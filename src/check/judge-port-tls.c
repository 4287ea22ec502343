/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "check/judge-port-private.h"

#define LEAST_DH_BITS 2048
#define RELAY_PORT 25

static gboolean
takes_old (const PostsealPortFacts *facts)
{
  return facts->tls10 == POSTSEAL_SEEN_YES || facts->tls11 == POSTSEAL_SEEN_YES;
}

/* Nothing that a client of today would speak. */
static gboolean
takes_only_old (const PostsealPortFacts *facts)
{
  return takes_old (facts) && facts->tls12 == POSTSEAL_SEEN_NO && facts->tls13 != POSTSEAL_SEEN_YES
         && facts->has_tls != POSTSEAL_SEEN_YES;
}

/* Suites with forward secrecy were offered, and one without was taken. */
static gboolean
prefers_static (const PostsealPortFacts *facts)
{
  return facts->has_tls == POSTSEAL_SEEN_YES && g_strcmp0 (facts->key_exchange, "RSA") == 0;
}

/* Nothing but suites that a client of today might not even offer. */
static gboolean
takes_only_static (const PostsealPortFacts *facts)
{
  return facts->suite_static != NULL && facts->has_tls == POSTSEAL_SEEN_NO
         && facts->tls12 == POSTSEAL_SEEN_YES && facts->tls13 == POSTSEAL_SEEN_NO;
}

/* Among servers that would send in clear else, it does not matter that nobody proves who it is. */
static gboolean
may_be_anonymous (const PostsealPortCase *self)
{
  return self->context->is_exchange
         || (self->facts->protocol == POSTSEAL_PROTOCOL_SMTP && self->facts->port == RELAY_PORT);
}

static const char *
list_old (const PostsealPortFacts *facts)
{
  if (facts->tls10 == POSTSEAL_SEEN_YES && facts->tls11 == POSTSEAL_SEEN_YES)
    return "TLS 1.0, TLS 1.1";
  return facts->tls10 == POSTSEAL_SEEN_YES ? "TLS 1.0" : "TLS 1.1";
}

static void
judge_versions (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  if (takes_only_old (facts))
    _postseal_judge_tell (
        self, "tls-only-old", list_old (facts),
        g_strdup_printf (_ ("nothing newer than %s is offered: no safe connection is possible"),
                         facts->tls11 == POSTSEAL_SEEN_YES ? "TLS 1.1" : "TLS 1.0"),
        g_strdup (_ ("ask the provider to update the server")));
  else if (takes_old (facts) && !self->context->is_exchange)
    _postseal_judge_tell (
        self, "tls-old", list_old (facts),
        g_strdup_printf (_ ("versions that are no longer safe are accepted: %s"), list_old (facts)),
        g_strdup (_ ("the server's owner should switch them off; Postseal never uses them")));
  if (facts->tls13 == POSTSEAL_SEEN_NO && facts->tls12 == POSTSEAL_SEEN_YES)
    _postseal_judge_tell (
        self, "tls-no13", NULL,
        g_strdup (_ ("TLS 1.2 is the newest version; TLS 1.3 begins quicker and shows less")),
        g_strdup (_ ("nothing to do: TLS 1.2 is safe")));
}

/* Returns: (transfer full) (nullable): what nobody should accept */
static char *
list_weak (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  if (facts->suite_null != NULL)
    g_ptr_array_add (parts, g_strdup_printf (_ ("%s (no encryption)"), facts->suite_null));
  if (facts->suite_broken != NULL)
    g_ptr_array_add (parts, g_strdup_printf (_ ("%s (broken)"), facts->suite_broken));
  if (takes_only_static (facts) || prefers_static (facts))
    g_ptr_array_add (
        parts, g_strdup_printf (_ ("%s (without forward secrecy, and nothing better)"),
                                facts->suite_static != NULL ? facts->suite_static : facts->cipher));
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static void
judge_suites (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  g_autofree char *weak = list_weak (self);

  if (weak != NULL)
    _postseal_judge_tell (
        self, "ciphers-weak", weak, g_strdup_printf (_ ("weak ciphers are accepted: %s"), weak),
        g_strdup (_ ("the server's owner should allow only AES-GCM and ChaCha20 with ECDHE")));
  if (facts->suite_static != NULL && facts->has_tls == POSTSEAL_SEEN_YES && !prefers_static (facts)
      && !self->context->is_exchange)
    _postseal_judge_tell (
        self, "ciphers-static", facts->suite_static,
        g_strdup (_ ("ciphers without forward secrecy are accepted besides good ones: who gets "
                     "hold of the key later can read what was recorded")),
        g_strdup (_ ("the server's owner should switch them off; Postseal never uses them")));
  /* As Postfix does when it is installed; who wants to know the server never asks for it. */
  if (facts->suite_anonymous != NULL && !may_be_anonymous (self))
    _postseal_judge_tell (
        self, "ciphers-anonymous", facts->suite_anonymous,
        g_strdup (_ ("ciphers without authentication are accepted besides good ones: a program "
                     "that asks for them cannot know whom it talks to")),
        g_strdup (_ ("the server's owner should switch them off (Postfix: "
                     "smtpd_tls_mandatory_exclude_ciphers = aNULL); Postseal never uses them")));
  if (facts->dh_bits > 0 && facts->dh_bits < LEAST_DH_BITS)
    _postseal_judge_tell (
        self, "dh-weak", NULL,
        g_strdup_printf (_ ("the Diffie-Hellman group has only %u bits"), facts->dh_bits),
        g_strdup (_ ("the server's owner should use ECDHE, or a group of 2048 bits or more")));
}

/* Among servers, weak TLS is better than none, so that an exchange does well to take it. */
static void
judge_leniency (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();
  g_autofree char *list = NULL;

  if (self->context->is_exchange && takes_old (facts) && !takes_only_old (facts))
    g_ptr_array_add (parts, (char *)list_old (facts));
  if (may_be_anonymous (self) && facts->suite_anonymous != NULL)
    g_ptr_array_add (parts, facts->suite_anonymous);
  if (self->context->is_exchange && facts->suite_static != NULL
      && facts->has_tls == POSTSEAL_SEEN_YES && !prefers_static (facts))
    g_ptr_array_add (parts, facts->suite_static);
  if (parts->len == 0)
    return;
  g_ptr_array_add (parts, NULL);
  list = g_strjoinv (", ", (char **)parts->pdata);
  _postseal_judge_tell (self, "tls-lenient", list,
                        g_strdup_printf (_ ("old or weak TLS is accepted, which among servers is "
                                            "better than plain text: %s"),
                                         list),
                        NULL);
}

static void
judge_sessions (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  if (facts->extended_master_secret == POSTSEAL_SEEN_NO)
    _postseal_judge_tell (
        self, "no-ems", NULL,
        g_strdup (_ ("with TLS 1.2 there is no extended master secret (RFC 7627), so that signing "
                     "in cannot be bound to the connection (tls-unique)")),
        g_strdup (_ ("the server's owner should update its TLS library")));
  if (facts->resumption == POSTSEAL_SEEN_NO)
    _postseal_judge_tell (
        self, "no-resumption", NULL,
        g_strdup (_ ("sessions cannot be resumed: every connection pays for a full handshake")),
        g_strdup (_ ("the server's owner may allow session tickets")));
}

/* RFC 9266, RFC 5929. Returns: what signing in can be bound to */
static const char *
list_bindings (const PostsealPortFacts *facts)
{
  if (g_strcmp0 (facts->tls_version, "TLS 1.3") == 0)
    return "tls-exporter";
  return facts->extended_master_secret == POSTSEAL_SEEN_YES ? "tls-unique" : NULL;
}

/* Not where there was no TLS to begin. */
static gboolean
has_failed (const PostsealPortFacts *facts)
{
  return facts->has_tls == POSTSEAL_SEEN_NO && facts->state == POSTSEAL_PORT_MAIL
         && facts->reply_injected != POSTSEAL_SEEN_YES
         && (facts->start == POSTSEAL_TLS_START_IMPLICIT
             || facts->upgrade == POSTSEAL_PORT_UPGRADE_AGREED);
}

static void
judge_handshake (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  const char *bindings = list_bindings (facts);
  const char *version = facts->tls_version != NULL ? facts->tls_version : "TLS";
  const char *cipher = facts->cipher != NULL ? facts->cipher : "?";

  if (facts->has_tls == POSTSEAL_SEEN_YES && !prefers_static (facts))
    _postseal_judge_tell (
        self, "tls-ok", facts->key_exchange,
        bindings != NULL ? g_strdup_printf (_ ("%s with %s; signing in can be bound to it (%s)"),
                                            version, cipher, bindings)
                         : g_strdup_printf (_ ("%s with %s"), version, cipher),
        NULL);
  else if (has_failed (facts) && !takes_only_old (facts) && !takes_only_static (facts))
    _postseal_judge_tell (self, "tls-failed", facts->tls_error,
                          g_strdup_printf (_ ("TLS begins and fails: %s"),
                                           facts->tls_error != NULL ? facts->tls_error : "?"),
                          g_strdup (_ ("the server's owner must mend its TLS; try another port")));
}

void
_postseal_judge_tls (const PostsealPortCase *self)
{
  judge_handshake (self);
  judge_versions (self);
  judge_suites (self);
  judge_leniency (self);
  judge_sessions (self);
}
