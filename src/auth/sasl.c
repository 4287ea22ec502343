/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/sasl-private.h"
#include "auth/credential-private.h"
#include "base/limits.h"

G_DEFINE_QUARK (postseal - auth - error - quark, postseal_auth_error)

static const PostsealSaslClass *
find_class (const char *mechanism)
{
  const PostsealSaslClass *const *const families[] = {
    _postseal_sasl_scram_classes, _postseal_sasl_plain_classes,    _postseal_sasl_login_classes,
    _postseal_sasl_oauth_classes, _postseal_sasl_external_classes, _postseal_sasl_cram_classes,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    for (gsize j = 0; families[i][j] != NULL; j++)
      if (strcmp (families[i][j]->name, mechanism) == 0)
        return families[i][j];
  return NULL;
}

gboolean
postseal_sasl_is_known (const char *mechanism)
{
  return mechanism != NULL && find_class (mechanism) != NULL;
}

PostsealSasl *
postseal_sasl_new (PostsealSealedLink *link,
                   const char *mechanism,
                   const char *user,
                   PostsealCredential *secret,
                   gboolean server_offers_plus)
{
  g_return_val_if_fail (link != NULL, NULL);
  g_return_val_if_fail (postseal_sasl_is_known (mechanism), NULL);
  g_return_val_if_fail (user != NULL, NULL);

  const PostsealEndpoint *endpoint = postseal_sealed_link_get_endpoint (link);
  PostsealSasl *self = g_new0 (PostsealSasl, 1);

  g_atomic_ref_count_init (&self->references);
  self->klass = find_class (mechanism);
  self->user = g_strdup (user);
  self->secret = secret != NULL ? postseal_credential_ref (secret) : NULL;
  self->host = g_strdup (endpoint->host);
  self->port = endpoint->port;
  self->endpoint = postseal_endpoint_to_string (endpoint);
  self->server_offers_plus = server_offers_plus;
  self->is_vouched_for = postseal_sealed_link_get_seal (link)->voucher != POSTSEAL_VOUCHER_NONE;
  if (self->klass->new_state != NULL)
    self->state = self->klass->new_state (self, link);
  return self;
}

void
_postseal_sasl_unref (PostsealSasl *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  if (self->klass->free_state != NULL)
    self->klass->free_state (self->state);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_free (self->user);
  g_free (self->host);
  g_free (self->endpoint);
  g_free (self->refusal);
  g_free (self);
}

void
postseal_sasl_free (PostsealSasl *self)
{
  g_return_if_fail (self != NULL);

  _postseal_sasl_unref (self);
}

void
_postseal_sasl_set_secret (PostsealSasl *self, PostsealCredential *secret)
{
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->secret = postseal_credential_ref (secret);
}

const char *
postseal_sasl_get_mechanism (PostsealSasl *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->klass->name;
}

gboolean
postseal_sasl_is_client_first (PostsealSasl *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->klass->is_client_first;
}

const char *
postseal_sasl_get_refusal (PostsealSasl *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->refusal;
}

GError *
_postseal_sasl_server_error (PostsealSasl *self, const char *what)
{
  return g_error_new (POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SERVER,
                      _ ("The server %s does not sign in properly with %s: %s"), self->endpoint,
                      self->klass->name, what);
}

void
_postseal_sasl_return_unexpected (PostsealSasl *self, GTask *task)
{
  g_task_return_error (
      task, _postseal_sasl_server_error (self, _ ("it asks for more than the mechanism has")));
}

void
_postseal_sasl_return (PostsealSasl *self, GTask *task, PostsealCredential *response)
{
  self->answers++;
  g_task_return_pointer (task, response, (GDestroyNotify)postseal_credential_unref);
}

PostsealCredential *
_postseal_sasl_join (const PostsealSaslPart *parts, gsize n_parts)
{
  gsize total = 0;

  for (gsize i = 0; i < n_parts; i++)
    total += parts[i].length < 0 ? strlen (parts[i].data) : (gsize)parts[i].length;

  PostsealCredential *joined = _postseal_credential_new_sized (total);
  char *end = _postseal_credential_peek (joined);

  for (gsize i = 0; i < n_parts; i++)
    {
      gsize length = parts[i].length < 0 ? strlen (parts[i].data) : (gsize)parts[i].length;
      if (length > 0)
        memcpy (end, parts[i].data, length);
      end += length;
    }
  return joined;
}

char *
_postseal_sasl_escape_name (const char *name)
{
  GString *escaped = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    if (*c == ',')
      g_string_append (escaped, "=2C");
    else if (*c == '=')
      g_string_append (escaped, "=3D");
    else
      g_string_append_c (escaped, *c);
  return g_string_free (escaped, FALSE);
}

gboolean
_postseal_sasl_check_text (
    PostsealSasl *self, const char *text, gsize length, const char *what, GError **error)
{
  /* g_utf8_validate() with a length refuses NUL, too. */
  if (g_utf8_validate (text, (gssize)length, NULL))
    return TRUE;
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("The %s for %s cannot be sent with %s: it is not UTF-8 text"), what,
               self->endpoint, self->klass->name);
  return FALSE;
}

/* What must hold before any mechanism runs. */
static gboolean
check_step (PostsealSasl *self, GBytes *challenge, GError **error)
{
  if (!self->is_vouched_for)
    {
      g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                   _ ("Not signing in to %s: nobody vouches for this server. Set its TLS policy "
                      "to enforced"),
                   self->endpoint);
      return FALSE;
    }
  if (self->klass->needs_secret && self->secret == NULL)
    {
      g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                   _ ("Signing in to %s with %s needs a password, and the account has none"),
                   self->endpoint, self->klass->name);
      return FALSE;
    }
  if (challenge != NULL && g_bytes_get_size (challenge) > POSTSEAL_LIMIT_SASL_CHALLENGE)
    {
      g_propagate_error (error,
                         _postseal_sasl_server_error (self, _ ("its challenge is too long")));
      return FALSE;
    }
  return _postseal_sasl_check_text (self, self->user, strlen (self->user), _ ("user name"), error);
}

void
postseal_sasl_step_async (PostsealSasl *self,
                          GBytes *challenge,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (self != NULL);

  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, postseal_sasl_step_async);
  g_atomic_ref_count_inc (&self->references);
  g_task_set_task_data (task, self, (GDestroyNotify)_postseal_sasl_unref);
  if (!check_step (self, challenge, &error))
    g_task_return_error (task, error);
  else
    self->klass->step (self, challenge, task);
}

PostsealCredential *
postseal_sasl_step_finish (PostsealSasl *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
postseal_sasl_is_complete (PostsealSasl *self, GBytes *final, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (self->klass->is_complete != NULL)
    return self->klass->is_complete (self, final, error);
  if (self->answers > 0)
    return TRUE;
  g_propagate_error (
      error, _postseal_sasl_server_error (self, _ ("it says yes before having been asked")));
  return FALSE;
}
