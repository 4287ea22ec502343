/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "check/judge-port-private.h"
#include "net/tls-dane.h"

/* As in a zone file. Returns: (transfer full) */
static char *
print_record (const PostsealTlsaRecord *record)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (record->data, &size);

  g_string_append_printf (text, "%u %u %u ", record->usage, record->selector, record->matching);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
print_first (const PostsealTlsaAnswer *tlsa)
{
  return print_record (g_ptr_array_index (tlsa->records, 0));
}

static gboolean
is_expired (const PostsealPortCase *self)
{
  const PostsealCertificateLink *leaf = g_ptr_array_index (self->certificate->path, 0);

  return leaf->not_after < self->context->now;
}

static void
tell_match (const PostsealPortCase *self, const PostsealTlsaRecord *record)
{
  g_autofree char *evidence = print_record (record);
  g_autofree char *kind
      = g_strdup_printf ("%u %u %u", record->usage, record->selector, record->matching);

  if (record->usage == POSTSEAL_TLSA_DANE_EE && is_expired (self))
    _postseal_judge_tell (
        self, "dane-expired-ok", evidence,
        g_strdup_printf (_ ("the certificate has expired, and the DNS, signed, names its key "
                            "(TLSA %s): for DANE it is valid"),
                         kind),
        g_strdup (_ ("the server's owner should renew it all the same: programs without DANE "
                     "refuse it")));
  else if (self->context->is_exchange)
    _postseal_judge_tell (
        self, "dane-ok", evidence,
        g_strdup_printf (_ ("the DNS, signed, names the server's key (TLSA %s): servers that look "
                            "at DANE deliver to nobody else"),
                         kind),
        NULL);
  else
    _postseal_judge_tell (
        self, "dane-ok", evidence,
        g_strdup_printf (_ ("the DNS, signed, names the server's key (TLSA %s): Postseal speaks "
                            "with nobody else"),
                         kind),
        NULL);
}

static void
tell_mismatch (const PostsealPortCase *self)
{
  g_autofree char *evidence = print_first (self->context->tlsa);

  _postseal_judge_tell (
      self, "dane-mismatch", evidence,
      self->context->is_exchange
          ? g_strdup (_ ("the DNS, signed, names another key than the server has: servers that "
                         "look at DANE do not deliver"))
          : g_strdup (_ ("the DNS, signed, names another key than the server has: Postseal refuses "
                         "it, as it may be an impostor")),
      g_strdup (_ ("the server's owner must publish the new key's record first, and then change "
                   "keys")));
}

/* Returns: (transfer container): of those that can be used, those that count here */
static GPtrArray *
find_counted (const PostsealPortCase *self)
{
  GPtrArray *usable = postseal_tls_dane_find_usable (self->context->tlsa->records);

  /* RFC 7672 section 3.1.3 */
  for (guint i = usable->len; self->context->is_exchange && i > 0; i--)
    if (((PostsealTlsaRecord *)usable->pdata[i - 1])->usage < POSTSEAL_TLSA_DANE_TA)
      g_ptr_array_remove_index (usable, i - 1);
  return usable;
}

static PostsealVoucher
match (const PostsealPortCase *self, const GPtrArray *usable)
{
  PostsealVoucher best = POSTSEAL_VOUCHER_NONE;
  const PostsealTlsaRecord *found = NULL;

  for (guint i = 0; i < usable->len; i++)
    {
      const PostsealTlsaRecord *record = g_ptr_array_index (usable, i);
      PostsealVoucher voucher = record->usage == POSTSEAL_TLSA_DANE_EE ? POSTSEAL_VOUCHER_KEY
                                : record->usage == POSTSEAL_TLSA_DANE_TA
                                    ? POSTSEAL_VOUCHER_AUTHORITY
                                    : POSTSEAL_VOUCHER_NONE;

      if ((found == NULL || voucher > best)
          && postseal_certificate_fits (self->certificate, record))
        {
          found = record;
          best = voucher;
        }
    }
  if (found == NULL)
    tell_mismatch (self);
  else if (best != POSTSEAL_VOUCHER_NONE
           || self->certificate->trust == POSTSEAL_CERTIFICATE_TRUSTED)
    tell_match (self, found);
  return best;
}

static PostsealVoucher
judge_secure (const PostsealPortCase *self)
{
  g_autoptr (GPtrArray) usable = find_counted (self);
  g_autofree char *evidence = print_first (self->context->tlsa);
  const PostsealPortFacts *facts = self->facts;

  if (usable->len == 0)
    _postseal_judge_tell (
        self, "dane-usage", evidence,
        self->context->is_exchange
            ? g_strdup (_ ("the TLSA records are of no use for mail between servers, where only "
                           "usage 2 and 3 count"))
            : g_strdup (_ ("the TLSA records are of no use: none of them makes sense")),
        g_strdup (_ ("publish 3 1 1, or 2 1 1")));
  else if (self->certificate != NULL)
    return match (self, usable);
  else if (facts->has_tls == POSTSEAL_SEEN_NO || facts->upgrade == POSTSEAL_PORT_UPGRADE_MISSING
           || facts->upgrade == POSTSEAL_PORT_UPGRADE_REFUSED)
    _postseal_judge_tell (
        self, "dane-no-tls", evidence,
        self->context->is_exchange
            ? g_strdup (_ ("the DNS, signed, names a key, and there is no TLS: servers that look "
                           "at DANE do not deliver"))
            : g_strdup (_ ("the DNS, signed, names a key, and there is no TLS: somebody may be in "
                           "between")),
        g_strdup (_ ("the server's owner must mend TLS at once, or take the record out")));
  return POSTSEAL_VOUCHER_NONE;
}

PostsealVoucher
_postseal_judge_port_dane (const PostsealPortCase *self)
{
  const PostsealPortContext *context = self->context;
  g_autofree char *evidence = NULL;

  if (context->tlsa_state == POSTSEAL_FACT_BOGUS)
    _postseal_judge_tell (
        self, "dane-bogus", context->tlsa_reason,
        g_strdup (_ ("the signatures (DNSSEC) of what the DNS says of the server's key are wrong: "
                     "who looks at DANE does not connect")),
        g_strdup (_ ("the zone's owner must sign it again")));
  else if (context->tlsa_state == POSTSEAL_FACT_NO_ANSWER)
    _postseal_judge_tell (
        self, "dns-fail", context->tlsa_reason,
        g_strdup (_ ("the DNS does not answer: whether it names the server's key (DANE) is "
                     "unknown, which is not the same as absent")),
        g_strdup (_ ("try again later, or with another resolver; nothing is concluded")));
  else if (context->tlsa == NULL || context->tlsa->records->len == 0)
    return POSTSEAL_VOUCHER_NONE;
  else if (context->tlsa->is_secure)
    return judge_secure (self);
  else
    {
      evidence = print_first (context->tlsa);
      _postseal_judge_tell (
          self, "dane-insecure", evidence,
          g_strdup (_ ("there is a TLSA record, but its zone is not signed: it protects nothing")),
          g_strdup (_ ("sign the zone (DNSSEC), or take the record out")));
    }
  return POSTSEAL_VOUCHER_NONE;
}
