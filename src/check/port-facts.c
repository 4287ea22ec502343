/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/port-facts.h"

PostsealPortFacts *
postseal_port_facts_new (PostsealProtocol protocol, guint16 port, PostsealTlsStart usual)
{
  PostsealPortFacts *self = g_new0 (PostsealPortFacts, 1);

  self->protocol = protocol;
  self->port = port;
  self->usual = usual;
  return self;
}

void
postseal_port_facts_free (PostsealPortFacts *self)
{
  if (self == NULL)
    return;
  g_free (self->address);
  g_free (self->reason);
  g_free (self->greeting);
  g_strfreev (self->caps_before);
  g_free (self->upgrade_answer);
  g_free (self->injected);
  g_free (self->tls_error);
  g_free (self->tls_version);
  g_free (self->cipher);
  g_free (self->key_exchange);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_strfreev (self->caps_after);
  g_free (self->greeting_after);
  g_free (self->suite_null);
  g_free (self->suite_anonymous);
  g_free (self->suite_broken);
  g_free (self->suite_static);
  g_free (self);
}
