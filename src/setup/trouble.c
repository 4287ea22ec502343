/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/trouble-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/printable.h"
#include "engine/account-store.h"
#include "imap/imap-session.h"
#include "net/net-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

/* --- what all kinds share --- */

const char *
_postseal_trouble_get_fact (const PostsealTroubleCase *self, const char *name)
{
  return self->facts != NULL ? g_hash_table_lookup (self->facts, name) : NULL;
}

gboolean
_postseal_trouble_is_one_of (const GError *error, GQuark domain, const int *codes)
{
  if (error->domain != domain)
    return FALSE;
  while (*codes >= 0 && *codes != error->code)
    codes++;
  return *codes >= 0;
}

void
_postseal_trouble_set (PostsealTrouble *self, const char *title, char *text, const char *advice)
{
  self->title = g_strdup (_ (title));
  self->text = text;
  self->advice = g_strdup (_ (advice));
}

char *
_postseal_trouble_get_sentence (const PostsealTroubleCase *self)
{
  const char *message = self->error->message;

  return g_strconcat (message, g_str_has_suffix (message, ".") ? "" : ".", NULL);
}

const char *
_postseal_trouble_name_upgrade (const PostsealEndpoint *endpoint)
{
  return endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";
}

/* --- what the server said --- */

static gboolean
is_from_server (const GError *error)
{
  return error->domain == POSTSEAL_AUTH_ERROR || error->domain == POSTSEAL_IMAP_ERROR
         || error->domain == POSTSEAL_POP3_ERROR || error->domain == POSTSEAL_SMTP_ERROR;
}

/* What was said before TLS stands in our own sentence alone, which says that nobody vouches for it.
 */
static gboolean
is_from_vestibule (const GError *error)
{
  static const int codes[] = { POSTSEAL_TLS_ERROR_NOT_OFFERED, POSTSEAL_TLS_ERROR_REFUSED,
                               POSTSEAL_TLS_ERROR_VESTIBULE, -1 };

  return _postseal_trouble_is_one_of (error, POSTSEAL_TLS_ERROR, codes)
         || g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED);
}

/* Our own sentences end with the server's words in quotation marks, whichever the language has,
   maybe in parentheses. Returns: (transfer full) (nullable) */
static char *
cut_quotation (const char *sentence)
{
  static const char *const closers[] = { "”", "“", "»" };
  static const char *const openers[] = { "“", "„", "«" };
  g_autofree char *message = g_strdup (sentence);
  const char *start = NULL;

  if (g_str_has_suffix (message, ")"))
    message[strlen (message) - 1] = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (closers); i++)
    if (g_str_has_suffix (message, closers[i]))
      {
        gsize length = strlen (message) - strlen (closers[i]);

        for (gsize k = 0; k < G_N_ELEMENTS (openers); k++)
          {
            const char *found = g_strrstr_len (message, (gssize)length, openers[k]);

            if (found != NULL && (start == NULL || found > start))
              start = found + strlen (openers[k]);
          }
        if (start != NULL)
          return g_strndup (start, (gsize)(message + length - start));
      }
  return NULL;
}

/* Returns: (transfer full) (nullable) */
static char *
find_said (const GError *error, GHashTable *facts)
{
  const char *fact = facts != NULL ? g_hash_table_lookup (facts, "said") : NULL;
  g_autofree char *quoted = NULL;

  if (fact == NULL && (is_from_server (error) || is_from_vestibule (error)))
    fact = quoted = cut_quotation (error->message);
  return fact != NULL && *fact != '\0' ? postseal_printable (fact, -1) : NULL;
}

/* --- the kind --- */

static PostsealTroubleKind
judge (const PostsealTroubleCase *self)
{
  const GError *error = self->error;

  if (error->domain == POSTSEAL_NET_ERROR)
    return _postseal_trouble_judge_net (self);
  if (error->domain == POSTSEAL_TLS_ERROR)
    return _postseal_trouble_judge_tls (self);
  if (error->domain == POSTSEAL_CONFIG_ERROR)
    return POSTSEAL_TROUBLE_SETTINGS;
  if (error->domain == POSTSEAL_VAULT_ERROR || is_from_server (error))
    return _postseal_trouble_judge_talk (self);
  return POSTSEAL_TROUBLE_OTHER;
}

/* --- what one click can do --- */

/* What the DNS says of a server's key holds for its other ports, too, or is left out there. */
static gboolean
is_about_keys (const GError *error)
{
  static const int codes[] = { POSTSEAL_TLS_ERROR_DANE_MISMATCH, POSTSEAL_TLS_ERROR_DANE_MISSING,
                               POSTSEAL_TLS_ERROR_DNSSEC, -1 };

  return _postseal_trouble_is_one_of (error, POSTSEAL_TLS_ERROR, codes);
}

/* Where another port may be the answer. Never where a certificate is wrong: that is not mended by
   another door. */
static gboolean
is_about_the_door (PostsealTroubleKind kind)
{
  static const PostsealTroubleKind kinds[] = {
    POSTSEAL_TROUBLE_REFUSED,  POSTSEAL_TROUBLE_SILENT,  POSTSEAL_TROUBLE_WRONG_START,
    POSTSEAL_TROUBLE_NO_TLS,   POSTSEAL_TROUBLE_OLD_TLS, POSTSEAL_TROUBLE_MEDDLED,
    POSTSEAL_TROUBLE_PROTOCOL,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (kinds[i] == kind)
      return TRUE;
  return FALSE;
}

static PostsealRemedy
choose_remedy (const PostsealTroubleCase *self, const PostsealTrouble *trouble)
{
  static const PostsealRemedy remedies[] = {
    [POSTSEAL_TROUBLE_NO_NETWORK] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_REFUSED] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_SILENT] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_EXPIRED] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_NOT_YET_VALID] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_PASSWORD] = POSTSEAL_REMEDY_PASSWORD,
    [POSTSEAL_TROUBLE_APP_PASSWORD] = POSTSEAL_REMEDY_PASSWORD,
    [POSTSEAL_TROUBLE_SWITCHED_OFF] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_OAUTH] = POSTSEAL_REMEDY_BROWSER,
    [POSTSEAL_TROUBLE_BUSY] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_KEYRING_LOCKED] = POSTSEAL_REMEDY_UNLOCK,
    [POSTSEAL_TROUBLE_NO_KEYRING] = POSTSEAL_REMEDY_RETRY,
    [POSTSEAL_TROUBLE_NO_SECRET] = POSTSEAL_REMEDY_PASSWORD,
    [POSTSEAL_TROUBLE_OTHER] = POSTSEAL_REMEDY_RETRY,
  };

  if (trouble->better != NULL)
    return POSTSEAL_REMEDY_ENDPOINT;
  if (trouble->uri != NULL)
    return POSTSEAL_REMEDY_URI;
  if (g_error_matches (self->error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH)
      || g_error_matches (self->error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH))
    return POSTSEAL_REMEDY_FORGET;
  if (trouble->kind == POSTSEAL_TROUBLE_OAUTH && !_postseal_trouble_can_consent (self))
    return POSTSEAL_REMEDY_NONE;
  return (gsize)trouble->kind < G_N_ELEMENTS (remedies) ? remedies[trouble->kind]
                                                        : POSTSEAL_REMEDY_NONE;
}

/* Returns: (transfer full): what @better has, port and kind of encryption, whichever is another */
static char *
advise_better (PostsealTroubleKind kind, const PostsealEndpoint *better)
{
  g_autofree char *advice = NULL;

  if (better->start == POSTSEAL_TLS_START_IMPLICIT)
    advice = g_strdup_printf (_ ("Use encryption from the first byte on port %u, which works."),
                              better->port);
  else
    /* Translators: the first is the name of a command: STARTTLS or STLS. */
    advice = g_strdup_printf (_ ("Use %s on port %u, which works."),
                              _postseal_trouble_name_upgrade (better), better->port);
  if (kind != POSTSEAL_TROUBLE_MEDDLED)
    return g_steal_pointer (&advice);
  return g_strconcat (advice, " ", _ ("Try another network, too, and tell the provider."), NULL);
}

/* --- public --- */

PostsealTrouble *
postseal_trouble_new (const GError *error,
                      PostsealAccount *account,
                      PostsealEndpoint *endpoint,
                      GHashTable *facts,
                      PostsealEndpoint *better)
{
  PostsealTrouble *self;
  PostsealTroubleCase known = { error, account, endpoint, facts, NULL, 0 };

  g_return_val_if_fail (error != NULL, NULL);
  g_return_val_if_fail (endpoint != NULL, NULL);

  self = g_new0 (PostsealTrouble, 1);
  self->is_sending = endpoint->protocol == POSTSEAL_PROTOCOL_SMTP;
  self->said = find_said (error, facts);
  known.said = self->said;
  known.now_s = g_get_real_time () / G_USEC_PER_SEC;
  self->kind = judge (&known);
  if (better != NULL && is_about_the_door (self->kind) && !is_about_keys (error))
    {
      self->better = postseal_endpoint_ref (better);
      self->is_same_port = better->port == endpoint->port;
    }
  self->uri = _postseal_trouble_find_page (&known, self->kind);
  if (error->domain == POSTSEAL_TLS_ERROR)
    self->fingerprint = g_strdup (_postseal_trouble_get_fact (&known, "cert-fingerprint"));
  if (self->kind == POSTSEAL_TROUBLE_UNKNOWN_ISSUER)
    self->pin = g_strdup (_postseal_trouble_get_fact (&known, "cert-key"));
  self->remedy = choose_remedy (&known, self);
  if (!_postseal_trouble_describe_net (&known, self)
      && !_postseal_trouble_describe_tls (&known, self)
      && !_postseal_trouble_describe_talk (&known, self))
    _postseal_trouble_set (self, N_ ("The connection failed"),
                           _postseal_trouble_get_sentence (&known),
                           N_ ("Try again; if it fails again, show the report to somebody who can "
                               "help."));
  if (self->better != NULL)
    {
      g_free (self->advice);
      self->advice = advise_better (self->kind, self->better);
    }
  return self;
}

PostsealTrouble *
postseal_trouble_copy (const PostsealTrouble *self)
{
  PostsealTrouble *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (PostsealTrouble, 1);
  *copy = *self;
  copy->title = g_strdup (self->title);
  copy->text = g_strdup (self->text);
  copy->said = g_strdup (self->said);
  copy->advice = g_strdup (self->advice);
  copy->better = self->better != NULL ? postseal_endpoint_ref (self->better) : NULL;
  copy->uri = g_strdup (self->uri);
  copy->pin = g_strdup (self->pin);
  copy->fingerprint = g_strdup (self->fingerprint);
  return copy;
}

void
postseal_trouble_free (PostsealTrouble *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->text);
  g_free (self->said);
  g_free (self->advice);
  g_clear_pointer (&self->better, postseal_endpoint_unref);
  g_free (self->uri);
  g_free (self->pin);
  g_free (self->fingerprint);
  g_free (self);
}

static char *
label_better (const PostsealTrouble *self)
{
  if (!self->is_same_port)
    return g_strdup_printf (_ ("Try port _%u"), self->better->port);
  if (self->better->start == POSTSEAL_TLS_START_IMPLICIT)
    return g_strdup (_ ("Try _encryption from the first byte"));
  /* Translators: the name of a command: STARTTLS or STLS. */
  return g_strdup_printf (_ ("Try _%s"), _postseal_trouble_name_upgrade (self->better));
}

char *
postseal_trouble_get_remedy_label (const PostsealTrouble *self)
{
  static const char *const labels[] = {
    [POSTSEAL_REMEDY_RETRY] = N_ ("_Try again"),
    [POSTSEAL_REMEDY_PASSWORD] = N_ ("Type the _password again"),
    [POSTSEAL_REMEDY_URI] = N_ ("_Open the provider's page"),
    [POSTSEAL_REMEDY_BROWSER] = N_ ("_Sign in in the browser"),
    [POSTSEAL_REMEDY_UNLOCK] = N_ ("_Unlock the keyring"),
    [POSTSEAL_REMEDY_FORGET] = N_ ("_Forget what is known of the server"),
  };

  g_return_val_if_fail (self != NULL, NULL);

  if (self->remedy == POSTSEAL_REMEDY_ENDPOINT && self->better != NULL)
    return label_better (self);
  if (self->kind == POSTSEAL_TROUBLE_NO_SECRET && self->remedy == POSTSEAL_REMEDY_PASSWORD)
    return g_strdup (_ ("Type the _password"));
  if ((gsize)self->remedy < G_N_ELEMENTS (labels) && labels[self->remedy] != NULL)
    return g_strdup (_ (labels[self->remedy]));
  return NULL;
}

char *
postseal_describe_tls_start (const PostsealEndpoint *endpoint)
{
  g_return_val_if_fail (endpoint != NULL, NULL);

  if (endpoint->start == POSTSEAL_TLS_START_IMPLICIT)
    return g_strdup_printf (_ ("Encrypted from the first byte (port %u)"), endpoint->port);
  /* Translators: the first is the name of a command: STARTTLS or STLS. */
  return g_strdup_printf (_ ("Encrypted after %s, refused if that fails (port %u)"),
                          _postseal_trouble_name_upgrade (endpoint), endpoint->port);
}
