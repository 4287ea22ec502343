/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing in, and what the server will not do for one who has. */
#include "setup/trouble-private.h"

#include <string.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "imap/imap-session.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

/* --- codes --- */

typedef struct
{
  const char *words; /* lower case */
  PostsealTroubleKind kind;
} Phrase;

/* RFC 5530 section 3, RFC 2449 section 8 and RFC 3206 section 4: in brackets. In our own sentences
   the code of IMAP stands without them. */
static const Phrase codes[] = {
  { "AUTHENTICATIONFAILED", POSTSEAL_TROUBLE_PASSWORD },
  { "AUTHORIZATIONFAILED", POSTSEAL_TROUBLE_PASSWORD },
  { "EXPIRED", POSTSEAL_TROUBLE_PASSWORD },
  { "PRIVACYREQUIRED", POSTSEAL_TROUBLE_NO_TLS },
  { "CONTACTADMIN", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "LIMIT", POSTSEAL_TROUBLE_BUSY },
  { "UNAVAILABLE", POSTSEAL_TROUBLE_BUSY },
  { "INUSE", POSTSEAL_TROUBLE_BUSY },
  { "IN-USE", POSTSEAL_TROUBLE_BUSY },
  { "LOGIN-DELAY", POSTSEAL_TROUBLE_BUSY },
  { "SYS/TEMP", POSTSEAL_TROUBLE_BUSY },
  { "SYS/PERM", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "AUTH", POSTSEAL_TROUBLE_PASSWORD },
};

/* RFC 4954 section 6, and what Gmail and Outlook make of it. A three-digit one stands first. */
static const Phrase statuses[] = {
  { "5.7.9", POSTSEAL_TROUBLE_APP_PASSWORD }, { "5.7.14", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "5.7.11", POSTSEAL_TROUBLE_NO_TLS },      { "538", POSTSEAL_TROUBLE_NO_TLS },
  { "5.7.8", POSTSEAL_TROUBLE_PASSWORD },     { "535", POSTSEAL_TROUBLE_PASSWORD },
  { "4.7.0", POSTSEAL_TROUBLE_BUSY },         { "454", POSTSEAL_TROUBLE_BUSY },
  { "421", POSTSEAL_TROUBLE_BUSY },
};

static gboolean
is_word_byte (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '/' || c == '.';
}

/* Not as a part of a longer one. */
static gboolean
has_word (const char *text, const char *word, gboolean in_brackets)
{
  gsize length = strlen (word);

  for (const char *found = strstr (text, word); found != NULL; found = strstr (found + 1, word))
    if ((found == text || !is_word_byte (found[-1])) && !is_word_byte (found[length])
        && (!in_brackets || (found > text && found[-1] == '[')))
      return TRUE;
  return FALSE;
}

/* Returns: -1 for none */
static int
find_code (const PostsealTroubleCase *self)
{
  g_autofree char *upper = g_ascii_strup (self->said != NULL ? self->said : "", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (has_word (upper, codes[i].words, TRUE)
        || (self->error->domain == POSTSEAL_AUTH_ERROR && strlen (codes[i].words) > 6
            && has_word (self->error->message, codes[i].words, FALSE)))
      return (int)codes[i].kind;
  return -1;
}

/* Returns: -1 for none */
static int
find_status (const PostsealTroubleCase *self)
{
  if (self->endpoint->protocol != POSTSEAL_PROTOCOL_SMTP || self->said == NULL)
    return -1;
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      gboolean is_status = strchr (statuses[i].words, '.') != NULL;

      if (is_status ? has_word (self->said, statuses[i].words, FALSE)
                    : g_str_has_prefix (self->said, statuses[i].words))
        return (int)statuses[i].kind;
    }
  return -1;
}

/* --- words --- */

/* What codes do not tell: of Gmail, Outlook, Yahoo, iCloud, GMX, web.de, Dovecot and others. The
   first that fits. */
static const Phrase phrases[] = {
  { "application-specific password", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "app-specific password", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "app specific password", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "app password", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "application password", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "invalidsecondfactor", POSTSEAL_TROUBLE_APP_PASSWORD },
  { "basic authentication is disabled", POSTSEAL_TROUBLE_OAUTH },
  { "basicauthblocked", POSTSEAL_TROUBLE_OAUTH },
  { "basic authentication is not supported", POSTSEAL_TROUBLE_OAUTH },
  { "not enabled for imap", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "not enabled for pop", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "not enabled for smtp", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "imap access is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop access is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3 access is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "smtp access is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "imap is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3 is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "smtpclientauthentication is disabled", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3 and imap", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3 & imap", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3/imap", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "pop3 und imap", POSTSEAL_TROUBLE_SWITCHED_OFF },
  { "too many simultaneous", POSTSEAL_TROUBLE_BUSY },
  { "too many concurrent", POSTSEAL_TROUBLE_BUSY },
  { "too many connections", POSTSEAL_TROUBLE_BUSY },
  { "too many sessions", POSTSEAL_TROUBLE_BUSY },
  { "web login required", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "log in via your web browser", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "log in with your web browser", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "too many", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "account is locked", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "account locked", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "account has been locked", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "locked out", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "temporarily locked", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "blocked", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "disabled", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "suspended", POSTSEAL_TROUBLE_LOCKED_OUT },
  { "deactivated", POSTSEAL_TROUBLE_LOCKED_OUT },
};

/* Returns: -1 for none */
static int
find_phrase (const PostsealTroubleCase *self)
{
  g_autofree char *lower = g_ascii_strdown (self->said != NULL ? self->said : "", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (strstr (lower, phrases[i].words) != NULL)
      return (int)phrases[i].kind;
  return -1;
}

/* --- the kind --- */

static PostsealTroubleKind
judge_vault (const PostsealTroubleCase *self)
{
  switch (self->error->code)
    {
    case POSTSEAL_VAULT_ERROR_ABSENT:
      return POSTSEAL_TROUBLE_NO_SECRET;
    case POSTSEAL_VAULT_ERROR_LOCKED:
      return POSTSEAL_TROUBLE_KEYRING_LOCKED;
    case POSTSEAL_VAULT_ERROR_UNAVAILABLE:
      return POSTSEAL_TROUBLE_NO_KEYRING;
    case POSTSEAL_VAULT_ERROR_REAUTHORIZE:
      return POSTSEAL_TROUBLE_OAUTH;
    case POSTSEAL_VAULT_ERROR_TEMPORARY:
      return POSTSEAL_TROUBLE_BUSY;
    case POSTSEAL_VAULT_ERROR_DENIED:
    case POSTSEAL_VAULT_ERROR_READ_ONLY:
    default:
      return POSTSEAL_TROUBLE_SETTINGS;
    }
}

/* Whether the refusal is about the user, not about a mailbox, a message or the conversation. */
static gboolean
is_about_user (const PostsealTroubleCase *self)
{
  const char *stage = _postseal_trouble_get_fact (self, "stage");

  return self->error->domain == POSTSEAL_AUTH_ERROR || g_strcmp0 (stage, "sign-in") == 0;
}

/* When neither codes nor words of the server tell. */
static PostsealTroubleKind
judge_error (const PostsealTroubleCase *self)
{
  static const int busy_imap[] = { POSTSEAL_IMAP_ERROR_BUSY, POSTSEAL_IMAP_ERROR_LIMIT, -1 };
  static const int busy_pop3[] = { POSTSEAL_POP3_ERROR_BUSY, -1 };
  static const int busy_smtp[] = { POSTSEAL_SMTP_ERROR_BUSY, -1 };
  static const int broken_imap[] = { POSTSEAL_IMAP_ERROR_PROTOCOL, -1 };
  static const int broken_pop3[] = { POSTSEAL_POP3_ERROR_PROTOCOL, -1 };
  static const int broken_smtp[] = { POSTSEAL_SMTP_ERROR_PROTOCOL, -1 };
  static const PostsealTroubleKind of_auth[] = {
    [POSTSEAL_AUTH_ERROR_REJECTED] = POSTSEAL_TROUBLE_PASSWORD,
    [POSTSEAL_AUTH_ERROR_NO_MECHANISM] = POSTSEAL_TROUBLE_NO_MECHANISM,
    [POSTSEAL_AUTH_ERROR_LATCH] = POSTSEAL_TROUBLE_NO_MECHANISM,
    [POSTSEAL_AUTH_ERROR_BUSY] = POSTSEAL_TROUBLE_BUSY,
    [POSTSEAL_AUTH_ERROR_SERVER] = POSTSEAL_TROUBLE_MEDDLED,
    [POSTSEAL_AUTH_ERROR_SETTINGS] = POSTSEAL_TROUBLE_SETTINGS,
  };
  const GError *error = self->error;

  if (error->domain == POSTSEAL_AUTH_ERROR)
    return (gsize)error->code < G_N_ELEMENTS (of_auth) ? of_auth[error->code]
                                                       : POSTSEAL_TROUBLE_OTHER;
  if (_postseal_trouble_is_one_of (error, POSTSEAL_IMAP_ERROR, busy_imap)
      || _postseal_trouble_is_one_of (error, POSTSEAL_POP3_ERROR, busy_pop3)
      || _postseal_trouble_is_one_of (error, POSTSEAL_SMTP_ERROR, busy_smtp))
    return POSTSEAL_TROUBLE_BUSY;
  if (_postseal_trouble_is_one_of (error, POSTSEAL_IMAP_ERROR, broken_imap)
      || _postseal_trouble_is_one_of (error, POSTSEAL_POP3_ERROR, broken_pop3)
      || _postseal_trouble_is_one_of (error, POSTSEAL_SMTP_ERROR, broken_smtp))
    return POSTSEAL_TROUBLE_PROTOCOL;
  return POSTSEAL_TROUBLE_OTHER;
}

/* Where the server's words count: not those that a peer without a proof has said. */
static gboolean
may_words_decide (const PostsealTroubleCase *self)
{
  static const int own[]
      = { POSTSEAL_AUTH_ERROR_LATCH, POSTSEAL_AUTH_ERROR_SERVER, POSTSEAL_AUTH_ERROR_SETTINGS, -1 };

  return is_about_user (self) && judge_error (self) != POSTSEAL_TROUBLE_PROTOCOL
         && !_postseal_trouble_is_one_of (self->error, POSTSEAL_AUTH_ERROR, own);
}

PostsealTroubleKind
_postseal_trouble_judge_talk (const PostsealTroubleCase *self)
{
  PostsealTroubleKind kind = POSTSEAL_TROUBLE_OTHER;
  int found = -1;

  if (self->error->domain == POSTSEAL_VAULT_ERROR)
    return judge_vault (self);
  kind = judge_error (self);
  if (g_strcmp0 (_postseal_trouble_get_fact (self, "stage"), "envelope") == 0)
    return kind == POSTSEAL_TROUBLE_OTHER ? POSTSEAL_TROUBLE_SENDER : kind;
  if (!may_words_decide (self))
    return kind;
  /* Words say more than codes: a password that is right but not for programs is "rejected", too. */
  found = find_phrase (self);
  if (found < 0)
    found = find_status (self);
  if (found < 0)
    found = find_code (self);
  return _postseal_trouble_refine (self, found >= 0 ? (PostsealTroubleKind)found : kind);
}
