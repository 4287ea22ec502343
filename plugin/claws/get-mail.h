/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/receiving.h"

G_BEGIN_DECLS

/* The host's own ways to ask for mail, menu, keys and button, get the mail of Postseal's accounts
   as well, and so does whatever else makes the host get mail. The host itself gets nothing where
   Postseal receives. */
typedef struct _PostsealClawsGetMail PostsealClawsGetMail;

/* Both live longer. Returns: (transfer full) */
PostsealClawsGetMail *
postseal_claws_get_mail_new (PostsealClawsReceiving *receiving, PostsealClawsBindings *bindings);
/* NULL-safe. */
void postseal_claws_get_mail_free (PostsealClawsGetMail *self);

G_END_DECLS
