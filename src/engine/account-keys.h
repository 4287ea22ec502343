/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-reader.h"

G_BEGIN_DECLS

/* What each key of an account may say. */

/* In the order of the manual. */
typedef enum
{
  POSTSEAL_ACCOUNT_KEY_ADDRESS,
  POSTSEAL_ACCOUNT_KEY_NAME,
  POSTSEAL_ACCOUNT_KEY_RECEIVE,
  POSTSEAL_ACCOUNT_KEY_RECEIVE_TLS,
  POSTSEAL_ACCOUNT_KEY_FOLDERS,
  POSTSEAL_ACCOUNT_KEY_LAYOUT,
  POSTSEAL_ACCOUNT_KEY_KEEP,
  POSTSEAL_ACCOUNT_KEY_DELIVER,
  POSTSEAL_ACCOUNT_KEY_TRACE_HEADER,
  POSTSEAL_ACCOUNT_KEY_AUTHSERV_IDS,
  POSTSEAL_ACCOUNT_KEY_COMPRESS,
  POSTSEAL_ACCOUNT_KEY_PUSH,
  POSTSEAL_ACCOUNT_KEY_INTERVAL,
  POSTSEAL_ACCOUNT_KEY_CONNECTIONS,
  POSTSEAL_ACCOUNT_KEY_NOTIFY,
  POSTSEAL_ACCOUNT_KEY_ON_MAIL,
  POSTSEAL_ACCOUNT_KEY_SEND,
  POSTSEAL_ACCOUNT_KEY_SEND_TLS,
  POSTSEAL_ACCOUNT_KEY_SEND_AS,
  POSTSEAL_ACCOUNT_KEY_RETRY_FOR,
  POSTSEAL_ACCOUNT_KEY_TLS_MIN,
  POSTSEAL_ACCOUNT_KEY_CA_FILE,
  POSTSEAL_ACCOUNT_KEY_CRL_FILE,
  POSTSEAL_ACCOUNT_KEY_PIN,
  POSTSEAL_ACCOUNT_KEY_DANE,
  POSTSEAL_ACCOUNT_KEY_CLIENT_CERTIFICATE,
  POSTSEAL_ACCOUNT_KEY_CLIENT_KEY,
  POSTSEAL_ACCOUNT_KEY_AUTH,
  POSTSEAL_ACCOUNT_KEY_PASSWORD,
  POSTSEAL_ACCOUNT_KEY_TIMEOUT,
  POSTSEAL_N_ACCOUNT_KEYS,
} PostsealAccountKey;

typedef enum
{
  POSTSEAL_ACCOUNT_KEY_IS_LIST = 1 << 0, /* the value keeps its escapes until it is split */
  POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE = 1 << 1, /* of no use without "receive" */
  POSTSEAL_ACCOUNT_KEY_NEEDS_SEND = 1 << 2, /* of no use without "send" */
  POSTSEAL_ACCOUNT_KEY_NEEDS_TLS = 1 << 3, /* of no use where no direction has TLS */
} PostsealAccountKeyFlags;

/* An account while its section is read. Fields are borrowed from the reader, unless said otherwise.
 */
typedef struct
{
  PostsealAccount *account;
  GPtrArray *problems; /* (element-type PostsealAccountProblem) */
  guint section_line;
  guint line; /* of what is being looked at */
  guint lines[POSTSEAL_N_ACCOUNT_KEYS]; /* where each key stands, 0: nowhere */
  PostsealTlsLevel receive_level;
  PostsealTlsLevel send_level;
  PostsealTlsPolicy *common; /* what both directions share */
  char *receive_user; /* owned, or NULL */
  char *send_user; /* owned, or NULL */
} PostsealAccountDraft;

/* Adds a problem with a value in the draft's current line. */
void postseal_account_draft_complain (PostsealAccountDraft *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* Adds any problem in any line. @message: (transfer full) */
void postseal_account_draft_complain_at (PostsealAccountDraft *self,
                                         guint line,
                                         PostsealConfigError code,
                                         char *message);

/* "; did you mean “…”?" or nothing. Returns: (transfer full) */
char *postseal_account_keys_suggest (const char *word, const char *const *choices);

/* Returns: the key's number, or -1 */
int postseal_account_keys_find (const char *name);
PostsealAccountKeyFlags postseal_account_keys_get_flags (PostsealAccountKey key);

/* Puts @value, unescaped unless it is a list, into @draft, or complains. */
void
postseal_account_keys_read (PostsealAccountDraft *draft, PostsealAccountKey key, const char *value);

G_END_DECLS
