/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/fetch-imap-private.h"

G_BEGIN_DECLS

/* The wait between two rounds: IDLE in the open mailbox, NOTIFY or further connections for the
   others, STATUS every now and then for those that are left. */
typedef struct _FetchWatch FetchWatch;

/* Returns: (transfer full) */
FetchWatch *_postseal_fetch_watch_new (FetchImap *imap);
/* Ends what is under way, without a word. */
void _postseal_fetch_watch_free (FetchWatch *self);

/* The mailboxes have been listed: before they are looked at, so that nothing comes in between. */
void _postseal_fetch_watch_prepare (FetchWatch *self);
/* Waits, with a mailbox open; ends by calling _postseal_fetch_imap_woke() or
   _postseal_fetch_imap_give_up_waiting() once. */
void _postseal_fetch_watch_wait (FetchWatch *self);
/* Ends the wait soon. */
void _postseal_fetch_watch_wake (FetchWatch *self);
/* The latches may be used again. */
void _postseal_fetch_watch_resume (FetchWatch *self);
/* Are changes of @box told of without asking? */
gboolean _postseal_fetch_watch_covers (FetchWatch *self, const FetchBox *box);
void _postseal_fetch_watch_probe (FetchWatch *self, guint limit_ms);

G_END_DECLS
