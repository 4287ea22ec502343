/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/servers.h"

G_BEGIN_DECLS

/* For tests: every @self asks @clock instead of g_get_monotonic_time(); NULL: that again. */
void _postseal_servers_set_clock (gint64 (*clock) (void));

G_END_DECLS
