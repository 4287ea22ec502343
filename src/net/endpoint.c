/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/endpoint.h"

#include <string.h>

/* An IP literal in its one canonical spelling, brackets removed; NULL when @host is a name. */
static char *
canonicalize_literal (const char *host)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *bare = NULL;
  gsize length = strlen (host);

  if (length > 2 && host[0] == '[' && host[length - 1] == ']')
    bare = g_strndup (host + 1, length - 2);
  address = g_inet_address_new_from_string (bare != NULL ? bare : host);
  return address != NULL ? g_inet_address_to_string (address) : NULL;
}

/* Lower case, A-labels, without the root's dot: what is compared with certificates and sent as SNI.
 */
static char *
canonicalize_name (const char *host)
{
  g_autofree char *ascii = g_hostname_to_ascii (host);
  g_autofree char *lower = g_ascii_strdown (ascii != NULL ? ascii : host, -1);
  gsize length = strlen (lower);

  if (length > 1 && lower[length - 1] == '.')
    lower[length - 1] = '\0';
  return g_steal_pointer (&lower);
}

/* RFC 8314 section 7 */
static guint16
default_port (PostsealProtocol protocol, PostsealTlsStart start)
{
  gboolean is_implicit = start == POSTSEAL_TLS_START_IMPLICIT;

  switch (protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return is_implicit ? 993 : 143;
    case POSTSEAL_PROTOCOL_POP3:
      return is_implicit ? 995 : 110;
    case POSTSEAL_PROTOCOL_SMTP:
      return is_implicit ? 465 : 587;
    default:
      g_return_val_if_reached (0);
    }
}

PostsealEndpoint *
postseal_endpoint_new (PostsealProtocol protocol,
                       PostsealTlsStart start,
                       const char *host,
                       guint16 port)
{
  PostsealEndpoint *self = NULL;

  g_return_val_if_fail (host != NULL, NULL);

  self = g_atomic_rc_box_new0 (PostsealEndpoint);
  self->host = canonicalize_literal (host);
  if (self->host == NULL)
    self->host = canonicalize_name (host);
  self->port = port != 0 ? port : default_port (protocol, start);
  self->protocol = protocol;
  self->start = start;
  return self;
}

PostsealEndpoint *
postseal_endpoint_ref (PostsealEndpoint *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_endpoint (gpointer data)
{
  PostsealEndpoint *self = data;

  g_free (self->host);
}

void
postseal_endpoint_unref (PostsealEndpoint *self)
{
  g_atomic_rc_box_release_full (self, clear_endpoint);
}

gboolean
postseal_endpoint_equal (const PostsealEndpoint *self, const PostsealEndpoint *other)
{
  if (self == NULL || other == NULL)
    return self == other;
  return self->protocol == other->protocol && self->start == other->start
         && self->port == other->port && g_str_equal (self->host, other->host);
}

char *
postseal_endpoint_to_string (const PostsealEndpoint *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (strchr (self->host, ':') != NULL)
    return g_strdup_printf ("[%s]:%u", self->host, self->port);
  return g_strdup_printf ("%s:%u", self->host, self->port);
}

const char *
postseal_protocol_name (PostsealProtocol protocol)
{
  switch (protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return "IMAP";
    case POSTSEAL_PROTOCOL_POP3:
      return "POP3";
    case POSTSEAL_PROTOCOL_SMTP:
      return "SMTP";
    default:
      g_return_val_if_reached (NULL);
    }
}
