/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "discover/probe.h"

G_BEGIN_DECLS

/* From an address to servers. All sources are asked at the same time, with one deadline; only the
   domain leaves this machine (RFC 8314 section 7; no address, no hash of one), to the DNS, to hosts
   of that domain, and, where the user agrees, to the Mozilla list. */

/* Where a proposal comes from, best first. */
typedef enum
{
  POSTSEAL_SOURCE_PROVIDER, /* the domain's own autoconfig file, over https */
  POSTSEAL_SOURCE_KNOWN, /* mail-providers.conf, or the local copy of the list */
  POSTSEAL_SOURCE_DNS, /* SRV records (RFC 6186, RFC 8314 section 5.1) */
  POSTSEAL_SOURCE_LIST, /* the Mozilla list, over https */
  POSTSEAL_SOURCE_MX, /* one of those above, for the domain of the mail exchanger */
  POSTSEAL_SOURCE_GUESS, /* usual names, proven by a handshake */
} PostsealSource;
#define POSTSEAL_N_SOURCES 6

typedef enum
{
  POSTSEAL_SOURCE_ASKED, /* no answer yet */
  POSTSEAL_SOURCE_FOUND,
  POSTSEAL_SOURCE_NOTHING, /* has nothing for this domain */
  POSTSEAL_SOURCE_IN_CLEAR, /* has only servers without TLS, which are not used */
  POSTSEAL_SOURCE_FAILED, /* cannot be asked: the text says why */
  POSTSEAL_SOURCE_SKIPPED, /* not asked: no consent, or not needed any more */
} PostsealSourceState;

/* One way to have the mail of the address. Immutable but for the probes. Reference counted. */
typedef struct
{
  PostsealSource source;
  char *origin; /* owned: who said so: "autoconfig.example.org", "DNS of example.org" */
  char *title; /* owned: the provider's name, or NULL */
  gboolean is_authentic; /* every step from the address's domain to this was https with a proven
                            server or DNS with right signatures, or lies on this machine */
  char *foreign_host; /* owned, or NULL: a server outside of the address's domain which nobody
                         authentic has named: ask before anything is sent there (RFC 8314 section
                         5.1, RFC 6186 section 6) */
  PostsealEndpoint *receive; /* owned, or NULL */
  char *receive_user; /* owned: the address unless told otherwise */
  PostsealEndpoint *send; /* owned, or NULL */
  char *send_user; /* owned; NULL: sending needs no log-in */
  char *oauth; /* owned: a section of oauth-providers.conf when one can sign in in the browser; or
                  NULL */
  gboolean wants_oauth; /* and a password is of no use */
  char *help; /* owned: https address of the provider's own help, or NULL */
  PostsealProbe *receive_probe; /* owned; NULL until probed */
  PostsealProbe *send_probe; /* owned; NULL until probed */
} PostsealProposal;

PostsealProposal *postseal_proposal_ref (PostsealProposal *self);
void postseal_proposal_unref (PostsealProposal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProposal, postseal_proposal_unref)

/* "from your provider", "from DNS, signed" and so on: a translated sentence without a period.
   Returns: (transfer full) */
char *postseal_proposal_describe_source (const PostsealProposal *self);
/* TRUE when every server it names was sealed by a probe. */
gboolean postseal_proposal_is_proven (const PostsealProposal *self);

#define POSTSEAL_DISCOVERY_ERROR (postseal_discovery_error_quark ())
GQuark postseal_discovery_error_quark (void);
typedef enum
{
  POSTSEAL_DISCOVERY_ERROR_ADDRESS, /* not a mail address; the message says what is wrong with it */
} PostsealDiscoveryError;

/**
 * postseal_discovery_check_address:
 * @text: as typed: spaces around it do not matter
 *
 * Returns: (transfer full): the address to use, with the domain in A-labels, lower case. Errors:
 * %POSTSEAL_DISCOVERY_ERROR_ADDRESS
 */
char *postseal_discovery_check_address (const char *text, GError **error);

/* One search. */
#define POSTSEAL_TYPE_DISCOVERY (postseal_discovery_get_type ())
G_DECLARE_FINAL_TYPE (PostsealDiscovery, postseal_discovery, POSTSEAL, DISCOVERY, GObject)

/**
 * postseal_discovery_new:
 * @address: from postseal_discovery_check_address()
 * @may_ask_list: the user agrees that the Mozilla list is asked
 *
 * Signal "source-changed" (source u, state u, text s): of PostsealSource and PostsealSourceState;
 * the text is a translated sentence, "autoconfig.example.org has settings" or why it failed.
 * Signal "changed" (): the proposals are others than before, or better proven.
 */
PostsealDiscovery *postseal_discovery_new (const char *address, gboolean may_ask_list);

/**
 * postseal_discovery_run_async:
 *
 * Proposals of the domain itself, of authentic sources and guesses are probed on the way. Ends when
 * the best source has answered and its servers are proven, at the latest after
 * POSTSEAL_LIMIT_DISCOVERY_MS, or what discovery.conf says instead: then with what there is.
 *
 * Errors: %G_IO_ERROR_CANCELLED only; nothing found is an empty list.
 */
void postseal_discovery_run_async (PostsealDiscovery *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Returns: (transfer container) (element-type PostsealProposal): best first; the first is to be
   offered, the others are alternatives (POP3 beside IMAP, another source) */
GPtrArray *
postseal_discovery_run_finish (PostsealDiscovery *self, GAsyncResult *result, GError **error);

/* What is known so far. Returns: (transfer container) (element-type PostsealProposal) */
GPtrArray *postseal_discovery_get_proposals (PostsealDiscovery *self);

/* The user has agreed to the foreign host of @proposal: probes its servers. A step of its own since
   nothing is sent there before. Returns with postseal_discovery_confirm_finish() when both are
   probed. */
void postseal_discovery_confirm_async (PostsealDiscovery *self,
                                       PostsealProposal *proposal,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
postseal_discovery_confirm_finish (PostsealDiscovery *self, GAsyncResult *result, GError **error);

G_END_DECLS
