/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "setup/account-form.h"

G_BEGIN_DECLS

/* Accounts of other programs: read, told what becomes of each setting, and taken over with what has
   been retrieved already, so that the first fetch downloads nothing old. The other program's files
   are only read. Nothing in them is run: no command, no include of another user's file. */

typedef enum
{
  POSTSEAL_IMPORT_FETCHMAIL, /* ~/.fetchmailrc, .fetchids */
  POSTSEAL_IMPORT_GETMAIL, /* ~/.getmail/getmailrc, $XDG_CONFIG_HOME/getmail; oldmail-* */
  POSTSEAL_IMPORT_MPOP, /* ~/.mpoprc, $XDG_CONFIG_HOME/mpop/config; .mpop_uidls */
  POSTSEAL_IMPORT_MSMTP, /* ~/.msmtprc, $XDG_CONFIG_HOME/msmtp/config */
  POSTSEAL_IMPORT_MBSYNC, /* ~/.mbsyncrc, $XDG_CONFIG_HOME/isyncrc; .mbsyncstate */
  POSTSEAL_IMPORT_CLAWS, /* ~/.claws-mail/accountrc; uidl/ */
} PostsealImportProgram;
#define POSTSEAL_N_IMPORT_PROGRAMS 6

/* "fetchmail", "getmail", "mpop", "msmtp", "mbsync", "claws-mail" */
const char *postseal_import_program_name (PostsealImportProgram program);
/* -1 for a word that is unknown. */
int postseal_import_program_parse (const char *name);

/* What becomes of one setting. */
typedef enum
{
  POSTSEAL_IMPORT_CARRIED, /* means the same here */
  POSTSEAL_IMPORT_CHANGED, /* becomes something better or near: "TLS is now demanded" */
  POSTSEAL_IMPORT_IMPOSSIBLE, /* has no counterpart */
  POSTSEAL_IMPORT_WEAKER, /* was less safe, and is not any more: what may fail now */
} PostsealImportVerdict;

typedef struct
{
  PostsealImportVerdict verdict;
  guint line; /* in the file, 0: none */
  char *setting; /* owned: as it stood there, a secret never: "sslproto ''" */
  char *becomes; /* owned: "receive=imaps://…", or "" */
  char *text; /* owned: a translated sentence, or "" */
} PostsealImportNote;

/* One account that was found. */
typedef struct
{
  PostsealAccountForm *form; /* owned: name, keys and values */
  char *section; /* owned, nullable: how the file itself calls it: "Account: 2" of Claws Mail */
  GPtrArray *notes; /* owned (element-type PostsealImportNote) */
  gboolean has_secret; /* the file holds a password in clear, which can go to the keyring */
  gboolean exists; /* an account of the same name or the same servers is there already */
  gboolean is_usable; /* postseal_account_form_make_account() would succeed */
  guint64 n_seen; /* messages that are known as retrieved */
  char *seen_text; /* owned: where that is known from, or why nothing is known and what the first
                      fetch will do */
} PostsealImportAccount;

#define POSTSEAL_IMPORT_ERROR (postseal_import_error_quark ())
GQuark postseal_import_error_quark (void);
typedef enum
{
  POSTSEAL_IMPORT_ERROR_FILE, /* cannot be read, or others may write it */
  POSTSEAL_IMPORT_ERROR_SYNTAX, /* "FILE:LINE: …" */
  POSTSEAL_IMPORT_ERROR_EMPTY, /* has no account */
} PostsealImportError;

typedef struct
{
  PostsealImportProgram program;
  char *path; /* owned */
} PostsealImportSource;
void postseal_import_source_free (PostsealImportSource *self);

/* Which files of other programs are here, in their usual places. Blocks. Returns: (transfer
   container) (element-type PostsealImportSource) */
GPtrArray *postseal_import_find (void);

/* What was read from one file. Reference counted. */
typedef struct _PostsealImport PostsealImport;
PostsealImport *postseal_import_ref (PostsealImport *self);
void postseal_import_unref (PostsealImport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImport, postseal_import_unref)

/**
 * postseal_import_read_async:
 * @path: (nullable): NULL: the usual place
 * @config: accounts.conf, to see which accounts are there already
 *
 * Reads in a worker thread. Changes nothing. Errors: %POSTSEAL_IMPORT_ERROR.
 */
void postseal_import_read_async (PostsealImportProgram program,
                                 const char *path,
                                 const char *config,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
PostsealImport *postseal_import_read_finish (GAsyncResult *result, GError **error);

/* (element-type PostsealImportAccount). Returns: (transfer none) */
const GPtrArray *postseal_import_get_accounts (PostsealImport *self);
const char *postseal_import_get_path (PostsealImport *self);

/* The password of an account that has none in the file, from a caller who knows it; before it is
   applied. @index: of the account */
void postseal_import_give_secret (PostsealImport *self, guint index, PostsealCredential *secret);

typedef enum
{
  POSTSEAL_IMPORT_STORE_SECRETS = 1 << 0, /* the user has said yes */
} PostsealImportFlags;

/**
 * postseal_import_apply_async:
 * @index: of the account
 *
 * In this order, so that stopping anywhere loses nothing and downloads nothing old: what is known
 * as retrieved goes into the ledger, under the account's lock; the password into the keyring; last
 * the section into accounts.conf. Doing it twice gives the same as once. An account that exists is
 * an error.
 */
void postseal_import_apply_async (PostsealImport *self,
                                  guint index,
                                  PostsealImportFlags flags,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean postseal_import_apply_finish (PostsealImport *self, GAsyncResult *result, GError **error);

G_END_DECLS
