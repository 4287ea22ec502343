/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/trouble.h"

G_BEGIN_DECLS

/* What is known while a trouble is put into words. */
typedef struct
{
  const GError *error; /* borrowed */
  PostsealAccount *account; /* borrowed, nullable */
  PostsealEndpoint *endpoint; /* borrowed */
  GHashTable *facts; /* borrowed, nullable */
  const char *said; /* borrowed, nullable: as in the trouble */
  gint64 now_s;
} PostsealTroubleCase;

/* A fact, or NULL. Returns: (transfer none) (nullable) */
const char *_postseal_trouble_get_fact (const PostsealTroubleCase *self, const char *name);

/* TRUE when @error is one of the codes, which end with -1, of @domain. */
gboolean _postseal_trouble_is_one_of (const GError *error, GQuark domain, const int *codes);

/* Of an error of the network, or about TLS. */
PostsealTroubleKind _postseal_trouble_judge_net (const PostsealTroubleCase *self);
PostsealTroubleKind _postseal_trouble_judge_tls (const PostsealTroubleCase *self);
/* Of an error of a log-in, a vault or a session. */
PostsealTroubleKind _postseal_trouble_judge_talk (const PostsealTroubleCase *self);

/* A refusal of the secret, in the light of what is publicly known of the provider. Blocks. */
PostsealTroubleKind
_postseal_trouble_refine (const PostsealTroubleCase *self, PostsealTroubleKind kind);

/* What the public pages of providers tell, where there is one. Blocks. Returns: (transfer full)
   (nullable): an https address */
char *_postseal_trouble_find_page (const PostsealTroubleCase *self, PostsealTroubleKind kind);

/* Whether a browser can be opened for the account, or for one with this provider. Blocks. */
gboolean _postseal_trouble_can_consent (const PostsealTroubleCase *self);

/* The command after which TLS starts: STARTTLS or STLS. */
const char *_postseal_trouble_name_upgrade (const PostsealEndpoint *endpoint);

/* Title, text and advice of @trouble, whose kind is set; the advice is for where nothing better is
   known. The one that knows the kind returns TRUE.
 */
gboolean _postseal_trouble_describe_net (const PostsealTroubleCase *self, PostsealTrouble *trouble);
gboolean _postseal_trouble_describe_tls (const PostsealTroubleCase *self, PostsealTrouble *trouble);
gboolean
_postseal_trouble_describe_talk (const PostsealTroubleCase *self, PostsealTrouble *trouble);

/* Sets title and advice, not yet translated, and the text. @text: (transfer full) */
void
_postseal_trouble_set (PostsealTrouble *self, const char *title, char *text, const char *advice);

/* The error's own sentence, with its period. Returns: (transfer full) */
char *_postseal_trouble_get_sentence (const PostsealTroubleCase *self);

G_END_DECLS
