/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge-port.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "check/finding.h"
#include "check/judge-port-private.h"

char *
_postseal_judge_make_where (const char *host, guint16 port)
{
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

void
_postseal_judge_tell (
    const PostsealPortCase *self, const char *id, const char *evidence, char *text, char *advice)
{
  postseal_findings_add (self->findings, id, self->where, evidence, text, advice);
}

gboolean
_postseal_judge_is_tls_on_plain (const PostsealPortFacts *facts)
{
  return facts->usual == POSTSEAL_TLS_START_UPGRADE && facts->start == POSTSEAL_TLS_START_IMPLICIT
         && (facts->has_tls == POSTSEAL_SEEN_YES
             || (facts->has_tls == POSTSEAL_SEEN_NO && facts->state == POSTSEAL_PORT_MAIL
                 && facts->greeting == NULL));
}

gboolean
_postseal_judge_is_plain_on_tls (const PostsealPortFacts *facts)
{
  return facts->usual == POSTSEAL_TLS_START_IMPLICIT && facts->state == POSTSEAL_PORT_MAIL
         && facts->greeting != NULL;
}

static void
judge_tls_and_keys (PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  g_autoptr (PostsealCertificate) certificate = NULL;
  PostsealVoucher voucher;

  if (facts->chain != NULL && facts->chain->len > 0)
    {
      certificate
          = postseal_certificate_new (facts->chain, self->context->host, self->context->trust);
      if (certificate == NULL)
        _postseal_judge_tell (
            self, "cert-unreadable", NULL,
            g_strdup (_ ("the server's certificate cannot be read: it proves nothing")),
            g_strdup (_ ("the server's owner must install a proper certificate")));
    }
  self->certificate = certificate;
  _postseal_judge_tls (self);
  voucher = _postseal_judge_port_dane (self);
  if (certificate != NULL)
    _postseal_judge_certificate (self, voucher);
  self->certificate = NULL;
}

/* What keeps us from looking at it all. */
static void
judge_state (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  switch (facts->state)
    {
    case POSTSEAL_PORT_SILENT:
      _postseal_judge_tell (
          self, "silent", facts->reason,
          g_strdup (_ ("the port accepts connections and says nothing, neither in clear nor to "
                       "TLS")),
          g_strdup (_ ("a firewall, or a server that is overloaded: try again later, or another "
                       "port")));
      break;
    case POSTSEAL_PORT_ENDED:
      _postseal_judge_tell (
          self, "port-ended", facts->reason,
          g_strdup (_ ("the port accepts connections and ends them without a word")),
          g_strdup (_ ("the server may refuse this address: try again later, or another port")));
      break;
    case POSTSEAL_PORT_STRANGE:
      _postseal_judge_tell (self, "not-mail", facts->greeting,
                            facts->greeting != NULL
                                ? g_strdup_printf (_ ("this is no %s server; it says “%s”"),
                                                   postseal_protocol_name (facts->protocol),
                                                   facts->greeting)
                                : g_strdup_printf (_ ("this is no %s server"),
                                                   postseal_protocol_name (facts->protocol)),
                            g_strdup (_ ("look up the port: another service is here")));
      break;
    case POSTSEAL_PORT_BUSY:
      _postseal_judge_tell (self, "port-busy",
                            facts->greeting != NULL ? facts->greeting : facts->greeting_after,
                            g_strdup (_ ("the server says that it has no time now")),
                            g_strdup (_ ("try again later; nothing is concluded")));
      break;
    case POSTSEAL_PORT_MAIL:
      if (facts->reason != NULL)
        _postseal_judge_tell (
            self, "port-broken", facts->reason,
            g_strdup (_ ("the conversation broke off, so that not all of this port was seen")),
            g_strdup (_ ("try again later")));
      break;
    case POSTSEAL_PORT_CLOSED:
    case POSTSEAL_PORT_UNREACHABLE:
    default:
      break;
    }
}

void
postseal_judge_port (const PostsealPortFacts *facts,
                     const PostsealPortContext *context,
                     GPtrArray *findings)
{
  g_autofree char *where = _postseal_judge_make_where (context->host, facts->port);
  PostsealPortCase self = { facts, context, NULL, where, findings };

  judge_state (&self);
  if (facts->state == POSTSEAL_PORT_CLOSED || facts->state == POSTSEAL_PORT_UNREACHABLE)
    return;
  _postseal_judge_upgrade (&self);
  judge_tls_and_keys (&self);
}
