/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a checked direction has gone through, in words. */
#include <glib/gi18n.h>
#include <inttypes.h>
#include <string.h>

#include "cli/check-side.h"
#include "cli/report.h"
#include "net/net-error.h"

#define DAY_S 86400

static void
set (PostsealCheckSide *self, PostsealTrialStepKind kind, PostsealTrialResult result, char *text)
{
  postseal_trial_steps_set (&self->steps, kind, result, text);
}

static const char *
get_fact (const PostsealCheckSide *self, const char *name)
{
  return postseal_trial_steps_get_fact (&self->steps, name);
}

/* --- up to TLS --- */

/* "192.0.2.1:993", "[2001:db8::1]:993" */
static void
describe_way (PostsealCheckSide *self)
{
  const char *address = get_fact (self, "address");
  const char *colon = address != NULL ? strrchr (address, ':') : NULL;

  if (g_hostname_is_ip_address (self->endpoint->host))
    set (self, POSTSEAL_STEP_RESOLVE, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("an address needs no DNS")));
  else if (colon != NULL)
    set (self, POSTSEAL_STEP_RESOLVE, POSTSEAL_TRIAL_OK,
         g_strndup (address, (gsize)(colon - address)));
  if (address != NULL)
    set (self, POSTSEAL_STEP_CONNECT, POSTSEAL_TRIAL_OK, g_strdup (address));
}

static void
describe_greeting (PostsealCheckSide *self)
{
  PostsealTrialStep *step = &self->steps.steps[POSTSEAL_STEP_GREETING];

  if (self->greeting != NULL)
    set (self, POSTSEAL_STEP_GREETING, step->result,
         g_strdup_printf (_ ("“%s”, in clear"), self->greeting));
  if (self->capabilities == NULL || self->capabilities->greeting == NULL)
    return;
  step->took_us = (gint64)self->capabilities->greeting_ms * 1000;
  set (self, POSTSEAL_STEP_GREETING, POSTSEAL_TRIAL_OK,
       self->seal->tls_version != NULL
           ? g_strdup_printf (_ ("“%s”, within TLS"), self->capabilities->greeting)
           : g_strdup_printf (_ ("“%s”, in clear"), self->capabilities->greeting));
}

static void
describe_upgrade (PostsealCheckSide *self)
{
  const char *offer = get_fact (self, "offer");
  const char *command = self->endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";

  if (self->policy->level == POSTSEAL_TLS_LOOPBACK)
    set (self, POSTSEAL_STEP_UPGRADE, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("the account has “loopback”")));
  else if (self->endpoint->start == POSTSEAL_TLS_START_IMPLICIT)
    set (self, POSTSEAL_STEP_UPGRADE, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("TLS begins with the first byte")));
  if (offer == NULL || self->steps.steps[POSTSEAL_STEP_UPGRADE].result != POSTSEAL_TRIAL_OK)
    return;
  if (self->seal != NULL && self->seal->tls_version == NULL)
    {
      set (self, POSTSEAL_STEP_UPGRADE, POSTSEAL_TRIAL_UNKNOWN,
           g_strdup_printf (_ ("%s is refused; “opportunistic” goes on in clear"), command));
      return;
    }
  set (self, POSTSEAL_STEP_UPGRADE, POSTSEAL_TRIAL_OK,
       strcmp (offer, "yes") == 0
           ? g_strdup_printf (_ ("%s is offered, and the server agrees to it"), command)
       : strcmp (offer, "no") == 0
           ? g_strdup_printf (_ ("%s is not offered, but the server agrees to it"), command)
           : g_strdup_printf (_ ("the server agrees to %s"), command));
}

static void
describe_tls (PostsealCheckSide *self)
{
  const char *version = get_fact (self, "tls-version");
  const char *exchange = get_fact (self, "key-exchange");

  if (version != NULL)
    set (self, POSTSEAL_STEP_TLS, POSTSEAL_TRIAL_OK,
         g_strdup_printf ("%s, %s%s%s", version, get_fact (self, "cipher"),
                          exchange != NULL ? ", " : "", exchange != NULL ? exchange : ""));
}

/* --- who the server is --- */

/* Returns: (transfer full) */
static char *
join (GPtrArray *words)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", (char *)words->pdata[i]);
  return g_string_free (text, FALSE);
}

static gint64
get_time (const PostsealCheckSide *self, const char *name)
{
  const char *seconds = get_fact (self, name);

  return seconds != NULL ? g_ascii_strtoll (seconds, NULL, 10) : 0;
}

/* Returns: (transfer full) */
static char *
describe_dates (const PostsealCheckSide *self, gint64 now)
{
  gint64 begin = get_time (self, "cert-not-before");
  gint64 end = get_time (self, "cert-not-after");
  g_autofree char *first = postseal_report_format_time (begin);
  g_autofree char *last = postseal_report_format_time (end);
  gint64 days = (end - now) / DAY_S;

  if (now < begin)
    return g_strdup_printf (_ ("valid only from %s"), first);
  if (now >= end)
    return g_strdup_printf (_ ("expired on %s"), last);
  return g_strdup_printf (
      ngettext ("%" PRIi64 " day left, until %s", "%" PRIi64 " days left, until %s", (gulong)days),
      days, last);
}

static gboolean
is_by_dns (const PostsealSeal *seal)
{
  return seal != NULL
         && (seal->voucher == POSTSEAL_VOUCHER_DANE || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN);
}

/* RFC 7671 section 5.1: where the DNS names the key itself, dates mean nothing. */
static PostsealTrialResult
judge_dates (const PostsealCheckSide *self, gint64 now)
{
  if (get_time (self, "cert-not-before") <= now && now < get_time (self, "cert-not-after"))
    return POSTSEAL_TRIAL_OK;
  if (self->seal == NULL)
    return POSTSEAL_TRIAL_FAILED;
  return is_by_dns (self->seal) ? POSTSEAL_TRIAL_NONE : POSTSEAL_TRIAL_UNKNOWN;
}

static void
describe_certificate (PostsealCheckSide *self)
{
  const char *issuer = get_fact (self, "cert-issuer");
  const char *subject = get_fact (self, "cert-subject");
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *names = join (self->steps.names);
  g_autofree char *behind = join (self->steps.behind);
  g_autofree char *dates = describe_dates (self, now);

  if (issuer == NULL)
    return;
  if (*names != '\0')
    subject = names;
  else if (subject == NULL)
    subject = "?";
  set (self, POSTSEAL_STEP_CERTIFICATE, judge_dates (self, now),
       *behind == '\0'
           /* Translators: the names in a certificate, who issued it, and how long it is valid */
           ? g_strdup_printf (_ ("for %s; issued by %s; %s"), subject, issuer, dates)
           : g_strdup_printf (_ ("for %s; issued by %s; %s; sent with %s"), subject, issuer, dates,
                              behind));
}

/* Returns: (transfer full) */
static char *
name_authorities (const PostsealCheckSide *self)
{
  if (self->policy->ca_file != NULL)
    return g_strdup_printf (_ ("an authority of %s"), self->policy->ca_file);
  return g_strdup (_ ("an authority that this system trusts"));
}

static void
describe_trust (PostsealCheckSide *self)
{
  g_autofree char *authority = name_authorities (self);
  PostsealTrialResult result = POSTSEAL_TRIAL_OK;
  char *text = NULL;

  switch (self->seal->voucher)
    {
    case POSTSEAL_VOUCHER_DANE:
    case POSTSEAL_VOUCHER_DANE_PIN:
      text = g_strdup (_ ("the DNS, which is signed, vouches for the server's key (DANE)"));
      break;
    case POSTSEAL_VOUCHER_LOOPBACK:
      result = POSTSEAL_TRIAL_NONE;
      text = g_strdup (_ ("nobody needs to: the server is on this machine"));
      break;
    case POSTSEAL_VOUCHER_NONE:
      result = POSTSEAL_TRIAL_UNKNOWN;
      text = g_strdup (_ ("nobody vouches for the server; the account has “opportunistic”"));
      break;
    case POSTSEAL_VOUCHER_CA:
    case POSTSEAL_VOUCHER_CA_PIN:
    default:
      text = g_strdup_printf (_ ("%s vouches for it"), authority);
      break;
    }
  set (self, POSTSEAL_STEP_TRUST, result, text);
}

static void
describe_name (PostsealCheckSide *self)
{
  if (self->seal->name != NULL)
    set (self, POSTSEAL_STEP_NAME, POSTSEAL_TRIAL_OK,
         strcmp (self->seal->name, self->endpoint->host) == 0
             ? g_strdup_printf (_ ("the certificate is for %s"), self->seal->name)
             : g_strdup_printf (_ ("%s in the certificate stands for %s"), self->seal->name,
                                self->endpoint->host));
  else if (is_by_dns (self->seal))
    set (self, POSTSEAL_STEP_NAME, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("does not matter where the DNS names the key itself")));
}

static void
describe_pin (PostsealCheckSide *self)
{
  guint n_pins = self->policy->pins != NULL ? g_strv_length (self->policy->pins) : 0;

  if (n_pins == 0)
    set (self, POSTSEAL_STEP_PIN, POSTSEAL_TRIAL_NONE, g_strdup (_ ("the account has none")));
  else if (self->seal == NULL || self->seal->spki == NULL)
    return;
  else
    set (self, POSTSEAL_STEP_PIN, POSTSEAL_TRIAL_OK,
         n_pins > 1 ? g_strdup (_ ("the key is one of those that are pinned"))
                    : g_strdup (_ ("the key is the pinned one, and there is no spare")));
}

/* Returns: (transfer none) (nullable) */
static const char *
explain_dane (const char *word)
{
  static const char *const words[][2] = {
    { "none", N_ ("the DNS names no key for this server, and is signed") },
    { "unusable", N_ ("of what the DNS says of the server's key nothing can be used") },
    { "insecure", N_ ("the DNS of this server is not signed") },
    { "bogus", N_ ("the signatures of the DNS are wrong") },
    { "unreachable", N_ ("the DNS does not answer") },
    { "not-asked", N_ ("such a name has no signed DNS") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (word, words[i][0]) == 0)
      return _ (words[i][1]);
  return NULL;
}

static void
describe_dane (PostsealCheckSide *self)
{
  const char *word = get_fact (self, "dane");
  gboolean is_unknown = g_strcmp0 (word, "bogus") == 0 || g_strcmp0 (word, "unreachable") == 0;
  const char *text = explain_dane (word);

  if (self->policy->dane == POSTSEAL_DANE_OFF || self->policy->level == POSTSEAL_TLS_LOOPBACK)
    set (self, POSTSEAL_STEP_DANE, POSTSEAL_TRIAL_NONE, g_strdup (_ ("the DNS is not asked")));
  else if (self->seal != NULL && postseal_seal_has_dane (self->seal))
    set (self, POSTSEAL_STEP_DANE, POSTSEAL_TRIAL_OK,
         g_strdup_printf (_ ("the key is the one that the DNS names (TLSA %s)"), self->seal->dane));
  else if (text != NULL)
    set (self, POSTSEAL_STEP_DANE, is_unknown ? POSTSEAL_TRIAL_UNKNOWN : POSTSEAL_TRIAL_NONE,
         g_strdup (text));
}

/* --- within TLS --- */

static void
describe_resumption (PostsealCheckSide *self)
{
  if (self->seal->tls_version == NULL)
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_NONE, g_strdup (_ ("there is no TLS")));
  else if (self->policy->client_certificate != NULL)
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("not done with a client certificate")));
  else if (self->second_seal == NULL)
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_UNKNOWN, NULL);
  else if (self->second_seal->resumed)
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_OK,
         g_strdup (_ ("a second connection went on with the same session")));
  else if (g_strcmp0 (self->ticket, "late") == 0)
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_UNKNOWN,
         g_strdup (_ ("not tried: the DNS had not said yet whether the key is still good")));
  else
    set (self, POSTSEAL_STEP_RESUMPTION, POSTSEAL_TRIAL_NONE,
         g_strcmp0 (self->ticket, "offered") == 0
             ? g_strdup (_ ("the server begins a new session each time"))
             : g_strdup (_ ("the server gives no ticket for its sessions")));
}

/* Appends what @all has and @others have not. */
static void
append_missing (GString *text, char **all, char **others, gboolean is_before)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  g_autofree char *list = NULL;

  for (char **name = all; *name != NULL; name++)
    if (!g_strv_contains ((const char *const *)others, *name))
      g_ptr_array_add (missing, *name);
  list = join (missing);
  if (missing->len > 0)
    g_string_append_printf (
        text, is_before ? _ ("; only before TLS: %s") : _ ("; only within TLS: %s"), list);
}

static void
describe_capabilities (PostsealCheckSide *self)
{
  const PostsealCapabilities *known = self->capabilities;
  char **before
      = self->exam != NULL && self->exam->facts != NULL ? self->exam->facts->caps_before : NULL;
  g_autofree char *list = known != NULL ? g_strjoinv (", ", known->capabilities) : NULL;
  g_autoptr (GString) text = g_string_new (list);

  if (known == NULL)
    {
      set (self, POSTSEAL_STEP_CAPABILITIES, POSTSEAL_TRIAL_UNKNOWN,
           self->talk_error != NULL ? g_strdup (self->talk_error->message) : NULL);
      return;
    }
  if (*list == '\0')
    g_string_append (text, _ ("the server tells none"));
  if (before != NULL)
    {
      append_missing (text, before, known->capabilities, TRUE);
      append_missing (text, known->capabilities, before, FALSE);
    }
  set (self, POSTSEAL_STEP_CAPABILITIES, POSTSEAL_TRIAL_OK,
       g_string_free (g_steal_pointer (&text), FALSE));
}

/* "SCRAM-SHA-256, PLAIN, LOGIN (IMAP)". Returns: (transfer full) */
static char *
list_mechanisms (const PostsealCapabilities *known)
{
  GString *text = g_string_new (NULL);

  for (char **name = known->mechanisms; *name != NULL; name++)
    {
      const char *shown = strcmp (*name, "IMAP-LOGIN") == 0  ? _ ("the command LOGIN")
                          : strcmp (*name, "POP3-USER") == 0 ? _ ("the command USER")
                                                             : *name;

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", shown);
    }
  return g_string_free (text, FALSE);
}

static void
describe_mechanisms (PostsealCheckSide *self)
{
  const PostsealCapabilities *known = self->capabilities;
  g_autofree char *list = known != NULL ? list_mechanisms (known) : NULL;

  if (known == NULL)
    set (self, POSTSEAL_STEP_MECHANISMS, POSTSEAL_TRIAL_UNKNOWN, NULL);
  else if (*list == '\0')
    set (self, POSTSEAL_STEP_MECHANISMS, POSTSEAL_TRIAL_NONE,
         g_strdup (_ ("the server offers no way to sign in")));
  else if (postseal_capabilities_have_plus (known) && known->binding != NULL)
    set (self, POSTSEAL_STEP_MECHANISMS, POSTSEAL_TRIAL_OK,
         g_strdup_printf (_ ("%s; binding to the channel is possible (%s)"), list, known->binding));
  else
    set (self, POSTSEAL_STEP_MECHANISMS, POSTSEAL_TRIAL_OK,
         g_strdup_printf (_ ("%s; binding to the channel is not offered"), list));
}

/* --- signed in --- */

/* Returns: (transfer full) */
static char *
describe_find (const PostsealCheckSide *self)
{
  if (self->is_sending)
    return self->remark != NULL
               ? g_strdup_printf (_ ("%s may send; of a message to itself the server says “%s”; "
                                     "none was sent"),
                                  self->account->address, self->remark)
               : g_strdup_printf (_ ("%s may send, also to itself; no message was sent"),
                                  self->account->address);
  return g_strdup_printf (ngettext ("%" PRIi64 " message in the inbox, which was opened only to "
                                    "read",
                                    "%" PRIi64 " messages in the inbox, which was opened only to "
                                    "read",
                                    (gulong)self->n_messages),
                          self->n_messages);
}

static void
describe_sign_in (PostsealCheckSide *self)
{
  const char *mechanism = self->second_seal != NULL ? self->second_seal->mechanism : NULL;

  if (!self->signs_in)
    return;
  if (self->is_login_spared)
    set (self, POSTSEAL_STEP_SIGN_IN, POSTSEAL_TRIAL_SKIPPED,
         g_strdup (_ ("not tried: the same password has just been refused")));
  else if (self->login_error != NULL)
    set (self, POSTSEAL_STEP_SIGN_IN, POSTSEAL_TRIAL_FAILED, g_strdup (self->login_error->message));
  else if (!postseal_trial_signs_in (self->account, self->is_sending))
    set (self, POSTSEAL_STEP_SIGN_IN, POSTSEAL_TRIAL_NONE, g_strdup (_ ("nobody signs in here")));
  else if (self->is_signed_in)
    set (self, POSTSEAL_STEP_SIGN_IN, POSTSEAL_TRIAL_OK,
         mechanism != NULL ? g_strdup_printf (_ ("as the user of the account, by %s"), mechanism)
                           : g_strdup (_ ("as the user of the account")));
  if (self->use_error != NULL)
    set (self, POSTSEAL_STEP_USE, POSTSEAL_TRIAL_FAILED, g_strdup (self->use_error->message));
  else if (self->is_signed_in)
    set (self, POSTSEAL_STEP_USE, POSTSEAL_TRIAL_OK, describe_find (self));
}

/* --- where it ended --- */

static const struct
{
  int code;
  PostsealTrialStepKind kind;
} faults[] = {
  { POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_STEP_UPGRADE },
  { POSTSEAL_TLS_ERROR_REFUSED, POSTSEAL_STEP_UPGRADE },
  { POSTSEAL_TLS_ERROR_INJECTED, POSTSEAL_STEP_UPGRADE },
  { POSTSEAL_TLS_ERROR_PREAUTH, POSTSEAL_STEP_GREETING },
  { POSTSEAL_TLS_ERROR_HANDSHAKE, POSTSEAL_STEP_TLS },
  { POSTSEAL_TLS_ERROR_EXPIRED, POSTSEAL_STEP_CERTIFICATE },
  { POSTSEAL_TLS_ERROR_REVOKED, POSTSEAL_STEP_CERTIFICATE },
  { POSTSEAL_TLS_ERROR_UNTRUSTED, POSTSEAL_STEP_TRUST },
  { POSTSEAL_TLS_ERROR_IDENTITY, POSTSEAL_STEP_NAME },
  { POSTSEAL_TLS_ERROR_PIN, POSTSEAL_STEP_PIN },
  { POSTSEAL_TLS_ERROR_DANE_MISMATCH, POSTSEAL_STEP_DANE },
  { POSTSEAL_TLS_ERROR_DANE_MISSING, POSTSEAL_STEP_DANE },
  { POSTSEAL_TLS_ERROR_DNSSEC, POSTSEAL_STEP_DANE },
};

/* Where the engine gave up, or what it gave up for; -1: before the first step. */
static int
find_fault (const PostsealCheckSide *self)
{
  if (g_error_matches (self->error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE))
    return POSTSEAL_STEP_DANE;
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (g_error_matches (self->error, POSTSEAL_TLS_ERROR, faults[i].code))
      return (int)faults[i].kind;
  for (int i = 0; i < POSTSEAL_TRIAL_N_STEPS; i++)
    if (self->steps.steps[i].result == POSTSEAL_TRIAL_FAILED)
      return i;
  return -1;
}

/* What has been under way when it ended is not what is to blame. */
static void
describe_fault (PostsealCheckSide *self)
{
  int kind = find_fault (self);
  gboolean is_named = kind == POSTSEAL_STEP_NAME || kind == POSTSEAL_STEP_PIN;
  gboolean is_ca = g_strcmp0 (get_fact (self, "dane"), "keys") != 0;
  PostsealTrialStep *trust = &self->steps.steps[POSTSEAL_STEP_TRUST];

  for (int i = 0; i < POSTSEAL_TRIAL_N_STEPS; i++)
    if (self->steps.steps[i].result == POSTSEAL_TRIAL_FAILED && i != kind
        && i != POSTSEAL_STEP_CERTIFICATE)
      self->steps.steps[i].result = POSTSEAL_TRIAL_OK;
  /* These come last: what goes before has been good, unless the DNS has the say. */
  if (is_named && is_ca)
    {
      g_autofree char *authority = name_authorities (self);

      set (self, POSTSEAL_STEP_TRUST, POSTSEAL_TRIAL_OK,
           g_strdup_printf (_ ("%s vouches for it"), authority));
    }
  else if (kind != POSTSEAL_STEP_TRUST && trust->result == POSTSEAL_TRIAL_OK)
    set (self, POSTSEAL_STEP_TRUST, POSTSEAL_TRIAL_SKIPPED, NULL);
  if (kind == POSTSEAL_STEP_PIN && is_ca)
    set (self, POSTSEAL_STEP_NAME, POSTSEAL_TRIAL_OK,
         g_strdup_printf (_ ("the certificate is for %s"), self->endpoint->host));
  /* Its dates say more. */
  if (kind >= 0
      && (kind != POSTSEAL_STEP_CERTIFICATE
          || self->steps.steps[kind].result != POSTSEAL_TRIAL_FAILED
          || self->steps.steps[kind].text == NULL))
    set (self, (PostsealTrialStepKind)kind, POSTSEAL_TRIAL_FAILED, g_strdup (self->error->message));
}

void
postseal_check_side_describe (PostsealCheckSide *self)
{
  describe_way (self);
  describe_greeting (self);
  describe_upgrade (self);
  describe_tls (self);
  describe_certificate (self);
  describe_pin (self);
  describe_dane (self);
  if (self->seal == NULL)
    {
      describe_fault (self);
      return;
    }
  if (self->seal->tls_version == NULL)
    set (self, POSTSEAL_STEP_TLS, POSTSEAL_TRIAL_NONE, g_strdup (_ ("the connection is in clear")));
  describe_trust (self);
  describe_name (self);
  describe_resumption (self);
  describe_capabilities (self);
  describe_mechanisms (self);
  describe_sign_in (self);
}
