/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <account.h>
#include <folder.h>

G_BEGIN_DECLS

/* Files of messages into the host's folders, and from one to another, as links wherever that is
   possible: a link is there at once and as a whole, needs no sync, and tells at once which message
   it is. The host's own way is a copy. */

/* The inbox the user has chosen for @account. Returns: (nullable) */
FolderItem *postseal_claws_find_inbox (const PrefsAccount *account);

/* @paths: (element-type filename): files that stay. Returns: the number of the last message; the
   others have those before it. -1 when the host fails: some may be there */
int postseal_claws_hand_over (FolderItem *target, const GPtrArray *paths);

/**
 * postseal_claws_hand_on:
 * @processing: of the host account @id
 * @messages: (element-type MsgInfo): in it
 * @is_adopted: they may have been handed on already when the host was killed; one that has reached
 *   its folder is only removed here then
 *
 * Passes the filters, and gives each message to where they or the account want it. What the host
 * fails to do stays in @processing.
 */
void postseal_claws_hand_on (FolderItem *processing, int id, GSList *messages, gboolean is_adopted);

G_END_DECLS
