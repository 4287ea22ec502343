/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sendmail/arguments.h"

G_BEGIN_DECLS

/* What the program does in each of its modes, on its own standard input and output. Complaints have
   been printed when they return. */

/* Takes a message and has it sent. Returns: exit status (sysexits.h), 0: it is queued */
int postseal_sendmail_send (const PostsealSendmailArguments *arguments);
/* -bs. Returns: exit status; what was acknowledged is queued whatever it is */
int postseal_sendmail_speak_smtp (const PostsealSendmailArguments *arguments);
/* -bv. Returns: exit status: 0 when all addresses could be sent to */
int postseal_sendmail_verify (const PostsealSendmailArguments *arguments);
/* -bp. Returns: exit status */
int postseal_sendmail_list_queue (const PostsealSendmailArguments *arguments);
/* -q. Returns: exit status: that of "postseal queue flush" */
int postseal_sendmail_run_queue (const PostsealSendmailArguments *arguments);

/* Prints the sentence. Returns: the exit status for it */
int postseal_sendmail_complain (const GError *error);

G_END_DECLS
