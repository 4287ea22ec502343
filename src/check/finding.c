/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/finding.h"

#include <string.h>

#include "base/printable.h"

static const struct
{
  const char *id;
  const char *topic;
  PostsealFindingLevel level;
  PostsealFindingState state;
} kinds[] = {
  { "dns-fail", "dns", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "dns-bogus", "dns", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "mx-ok", "mx", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "mx-implicit", "mx", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "mx-none", "mx", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "mx-cname", "mx", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "mx-no-address", "mx", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "mx-unreached", "mx", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "null-mx", "mx", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_NOT_APPLICABLE },
  { "tls-ok", "tls", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "tls-failed", "tls", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "tls-only-old", "tls", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "tls-old", "tls", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_WARNING },
  { "tls-no13", "tls", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "tls-lenient", "tls", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "ciphers-weak", "tls", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_WARNING },
  { "ciphers-anonymous", "tls", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "ciphers-static", "tls", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "dh-weak", "tls", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "no-ems", "tls", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "no-resumption", "tls", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "cert-ok", "cert", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "cert-unreadable", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-name", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-cn-only", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-self-signed", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-chain", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-untrusted", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-purpose", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-expired", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-not-yet", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-soon", "cert", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "cert-sha1", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-rsa1024", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "cert-dane-only", "cert", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "cert-exchange", "cert", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "pin-ok", "cert", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "pin-mismatch", "cert", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "starttls-ok", "upgrade", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "starttls-missing", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_ABSENT },
  { "starttls-refused", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "clear-auth", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_WARNING },
  { "clear-auth-local", "upgrade", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "auth-untold", "upgrade", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "caps-differ", "upgrade", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "injection", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "resp-injection", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "preauth", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "mode-plain-on-tls", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "mode-tls-on-plain", "upgrade", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "silent", "upgrade", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "not-mail", "upgrade", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "port-ended", "ports", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "port-broken", "ports", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "port-busy", "ports", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "port-unreachable", "ports", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "port-filtered", "ports", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "port-closed", "ports", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "no-service", "ports", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_ABSENT },
  { "no-tls", "ports", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_ABSENT },
  { "v6-dead", "ports", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "v6-untried", "ports", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_UNSURE },
  { "dnssec-ok", "dane", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dnssec-absent", "dane", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "dane-published", "dane", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dane-absent", "dane", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "dane-partial", "dane", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "dane-insecure", "dane", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_INVALID },
  { "dane-usage", "dane", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_INVALID },
  { "dane-bogus", "dane", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "dane-ok", "dane", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dane-expired-ok", "dane", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dane-mismatch", "dane", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "dane-no-tls", "dane", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "srv-ok", "srv", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "srv-absent", "srv", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "srv-plain", "srv", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "autoconfig-ok", "autoconfig", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "autoconfig-absent", "autoconfig", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "autoconfig-plain", "autoconfig", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "autoconfig-bad", "autoconfig", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_INVALID },
  { "sts-ok", "sts", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "sts-absent", "sts", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "sts-none", "sts", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "sts-testing", "sts", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "sts-short", "sts", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "sts-mx", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-fetch", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-cert", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-redirect", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-syntax", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-two", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "sts-mx-tls", "sts", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "tlsrpt-ok", "report", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "tlsrpt-absent", "report", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_ABSENT },
  { "tlsrpt-bad", "report", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_INVALID },
  { "spf-ok", "spf", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "spf-absent", "spf", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_ABSENT },
  { "spf-two", "spf", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "spf-bad", "spf", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "spf-lookups", "spf", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "spf-all", "spf", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_WARNING },
  { "spf-open", "spf", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "spf-ptr", "spf", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "dmarc-ok", "dmarc", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dmarc-absent", "dmarc", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_ABSENT },
  { "dmarc-none", "dmarc", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "dmarc-bad", "dmarc", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "dkim-ok", "dkim", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "dkim-unasked", "dkim", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "dkim-absent", "dkim", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_ABSENT },
  { "dkim-bad", "dkim", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "dkim-revoked", "dkim", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "dkim-weak", "dkim", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  /* of an account, as it is configured */
  { "account-ok", "account", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "account-loopback", "account", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_NOT_APPLICABLE },
  { "account-open", "account", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "account-renewed", "account", POSTSEAL_FINDING_INFO, POSTSEAL_FINDING_OK },
  { "account-changed", "account", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
  { "account-refused", "account", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "account-unreachable", "account", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "login-ok", "account", POSTSEAL_FINDING_GOOD, POSTSEAL_FINDING_OK },
  { "login-mechanism", "account", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "login-refused", "account", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "login-unknown", "account", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "use-refused", "account", POSTSEAL_FINDING_BAD, POSTSEAL_FINDING_INVALID },
  { "use-unknown", "account", POSTSEAL_FINDING_UNKNOWN, POSTSEAL_FINDING_UNSURE },
  { "dkim-testing", "dkim", POSTSEAL_FINDING_WARN, POSTSEAL_FINDING_WARNING },
};

static const char *const level_names[] = {
  [POSTSEAL_FINDING_GOOD] = "good",       [POSTSEAL_FINDING_INFO] = "info",
  [POSTSEAL_FINDING_UNKNOWN] = "unknown", [POSTSEAL_FINDING_WARN] = "warn",
  [POSTSEAL_FINDING_BAD] = "bad",
};

static const char *const state_names[] = {
  [POSTSEAL_FINDING_OK] = "ok",
  [POSTSEAL_FINDING_ABSENT] = "absent",
  [POSTSEAL_FINDING_INVALID] = "invalid",
  [POSTSEAL_FINDING_WARNING] = "warning",
  [POSTSEAL_FINDING_NOT_APPLICABLE] = "not-applicable",
  [POSTSEAL_FINDING_UNSURE] = "unknown",
};

static gsize
find_kind (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].id, id) == 0)
      return i;
  g_assert_not_reached ();
}

static void
free_finding (gpointer data)
{
  PostsealFinding *self = data;

  g_free (self->where);
  g_free (self->text);
  g_free (self->advice);
  g_free (self->evidence);
  g_free (self);
}

GPtrArray *
postseal_findings_new (void)
{
  return g_ptr_array_new_with_free_func (free_finding);
}

void
postseal_findings_add (GPtrArray *self,
                       const char *id,
                       const char *where,
                       const char *evidence,
                       char *text,
                       char *advice)
{
  PostsealFinding *finding = g_new0 (PostsealFinding, 1);

  finding->id = kinds[find_kind (id)].id;
  finding->where = postseal_printable (where, -1);
  finding->text = text;
  finding->advice = advice;
  finding->evidence = evidence != NULL ? postseal_printable (evidence, -1) : NULL;
  g_ptr_array_add (self, finding);
}

PostsealFindingLevel
postseal_finding_get_level (const PostsealFinding *self)
{
  return kinds[find_kind (self->id)].level;
}

PostsealFindingState
postseal_finding_get_state (const PostsealFinding *self)
{
  return kinds[find_kind (self->id)].state;
}

const char *
postseal_finding_get_topic (const PostsealFinding *self)
{
  return kinds[find_kind (self->id)].topic;
}

const char *
postseal_finding_level_to_string (PostsealFindingLevel level)
{
  return level_names[level];
}

const char *
postseal_finding_state_to_string (PostsealFindingState state)
{
  return state_names[state];
}

PostsealFindingLevel
postseal_findings_get_verdict (GPtrArray *self)
{
  PostsealFindingLevel worst = POSTSEAL_FINDING_GOOD;

  for (guint i = 0; i < self->len; i++)
    worst = MAX (worst, postseal_finding_get_level (g_ptr_array_index (self, i)));
  return worst;
}
