/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* accounts.conf as lines. GKeyFile forgets where a key stood and how the file looked; this keeps
   every byte, so that a complaint can name the line and an edit changes only the lines in question.
   Desktop Entry Specification 1.5 section 3 (basic format) and the GLib manual (escapes, lists) say
   what a line may be. */

typedef enum
{
  POSTSEAL_ACCOUNT_LINE_BLANK, /* or a comment */
  POSTSEAL_ACCOUNT_LINE_SECTION, /* name: what stands between the brackets */
  POSTSEAL_ACCOUNT_LINE_ENTRY, /* name: the key; value: as written, without space around it */
  POSTSEAL_ACCOUNT_LINE_BAD, /* value: what is wrong with it, a translated sentence without its
                                content */
} PostsealAccountLineKind;

typedef struct
{
  PostsealAccountLineKind kind;
  char *text; /* owned: with its line end */
  char *name; /* owned, or NULL */
  char *value; /* owned, or NULL */
} PostsealAccountLine;

/* Returns: (transfer full) (element-type PostsealAccountLine): element i is line i + 1 */
GPtrArray *postseal_account_text_parse (const char *text, gsize length);
/* The inverse, byte for byte. Returns: (transfer full) */
GString *postseal_account_text_join (const GPtrArray *lines);

/* @text: one line, with or without its line end. Returns: (transfer full) */
PostsealAccountLine *postseal_account_line_new (const char *text, gsize length);
void postseal_account_line_free (PostsealAccountLine *self);

/* "\s", "\n", "\t", "\r", "\\" become what they stand for. Returns: (transfer full) (nullable):
   NULL when there is another escape */
char *postseal_account_text_unescape (const char *value);
/* The inverse. With @is_list backslashes are kept: they are the list's own. Returns: (transfer
 * full) */
char *postseal_account_text_escape (const char *value, gboolean is_list);
/* A ";" list, "\;" for a semicolon in an element; space around elements and empty elements are
   dropped. Returns: (transfer full) (nullable): NULL when there is an unknown escape */
char **postseal_account_text_split (const char *value);
/* The inverse. @list: (nullable). Returns: (transfer full) (nullable): NULL when @list is */
char *postseal_account_text_join_list (char *const *list);

G_END_DECLS
