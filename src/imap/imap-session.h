/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/authenticator.h"
#include "base/transcript.h"
#include "net/channel.h"

G_BEGIN_DECLS

#define POSTSEAL_IMAP_ERROR (postseal_imap_error_quark ())
GQuark postseal_imap_error_quark (void);
typedef enum
{
  POSTSEAL_IMAP_ERROR_PROTOCOL, /* the server broke the protocol or our limits (76) */
  POSTSEAL_IMAP_ERROR_REFUSED, /* NO or BAD, for good (69) */
  POSTSEAL_IMAP_ERROR_BUSY, /* NO with UNAVAILABLE, INUSE, SERVERBUG, LIMIT; BYE: later (75) */
  POSTSEAL_IMAP_ERROR_GONE, /* the mailbox does not exist (any more) (69) */
  POSTSEAL_IMAP_ERROR_NO_UIDS, /* UIDVALIDITY missing or UIDNOTSTICKY: nothing can be remembered
                                  (69) */
  POSTSEAL_IMAP_ERROR_LIMIT, /* too many connections or log-ins: with fewer it would do (75) */
} PostsealImapError;

/* An IMAP conversation (IMAP4rev1, RFC 3501; IMAP4rev2, RFC 9051) over a sealed link: a pipelined
   command queue and one state enum. Operations may be called while others are under way; they are
   sent in order, and together where the RFC allows. Each operation ends exactly once, also when the
   link dies.

   Cancelling an operation before it has ended ends the session, and every operation with it: half
   an answer cannot be told from the next one. Silence has a limit only while an answer is awaited.
   After BYE nothing more is sent; what is under way ends with POSTSEAL_IMAP_ERROR_BUSY unless it is
   still answered. */
#define POSTSEAL_TYPE_IMAP_SESSION (postseal_imap_session_get_type ())
G_DECLARE_FINAL_TYPE (PostsealImapSession, postseal_imap_session, POSTSEAL, IMAP_SESSION, GObject)

/* @link: (transfer full). @transcript: (nullable) */
PostsealImapSession *postseal_imap_session_new (PostsealSealedLink *link,
                                                guint timeout_ms,
                                                PostsealTranscript *transcript);

/**
 * postseal_imap_session_login_async:
 * @auth: (nullable): how to sign in; NULL: not at all, the greeting must be PREAUTH
 * @compress: COMPRESS=DEFLATE when offered
 *
 * Greeting (implicit TLS) or CAPABILITY (after STARTTLS there is no second greeting), sign in by
 * the strongest mechanism, capabilities anew. COMPRESS follows without
 * being waited for. ID and ENABLE (UTF8=ACCEPT; QRESYNC when the first select has something to ask
 * of it) leave in one flight with the first operation, NAMESPACE with the first list.
 *
 * With @auth, PREAUTH is taken only on a link with a client certificate: else nobody knows as whom.
 *
 * Errors:
 * %POSTSEAL_AUTH_ERROR, %POSTSEAL_VAULT_ERROR, %POSTSEAL_IMAP_ERROR (_LIMIT: too many connections),
 * network.
 */
void postseal_imap_session_login_async (PostsealImapSession *self,
                                        PostsealAuthenticator *auth,
                                        gboolean compress,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_imap_session_login_finish (PostsealImapSession *self,
                                             GAsyncResult *result,
                                             GError **error);

/* After login. Names as in CAPABILITY, e.g. "UIDPLUS". */
gboolean postseal_imap_session_has_capability (PostsealImapSession *self, const char *name);
PostsealSeal *
postseal_imap_session_get_seal (PostsealImapSession *self); /* Returns: (transfer none) */

/* --- mailboxes --- */

/* What a mailbox is for, where the server says so (RFC 6154 section 2). */
typedef enum
{
  POSTSEAL_IMAP_USE_NONE,
  POSTSEAL_IMAP_USE_ALL, /* all messages of all others */
  POSTSEAL_IMAP_USE_ARCHIVE,
  POSTSEAL_IMAP_USE_DRAFTS,
  POSTSEAL_IMAP_USE_FLAGGED, /* messages of others that are marked */
  POSTSEAL_IMAP_USE_JUNK,
  POSTSEAL_IMAP_USE_SENT,
  POSTSEAL_IMAP_USE_TRASH,
} PostsealImapUse;

typedef struct
{
  char *name; /* as the server spells it: kept byte for byte, used in commands */
  char *title; /* UTF-8 for people and for file names */
  char delimiter; /* 0: flat */
  gboolean is_selectable;
  gboolean is_nameable; /* the title as a pattern without wildcards names this very mailbox */
  PostsealImapUse use; /* in a list with uses */
} PostsealImapMailbox;
void postseal_imap_mailbox_free (PostsealImapMailbox *self);

/**
 * postseal_imap_session_list_async:
 * @patterns: (array zero-terminated=1): UTF-8, with IMAP wildcards, or plain names; relative to the
 *   personal namespace's prefix if the name as such does not exist. INBOX is always INBOX
 * @with_uses: what each is for, too
 *
 * Result: each matching selectable mailbox once, INBOX first. A plain name that does not exist is
 * reported as an element with is_selectable FALSE.
 */
void postseal_imap_session_list_async (PostsealImapSession *self,
                                       const char *const *patterns,
                                       gboolean with_uses,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* A name is spelled as this session's ENABLE has it: between sessions "name" may differ (modified
   UTF-7, UTF-8) where "title" does not, so remember mailboxes by title. A title is escaped where
   the name says nothing in its encoding. Returns: (transfer full) (element-type
   PostsealImapMailbox) */
GPtrArray *
postseal_imap_session_list_finish (PostsealImapSession *self, GAsyncResult *result, GError **error);

typedef struct
{
  guint32 uid_validity; /* 0: the server gave none */
  guint32 uid_next; /* 0: unknown */
  guint32 exists;
  guint64 highest_modseq; /* 0: none */
  guint32 n_news; /* of the open mailbox: how often messages were announced since it was opened */
  gboolean is_read_only;
  gboolean uids_not_sticky;
  GArray *vanished; /* (element-type guint32) (nullable): of the UIDs asked about, those gone
                       (QRESYNC) */
} PostsealImapStatus;
void postseal_imap_status_free (PostsealImapStatus *self);

/* STATUS of a mailbox that is not selected (never of the selected one, RFC 9051 section 6.3.11).
   Several calls in a row leave in one flight. */
void postseal_imap_session_status_async (PostsealImapSession *self,
                                         const char *mailbox,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full) */
PostsealImapStatus *postseal_imap_session_status_finish (PostsealImapSession *self,
                                                         GAsyncResult *result,
                                                         GError **error);

/* What is known from last time, so that QRESYNC can say which of @known are gone. */
typedef struct
{
  guint32 uid_validity;
  guint64 modseq;
  const guint32 *known; /* ascending UIDs that matter (pending deletions) */
  gsize n_known;
} PostsealImapKnown;

/**
 * postseal_imap_session_select_async:
 * @read_only: EXAMINE instead of SELECT
 * @known: (nullable): for QRESYNC, used when the server has it
 *
 * Errors: %POSTSEAL_IMAP_ERROR_GONE, _REFUSED, _BUSY. A failed SELECT leaves no mailbox selected.
 */
void postseal_imap_session_select_async (PostsealImapSession *self,
                                         const char *mailbox,
                                         gboolean read_only,
                                         const PostsealImapKnown *known,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full): also when STATUS would have said less */
PostsealImapStatus *postseal_imap_session_select_finish (PostsealImapSession *self,
                                                         GAsyncResult *result,
                                                         GError **error);

/* --- messages of the selected mailbox, by UID only --- */

typedef struct
{
  guint32 uid;
  guint64 size; /* RFC822.SIZE: a hint */
} PostsealImapEntry;

/* UID FETCH @first:* or, when @uids is not NULL, of those UIDs (split into short commands, one
   flight): UID and RFC822.SIZE. UIDs below @first that "*" drags in are dropped (RFC 9051 section
   9, seq-range). Result: ascending, each UID once; a UID that names two messages is
   POSTSEAL_IMAP_ERROR_PROTOCOL. */
void postseal_imap_session_list_messages_async (PostsealImapSession *self,
                                                guint32 first,
                                                const guint32 *uids,
                                                gsize n_uids,
                                                GCancellable *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer user_data);
/* Returns: (transfer full) (element-type PostsealImapEntry) */
GArray *postseal_imap_session_list_messages_finish (PostsealImapSession *self,
                                                    GAsyncResult *result,
                                                    GError **error);

/* The messages that somebody has read: with \Seen (RFC 9051 section 2.3.2). Result: as above. */
void postseal_imap_session_list_seen_async (PostsealImapSession *self,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
/* Returns: (transfer full) (element-type PostsealImapEntry) */
GArray *postseal_imap_session_list_seen_finish (PostsealImapSession *self,
                                                GAsyncResult *result,
                                                GError **error);

/* Receives messages as they stream. For each: begin, data (any number of times), end. The UID is
   known at the end at the latest; @is_whole is FALSE when the message must be thrown away (link
   lost, no UID, NIL). */
typedef struct
{
  void (*begin) (PostsealImapSession *session, guint64 size, gpointer user_data);
  void (*data) (PostsealImapSession *session, const char *data, gsize length, gpointer user_data);
  void (*end) (PostsealImapSession *session, guint32 uid, gboolean is_whole, gpointer user_data);
} PostsealImapFetchHandler;

/**
 * postseal_imap_session_fetch_async:
 * @uids: ascending
 *
 * UID FETCH of BODY.PEEK[] for @uids in one command (callers split: a few hundred, and keep two
 * calls in flight). A message is safe to commit only when this ends without error: the literals
 * were read whole and the tagged OK was seen. UIDs that the server did not return are simply not
 * reported (expunged by others). A message of no bytes is whole: hold it against the listed size.
 */
void postseal_imap_session_fetch_async (PostsealImapSession *self,
                                        const guint32 *uids,
                                        gsize n_uids,
                                        const PostsealImapFetchHandler *handler,
                                        gpointer handler_data,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_imap_session_fetch_finish (PostsealImapSession *self,
                                             GAsyncResult *result,
                                             GError **error);

/**
 * postseal_imap_session_delete_async:
 *
 * UID STORE +FLAGS.SILENT (\Deleted), then UID EXPUNGE of exactly those (RFC 4315 section 2.1).
 * Without UIDPLUS or IMAP4rev2 nothing is sent and the error is _REFUSED: a bare EXPUNGE would
 * remove other people's messages too.
 */
void postseal_imap_session_delete_async (PostsealImapSession *self,
                                         const guint32 *uids,
                                         gsize n_uids,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean postseal_imap_session_delete_finish (PostsealImapSession *self,
                                              GAsyncResult *result,
                                              GError **error);

/* --- waiting for news --- */

/**
 * postseal_imap_session_idle_async:
 * @renew_ms: DONE and IDLE again after this long without news (RFC 2177: under 29 minutes); 0:
 * never
 *
 * IDLE in the selected mailbox. Ends, with DONE sent and answered, as soon as the mailbox may have
 * new messages (EXISTS; counted from this call on), or when postseal_imap_session_idle_stop() was
 * called, or when any other operation was begun: that one leaves right after DONE was answered.
 * Renewal happens inside, and a peer that does not answer DONE within the session's timeout is
 * dead. No timer but the renewal's runs meanwhile. A server may end it by itself: that is no error,
 * and no news either.
 *
 * Errors: %POSTSEAL_IMAP_ERROR_REFUSED (or _BUSY) when the server has no IDLE or says NO: the
 * session goes on; network.
 */
void postseal_imap_session_idle_async (PostsealImapSession *self,
                                       guint renew_ms,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
postseal_imap_session_idle_finish (PostsealImapSession *self, GAsyncResult *result, GError **error);
/* Does nothing when no IDLE is under way. */
void postseal_imap_session_idle_stop (PostsealImapSession *self);

/* @mailbox: as the server spells it, INBOX always so; NULL: notifications have overflowed (RFC 5465
   section 5.8), everything must be looked at and NOTIFY asked for again. @status: (nullable): what
   was said, 0: not said */
typedef void (*PostsealImapNewsFunc) (PostsealImapSession *session,
                                      const char *mailbox,
                                      const PostsealImapStatus *status,
                                      gpointer user_data);

/**
 * postseal_imap_session_notify_async:
 * @mailboxes: (array zero-terminated=1): as the server spells them
 * @func: called, until the session ends, for each untagged STATUS that is no answer to
 * postseal_imap_session_status_async(); from the main loop, not from within another call
 *
 * NOTIFY SET (RFC 5465) for MessageNew in @mailboxes and in whatever is selected. Replaces the one
 * before. Nothing is told of what was there already: look at the mailboxes after this, not before.
 * News of the selected mailbox come by EXISTS, which ends an IDLE.
 *
 * Errors: %POSTSEAL_IMAP_ERROR_REFUSED when the server has no NOTIFY, or will not.
 */
void postseal_imap_session_notify_async (PostsealImapSession *self,
                                         const char *const *mailboxes,
                                         PostsealImapNewsFunc func,
                                         gpointer user_data,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data_of_callback);
gboolean postseal_imap_session_notify_finish (PostsealImapSession *self,
                                              GAsyncResult *result,
                                              GError **error);

/**
 * postseal_imap_session_probe_async:
 * @limit_ms: how long the server may be silent
 *
 * Is the peer still there? NOOP, or DONE and IDLE again while idling; when nothing is heard within
 * @limit_ms the session ends with POSTSEAL_NET_ERROR_TIMEOUT. For after a change of network, a
 * sleep.
 */
void postseal_imap_session_probe_async (PostsealImapSession *self,
                                        guint limit_ms,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean postseal_imap_session_probe_finish (PostsealImapSession *self,
                                             GAsyncResult *result,
                                             GError **error);

/* The open mailbox as it is now: what SELECT said and what came after it (EXISTS rises with new
   messages, UIDNEXT does not). NULL when none is open. Returns: (transfer none) */
const PostsealImapStatus *
postseal_imap_session_get_selected (PostsealImapSession *self, const char **ret_name);

/* Back-pressure: while paused nothing is read. */
void postseal_imap_session_pause (PostsealImapSession *self);
void postseal_imap_session_resume (PostsealImapSession *self);

/* LOGOUT without waiting for more than POSTSEAL_LIMIT_CLOSE_MS, in the background. The session is
   of no more use. Operations under way end with POSTSEAL_NET_ERROR_CLOSED. */
void postseal_imap_session_logout (PostsealImapSession *self);

/* Server ALERTs since sealing, each once, printable. Returns: (transfer none) */
const GPtrArray *postseal_imap_session_get_alerts (PostsealImapSession *self);

/**
 * postseal_imap_session_hand_over:
 * @handler, @user_data: as of postseal_channel_new()
 *
 * Gives the connection away, as it is after the log-in, in the callback of which this is to be
 * called: not a byte that the server sent behind its last answer is lost, and @handler is the one
 * that hears it. The session is of no more use.
 *
 * Returns: (transfer full) (nullable): NULL when the connection has ended
 */
PostsealChannel *postseal_imap_session_hand_over (PostsealImapSession *self,
                                                  const PostsealChannelHandler *handler,
                                                  gpointer user_data);

G_END_DECLS
