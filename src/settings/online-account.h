/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether GNOME Online Accounts has an account for a mail address, which can sign in there. It is
   only asked where it runs already. No GTK. */

typedef struct
{
  char *id; /* owned: for "password=goa:ID" */
  char *title; /* owned: "Google (jane@example.org)", printable */
} PostsealOnlineAccount;

void postseal_online_account_free (PostsealOnlineAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealOnlineAccount, postseal_online_account_free)

/* The first one for @address that gives out access tokens, and names these very servers itself: no
   other gets to see its token. @receive_host, @send_host: (nullable): NULL where there is none */
void postseal_online_account_find_async (const char *address,
                                         const char *receive_host,
                                         const char *send_host,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* Returns: (transfer full) (nullable): NULL when there is none, or nobody to ask */
PostsealOnlineAccount *postseal_online_account_find_finish (GAsyncResult *result);

G_END_DECLS
