/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file without a name, for a message on its way through: beside the outbox, where there is room
   for it (/tmp may be memory), else where temporary files are. It is gone when it is closed.
   Returns: a descriptor for reading and writing, or -1 with errno */
int postseal_scratch_file_open (void);

G_END_DECLS
