/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/authenticator.h"
#include "base/transcript.h"
#include "net/channel.h"

G_BEGIN_DECLS

#define POSTSEAL_POP3_ERROR (postseal_pop3_error_quark ())
GQuark postseal_pop3_error_quark (void);
typedef enum
{
  POSTSEAL_POP3_ERROR_PROTOCOL, /* the server broke the protocol or our limits (76) */
  POSTSEAL_POP3_ERROR_REFUSED, /* -ERR, for good (69) */
  POSTSEAL_POP3_ERROR_BUSY, /* [IN-USE], [LOGIN-DELAY], [SYS/TEMP]: later (75) */
  POSTSEAL_POP3_ERROR_NO_UIDL, /* the server has no UIDL (69) */
} PostsealPop3Error;

/* A POP3 conversation (RFC 1939, 2449, 5034) over a sealed link: commands in a queue, pipelined
   where the server says so, one state enum. Each operation ends exactly once, also when the link
   dies. */
#define POSTSEAL_TYPE_POP3_SESSION (postseal_pop3_session_get_type ())
G_DECLARE_FINAL_TYPE (PostsealPop3Session, postseal_pop3_session, POSTSEAL, POP3_SESSION, GObject)

/* @link: (transfer full). @transcript: (nullable) */
PostsealPop3Session *postseal_pop3_session_new (PostsealSealedLink *link,
                                                guint timeout_ms,
                                                PostsealTranscript *transcript);

/* Greeting (implicit TLS only: after STLS there is none), CAPA, UTF8 where offered, sign in (AUTH
   or USER and PASS), CAPA again only where values can change (RFC 2449 section 5). Once in a
   session's life. Errors: %POSTSEAL_AUTH_ERROR, %POSTSEAL_VAULT_ERROR, %POSTSEAL_POP3_ERROR,
   network. After a refusal the session can only be left.

   Cancelling any operation (but QUIT, once it is sent) ends the whole session with
   %G_IO_ERROR_CANCELLED: its replies would still have to be read. */
void postseal_pop3_session_login_async (PostsealPop3Session *self,
                                        PostsealAuthenticator *auth,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_pop3_session_login_finish (PostsealPop3Session *self,
                                             GAsyncResult *result,
                                             GError **error);

/* After login. Names as in CAPA, e.g. "PIPELINING". */
gboolean postseal_pop3_session_has_capability (PostsealPop3Session *self, const char *name);
/* Seconds that the server wants between log-ins (LOGIN-DELAY), 0 when it does not say. */
guint postseal_pop3_session_get_login_delay (PostsealPop3Session *self);
PostsealSeal *
postseal_pop3_session_get_seal (PostsealPop3Session *self); /* Returns: (transfer none) */

typedef struct
{
  guint32 number; /* message number in this session */
  guint32
      occurrence; /* 0 for the first message with this uidl in the listing, 1 for the second ... */
  guint64 size; /* LIST: a hint, it does not count dot-stuffing and may be wrong */
  const char *uidl; /* NULL when the server has no UIDL; owned by the listing */
} PostsealPop3Entry;

/* UIDL and LIST in one flight. Two equal UIDLs are two messages. Small per entry: made for 200,000.
 */
typedef struct
{
  GArray *entries; /* (element-type PostsealPop3Entry) ascending numbers */
  GStringChunk *uidls;
  gboolean has_uidl;
} PostsealPop3Listing;
void postseal_pop3_listing_free (PostsealPop3Listing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealPop3Listing, postseal_pop3_listing_free)

/* Errors: %POSTSEAL_POP3_ERROR, network. A server without UIDL is no error: see has_uidl. */
void postseal_pop3_session_list_async (PostsealPop3Session *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Returns: (transfer full) */
PostsealPop3Listing *
postseal_pop3_session_list_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error);

/* STAT: how much there is, for whoever only looks. Errors: %POSTSEAL_POP3_ERROR, network */
void postseal_pop3_session_stat_async (PostsealPop3Session *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Returns: the number of messages, -1 on failure */
gint64
postseal_pop3_session_stat_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error);

/* Receives messages as they stream, in the order asked for: begin, data (any number of times, CR LF
   line ends, unstuffed), end. @error: (nullable): NULL when the final "." was read, and something
   before it unless the message was listed as empty. Errors of one message, after which the others
   go on: POSTSEAL_POP3_ERROR_REFUSED (it is gone, say), _BUSY, and _PROTOCOL for a message that was
   listed with a size and came empty. Any other error ends the operation, too. A message that was
   not begun when the link was lost is not heard of. @entry is valid during the call. */
typedef struct
{
  void (*begin) (PostsealPop3Session *session, const PostsealPop3Entry *entry, gpointer user_data);
  void (*data) (PostsealPop3Session *session, const char *data, gsize length, gpointer user_data);
  void (*end) (PostsealPop3Session *session,
               const PostsealPop3Entry *entry,
               const GError *error,
               gpointer user_data);
} PostsealPop3RetrieveHandler;

/**
 * postseal_pop3_session_retrieve_async:
 * @entries: (array length=n_entries): copied; their uidl strings stay borrowed
 *
 * RETR of all, by a sliding window (1 MiB of announced size, at most 200 commands, refilled per
 * reply) where PIPELINING is offered, else one by one. Ends without error when every message was
 * begun and ended.
 */
void postseal_pop3_session_retrieve_async (PostsealPop3Session *self,
                                           const PostsealPop3Entry *entries,
                                           gsize n_entries,
                                           const PostsealPop3RetrieveHandler *handler,
                                           gpointer handler_data,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean postseal_pop3_session_retrieve_finish (PostsealPop3Session *self,
                                                GAsyncResult *result,
                                                GError **error);

/* DELE of each number, pipelined where offered. Nothing is deleted until QUIT is answered. May be
   called while a retrieve is under way: it is queued between the RETRs. */
void postseal_pop3_session_delete_async (PostsealPop3Session *self,
                                         const guint32 *numbers,
                                         gsize n_numbers,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full) (element-type guint32): the numbers the server accepted */
GArray *postseal_pop3_session_delete_finish (PostsealPop3Session *self,
                                             GAsyncResult *result,
                                             GError **error);

/* QUIT, waiting for its answer: only a +OK makes deletions real (RFC 1939 section 6). */
void postseal_pop3_session_quit_async (PostsealPop3Session *self,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
postseal_pop3_session_quit_finish (PostsealPop3Session *self, GAsyncResult *result, GError **error);

/* QUIT in the background when nothing was deleted; the session is of no more use. */
void postseal_pop3_session_leave (PostsealPop3Session *self);

/* NOOP, to hold the maildrop while delivery is slow (RFC 1939 section 3: the timer is 10 minutes).
 */
void postseal_pop3_session_keep_alive (PostsealPop3Session *self);

/* Back-pressure: while paused nothing is read. */
void postseal_pop3_session_pause (PostsealPop3Session *self);
/* Reads again. */
void postseal_pop3_session_resume (PostsealPop3Session *self);

/**
 * postseal_pop3_session_hand_over:
 * @handler, @user_data: as of postseal_channel_new()
 *
 * Gives the connection away, as it is after the log-in, in the callback of which this is to be
 * called: not a byte that the server sent behind its last answer is lost, and @handler is the one
 * that hears it. The session is of no more use.
 *
 * Returns: (transfer full) (nullable): NULL when the connection has ended
 */
PostsealChannel *postseal_pop3_session_hand_over (PostsealPop3Session *self,
                                                  const PostsealChannelHandler *handler,
                                                  gpointer user_data);

G_END_DECLS
