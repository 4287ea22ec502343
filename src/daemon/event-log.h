/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The daemon's log. In the journal, where standard error leads there: one entry an event, with the
   fields POSTSEAL_ACCOUNT= and POSTSEAL_EVENT=. Else lines "postseald: ACCOUNT: what happened" on
   standard error. */

typedef enum
{
  POSTSEAL_EVENT_LOG_USUAL, /* on standard error: what deserves attention; all events in the journal
                             */
  POSTSEAL_EVENT_LOG_VERBOSE, /* all events on standard error, too */
} PostsealEventLogDetail;

/* From now on everything that is logged by GLib's functions goes there, too. Debugging messages
   only as $G_MESSAGES_DEBUG says. To be called once, before there are threads. */
void postseal_event_log_start (PostsealEventLogDetail detail);

/**
 * postseal_event_log:
 * @level: %G_LOG_LEVEL_INFO for what is usual, %G_LOG_LEVEL_MESSAGE for what a person may want to
 *   know, %G_LOG_LEVEL_WARNING for what is wrong on this machine
 * @account: (nullable): the name of the account that it is about
 * @event: what kind of thing happened, a word for programs: "mail-arrived"
 *
 * One entry, a sentence without a final period. Never a secret, a subject or the address of a
 * correspondent.
 */
void postseal_event_log (GLogLevelFlags level,
                         const char *account,
                         const char *event,
                         const char *format,
                         ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
