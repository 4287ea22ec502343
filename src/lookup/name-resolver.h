/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "lookup/dns.h"

G_BEGIN_DECLS

/* Names of hosts by the same DNS as everything else, where it is not the system's. */
#define POSTSEAL_TYPE_NAME_RESOLVER (postseal_name_resolver_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealNameResolver, postseal_name_resolver, POSTSEAL, NAME_RESOLVER, GResolver)

/* @dns: must live longer. Returns: (transfer full): for g_resolver_set_default() */
GResolver *postseal_name_resolver_new (PostsealDns *dns);

G_END_DECLS
