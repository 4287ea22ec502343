/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an SMTP client says, read strictly (RFC 5321 section 2.3.8): CR LF ends a line and nothing
   else does; CR and LF mean nothing on their own, and whoever sends them is told so. Blocking. */
typedef struct _PostsealSmtpInput PostsealSmtpInput;

PostsealSmtpInput *postseal_smtp_input_new (int fd);
void postseal_smtp_input_free (PostsealSmtpInput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSmtpInput, postseal_smtp_input_free)

typedef enum
{
  POSTSEAL_SMTP_INPUT_OK,
  POSTSEAL_SMTP_INPUT_BARE, /* it held a CR or LF on its own, or NUL */
  POSTSEAL_SMTP_INPUT_LONG, /* more than may be; all of it has been read */
  POSTSEAL_SMTP_INPUT_DISK, /* it could not be kept: errno is set; all of it has been read */
  POSTSEAL_SMTP_INPUT_END, /* nothing more, or the rest is no line */
  POSTSEAL_SMTP_INPUT_SILENCE, /* nothing for POSTSEAL_LIMIT_SMTP_COMMAND_MS */
} PostsealSmtpInputState;

/* The next line, without its end. After BARE and LONG a line has been used up all the same, up to
   its LF. */
PostsealSmtpInputState postseal_smtp_input_read_line (PostsealSmtpInput *self, GString *ret_line);

/**
 * postseal_smtp_input_read_data:
 * @fd: where the message is put, without stuffed dots
 * @largest: octets
 *
 * All up to the line that is only ".", between CR LFs. Memory does not grow with it.
 */
PostsealSmtpInputState
postseal_smtp_input_read_data (PostsealSmtpInput *self, int fd, guint64 largest);

G_END_DECLS
