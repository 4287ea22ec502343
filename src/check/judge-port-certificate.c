/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "check/judge-port-private.h"

#define DAY_S (G_GINT64_CONSTANT (24) * 3600)
/* What renews by itself does so with a third of the lifetime left, which may be six days in all:
   half of that third is late. Nobody needs more than two weeks. */
#define SOON_S (14 * DAY_S)
#define SOON_PART 6

typedef struct
{
  const PostsealPortCase *port; /* borrowed */
  const PostsealCertificate *certificate; /* borrowed */
  PostsealVoucher voucher;
  gboolean is_looked_at; /* FALSE: nobody who comes here cares who is named, or until when */
  gboolean is_ca_needed; /* FALSE: it does not matter who has signed it */
  gboolean is_key_needed; /* FALSE: not even its key matters */
  gboolean is_end_told; /* that the server's own has expired was said with DANE */
  GPtrArray *excused; /* owned (element-type utf8): faults that do not count */
  guint n_faults; /* those that do */
} Case;

/* --- words --- */

static char *
print_date (gint64 time)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (time);

  return date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M UTC") : g_strdup ("?");
}

static char *
print_days (gint64 seconds)
{
  gulong days = (gulong)(MAX (seconds, 0) / DAY_S);

  if (days == 0)
    return g_strdup (_ ("less than a day"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%lu day", "%lu days", days), days);
}

/* Takes over @text and @advice. */
static void
tell (Case *self, gboolean counts, const char *id, const char *evidence, char *text, char *advice)
{
  if (counts)
    {
      self->n_faults++;
      _postseal_judge_tell (self->port, id, evidence, text, advice);
      return;
    }
  g_ptr_array_add (self->excused, text);
  g_free (advice);
}

/* --- each property --- */

/* RFC 7671 section 7, RFC 7672 section 3.2.2: who names an authority in the DNS may mean other
   names of the server. */
static gboolean
has_other_name (const Case *self)
{
  const PostsealPortContext *context = self->port->context;

  if (self->voucher != POSTSEAL_VOUCHER_AUTHORITY)
    return FALSE;
  for (guint i = 0; i < context->tlsa->records->len; i++)
    {
      const PostsealTlsaRecord *record = g_ptr_array_index (context->tlsa->records, i);

      if (postseal_certificate_is_for (self->certificate, record->base))
        return TRUE;
    }
  return context->is_exchange && context->domain != NULL
         && postseal_certificate_is_for (self->certificate, context->domain);
}

static void
judge_name (Case *self)
{
  const char *host = self->port->context->host;
  const char *names = self->certificate->names;

  if (has_other_name (self))
    return;
  switch (self->certificate->identity)
    {
    case POSTSEAL_TLS_IDENTITY_OTHER:
      tell (self, self->is_looked_at, "cert-name", names,
            g_strdup_printf (_ ("the certificate is not for %s, but for %s"), host, names),
            g_strdup (_ ("use one of these names for the server, or have its owner add yours")));
      break;
    case POSTSEAL_TLS_IDENTITY_ONLY_CN:
      tell (self, self->is_looked_at, "cert-cn-only", names,
            g_strdup_printf (_ ("the certificate has a name only in its CN (“%s”), which no longer "
                                "counts, and no subjectAltName"),
                             names),
            g_strdup (_ ("the server's owner must have it issued anew, with a subjectAltName")));
      break;
    case POSTSEAL_TLS_IDENTITY_NONE:
      tell (self, self->is_looked_at, "cert-name", NULL,
            g_strdup (_ ("the certificate names no server at all")),
            g_strdup (_ ("the server's owner must have it issued anew, with a subjectAltName")));
      break;
    case POSTSEAL_TLS_IDENTITY_MATCHES:
    default:
      break;
    }
}

static void
judge_incomplete (Case *self)
{
  const PostsealCertificate *certificate = self->certificate;

  tell (self, self->is_ca_needed, "cert-chain", certificate->authority_url,
        g_strdup_printf (_ ("the server does not send the certificate of its issuer “%s”, which is "
                            "not known here"),
                         certificate->authority),
        certificate->authority_url != NULL
            ? g_strdup_printf (_ ("the server's owner must append it; it is said to be at %s; "
                                  "browsers may hide the fault"),
                               certificate->authority_url)
            : g_strdup (_ ("the server's owner must append it; an authority of your own belongs in "
                           "“ca-file”")));
}

static void
judge_trust (Case *self)
{
  const PostsealCertificate *certificate = self->certificate;

  switch (certificate->trust)
    {
    case POSTSEAL_CERTIFICATE_SELF_SIGNED:
      tell (self, self->is_ca_needed, "cert-self-signed", certificate->issuer,
            g_strdup (_ ("the certificate is self-signed: nobody vouches for the server")),
            g_strdup (_ ("the server's owner can get one from a public authority, or publish its "
                         "key by DANE; if it is yours, name the certificate in “ca-file”")));
      break;
    case POSTSEAL_CERTIFICATE_INCOMPLETE:
      judge_incomplete (self);
      break;
    case POSTSEAL_CERTIFICATE_STRANGE:
      tell (self, self->is_ca_needed, "cert-untrusted", certificate->authority,
            g_strdup_printf (_ ("nobody trusted vouches for the certificate: the authority “%s” is "
                                "not known here"),
                             certificate->authority),
            g_strdup (_ ("an authority of your own belongs in “ca-file”; else the server's owner "
                         "needs another certificate")));
      break;
    case POSTSEAL_CERTIFICATE_FORGED:
      tell (self, self->is_ca_needed, "cert-untrusted", certificate->authority,
            g_strdup_printf (_ ("“%s” is named as an issuer of the certificate, and has not signed "
                                "it"),
                             certificate->authority),
            g_strdup (_ ("do not sign in here: somebody may be posing as the server")));
      break;
    case POSTSEAL_CERTIFICATE_UNFIT:
      tell (self, self->is_ca_needed, "cert-untrusted", certificate->authority,
            g_strdup_printf (_ ("the authority “%s” may not vouch for this certificate"),
                             certificate->authority),
            g_strdup (_ ("the server's owner needs another certificate")));
      break;
    case POSTSEAL_CERTIFICATE_TRUSTED:
    default:
      break;
    }
  if (!certificate->is_for_servers)
    tell (self, self->is_looked_at, "cert-purpose", NULL,
          g_strdup (_ ("the certificate was not issued for a server")),
          g_strdup (_ ("the server's owner needs another certificate")));
  if (certificate->n_unreadable > 0)
    tell (self, self->is_key_needed, "cert-unreadable", NULL,
          g_strdup (_ ("one of the certificates behind the server's own cannot be read")),
          g_strdup (_ ("the server's owner must install the chain anew")));
}

/* Returns: (transfer full): what of the chain is meant */
static char *
print_owner (const Case *self, const PostsealCertificateLink *link)
{
  return link == self->certificate->path->pdata[0]
             ? g_strdup (_ ("the certificate"))
             : g_strdup_printf (_ ("the certificate of the authority “%s”"), link->subject);
}

/* Not for what is no fault: that it ends soon. */
static void
judge_end (Case *self, const PostsealCertificateLink *link)
{
  gint64 left_s = link->not_after - self->port->context->now;
  gint64 lifetime_s = link->not_after - link->not_before;
  g_autofree char *owner = print_owner (self, link);
  g_autofree char *date = print_date (link->not_after);
  g_autofree char *days = print_days (ABS (left_s));

  if (left_s < 0 && self->is_end_told && link == self->certificate->path->pdata[0])
    self->n_faults++;
  else if (left_s < 0)
    tell (self, self->is_looked_at, "cert-expired", date,
          g_strdup_printf (_ ("%s expired on %s, %s ago"), owner, date, days),
          g_strdup (_ ("the server's owner must renew it; do not switch checking off")));
  else if (self->is_looked_at && left_s < MIN (SOON_S, lifetime_s / SOON_PART))
    _postseal_judge_tell (self->port, "cert-soon", date,
                          g_strdup_printf (_ ("%s ends on %s, in %s"), owner, date, days),
                          g_strdup (_ ("the server's owner must renew it now")));
}

static void
judge_dates (Case *self, const PostsealCertificateLink *link)
{
  gint64 now = self->port->context->now;
  g_autofree char *owner = print_owner (self, link);
  g_autofree char *date = print_date (link->not_before);
  g_autofree char *today = print_date (now);

  judge_end (self, link);
  if (link->not_before > now)
    tell (self, self->is_looked_at, "cert-not-yet", date,
          g_strdup_printf (_ ("%s is valid only from %s, and the clock here says %s"), owner, date,
                           today),
          g_strdup (_ ("one of the two clocks is wrong: correct it, or wait")));
}

static void
judge_strength (Case *self, const PostsealCertificateLink *link)
{
  gboolean is_leaf = link == self->certificate->path->pdata[0];
  g_autofree char *owner = print_owner (self, link);

  if (link->broken_hash != NULL)
    tell (
        self, self->is_looked_at, "cert-sha1", link->broken_hash,
        g_strdup_printf (_ ("%s is signed with %s, which can be forged"), owner, link->broken_hash),
        g_strdup (_ ("the server's owner must have it issued anew, with SHA-256")));
  if (link->is_key_weak)
    tell (
        self, is_leaf ? self->is_key_needed : self->is_looked_at, "cert-rsa1024", NULL,
        g_strdup_printf (_ ("the key of %s is too weak: %s with %u bits"), owner, link->key,
                         link->key_bits),
        g_strdup (_ ("the server's owner needs a new key: P-256, or RSA with 2048 bits or more")));
}

static void
judge_pins (Case *self)
{
  const char *const *pins = self->port->context->pins;
  const char *pin = self->certificate->pin;

  if (pins == NULL)
    return;
  if (g_strv_contains (pins, pin))
    _postseal_judge_tell (self->port, "pin-ok", pin, g_strdup (_ ("the server has the pinned key")),
                          NULL);
  else
    tell (self, TRUE, "pin-mismatch", pin,
          g_strdup (_ ("the server has another key than the pinned one")),
          g_strdup_printf (_ ("ask its owner; if the new key is right, pin %s instead"), pin));
}

/* --- all of them --- */

static void
tell_excused (const Case *self)
{
  g_autofree char *list = NULL;

  if (self->excused->len == 0)
    return;
  g_ptr_array_add (self->excused, NULL);
  list = g_strjoinv ("; ", (char **)self->excused->pdata);
  if (self->port->context->is_exchange)
    _postseal_judge_tell (
        self->port, "cert-exchange", list,
        g_strdup_printf (
            _ ("other servers take the certificate all the same, as they do not look at it: %s"),
            list),
        NULL);
  else
    _postseal_judge_tell (
        self->port, "cert-dane-only", list,
        g_strdup_printf (_ ("only the DNS (DANE) vouches for the certificate, which is enough for "
                            "Postseal; programs without DANE complain: %s"),
                         list),
        NULL);
}

static void
tell_good (const Case *self)
{
  const PostsealCertificateLink *leaf = self->certificate->path->pdata[0];
  g_autofree char *days = print_days (leaf->not_after - self->port->context->now);
  g_autofree char *date = print_date (leaf->not_after);

  if (self->n_faults == 0 && self->excused->len == 0)
    _postseal_judge_tell (
        self->port, "cert-ok", date,
        g_strdup_printf (_ ("the certificate is for %s, issued by “%s”, and expires in %s"),
                         self->certificate->names, self->certificate->issuer, days),
        NULL);
}

void
_postseal_judge_certificate (const PostsealPortCase *port, PostsealVoucher voucher)
{
  const PostsealPortContext *context = port->context;
  g_autoptr (GPtrArray) excused = g_ptr_array_new_with_free_func (g_free);
  gboolean is_ca_asked = !context->is_exchange || context->is_sts_enforced;
  Case self = {
    .port = port,
    .certificate = port->certificate,
    .voucher = voucher,
    .is_looked_at
    = voucher == POSTSEAL_VOUCHER_AUTHORITY || (is_ca_asked && voucher == POSTSEAL_VOUCHER_NONE),
    .is_ca_needed = is_ca_asked && voucher == POSTSEAL_VOUCHER_NONE,
    .is_key_needed = is_ca_asked || voucher != POSTSEAL_VOUCHER_NONE,
    .is_end_told = voucher == POSTSEAL_VOUCHER_KEY && !context->is_sts_enforced,
    .excused = excused,
  };

  if (context->is_exchange && context->is_sts_enforced)
    self.is_looked_at = self.is_ca_needed = TRUE; /* for those who know MTA-STS only */
  judge_name (&self);
  judge_trust (&self);
  for (guint i = 0; i < self.certificate->path->len; i++)
    {
      const PostsealCertificateLink *link = g_ptr_array_index (self.certificate->path, i);

      judge_dates (&self, link);
      judge_strength (&self, link);
    }
  judge_pins (&self);
  tell_good (&self);
  tell_excused (&self);
}
