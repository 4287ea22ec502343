/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "import/import.h"

G_BEGIN_DECLS

/* What a file of another program says, before anybody asks what it means: sections in the file's
   order, settings in theirs. All grammars of this layer give these. */

typedef struct
{
  guint line; /* from 1 */
  char *name; /* owned: as the grammar spells it, without abbreviations */
  GPtrArray *values; /* owned (element-type utf8); of a secret none is here */
  PostsealCredential *secret; /* owned, nullable */
  gboolean is_negated; /* "no keep" */
} PostsealRcSetting;

typedef struct
{
  guint line;
  char *kind; /* owned: "poll", "account", "IMAPStore", "retriever" */
  char *name; /* owned, nullable */
  GPtrArray *settings; /* owned (element-type PostsealRcSetting) */
} PostsealRcSection;

/* @kind, @name: copied; @name: (nullable): repaired where it is no UTF-8. Returns: (transfer full)
 */
PostsealRcSection *postseal_rc_section_new (const char *kind, const char *name, guint line);
void postseal_rc_section_free (PostsealRcSection *self);

/* Returns: (transfer none): the new setting, still without a value */
PostsealRcSetting *postseal_rc_section_add (PostsealRcSection *self, const char *name, guint line);
/* Adds those of @other behind its own; they are shared no more. */
void postseal_rc_section_append (PostsealRcSection *self, const PostsealRcSection *other);
/* The last one of this name. Returns: (transfer none) (nullable) */
const PostsealRcSetting *postseal_rc_section_find (const PostsealRcSection *self, const char *name);

/* @value: bytes that are no UTF-8 are replaced. */
void postseal_rc_setting_add (PostsealRcSetting *self, const char *value, gssize length);
/* The bytes as they are. */
void postseal_rc_setting_set_secret (PostsealRcSetting *self, const char *secret, gssize length);
/* The first value. Returns: (transfer none): "" when there is none */
const char *postseal_rc_setting_get (const PostsealRcSetting *self);

/* An empty list with its free function. Returns: (transfer full) (element-type PostsealRcSection)
 */
GPtrArray *postseal_rc_sections_new (void);

/* "LINE: MESSAGE" as %POSTSEAL_IMPORT_ERROR_SYNTAX; whoever knows the file puts it in front.
   Returns: FALSE */
gboolean
postseal_rc_fail (GError **error, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* Wipes and frees the text of a file, or what was copied from one. */
void postseal_rc_wipe_text (char *text, gsize length);

G_END_DECLS
