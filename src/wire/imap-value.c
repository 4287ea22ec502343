/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/imap-lexer-private.h"

gboolean
postseal_imap_value_is (const PostsealImapValue *self, const char *atom)
{
  if (self == NULL
      || (self->type != POSTSEAL_IMAP_VALUE_ATOM && self->type != POSTSEAL_IMAP_VALUE_NIL))
    return FALSE;
  return g_ascii_strcasecmp (self->bytes, atom) == 0;
}

gboolean
postseal_imap_value_to_number (const PostsealImapValue *self, guint64 max, guint64 *ret_number)
{
  guint64 number;

  if (self == NULL || self->type != POSTSEAL_IMAP_VALUE_ATOM)
    return FALSE;
  if (!_postseal_imap_digits (self->bytes, self->bytes + self->length, &number) || number > max)
    return FALSE;

  *ret_number = number;
  return TRUE;
}

gboolean
postseal_imap_value_is_string (const PostsealImapValue *self)
{
  if (self == NULL || self->bytes == NULL)
    return FALSE;
  return self->type != POSTSEAL_IMAP_VALUE_LIST && self->type != POSTSEAL_IMAP_VALUE_NIL;
}
