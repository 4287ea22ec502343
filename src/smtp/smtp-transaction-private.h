/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "smtp/smtp-private.h"
#include "wire/dot-codec.h"

G_BEGIN_DECLS

/* One message on its way: what has been said of it, and what was answered. smtp-transaction.c leads
   it through its phases, smtp-envelope.c writes MAIL and RCPT, smtp-content.c provides the octets,
   smtp-verdict.c draws the conclusion. */

typedef struct _PostsealSmtpContent PostsealSmtpContent;

typedef enum
{
  POSTSEAL_SMTP_PHASE_WAITING, /* nothing is said */
  POSTSEAL_SMTP_PHASE_ENVELOPE, /* MAIL and RCPT */
  POSTSEAL_SMTP_PHASE_DATA, /* DATA is said, 354 is awaited */
  POSTSEAL_SMTP_PHASE_CONTENT, /* it goes out */
  POSTSEAL_SMTP_PHASE_SENT, /* all of it is out of our hands */
  POSTSEAL_SMTP_PHASE_STOPPED, /* no more of it will be said, and it was not all */
} PostsealSmtpPhase;

typedef struct
{
  PostsealSmtpOperation base;
  const PostsealSmtpMessage *message; /* borrowed: the caller's */
  PostsealSmtpResult *result; /* owned */
  PostsealSmtpPhase phase;
  GString *envelope; /* owned: MAIL and RCPTs, as lines */
  gsize n_envelope_said;
  gsize n_to_answer; /* the next recipient whose RCPT is to be answered */
  gsize n_recipients; /* that are sent to the server and not refused */
  guint n_unanswered; /* of its commands */
  gboolean is_sender_refused; /* MAIL: what RCPT and DATA say then means nothing */
  PostsealSmtpAnswer answer; /* of MAIL, DATA or a chunk where that refuses, else the final one */
  PostsealSmtpContent *content; /* owned */
  guint64 n_content_said;
  guint64 n_content_answered;
  PostsealDotEncoder dots;
} PostsealSmtpTransaction;

/* Whether @operation is one of these. */
gboolean _postseal_smtp_operation_is_transaction (PostsealSmtpOperation *operation);

/* --- smtp-envelope.c --- */

/* Writes the envelope, and answers for the recipients that are refused here. Returns: FALSE when
   there is nothing to be sent, because all have their answers */
gboolean _postseal_smtp_transaction_prepare (PostsealSmtpTransaction *self);

/* --- smtp-verdict.c --- */

/* Made with a recipient's answers undecided. */
PostsealSmtpResult *_postseal_smtp_result_new (gsize n_recipients);
void _postseal_smtp_answer_clear (PostsealSmtpAnswer *self); /* frees what it owns */

/* An answer by us. @text: (transfer full): translated sentence */
void _postseal_smtp_answer_refuse (PostsealSmtpAnswer *self,
                                   PostsealSmtpVerdict verdict,
                                   const char *status,
                                   char *text);

/* An answer by the server: 2yz, 4yz or 5yz; 421, too. */
void _postseal_smtp_answer_take (PostsealSmtpAnswer *self, const PostsealSmtpReply *reply);

/* TRUE once no reply can change what becomes of the message: it is refused as a whole, or for every
   recipient. */
gboolean _postseal_smtp_transaction_is_refused (PostsealSmtpTransaction *self);

/* Gives all recipients that have no answer of their own the one of the whole, and ends the
   operation. */
void _postseal_smtp_transaction_conclude (PostsealSmtpTransaction *self);

/* Ends the operation because of @error: doubtful when all of it was said and may have been
   accepted. */
void _postseal_smtp_transaction_give_up (PostsealSmtpTransaction *self, const GError *error);

/* --- smtp-content.c --- */

/**
 * _postseal_smtp_content_new:
 * @owner: whose session is pumped when octets have been read
 */
PostsealSmtpContent *_postseal_smtp_content_new (PostsealSmtpTransaction *owner);
/* What a worker thread still reads is dropped when it is there. NULL-safe. */
void _postseal_smtp_content_free (PostsealSmtpContent *self);

/**
 * _postseal_smtp_content_get:
 * @offset: in the message
 * @length: at most POSTSEAL_SMTP_CHUNK, and not beyond the end
 * @ret_data: (out): valid until the next call
 *
 * Returns: FALSE without @error when they are not there yet: the session is pumped when they are
 */
gboolean _postseal_smtp_content_get (
    PostsealSmtpContent *self, guint64 offset, gsize length, const char **ret_data, GError **error);

/* Begins to read what will be wanted next. */
void _postseal_smtp_content_prefetch (PostsealSmtpContent *self, guint64 offset, gsize length);

G_END_DECLS
