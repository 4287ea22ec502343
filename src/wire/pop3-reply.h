/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The lines of a POP3 server (RFC 1939, 2449, 3206, 5034). All functions take one line without its
   CR LF and trust nothing in it; values point into the line. */

/* RFC 2449 section 4: a first line and a listing line end within this, CR LF included. */
#define POSTSEAL_POP3_REPLY_MAX 512

/* How long a UIDL may be for us: RFC 1939 says 70, real servers say more. */
#define POSTSEAL_POP3_UIDL_MAX 255

typedef enum
{
  POSTSEAL_POP3_REPLY_OK, /* "+OK" */
  POSTSEAL_POP3_REPLY_ERR, /* "-ERR" */
  POSTSEAL_POP3_REPLY_CHALLENGE, /* "+ " and base64 (RFC 5034 section 4) */
  POSTSEAL_POP3_REPLY_UNKNOWN,
} PostsealPop3ReplyKind;

/* Response codes (RFC 2449 section 8, RFC 3206, RFC 6856 section 5), by what follows from them.
   They are hierarchical: an unknown detail ("SYS/TEMP/DISK") counts as what it details. */
typedef enum
{
  POSTSEAL_POP3_CODE_NONE,
  POSTSEAL_POP3_CODE_OTHER, /* unknown: as if there were none */
  POSTSEAL_POP3_CODE_IN_USE, /* another session holds the maildrop */
  POSTSEAL_POP3_CODE_LOGIN_DELAY, /* too soon after the last log-in */
  POSTSEAL_POP3_CODE_SYS_TEMP,
  POSTSEAL_POP3_CODE_SYS_PERM,
  POSTSEAL_POP3_CODE_AUTH, /* the credentials are wrong */
} PostsealPop3Code;

typedef struct
{
  PostsealPop3ReplyKind kind;
  PostsealPop3Code code;
  const char *
      text; /* borrowed from the line: what follows the status, code included; not NUL terminated */
  gsize length;
} PostsealPop3Reply;

/* The status line of a reply, without its line end. Never fails: what is no status is UNKNOWN. */
void postseal_pop3_reply_parse (const char *line, gsize length, PostsealPop3Reply *ret_reply);

/* "NUMBER SIZE" of LIST. What follows is ignored (RFC 1939 section 5). Returns: FALSE when
 * malformed */
gboolean postseal_pop3_parse_list_line (const char *line,
                                        gsize length,
                                        guint32 *ret_number,
                                        guint64 *ret_size);

/* "COUNT SIZE" of STAT, behind its "+OK". What follows is ignored (RFC 1939 section 5). Returns:
   FALSE when malformed */
gboolean
postseal_pop3_parse_stat (const char *text, gsize length, guint32 *ret_count, guint64 *ret_size);

/**
 * postseal_pop3_parse_uidl_line:
 * @ret_uidl: borrowed from @line: 1 to POSTSEAL_POP3_UIDL_MAX bytes, opaque, without spaces,
 * controls and NULs
 *
 * "NUMBER UIDL" (RFC 1939 section 7). Bytes above 0x7E are let through: they identify as well as
 * others.
 *
 * Returns: FALSE when malformed
 */
gboolean postseal_pop3_parse_uidl_line (const char *line,
                                        gsize length,
                                        guint32 *ret_number,
                                        const char **ret_uidl,
                                        gsize *ret_uidl_length);

/**
 * postseal_pop3_parse_capability_line:
 * @ret_name: (transfer full): upper case
 * @ret_arguments: (transfer full): the rest, may be empty
 *
 * One line of CAPA (RFC 2449 section 3). Returns: FALSE when it does not begin with a name: to be
 * ignored
 */
gboolean postseal_pop3_parse_capability_line (const char *line,
                                              gsize length,
                                              char **ret_name,
                                              char **ret_arguments);

G_END_DECLS
