/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Incremental parser of IMAP responses (RFC 9051 section 9, RFC 3501 section 9): any response at
   any time, in pieces of any size. It knows grammar, not commands or state. Large literals can be
   streamed instead of kept. All limits are in base/limits.h; a breach is POSTSEAL_IMAP_PARSER_BAD,
   and so is a NUL outside a literal. A line may end with a bare LF.

   Broken grammar is BAD where the grammar is known. A data response of unknown name is delivered
   with the values that stand before the first thing that is none; the rest of that line is dropped,
   and is taken for text: no literal begins in it. */
typedef struct _PostsealImapParser PostsealImapParser;

typedef enum
{
  POSTSEAL_IMAP_VALUE_ATOM, /* also numbers, flags with their backslash, "BODY[...]<0>" as one atom
                             */
  POSTSEAL_IMAP_VALUE_QUOTED, /* unescaped */
  POSTSEAL_IMAP_VALUE_LITERAL, /* {n} and ~{n}; bytes is NULL when it was streamed */
  POSTSEAL_IMAP_VALUE_LIST, /* children: first_child, then next */
  POSTSEAL_IMAP_VALUE_NIL, /* the atom NIL; bytes still spells it, for places that take atoms */
} PostsealImapValueType;

typedef struct _PostsealImapValue PostsealImapValue;
struct _PostsealImapValue
{
  PostsealImapValueType type;
  const char *bytes; /* NUL terminated as a courtesy; may hold NULs when a literal */
  guint64 length; /* of a streamed literal: its announced length */
  const PostsealImapValue *first_child;
  const PostsealImapValue *next;
};

typedef enum
{
  POSTSEAL_IMAP_RESPONSE_DATA, /* "* 5 FETCH (...)", "* LIST ...": anything but the ones below */
  POSTSEAL_IMAP_RESPONSE_OK, /* tagged when tag is not NULL, else untagged */
  POSTSEAL_IMAP_RESPONSE_NO,
  POSTSEAL_IMAP_RESPONSE_BAD,
  POSTSEAL_IMAP_RESPONSE_BYE,
  POSTSEAL_IMAP_RESPONSE_PREAUTH,
  POSTSEAL_IMAP_RESPONSE_CONTINUATION, /* "+ ..." */
} PostsealImapResponseKind;

/* Borrowed from the parser, valid until the next feed. */
typedef struct
{
  PostsealImapResponseKind kind;
  const char *tag; /* NULL when untagged */
  const char *name; /* DATA: upper-cased name, "FETCH", "EXISTS", "CAPABILITY" */
  gboolean has_number; /* DATA: "* 5 EXISTS" */
  guint64 number;
  const PostsealImapValue *values; /* DATA: what follows the name, as siblings; else NULL */
  const char *code; /* status: upper-cased name of the response code, or NULL */
  const PostsealImapValue *code_values; /* its arguments, as siblings, or NULL */
  const char *text; /* status and continuation: the rest, raw; never NULL. A code
                       in a continuation is part of it */
} PostsealImapResponse;

typedef enum
{
  POSTSEAL_IMAP_PARSER_MORE, /* all input used; feed more */
  POSTSEAL_IMAP_PARSER_RESPONSE, /* a whole response: postseal_imap_parser_get_response() */
  POSTSEAL_IMAP_PARSER_LITERAL, /* a literal is announced: it is kept unless ..._stream_literal() */
  POSTSEAL_IMAP_PARSER_CHUNK, /* bytes of a streamed literal: ..._get_chunk() */
  POSTSEAL_IMAP_PARSER_BAD, /* protocol error: ..._get_problem(); the parser is of no more use */
} PostsealImapParserEvent;

PostsealImapParser *postseal_imap_parser_new (void);
void postseal_imap_parser_free (PostsealImapParser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapParser, postseal_imap_parser_free)

/**
 * postseal_imap_parser_feed:
 * @data: (array length=length): input
 * @ret_consumed: bytes of @data used; feed the rest again after handling the event
 */
PostsealImapParserEvent postseal_imap_parser_feed (PostsealImapParser *self,
                                                   const char *data,
                                                   gsize length,
                                                   gsize *ret_consumed);

/* After RESPONSE. */
const PostsealImapResponse *postseal_imap_parser_get_response (PostsealImapParser *self);

/* After LITERAL: the response so far (the values before the literal are there, its own list is
   open, the literal is the last value in it), the literal's announced length, and whether to stream
   it. A literal that would be kept but is larger than POSTSEAL_LIMIT_KEPT_LITERAL is a protocol
   error at the next feed. A streamed literal of no bytes brings no CHUNK. */
const PostsealImapResponse *postseal_imap_parser_peek (PostsealImapParser *self);
guint64 postseal_imap_parser_get_literal_length (PostsealImapParser *self);
void postseal_imap_parser_stream_literal (PostsealImapParser *self);

/* After CHUNK: points into the data that was fed. */
const char *postseal_imap_parser_get_chunk (PostsealImapParser *self, gsize *ret_length);

/* After BAD: a sentence fragment, e.g. "line longer than 65536 bytes"; marked for translation, not
   translated. */
const char *postseal_imap_parser_get_problem (PostsealImapParser *self);

/* Values. All are NULL-safe. */

/* TRUE for the atom @atom, in any case; never for a string that only spells it. */
gboolean postseal_imap_value_is (const PostsealImapValue *self, const char *atom);
/* TRUE for an atom that is a number of at most @max (and of 63 bits). */
gboolean
postseal_imap_value_to_number (const PostsealImapValue *self, guint64 max, guint64 *ret_number);
/* TRUE for an atom, a quoted string, a kept literal: what has bytes. Not for NIL, nor a streamed
 * literal. */
gboolean postseal_imap_value_is_string (const PostsealImapValue *self);

G_END_DECLS
