/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-keys.h"

G_BEGIN_DECLS

/* What the files that read values share. */

/* The index of @value in @choices, or -1 after a complaint. */
int _postseal_account_keys_read_word (PostsealAccountDraft *self,
                                      const char *key,
                                      const char *value,
                                      const char *const *choices);

/* An absolute path, "~/" expanded, or NULL after a complaint. Returns: (transfer full) */
char *
_postseal_account_keys_read_path (PostsealAccountDraft *self, const char *key, const char *value);

/* A ";" list with something in it, or NULL after a complaint. Returns: (transfer full) */
char **
_postseal_account_keys_read_list (PostsealAccountDraft *self, const char *key, const char *value);

/* The key "authserv-ids": names of servers. */
void _postseal_account_keys_read_authserv_ids (PostsealAccountDraft *self, const char *value);

/* The key "deliver": a sink, with an absolute path where it has one. */
void _postseal_account_keys_read_deliver (PostsealAccountDraft *self, const char *value);

/* What the daemon does about new mail: "connections", "notify", "on-mail". */
void _postseal_account_keys_read_connections (PostsealAccountDraft *self, const char *value);
void _postseal_account_keys_read_notify (PostsealAccountDraft *self, const char *value);
void _postseal_account_keys_read_on_mail (PostsealAccountDraft *self, const char *value);

G_END_DECLS
