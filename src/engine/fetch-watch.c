/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/fetch-watch-private.h"

struct _FetchWatch
{
  FetchImap *imap; /* borrowed: has it */
};

FetchWatch *
_postseal_fetch_watch_new (FetchImap *imap)
{
  FetchWatch *self = g_new0 (FetchWatch, 1);

  self->imap = imap;
  return self;
}

void
_postseal_fetch_watch_free (FetchWatch *self)
{
  g_free (self);
}

void
_postseal_fetch_watch_prepare (FetchWatch *self)
{
}

void
_postseal_fetch_watch_wait (FetchWatch *self)
{
  _postseal_fetch_imap_give_up_waiting (self->imap);
}

void
_postseal_fetch_watch_wake (FetchWatch *self)
{
}

void
_postseal_fetch_watch_resume (FetchWatch *self)
{
}

gboolean
_postseal_fetch_watch_covers (FetchWatch *self, const FetchBox *box)
{
  return FALSE;
}

void
_postseal_fetch_watch_probe (FetchWatch *self, guint limit_ms)
{
}
