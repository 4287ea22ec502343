/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/sender-choice.h"

G_BEGIN_DECLS

/* What an address alone says, without anything to fall back on. */

/* The account that sends as @address, or NULL. Returns: (transfer none) (nullable) */
const PostsealSender *_postseal_senders_match (PostsealSenders *self, const char *address);

/* The first account. Returns: (transfer none) */
const PostsealSender *_postseal_senders_get_first (PostsealSenders *self);

G_END_DECLS
