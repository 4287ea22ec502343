/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/account-form.h"

G_BEGIN_DECLS

/* One server as it is typed by people. No GTK. */
typedef struct
{
  PostsealProtocol protocol;
  PostsealTlsStart start;
  char *host; /* owned */
  char *port; /* owned: "": the usual one */
  char *user; /* owned: "": the mail address */
} PostsealServerInput;

/* Which of these is wrong. */
typedef enum
{
  POSTSEAL_SERVER_PART_HOST,
  POSTSEAL_SERVER_PART_PORT,
} PostsealServerPart;

/* Frees the strings. */
void postseal_server_input_clear (PostsealServerInput *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealServerInput, postseal_server_input_clear)

/* Fills @self, which is empty, with what @form has of one direction. What nobody can read is in the
   host as it stands. */
void
postseal_server_input_read (PostsealServerInput *self, PostsealAccountForm *form, gboolean sending);

/* "imap.example.org:143", "[::1]:993" and "imaps://jane@imap.example.org" in the host go to where
   their parts belong. Returns: TRUE when something has moved */
gboolean postseal_server_input_take_apart (PostsealServerInput *self);

/* @ret_part, @ret_mistake: (transfer full): one sentence; set when the result is NULL. Returns:
   (transfer full) (nullable) */
PostsealEndpoint *postseal_server_input_check (const PostsealServerInput *self,
                                               PostsealServerPart *ret_part,
                                               char **ret_mistake);

/* The port that @self has when none is typed. */
guint16 postseal_server_input_get_usual_port (const PostsealServerInput *self);

G_END_DECLS
