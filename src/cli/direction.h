/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"
#include "net/seal.h"

G_BEGIN_DECLS

/* Receiving or sending of one account, as its status has it at a moment. */
typedef struct
{
  gboolean is_sending; /* else receiving */
  gboolean is_served; /* the account has a server for it */
  PostsealAccountState state;
  gint64 since; /* Unix seconds, 0: not known */
  char *activity; /* all owned, never NULL */
  char *mailbox;
  PostsealSeal *seal; /* owned, or NULL */
  char **changes; /* owned */
  char *error; /* "": none */
  char *advice; /* "": none */
  int status; /* exit status of the last attempt */
  gint64 next; /* Unix seconds, 0: none */
  gint64 last; /* Unix seconds, 0: never */
  char **watched; /* owned: titles */
  guint waiting; /* messages in the outbox, when sending */
  guint64 messages_total; /* of what is under way */
  guint64 messages_done;
  guint64 bytes_total; /* when sending: of the message that is being sent */
  guint64 bytes_done;
} PostsealDirection;

/* As it is now. Returns: (transfer full) */
PostsealDirection *postseal_direction_read (PostsealAccountStatus *status, gboolean is_sending);
void postseal_direction_free (PostsealDirection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDirection, postseal_direction_free)

G_END_DECLS
