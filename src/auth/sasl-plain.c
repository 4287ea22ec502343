/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* RFC 4616. The strings go as they are: section 2 makes preparing them the server's work, and many
   servers compare bytes. */
static void
step_plain (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  GError *error = NULL;

  if (sasl->answers > 0)
    {
      _postseal_sasl_return_unexpected (sasl, task);
      return;
    }

  const char *secret = postseal_credential_get (sasl->secret);
  gsize length = postseal_credential_get_length (sasl->secret);

  if (!_postseal_sasl_check_text (sasl, secret, length, _ ("password"), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  const PostsealSaslPart parts[]
      = { { "\0", 1 }, { sasl->user, -1 }, { "\0", 1 }, { secret, (gssize)length } };
  _postseal_sasl_return (sasl, task, _postseal_sasl_join (parts, G_N_ELEMENTS (parts)));
}

static const PostsealSaslClass plain_class
    = { .name = "PLAIN", .is_client_first = TRUE, .needs_secret = TRUE, .step = step_plain };

const PostsealSaslClass *const _postseal_sasl_plain_classes[] = { &plain_class, NULL };
