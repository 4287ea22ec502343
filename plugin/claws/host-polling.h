/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/bindings.h"

G_BEGIN_DECLS

/* Keeps the host from getting the mail of accounts for which Postseal receives, whoever has asked
   it to: a menu, a button, its own timers, its start, a command from outside. None of its settings
   is touched: the accounts have nothing to be received for as long as the host gets mail. */
typedef struct _PostsealClawsHostPolling PostsealClawsHostPolling;

/* The host begins to get mail, of one account or of all. */
typedef void (*PostsealClawsHostPollingFunc) (gpointer user_data);

/* Keeps a reference on @bindings. Returns: (transfer full) */
PostsealClawsHostPolling *postseal_claws_host_polling_new (PostsealClawsBindings *bindings,
                                                           PostsealClawsHostPollingFunc func,
                                                           gpointer user_data);
/* NULL-safe; at any moment. */
void postseal_claws_host_polling_free (PostsealClawsHostPolling *self);

G_END_DECLS
