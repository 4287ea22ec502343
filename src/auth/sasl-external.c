/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/sasl-private.h"

/* RFC 4422 appendix A. An empty response: the server takes the identity from the client
   certificate; a name besides it would ask to act for somebody else. */
static void
step_external (PostsealSasl *sasl, GBytes *challenge, GTask *task)
{
  if (sasl->answers > 0)
    _postseal_sasl_return_unexpected (sasl, task);
  else
    _postseal_sasl_return (sasl, task, postseal_credential_new ("", 0));
}

static const PostsealSaslClass external_class
    = { .name = "EXTERNAL", .is_client_first = TRUE, .step = step_external };

const PostsealSaslClass *const _postseal_sasl_external_classes[] = { &external_class, NULL };
