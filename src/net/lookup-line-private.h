/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/lookup.h"

G_BEGIN_DECLS

/* One line of what postseal-lookup says (lookup/reply.h). Pure grammar. */

typedef enum
{
  POSTSEAL_LOOKUP_LINE_RECORD,
  POSTSEAL_LOOKUP_LINE_TLSA,
  POSTSEAL_LOOKUP_LINE_TEXT,
  POSTSEAL_LOOKUP_LINE_END, /* of records */
  POSTSEAL_LOOKUP_LINE_BODY,
  POSTSEAL_LOOKUP_LINE_ERROR,
} PostsealLookupLineKind;

typedef struct
{
  PostsealLookupLineKind kind;
  guint id; /* of the question */
  guint16 priority; /* RECORD */
  guint16 weight; /* RECORD */
  guint16 port; /* RECORD */
  guint8 tlsa[3]; /* TLSA: usage, selector, matching type */
  gboolean is_secure; /* END */
  PostsealLookupError code; /* ERROR */
  const char *host; /* borrowed: RECORD: its target, "" for "."; TLSA: whose it is; BODY: who
                       has answered */
  const char *text; /* borrowed: TLSA: hexadecimal, whole bytes, may be ""; TEXT: base64, may be
                       ""; BODY: base64, ERROR: a sentence, not yet printable */
} PostsealLookupLine;

/**
 * _postseal_lookup_line_parse:
 * @line: without its end; is cut into words and must live as long as @self
 *
 * Returns: FALSE when it makes no sense
 */
gboolean _postseal_lookup_line_parse (PostsealLookupLine *self, char *line);

G_END_DECLS
