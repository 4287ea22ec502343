/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bare-link.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

char bare_in[BARE_BUFFER_SIZE + 1];
size_t bare_in_start, bare_in_end;

static int sock = -1;
static gnutls_session_t session; /* NULL while in the clear */

void
bare_die (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  exit (1);
}

void
bare_connect (const char *host, const char *port)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_INET };
  struct addrinfo *found;
  if (getaddrinfo (host, port, &hints, &found) != 0)
    bare_die ("cannot resolve %s", host);
  sock = socket (found->ai_family, SOCK_STREAM, 0);
  if (connect (sock, found->ai_addr, found->ai_addrlen) != 0)
    bare_die ("cannot connect to %s: %s", host, strerror (errno));
  freeaddrinfo (found);
  setsockopt (sock, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
}

void
bare_start_tls (const char *host, const char *ca)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_certificate_allocate_credentials (&credentials);
  if (gnutls_certificate_set_x509_trust_file (credentials, ca, GNUTLS_X509_FMT_PEM) < 1)
    bare_die ("cannot read %s", ca);
  gnutls_session_t made;
  gnutls_init (&made, GNUTLS_CLIENT);
  gnutls_set_default_priority (made);
  gnutls_credentials_set (made, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_session_set_verify_cert (made, host, 0);
  gnutls_transport_set_int (made, sock);
  int result;
  do
    result = gnutls_handshake (made);
  while (result < 0 && !gnutls_error_is_fatal (result));
  if (result < 0)
    bare_die ("TLS: %s", gnutls_strerror (result));
  session = made;
}

void
bare_send (const char *data, size_t length)
{
  while (length > 0)
    {
      ssize_t n = session ? gnutls_record_send (session, data, length) : write (sock, data, length);
      if (n <= 0)
        bare_die ("cannot send");
      data += n;
      length -= (size_t)n;
    }
}

void
bare_say (const char *line)
{
  bare_send (line, strlen (line));
}

void
bare_fill (void)
{
  if (bare_in_start > 0)
    {
      memmove (bare_in, bare_in + bare_in_start, bare_in_end - bare_in_start);
      bare_in_end -= bare_in_start;
      bare_in_start = 0;
    }
  if (bare_in_end == BARE_BUFFER_SIZE)
    bare_die ("a line is too long");
  ssize_t n;
  do
    n = session
            ? gnutls_record_recv (session, bare_in + bare_in_end, BARE_BUFFER_SIZE - bare_in_end)
            : read (sock, bare_in + bare_in_end, BARE_BUFFER_SIZE - bare_in_end);
  while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
  if (n <= 0)
    bare_die ("the server hung up");
  bare_in_end += (size_t)n;
}

char *
bare_read_line (void)
{
  size_t searched = 0;
  while (true)
    {
      char *start = bare_in + bare_in_start;
      char *end = memchr (start + searched, '\n', bare_in_end - bare_in_start - searched);
      if (end)
        {
          bare_in_start = (size_t)(end + 1 - bare_in);
          *end = '\0';
          if (end > start && end[-1] == '\r')
            end[-1] = '\0';
          return start;
        }
      searched = bare_in_end - bare_in_start;
      bare_fill ();
    }
}

bool
bare_has_more (void)
{
  if (session && gnutls_record_check_pending (session) > 0)
    return true;
  return poll (&(struct pollfd){ .fd = sock, .events = POLLIN }, 1, 0) > 0;
}

const char *
bare_read_password (const char *path)
{
  static char password[256];
  FILE *secret = fopen (path, "r");
  if (!secret || !fgets (password, sizeof password, secret))
    bare_die ("cannot read %s", path);
  fclose (secret);
  password[strcspn (password, "\n")] = '\0';
  return password;
}
