/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mail/seven-bit.h"

G_BEGIN_DECLS

/* How a message becomes 7 bit: a list of what is replaced, all else stays byte for byte. */

typedef enum
{
  SEVEN_BIT_TEXT, /* by @text */
  SEVEN_BIT_QUOTED_PRINTABLE, /* by itself, encoded */
  SEVEN_BIT_BASE64,
} SevenBitKind;

/* Offsets are those of the file. */
typedef struct
{
  SevenBitKind kind;
  guint64 start;
  guint64 end;
  char *text; /* owned; TEXT only */
} SevenBitEdit;

/* What a range of octets is like. */
typedef struct
{
  gboolean needs_encoding; /* above 127, NUL, a lone CR or LF, a line over 998 octets */
  gboolean is_utf8;
  gboolean ends_line; /* with CR LF */
  guint64 quoted_length; /* as quoted-printable */
  guint64 base64_length;
} SevenBitFacts;

/* Errors: %POSTSEAL_OUTBOX_ERROR_INPUT */
gboolean _postseal_seven_bit_examine (
    int fd, guint64 start, guint64 end, SevenBitFacts *ret_facts, GError **error);

/* Reads @length octets at @offset, all of them. Errors: %POSTSEAL_OUTBOX_ERROR_INPUT */
gboolean
_postseal_seven_bit_read (int fd, guint64 offset, void *data, gsize length, GError **error);

/* Sets @error to %POSTSEAL_OUTBOX_ERROR_MESSAGE: the message cannot be converted because of
   @reason. Returns: FALSE */
gboolean _postseal_seven_bit_refuse (GError **error, const char *reason);

/* What is to be replaced, in order of place. Empty when nothing has to be.
   Errors: as postseal_seven_bit_convert(). Returns: (transfer full) (element-type SevenBitEdit) */
GArray *_postseal_seven_bit_plan (int fd, guint64 start, guint64 end, GError **error);

G_END_DECLS
