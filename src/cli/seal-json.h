/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "net/seal.h"

G_BEGIN_DECLS

/* Adds @seal as an object, or null when there is none, where @builder stands. Members: endpoint,
   address, protocol, confidentiality ("none", "loopback", "verified"), pinned, tls, cipher, name,
   issuer, not-after (Unix time), spki, resumed, mechanism. Times and facts that do not exist are
   null. */
void postseal_seal_add_to_json (const PostsealSeal *seal, JsonBuilder *builder);

G_END_DECLS
