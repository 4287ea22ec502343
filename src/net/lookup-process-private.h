/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A run of postseal-lookup ($POSTSEAL_LOOKUP_PROGRAM, as postseal_paths_find_program()). It has no
   terminal and none of our descriptors. On the thread-default main context of its maker. */
typedef struct _PostsealLookupProcess PostsealLookupProcess;

/* @line: without its end, to be written to as one likes */
typedef void (*PostsealLookupProcessLine) (char *line, gpointer user_data);
/* @error: %POSTSEAL_LOOKUP_ERROR_PROGRAM: nothing comes any more */
typedef void (*PostsealLookupProcessEnd) (const GError *error, gpointer user_data);

/* Errors: %POSTSEAL_LOOKUP_ERROR_PROGRAM. Both functions may free it. Returns: (transfer full) */
PostsealLookupProcess *_postseal_lookup_process_new (PostsealLookupProcessLine on_line,
                                                     PostsealLookupProcessEnd on_end,
                                                     gpointer user_data,
                                                     GError **error);
/* Ends it. None of the functions is called any more. */
void _postseal_lookup_process_free (PostsealLookupProcess *self);

/* @line: without its end. Never waits. Returns: FALSE when it does not read what it was told
   before */
gboolean _postseal_lookup_process_tell (PostsealLookupProcess *self, const char *line);

/* Returns: (transfer full): the sentence of %POSTSEAL_LOOKUP_ERROR_PROGRAM for an answer that makes
   no sense */
GError *_postseal_lookup_process_make_nonsense_error (void);

G_END_DECLS
