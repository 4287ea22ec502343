/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

#include <glib/gi18n-lib.h>

/* draft-murchison-sasl-login: the user name to the first challenge, the password to the second,
   whatever the prompts say (servers translate and misspell them). */
static void
step_login (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  if (sasl->answers == 0)
    _postseal_sasl_return (sasl, task, postseal_credential_new (sasl->user, -1));
  else if (sasl->answers == 1)
    _postseal_sasl_return (sasl, task, postseal_credential_ref (sasl->secret));
  else
    _postseal_sasl_return_unexpected (sasl, task);
}

static gboolean
is_login_complete (PostsealSasl *sasl, GBytes *final, GError **error)
{
  if (sasl->answers == 2)
    return TRUE;
  g_propagate_error (error,
                     _postseal_sasl_server_error (sasl, _ ("it has not asked for the password")));
  return FALSE;
}

static const PostsealSaslClass login_class = {
  .name = "LOGIN",
  .needs_secret = TRUE,
  .step = step_login,
  .is_complete = is_login_complete,
};

const PostsealSaslClass *const _postseal_sasl_login_classes[] = { &login_class, NULL };
