/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The commands of a transaction as lines. The one place where an address becomes part of a line:
   whatever could end that line or begin another (CR, LF, NUL, any control byte, a bracket out of
   place) makes the function refuse and append nothing. */

typedef enum
{
  POSTSEAL_SMTP_BODY_7BIT,
  POSTSEAL_SMTP_BODY_8BIT, /* RFC 6152: lines, some octets above 127 */
  POSTSEAL_SMTP_BODY_BINARY, /* RFC 3030: not made of lines; BDAT only */
} PostsealSmtpBody;

typedef enum
{
  POSTSEAL_SMTP_NOTIFY_NEVER = 1 << 0, /* alone */
  POSTSEAL_SMTP_NOTIFY_SUCCESS = 1 << 1,
  POSTSEAL_SMTP_NOTIFY_FAILURE = 1 << 2,
  POSTSEAL_SMTP_NOTIFY_DELAY = 1 << 3,
} PostsealSmtpNotify;

typedef enum
{
  POSTSEAL_SMTP_RETURN_UNSET,
  POSTSEAL_SMTP_RETURN_FULL,
  POSTSEAL_SMTP_RETURN_HEADERS,
} PostsealSmtpReturn;

/* Parameters of MAIL; those that are 0 or NULL are not written. The caller writes only what the
   server offers. */
typedef struct
{
  gboolean has_size;
  guint64 size; /* RFC 1870: octets with CR LF, without stuffing */
  PostsealSmtpBody body; /* written unless 7BIT */
  gboolean smtputf8; /* RFC 6531 */
  PostsealSmtpReturn ret; /* RFC 3461 section 4.3 */
  const char *envid; /* RFC 3461 section 4.4: printable US-ASCII, at most 100; written as xtext */
  gboolean requiretls; /* RFC 8689 */
  guint64 hold_for; /* RFC 4865: seconds */
  gint64 deliver_by; /* RFC 2852: seconds */
  char deliver_by_mode; /* 'R' return, 'N' notify; 0: no BY at all */
  gboolean deliver_by_trace; /* "T" */
} PostsealSmtpMailParameters;

/* "MAIL FROM:<sender> ..." CR LF. @sender: "" for the null sender.
   Returns: FALSE, with nothing appended, when @sender or @parameters cannot stand in a command, or
   @sender is international and smtputf8 is not set (RFC 6531 section 3.4) */
gboolean postseal_smtp_command_append_mail (GString *out,
                                            const char *sender,
                                            const PostsealSmtpMailParameters *parameters);

/* "RCPT TO:<recipient> ..." CR LF. @notify: PostsealSmtpNotify, 0: none. @original: (nullable): for
   ORCPT, "rfc822;" and xtext (RFC 3461 section 4.2), or "utf-8;" (RFC 6533 section 3): in UTF-8
   when @recipient is international, too, else in ASCII. Returns: as above */
gboolean postseal_smtp_command_append_rcpt (GString *out,
                                            const char *recipient,
                                            guint notify,
                                            const char *original);

/* RFC 3461 section 4: "+", "=" and everything outside "!" to "~" as "+XX"; brackets, too, which is
   left to us, lest a careless server takes one for the end of the address. */
void postseal_smtp_command_append_xtext (GString *out, const char *text);

G_END_DECLS
