/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import/rc-section.h"

G_BEGIN_DECLS

/* A fetchmailrc as tokens: fetchmail(1), "Run Control Syntax". Comments, ":", ";" and "," are
   dropped. */

typedef enum
{
  POSTSEAL_FETCHMAIL_TOKEN_END,
  POSTSEAL_FETCHMAIL_TOKEN_WORD, /* perhaps a keyword */
  POSTSEAL_FETCHMAIL_TOKEN_STRING, /* quoted: never one */
  POSTSEAL_FETCHMAIL_TOKEN_EQUALS,
} PostsealFetchmailTokenKind;

typedef struct
{
  const char *next; /* borrowed: the text */
  const char *end;
  guint next_line;
  /* the token at hand: */
  PostsealFetchmailTokenKind kind;
  guint line;
  char *text; /* owned: NUL terminated, of a size that all tokens fit into; wiped at the end */
  gsize length;
  gsize size;
} PostsealFetchmailLexer;

/* @text must live as long. There is no token at hand yet. */
void postseal_fetchmail_lexer_init (PostsealFetchmailLexer *self, const char *text, gsize length);
void postseal_fetchmail_lexer_clear (PostsealFetchmailLexer *self);
/* The next token. Errors: %POSTSEAL_IMPORT_ERROR_SYNTAX: a quote that is not closed, a NUL */
gboolean postseal_fetchmail_lexer_advance (PostsealFetchmailLexer *self, GError **error);

G_END_DECLS
