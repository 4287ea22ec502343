/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What an account is doing and how it fares, for front ends: a bag of GObject properties with
   change notification. The engine writes it, or the client mirrors the daemon's; everybody else
   only reads. Words are untranslated; sentences are for people.

   The properties are those of the D-Bus interface org.postseal.Account1
   (client/org.postseal.Postseal1.xml documents each), with the same names in lower case with
   hyphens:

     name, address                       s
     receives, sends                     b
     receive-state, send-state           s   see PostsealAccountState
     receive-since, send-since           x   Unix seconds when that state began
     receive-activity, send-activity     s   "connecting", "signing in", "listing", "fetching",
                                             "settling", "sending"; "" when at rest
     receive-mailbox                     s   title of the one being fetched, or ""
     receive-seal, send-seal             a{ss}  keys of postseal_seal_serialize(); empty: none yet
     receive-changes, send-changes       as  sentences: what weakened or changed in the seal
     receive-error, send-error           s   the last error in one sentence, "" after a success
     receive-advice, send-advice         s   what to do about it at the command line, ""
     receive-remedy, send-remedy         s   what has to be seen to (engine/advice.h), ""
     receive-status, send-status         i   exit status of the last attempt (sysexits.h)
     receive-next, send-next             x   Unix seconds of the next attempt, 0: none is planned
     receive-last, send-last             x   Unix seconds of the last success, 0: never
     receive-watched                     as  titles of mailboxes whose changes are pushed
     messages-total, messages-done       t   of the retrieval under way
     bytes-total, bytes-done             t
     send-messages-total, -done          t   of the sending under way
     send-bytes-total, -done             t   of the message being sent
     waiting, failed                     u   messages in the outbox: to be sent; given up */
#define POSTSEAL_TYPE_ACCOUNT_STATUS (postseal_account_status_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealAccountStatus, postseal_account_status, POSTSEAL, ACCOUNT_STATUS, GObject)

/* What one direction of an account is doing. */
typedef enum
{
  POSTSEAL_ACCOUNT_OFF, /* "off": no server for this direction, or nobody is in charge */
  POSTSEAL_ACCOUNT_WORKING, /* "working": see the activity */
  POSTSEAL_ACCOUNT_WATCHING, /* "watching": connected; the server tells of new mail */
  POSTSEAL_ACCOUNT_WAITING, /* "waiting": until "next", or for something to do; see the error */
  POSTSEAL_ACCOUNT_OFFLINE, /* "offline": no network */
  POSTSEAL_ACCOUNT_LOCKED, /* "locked": the keyring is locked; goes on when it is not */
  POSTSEAL_ACCOUNT_BUSY, /* "busy": another program works for this account */
  POSTSEAL_ACCOUNT_FULL, /* "full": no room to store mail */
  POSTSEAL_ACCOUNT_REFUSED, /* "refused": log-in, TLS policy: the user is needed */
  POSTSEAL_ACCOUNT_REAUTHORIZE, /* "reauthorize": the provider wants the user to consent again */
  POSTSEAL_ACCOUNT_BROKEN, /* "broken": a mistake in accounts.conf */
} PostsealAccountState;

/* As in quotes above. */
const char *postseal_account_state_name (PostsealAccountState state);
/* POSTSEAL_ACCOUNT_OFF for a word that is unknown. */
PostsealAccountState postseal_account_state_parse (const char *name);

/* @name: of the account. Everything else is empty. Returns: (transfer full) */
PostsealAccountStatus *postseal_account_status_new (const char *name);

/* Returns: (transfer none) */
const char *postseal_account_status_get_name (PostsealAccountStatus *self);

/* Names of all properties, in the order above, so that a D-Bus object with the same ones can be
   bound to it. Returns: (transfer none) (array zero-terminated=1) */
const char *const *postseal_account_status_get_properties (void);

G_END_DECLS
