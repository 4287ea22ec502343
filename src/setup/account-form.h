/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "discover/discovery.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* An account as it is filled in: its name, and what accounts.conf will say, key by key, before
   anything is written. Only what differs from a default is there, so that the section is the one
   that a person would write by hand. Keys are those of accounts.conf, in the order of its manual.
 */
#define POSTSEAL_TYPE_ACCOUNT_FORM (postseal_account_form_get_type ())
G_DECLARE_FINAL_TYPE (PostsealAccountForm, postseal_account_form, POSTSEAL, ACCOUNT_FORM, GObject)

/* Signal "changed" (key s): by postseal_account_form_set(), or "" for all of them. */

/* Nothing is filled in. Returns: (transfer full) */
PostsealAccountForm *postseal_account_form_new (void);

/**
 * postseal_account_form_new_from_proposal:
 * @full_name: (nullable)
 *
 * The account's name is the address; mail goes to "maildir:~/Mail/ADDRESS". An account that
 * receives always signs in to send ("auth=none" is for accounts that only send), so that a server
 * for sending that takes no log-in is left out beside one for receiving: the account only receives.
 *
 * Returns: (transfer full)
 */
PostsealAccountForm *postseal_account_form_new_from_proposal (const char *address,
                                                              const char *full_name,
                                                              const PostsealProposal *proposal);

/* What stands in the file, mistakes included, for editing. Blocks (one small file). Errors:
   %POSTSEAL_CONFIG_ERROR when there is no such section. Returns: (transfer full) */
PostsealAccountForm *
postseal_account_form_load (const char *config, const char *name, GError **error);

/* "" until it has one. */
const char *postseal_account_form_get_name (PostsealAccountForm *self);
/* Only before it is saved for the first time. */
void postseal_account_form_set_name (PostsealAccountForm *self, const char *name);
/* TRUE when it came from a file. */
gboolean postseal_account_form_is_saved (PostsealAccountForm *self);
/* TRUE when saving would change the file. */
gboolean postseal_account_form_is_changed (PostsealAccountForm *self);

/* The value as it would be written. Returns: (transfer none) (nullable): NULL when not there */
const char *postseal_account_form_get (PostsealAccountForm *self, const char *key);
/* The value in effect: what is not there has its default. Returns: (transfer full) (nullable) */
char *postseal_account_form_get_effective (PostsealAccountForm *self, const char *key);
/* @value: (nullable): NULL, "" or the key's default, in any spelling, takes the key out, unless it
   was in the file before with just this value. Checked when the account is made, not here. */
void postseal_account_form_set (PostsealAccountForm *self, const char *key, const char *value);

/* The two URLs by their parts. Returns: (transfer full) (nullable): NULL when there is none or it
   is wrong. @ret_user: (out) (optional) (transfer full) (nullable) */
PostsealEndpoint *
postseal_account_form_get_endpoint (PostsealAccountForm *self, gboolean sending, char **ret_user);
/* Where the person signs in first: receiving, else sending. @ret_user: (out) (transfer full): as
   whom, the address where no other is named. Returns: (transfer full) (nullable) */
PostsealEndpoint *postseal_account_form_get_login (PostsealAccountForm *self, char **ret_user);
/* @user: (nullable): the address. @endpoint: (nullable): the direction is taken out, with all keys
   that would be of no use without it. The port is written only where it is not the default of how
   TLS starts. */
void postseal_account_form_set_endpoint (PostsealAccountForm *self,
                                         gboolean sending,
                                         PostsealEndpoint *endpoint,
                                         const char *user);

/* The key that @error, from the next function, is about. Returns: (transfer none) (nullable) */
const char *postseal_account_form_get_wrong_key (PostsealAccountForm *self);
/* What it would be once written, checked as the file's reader checks it. Errors:
   %POSTSEAL_CONFIG_ERROR. Returns: (transfer full) */
PostsealAccount *postseal_account_form_make_account (PostsealAccountForm *self, GError **error);

/* The section as it would stand in a new file, for showing. Returns: (transfer full) */
char *postseal_account_form_to_text (PostsealAccountForm *self);

/* Adds or edits the section, in a worker thread; comments and order of the rest of the file stay.
   Nothing has changed after an error: %POSTSEAL_CONFIG_ERROR, %G_FILE_ERROR, %POSTSEAL_LOCK_ERROR;
   a file with mistakes in other accounts is no error, one that is no key file is, and so is a
   section that somebody else has changed since it was loaded. */
void postseal_account_form_save_async (PostsealAccountForm *self,
                                       const char *config,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
postseal_account_form_save_finish (PostsealAccountForm *self, GAsyncResult *result, GError **error);

G_END_DECLS
