/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "cli/overview.h"

G_BEGIN_DECLS

/**
 * postseal_overview_json_add:
 *
 * Adds an object about one account where @builder stands: account, address, daemon, receive, send,
 * last-run, seal, delivered, outbox, latches, troubles. postseal-status(1) has all of
 * them.
 */
void postseal_overview_json_add (JsonBuilder *builder, const PostsealOverviewAccount *account);

G_END_DECLS
