/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/discovery-run.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* What a search came to, for people and for programs. */

/* Prints @proposal and what @form makes of it. */
void postseal_discovery_page_print (const PostsealDiscoveryRun *run,
                                    const PostsealProposal *proposal,
                                    PostsealAccountForm *form);

/* Prints all of it as one JSON object. @proposal, @form: (nullable): what was chosen */
void postseal_discovery_page_print_json (const PostsealDiscoveryRun *run,
                                         const PostsealProposal *proposal,
                                         PostsealAccountForm *form,
                                         gboolean is_written);

G_END_DECLS
