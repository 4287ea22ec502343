/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/fact-board.h"
#include "check/sts-policy.h"

G_BEGIN_DECLS

/* The records at @name that begin as @is_of says.
   Returns: (transfer container) (nullable): NULL when the fact is not there yet, or nobody knows
   it, which is a finding then; else element-type utf8, perhaps none */
GPtrArray *_postseal_judge_find_texts (PostsealFactBoard *board,
                                       const char *name,
                                       gboolean (*is_of) (const char *text),
                                       GPtrArray *findings);

/* Tells of a fact without an answer, of the type @type ("TXT"). Returns: TRUE when @fact (nullable)
   can be judged: it is found or absent */
gboolean _postseal_judge_can_use (const PostsealFact *fact,
                                  const char *name,
                                  const char *type,
                                  GPtrArray *findings);

/* The policy of a domain that is announced properly and can be had, without a word about it.
   Returns: (transfer full) (nullable) */
PostsealStsPolicy *_postseal_judge_find_sts_policy (PostsealFactBoard *board, const char *domain);

G_END_DECLS
