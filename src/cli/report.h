/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "engine/account-store.h"

G_BEGIN_DECLS

/* What people and programs read. Complaints go to standard error, one line each, "postseal: …". */

/* Returns: the exit status that belongs to @error */
int postseal_report_error (const GError *error);

/* Each problem of the file. Returns: 78, or 0 when there is none */
int postseal_report_problems (PostsealAccountStore *store);

/**
 * postseal_report_usage:
 * @program: what was typed so far, e.g. "postseal account add": its help is pointed to
 *
 * Returns: 64
 */
int postseal_report_usage (const char *program, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* What the library warns of becomes a complaint like ours, from now on. */
void postseal_report_take_log (void);

/* Prints the document that @builder has built, with a line end. */
void postseal_report_json (JsonBuilder *builder);

/* The document on one line, without its end. Returns: (transfer full) */
char *postseal_report_make_json_line (JsonBuilder *builder);

/* Adds the member @name with @value to the object being built; null when @value is NULL. */
void postseal_report_add_string (JsonBuilder *builder, const char *name, const char *value);

/* Adds the member @name with @value; no number is beyond what JSON readers hold. */
void postseal_report_add_number (JsonBuilder *builder, const char *name, guint64 value);

/* Adds the member @name with a Unix time; null for 0. */
void postseal_report_add_time (JsonBuilder *builder, const char *name, gint64 seconds);

/* Adds the member @name, true or false. */
void postseal_report_add_boolean (JsonBuilder *builder, const char *name, gboolean value);

/* Adds the member @name with an array. @values: (array zero-terminated=1) */
void
postseal_report_add_strings (JsonBuilder *builder, const char *name, const char *const *values);

/* "2026-11-22 14:05", local time. Returns: (transfer full) */
char *postseal_report_format_time (gint64 seconds);

/* @text, of whatever length, as postseal_printable() would show it. Returns: (transfer full) */
char *postseal_report_make_printable (const char *text);

/* How many places on the screen a character takes, and a text. */
guint postseal_report_character_columns (gunichar character);
glong postseal_report_count_columns (const char *text);

/* Rows with the columns aligned, two spaces between them; cells are counted in places on the
   screen, wide characters twice. @cells is (array zero-terminated=1) of rows times @n_columns. */
void postseal_report_table (const char *const *cells, gsize n_columns);

G_END_DECLS
