/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The tokens that a structured field is made of (RFC 5322 section 3.2), read with patience: what
   has no end ends with the field. */

typedef enum
{
  POSTSEAL_FIELD_END,
  POSTSEAL_FIELD_WORD, /* what is nothing of the below; a quoted part of it keeps its quotes */
  POSTSEAL_FIELD_QUOTED, /* without its quotes and escapes */
  POSTSEAL_FIELD_COMMENT, /* without its outer parentheses and escapes */
  POSTSEAL_FIELD_MARK, /* one of the marks */
} PostsealFieldToken;

typedef struct
{
  const char *start; /* borrowed */
  const char *at;
  const char *end;
  const char *marks; /* borrowed: characters that are tokens of their own; may be changed */
  GString *text; /* owned: of the last token: white space and folding are single spaces, NUL is
                    "\x00" */
  gsize offset; /* where the last token begins */
} PostsealFieldLexer;

/* @value: (array length=length): the field's value, which must live as long */
void _postseal_field_lexer_init (PostsealFieldLexer *self,
                                 const char *value,
                                 gsize length,
                                 const char *marks);
void _postseal_field_lexer_clear (PostsealFieldLexer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealFieldLexer, _postseal_field_lexer_clear)

/* The next token; its text stays until the next call. */
PostsealFieldToken _postseal_field_lexer_next (PostsealFieldLexer *self);

G_END_DECLS
