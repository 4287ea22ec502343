/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/pop3-reply.h"

#include <string.h>

/* Returns: whether the line begins with @status as a whole word */
static gboolean
has_status (const char *line, gsize length, const char *status)
{
  gsize n = strlen (status);

  return length >= n && memcmp (line, status, n) == 0
         && (length == n || line[n] == ' ' || line[n] == '\t');
}

static PostsealPop3Code
parse_code (const char *text, gsize length)
{
  static const struct
  {
    const char *name;
    PostsealPop3Code code;
  } codes[] = {
    { "IN-USE", POSTSEAL_POP3_CODE_IN_USE },     { "LOGIN-DELAY", POSTSEAL_POP3_CODE_LOGIN_DELAY },
    { "SYS/TEMP", POSTSEAL_POP3_CODE_SYS_TEMP }, { "SYS/PERM", POSTSEAL_POP3_CODE_SYS_PERM },
    { "AUTH", POSTSEAL_POP3_CODE_AUTH },
  };
  const char *end = length > 0 && text[0] == '[' ? memchr (text, ']', length) : NULL;

  if (end == NULL)
    return POSTSEAL_POP3_CODE_NONE;
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      gsize n = strlen (codes[i].name);

      if ((gsize)(end - text) > n && g_ascii_strncasecmp (text + 1, codes[i].name, n) == 0
          && (text[1 + n] == ']' || text[1 + n] == '/'))
        return codes[i].code;
    }
  return POSTSEAL_POP3_CODE_OTHER;
}

void
postseal_pop3_reply_parse (const char *line, gsize length, PostsealPop3Reply *ret_reply)
{
  gsize n_status = 0;

  *ret_reply = (PostsealPop3Reply){ .kind = POSTSEAL_POP3_REPLY_UNKNOWN };
  if (has_status (line, length, "+OK"))
    ret_reply->kind = POSTSEAL_POP3_REPLY_OK, n_status = 3;
  else if (has_status (line, length, "-ERR"))
    ret_reply->kind = POSTSEAL_POP3_REPLY_ERR, n_status = 4;
  else if (has_status (line, length, "+"))
    ret_reply->kind = POSTSEAL_POP3_REPLY_CHALLENGE, n_status = 1;

  if (n_status > 0 && n_status < length)
    n_status++; /* the space */
  ret_reply->text = n_status > 0 ? line + n_status : line; /* there may be no line to point at */
  ret_reply->length = length - n_status;
  if (ret_reply->kind == POSTSEAL_POP3_REPLY_ERR)
    ret_reply->code = parse_code (ret_reply->text, ret_reply->length);
}

/* Digits up to @max. Returns: how many bytes they took, 0 when there is no such number */
static gsize
parse_number (const char *text, gsize length, guint64 max, guint64 *ret_number)
{
  guint64 number = 0;
  gsize n = 0;

  for (; n < length && g_ascii_isdigit (text[n]); n++)
    {
      guint digit = (guint)(text[n] - '0');

      if (number > (max - digit) / 10)
        return 0;
      number = number * 10 + digit;
    }
  *ret_number = number;
  return n;
}

static gboolean
is_blank (char character)
{
  return character == ' ' || character == '\t';
}

/* Returns: where the second word begins, 0 when there is none or the first is not a message number
 */
static gsize
parse_message_number (const char *line, gsize length, guint32 *ret_number)
{
  guint64 number = 0;
  gsize n = parse_number (line, length, G_MAXUINT32, &number);
  gsize start = n;

  while (start < length && is_blank (line[start]))
    start++;
  if (n == 0 || number == 0 || start == n || start == length)
    return 0;
  *ret_number = (guint32)number;
  return start;
}

gboolean
postseal_pop3_parse_list_line (const char *line,
                               gsize length,
                               guint32 *ret_number,
                               guint64 *ret_size)
{
  guint32 number = 0;
  guint64 size = 0;
  gsize start = parse_message_number (line, length, &number);
  gsize n_size = start > 0 ? parse_number (line + start, length - start, G_MAXUINT64, &size) : 0;

  if (n_size == 0 || (start + n_size < length && !is_blank (line[start + n_size])))
    return FALSE;
  *ret_number = number;
  *ret_size = size;
  return TRUE;
}

gboolean
postseal_pop3_parse_stat (const char *text, gsize length, guint32 *ret_count, guint64 *ret_size)
{
  guint64 count = 0;
  guint64 size = 0;
  gsize n_count = parse_number (text, length, G_MAXUINT32, &count);
  gsize start = n_count;
  gsize n_size;

  while (start < length && is_blank (text[start]))
    start++;
  if (n_count == 0 || start == n_count)
    return FALSE;
  n_size = parse_number (text + start, length - start, G_MAXUINT64, &size);
  if (n_size == 0 || (start + n_size < length && !is_blank (text[start + n_size])))
    return FALSE;
  *ret_count = (guint32)count;
  *ret_size = size;
  return TRUE;
}

gboolean
postseal_pop3_parse_uidl_line (const char *line,
                               gsize length,
                               guint32 *ret_number,
                               const char **ret_uidl,
                               gsize *ret_uidl_length)
{
  guint32 number = 0;
  gsize start = parse_message_number (line, length, &number);
  gsize end = length;

  while (end > start && is_blank (line[end - 1]))
    end--;
  if (start == 0 || end == start || end - start > POSTSEAL_POP3_UIDL_MAX)
    return FALSE;
  for (gsize i = start; i < end; i++)
    if ((guint8)line[i] <= 0x20 || line[i] == 0x7f)
      return FALSE;
  *ret_number = number;
  *ret_uidl = line + start;
  *ret_uidl_length = end - start;
  return TRUE;
}

gboolean
postseal_pop3_parse_capability_line (const char *line,
                                     gsize length,
                                     char **ret_name,
                                     char **ret_arguments)
{
  gsize n_name = 0;
  gsize start = 0;

  while (n_name < length && g_ascii_isgraph (line[n_name]))
    n_name++;
  if (n_name == 0 || (n_name < length && !is_blank (line[n_name]))
      || memchr (line, '\0', length) != NULL)
    return FALSE;
  start = n_name;
  while (start < length && is_blank (line[start]))
    start++;
  *ret_name = g_ascii_strup (line, (gssize)n_name);
  *ret_arguments = g_strndup (line + start, length - start);
  return TRUE;
}
