/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What has to be known of a message of the host's Queue that Postseal sends, should the host be
   killed: a small file of its own in the folder "postseal-sending" of the host's configuration. It
   knows nothing of the host. */

/* Each is written before what it names is done. */
typedef enum
{
  POSTSEAL_CLAWS_HANDING_OVER, /* to the outbox, which may or may not have it */
  POSTSEAL_CLAWS_HANDED_OVER, /* the outbox has it, under outbox_id */
  POSTSEAL_CLAWS_FILING, /* it is sent: its copy goes to where it belongs */
  POSTSEAL_CLAWS_GIVING_BACK, /* it is not sent: out of the outbox, free in the Queue */
} PostsealClawsStage;

typedef struct
{
  char *name; /* owned: of its file */
  PostsealClawsStage stage;
  char *account; /* owned: of Postseal */
  char *folder; /* owned: the Queue, by the host's identifier */
  int number; /* in it */
  char *message_id; /* owned: with its brackets, "" when it has none */
  gint64 written; /* Unix seconds: before it was handed over */
  char *outbox_id; /* owned, nullable: from HANDED_OVER on */
  char *reason; /* owned, nullable: for people, why it is not sent, or not to everybody */
} PostsealClawsSentRecord;

/* @folder: the host's. Returns: (transfer full): in the first stage, with a name that no other has
 */
PostsealClawsSentRecord *
postseal_claws_sent_record_new (const char *account, const char *folder, int number);
/* Returns: (transfer full) */
PostsealClawsSentRecord *postseal_claws_sent_record_copy (const PostsealClawsSentRecord *self);
/* NULL-safe. */
void postseal_claws_sent_record_free (PostsealClawsSentRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsSentRecord, postseal_claws_sent_record_free)

/* All of @directory; what cannot be understood is left out, and what a crash has left of
   writing removed. Small, read at once.
   Returns: (transfer full) (element-type PostsealClawsSentRecord): the oldest first */
GPtrArray *postseal_claws_sent_record_load_all (const char *directory);

/* Both block, and have reached the disk when they return TRUE. Errors: %G_FILE_ERROR */
gboolean postseal_claws_sent_record_store (const PostsealClawsSentRecord *self,
                                           const char *directory,
                                           GError **error);
/* One that is not there is removed. */
gboolean postseal_claws_sent_record_remove (const PostsealClawsSentRecord *self,
                                            const char *directory,
                                            GError **error);

G_END_DECLS
