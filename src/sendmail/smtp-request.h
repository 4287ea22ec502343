/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "wire/smtp-command.h"

G_BEGIN_DECLS

/* The commands MAIL and RCPT as a server reads them (RFC 5321 section 4.1.2; RFC 1870, 3461, 6152,
   6531). */

typedef struct
{
  char *address; /* owned: without brackets; "" for <>; checked no further */
  guint64 size; /* MAIL SIZE=; 0: not given */
  PostsealSmtpReturn ret; /* MAIL RET= */
  char *envid; /* owned: MAIL ENVID=, decoded; or NULL */
  gboolean smtputf8; /* MAIL SMTPUTF8 */
  guint notify; /* RCPT NOTIFY=: PostsealSmtpNotify; 0: not given */
} PostsealSmtpRequest;

typedef enum
{
  POSTSEAL_SMTP_REQUEST_OK,
  POSTSEAL_SMTP_REQUEST_SYNTAX, /* no path in brackets (501 5.5.2) */
  POSTSEAL_SMTP_REQUEST_VALUE, /* a parameter given twice, or with a bad value (501 5.5.4) */
  POSTSEAL_SMTP_REQUEST_PARAMETER, /* a parameter that was not offered (555 5.5.4) */
} PostsealSmtpRequestProblem;

/* @text: what follows "MAIL FROM:". Frees what was in @self; initialise with { 0 }. */
PostsealSmtpRequestProblem
postseal_smtp_request_parse_mail (PostsealSmtpRequest *self, const char *text);
/* @text: what follows "RCPT TO:". Likewise. */
PostsealSmtpRequestProblem
postseal_smtp_request_parse_rcpt (PostsealSmtpRequest *self, const char *text);
void postseal_smtp_request_clear (PostsealSmtpRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealSmtpRequest, postseal_smtp_request_clear)

G_END_DECLS
