/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "auth/authenticator.h"
#include "mail/sink.h"
#include "net/endpoint.h"
#include "net/latches.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* One person's mail at one provider, as configured: a value, checked when it was read. Reference
   counted, immutable. Section "[account NAME]" of accounts.conf. */

typedef enum
{
  POSTSEAL_KEEP_FOREVER, /* keep=yes */
  POSTSEAL_KEEP_NOT, /* keep=no */
  POSTSEAL_KEEP_TIME, /* keep=14d */
} PostsealKeep;

/* What the daemon tells the desktop about new mail. */
typedef enum
{
  POSTSEAL_NOTIFY_COUNT, /* how many messages, for which account */
  POSTSEAL_NOTIFY_DETAILS, /* sender and subject, too */
  POSTSEAL_NOTIFY_NO,
} PostsealNotify;

typedef struct
{
  char *name;
  char *address;
  char *full_name; /* or NULL */
  PostsealEndpoint *receive; /* NULL: sends only */
  char *receive_user;
  PostsealTlsPolicy *receive_policy;
  PostsealEndpoint *send; /* NULL: receives only */
  char *send_user;
  PostsealTlsPolicy *send_policy;
  char **send_as; /* globs of further senders, or NULL; see outbox/sender-choice.h */
  gint64 retry_seconds; /* how long sending is tried: the key "retry-for" */
  PostsealDane dane;
  char **auth; /* mechanisms in the user's order; NULL: auto */
  gboolean auth_none; /* auth=none */
  char *password; /* vault spec */
  char **folders; /* default { "INBOX" } */
  PostsealLayout layout;
  PostsealKeep keep;
  gint64 keep_seconds; /* for POSTSEAL_KEEP_TIME */
  char *deliver; /* sink spec, also of reports about what could not be sent; or NULL */
  gboolean trace_header;
  char **authserv_ids; /* whose Authentication-Results and Received count, or NULL: nobody's */
  gboolean compress; /* COMPRESS=DEFLATE where an IMAP server offers it */
  gboolean push;
  guint interval_seconds;
  guint connections; /* at most so many at once to the receiving server */
  PostsealNotify notify;
  char **on_mail; /* the command to run on new mail, or NULL */
  guint timeout_ms;
} PostsealAccount;

/* With every key at its default and no name, address, server or place. Fill it in, then treat it as
   immutable. Returns: (transfer full) */
PostsealAccount *postseal_account_new (void);
PostsealAccount *postseal_account_ref (PostsealAccount *self);
void postseal_account_unref (PostsealAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAccount, postseal_account_unref)

/* TRUE when both say the same in every key. NULL-safe. */
gboolean postseal_account_equal (PostsealAccount *a, PostsealAccount *b);

/**
 * postseal_account_get_setting:
 * @key: one of postseal_account_store_get_keys()
 *
 * The value that is in effect, spelled as in accounts.conf: what is not written there has its
 * default. Paths that began with "~/" are absolute. Never a secret: the file holds none.
 *
 * Returns: (transfer full) (nullable): NULL when the key says nothing for this account
 */
char *postseal_account_get_setting (PostsealAccount *self, const char *key);

G_END_DECLS
