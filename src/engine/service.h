/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "engine/account-status.h"

G_BEGIN_DECLS

/* What front ends talk to. PostsealEngine implements it in this process, PostsealClient by way of
   the daemon; a front end cannot tell which. Everything runs on the thread-default main context of
   its maker and never blocks.

   Results are dictionaries ("a{sv}", keys in lower case with hyphens) that mean the same in C, on
   the bus and as JSON: client/org.postseal.Postseal1.xml documents each key. Mail passes as files
   or descriptors.

   Properties (with notification):
     "online"    b   there is a network as far as the system tells
     "metered"   b   it costs
     "problems"  as  mistakes in accounts.conf, one line each
     "unattended" b  it works of its own accord: push, schedule, outbox. FALSE for an engine that
                     only does what it is told

   Signals:
     "mail-arrived"   (account s, details a{sv})  new mail is on the disk. Keys: mailbox s, count u,
                                        files as (at most 100, Maildir only)
     "message-tried"  (details a{sv})   a message of the outbox was tried. Keys: account s, id s,
                                        state s, code u, text s, error s, status i
     "queue-changed"  ()                the outbox may look different; some times a second at most
 */
#define POSTSEAL_TYPE_SERVICE (postseal_service_get_type ())
G_DECLARE_INTERFACE (PostsealService, postseal_service, POSTSEAL, SERVICE, GObject)

/* Errors of either implementation that are no errors of a lower layer: code is the exit status of
   the design (69, 75, 78, ...), so that it survives the bus. postseal_outcome_exit_status() knows
   the domain. On the bus: org.postseal.Error.Usage (64), .Data (65), .Unavailable (69), .Create
   (73), .IO (74), .Later (75), .Policy (76), .Permission (77), .Config (78). */
#define POSTSEAL_SERVICE_ERROR (postseal_service_error_quark ())
GQuark postseal_service_error_quark (void);

/* A copy of @error in POSTSEAL_SERVICE_ERROR, with the exit status as its code;
   G_IO_ERROR_CANCELLED stays what it is. Returns: (transfer full) */
GError *postseal_service_error_from (const GError *error);

/* What is asked for. Each is one request and one answer; the names are those of the bus methods. */
typedef enum
{
  POSTSEAL_SERVICE_FETCH, /* retrieve now */
  POSTSEAL_SERVICE_CHECK, /* connect, sign in, leave: both directions, or one */
  POSTSEAL_SERVICE_QUEUE_LIST,
  POSTSEAL_SERVICE_QUEUE_CHANGE, /* hold, release, remove */
  POSTSEAL_SERVICE_QUEUE_FLUSH, /* try now */
  POSTSEAL_SERVICE_SUBMIT, /* a message from a descriptor into the outbox */
  POSTSEAL_SERVICE_RELOAD, /* read accounts.conf anew, now */
  POSTSEAL_SERVICE_RETRY, /* a secret may have changed: accounts that wait for the user try again */
  POSTSEAL_SERVICE_FORGET, /* what an account's servers are held to */
} PostsealServiceRequest;

struct _PostsealServiceInterface
{
  GTypeInterface parent;

  GListModel *(*get_accounts) (PostsealService *self);
  void (*request_async) (PostsealService *self,
                         PostsealServiceRequest request,
                         GVariant *arguments,
                         GUnixFDList *descriptors,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
  GVariant *(*request_finish) (PostsealService *self, GAsyncResult *result, GError **error);
};

/* Status objects in the order of accounts.conf; items come and go as it is edited.
   Returns: (transfer none): element-type PostsealAccountStatus */
GListModel *postseal_service_get_accounts (PostsealService *self);
/* Returns: (transfer none) (nullable) */
PostsealAccountStatus *postseal_service_find_account (PostsealService *self, const char *name);

/**
 * postseal_service_request_async:
 * @arguments: (nullable): a{sv}; floating ones are sunk. "transcript" and "message" are indexes
 *   (type h) into @descriptors
 * @descriptors: (nullable)
 *
 * Arguments and results (* required):
 *
 * FETCH: *account s, transcript h (gets what is said, one line each, without secrets). Result:
 *   account s, status i, error s, notes as, delivered t, deleted t, failed t, bytes t, seal a{ss}.
 *   What went wrong with the server or the mail is in status and error, and no GError. An account
 *   that is being fetched already is looked at once more after that.
 * CHECK: *account s, direction s ("receive", "send"; both when absent), transcript h. Result:
 *   account s, receive a{sv} and send a{sv}, each with status i, error s, advice s, seal a{ss}.
 * QUEUE_LIST: account s, done b (finished ones instead). Result: entries aa{sv}, problems as.
 * QUEUE_CHANGE: *change s ("hold", "release", "remove"), *ids as. Result: results aa{sv}, each
 *   with id s, status i, error s.
 * QUEUE_FLUSH: account s, ids as, due b (only what is due, and paused accounts stay paused),
 *   transcript h. Result: status i, error s, tried t, sent t, delayed t, failed t, accounts aa{sv}
 *   (the same per account, with account s, notes as, seal a{ss}). Each message is told by
 *   "message-tried" before.
 * SUBMIT: *message h, account s, sender s, recipients as, from-header b ("-t"). Result: id s.
 * FORGET: *account s, server s (all when absent), latch s ("tls", "voucher", "dane", "mechanism",
 * "keys"; all when absent). Result: forgotten aa{ss}, each with server, latch, value. What the
 * account is doing ends before, and begins anew. RELOAD: Result: problems as. RETRY: account s (all
 * when absent).
 */
void postseal_service_request_async (PostsealService *self,
                                     PostsealServiceRequest request,
                                     GVariant *arguments,
                                     GUnixFDList *descriptors,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* Errors: %POSTSEAL_SERVICE_ERROR, %G_IO_ERROR_CANCELLED (what was begun may go on all the same).
   Returns: (transfer full): a{sv}, never floating */
GVariant *
postseal_service_request_finish (PostsealService *self, GAsyncResult *result, GError **error);

/* For implementations. */
void
postseal_service_emit_mail_arrived (PostsealService *self, const char *account, GVariant *details);
void postseal_service_emit_message_tried (PostsealService *self, GVariant *details);
void postseal_service_emit_queue_changed (PostsealService *self);

G_END_DECLS
