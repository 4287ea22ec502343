/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/advice.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/lock-file.h"
#include "engine/account-store.h"
#include "imap/imap-session.h"
#include "mail/ledger.h"
#include "mail/sink.h"
#include "net/key-history.h"
#include "net/net-error.h"
#include "outbox/outbox-error.h"
#include "pop3/pop3-session.h"
#include "smtp/smtp-session.h"

#define WARNING_DAYS 14
#define DAY_S 86400

/* --- what an error means --- */

typedef struct
{
  GQuark (*domain) (void);
  int code; /* -1: any that does not stand before */
  PostsealVerdict verdict;
} Rule;

#define WAITS                                                                                      \
  {                                                                                                \
    POSTSEAL_ACCOUNT_WAITING, FALSE, FALSE                                                         \
  }
#define SERVER_WAITS                                                                               \
  {                                                                                                \
    POSTSEAL_ACCOUNT_WAITING, TRUE, FALSE                                                          \
  }
#define STANDS(state)                                                                              \
  {                                                                                                \
    POSTSEAL_ACCOUNT_##state, FALSE, FALSE                                                         \
  }

/* The first that fits. What stands nowhere is transient. */
static const Rule rules[] = {
  { postseal_config_error_quark, -1, STANDS (REFUSED) },
  { postseal_lock_error_quark, POSTSEAL_LOCK_ERROR_BUSY, STANDS (BUSY) },

  { postseal_net_error_quark, POSTSEAL_NET_ERROR_CONNECT, SERVER_WAITS },
  { postseal_net_error_quark, POSTSEAL_NET_ERROR_TIMEOUT, SERVER_WAITS },

  /* A server that is overloaded, or restarts, hangs up before TLS stands: nothing was entrusted to
     it. */
  { postseal_tls_error_quark, POSTSEAL_TLS_ERROR_VESTIBULE, SERVER_WAITS },
  { postseal_tls_error_quark, POSTSEAL_TLS_ERROR_INTERRUPTED, SERVER_WAITS },
  { postseal_tls_error_quark, POSTSEAL_TLS_ERROR_TRUNCATED, WAITS },
  { postseal_tls_error_quark, -1, STANDS (REFUSED) },

  { postseal_auth_error_quark, POSTSEAL_AUTH_ERROR_BUSY, SERVER_WAITS },
  { postseal_auth_error_quark, -1, STANDS (REFUSED) },

  { postseal_vault_error_quark, POSTSEAL_VAULT_ERROR_LOCKED, STANDS (LOCKED) },
  /* There at log-in only, like the keyring itself: what ends the one ends the other. */
  { postseal_vault_error_quark, POSTSEAL_VAULT_ERROR_UNAVAILABLE, STANDS (LOCKED) },
  { postseal_vault_error_quark, POSTSEAL_VAULT_ERROR_REAUTHORIZE, STANDS (REAUTHORIZE) },
  { postseal_vault_error_quark, POSTSEAL_VAULT_ERROR_TEMPORARY, WAITS },
  { postseal_vault_error_quark, -1, STANDS (REFUSED) },

  { postseal_imap_error_quark, POSTSEAL_IMAP_ERROR_BUSY, SERVER_WAITS },
  { postseal_pop3_error_quark, POSTSEAL_POP3_ERROR_BUSY, SERVER_WAITS },
  { postseal_smtp_error_quark, POSTSEAL_SMTP_ERROR_BUSY, WAITS }, /* but for 421 */

  { postseal_sink_error_quark, POSTSEAL_SINK_ERROR_CANNOT_WRITE, STANDS (REFUSED) },
  { postseal_sink_error_quark, POSTSEAL_SINK_ERROR_NOT_LOOPBACK, STANDS (REFUSED) },
  { postseal_outbox_error_quark, POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE, STANDS (REFUSED) },
  { postseal_ledger_error_quark, POSTSEAL_LEDGER_ERROR_DAMAGED, STANDS (REFUSED) },
  { g_file_error_quark, G_FILE_ERROR_NOSPC, STANDS (FULL) },
  { g_io_error_quark, G_IO_ERROR_NO_SPACE, STANDS (FULL) },
};

/* Of the layers that store: the error's code does not tell a full disk from others. */
static gboolean
is_about_storage (const GError *error)
{
  return error->domain == POSTSEAL_SINK_ERROR || error->domain == POSTSEAL_LEDGER_ERROR
         || error->domain == POSTSEAL_OUTBOX_ERROR || error->domain == G_FILE_ERROR
         || error->domain == G_IO_ERROR;
}

static gboolean
is_without_room (const GError *error)
{
  return is_about_storage (error)
         && (strstr (error->message, g_strerror (ENOSPC)) != NULL
             || strstr (error->message, g_strerror (EDQUOT)) != NULL
             || strstr (error->message, g_strerror (EFBIG)) != NULL
             || strstr (error->message, "database or disk is full") != NULL);
}

/* Our own sentences have none of these words; the server's stand at the end. */
static gboolean
says (const GError *error, const char *const *phrases)
{
  g_autofree char *words = g_ascii_strdown (error->message, -1);

  for (gsize i = 0; phrases[i] != NULL; i++)
    if (strstr (words, phrases[i]) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
is_from_server (const GError *error)
{
  return error->domain == POSTSEAL_AUTH_ERROR || error->domain == POSTSEAL_IMAP_ERROR
         || error->domain == POSTSEAL_POP3_ERROR || error->domain == POSTSEAL_SMTP_ERROR;
}

/* Few servers have RFC 5530's [LIMIT]; some say it as though the password were wrong. */
static gboolean
is_one_too_many (const GError *error)
{
  static const char *const phrases[] = {
    "[limit]",
    "too many connections",
    "too many simultaneous",
    "too many concurrent",
    "too many sessions",
    "maximum number of connections",
    "number of connections from user",
    "connection limit",
    "connections exceeded",
    NULL,
  };

  return g_error_matches (error, POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT)
         || (is_from_server (error) && says (error, phrases));
}

/* Somebody else uses the maildrop, or we were here a moment ago (RFC 2449 section 8.1): this
   account's own affair. */
static gboolean
is_mailbox_taken (const GError *error)
{
  static const char *const phrases[]
      = { "in-use", "inuse", "in use", "login-delay", "locked", NULL };

  return is_from_server (error) && says (error, phrases);
}

/* RFC 5321 section 3.8, before TLS (closed) or after it (busy). A number of the server's name has
   no blank behind it. */
static gboolean
is_server_closing (const GError *error)
{
  return (g_error_matches (error, POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_BUSY)
          || g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED))
         && strstr (error->message, "421 ") != NULL;
}

/* Nobody's fault but the network's. */
static gboolean
is_unreachable (const GError *error)
{
  return g_error_matches (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CONNECT)
         && (strstr (error->message, g_strerror (ENETUNREACH)) != NULL
             || strstr (error->message, g_strerror (EHOSTUNREACH)) != NULL
             || strstr (error->message, g_strerror (ENETDOWN)) != NULL);
}

static PostsealVerdict
apply_rules (const GError *error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rules); i++)
    if (error->domain == rules[i].domain () && (rules[i].code < 0 || rules[i].code == error->code))
      return rules[i].verdict;
  return (PostsealVerdict)WAITS;
}

PostsealVerdict
postseal_advice_judge (const GError *error)
{
  PostsealVerdict verdict = WAITS;

  if (error == NULL)
    return verdict;
  verdict = apply_rules (error);
  if (is_without_room (error))
    verdict.state = POSTSEAL_ACCOUNT_FULL;
  else if (is_one_too_many (error))
    verdict = (PostsealVerdict){ POSTSEAL_ACCOUNT_WAITING, FALSE, TRUE };
  else if (is_mailbox_taken (error) || is_unreachable (error))
    verdict.is_servers = FALSE;
  else if (is_server_closing (error))
    verdict.is_servers = TRUE;
  return verdict;
}

/* --- what to do about it --- */

void
postseal_advice_clear (PostsealAdvice *self)
{
  g_clear_pointer (&self->sentence, g_free);
}

/* @sentence: (transfer full) */
static PostsealAdvice
advise (const char *remedy, char *sentence)
{
  return (PostsealAdvice){ remedy, sentence };
}

static PostsealAdvice
advise_nothing (void)
{
  return advise ("", g_strdup (""));
}

static PostsealAdvice
advise_about_consent (const PostsealAccount *account)
{
  if (account->password != NULL && g_str_has_prefix (account->password, "goa"))
    return advise ("online-account",
                   g_strdup (_ ("Open Settings, Online Accounts, and sign in there again; it goes "
                                "on by itself then")));
  return advise ("consent", g_strdup_printf (
                                _ ("Give your consent again: run “postseal password authorize %s”"),
                                account->name));
}

static gboolean
has_tokens (const PostsealAccount *account)
{
  return account->password != NULL
         && postseal_vault_get_spec_kind (account->password) == POSTSEAL_VAULT_TOKEN;
}

static PostsealAdvice
advise_about_place (const PostsealAccount *account)
{
  return advise ("place", g_strdup_printf (_ ("See to what account %s has as “password”: “%s”"),
                                           account->name, account->password));
}

static PostsealAdvice
advise_about_secret (const PostsealAccount *account)
{
  if (has_tokens (account))
    return advise_about_consent (account);
  if (account->password == NULL || g_str_equal (account->password, "secret-service"))
    return advise ("password",
                   g_strdup_printf (_ ("Store the right password: run “postseal password set %s”"),
                                    account->name));
  return advise_about_place (account);
}

static PostsealAdvice
advise_about_latch (const PostsealAccount *account)
{
  return advise ("forget", g_strdup_printf (_ ("If the provider confirms the change, run “postseal "
                                               "account edit %s --forget-latches”"),
                                            account->name));
}

static PostsealAdvice
advise_about_log_in (const GError *error, const PostsealAccount *account)
{
  switch (error->code)
    {
    case POSTSEAL_AUTH_ERROR_REJECTED:
      return advise_about_secret (account);
    case POSTSEAL_AUTH_ERROR_NO_MECHANISM:
      return advise (
          "mechanisms",
          g_strdup_printf (_ ("Ask the provider how to sign in, and set “auth” of account %s"),
                           account->name));
    case POSTSEAL_AUTH_ERROR_LATCH:
      return advise_about_latch (account);
    case POSTSEAL_AUTH_ERROR_SERVER:
      return advise (
          "provider",
          g_strdup (_ ("Ask the provider: this may be another server than it claims to be")));
    case POSTSEAL_AUTH_ERROR_SETTINGS:
      return advise ("settings", g_strdup_printf (_ ("Correct user name or password of account %s"),
                                                  account->name));
    case POSTSEAL_AUTH_ERROR_BUSY:
    default:
      return advise_nothing ();
    }
}

static PostsealAdvice
advise_about_vault (const GError *error, const PostsealAccount *account)
{
  switch (error->code)
    {
    case POSTSEAL_VAULT_ERROR_LOCKED:
      return advise ("unlock", g_strdup (_ ("Unlock the keyring; it goes on by itself then")));
    case POSTSEAL_VAULT_ERROR_UNAVAILABLE:
      return advise ("keyring", g_strdup_printf (_ ("Start the keyring, or set “password” of "
                                                    "account %s to another place"),
                                                 account->name));
    case POSTSEAL_VAULT_ERROR_REAUTHORIZE:
      return advise_about_consent (account);
    case POSTSEAL_VAULT_ERROR_TEMPORARY:
      return advise_nothing ();
    default:
      if (error->code == POSTSEAL_VAULT_ERROR_DENIED && has_tokens (account))
        return advise_about_place (account);
      return advise_about_secret (account);
    }
}

static PostsealAdvice
advise_about_tls (const GError *error, const PostsealAccount *account)
{
  switch (error->code)
    {
    case POSTSEAL_TLS_ERROR_LATCH:
      return advise_about_latch (account);
    case POSTSEAL_TLS_ERROR_PIN:
      return advise ("pin", g_strdup_printf (_ ("If the provider confirms the new key, change the "
                                                "pin of account %s"),
                                             account->name));
    case POSTSEAL_TLS_ERROR_SETTINGS:
    case POSTSEAL_TLS_ERROR_DANE_MISSING:
    case POSTSEAL_TLS_ERROR_WRONG_START:
    case POSTSEAL_TLS_ERROR_NOT_LOOPBACK:
      return advise ("settings", g_strdup_printf (_ ("Correct the server's settings of account %s"),
                                                  account->name));
    case POSTSEAL_TLS_ERROR_EXPIRED:
      return advise ("clock", g_strdup (_ ("See whether this computer's clock is right; if it is, "
                                           "tell the provider")));
    case POSTSEAL_TLS_ERROR_VESTIBULE:
    case POSTSEAL_TLS_ERROR_INTERRUPTED:
    case POSTSEAL_TLS_ERROR_TRUNCATED:
      return advise_nothing ();
    default:
      return advise ("provider",
                     g_strdup (_ ("If this network asks for a log-in of its own, sign in there; "
                                  "else ask the provider, and change nothing before")));
    }
}

static PostsealAdvice
advise_about_storage (const GError *error)
{
  PostsealAccountState state = postseal_advice_judge (error).state;

  if (state == POSTSEAL_ACCOUNT_FULL)
    return advise ("room", g_strdup (_ ("Make room on the disk")));
  if (state == POSTSEAL_ACCOUNT_REFUSED)
    return advise ("storage", g_strdup (_ ("See to the place that the error names; nothing is lost "
                                           "meanwhile")));
  return advise_nothing ();
}

PostsealAdvice
postseal_advice_for (const GError *error, PostsealAccount *account)
{
  g_return_val_if_fail (account != NULL, advise_nothing ());

  if (error == NULL)
    return advise_nothing ();
  if (postseal_advice_judge (error).is_limit)
    return advise (
        "connections",
        g_strdup_printf (_ ("Close other mail programs, or set “connections” of account %s lower"),
                         account->name));
  if (error->domain == POSTSEAL_AUTH_ERROR)
    return advise_about_log_in (error, account);
  if (error->domain == POSTSEAL_VAULT_ERROR)
    return advise_about_vault (error, account);
  if (error->domain == POSTSEAL_TLS_ERROR)
    return advise_about_tls (error, account);
  if (error->domain == POSTSEAL_CONFIG_ERROR)
    return advise ("settings", g_strdup (_ ("Correct accounts.conf")));
  if (is_about_storage (error))
    return advise_about_storage (error);
  return advise_nothing ();
}

/* --- what has changed --- */

static void add (GPtrArray *sentences, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add (GPtrArray *sentences, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (sentences, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static const char *
get_or_nothing (const char *text)
{
  return text != NULL ? text : _ ("none");
}

static gboolean
is_pinned (const PostsealSeal *seal)
{
  return seal->voucher == POSTSEAL_VOUCHER_CA_PIN || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN;
}

/* "TLS 1.2" sorts before "TLS 1.3"; no TLS before both. @before: (nullable) */
static void
compare_tls (GPtrArray *sentences, const PostsealSeal *before, const PostsealSeal *now)
{
  const char *version = before != NULL ? before->tls_version : NULL;

  if (g_strcmp0 (version, now->tls_before) < 0)
    version = now->tls_before;
  if (g_strcmp0 (now->tls_version, version) < 0)
    add (sentences,
         _ ("The connection is sealed by an older version of TLS than before: %s, it "
            "was %s"),
         get_or_nothing (now->tls_version), version);
}

static void
compare_voucher (GPtrArray *sentences, const PostsealSeal *before, const PostsealSeal *now)
{
  if (now->voucher == POSTSEAL_VOUCHER_NONE && before->voucher != POSTSEAL_VOUCHER_NONE)
    add (sentences, _ ("Nobody vouches for the server any more"));
  else if (postseal_seal_is_verified (now) && is_pinned (before) && !is_pinned (now))
    add (sentences, _ ("The server's key is not pinned any more"));
}

/* The DNS says so, signed: the owner's own word. */
static gboolean
has_given_up_dane (const PostsealSeal *seal)
{
  return seal->dane_before != NULL
         && (g_strcmp0 (seal->dane, "none") == 0 || g_strcmp0 (seal->dane, "unusable") == 0);
}

/* @before: (nullable) */
static void
compare_dane (GPtrArray *sentences, const PostsealSeal *before, const PostsealSeal *now)
{
  gboolean is_missed = before != NULL && postseal_seal_has_dane (before) && now->dane != NULL;

  if (!postseal_seal_has_dane (now) && (is_missed || now->dane_before != NULL)
      && !has_given_up_dane (now))
    add (sentences, _ ("The DNS does not vouch for the server any more (DANE)"));
}

/* As the authenticator ranks them; what the password is not shown to stands above. */
static int
rank_mechanism (const char *mechanism)
{
  if (g_str_equal (mechanism, "EXTERNAL"))
    return 3;
  if (!g_str_has_prefix (mechanism, "SCRAM-"))
    return 0;
  return g_str_has_suffix (mechanism, "-PLUS") ? 2 : 1;
}

static void
compare_mechanism (GPtrArray *sentences, const PostsealSeal *before, const PostsealSeal *now)
{
  if (before->mechanism == NULL || now->mechanism == NULL)
    return;
  if (rank_mechanism (now->mechanism) < rank_mechanism (before->mechanism))
    add (sentences, _ ("The log-in is weaker than before: %s, it was %s"), now->mechanism,
         before->mechanism);
}

/* A resumed session shows the certificate of the one it resumes. */
static void
compare_certificate (GPtrArray *sentences, const PostsealSeal *before, const PostsealSeal *now)
{
  if (before->spki == NULL || now->spki == NULL)
    return;
  if (g_strcmp0 (now->name, before->name) != 0)
    add (sentences, _ ("The certificate is for another name: %s, it was %s"),
         get_or_nothing (now->name), get_or_nothing (before->name));
}

static gboolean
is_stranger (const PostsealSeal *seal)
{
  return g_strcmp0 (seal->key_change, postseal_key_news_name (POSTSEAL_KEY_STRANGER)) == 0;
}

static void
warn_of_stranger (GPtrArray *sentences, const PostsealSeal *now)
{
  if (is_stranger (now))
    add (sentences,
         _ ("The server has another key, and another issuer vouches for it: %s; if the provider "
            "does not confirm that, somebody may sit on the wire"),
         get_or_nothing (now->issuer));
}

static gboolean
is_renewed (const PostsealSeal *seal)
{
  return seal->key_change != NULL && !is_stranger (seal);
}

guint
postseal_advice_count_news (const PostsealSeal *seal)
{
  return seal != NULL ? (has_given_up_dane (seal) ? 1 : 0) + (is_renewed (seal) ? 1 : 0) : 0;
}

static void
tell_news (GPtrArray *sentences, const PostsealSeal *now)
{
  if (has_given_up_dane (now))
    add (sentences, _ ("The server's owner has taken its keys out of the DNS (DANE)"));
  if (!is_renewed (now))
    return;
  if (g_str_equal (now->key_change, postseal_key_news_name (POSTSEAL_KEY_SPARE)))
    add (sentences, _ ("The server has changed to another of the pinned keys: pin a new spare"));
  else
    add (sentences, _ ("The server's certificate was renewed by %s"), get_or_nothing (now->issuer));
}

static void
warn_of_expiry (GPtrArray *sentences, const PostsealSeal *now, gint64 time)
{
  gint64 days = (now->not_after - time) / DAY_S;

  if (now->not_after == 0 || now->not_after - time > (gint64)WARNING_DAYS * DAY_S)
    return;
  if (now->not_after <= time)
    add (sentences, _ ("The server's certificate has expired"));
  else
    add (sentences,
         ngettext ("The server's certificate expires in %d day",
                   "The server's certificate expires in %d days", (gulong)days),
         (int)days);
}

char **
postseal_advice_compare_seals (const PostsealSeal *before, const PostsealSeal *now, gint64 time)
{
  GPtrArray *sentences = g_ptr_array_new ();

  if (before != NULL && now != NULL && g_strcmp0 (before->endpoint, now->endpoint) != 0)
    before = NULL;
  if (now != NULL)
    {
      compare_tls (sentences, before, now);
      compare_dane (sentences, before, now);
    }
  if (before != NULL && now != NULL)
    {
      compare_voucher (sentences, before, now);
      compare_mechanism (sentences, before, now);
      compare_certificate (sentences, before, now);
    }
  if (now != NULL)
    {
      warn_of_stranger (sentences, now);
      warn_of_expiry (sentences, now, time);
      tell_news (sentences, now);
    }
  g_ptr_array_add (sentences, NULL);
  return (char **)g_ptr_array_free (sentences, FALSE);
}
