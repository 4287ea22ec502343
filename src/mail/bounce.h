/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/outbox.h"

G_BEGIN_DECLS

/* A report on a message that could not be sent (RFC 3464, RFC 6522): multipart/report with a text
   for people, message/delivery-status for programs, and what was sent: all of it, or with RET=HDRS
   or REQUIRETLS (RFC 8689 section 5) its header. */
typedef struct
{
  const PostsealOutboxEntry *entry; /* with its recipients' final answers */
  const char *recipient; /* the account's address: whom it is for */
  const char *full_name; /* (nullable) */
  const char *server; /* "smtp.example.org:587": who said no, Remote-MTA; NULL: nobody was asked */
  gboolean is_expired; /* given up after too long, rather than refused */
  gint64 now; /* Unix seconds */
} PostsealBounce;

/**
 * postseal_bounce_write:
 * @path: file to be made (0600), CR LF becomes LF as in any Maildir; synced when this returns
 *
 * Blocking; memory does not grow with the message. Deterministic for one @bounce: the same
 * Message-ID
 * ("<ID.ATTEMPTS.bounce@DOMAIN>") whenever it is made again.
 *
 * Errors: %POSTSEAL_SINK_ERROR_CANNOT_WRITE, %POSTSEAL_SINK_ERROR_DISK, %POSTSEAL_OUTBOX_ERROR
 */
gboolean postseal_bounce_write (const PostsealBounce *bounce, const char *path, GError **error);

/* TRUE when somebody is to be told at all: not for the null sender (RFC 5321 section 4.5.5), and
   only for recipients whose NOTIFY does not forbid it (RFC 3461 section 4.1). */
gboolean postseal_bounce_is_wanted (const PostsealOutboxEntry *entry);

G_END_DECLS
