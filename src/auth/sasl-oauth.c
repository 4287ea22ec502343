/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/printable.h"

/* RFC 6750 section 2.1 says b64token; any visible ASCII passes here, but nothing that could end the
   message's fields. */
static gboolean
check_token (PostsealSasl *sasl, GError **error)
{
  const char *token = postseal_credential_get (sasl->secret);
  gsize length = postseal_credential_get_length (sasl->secret);
  gboolean is_good = length > 0;

  for (gsize i = 0; i < length && is_good; i++)
    is_good = token[i] > 0x20 && token[i] < 0x7f;
  if (is_good)
    return TRUE;
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("What is stored for %s is not an access token: it has spaces or characters "
                  "that are not ASCII"),
               sasl->endpoint);
  return FALSE;
}

static gboolean
check_oauth_user (PostsealSasl *sasl, GError **error)
{
  for (const char *c = sasl->user; *c != '\0'; c++)
    if ((guchar)*c < 0x20)
      {
        g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                     _ ("The user name for %s has a control character"), sasl->endpoint);
        return FALSE;
      }
  return TRUE;
}

/* The value of "status" in the server's JSON (RFC 7628 section 3.2.2), for showing only; the whole
   text when there is none. */
static char *
describe_refusal (GBytes *challenge)
{
  gsize size = 0;
  const char *json = g_bytes_get_data (challenge, &size);
  const char *end = json + size;
  const char *value = g_strstr_len (json, (gssize)size, "\"status\"");

  if (value == NULL)
    return postseal_printable (json, (gssize)size);
  value += strlen ("\"status\"");
  while (value < end && strchr (" \t\r\n:", *value) != NULL && *value != '\0')
    value++;
  if (value < end && *value == '"')
    value++;

  const char *stop = value;
  while (stop < end && strchr ("\",} \t\r\n", *stop) == NULL)
    stop++;
  return stop == value ? postseal_printable (json, (gssize)size)
                       : postseal_printable (value, stop - value);
}

/* The first challenge is the refusal. It must be answered before the server says its final no. */
static void
step_refused (PostsealSasl *sasl, GBytes *challenge, GTask *task, const char *answer)
{
  if (sasl->answers > 1 || challenge == NULL || g_bytes_get_size (challenge) == 0)
    {
      _postseal_sasl_return_unexpected (sasl, task);
      return;
    }
  sasl->refusal = describe_refusal (challenge);
  _postseal_sasl_return (sasl, task, postseal_credential_new (answer, -1));
}

/* RFC 7628 section 3.1, with the GS2 header of section 3: no channel binding, the user as authzid.
 */
static PostsealCredential *
build_oauthbearer (PostsealSasl *sasl)
{
  g_autofree char *user = _postseal_sasl_escape_name (sasl->user);
  g_autofree char *head = g_strdup_printf ("n,a=%s,\001host=%s\001port=%u\001auth=Bearer ", user,
                                           sasl->host, sasl->port);
  const PostsealSaslPart parts[] = { { head, -1 },
                                     { postseal_credential_get (sasl->secret),
                                       (gssize)postseal_credential_get_length (sasl->secret) },
                                     { "\001\001", 2 } };

  return _postseal_sasl_join (parts, G_N_ELEMENTS (parts));
}

static PostsealCredential *
build_xoauth2 (PostsealSasl *sasl)
{
  const PostsealSaslPart parts[] = { { "user=", -1 },
                                     { sasl->user, -1 },
                                     { "\001auth=Bearer ", -1 },
                                     { postseal_credential_get (sasl->secret),
                                       (gssize)postseal_credential_get_length (sasl->secret) },
                                     { "\001\001", 2 } };

  return _postseal_sasl_join (parts, G_N_ELEMENTS (parts));
}

static void
step_oauth (PostsealSasl *sasl,
            GBytes *challenge,
            GTask *task,
            PostsealCredential *(*build) (PostsealSasl *sasl),
            const char *answer)
{
  GError *error = NULL;

  if (sasl->answers > 0)
    step_refused (sasl, challenge, task, answer);
  else if (!check_token (sasl, &error) || !check_oauth_user (sasl, &error))
    g_task_return_error (task, error);
  else
    _postseal_sasl_return (sasl, task, build (sasl));
}

static void
step_oauthbearer (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  step_oauth (sasl, challenge, task, build_oauthbearer, "\001"); /* RFC 7628 section 3.2.3 */
}

static void
step_xoauth2 (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  step_oauth (sasl, challenge, task, build_xoauth2, "");
}

static gboolean
is_oauth_complete (PostsealSasl *sasl, GBytes *final, GError **error)
{
  if (sasl->answers == 1 && sasl->refusal == NULL)
    return TRUE;
  g_propagate_error (error, _postseal_sasl_server_error (
                                sasl, sasl->refusal == NULL
                                          ? _ ("it says yes before having been asked")
                                          : _ ("it says yes after having refused the token")));
  return FALSE;
}

static const PostsealSaslClass oauthbearer_class = {
  .name = "OAUTHBEARER",
  .is_client_first = TRUE,
  .needs_secret = TRUE,
  .step = step_oauthbearer,
  .is_complete = is_oauth_complete,
};
static const PostsealSaslClass xoauth2_class = {
  .name = "XOAUTH2",
  .is_client_first = TRUE,
  .needs_secret = TRUE,
  .step = step_xoauth2,
  .is_complete = is_oauth_complete,
};

const PostsealSaslClass *const _postseal_sasl_oauth_classes[]
    = { &oauthbearer_class, &xoauth2_class, NULL };
