/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files that survive a power cut. All of these block: call them from a worker thread, or where no
   main loop runs. */

/**
 * postseal_durable_write:
 * @path: the file to replace; its directory exists
 * @data: (array length=length): the new content
 * @mode: permission bits, e.g. 0600
 *
 * Writes @path as a whole: temporary file beside it, fsync, rename, fsync of the directory.
 * After failure the old file is untouched and no temporary file is left.
 *
 * Errors: %G_FILE_ERROR, with the path in the message.
 */
gboolean
postseal_durable_write (const char *path, const void *data, gsize length, int mode, GError **error);

/* fsync of a directory, so that names made in it survive. Errors: %G_FILE_ERROR */
gboolean postseal_durable_sync_directory (const char *path, GError **error);

/* Makes @path and its missing parents with mode 0700 and syncs the parents. Errors: %G_FILE_ERROR
 */
gboolean postseal_durable_make_directory (const char *path, GError **error);

G_END_DECLS
