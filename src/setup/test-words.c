/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/test-words-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define DAY_S 86400

char *
_postseal_test_words_title (PostsealTestKind kind, PostsealAccount *account, gboolean sending)
{
  const PostsealEndpoint *endpoint = sending ? account->send : account->receive;
  const PostsealTlsPolicy *policy = sending ? account->send_policy : account->receive_policy;

  switch (kind)
    {
    case POSTSEAL_TEST_RESOLVE:
      return g_strdup_printf (_ ("Find %s"), endpoint->host);
    case POSTSEAL_TEST_CONNECT:
      return g_strdup_printf (_ ("Connect to port %u"), endpoint->port);
    case POSTSEAL_TEST_SEAL:
      return g_strdup (policy->level == POSTSEAL_TLS_LOOPBACK ? _ ("Check that it is this computer")
                                                              : _ ("Encrypt, check who it is"));
    case POSTSEAL_TEST_SIGN_IN:
      return g_strdup (_ ("Sign in"));
    case POSTSEAL_TEST_MAILBOX:
      return g_strdup (_ ("Open the inbox"));
    case POSTSEAL_TEST_ENVELOPE:
    default:
      return g_strdup_printf (_ ("Send as %s"), account->address);
    }
}

/* The common name in a distinguished name (RFC 4514), or all of it. Returns: (transfer full) */
static char *
find_common_name (const char *name)
{
  const char *at = g_str_has_prefix (name, "CN=") ? name : strstr (name, ",CN=");
  g_autoptr (GString) found = g_string_new (NULL);

  if (at == NULL)
    return g_strdup (name);
  for (at = strchr (at, '=') + 1; *at != '\0' && *at != ','; at++)
    {
      if (*at == '\\' && at[1] != '\0')
        at++;
      g_string_append_c (found, *at);
    }
  return g_string_free (g_steal_pointer (&found), FALSE);
}

char *
_postseal_test_words_seal (const PostsealSeal *seal, gint64 now)
{
  gboolean is_by_dane
      = seal->voucher == POSTSEAL_VOUCHER_DANE || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN;
  g_autofree char *issuer = is_by_dane
                                ? g_strdup ("DANE")
                                : find_common_name (seal->issuer != NULL ? seal->issuer : "");
  gint64 days = (seal->not_after - now) / DAY_S;
  g_autofree char *left = NULL;

  if (seal->voucher == POSTSEAL_VOUCHER_LOOPBACK)
    return g_strdup (_ ("Not encrypted: it is this computer"));
  if (seal->tls_version == NULL)
    return g_strdup (_ ("Not encrypted, and nobody vouches for the server"));
  if (seal->voucher == POSTSEAL_VOUCHER_NONE)
    return g_strdup_printf (_ ("%s, and nobody vouches for the server"), seal->tls_version);
  left = g_strdup_printf (ngettext ("%d day left", "%d days left", (gulong)days), (int)days);
  /* Translators: "TLS 1.3", the issuer of a certificate, "71 days left". */
  return g_strdup_printf (_ ("%s, vouched for by %s, %s"), seal->tls_version, issuer, left);
}

char *
_postseal_test_words_messages (guint64 count)
{
  return g_strdup_printf (ngettext ("%" PRIu64 " message", "%" PRIu64 " messages", (gulong)count),
                          count);
}

/* --- the envelope --- */

/* Returns: (transfer full): "550 5.1.1 no such user" */
static char *
describe_answer (const PostsealSmtpAnswer *answer)
{
  if (answer->code == 0)
    return g_strdup (answer->text);
  return g_strdup_printf ("%u %s %s", answer->code, answer->status, answer->text);
}

char *
_postseal_test_words_envelope (const PostsealSmtpRehearsal *answers)
{
  gboolean is_sender_put_off = answers->sender.verdict == POSTSEAL_SMTP_TEMPORARY;
  const PostsealSmtpAnswer *answer = is_sender_put_off ? &answers->sender : &answers->recipient;
  g_autofree char *words = describe_answer (answer);

  switch (answer->verdict)
    {
    case POSTSEAL_SMTP_TEMPORARY:
      return g_strdup_printf (_ ("Not now, which is usual for a first time: “%s”"), words);
    case POSTSEAL_SMTP_PERMANENT:
      return g_strdup_printf (
          _ ("The sender is taken, your own address as a recipient is not: “%s”"), words);
    case POSTSEAL_SMTP_ACCEPTED:
    case POSTSEAL_SMTP_UNDECIDED:
    default:
      return g_strdup ("");
    }
}

/* RFC 3463: 5.7.x is about who may, 5.1.7 and 5.1.8 about the sender's address. */
static gboolean
is_about_sender (const PostsealSmtpAnswer *answer)
{
  g_autofree char *words = g_ascii_strdown (answer->text != NULL ? answer->text : "", -1);

  if (answer->verdict != POSTSEAL_SMTP_PERMANENT || answer->code == 0)
    return FALSE;
  return g_str_has_prefix (answer->status, "5.7.") || g_str_equal (answer->status, "5.1.7")
         || g_str_equal (answer->status, "5.1.8") || strstr (words, "sender address") != NULL;
}

GError *
_postseal_test_words_sender_error (const PostsealSmtpRehearsal *answers, PostsealAccount *account)
{
  const PostsealSmtpAnswer *answer = &answers->sender;
  g_autofree char *words = NULL;

  if (is_about_sender (&answers->recipient))
    answer = &answers->recipient;
  else if (answer->verdict != POSTSEAL_SMTP_PERMANENT)
    return NULL;
  words = describe_answer (answer);
  return g_error_new (POSTSEAL_SMTP_ERROR, POSTSEAL_SMTP_ERROR_REFUSED,
                      _ ("Server “%s” does not let this account send as %s: “%s”"),
                      account->send->host, account->address, words);
}
