/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "net/endpoint.h"

G_BEGIN_DECLS

typedef enum
{
  POSTSEAL_SERVER_UNCHECKED,
  POSTSEAL_SERVER_CHECKING,
  POSTSEAL_SERVER_PROVEN, /* sealed just now */
  POSTSEAL_SERVER_FAILED,
} PostsealServerState;

/* One server on the card: which way, host and port, how TLS starts, and whether it has proved who
   it is. */
#define POSTSEAL_TYPE_SERVER_ROW (postseal_server_row_get_type ())
G_DECLARE_FINAL_TYPE (PostsealServerRow, postseal_server_row, POSTSEAL, SERVER_ROW, AdwActionRow)

/* @endpoint: (nullable): NULL: there is none on this side. @user: (nullable): only where it is not
   the address */
void postseal_server_row_show (PostsealServerRow *self,
                               gboolean sending,
                               const PostsealEndpoint *endpoint,
                               const char *user);
void postseal_server_row_set_state (PostsealServerRow *self, PostsealServerState state);

G_END_DECLS
