/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One reply of an SMTP server (RFC 5321 section 4.2), put together line by line. Only the code
   counts; the enhanced status (RFC 2034, RFC 3463) refines it where both agree on the class. */

typedef struct
{
  guint code; /* 200 to 599; 0: none yet */
  guint status[3]; /* class, subject, detail of the enhanced status; all 0: none that agrees */
  GString *text; /* owned: the lines behind the code, "\n" between; raw, trusted in nothing */
} PostsealSmtpReply;

typedef enum
{
  POSTSEAL_SMTP_REPLY_MORE, /* "250-": further lines belong to it */
  POSTSEAL_SMTP_REPLY_COMPLETE, /* "250 ", "250" */
  POSTSEAL_SMTP_REPLY_MALFORMED, /* no reply line, 1yz or above 5yz, codes that differ from line to
                                    line, or more than POSTSEAL_LIMIT_SMTP_REPLY: end the connection
                                  */
} PostsealSmtpReplyState;

/* An empty reply, to be fed. */
void postseal_smtp_reply_init (PostsealSmtpReply *self);
/* Empties it for the next one; keeps the memory. */
void postseal_smtp_reply_reset (PostsealSmtpReply *self);
void postseal_smtp_reply_clear (PostsealSmtpReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealSmtpReply, postseal_smtp_reply_clear)

/**
 * postseal_smtp_reply_feed:
 * @line: (array length=length): one line without CR LF
 *
 * The text keeps the enhanced status out of its lines where there is one. A malformed line leaves
 * @self as it was.
 */
PostsealSmtpReplyState
postseal_smtp_reply_feed (PostsealSmtpReply *self, const char *line, gsize length);

/* "5.1.1", or made from the class of the code: "5.0.0"; "4.0.0" for 3yz and for no reply at all.
   Returns: (transfer full) */
char *postseal_smtp_reply_get_status (const PostsealSmtpReply *self);

G_END_DECLS
