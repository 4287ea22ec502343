/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lessons-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "net/net-error.h"

#define DANE_KEYS "keys"
/* What they are, as pins, with blanks between: a server may have several at once. */
#define DANE_KEYS_NAME "dane-keys"
#define MOST_DANE_KEYS 8

gboolean
_postseal_lessons_has (PostsealLatches *latches, const char *server, const char *name)
{
  return latches != NULL && postseal_latches_get (latches, server, name) != NULL;
}

/* A renewed certificate is told once, a stranger's for some time. */
static void
meet_key (PostsealLatches *latches, const PostsealTlsPolicy *policy, PostsealSeal *seal)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean has_spare = policy->pins != NULL && g_strv_length (policy->pins) > 1;
  g_autoptr (GPtrArray) known = postseal_latches_list_keys (latches, seal->endpoint);
  gboolean is_new = postseal_key_history_find (known, seal->spki, seal->issuer) == NULL;
  gint64 since = 0;
  PostsealKeyNews news = postseal_latches_meet_key (latches, seal, has_spare, &since);

  if (news == POSTSEAL_KEY_FIRST)
    return;
  if (is_new || (news == POSTSEAL_KEY_STRANGER && now - since < POSTSEAL_LIMIT_STRANGER_S))
    seal->key_change = g_strdup (postseal_key_news_name (news));
}

static void
learn_tls (PostsealLatches *latches, PostsealSeal *seal)
{
  const char *version = seal->tls_version + strlen ("TLS ");
  const char *before = postseal_latches_get (latches, seal->endpoint, POSTSEAL_LESSON_TLS);

  if (g_strcmp0 (before, version) < 0)
    postseal_latches_learn (latches, seal->endpoint, seal, POSTSEAL_LESSON_TLS, version);
  else if (g_strcmp0 (before, version) > 0)
    seal->tls_before = g_strconcat ("TLS ", before, NULL);
}

/* --- DANE --- */

/* With dane=off the user has said that it does not matter. */
static gboolean
is_held_to_dane (PostsealLatches *latches, const PostsealTlsPolicy *policy, const char *server)
{
  return latches != NULL && policy->dane != POSTSEAL_DANE_OFF
         && g_strcmp0 (postseal_latches_get (latches, server, POSTSEAL_LESSON_DANE), DANE_KEYS)
                == 0;
}

static gboolean
is_missing (const PostsealSeal *seal)
{
  return seal->dane == NULL || g_str_equal (seal->dane, "unreachable")
         || g_str_equal (seal->dane, "bogus");
}

gboolean
_postseal_lessons_needs_dane (PostsealLatches *latches, const char *server, const char *key)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) keys = NULL;

  if (latches == NULL
      || g_strcmp0 (postseal_latches_get (latches, server, POSTSEAL_LESSON_DANE), DANE_KEYS) != 0)
    return FALSE;
  text = postseal_latches_dup (latches, server, DANE_KEYS_NAME);
  keys = g_strsplit (text != NULL ? text : "", " ", -1);
  return !g_strv_contains ((const char *const *)keys, key);
}

/* The newest first. */
static void
learn_dane_key (PostsealLatches *latches, const PostsealSeal *seal)
{
  g_autofree char *old = postseal_latches_dup (latches, seal->endpoint, DANE_KEYS_NAME);
  g_auto (GStrv) keys = g_strsplit (old != NULL ? old : "", " ", -1);
  g_autoptr (GString) text = g_string_new (seal->spki);

  if (g_strv_contains ((const char *const *)keys, seal->spki))
    return;
  for (guint i = 0; keys[i] != NULL && i + 1 < MOST_DANE_KEYS; i++)
    g_string_append_printf (text, " %s", keys[i]);
  postseal_latches_set (latches, seal->endpoint, DANE_KEYS_NAME, text->str);
}

static void
learn_dane (PostsealLatches *latches, const PostsealTlsPolicy *policy, PostsealSeal *seal)
{
  if (postseal_seal_has_dane (seal))
    {
      postseal_latches_learn (latches, seal->endpoint, seal, POSTSEAL_LESSON_DANE, DANE_KEYS);
      learn_dane_key (latches, seal);
      return;
    }
  if (!is_held_to_dane (latches, policy, seal->endpoint))
    return;
  seal->dane_before = g_strdup (DANE_KEYS);
  if (g_strcmp0 (seal->dane, "none") == 0 || g_strcmp0 (seal->dane, "unusable") == 0)
    postseal_latches_learn (latches, seal->endpoint, seal, POSTSEAL_LESSON_DANE, "none");
}

gboolean
_postseal_lessons_allow (PostsealLatches *latches,
                         const PostsealTlsPolicy *policy,
                         PostsealSeal *seal,
                         GError **error)
{
  gboolean is_bogus = g_strcmp0 (seal->dane, "bogus") == 0;

  if (!is_held_to_dane (latches, policy, seal->endpoint) || !is_missing (seal)
      || !_postseal_lessons_needs_dane (latches, seal->endpoint, seal->spki))
    return TRUE;
  g_set_error (
      error, is_bogus ? POSTSEAL_TLS_ERROR : POSTSEAL_NET_ERROR,
      is_bogus ? (int)POSTSEAL_TLS_ERROR_LATCH : (int)POSTSEAL_NET_ERROR_DANE,
      _ ("%s has another key than the DNS vouched for before (DANE), and now %s, so nothing "
         "is sent to it; if its owner confirms the key, let Postseal forget the server"),
      seal->endpoint,
      is_bogus ? _ ("the DNS is signed wrongly") : _ ("the DNS does not say whether it has DANE"));
  return FALSE;
}

/* What a key of its own in the DNS would make up for. */
static gboolean
is_for_want_of_dane (const GError *error)
{
  return g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_EXPIRED)
         || g_error_matches (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY);
}

GError *
_postseal_lessons_recall_dane (PostsealLatches *latches,
                               const PostsealTlsPolicy *policy,
                               const PostsealSeal *seal,
                               GError *error)
{
  GError *recalled = NULL;

  if (!is_held_to_dane (latches, policy, seal->endpoint) || !is_for_want_of_dane (error)
      || g_strcmp0 (seal->dane, "unreachable") != 0)
    return error;
  recalled
      = g_error_new (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_DANE,
                     _ ("The DNS vouched for %s before (DANE), and now it does not answer: %s"),
                     seal->endpoint, error->message);
  g_error_free (error);
  return recalled;
}

/* --- success --- */

static void
learn_voucher (PostsealLatches *latches, PostsealSeal *seal)
{
  if (seal->voucher == POSTSEAL_VOUCHER_CA || seal->voucher == POSTSEAL_VOUCHER_CA_PIN)
    postseal_latches_learn (latches, seal->endpoint, seal, POSTSEAL_LESSON_VOUCHER, "ca");
  else if (!_postseal_lessons_has (latches, seal->endpoint, POSTSEAL_LESSON_VOUCHER))
    postseal_latches_learn (latches, seal->endpoint, seal, POSTSEAL_LESSON_VOUCHER, "dane");
}

void
_postseal_lessons_learn (PostsealLatches *latches,
                         const PostsealTlsPolicy *policy,
                         PostsealSeal *seal)
{
  if (latches == NULL)
    return;
  learn_tls (latches, seal);
  if (!postseal_seal_is_verified (seal))
    return;
  learn_voucher (latches, seal);
  learn_dane (latches, policy, seal);
  meet_key (latches, policy, seal);
}

GError *
_postseal_lessons_recall_tls (const char *server, const PostsealTlsPolicy *policy, GError *error)
{
  GError *recalled = NULL;

  if (policy->level == POSTSEAL_TLS_OPPORTUNISTIC)
    recalled
        = g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_LATCH,
                       _ ("%s did TLS before and refuses it now, so nothing is sent to it; if its "
                          "owner confirms that, let Postseal forget the server (%s)"),
                       server, error->message);
  else
    recalled
        = g_error_new (error->domain, error->code,
                       _ ("%s did TLS before; somebody on the way may take the offer away: %s"),
                       server, error->message);
  g_error_free (error);
  return recalled;
}
