/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client/client.h"

G_BEGIN_DECLS

struct _PostsealClient
{
  GObject parent;

  GDBusConnection *bus; /* owned */
  char *owner; /* owned: the daemon's own name on the bus; no other one is listened to */
  guint subscriptions[2]; /* its signals, and what becomes of its name; 0: none */
  gboolean is_lost;

  GListStore *accounts; /* owned */
  GHashTable *statuses; /* owned: object path -> PostsealAccountStatus */
  char **order; /* owned: the names of the accounts as the daemon has them */
  char **problems; /* owned */
  gboolean is_online;
  gboolean is_metered;
  gboolean is_unattended;
};

/* --- client-mirror.c --- */

/* Takes all that there is, as of GetManagedObjects: a{oa{sa{sv}}}. */
void _postseal_client_load (PostsealClient *self, GVariant *objects);
/* A signal of the daemon's; unknown ones do not matter. */
void _postseal_client_hear (PostsealClient *self,
                            const char *path,
                            const char *interface,
                            const char *signal,
                            GVariant *parameters);

/* --- client.c --- */

/* Emits "lost", once. */
void _postseal_client_lose (PostsealClient *self);

G_END_DECLS
