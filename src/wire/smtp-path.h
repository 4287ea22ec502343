/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Addresses of an envelope: "local@domain" (RFC 5321 section 4.1.2, RFC 6531 section 3.3), without
   angle brackets. */

typedef enum
{
  POSTSEAL_SMTP_PATH_OK,
  POSTSEAL_SMTP_PATH_EMPTY,
  POSTSEAL_SMTP_PATH_CONTROL, /* CR, LF, NUL or another control byte: command injection */
  POSTSEAL_SMTP_PATH_NO_DOMAIN, /* a bare name */
  POSTSEAL_SMTP_PATH_TOO_LONG, /* local part 64, domain 255, all 254 octets (section 4.5.3.1) */
  POSTSEAL_SMTP_PATH_SYNTAX, /* anything else: spaces, brackets, bad quoting, bad domain, bad UTF-8
                              */
} PostsealSmtpPathProblem;

/* What is wrong with @address as an envelope address. An address literal ("[192.0.2.1]") is a
   domain. */
PostsealSmtpPathProblem postseal_smtp_path_check (const char *address);

/* TRUE when @address has octets above 127, so that it needs SMTPUTF8, or its domain does (then see
   postseal_smtp_path_to_ascii()). */
gboolean postseal_smtp_path_is_international (const char *address);

/* @address, checked or not, with its domain as A-labels; the local part as it is.
   Returns: (transfer full) (nullable): NULL when the domain cannot be converted or is bad */
char *postseal_smtp_path_to_ascii (const char *address);

G_END_DECLS
