/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/queue-file.h"
#include "claws/sent-record.h"

G_BEGIN_DECLS

/* The host's folders, as far as a message on its way out concerns them. @record tells where in the
   Queue it is; its number is brought up to date when the message is found under another one. */

/* TRUE while the host lets nobody into its folders: it receives mail itself, a dialog is open,
   or it is in the middle of something.
 */
gboolean postseal_claws_queue_folder_must_wait (void);

/* Brings the Queue up to date with what is on the disk, after a crash. */
void postseal_claws_queue_folder_scan (const PostsealClawsSentRecord *record);

/* Returns: (transfer full) (nullable): path of its file, NULL when it is not in the Queue */
char *postseal_claws_queue_folder_find (PostsealClawsSentRecord *record);
/* TRUE when the Queue is there and has no such message any more. */
gboolean postseal_claws_queue_folder_is_gone (PostsealClawsSentRecord *record);
/* TRUE when it is open in a window, in which the user changes it. */
gboolean postseal_claws_queue_folder_is_edited (PostsealClawsSentRecord *record);
/* Returns: (transfer full): its subject, for people */
char *postseal_claws_queue_folder_get_subject (PostsealClawsSentRecord *record);

/* Whether "Send queued messages" passes it by, and it cannot be deleted by mistake. */
void postseal_claws_queue_folder_lock (PostsealClawsSentRecord *record, gboolean is_locked);
/* Writes which messages of the Queue are locked, which the host does in its own time. */
void postseal_claws_queue_folder_save (const PostsealClawsSentRecord *record);

/* It is sent: into the folder for copies, or away where none is kept, and what it answers is marked
   so. @may_be_there: the copy may have been made before a crash. */
void postseal_claws_queue_folder_file (PostsealClawsSentRecord *record,
                                       const PostsealClawsQueueFile *facts,
                                       gboolean may_be_there);

/* Leaves the sending of it to the host, in the host's own way. */
void postseal_claws_queue_folder_send_by_host (PostsealClawsSentRecord *record);

G_END_DECLS
