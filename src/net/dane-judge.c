/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/dane-private.h"

#include <glib/gi18n-lib.h>

#include "net/net-error.h"
#include "net/tls-dane-private.h"
#include "net/tls-verify-private.h"

static const char *const words[]
    = { "keys", "none", "unusable", "insecure", "bogus", "unreachable", "not-asked" };

PostsealDaneAnswer *
_postseal_dane_answer_new (PostsealDaneState state, const char *reason)
{
  PostsealDaneAnswer *self = g_new0 (PostsealDaneAnswer, 1);

  self->state = state;
  self->reason = g_strdup (reason);
  return self;
}

PostsealDaneAnswer *
_postseal_dane_answer_new_from_tlsa (PostsealTlsaAnswer *tlsa)
{
  PostsealDaneAnswer *self = _postseal_dane_answer_new (POSTSEAL_DANE_INSECURE, NULL);

  self->tlsa = tlsa;
  if (!tlsa->is_secure)
    return self;
  self->usable = postseal_tls_dane_find_usable (tlsa->records);
  self->state = self->usable->len > 0    ? POSTSEAL_DANE_KEYS
                : tlsa->records->len > 0 ? POSTSEAL_DANE_UNUSABLE
                                         : POSTSEAL_DANE_NONE;
  return self;
}

void
_postseal_dane_answer_free (PostsealDaneAnswer *self)
{
  g_clear_pointer (&self->usable, g_ptr_array_unref);
  g_clear_pointer (&self->tlsa, postseal_tlsa_answer_free);
  g_free (self->reason);
  g_free (self);
}

const char *
_postseal_dane_answer_get_word (const PostsealDaneAnswer *self)
{
  return words[self->state];
}

gboolean
_postseal_dane_demands (const PostsealDaneAnswer *self, const PostsealTlsPolicy *policy)
{
  return policy->dane == POSTSEAL_DANE_REQUIRE
         || (self != NULL && self->state == POSTSEAL_DANE_KEYS);
}

/* --- where it is required --- */

static const char *
explain_state (const PostsealDaneAnswer *self)
{
  switch (self->state)
    {
    case POSTSEAL_DANE_NONE:
      return _ ("the DNS names no key for it");
    case POSTSEAL_DANE_UNUSABLE:
      return _ ("of what the DNS says of its key nothing can be used");
    case POSTSEAL_DANE_INSECURE:
      return _ ("what the DNS says of it is not signed (DNSSEC)");
    case POSTSEAL_DANE_BOGUS:
    case POSTSEAL_DANE_UNREACHABLE:
      return self->reason != NULL ? self->reason : _ ("no answer");
    case POSTSEAL_DANE_KEYS:
    case POSTSEAL_DANE_NOT_ASKED:
    default:
      return self->reason != NULL ? self->reason : _ ("its name is none that the DNS could know");
    }
}

static void
explain_missing (const PostsealDaneAnswer *self, const char *host, GError **error)
{
  PostsealDaneState state = self != NULL ? self->state : POSTSEAL_DANE_NOT_ASKED;
  const char *reason = self != NULL ? explain_state (self) : _ ("no answer");
  GQuark domain = state == POSTSEAL_DANE_UNREACHABLE ? POSTSEAL_NET_ERROR : POSTSEAL_TLS_ERROR;
  int code = state == POSTSEAL_DANE_UNREACHABLE ? (int)POSTSEAL_NET_ERROR_DANE
             : state == POSTSEAL_DANE_BOGUS     ? (int)POSTSEAL_TLS_ERROR_DNSSEC
                                                : (int)POSTSEAL_TLS_ERROR_DANE_MISSING;

  g_set_error (error, domain, code,
               /* TRANSLATORS: a host, and a reason */
               _ ("Nothing is sent to %s, since the account has “dane=require”: %s"), host, reason);
}

/* --- the verdict --- */

static PostsealVoucher
name_voucher (gboolean is_ca, gboolean is_pinned)
{
  if (is_ca)
    return is_pinned ? POSTSEAL_VOUCHER_CA_PIN : POSTSEAL_VOUCHER_CA;
  return is_pinned ? POSTSEAL_VOUCHER_DANE_PIN : POSTSEAL_VOUCHER_DANE;
}

static void
write_match (PostsealSeal *seal, const PostsealTlsDaneMatch *match, const PostsealTlsPolicy *policy)
{
  const PostsealTlsaRecord *record = match->record;

  seal->voucher = name_voucher (match->is_ca_valid, policy->pins != NULL);
  seal->name = match->name;
  seal->dane = g_strdup_printf ("%u %u %u", record->usage, record->selector, record->matching);
}

/* What was asked for, and is no key, is told, too. */
static void
write_state (PostsealSeal *seal, const PostsealDaneAnswer *self)
{
  if (self != NULL && self->state != POSTSEAL_DANE_KEYS && self->state != POSTSEAL_DANE_NOT_ASKED)
    seal->dane = g_strdup (words[self->state]);
}

gboolean
_postseal_dane_judge (const PostsealDaneAnswer *self,
                      PostsealTlsChain *chain,
                      gnutls_x509_trust_list_t trust,
                      const PostsealTlsPolicy *policy,
                      const char *host,
                      PostsealSeal *seal,
                      GError **error)
{
  PostsealTlsDaneMatch match = { NULL, FALSE, NULL };

  write_state (seal, self);
  if (self != NULL && self->state == POSTSEAL_DANE_KEYS)
    {
      if (!_postseal_tls_dane_verify (chain, self->usable, trust, policy, host, &match, error))
        return FALSE;
      write_match (seal, &match, policy);
      return TRUE;
    }
  if (policy->dane == POSTSEAL_DANE_REQUIRE)
    {
      explain_missing (self, host, error);
      return FALSE;
    }
  if (!_postseal_tls_verify (chain, trust, policy, host, &seal->name, error))
    return FALSE;
  seal->voucher = name_voucher (TRUE, policy->pins != NULL);
  return TRUE;
}
