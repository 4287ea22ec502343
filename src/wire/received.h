/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A Received field (RFC 5321 section 4.4), as the server that added it wrote it: by itself it
   proves nothing. Understood are the forms of Postfix, Exim, Sendmail, qmail, Dovecot, Gmail and
   Microsoft. Strings are as in the field, unfolded, and not checked. */

typedef enum
{
  POSTSEAL_RECEIVED_UNKNOWN, /* it does not say */
  POSTSEAL_RECEIVED_CLEAR, /* by a protocol that would say it if there were TLS (RFC 3848) */
  POSTSEAL_RECEIVED_ENCRYPTED,
  POSTSEAL_RECEIVED_LOCAL, /* on the server itself: handed to it by a program there */
} PostsealReceivedWay;

typedef struct
{
  char *from; /* what the client called itself, or NULL */
  char *from_name; /* its name as the server has looked it up, or NULL */
  char *from_address; /* its IP address as the server has seen it, or NULL */
  char *by; /* who received it, and wrote this, or NULL */
  char *via; /* or NULL */
  char *with; /* the protocol, or NULL */
  char *id; /* or NULL */
  char *recipient; /* "for", without brackets, or NULL */
  char *comment; /* the last comment behind "with", or NULL */
  gboolean has_time;
  gint64 time; /* Unix seconds */
  PostsealReceivedWay way;
  char *tls_version; /* "TLS 1.3", or NULL */
  char *cipher; /* as it is called there, or NULL */
  gboolean is_whole; /* all of it has been understood */
} PostsealReceived;

/* @value: (array length=length): the field's value, folded or not. Whatever it is: what can be
   understood of it. Returns: (transfer full) */
PostsealReceived *postseal_received_parse (const char *value, gsize length);
void postseal_received_free (PostsealReceived *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealReceived, postseal_received_free)

/* The server has seen that the client was on the same computer. */
gboolean postseal_received_is_loopback (const PostsealReceived *self);
/* The server has seen an address of a private network (RFC 1918, RFC 4193) or link. */
gboolean postseal_received_is_private (const PostsealReceived *self);

G_END_DECLS
