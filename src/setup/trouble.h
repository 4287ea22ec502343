/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"

G_BEGIN_DECLS

/* What is wrong with a connection, for a person who sets up an account: what was tried, what
   happened, what the server said, what to do now, and what can be done by one click. */

typedef enum
{
  POSTSEAL_TROUBLE_NO_NAME, /* the host name does not exist */
  POSTSEAL_TROUBLE_NO_NETWORK, /* this computer is offline */
  POSTSEAL_TROUBLE_REFUSED, /* nobody listens there */
  POSTSEAL_TROUBLE_SILENT, /* no answer in time */
  POSTSEAL_TROUBLE_WRONG_START, /* TLS starts otherwise on this port */
  POSTSEAL_TROUBLE_NO_TLS, /* no encryption is offered, or it is refused */
  POSTSEAL_TROUBLE_OLD_TLS, /* only versions that are not safe any more */
  POSTSEAL_TROUBLE_MEDDLED, /* injected bytes, PREAUTH: somebody may sit on the wire */
  POSTSEAL_TROUBLE_EXPIRED, /* certificate: both dates */
  POSTSEAL_TROUBLE_NOT_YET_VALID,
  POSTSEAL_TROUBLE_WRONG_NAME, /* both names */
  POSTSEAL_TROUBLE_UNKNOWN_ISSUER, /* the issuer; or signed by itself */
  POSTSEAL_TROUBLE_CHANGED, /* another key than the pinned one, or weaker than before */
  POSTSEAL_TROUBLE_REVOKED,
  POSTSEAL_TROUBLE_PASSWORD, /* refused */
  POSTSEAL_TROUBLE_APP_PASSWORD, /* this provider wants a password for programs */
  POSTSEAL_TROUBLE_SWITCHED_OFF, /* IMAP, POP3 or SMTP is off at the provider */
  POSTSEAL_TROUBLE_OAUTH, /* only by signing in in the browser */
  POSTSEAL_TROUBLE_LOCKED_OUT, /* too many attempts; the account is locked or disabled */
  POSTSEAL_TROUBLE_BUSY, /* too many connections, try later */
  POSTSEAL_TROUBLE_NO_MECHANISM, /* no way to sign in that both know, or weaker than before */
  POSTSEAL_TROUBLE_KEYRING_LOCKED,
  POSTSEAL_TROUBLE_NO_KEYRING,
  POSTSEAL_TROUBLE_NO_SECRET, /* no password is stored */
  POSTSEAL_TROUBLE_SENDER, /* the server does not let this account send from its address */
  POSTSEAL_TROUBLE_SETTINGS, /* a mistake in the account's settings or a file they name */
  POSTSEAL_TROUBLE_PROTOCOL, /* the server is no such server, or broke the protocol */
  POSTSEAL_TROUBLE_OTHER,
} PostsealTroubleKind;

/* What one click can do about it. */
typedef enum
{
  POSTSEAL_REMEDY_NONE,
  POSTSEAL_REMEDY_RETRY, /* the same once more */
  POSTSEAL_REMEDY_ENDPOINT, /* take PostsealTrouble.better instead */
  POSTSEAL_REMEDY_PASSWORD, /* type it again */
  POSTSEAL_REMEDY_URI, /* open PostsealTrouble.uri */
  POSTSEAL_REMEDY_BROWSER, /* sign in with OAuth */
  POSTSEAL_REMEDY_UNLOCK, /* the keyring */
  POSTSEAL_REMEDY_FORGET, /* the latch: what is known of the server */
} PostsealRemedy;

typedef struct
{
  PostsealTroubleKind kind;
  gboolean is_sending; /* on which side */
  char *title; /* owned: one short sentence without a period: "The certificate has expired" */
  char *text; /* owned: what was tried, with whom, what happened: names, dates, hosts */
  char *said; /* owned, or NULL: the server's own words, printable */
  char *advice; /* owned: the safest next act, in a sentence or two */
  PostsealRemedy remedy;
  PostsealEndpoint *better; /* owned, or NULL */
  gboolean is_same_port; /* of better, which only starts TLS in another way */
  char *uri; /* owned, or NULL: https only */
  char *pin; /* owned, or NULL: "sha256:BASE64" that would let this very server pass: for issuers
                that nobody vouches for, never offered first, never where something has changed */
  char *fingerprint; /* owned, or NULL: SHA-256 of the certificate, to be compared */
} PostsealTrouble;

/**
 * postseal_trouble_new:
 * @error: of a dial, a log-in, a check or a probe
 * @account: (nullable): NULL before there is one
 * @endpoint: with whom
 * @facts: (nullable) (element-type utf8 utf8): of base/transcript.h
 * @better: (nullable): an endpoint that was proven to work
 *
 * Blocks for a moment where the provider's own pages are looked up (discover/provider.h). Returns:
 * (transfer full)
 */
PostsealTrouble *postseal_trouble_new (const GError *error,
                                       PostsealAccount *account,
                                       PostsealEndpoint *endpoint,
                                       GHashTable *facts,
                                       PostsealEndpoint *better);
PostsealTrouble *postseal_trouble_copy (const PostsealTrouble *self);
void postseal_trouble_free (PostsealTrouble *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTrouble, postseal_trouble_free)

/* The label of the button for the remedy, with a mnemonic: "Try port _993". NULL for none. Returns:
   (transfer full) (nullable) */
char *postseal_trouble_get_remedy_label (const PostsealTrouble *self);

/* How TLS starts at @endpoint, as a sentence for people: "Encrypted from the first byte (port
   993)". Returns: (transfer full) */
char *postseal_describe_tls_start (const PostsealEndpoint *endpoint);

G_END_DECLS
