/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/limits.h"
#include "wire/arena-private.h"
#include "wire/imap-parser.h"

G_BEGIN_DECLS

/* Turns the pieces of a response between its literals into values. Works in place: what it makes
   points into the piece, which is changed and has to live in the arena. */
typedef struct
{
  PostsealArena *arena; /* borrowed */
  PostsealImapValue root; /* a list of what is outside all lists */
  PostsealImapValue *open[POSTSEAL_LIMIT_NESTING + 1]; /* borrowed: [0] is the root */
  PostsealImapValue
      *newest[POSTSEAL_LIMIT_NESTING + 1]; /* borrowed: last child of each open list */
  guint depth;
  guint n_values; /* in the whole response */
  PostsealImapValue *literal; /* borrowed: the one announced at the end of the piece */
  const char *problem; /* borrowed: why MALFORMED or OVER_LIMIT */
} PostsealImapLexer;

typedef enum
{
  POSTSEAL_IMAP_LEXER_AT_END, /* of the piece; lists may still be open */
  POSTSEAL_IMAP_LEXER_AT_LITERAL, /* the piece ends with {n}: see the field "literal" */
  POSTSEAL_IMAP_LEXER_AT_BRACKET, /* behind the "]" that ends a response code */
  POSTSEAL_IMAP_LEXER_MALFORMED, /* what came before is there */
  POSTSEAL_IMAP_LEXER_OVER_LIMIT,
} PostsealImapLexerVerdict;

typedef enum
{
  POSTSEAL_IMAP_LEXER_PLAIN,
  POSTSEAL_IMAP_LEXER_FETCH, /* "BODY[...]<0>" is one atom, whatever is within the brackets */
  POSTSEAL_IMAP_LEXER_CODE, /* "]" ends it, and there are no literals */
} PostsealImapLexerMode;

/* Forgets all values; a new response begins. */
void _postseal_imap_lexer_begin (PostsealImapLexer *self, PostsealArena *arena);

/* @cursor: in and out: start of the piece, then where reading ended
   @end: its end, without CR LF; one more byte is writable there */
PostsealImapLexerVerdict _postseal_imap_lexer_run (PostsealImapLexer *self,
                                                   PostsealImapLexerMode mode,
                                                   char **cursor,
                                                   char *end);

/* Digits up to @end, at most G_MAXINT64. Returns: FALSE when there are none, others, or too many */
gboolean _postseal_imap_digits (const char *bytes, const char *end, guint64 *ret_number);

G_END_DECLS
