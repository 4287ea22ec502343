/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/authenticator.h"
#include "base/transcript.h"
#include "net/channel.h"
#include "wire/smtp-caps.h"
#include "wire/smtp-command.h"

G_BEGIN_DECLS

#define POSTSEAL_SMTP_ERROR (postseal_smtp_error_quark ())
GQuark postseal_smtp_error_quark (void);
typedef enum
{
  POSTSEAL_SMTP_ERROR_PROTOCOL, /* the server broke the protocol or our limits (76) */
  POSTSEAL_SMTP_ERROR_REFUSED, /* 5yz to the whole conversation: greeting, EHLO (69) */
  POSTSEAL_SMTP_ERROR_BUSY, /* 421, 4yz to the whole conversation (75) */
  POSTSEAL_SMTP_ERROR_IN_DOUBT, /* the message went out whole and its reply never came (75) */
} PostsealSmtpError;

/* An SMTP submission (RFC 5321, 6409, 4954) over a sealed link: messages in a queue, pipelined
   where the server offers it, one state enum. Each message ends exactly once, also when the link
   dies. */
#define POSTSEAL_TYPE_SMTP_SESSION (postseal_smtp_session_get_type ())
G_DECLARE_FINAL_TYPE (PostsealSmtpSession, postseal_smtp_session, POSTSEAL, SMTP_SESSION, GObject)

/**
 * postseal_smtp_session_new:
 * @link: (transfer full)
 * @timeout_ms: the longest silence in any one wait; 0: what RFC 5321 section 4.5.3.2 asks of each
 * (the POSTSEAL_LIMIT_SMTP_... table)
 * @transcript: (nullable)
 */
PostsealSmtpSession *postseal_smtp_session_new (PostsealSealedLink *link,
                                                guint timeout_ms,
                                                PostsealTranscript *transcript);

/**
 * postseal_smtp_session_login_async:
 * @auth: (nullable): NULL: no AUTH at all
 *
 * Greeting (not after STARTTLS: there is none), EHLO with an address literal of our own address
 * (RFC 5321 section 4.1.4), AUTH (RFC 4954; initial response unless the line would be longer than
 * 512 octets). What was offered before TLS is unknown here. Once in a session's life.
 *
 * Replies to AUTH: 535 is %POSTSEAL_AUTH_ERROR_REJECTED; 534 and 504 exclude the mechanism and try
 * the next; 432 tries PLAIN once; 454 and 4yz are _BUSY; 538 and 5yz else are _NO_MECHANISM.
 * Without @auth a 530 to MAIL is a refusal that says that the server wants a log-in.
 *
 * Errors: %POSTSEAL_SMTP_ERROR, %POSTSEAL_AUTH_ERROR, %POSTSEAL_VAULT_ERROR, network. Cancelling
 * any operation ends the whole session with %G_IO_ERROR_CANCELLED.
 */
void postseal_smtp_session_login_async (PostsealSmtpSession *self,
                                        PostsealAuthenticator *auth,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_smtp_session_login_finish (PostsealSmtpSession *self,
                                             GAsyncResult *result,
                                             GError **error);

/* After login; the latest EHLO only. Returns: (transfer none) */
const PostsealSmtpCaps *postseal_smtp_session_get_caps (PostsealSmtpSession *self);
PostsealSeal *postseal_smtp_session_get_seal (PostsealSmtpSession *self); /* (transfer none) */

typedef struct
{
  const char *address;
  guint notify; /* PostsealSmtpNotify, 0: unset */
  const char *original; /* ORCPT, or NULL */
} PostsealSmtpRecipient;

/* One message and its envelope. Everything is borrowed until the operation ends. */
typedef struct
{
  const char *sender; /* "" for the null sender */
  const PostsealSmtpRecipient *recipients;
  gsize n_recipients; /* at least 1 */
  PostsealSmtpMailParameters mail; /* as wished; has_size is the session's. body and smtputf8 say
                                      what the message needs; of the rest only what the server
                                      offers is written: DSN is dropped where it is not offered,
                                      the others are refused then (see below) */
  guint64 length; /* octets of content: canonical (wire/text-canon.h), or anything when body is
                     BINARY */
  GBytes *content; /* the first octets of it, maybe all */
  int fd; /* the rest, when content is not all: read by a worker thread */
  guint64 content_offset; /* where in the file that rest begins: the octet behind content */
} PostsealSmtpMessage;

typedef enum
{
  POSTSEAL_SMTP_ACCEPTED, /* the server has taken the responsibility for it */
  POSTSEAL_SMTP_TEMPORARY, /* 4yz: another time */
  POSTSEAL_SMTP_PERMANENT, /* 5yz, or refused here because the server lacks what it needs */
  POSTSEAL_SMTP_UNDECIDED, /* see the result's error */
} PostsealSmtpVerdict;

typedef struct
{
  PostsealSmtpVerdict verdict;
  guint code; /* of the deciding reply; 0: decided here */
  char *status; /* owned: enhanced status "5.1.1"; NULL while undecided */
  char *text; /* owned: printable words of the server, or ours when code is 0; may be NULL */
} PostsealSmtpAnswer;

/* What became of a message. A recipient's answer is that of MAIL where it refuses (all that follows
   is then refused for want of a sender), that of RCPT where it refuses, else that of DATA, the
   first refused chunk, or the final one. */
typedef struct
{
  PostsealSmtpAnswer *recipients; /* owned: n_recipients */
  gsize n_recipients;
  GError *error; /* owned: why it was not decided: POSTSEAL_SMTP_ERROR_IN_DOUBT when all of it went
                    out (to the kernel at least) and no reply came; anything else: it was certainly
                    not accepted. NULL when the server has decided. */
  gboolean was_begun; /* with error: a part of it at least was said to the server ... */
  gboolean was_cut; /* ... and the connection ended because the server, or the network, cut it */
} PostsealSmtpResult;

void postseal_smtp_result_free (PostsealSmtpResult *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSmtpResult, postseal_smtp_result_free)

/* How many messages may be on their way at once: 1 waits for the reply to each (always so without
   PIPELINING). Default POSTSEAL_LIMIT_SMTP_WINDOW; the bytes on their way are bounded, too. */
void postseal_smtp_session_set_window (PostsealSmtpSession *self, guint n_messages);

/**
 * postseal_smtp_session_send_async:
 * @message: must live until the operation has ended
 *
 * After login. May be called for many messages at once; they go out in that order. With PIPELINING
 * and CHUNKING, MAIL, RCPT and BDAT of several messages are in flight together, with RSET before
 * each MAIL that does not begin the conversation anew for sure, so that one message's recipients
 * can never be taken for another's; with PIPELINING alone MAIL, RCPT and DATA of one; else command
 * by command. Fewer, larger TLS records: everything that can go out in one turn does.
 *
 * Refused here, with code 0 and no byte sent: larger than SIZE (5.3.4), 8-bit without 8BITMIME
 * (5.6.3: the caller converts first), international without SMTPUTF8 (5.6.7), binary without
 * BINARYMIME (5.6.1), REQUIRETLS not offered (5.7.30) or on a link without verified TLS (5.7.10),
 * FUTURERELEASE or DELIVERBY not offered or beyond what the server allows (5.3.3), an address that
 * cannot stand in a command (5.1.3, 5.1.7). What is wrong with one recipient only (5.1.3, 5.6.7) is
 * that one's answer, and the others are tried. More recipients than RCPTMAX, or domains than
 * RCPTDOMAINMAX (RFC 9422), are %POSTSEAL_SMTP_TEMPORARY, 4.5.3.
 *
 * A 421 ends the conversation: messages behind it are certainly not accepted. A message beyond
 * MAILMAX (RFC 9422) is %POSTSEAL_NET_ERROR_CLOSED: it needs another connection.
 */
void postseal_smtp_session_send_async (PostsealSmtpSession *self,
                                       const PostsealSmtpMessage *message,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);

/* Never fails: what went wrong is in the result. Returns: (transfer full) */
PostsealSmtpResult *
postseal_smtp_session_send_finish (PostsealSmtpSession *self, GAsyncResult *result);

/* Signal "progress" (guint64 octets): content of the oldest unfinished message that has gone out;
   at most ten times a second. */

/* What a server says to an envelope without a message. */
typedef struct
{
  PostsealSmtpAnswer sender; /* of MAIL; PERMANENT with code 0 where it cannot be said at all */
  PostsealSmtpAnswer recipient; /* of RCPT; undecided where the sender was refused */
} PostsealSmtpRehearsal;

void postseal_smtp_rehearsal_free (PostsealSmtpRehearsal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSmtpRehearsal, postseal_smtp_rehearsal_free)

/**
 * postseal_smtp_session_rehearse_async:
 *
 * After login: MAIL, RCPT and RSET, one by one; never DATA, so that nothing is sent to anybody.
 * Errors: 421, and everything that ends the conversation.
 */
void postseal_smtp_session_rehearse_async (PostsealSmtpSession *self,
                                           const char *sender,
                                           const char *recipient,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* Returns: (transfer full) */
PostsealSmtpRehearsal *postseal_smtp_session_rehearse_finish (PostsealSmtpSession *self,
                                                              GAsyncResult *result,
                                                              GError **error);

/* NOOP, to see whether a kept connection still lives; ends like a login. */
void postseal_smtp_session_noop_async (PostsealSmtpSession *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
postseal_smtp_session_noop_finish (PostsealSmtpSession *self, GAsyncResult *result, GError **error);

/* QUIT in the background, its answer is not waited for (RFC 5321 section 4.1.1.10 cannot undo a
   250). The session is of no more use. */
void postseal_smtp_session_leave (PostsealSmtpSession *self);

/**
 * postseal_smtp_session_hand_over:
 * @handler, @user_data: as of postseal_channel_new()
 *
 * Gives the connection away, as it is after the log-in, in the callback of which this is to be
 * called: not a byte that the server sent behind its last answer is lost, and @handler is the one
 * that hears it. The session is of no more use.
 *
 * Returns: (transfer full) (nullable): NULL when the connection has ended
 */
PostsealChannel *postseal_smtp_session_hand_over (PostsealSmtpSession *self,
                                                  const PostsealChannelHandler *handler,
                                                  gpointer user_data);

G_END_DECLS
