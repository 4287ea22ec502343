/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/endpoint.h"

G_BEGIN_DECLS

/* Where the usual ports are. For tests that cannot listen there; 0 means the registry's. */
void _postseal_guess_set_port (PostsealProtocol protocol, PostsealTlsStart start, guint16 port);

G_END_DECLS
