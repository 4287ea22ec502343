/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The one connection of a bare client: blocking GnuTLS, no checks beyond the certificate. Whatever
   fails ends the program with a word about it. */

#include <stdbool.h>
#include <stddef.h>

enum
{
  BARE_BUFFER_SIZE = 1 << 16,
};

/* What has been read and not yet taken is from bare_in_start to bare_in_end. */
extern char bare_in[BARE_BUFFER_SIZE + 1];
extern size_t bare_in_start, bare_in_end;

/* Ends the program with status 1. */
void bare_die (const char *format, ...) __attribute__ ((format (printf, 1, 2), noreturn));
/* The first line of a file. Returns: static */
const char *bare_read_password (const char *path);
void bare_connect (const char *host, const char *port);
/* @ca: a PEM file */
void bare_start_tls (const char *host, const char *ca);
void bare_send (const char *data, size_t length);
void bare_say (const char *line);
/* Reads more, at least one octet. */
void bare_fill (void);
/* TRUE when reading would not block. */
bool bare_has_more (void);
/* The next line without its end, valid until the next call. */
char *bare_read_line (void);
