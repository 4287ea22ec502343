/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-refusal.h"

#include <glib/gi18n-lib.h>

#include "base/printable.h"
#include "imap/imap-session.h"

static const char *const busy_codes[] = { "UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", NULL };
static const char *const gone_codes[] = { "NONEXISTENT", "TRYCREATE", NULL };
static const char *const rejected_codes[]
    = { "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", NULL };
static const char *const policy_codes[]
    = { "PRIVACYREQUIRED", "CONTACTADMIN", "NOPERM", "CORRUPTION", "CLIENTBUG", "OVERQUOTA", NULL };

/* Of Gmail, Dovecot, Cyrus, Courier, Yahoo, Zoho. */
static const char *const limit_phrases[] = {
  "too many simultaneous",  "too many concurrent",   "too many connections",
  "too many open",          "too many sessions",     "too many user connections",
  "maximum number of conn", "number of connections", "connection limit",
  "session limit",          "connections exceeded",  NULL,
};

static gboolean
is_one_of (const char *code, const char *const *codes)
{
  return code != NULL && g_strv_contains (codes, code);
}

gboolean
postseal_imap_refusal_is_limit (const PostsealImapResponse *response)
{
  g_autofree char *words = g_ascii_strdown (response->text, -1);

  for (gsize i = 0; limit_phrases[i] != NULL; i++)
    if (strstr (words, limit_phrases[i]) != NULL)
      return TRUE;
  return FALSE;
}

static GError *
make_limit_error (const char *server, const char *text)
{
  return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_LIMIT,
                      _ ("Server “%s” has enough of us at once; try again with fewer connections: "
                         "“%s”"),
                      server, text);
}

GError *
postseal_imap_refusal_to_error (const PostsealImapResponse *tagged,
                                const char *verb,
                                const char *server)
{
  g_autofree char *text = postseal_printable (tagged->text, -1);

  if (postseal_imap_refusal_is_limit (tagged))
    return make_limit_error (server, text);
  if (is_one_of (tagged->code, busy_codes))
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_BUSY,
                        _ ("Server “%s” cannot do %s now; try again later: “%s”"), server, verb,
                        text);
  if (is_one_of (tagged->code, gone_codes))
    return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_GONE,
                        _ ("Server “%s” has no such mailbox (%s): “%s”"), server, verb, text);
  return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                      _ ("Server “%s” refused %s: “%s”"), server, verb, text);
}

PostsealImapSignInRefusal
postseal_imap_refusal_of_sign_in (const PostsealImapResponse *tagged)
{
  if (is_one_of (tagged->code, rejected_codes))
    return POSTSEAL_IMAP_SIGN_IN_REJECTED;
  if (g_strcmp0 (tagged->code, "LIMIT") == 0 || postseal_imap_refusal_is_limit (tagged))
    return POSTSEAL_IMAP_SIGN_IN_LIMITED;
  if (is_one_of (tagged->code, busy_codes))
    return POSTSEAL_IMAP_SIGN_IN_BUSY;
  if (is_one_of (tagged->code, policy_codes))
    return POSTSEAL_IMAP_SIGN_IN_POLICY;
  if (g_strcmp0 (tagged->code, "REFERRAL") == 0)
    return POSTSEAL_IMAP_SIGN_IN_REFERRED;
  if (tagged->kind == POSTSEAL_IMAP_RESPONSE_BAD || g_strcmp0 (tagged->code, "CANNOT") == 0)
    return POSTSEAL_IMAP_SIGN_IN_UNSUPPORTED;
  return POSTSEAL_IMAP_SIGN_IN_AMBIGUOUS;
}

static GError *
make_referral_error (const PostsealImapResponse *tagged, const char *server)
{
  const PostsealImapValue *url = tagged->code_values;
  g_autofree char *where = url != NULL && url->bytes != NULL
                               ? postseal_printable (url->bytes, (gssize)url->length)
                               : postseal_printable (tagged->text, -1);

  return g_error_new (
      POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
      _ ("Server “%s” sends this user to another server, and a password is never taken "
         "there unasked; if you trust it, set “receive” to it: “%s”"),
      server, where);
}

GError *
postseal_imap_refusal_to_sign_in_error (const PostsealImapResponse *tagged,
                                        const char *mechanism,
                                        const char *inner,
                                        const char *server)
{
  g_autofree char *text = postseal_printable (inner != NULL ? inner : tagged->text, -1);

  PostsealImapSignInRefusal refusal = postseal_imap_refusal_of_sign_in (tagged);

  /* What the server says inside the mechanism is reason enough. */
  if (refusal == POSTSEAL_IMAP_SIGN_IN_AMBIGUOUS && inner != NULL)
    refusal = POSTSEAL_IMAP_SIGN_IN_REJECTED;
  switch (refusal)
    {
    case POSTSEAL_IMAP_SIGN_IN_BUSY:
      return g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_BUSY,
                          _ ("Server “%s” cannot sign anybody in now; try again later: “%s”"),
                          server, text);
    case POSTSEAL_IMAP_SIGN_IN_LIMITED:
      return make_limit_error (server, text);
    case POSTSEAL_IMAP_SIGN_IN_POLICY:
      return g_error_new (POSTSEAL_IMAP_ERROR, POSTSEAL_IMAP_ERROR_REFUSED,
                          _ ("Server “%s” does not let this user in (%s), which is not about the "
                             "password; ask its administrator: “%s”"),
                          server, tagged->code, text);
    case POSTSEAL_IMAP_SIGN_IN_REFERRED:
      return make_referral_error (tagged, server);
    case POSTSEAL_IMAP_SIGN_IN_UNSUPPORTED:
      return g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_NO_MECHANISM,
                          _ ("Server “%s” cannot do %s after all: “%s”"), server, mechanism, text);
    case POSTSEAL_IMAP_SIGN_IN_AMBIGUOUS:
      return g_error_new (
          POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED,
          _ ("Server “%s” refused to sign in with %s and gave no definite reason; the "
             "password may be right all the same: “%s”"),
          server, mechanism, text);
    case POSTSEAL_IMAP_SIGN_IN_REJECTED:
    default:
      return g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_REJECTED,
                          _ ("Server “%s” rejected the user name or password (%s, %s): “%s”"),
                          server, mechanism, tagged->code != NULL ? tagged->code : "NO", text);
    }
}
