/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lessons-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "net/net-error.h"

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
