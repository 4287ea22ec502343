/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/front.h"
#include "claws/sent-verdict.h"

G_BEGIN_DECLS

/* One message of the host's Queue on its way through the outbox: what is done with it next, and
   what has to be on the disk before. What the outbox says of it comes from outside.

     claimed (read, its record written) -> submitted -> the outbox's ID written -> waits
     waits -> sent: written so, filed, the record removed
           -> not sent: written so, out of the outbox, free in the Queue, the record removed
     found after a crash, maybe submitted: claimed, asked for in the outbox, then as above */
typedef struct _PostsealClawsLetter PostsealClawsLetter;

/* What the letter asks of its keeper; @user_data is what it was made with. */
typedef struct
{
  /* Asks for a verdict, now and whenever there may be another one. */
  void (*look) (gpointer user_data);
  /* It is at its end: may free it. */
  void (*ended) (PostsealClawsLetter *letter, gpointer user_data);
} PostsealClawsLetterKeeper;

/* @record: (transfer full). @directory: of records. @is_old: an earlier run has left it.
   Returns: (transfer full) */
PostsealClawsLetter *postseal_claws_letter_new (PostsealClawsSentRecord *record,
                                                gboolean is_old,
                                                const char *directory,
                                                PostsealClawsFront *front,
                                                const PostsealClawsLetterKeeper *keeper,
                                                gpointer user_data);
/* NULL-safe. What it has under way comes to its end without it. */
void postseal_claws_letter_free (PostsealClawsLetter *self);

/* Begins, or goes on. */
void postseal_claws_letter_start (PostsealClawsLetter *self);

/* Returns: (transfer none) */
const PostsealClawsSentRecord *postseal_claws_letter_get_record (PostsealClawsLetter *self);

/* The user changes the message, or has deleted it: it is taken out of the outbox, unless that is
   too late, and is a message of the host's like any other again. */
void postseal_claws_letter_withdraw (PostsealClawsLetter *self);

/* The outbox is about to be asked. Returns: TRUE when it waits for what the outbox says */
gboolean postseal_claws_letter_begin_round (PostsealClawsLetter *self);
/* What it has said. Ignored when the letter was not waiting already as the round began. */
void postseal_claws_letter_judge (PostsealClawsLetter *self, const PostsealClawsVerdict *verdict);

G_END_DECLS
