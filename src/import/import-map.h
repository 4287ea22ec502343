/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/import-draft.h"

G_BEGIN_DECLS

/* The mappings, one a program: a file's text to drafts, with what the program remembers as
   retrieved. They read state files, and so block. */

/* @path: the file. @drafts: (element-type PostsealImportDraft): the accounts are added. Errors:
   %POSTSEAL_IMPORT_ERROR_SYNTAX, with the line in front */
typedef gboolean (*PostsealImportMap) (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);

/* fetchmailrc */
gboolean postseal_map_fetchmail (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);
/* getmailrc */
gboolean postseal_map_getmail (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);
/* mpoprc */
gboolean postseal_map_mpop (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);
/* msmtprc */
gboolean postseal_map_msmtp (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);
/* mbsyncrc */
gboolean postseal_map_mbsync (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);
/* Claws Mail's accountrc */
gboolean postseal_map_claws (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error);

/* --- what they share --- */

/* A file of the user's that nobody else may write, of at most @most bytes. Blocks. Errors:
   %POSTSEAL_IMPORT_ERROR_FILE. Returns: (transfer full): wipe it with postseal_rc_wipe_text() */
char *postseal_import_load (const char *path, gsize most, gsize *ret_length, GError **error);
/* The same of a state file; "~/" is expanded. Returns: (transfer full) (nullable): NULL when there
   is none, or it may not be trusted */
char *postseal_import_load_state (const char *path, gsize *ret_length);

/* Says where it is known from what has been retrieved, once @draft has it all. */
void postseal_import_say_known (PostsealImportDraft *draft, const char *path);

/* A whole number. Returns: FALSE when it is none */
gboolean postseal_import_parse_number (const char *text, gint64 *ret_number);
/* "on", "yes", "true", "1", "": TRUE */
gboolean postseal_import_parse_bool (const char *text);
/* "imaps", "993": 0 when it is unknown. */
guint postseal_import_parse_port (const char *text);

/* The path that @setting holds becomes @key. @setting: (nullable); it may be empty */
void postseal_import_carry_path (PostsealImportDraft *draft,
                                 const PostsealRcSetting *setting,
                                 const char *key);
/* "client-certificate" and "client-key", which is of no use alone. Both: (nullable) */
void postseal_import_carry_client (PostsealImportDraft *draft,
                                   const PostsealRcSetting *certificate,
                                   const PostsealRcSetting *key);
/* Seconds become "timeout". @setting: (nullable) */
void postseal_import_carry_timeout (PostsealImportDraft *draft, const PostsealRcSetting *setting);
/* What a POP3 server need not send again. @uidls: (transfer full) */
void postseal_import_take_uidls (PostsealImportDraft *draft, GPtrArray *uidls);

/* Notes how a log-in of another program's name is done here. @name: "gssapi", "plain" */
void postseal_import_carry_auth (PostsealImportDraft *draft,
                                 const PostsealRcSetting *setting,
                                 const char *name);

G_END_DECLS
