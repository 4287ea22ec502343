/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "outbox/envelope.h"
#include "outbox/sender-choice.h"

G_BEGIN_DECLS

/* A message on its way into the outbox: read from a descriptor, judged, prepared, written and
   synced, in bounded memory whatever its size. Blocking.

   What goes out is what came in, byte for byte, but for: LF becomes CR LF; an mbox "From " line in
   front, Bcc and Resent-Bcc (RFC 5322 section 3.6.3) and Return-Path (RFC 5321 section 4.4) are
   taken out; Date, Message-ID and From are added in front where they are absent altogether (RFC
   6409 section 8), in a resent block as Resent-... Present is present: an odd or empty From stays.
   A lone CR, NUL, lines over 998 octets, more than 100 Received fields and a header beyond
   POSTSEAL_LIMIT_HEADER are refused, and so is a signed message (multipart/signed, S/MIME,
   a DKIM-Signature) from which Bcc would have to go because the signature covers it (DKIM "h=").
   What begins with anything but a field is all text, and gets a header. */
typedef struct
{
  const char *account; /* (nullable): by name, whoever the sender is; NULL: chosen by sender, then
                          From, then Sender (Resent-... of a message that is sent on) */
  const char *sender; /* (nullable): envelope sender; "" null sender; NULL, or a name of this
                         machine: that of the account */
  const char *const *recipients; /* (nullable): as given; NULL-terminated */
  gboolean reads_recipients; /* -t: To, Cc and Bcc, or those of the top-most Resent block, in
                                addition (RFC 5322 section 3.6.6) */
  gboolean dot_ends; /* a line that is only "." ends the input (sendmail without -i) */
  gboolean undoes_dots; /* a line that is only ".." becomes "."; not with dot_ends */
  const char *full_name; /* (nullable): for a From that has to be added */
  gboolean is_binary; /* BINARYMIME: nothing is converted, CR LF line ends are taken as they are */
  guint notify; /* PostsealSmtpNotify for each recipient, 0: unset */
  PostsealSmtpReturn ret;
  const char *envid; /* (nullable) */
  gboolean requiretls;
  gint64 hold_until;
  gint64 deliver_by;
  char deliver_by_mode;
  gboolean deliver_by_trace;
  const char *origin;
} PostsealSubmission;

/**
 * postseal_submission_run:
 * @senders: who may send
 * @fd: read to its end (or the dot); not closed
 * @ret_id: (out) (transfer full): the entry's ID
 *
 * When this returns TRUE the message is in the outbox and survives a power cut. After failure
 * nothing is left behind. A bare recipient name that is this user's login name, "root" or
 * "postmaster" becomes the account's own address (what cron writes to); another one is refused.
 * Input that is empty altogether is refused.
 *
 * Errors: %POSTSEAL_OUTBOX_ERROR
 */
gboolean postseal_submission_run (const PostsealSubmission *self,
                                  PostsealSenders *senders,
                                  int fd,
                                  char **ret_id,
                                  GError **error);

/* The recipients that a run would have, and the account, without reading a message (sendmail -bv).
   @ret_account: (out) (transfer none): of @senders. Returns: (transfer full): checked addresses */
char **postseal_submission_resolve (const PostsealSubmission *self,
                                    PostsealSenders *senders,
                                    const char **ret_account,
                                    GError **error);

G_END_DECLS
