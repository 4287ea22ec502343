/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "claws/queue-file.h"
#include "claws/sent-record.h"

G_BEGIN_DECLS

/* What has to be done with files for a message on its way out, in worker threads: its file in the
   Queue, and its record. It knows nothing of the host. */

typedef enum
{
  POSTSEAL_CLAWS_CLAIM, /* reads the file, locks it for whoever holds the descriptor, stores the
                           record with its Message-ID */
  POSTSEAL_CLAWS_STORE, /* stores the record */
  POSTSEAL_CLAWS_READ, /* reads the file, stores the record */
  POSTSEAL_CLAWS_REMOVE, /* removes the record */
} PostsealClawsWork;

typedef struct
{
  PostsealClawsQueueFile *facts; /* owned, or NULL */
  int fd; /* owned, or -1: of a claim: stands at the message proper. Its lock lasts until the last
             process that was given it has closed it */
} PostsealClawsFindings;

/* NULL-safe. */
void postseal_claws_findings_free (PostsealClawsFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsFindings, postseal_claws_findings_free)

/**
 * postseal_claws_letter_work_async:
 * @record: as it is to be stored; copied
 * @directory: of records
 * @path: (nullable): the file in the Queue
 *
 * Not cancelled: what was begun is done.
 */
void postseal_claws_letter_work_async (PostsealClawsWork work,
                                       const PostsealClawsSentRecord *record,
                                       const char *directory,
                                       const char *path,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Errors: %G_FILE_ERROR, %POSTSEAL_CLAWS_QUEUE_FILE_ERROR; of a claim %G_IO_ERROR_BUSY: another
   process is still reading it, as one that was killed has asked it to. Returns: (transfer full) */
PostsealClawsFindings *postseal_claws_letter_work_finish (GAsyncResult *result, GError **error);

G_END_DECLS
