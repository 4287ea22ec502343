/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Encryption, and who the server is. */
#include "setup/trouble-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/net-error.h"

/* --- the kind --- */

/* Whether the error's sentence was made from @format, an untranslated one of layer net: by the
   words before its first "%", or those behind it. */
static gboolean
is_made_from (const PostsealTroubleCase *self, const char *format)
{
  g_autofree char *words = g_strdup (_ (format));
  g_auto (GStrv) pieces = NULL;

  /* One placeholder looks like another. */
  for (char *at = strstr (words, "%u"); at != NULL; at = strstr (at, "%u"))
    at[1] = 's';
  pieces = g_strsplit (words, "%s", -1);
  for (gsize i = 0; pieces[i] != NULL; i++)
    if (strstr (self->error->message, pieces[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* The port is the usual one for the other way to begin (RFC 8314 section 7). */
static gboolean
is_port_of_other_start (const PostsealEndpoint *endpoint)
{
  PostsealTlsStart other = endpoint->start == POSTSEAL_TLS_START_IMPLICIT
                               ? POSTSEAL_TLS_START_UPGRADE
                               : POSTSEAL_TLS_START_IMPLICIT;
  g_autoptr (PostsealEndpoint) usual
      = postseal_endpoint_new (endpoint->protocol, other, endpoint->host, 0);

  return usual->port == endpoint->port;
}

/* Before TLS stood: silence, a hang-up, or words that no such server says. */
static PostsealTroubleKind
judge_beginning (const PostsealTroubleCase *self)
{
  gboolean is_closed
      = is_made_from (self, N_ ("%s closed the connection before TLS; nothing was sent to it"))
        || is_made_from (self, N_ ("%s closed the connection during the TLS handshake"));

  if (self->said != NULL)
    return POSTSEAL_TROUBLE_PROTOCOL;
  if (is_port_of_other_start (self->endpoint))
    return POSTSEAL_TROUBLE_WRONG_START;
  return is_closed ? POSTSEAL_TROUBLE_PROTOCOL : POSTSEAL_TROUBLE_SILENT;
}

static PostsealTroubleKind
judge_handshake (const PostsealTroubleCase *self)
{
  const char *message = self->error->message;
  gboolean is_old
      = strstr (message, "RFC 5746") != NULL || strstr (message, "RFC 7627") != NULL
        || is_made_from (self, N_ ("%s offers only TLS versions below %s, which protect nothing; "
                                   "its owner must update it"));

  return is_old ? POSTSEAL_TROUBLE_OLD_TLS : POSTSEAL_TROUBLE_PROTOCOL;
}

/* A pin is no answer to a key that is too weak, or to a forgery. */
static PostsealTroubleKind
judge_untrusted (const PostsealTroubleCase *self)
{
  static const char *const unfit[] = {
    N_ ("A key in the certificates of %s is too weak (%s, %u bits); its owner must replace it"),
    N_ ("A certificate of %s is signed with a weak key or algorithm (%s); its owner must replace "
        "it"),
    N_ ("The certificate of %s was not issued for a server; its owner must replace it"),
    N_ ("%s presented no readable certificate"),
  };

  if (is_made_from (self, N_ ("The certificate of %s names “%s” as its issuer, but it did not sign "
                              "it; somebody may be impersonating the server")))
    return POSTSEAL_TROUBLE_MEDDLED;
  for (gsize i = 0; i < G_N_ELEMENTS (unfit); i++)
    if (is_made_from (self, unfit[i]))
      return POSTSEAL_TROUBLE_OLD_TLS;
  return POSTSEAL_TROUBLE_UNKNOWN_ISSUER;
}

/* Returns: 0 when there is no such fact */
static gint64
get_time (const PostsealTroubleCase *self, const char *name)
{
  const char *text = _postseal_trouble_get_fact (self, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static PostsealTroubleKind
judge_time (const PostsealTroubleCase *self)
{
  gint64 from = get_time (self, "cert-not-before");

  if (from != 0)
    return from > self->now_s ? POSTSEAL_TROUBLE_NOT_YET_VALID : POSTSEAL_TROUBLE_EXPIRED;
  return is_made_from (self, N_ ("The certificate of %s is valid only from %s, and the clock here "
                                 "says %s; one of the two clocks is wrong"))
             ? POSTSEAL_TROUBLE_NOT_YET_VALID
             : POSTSEAL_TROUBLE_EXPIRED;
}

PostsealTroubleKind
_postseal_trouble_judge_tls (const PostsealTroubleCase *self)
{
  static const PostsealTroubleKind kinds[] = {
    [POSTSEAL_TLS_ERROR_NOT_OFFERED] = POSTSEAL_TROUBLE_NO_TLS,
    [POSTSEAL_TLS_ERROR_REFUSED] = POSTSEAL_TROUBLE_NO_TLS,
    [POSTSEAL_TLS_ERROR_INJECTED] = POSTSEAL_TROUBLE_MEDDLED,
    [POSTSEAL_TLS_ERROR_PREAUTH] = POSTSEAL_TROUBLE_MEDDLED,
    [POSTSEAL_TLS_ERROR_WRONG_START] = POSTSEAL_TROUBLE_WRONG_START,
    [POSTSEAL_TLS_ERROR_REVOKED] = POSTSEAL_TROUBLE_REVOKED,
    [POSTSEAL_TLS_ERROR_IDENTITY] = POSTSEAL_TROUBLE_WRONG_NAME,
    [POSTSEAL_TLS_ERROR_PIN] = POSTSEAL_TROUBLE_CHANGED,
    [POSTSEAL_TLS_ERROR_DANE_MISMATCH] = POSTSEAL_TROUBLE_MEDDLED,
    [POSTSEAL_TLS_ERROR_DANE_MISSING] = POSTSEAL_TROUBLE_SETTINGS,
    [POSTSEAL_TLS_ERROR_DNSSEC] = POSTSEAL_TROUBLE_MEDDLED,
    [POSTSEAL_TLS_ERROR_LATCH] = POSTSEAL_TROUBLE_CHANGED,
    [POSTSEAL_TLS_ERROR_NOT_LOOPBACK] = POSTSEAL_TROUBLE_SETTINGS,
    [POSTSEAL_TLS_ERROR_SETTINGS] = POSTSEAL_TROUBLE_SETTINGS,
  };

  switch (self->error->code)
    {
    case POSTSEAL_TLS_ERROR_VESTIBULE:
    case POSTSEAL_TLS_ERROR_INTERRUPTED:
      return judge_beginning (self);
    case POSTSEAL_TLS_ERROR_HANDSHAKE:
      return judge_handshake (self);
    case POSTSEAL_TLS_ERROR_UNTRUSTED:
      return judge_untrusted (self);
    case POSTSEAL_TLS_ERROR_EXPIRED:
      return judge_time (self);
    case POSTSEAL_TLS_ERROR_TRUNCATED:
      return POSTSEAL_TROUBLE_OTHER;
    default:
      return (gsize)self->error->code < G_N_ELEMENTS (kinds) ? kinds[self->error->code]
                                                             : POSTSEAL_TROUBLE_OTHER;
    }
}

/* --- how TLS starts --- */

static void
describe_wrong_start (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  const char *host = self->endpoint->host;
  guint port = self->endpoint->port;
  char *text = self->endpoint->start == POSTSEAL_TLS_START_IMPLICIT
                   ? g_strdup_printf (_ ("%s, port %u, begins in clear and is encrypted after %s "
                                         "only, but encryption from the first byte was tried."),
                                      host, port, _postseal_trouble_name_upgrade (self->endpoint))
                   : g_strdup_printf (_ ("%s, port %u, is encrypted from the first byte, but %s "
                                         "was tried, which begins in clear."),
                                      host, port, _postseal_trouble_name_upgrade (self->endpoint));

  _postseal_trouble_set (trouble, N_ ("Port and kind of encryption do not fit together"), text,
                         N_ ("Choose the other kind of encryption for this port."));
}

static char *
explain_no_tls (const PostsealTroubleCase *self)
{
  const char *host = self->endpoint->host;
  guint port = self->endpoint->port;

  if (self->error->domain != POSTSEAL_TLS_ERROR)
    return _postseal_trouble_get_sentence (self);
  if (self->error->code == POSTSEAL_TLS_ERROR_REFUSED)
    return g_strdup_printf (_ ("%s refuses %s on port %u, so the password would be readable on the "
                               "way. Nothing was sent to it."),
                            host, _postseal_trouble_name_upgrade (self->endpoint), port);
  return g_strdup_printf (_ ("%s does not offer %s on port %u, or somebody on the way has removed "
                             "the offer; the password would be readable. Nothing was sent to it."),
                          host, _postseal_trouble_name_upgrade (self->endpoint), port);
}

static void
describe_no_tls (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("The server offers no encryption"), explain_no_tls (self),
                         N_ ("Ask the provider for a server with encryption, or try another "
                             "network."));
}

static void
describe_old_tls (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The server's encryption is not safe any more"),
      _postseal_trouble_get_sentence (self),
      N_ ("Ask the provider to update the server; no safe connection to it is possible today."));
}

static void
describe_meddled (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("Somebody may be meddling with the connection"),
      _postseal_trouble_get_sentence (self),
      N_ ("Stop here. Try another network; if it happens there, too, tell the provider."));
}

/* --- who the server is --- */

/* In a form that nobody mistakes. Returns: (transfer full) */
static char *
format_day (gint64 time_s)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (time_s);
  char *text = NULL;

  /* Translators: a date for g_date_time_format(), "3 November 2026": with the month in letters. */
  if (date != NULL)
    text = g_date_time_format (date, _ ("%-d %B %Y"));
  return text != NULL ? text : g_strdup (_ ("an unknown day"));
}

/* The certificate's two dates, and today's. Returns: (transfer full) */
static char *
explain_dates (const PostsealTroubleCase *self)
{
  gint64 from = get_time (self, "cert-not-before");
  gint64 until = get_time (self, "cert-not-after");
  g_autofree char *first = format_day (from);
  g_autofree char *last = format_day (until);
  g_autofree char *today = format_day (self->now_s);

  if (from == 0 || until == 0)
    return _postseal_trouble_get_sentence (self);
  return g_strdup_printf (_ ("%s, port %u, shows a certificate that is valid from %s until %s. On "
                             "this computer it is %s."),
                          self->endpoint->host, self->endpoint->port, first, last, today);
}

static void
describe_expired (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The certificate has expired"), explain_dates (self),
      N_ ("Mostly the provider has forgotten to renew it: wait a day, or tell the provider. If "
          "today's date above is wrong, set this computer's clock."));
}

static void
describe_not_yet_valid (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The certificate is not valid yet"), explain_dates (self),
      N_ ("Mostly this computer's clock is wrong: compare the date above with a calendar, and set "
          "the clock. If it is right, wait, or tell the provider."));
}

static void
describe_wrong_name (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  const char *names = _postseal_trouble_get_fact (self, "cert-name");
  char *text = names != NULL
                   ? g_strdup_printf (_ ("The server was asked for as %s (port %u), but its "
                                         "certificate is for %s."),
                                      self->endpoint->host, self->endpoint->port, names)
                   : _postseal_trouble_get_sentence (self);

  _postseal_trouble_set (
      trouble, N_ ("The certificate is for another server"), text,
      N_ ("If one of its names belongs to your provider, use that as the server's name. Else stop "
          "here: this may be somebody else's server."));
}

static void
describe_unknown_issuer (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  const char *issuer = _postseal_trouble_get_fact (self, "cert-issuer");
  const char *host = self->endpoint->host;
  guint port = self->endpoint->port;
  char *text;

  if (_postseal_trouble_get_fact (self, "cert-self-signed") != NULL)
    text = g_strdup_printf (_ ("%s, port %u, shows a certificate that it has signed itself, which "
                               "anybody can do. Nothing was sent to it."),
                            host, port);
  else if (issuer != NULL)
    text = g_strdup_printf (_ ("%s, port %u, shows a certificate issued by “%s”, which this "
                               "computer does not know. Nothing was sent to it."),
                            host, port, issuer);
  else
    text = _postseal_trouble_get_sentence (self);
  _postseal_trouble_set (
      trouble, N_ ("Nobody known vouches for this server"), text,
      N_ ("Ask the provider, or whoever runs the server. Only if it is your own, compare the "
          "fingerprint with the one on the server itself."));
}

static void
describe_changed (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  if (self->error->code == POSTSEAL_TLS_ERROR_PIN)
    _postseal_trouble_set (
        trouble, N_ ("The server has another key than before"),
        g_strdup_printf (_ ("%s, port %u, does not have the key that is pinned for this account. "
                            "Nothing was sent to it."),
                         self->endpoint->host, self->endpoint->port),
        N_ ("Ask the provider whether the key was changed on purpose, on another way than by this "
            "connection. Until then, stop here."));
  else
    _postseal_trouble_set (
        trouble, N_ ("The server is less safe than before"), _postseal_trouble_get_sentence (self),
        N_ ("Try another network first: somebody on the way may be doing this. Let the server be "
            "forgotten only when the provider confirms the change."));
}

static void
describe_revoked (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("The certificate has been revoked"),
                         _postseal_trouble_get_sentence (self),
                         N_ ("Stop here, and ask the provider what has happened; the server's key "
                             "may have been stolen."));
}

gboolean
_postseal_trouble_describe_tls (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  static void (*const describers[]) (const PostsealTroubleCase *, PostsealTrouble *) = {
    [POSTSEAL_TROUBLE_WRONG_START] = describe_wrong_start,
    [POSTSEAL_TROUBLE_NO_TLS] = describe_no_tls,
    [POSTSEAL_TROUBLE_OLD_TLS] = describe_old_tls,
    [POSTSEAL_TROUBLE_MEDDLED] = describe_meddled,
    [POSTSEAL_TROUBLE_EXPIRED] = describe_expired,
    [POSTSEAL_TROUBLE_NOT_YET_VALID] = describe_not_yet_valid,
    [POSTSEAL_TROUBLE_WRONG_NAME] = describe_wrong_name,
    [POSTSEAL_TROUBLE_UNKNOWN_ISSUER] = describe_unknown_issuer,
    [POSTSEAL_TROUBLE_CHANGED] = describe_changed,
    [POSTSEAL_TROUBLE_REVOKED] = describe_revoked,
  };

  if ((gsize)trouble->kind >= G_N_ELEMENTS (describers) || describers[trouble->kind] == NULL)
    return FALSE;
  describers[trouble->kind](self, trouble);
  return TRUE;
}
