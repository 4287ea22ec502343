/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-command.h"
#include "net/channel.h"

G_BEGIN_DECLS

/* The commands of one session: those that wait, and those under way. It decides what leaves
   together (RFC 9051 section 5.5), writes it, and finds whom an answer is for. */
typedef struct _PostsealImapQueue PostsealImapQueue;

/* @channel: outlives the queue's writing. @transcript: (nullable). */
PostsealImapQueue *
postseal_imap_queue_new (PostsealChannel *channel, PostsealTranscript *transcript);
/* Ends what is left without telling anybody: call postseal_imap_queue_end() before. */
void postseal_imap_queue_free (PostsealImapQueue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapQueue, postseal_imap_queue_free)

/* The longest literal that may be sent without waiting for "+": 0, 4096 with LITERAL-, any with
   LITERAL+ (RFC 7888 sections 4, 5). */
void postseal_imap_queue_set_prompt_limit (PostsealImapQueue *self, gsize limit);

/* @command: (transfer full). Sent at once when nothing stands against it. */
void postseal_imap_queue_push (PostsealImapQueue *self, PostsealImapCommand *command);

/* Bytes that belong to the command under way and follow a "+" (a SASL response), with their line
 * end. */
void postseal_imap_queue_answer (PostsealImapQueue *self,
                                 const char *data,
                                 gsize length,
                                 gboolean is_secret);

/* Nothing more is sent, whatever is pushed (after BYE). */
void postseal_imap_queue_stop (PostsealImapQueue *self);

/* Offers an untagged response to the commands under way, oldest first.
   Returns: TRUE when one of them took it */
gboolean
postseal_imap_queue_untagged (PostsealImapQueue *self, const PostsealImapResponse *response);

/* "+": sends the literal it was waited for, or goes to the command that takes it, or is ignored. */
void
postseal_imap_queue_continuation (PostsealImapQueue *self, const PostsealImapResponse *response);

/* The end of a command, which is told and freed; then whatever may leave now is sent.
   Returns: FALSE when no command with this tag is under way, or the answer is OK to half a command
 */
gboolean postseal_imap_queue_tagged (PostsealImapQueue *self, const PostsealImapResponse *response);

/* TRUE while an answer is awaited. */
gboolean postseal_imap_queue_is_waiting (PostsealImapQueue *self);
/* TRUE while a new line could be taken for a part of a command under way (literal, SASL, COMPRESS).
 */
gboolean postseal_imap_queue_is_mid_command (PostsealImapQueue *self);
/* Commands under way, and those that wait to leave. */
guint postseal_imap_queue_get_length (PostsealImapQueue *self);

/* Fails every command with @error, those under way first, in order. Nothing is sent any more. */
void postseal_imap_queue_end (PostsealImapQueue *self, const GError *error);

G_END_DECLS
