/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/channel.h"
#include "pop3/pop3-session.h"
#include "wire/dot-codec.h"
#include "wire/pop3-reply.h"

G_BEGIN_DECLS

/* The inside of a session. pop3-queue.c keeps commands and replies in step; pop3-login.c,
   pop3-listing.c and pop3-transfer.c are the operations, which feed it commands and get the
   replies. */

typedef struct _PostsealPop3Operation PostsealPop3Operation;
typedef struct _PostsealPop3Command PostsealPop3Command;

/* What a kind of command does with its reply. The functions are called with the operation that sent
   it, never after that has ended; all but on_reply may be NULL. */
typedef struct
{
  gboolean is_multi_line; /* +OK is followed by a body */
  gboolean is_streamed; /* the body goes to on_data, else line by line to on_line */
  gboolean is_recorded; /* its lines go to the transcript, else their number */
  void (*on_reply) (PostsealPop3Operation *operation,
                    const PostsealPop3Command *command,
                    const PostsealPop3Reply *reply);
  void (*on_challenge) (PostsealPop3Operation *operation, const PostsealPop3Reply *reply);
  void (*on_line) (PostsealPop3Operation *operation, const char *line, gsize length);
  void (*on_data) (PostsealPop3Operation *operation,
                   const PostsealPop3Command *command,
                   const char *data,
                   gsize length);
  void (*on_end) (PostsealPop3Operation *operation, const PostsealPop3Command *command);
} PostsealPop3CommandType;

struct _PostsealPop3Command
{
  const PostsealPop3CommandType *type; /* borrowed: static */
  PostsealPop3Operation *operation; /* borrowed; NULL when nobody waits for the reply (any more) */
  char *bytes; /* owned; wiped and freed when sent. NULL for the greeting */
  gsize length;
  const char *label; /* borrowed: static; for the transcript when bytes are secret */
  gsize index; /* for the operation */
};

typedef struct
{
  gboolean is_urgent; /* its commands go before those of others */
  /* The next command that may be sent now. Returns: (transfer full) (nullable) */
  PostsealPop3Command *(*next) (PostsealPop3Operation *operation);
  /* (nullable): the session ends with @error, before the task does. */
  void (*abandon) (PostsealPop3Operation *operation, const GError *error);
  /* (nullable): frees what the operation owns. */
  void (*clear) (PostsealPop3Operation *operation);
} PostsealPop3OperationType;

/* Begins every operation's own struct. */
struct _PostsealPop3Operation
{
  const PostsealPop3OperationType *type; /* borrowed: static */
  PostsealPop3Session *session; /* borrowed: the task has a reference */
  GTask *task; /* owned */
  GSource *cancel_source; /* owned, nullable */
};

typedef enum
{
  POSTSEAL_POP3_STATE_AUTHORIZATION,
  POSTSEAL_POP3_STATE_TRANSACTION,
  POSTSEAL_POP3_STATE_UPDATE, /* QUIT is sent */
  POSTSEAL_POP3_STATE_FAILED, /* the channel is about to report the end */
  POSTSEAL_POP3_STATE_CLOSED,
} PostsealPop3State;

struct _PostsealPop3Session
{
  GObject parent_instance;

  PostsealPop3State state;
  PostsealChannel *channel; /* owned; NULL when closed */
  PostsealSeal *seal; /* owned */
  char *host; /* owned: for messages */
  guint timeout_ms;
  PostsealTranscript *transcript; /* owned, nullable */
  gboolean has_begun; /* there is one login in a session's life */
  gboolean is_paused;
  GHashTable *capabilities; /* owned: name -> arguments, both owned; NULL: the server has no CAPA */
  GQueue operations; /* of owned PostsealPop3Operation, oldest first */
  GQueue in_flight; /* of owned PostsealPop3Command: sent, in the order of their replies */
  gboolean wants_noop;
  gboolean is_in_body; /* of the first command in flight */
  PostsealDotDecoder dot_decoder;
  guint8 *body_buffer; /* owned, allocated with the first body */
  gboolean is_after_empty_body; /* of a message */
  guint64 body_bytes; /* or lines */
  PostsealPop3Operation *login; /* borrowed: while there is one */
  GError *closed_error; /* owned: set when closed */
};

/* --- commands --- */

/* Returns: (transfer full) */
PostsealPop3Command *_postseal_pop3_command_new (const PostsealPop3CommandType *type,
                                                 PostsealPop3Operation *operation,
                                                 const char *format,
                                                 ...) G_GNUC_PRINTF (3, 4);

/* @prefix @secret CR LF, shown as @label. @secret: bytes that are copied and wiped after sending.
   Returns: (transfer full) */
PostsealPop3Command *_postseal_pop3_command_new_secret (const PostsealPop3CommandType *type,
                                                        PostsealPop3Operation *operation,
                                                        const char *prefix,
                                                        const char *secret,
                                                        gsize length,
                                                        const char *label);
void _postseal_pop3_command_free (PostsealPop3Command *self);

/* --- operations --- */

/**
 * _postseal_pop3_operation_begin:
 * @size: of the struct that begins with PostsealPop3Operation
 * @source_tag: the _async function
 *
 * Makes the operation and its task. On a closed session the task is returned with an error and the
 * result is NULL. The caller fills it in and calls _postseal_pop3_session_pump().
 *
 * Returns: (transfer none) (nullable)
 */
gpointer _postseal_pop3_operation_begin (PostsealPop3Session *session,
                                         const PostsealPop3OperationType *type,
                                         gsize size,
                                         gpointer source_tag,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);

/* Takes the operation out of its session and frees it; replies still to come are ignored.
   Cancelling does nothing any more. Returns: (transfer full): the task, to be returned */
GTask *_postseal_pop3_operation_end (PostsealPop3Operation *self);

/* From here on cancelling comes too late. */
void _postseal_pop3_operation_commit (PostsealPop3Operation *self);

/* --- session --- */

/* Sends what may be sent. */
void _postseal_pop3_session_pump (PostsealPop3Session *self);
gboolean _postseal_pop3_session_is_pipelining (PostsealPop3Session *self);

/* A line that answers a challenge: secret, so shown as "***". */
void _postseal_pop3_session_respond (PostsealPop3Session *self, const char *line, gsize length);

/* Ends everything with @error (transfer full), from the main loop. */
void _postseal_pop3_session_fail (PostsealPop3Session *self, GError *error);

/* Fails with POSTSEAL_POP3_ERROR_PROTOCOL. @what: translated sentence; @line: the culprit, nullable
 */
void _postseal_pop3_session_fail_protocol (PostsealPop3Session *self,
                                           const char *what,
                                           const char *line,
                                           gsize length);

/* Drops the channel, if it is still there, and ends all operations with a copy of @error. */
void _postseal_pop3_session_close (PostsealPop3Session *self, const GError *error);

/* A translated message with the server's text behind it, where it said something.
   Returns: (transfer full) */
GError *_postseal_pop3_error_new (GQuark domain,
                                  int code,
                                  const PostsealPop3Reply *reply,
                                  const char *format,
                                  ...) G_GNUC_PRINTF (4, 5);

/* The server says no, and why: a fact for whoever listens. */
void
_postseal_pop3_session_tell_refusal (PostsealPop3Session *self, const PostsealPop3Reply *reply);

/* POSTSEAL_POP3_ERROR_BUSY or _REFUSED for an -ERR to @command ("RETR 5"). Returns: (transfer full)
 */
GError *_postseal_pop3_error_from_reply (PostsealPop3Session *self,
                                         const PostsealPop3Reply *reply,
                                         const char *command);

extern const PostsealChannelHandler _postseal_pop3_channel_handler;

G_END_DECLS
