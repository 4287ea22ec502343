/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-side-findings.h"

#include <glib/gi18n.h>
#include <string.h>

#include "check/finding.h"
#include "engine/account-url.h"
#include "engine/advice.h"
#include "engine/outcome.h"
#include "net/net-error.h"
#include "setup/trouble.h"

/* sysexits.h */
#define STATUS_LATER 75
#define STATUS_PROTOCOL 76
#define STATUS_NO_PERMISSION 77
#define STATUS_CONFIG 78

/* --- advice --- */

/* What the account would have to say. Returns: (transfer full) */
static char *
advise_better (const PostsealCheckSide *self, const PostsealEndpoint *better)
{
  const char *user = self->is_sending ? self->account->send_user : self->account->receive_user;
  g_autofree char *url = postseal_account_url_format (better, user);

  return g_strdup_printf (_ ("set “%s=%s” in account %s: there it works"),
                          self->is_sending ? "send" : "receive", url, self->account->name);
}

/* Returns: (transfer full): one line */
static char *
make_advice (const PostsealCheckSide *self, const GError *error)
{
  PostsealEndpoint *better = self->probe != NULL ? self->probe->better : NULL;
  g_autoptr (PostsealTrouble) trouble
      = postseal_trouble_new (error, self->account, self->endpoint, self->steps.facts, better);
  g_auto (PostsealAdvice) advice = postseal_advice_for (error, self->account);

  if (trouble->better != NULL)
    return advise_better (self, trouble->better);
  if (trouble->uri != NULL)
    return g_strdup_printf ("%s %s", trouble->advice, trouble->uri);
  /* What one can only ask the provider is said better where all is known that was seen. */
  return g_strdup (*advice.sentence == '\0' || strcmp (advice.remedy, "provider") == 0
                       ? trouble->advice
                       : advice.sentence);
}

/* @good, @bad: IDs of findings for what is certain, and for what may be otherwise later */
static void
add_error (const PostsealCheckSide *self,
           GPtrArray *findings,
           const GError *error,
           const char *bad,
           const char *unknown)
{
  g_autofree char *server = postseal_endpoint_to_string (self->endpoint);
  int status = postseal_outcome_exit_status (error);
  gboolean is_certain
      = status == STATUS_PROTOCOL || status == STATUS_NO_PERMISSION || status == STATUS_CONFIG;

  postseal_findings_add (findings, is_certain ? bad : unknown, server,
                         postseal_trial_steps_get_fact (&self->steps, "said"),
                         g_strdup (error->message), make_advice (self, error));
}

/* Whoever says nothing to anybody has done nothing wrong that is known of. */
static gboolean
is_silent (const PostsealCheckSide *self)
{
  return self->exam != NULL && self->exam->facts != NULL
         && self->exam->facts->state == POSTSEAL_PORT_SILENT;
}

/* --- the seal --- */

static void
judge_seal (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  const PostsealSeal *seal = self->seal;
  g_autofree char *evidence = postseal_seal_to_string (seal, g_get_real_time () / G_USEC_PER_SEC);

  if (seal->voucher == POSTSEAL_VOUCHER_LOOPBACK)
    postseal_findings_add (findings, "account-loopback", server, evidence,
                           g_strdup (_ ("not encrypted: the server is on this machine")), NULL);
  else if (postseal_seal_is_verified (seal))
    postseal_findings_add (findings, "account-ok", server, evidence,
                           g_strdup (_ ("the connection is sealed, as the account demands")), NULL);
  else
    postseal_findings_add (
        findings, "account-open", server, evidence,
        seal->tls_version == NULL
            ? g_strdup (_ ("mail leaves in clear: the server does no TLS, and the account allows "
                           "that (“opportunistic”)"))
            : g_strdup (_ ("nobody vouches for the server, and the account allows that "
                           "(“opportunistic”)")),
        g_strdup_printf (_ ("set “send-tls=enforced” in account %s once the server is fit for it"),
                         self->account->name));
}

/* What the server did better before, or what is new. */
static void
judge_changes (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  /* Whether it ends soon is judged with the rest of the certificate, where that was seen. */
  gboolean is_judged = self->exam != NULL && self->exam->facts != NULL && self->exam->facts->chain;
  g_auto (GStrv) changes = postseal_advice_compare_seals (
      NULL, self->seal, is_judged ? 0 : g_get_real_time () / G_USEC_PER_SEC);
  guint n = g_strv_length (changes);
  guint n_news = postseal_advice_count_news (self->seal);

  for (guint i = 0; i < n; i++)
    postseal_findings_add (findings, i + n_news >= n ? "account-renewed" : "account-changed",
                           server, NULL, g_strdup (changes[i]), NULL);
}

static void
judge_resumption (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  const PostsealTrialStep *step = &self->steps.steps[POSTSEAL_STEP_RESUMPTION];

  if (self->seal->tls_version == NULL || self->second_seal == NULL
      || self->policy->client_certificate != NULL || step->result != POSTSEAL_TRIAL_NONE)
    return;
  postseal_findings_add (
      findings, "no-resumption", server, step->text,
      g_strdup (_ ("sessions cannot be resumed, so that each connection pays for "
                   "a full handshake")),
      g_strdup (_ ("the server's owner can allow tickets; nothing is unsafe")));
}

/* --- signing in --- */

/* Whether there is a mechanism that the account may use; what the engine itself would choose is its
   own concern. */
static gboolean
has_mechanism (const PostsealCheckSide *self)
{
  static const char *const usual[] = { "EXTERNAL",
                                       "SCRAM-SHA-256-PLUS",
                                       "SCRAM-SHA-1-PLUS",
                                       "SCRAM-SHA-256",
                                       "SCRAM-SHA-1",
                                       "PLAIN",
                                       "LOGIN",
                                       "IMAP-LOGIN",
                                       "POP3-USER",
                                       NULL };
  const char *const *allowed
      = self->account->auth != NULL ? (const char *const *)self->account->auth : usual;
  const char *password = self->account->password;

  /* A token goes into other mechanisms. */
  if (password == NULL || g_str_has_prefix (password, "goa")
      || g_str_has_prefix (password, "oauth"))
    return TRUE;
  for (char **name = self->capabilities->mechanisms; *name != NULL; name++)
    if (g_strv_contains (allowed, *name)
        || (g_str_has_suffix (*name, "-LOGIN") && g_strv_contains (allowed, "LOGIN")))
      return TRUE;
  return FALSE;
}

static void
judge_mechanisms (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  const PostsealTrialStep *step = &self->steps.steps[POSTSEAL_STEP_MECHANISMS];

  if (self->capabilities == NULL || self->login_error != NULL
      || !postseal_trial_signs_in (self->account, self->is_sending) || has_mechanism (self))
    return;
  postseal_findings_add (
      findings, "login-mechanism", server, step->text,
      g_strdup (_ ("the server offers no way to sign in that the account may use")),
      g_strdup_printf (_ ("ask the provider how to sign in, and set “auth” of account %s"),
                       self->account->name));
}

/* What is sealed may still be another server than the one that was meant. */
static void
judge_talk (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  gboolean is_strange = postseal_outcome_exit_status (self->talk_error) == STATUS_PROTOCOL;

  if (self->talk_error == NULL || self->login_error != NULL)
    return;
  postseal_findings_add (findings, is_strange ? "use-refused" : "use-unknown", server, NULL,
                         g_strdup (self->talk_error->message),
                         is_strange
                             ? g_strdup_printf (_ ("see whether host and port of account %s are "
                                                   "those that the provider names"),
                                                self->account->name)
                             : g_strdup (_ ("try again later")));
}

static void
judge_login (const PostsealCheckSide *self, const char *server, GPtrArray *findings)
{
  if (self->is_login_spared)
    postseal_findings_add (
        findings, "login-unknown", server, NULL,
        g_strdup (_ ("the password was not tried here, since the other server has refused it")),
        NULL);
  else if (self->login_error != NULL)
    add_error (self, findings, self->login_error, "login-refused", "login-unknown");
  else if (self->use_error != NULL)
    add_error (self, findings, self->use_error, "use-refused", "use-unknown");
  else if (self->is_signed_in)
    postseal_findings_add (findings, "login-ok", server,
                           self->steps.steps[POSTSEAL_STEP_SIGN_IN].text,
                           self->is_sending ? g_strdup (_ ("the user may sign in, and send"))
                                            : g_strdup (_ ("the user may sign in, and read")),
                           NULL);
}

/* --- public --- */

void
postseal_check_side_judge (const PostsealCheckSide *self, GPtrArray *findings)
{
  g_autofree char *server = postseal_endpoint_to_string (self->endpoint);

  if (self->error != NULL)
    add_error (self, findings, self->error,
               is_silent (self) ? "account-unreachable" : "account-refused", "account-unreachable");
  else
    {
      judge_seal (self, server, findings);
      judge_changes (self, server, findings);
      judge_resumption (self, server, findings);
      judge_talk (self, server, findings);
      judge_mechanisms (self, server, findings);
      judge_login (self, server, findings);
    }
  /* A certificate that only the DNS vouches for is judged with it, or not at all. */
  if (self->exam != NULL
      && (self->seal == NULL || !postseal_seal_has_dane (self->seal) || self->exam->tlsa != NULL))
    postseal_check_exam_judge (self->exam, self->endpoint, self->policy, findings);
}

int
postseal_check_side_get_status (const PostsealCheckSide *self)
{
  int status = postseal_outcome_exit_status (self->error);

  if (status == STATUS_PROTOCOL && is_silent (self))
    status = STATUS_LATER;
  status = postseal_outcome_graver (status, postseal_outcome_exit_status (self->talk_error));
  status = postseal_outcome_graver (status, postseal_outcome_exit_status (self->login_error));
  return postseal_outcome_graver (status, postseal_outcome_exit_status (self->use_error));
}
