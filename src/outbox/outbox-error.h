/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can go wrong between a program that hands over a message and the durable queue. */
#define POSTSEAL_OUTBOX_ERROR (postseal_outbox_error_quark ())
GQuark postseal_outbox_error_quark (void);
typedef enum
{
  POSTSEAL_OUTBOX_ERROR_USAGE, /* no recipients given, options that contradict each other (64) */
  POSTSEAL_OUTBOX_ERROR_MESSAGE, /* it cannot travel as it is: control bytes, long lines, no
                                    readable recipients, signed and incomplete (65) */
  POSTSEAL_OUTBOX_ERROR_ADDRESS, /* an address that cannot be used (65) */
  POSTSEAL_OUTBOX_ERROR_INPUT, /* the message could not be read (74) */
  POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE, /* the queue's place: no permission, read only (73) */
  POSTSEAL_OUTBOX_ERROR_DISK, /* full, over quota, input or output error (74) */
  POSTSEAL_OUTBOX_ERROR_DAMAGED, /* an entry or the index cannot be understood (74) */
  POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT, /* none sends as this sender, or none sends at all (78) */
  POSTSEAL_OUTBOX_ERROR_UNKNOWN, /* no such entry, or the ID fits several (64) */
  POSTSEAL_OUTBOX_ERROR_BUSY, /* it is being sent right now (75) */
} PostsealOutboxError;

G_END_DECLS
