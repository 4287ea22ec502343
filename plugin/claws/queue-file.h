/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A message as the host keeps it in its Queue: lines of the host's own ("S:", "R:", "MAID:" and
   others) up to "X-Claws-End-Special-Headers:", and behind them the message proper. It knows
   nothing of the host. */

/* A message that is answered or forwarded. */
typedef struct
{
  char *folder; /* owned: the host's identifier, or NULL: there is no such message */
  int number; /* there, when it was written */
  char *message_id; /* owned: without brackets */
} PostsealClawsReference;

typedef struct
{
  char *sender; /* owned: "S:"; "" the null sender */
  GPtrArray *recipients; /* owned (element-type utf8): "R:", blind ones as well; NULL-terminated */
  int account; /* "MAID:", 0: of none */
  gboolean has_news; /* it goes to newsgroups, too */
  gboolean is_clear; /* the host is still to encrypt it */
  char *
      sent_folder; /* owned: "SCF:", the identifier of where the copy goes, or NULL: none is kept */
  PostsealClawsReference replied; /* "RMID:" */
  PostsealClawsReference forwarded; /* "FMID:" */
  char *message_id; /* owned: of the message proper, with its brackets, or NULL */
  goffset offset; /* of the message proper in the file */
} PostsealClawsQueueFile;

#define POSTSEAL_CLAWS_QUEUE_FILE_ERROR (postseal_claws_queue_file_error_quark ())
GQuark postseal_claws_queue_file_error_quark (void);
typedef enum
{
  POSTSEAL_CLAWS_QUEUE_FILE_ERROR_BROKEN, /* there is no such end, no sender, or an odd recipient */
} PostsealClawsQueueFileError;

/* @data: the beginning of the file, both headers at least. Errors:
   %POSTSEAL_CLAWS_QUEUE_FILE_ERROR. Returns: (transfer full) */
PostsealClawsQueueFile *
postseal_claws_queue_file_parse (const char *data, gsize length, GError **error);
/* NULL-safe. */
void postseal_claws_queue_file_free (PostsealClawsQueueFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsQueueFile, postseal_claws_queue_file_free)

/* Blocks. @ret_fd: the file, standing at the message proper, from which the outbox takes Bcc by
   itself. Errors: %POSTSEAL_CLAWS_QUEUE_FILE_ERROR, %G_FILE_ERROR. Returns: (transfer full) */
PostsealClawsQueueFile *
postseal_claws_queue_file_open (const char *path, int *ret_fd, GError **error);

G_END_DECLS
