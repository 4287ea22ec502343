/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Which account of Postseal serves which account of the host, and what it does for it. A key file
   with a group for each account of the host ("[account 3]"), written as a whole and by a worker
   thread. It knows nothing of the host, whose accounts are numbers here.

   Signal "changed" (id i): what is bound to this account of the host is different now. */
#define POSTSEAL_TYPE_CLAWS_BINDINGS (postseal_claws_bindings_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealClawsBindings, postseal_claws_bindings, POSTSEAL, CLAWS_BINDINGS, GObject)

/* What Postseal does for an account of the host. */
typedef enum
{
  POSTSEAL_CLAWS_RECEIVE, /* its mail is fetched, and filed by the plugin */
  POSTSEAL_CLAWS_SEND, /* its mail goes out through the outbox */
  POSTSEAL_CLAWS_PASSWORDS, /* its passwords are in the desktop's keyring; needs no account of
                               Postseal */
} PostsealClawsDuty;

/* @path: the file; one that is missing or broken binds nothing. Small, read at once.
   Returns: (transfer full) */
PostsealClawsBindings *postseal_claws_bindings_new (const char *path);

/* The account of Postseal that serves host account @id. Returns: (transfer none) (nullable) */
const char *postseal_claws_bindings_get_account (PostsealClawsBindings *self, int id);
/* @account: (nullable): NULL ends receiving and sending, too */
void postseal_claws_bindings_set_account (PostsealClawsBindings *self, int id, const char *account);

/* TRUE when it was told to and can: receiving and sending need an account of Postseal. */
gboolean postseal_claws_bindings_does (PostsealClawsBindings *self, int id, PostsealClawsDuty duty);
/* An account of Postseal is received for one account of the host at most: another one loses that
   duty (and "changed" is told of it first). */
void postseal_claws_bindings_set (PostsealClawsBindings *self,
                                  int id,
                                  PostsealClawsDuty duty,
                                  gboolean does);

/* All host accounts for which it does @duty, ascending. Returns: (transfer full) (element-type int)
 */
GArray *postseal_claws_bindings_list (PostsealClawsBindings *self, PostsealClawsDuty duty);
/* The first host account for which @account does @duty, 0 when there is none. */
int postseal_claws_bindings_find (PostsealClawsBindings *self,
                                  const char *account,
                                  PostsealClawsDuty duty);

/* What something was before the plugin changed it, so that it can be put back: a setting of the
   host, say. @value: (nullable): NULL forgets it. No "changed" is told. */
void postseal_claws_bindings_remember (PostsealClawsBindings *self,
                                       int id,
                                       const char *key,
                                       const char *value);
/* Returns: (transfer full) (nullable): NULL when nothing is remembered */
char *postseal_claws_bindings_recall (PostsealClawsBindings *self, int id, const char *key);

/* Forgets an account that the host has no more; "changed" is told. */
void postseal_claws_bindings_forget (PostsealClawsBindings *self, int id);

G_END_DECLS
