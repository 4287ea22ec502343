/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/discovery.h"

G_BEGIN_DECLS

/* A search that is waited for, with what each source has said. */
typedef struct
{
  char *address; /* owned */
  PostsealDiscovery *discovery; /* owned */
  PostsealSourceState states[POSTSEAL_N_SOURCES];
  char *texts[POSTSEAL_N_SOURCES]; /* owned, nullable */
  GPtrArray *proposals; /* owned (element-type PostsealProposal): best first */
  gboolean is_told; /* the outcomes have been printed as they came */
} PostsealDiscoveryRun;

/* Searches, and prints what the sources say as they say it when @is_telling. Waits in a main loop
   of its own. */
PostsealDiscoveryRun *
postseal_discovery_run_new (const char *address, gboolean may_ask_list, gboolean is_telling);
void postseal_discovery_run_free (PostsealDiscoveryRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDiscoveryRun, postseal_discovery_run_free)

/* The user has agreed to all hosts of @proposal: what is not yet proven is probed, and waited for.
 */
void postseal_discovery_run_prove (PostsealDiscoveryRun *self, PostsealProposal *proposal);

/* "provider", "dns" and so on: stable, for programs. */
const char *postseal_discovery_run_name_source (PostsealSource source);
/* "found", "nothing" and so on: stable, for programs. */
const char *postseal_discovery_run_name_state (PostsealSourceState state);

/* Says on standard error why nothing can be proposed and what to do now.
   Returns: the exit status: 76 when only servers that prove nothing or have no TLS were found, 75
   when the network is at fault, 69 else */
int postseal_discovery_run_explain_nothing (const PostsealDiscoveryRun *self);

G_END_DECLS
