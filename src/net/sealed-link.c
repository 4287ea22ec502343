/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/sealed-link.h"

#include <string.h>

#include "net/sealed-link-private.h"
#include "net/tls-stream-private.h"

/* Tells a sealed link from whatever a cast may have put in its place. */
#define SEALED_LINK_MAGIC 0x5ea1ed01u

struct _PostsealSealedLink
{
  guint32 magic;
  gboolean awaits_greeting;
  GIOStream *stream; /* owned */
  PostsealEndpoint *endpoint; /* owned */
  PostsealSeal *seal; /* owned */
  const PostsealSealedLinkTls *tls; /* borrowed: static, or NULL */
};

static gboolean
is_link (const PostsealSealedLink *self)
{
  return self != NULL && self->magic == SEALED_LINK_MAGIC;
}

PostsealSealedLink *
_postseal_sealed_link_new (GIOStream *stream,
                           PostsealEndpoint *endpoint,
                           PostsealSeal *seal,
                           const PostsealSealedLinkTls *tls,
                           gboolean awaits_greeting)
{
  PostsealSealedLink *self = NULL;

  g_return_val_if_fail (G_IS_IO_STREAM (stream), NULL);
  g_return_val_if_fail (endpoint != NULL, NULL);
  g_return_val_if_fail (seal != NULL, NULL);

  self = g_new0 (PostsealSealedLink, 1);
  self->magic = SEALED_LINK_MAGIC;
  self->awaits_greeting = awaits_greeting;
  self->stream = g_object_ref (stream);
  self->endpoint = postseal_endpoint_ref (endpoint);
  self->seal = postseal_seal_ref (seal);
  self->tls = tls;
  return self;
}

void
postseal_sealed_link_free (PostsealSealedLink *self)
{
  if (self == NULL)
    return;
  g_return_if_fail (is_link (self));

  g_io_stream_close (self->stream, NULL, NULL);
  self->magic = 0;
  g_object_unref (self->stream);
  postseal_endpoint_unref (self->endpoint);
  postseal_seal_unref (self->seal);
  g_free (self);
}

PostsealSeal *
postseal_sealed_link_get_seal (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), NULL);
  return self->seal;
}

const PostsealEndpoint *
postseal_sealed_link_get_endpoint (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), NULL);
  return self->endpoint;
}

gboolean
postseal_sealed_link_awaits_greeting (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), FALSE);
  return self->awaits_greeting;
}

char *
postseal_sealed_link_get_own_literal (PostsealSealedLink *self)
{
  g_autoptr (GSocketAddress) own = NULL;
  g_autofree char *text = NULL;
  GSocket *socket = NULL;

  g_return_val_if_fail (is_link (self), NULL);

  if (POSTSEAL_IS_TLS_STREAM (self->stream))
    socket = _postseal_tls_stream_get_socket (POSTSEAL_TLS_STREAM (self->stream));
  else if (G_IS_SOCKET_CONNECTION (self->stream))
    socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream));
  if (socket != NULL)
    own = g_socket_get_local_address (socket, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (own))
    return g_strdup ("[127.0.0.1]");
  text = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (own)));
  text[strcspn (text, "%")] = '\0'; /* a zone means nothing to the peer */
  return g_strdup_printf (strchr (text, ':') != NULL ? "[IPv6:%s]" : "[%s]", text);
}

GIOStream *
postseal_sealed_link_get_stream (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), NULL);
  return self->stream;
}

GBytes *
postseal_sealed_link_get_channel_binding (PostsealSealedLink *self, const char **ret_type)
{
  g_return_val_if_fail (is_link (self), NULL);
  g_return_val_if_fail (ret_type != NULL, NULL);

  if (self->tls == NULL || self->tls->get_channel_binding == NULL)
    return NULL;
  return self->tls->get_channel_binding (self->stream, ret_type);
}

gboolean
postseal_sealed_link_end_writing (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), TRUE);

  if (POSTSEAL_IS_TLS_STREAM (self->stream))
    return _postseal_tls_stream_end_writing (POSTSEAL_TLS_STREAM (self->stream));
  if (G_IS_SOCKET_CONNECTION (self->stream))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream)), FALSE,
                       TRUE, NULL);
  return TRUE;
}

gboolean
postseal_sealed_link_has_client_certificate (PostsealSealedLink *self)
{
  g_return_val_if_fail (is_link (self), FALSE);

  if (self->tls == NULL || self->tls->has_client_certificate == NULL)
    return FALSE;
  return self->tls->has_client_certificate (self->stream);
}
