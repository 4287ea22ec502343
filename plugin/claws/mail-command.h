/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"

G_BEGIN_DECLS

/* What the host sends by itself for accounts for which Postseal sends, as with "Send queued
   messages": their mail command is postseal-sendmail as long as that lasts, and what it was before
   is put back. The command only puts the message into the outbox, so that the host, which waits for
   it with everything standing still, never waits for a server or for the plugin. */
typedef struct _PostsealClawsMailCommand PostsealClawsMailCommand;

/* Keeps a reference on @bindings, and follows them. Returns: (transfer full) */
PostsealClawsMailCommand *postseal_claws_mail_command_new (PostsealClawsBindings *bindings);
/* NULL-safe. The commands stay: the outbox sends without the plugin, too. */
void postseal_claws_mail_command_free (PostsealClawsMailCommand *self);

G_END_DECLS
