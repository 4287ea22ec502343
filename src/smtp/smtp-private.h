/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/channel.h"
#include "smtp/smtp-session.h"
#include "wire/smtp-reply.h"

G_BEGIN_DECLS

/* The inside of a session. smtp-queue.c keeps commands and replies in step; smtp-login.c and
   smtp-transaction.c are the operations, which say their commands and get the replies. */

typedef struct _PostsealSmtpOperation PostsealSmtpOperation;

/* How long a reply may take (RFC 5321 section 4.5.3.2). */
typedef enum
{
  POSTSEAL_SMTP_WAIT_GREETING,
  POSTSEAL_SMTP_WAIT_COMMAND,
  POSTSEAL_SMTP_WAIT_DATA,
  POSTSEAL_SMTP_WAIT_FINAL,
} PostsealSmtpWait;

typedef struct _PostsealSmtpCommand PostsealSmtpCommand;

/* A kind of command: what is done with its reply. */
typedef struct
{
  const char *name; /* for messages */
  PostsealSmtpWait wait;
  gboolean is_dialogue; /* 334 goes to on_reply, and does not end it */
  gboolean has_content; /* a refusal may come before all of it is out */
  /* @operation: that said it; NULL for what the session says itself. Never called for 421. */
  void (*on_reply) (PostsealSmtpSession *session,
                    PostsealSmtpOperation *operation,
                    const PostsealSmtpCommand *command,
                    const PostsealSmtpReply *reply);
} PostsealSmtpCommandType;

/* A command that was said and is not answered. */
struct _PostsealSmtpCommand
{
  const PostsealSmtpCommandType *type; /* borrowed: static */
  PostsealSmtpOperation *operation; /* borrowed, NULL */
  guint64 line_end; /* where its line ends in all that we have said, */
  guint64 end; /* and where the content does that belongs to it; G_MAXUINT64: not yet */
  gsize n_octets; /* of that content */
  gboolean is_last; /* the content is complete with it */
};

typedef struct
{
  /* It is its turn: says what may be said now, or passes the turn on. Returns: FALSE when there is
     something to wait for; else it is called again, unless it has passed or ended. */
  gboolean (*send) (PostsealSmtpOperation *operation);
  /* (nullable): one of its commands was answered with 421: ends it. */
  void (*dismiss) (PostsealSmtpOperation *operation, const PostsealSmtpReply *reply);
  /* The session has ended with @error: ends it. */
  void (*abandon) (PostsealSmtpOperation *operation, const GError *error);
  /* (nullable): frees what the operation owns. */
  void (*clear) (PostsealSmtpOperation *operation);
} PostsealSmtpOperationType;

/* Begins every operation's own struct. */
struct _PostsealSmtpOperation
{
  const PostsealSmtpOperationType *type; /* borrowed: static */
  PostsealSmtpSession *session; /* borrowed: the task has a reference */
  GTask *task; /* owned */
  GCancellable *cancellable; /* owned, nullable: watched by the session */
  GList link; /* in the session's operations */
};

typedef enum
{
  POSTSEAL_SMTP_STATE_NEW,
  POSTSEAL_SMTP_STATE_LOGIN,
  POSTSEAL_SMTP_STATE_READY,
  POSTSEAL_SMTP_STATE_FAILED, /* the channel is about to report the end */
  POSTSEAL_SMTP_STATE_CLOSED,
} PostsealSmtpState;

struct _PostsealSmtpSession
{
  GObject parent_instance;

  PostsealSmtpState state;
  GMainContext *context; /* owned */
  PostsealChannel *channel; /* owned; NULL when closed */
  PostsealSeal *seal; /* owned */
  char *host; /* owned: for messages */
  guint timeout_ms; /* 0: by the table */
  guint clock_ms; /* what the channel was told */
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealSmtpCaps caps;
  PostsealSmtpReply reply; /* being read */
  GQueue operations; /* of embedded PostsealSmtpOperation.link, oldest first */
  GList *turn; /* borrowed: the first operation that may have something to say, or NULL */
  gboolean is_pumping;
  GArray *in_flight; /* owned: of PostsealSmtpCommand, in the order of their replies */
  guint n_answered; /* so many of them are over */
  guint64 n_said; /* bytes given to the channel */
  GArray *watches; /* owned: of cancellables */
  PostsealSmtpOperation *login; /* borrowed: while there is one */
  gboolean is_dismissed; /* by 421: what has no reply will get none, and was not accepted */
  GError *closed_error; /* owned: set when closed */

  guint window; /* messages */
  guint n_open; /* messages begun and not ended */
  guint64 n_octets; /* of content said and not answered */
  guint n_begun; /* messages ever */
  gboolean needs_reset; /* the server may still know of another transaction */
  gint64 progress_us; /* when it was last told */
};

/* --- saying --- */

/* Bytes on their way out; not recorded. */
void _postseal_smtp_session_write (PostsealSmtpSession *self, const char *data, gsize length);

/* One line, with its CR LF; shown as @label, or as it is when that is NULL. The reply belongs to
   @operation. Returns: (transfer none): valid until the next command is said */
PostsealSmtpCommand *_postseal_smtp_session_say (PostsealSmtpSession *self,
                                                 const PostsealSmtpCommandType *type,
                                                 PostsealSmtpOperation *operation,
                                                 const char *line,
                                                 gsize length,
                                                 const char *label);

/* A reply is due without a line: the greeting, content. Returns: like the above */
PostsealSmtpCommand *_postseal_smtp_session_expect (PostsealSmtpSession *self,
                                                    const PostsealSmtpCommandType *type,
                                                    PostsealSmtpOperation *operation);

/* The command that was said last; there is one. Returns: like the above */
PostsealSmtpCommand *_postseal_smtp_session_get_newest (PostsealSmtpSession *self);

/* RSET; its reply concerns nobody but the session. */
void _postseal_smtp_session_reset (PostsealSmtpSession *self);

/* All commands are answered. */
gboolean _postseal_smtp_session_is_idle (PostsealSmtpSession *self);
/* All that was said up to @position has left for the kernel. */
gboolean _postseal_smtp_session_is_out (PostsealSmtpSession *self, guint64 position);
/* Alive: neither failed nor closed. */
gboolean _postseal_smtp_session_is_open (PostsealSmtpSession *self);
/* Lets the operations say what may be said. */
void _postseal_smtp_session_pump (PostsealSmtpSession *self);

/* What is kept of cancellables. Returns: (transfer full) */
GArray *_postseal_smtp_watches_new (void);

/* Emits "progress", at most ten times a second. */
void _postseal_smtp_session_tell_progress (PostsealSmtpSession *self);

/* --- operations --- */

/**
 * _postseal_smtp_operation_begin:
 * @size: of the struct that begins with PostsealSmtpOperation
 * @task: (transfer full)
 * @cancellable: (nullable): ends the whole session
 *
 * The caller fills it in and calls _postseal_smtp_session_pump(). Not on a closed session.
 *
 * Returns: (transfer none)
 */
gpointer _postseal_smtp_operation_begin (PostsealSmtpSession *session,
                                         const PostsealSmtpOperationType *type,
                                         gsize size,
                                         GTask *task,
                                         GCancellable *cancellable);

/* It has no more to say, so it is the next one's turn. */
void _postseal_smtp_operation_pass (PostsealSmtpOperation *self);

/* Takes the operation out of its session and frees it; none of its commands waits for a reply, or
   the session has ended. Returns: (transfer full): the task, to be returned */
GTask *_postseal_smtp_operation_end (PostsealSmtpOperation *self);

/* Ends everything with @error (transfer full), from the main loop. */
void _postseal_smtp_session_fail (PostsealSmtpSession *self, GError *error);

/* Fails with POSTSEAL_SMTP_ERROR_PROTOCOL. @what: translated sentence; @line: (nullable): the
   culprit */
void _postseal_smtp_session_fail_protocol (PostsealSmtpSession *self,
                                           const char *what,
                                           const char *line,
                                           gsize length);

/* Drops the channel, if it is still there, and ends all operations because of @error. */
void _postseal_smtp_session_close (PostsealSmtpSession *self, const GError *error);

/* A translated message with the server's reply behind it. @reply: (nullable)
   Returns: (transfer full) */
GError *_postseal_smtp_error_new (GQuark domain,
                                  int code,
                                  const PostsealSmtpReply *reply,
                                  const char *format,
                                  ...) G_GNUC_PRINTF (4, 5);

/* POSTSEAL_SMTP_ERROR_BUSY, _REFUSED or _PROTOCOL for a reply to @command that is not the one
   wanted. Returns: (transfer full) */
GError *_postseal_smtp_error_from_reply (PostsealSmtpSession *self,
                                         const PostsealSmtpReply *reply,
                                         const char *command);

/* What a reply says, on one line, printable. Returns: (transfer full) */
char *_postseal_smtp_reply_get_words (const PostsealSmtpReply *reply);

extern const PostsealChannelHandler _postseal_smtp_channel_handler;

G_END_DECLS
