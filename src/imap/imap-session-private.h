/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "imap/imap-fetch-private.h"
#include "imap/imap-caps.h"
#include "imap/imap-queue.h"
#include "imap/imap-session.h"
#include "imap/imap-trace.h"
#include "net/channel.h"

G_BEGIN_DECLS

/* The parts that the session's files share. */

/* RFC 9051 section 3; ENDED: the link is gone or nobody may use it any more. */
typedef enum
{
  POSTSEAL_IMAP_STATE_GREETING,
  POSTSEAL_IMAP_STATE_NOT_AUTHENTICATED,
  POSTSEAL_IMAP_STATE_AUTHENTICATED,
  POSTSEAL_IMAP_STATE_SELECTED,
  POSTSEAL_IMAP_STATE_ENDED,
} PostsealImapState;

struct _PostsealImapSession
{
  GObject parent;

  PostsealChannel *channel; /* owned; NULL after logout */
  PostsealSealedLink *link; /* borrowed from channel; NULL with it */
  PostsealSeal *seal; /* owned */
  char *server; /* owned: "HOST:PORT", for messages */
  guint timeout_ms;
  PostsealTranscript *transcript; /* owned, nullable */
  PostsealImapTrace *trace; /* owned, nullable: received lines */
  PostsealImapParser *parser; /* owned */
  PostsealImapQueue *queue; /* owned */
  GPtrArray *alerts; /* owned */

  guint64 n_responses; /* so far: what several commands hear is told apart by it */

  PostsealImapState state;
  GError *error; /* owned: why it ended, or is about to (BYE) */
  gboolean is_deadline_on;

  PostsealImapCaps *caps; /* owned, nullable: what counts in this state, or not known */
  gboolean is_caps_fresh; /* came in since sign-in was sent */
  GHashTable *enabled; /* owned: upper-case names from ENABLED (RFC 5161 section 3.2) */
  gboolean is_preauth; /* the greeting said so */
  gboolean is_preamble_due; /* ID, ENABLE: with the first operation */
  guint n_enabling; /* ENABLEs that have not ended */
  gboolean is_qresync_asked; /* ENABLE QRESYNC has been sent and not ignored */
  gboolean is_deflate_due; /* from the next byte on */
  gboolean is_paused; /* by the caller */
  char *personal_prefix; /* owned, nullable: NAMESPACE; NULL until known */

  char *selected_name; /* owned, nullable: of the open mailbox */
  PostsealImapStatus *selected; /* owned, nullable: the open mailbox */

  guint n_selecting; /* SELECTs that have not ended */

  GQueue
      fetches; /* owned (element-type PostsealImapOperation): under way or waiting, oldest first */
  PostsealImapBody body; /* the message that is streaming in */

  guint32 recent; /* in the open mailbox, as far as was said (RFC 3501 section 7.3.2) */
  gpointer idle; /* borrowed, nullable: PostsealImapOperation, the IDLE begun last, until its end */

  PostsealImapNewsFunc news; /* nullable: NOTIFY has been asked for */
  gpointer news_data;

  gpointer waiting_login; /* owned, nullable: PostsealImapOperation held until the greeting */
  GPtrArray *
      waiting_lists; /* owned (element-type PostsealImapOperation): held until ENABLE is answered */
};

/* The only way to change state. */
void _postseal_imap_session_set_state (PostsealImapSession *self, PostsealImapState state);

/* Ends the session: every operation fails with @error, from the main loop. */
void _postseal_imap_session_fail (PostsealImapSession *self, const GError *error);
void _postseal_imap_session_fail_protocol (PostsealImapSession *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* NULL while it is of use, else why not. */
const GError *_postseal_imap_session_get_error (PostsealImapSession *self);

/* The server's silence counts from now on, or no longer: after what changes whether it owes an
 * answer. */
void _postseal_imap_session_update_deadline (PostsealImapSession *self);

/* @command: (transfer full) */
void _postseal_imap_session_send (PostsealImapSession *self, PostsealImapCommand *command);

/* Replaces what is known; @caps: (transfer full) (nullable). */
void _postseal_imap_session_take_caps (PostsealImapSession *self, PostsealImapCaps *caps);

/* ID and ENABLE, once, before the first command of an operation: they share its flight.
   @wants_qresync: whether that command depends on QRESYNC. imap-login.c */
void _postseal_imap_session_send_preamble (PostsealImapSession *self, gboolean wants_qresync);

/* The greeting is there, or the session has ended: the login that waits for it goes on.
 * imap-login.c */
void _postseal_imap_session_resume_login (PostsealImapSession *self);

/* ENABLE has been answered, or the session has ended: the lists that wait for it go on. imap-list.c
 */
void _postseal_imap_session_resume_lists (PostsealImapSession *self);

/* TRUE when mailbox names are UTF-8 on the wire. */
gboolean _postseal_imap_session_has_utf8_names (PostsealImapSession *self);

/* The server says no, and why: a fact for whoever listens. imap-session.c */
void _postseal_imap_session_tell_refusal (PostsealImapSession *self,
                                          const PostsealImapResponse *response);

/* An untagged response about the open mailbox. imap-select.c */
void _postseal_imap_session_take_mailbox_data (PostsealImapSession *self,
                                               const PostsealImapResponse *response);

/* --- imap-idle.c --- */

/* TRUE while the server owes nothing but news: it has said "+" and has not been told DONE. */
gboolean _postseal_imap_session_is_idling (PostsealImapSession *self);

/* The open mailbox may have new messages. */
void _postseal_imap_session_end_idle (PostsealImapSession *self);

/* Renews the IDLE that is under way, or is to be. @probe: a PostsealImapOperation, held, that
   _postseal_imap_probe_end() is told when the server has answered.
   Returns: FALSE when there is none that goes on */
gboolean _postseal_imap_session_renew_idle (PostsealImapSession *self, gpointer probe);

/* Sends DONE if that may be. Returns: TRUE when a command may follow at once */
gboolean _postseal_imap_session_leave_idle (PostsealImapSession *self);

/* --- imap-notify.c --- */

/* A STATUS that nobody asked for. */
void
_postseal_imap_session_take_news (PostsealImapSession *self, const PostsealImapResponse *response);

/* The server tells no more news (RFC 5465 section 5.8). */
void _postseal_imap_session_take_overflow (PostsealImapSession *self);

/* --- imap-status.c --- */

/* What "* STATUS" says, added to @status. @response: DATA. Returns: (transfer none) (nullable): of
   which mailbox, NULL when it says nothing of use */
const PostsealImapValue *
_postseal_imap_status_take (PostsealImapStatus *status, const PostsealImapResponse *response);

/* --- imap-probe.c --- */

/* @probe: a PostsealImapOperation, let go by this. @error: (nullable): why the session died */
void _postseal_imap_probe_end (gpointer probe, const GError *error);

G_END_DECLS
