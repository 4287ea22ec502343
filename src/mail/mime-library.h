/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* GMime wants to be told once that it is going to be used. Any thread. */
void _postseal_mime_library_ensure (void);

G_END_DECLS
