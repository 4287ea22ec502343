/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account.h"

G_BEGIN_DECLS

/* accounts.conf: read, checked, and edited with comments and order kept. Blocking, small. */

#define POSTSEAL_CONFIG_ERROR (postseal_config_error_quark ())
GQuark postseal_config_error_quark (void);
typedef enum
{
  POSTSEAL_CONFIG_ERROR_FILE, /* cannot be read or written, or has no accounts */
  POSTSEAL_CONFIG_ERROR_SYNTAX, /* not a key file */
  POSTSEAL_CONFIG_ERROR_UNKNOWN, /* unknown section, key or account */
  POSTSEAL_CONFIG_ERROR_VALUE, /* bad or missing value, or two that contradict each other */
} PostsealConfigError;

typedef struct _PostsealAccountStore PostsealAccountStore;

/**
 * postseal_account_store_load:
 * @path: accounts.conf
 *
 * Reads everything that can be read. One bad account never hides the others: its problems are in
 * postseal_account_store_get_problems(), and looking it up says so.
 *
 * Errors: %POSTSEAL_CONFIG_ERROR_FILE only when the file cannot be read at all; a missing file is
 * an error that says how to make the first account. Returns: (transfer full)
 */
PostsealAccountStore *postseal_account_store_load (const char *path, GError **error);
void postseal_account_store_free (PostsealAccountStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAccountStore, postseal_account_store_free)

/* Good accounts in the file's order. Returns: (transfer none) (element-type PostsealAccount) */
const GPtrArray *postseal_account_store_get_accounts (PostsealAccountStore *self);

/* One line each, "FILE:LINE: what is wrong; did you mean “…”?", in the file's order.
   Returns: (transfer none) (element-type utf8) */
const GPtrArray *postseal_account_store_get_problems (PostsealAccountStore *self);

/* Errors: %POSTSEAL_CONFIG_ERROR_UNKNOWN (with the nearest name), or the account's own problem.
   Returns: (transfer none) */
PostsealAccount *
postseal_account_store_lookup (PostsealAccountStore *self, const char *name, GError **error);

/* Of all accounts, good and bad, in the file's order. Returns: (transfer none) (array
   zero-terminated=1) */
const char *const *postseal_account_store_get_names (PostsealAccountStore *self);

/* TRUE when the file has a section for @name, good or bad. */
gboolean postseal_account_store_has (PostsealAccountStore *self, const char *name);

/* --- editing: text is kept, only the lines in question change --- */

/* @keys, @values: (array zero-terminated=1). Checked before anything is written; the file (and its
   directory) is made when missing (0600). Values are as in accounts.conf, "folders", "pin" and
   "auth" with ";" between elements; no other account may become unusable by it. Errors:
   %POSTSEAL_CONFIG_ERROR without file and line, %G_FILE_ERROR, %POSTSEAL_LOCK_ERROR_BUSY when
   somebody else is writing it; nothing changed then. */
gboolean postseal_account_store_add (const char *path,
                                     const char *name,
                                     const char *const *keys,
                                     const char *const *values,
                                     GError **error);
/* As above for an existing account; a NULL value removes the key. */
gboolean postseal_account_store_edit (const char *path,
                                      const char *name,
                                      const char *const *keys,
                                      const char *const *values,
                                      gsize n_keys,
                                      GError **error);
/* The section of @name as it stands there, from its own line to its last entry, without white space
   at the end. Errors: as those of postseal_account_store_lookup(); that it is there twice. Returns:
   (transfer full) */
char *postseal_account_store_read_section (const char *path, const char *name, GError **error);
/* As above, for who has shown the account before: @expected is what
   postseal_account_store_read_section() gave. It is compared under the same lock as the change is
   made, and %POSTSEAL_CONFIG_ERROR_VALUE when somebody has changed it since. Without keys it is
   only compared. @expected: (nullable): as it is */
gboolean postseal_account_store_edit_expected (const char *path,
                                               const char *name,
                                               const char *expected,
                                               const char *const *keys,
                                               const char *const *values,
                                               gsize n_keys,
                                               GError **error);
/* Takes the section out, with the comments in it. */
gboolean postseal_account_store_remove (const char *path, const char *name, GError **error);

/* All keys that exist, for help and completion. Returns: (transfer none) (array zero-terminated=1)
 */
const char *const *postseal_account_store_get_keys (void);

G_END_DECLS
