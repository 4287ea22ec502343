/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "wire/smtp-command.h"

G_BEGIN_DECLS

/* What the values of the options of "postseal send" mean. All fail with
   %POSTSEAL_OUTBOX_ERROR_USAGE and the nearest valid spelling, and change nothing then. */

/* A "," list of "never", "success", "failure", "delay"; that "never" stands alone is left to the
   submission. @ret_notify: PostsealSmtpNotify */
gboolean postseal_send_value_notify (const char *text, guint *ret_notify, GError **error);

/* "full", "headers" */
gboolean postseal_send_value_return (const char *text, PostsealSmtpReturn *ret_ret, GError **error);

/* "7bit", "8bitmime": what a text message has anyway; "binarymime" */
gboolean postseal_send_value_body (const char *text, gboolean *ret_is_binary, GError **error);

/* RFC 3461 section 4.4: 1 to 100 printable characters of US-ASCII. */
gboolean postseal_send_value_envelope_id (const char *text, GError **error);

/**
 * postseal_send_value_hold_until:
 * @text: "+2h30m", "18:00" (the next time it is that), "2026-11-24 08:00", with "T" and a time zone
 * as in RFC 3339 if wanted
 * @now: Unix seconds
 *
 * A moment that is over is an error.
 */
gboolean postseal_send_value_hold_until (const char *text,
                                         gint64 now,
                                         gint64 *ret_hold_until,
                                         GError **error);

typedef struct
{
  gint64 seconds;
  char mode; /* 'N' or 'R', as in PostsealSmtpMailParameters */
  gboolean has_trace;
} PostsealDeliverBy;

/* "2h", "2h:notify", "1d:return:trace" (RFC 2852). Without a mode: notify, so that a late message
   still arrives. */
gboolean
postseal_send_value_deliver_by (const char *text, PostsealDeliverBy *ret_by, GError **error);

G_END_DECLS
