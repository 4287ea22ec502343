/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "mail/sink.h"

G_BEGIN_DECLS

/**
 * _postseal_mailbox_path:
 * @title: a mailbox's name, from the server: trusted in nothing
 * @delimiter: what separates its components; 0: it has one
 * @kind: %POSTSEAL_SINK_MAILDIR or %POSTSEAL_SINK_MBOX
 *
 * Where a mailbox goes, relative to the INBOX's path: Maildir++ ".A.B", as folders "A/B"; for mbox,
 * whose path is a file, ".A.B" and ".sbd/A.sbd/B" are appended to it. Whatever could leave the path
 * or collide with files of the format is written as %XX, and so is "%". No two titles become one;
 * UTF-8 stays UTF-8; overlong names end in a hash.
 *
 * Returns: (transfer full)
 */
char *_postseal_mailbox_path (const char *title,
                              char delimiter,
                              PostsealLayout layout,
                              PostsealSinkKind kind);

G_END_DECLS
