/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least that a single TLS connection can do: the measure for everything that does more.
   Blocking GnuTLS, no checks beyond the certificate, no ledger, no fsync.

   bare-client imap|pop3 HOST PORT USER PASSWORD-FILE CA [options]
     --implicit      TLS from the first byte, else STARTTLS or STLS
     --poll          only asks what is there (IMAP: for UIDs from 4294967295 on)
     --maildir DIR   writes each message to DIR/tmp and renames it to DIR/new, else throws them away
 */

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

enum
{
  BUFFER_SIZE = 1 << 16,
  POP3_WINDOW = 200, /* commands in flight */
};

static int sock = -1;
static gnutls_session_t session; /* NULL while in the clear */
static char in[BUFFER_SIZE + 1];
static size_t in_start, in_end;

static const char *maildir;
static int file = -1;
static unsigned n_messages;
static char out[BUFFER_SIZE];
static size_t out_length;
static bool is_after_cr;

__attribute__ ((noreturn, format (printf, 1, 2))) static void
die (const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  exit (1);
}

/* --- connection --- */

static void
connect_to (const char *host, const char *port)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_INET };
  struct addrinfo *found;
  if (getaddrinfo (host, port, &hints, &found) != 0)
    die ("cannot resolve %s", host);
  sock = socket (found->ai_family, SOCK_STREAM, 0);
  if (connect (sock, found->ai_addr, found->ai_addrlen) != 0)
    die ("cannot connect to %s: %s", host, strerror (errno));
  freeaddrinfo (found);
  setsockopt (sock, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
}

static void
start_tls (const char *host, const char *ca)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_certificate_allocate_credentials (&credentials);
  if (gnutls_certificate_set_x509_trust_file (credentials, ca, GNUTLS_X509_FMT_PEM) < 1)
    die ("cannot read %s", ca);
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
    die ("TLS: %s", gnutls_strerror (result));
  session = made;
}

static void
send_all (const char *data, size_t length)
{
  while (length > 0)
    {
      ssize_t n = session ? gnutls_record_send (session, data, length) : write (sock, data, length);
      if (n <= 0)
        die ("cannot send");
      data += n;
      length -= (size_t)n;
    }
}

static void
say (const char *line)
{
  send_all (line, strlen (line));
}

static void
fill (void)
{
  if (in_start > 0)
    {
      memmove (in, in + in_start, in_end - in_start);
      in_end -= in_start;
      in_start = 0;
    }
  if (in_end == BUFFER_SIZE)
    die ("a line is too long");
  ssize_t n;
  do
    n = session ? gnutls_record_recv (session, in + in_end, BUFFER_SIZE - in_end)
                : read (sock, in + in_end, BUFFER_SIZE - in_end);
  while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
  if (n <= 0)
    die ("the server hung up");
  in_end += (size_t)n;
}

/* The next line without its end, valid until the next call. */
static char *
read_line (void)
{
  size_t searched = 0;
  while (true)
    {
      char *start = in + in_start;
      char *end = memchr (start + searched, '\n', in_end - in_start - searched);
      if (end)
        {
          in_start = (size_t)(end + 1 - in);
          *end = '\0';
          if (end > start && end[-1] == '\r')
            end[-1] = '\0';
          return start;
        }
      searched = in_end - in_start;
      fill ();
    }
}

/* --- messages --- */

static void
flush_out (void)
{
  if (file >= 0 && out_length > 0 && write (file, out, out_length) != (ssize_t)out_length)
    die ("cannot write: %s", strerror (errno));
  out_length = 0;
}

static void
put (char c)
{
  if (out_length == BUFFER_SIZE)
    flush_out ();
  out[out_length++] = c;
}

static void
put_span (const char *data, size_t length)
{
  if (out_length + length > BUFFER_SIZE)
    flush_out ();
  memcpy (out + out_length, data, length);
  out_length += length;
}

/* Appends to the current message, CR LF as LF. */
static void
put_data (const char *data, size_t length)
{
  const char *end = data + length;
  if (!maildir)
    return;
  while (data < end)
    {
      if (is_after_cr && *data != '\n')
        put ('\r');
      is_after_cr = false;
      const char *cr = memchr (data, '\r', (size_t)(end - data));
      put_span (data, (size_t)((cr ? cr : end) - data));
      data = cr ? cr + 1 : end;
      is_after_cr = cr != NULL;
    }
}

static void
begin_message (void)
{
  char path[4096];
  n_messages++;
  if (!maildir)
    return;
  snprintf (path, sizeof path, "%s/tmp/%u", maildir, n_messages);
  file = open (path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0)
    die ("cannot create %s: %s", path, strerror (errno));
}

static void
end_message (void)
{
  char from[4096], to[4096];
  if (!maildir)
    return;
  if (is_after_cr)
    put ('\r');
  is_after_cr = false;
  flush_out ();
  close (file);
  snprintf (from, sizeof from, "%s/tmp/%u", maildir, n_messages);
  snprintf (to, sizeof to, "%s/new/%u", maildir, n_messages);
  if (rename (from, to) != 0)
    die ("cannot rename %s: %s", from, strerror (errno));
}

/* --- IMAP --- */

static void
take_literal (uint64_t length)
{
  begin_message ();
  while (length > 0)
    {
      if (in_start == in_end)
        fill ();
      size_t n = in_end - in_start < length ? in_end - in_start : (size_t)length;
      put_data (in + in_start, n);
      in_start += n;
      length -= n;
    }
  end_message ();
}

static void
await_tag (const char *tag)
{
  size_t length = strlen (tag);
  while (true)
    {
      char *line = read_line ();
      size_t end = strlen (line);
      if (strncmp (line, tag, length) == 0 && line[length] == ' ')
        {
          if (strncmp (line + length, " OK", 3) != 0)
            die ("%s", line);
          return;
        }
      char *brace = end > 0 && line[end - 1] == '}' ? strrchr (line, '{') : NULL;
      if (brace)
        take_literal (strtoull (brace + 1, NULL, 10));
    }
}

static void
run_imap (const char *host,
          const char *ca,
          const char *user,
          const char *password,
          bool is_implicit,
          bool is_poll)
{
  char command[1024];
  read_line ();
  if (!is_implicit)
    {
      say ("a STARTTLS\r\n");
      await_tag ("a");
      start_tls (host, ca);
    }
  snprintf (command, sizeof command, "b LOGIN \"%s\" \"%s\"\r\n", user, password);
  say (command);
  await_tag ("b");
  say ("c SELECT INBOX\r\n");
  await_tag ("c");
  say (is_poll ? "d UID FETCH 4294967295:* (UID)\r\n" : "d UID FETCH 1:* (BODY.PEEK[])\r\n");
  await_tag ("d");
  say ("e LOGOUT\r\n");
}

/* --- POP3 --- */

static char *
await_ok (void)
{
  char *line = read_line ();
  if (strncmp (line, "+OK", 3) != 0)
    die ("%s", line);
  return line;
}

static void
take_multiline (bool is_message)
{
  bool is_line_start = true;
  if (is_message)
    begin_message ();
  while (true)
    {
      char *start = in + in_start;
      size_t have = in_end - in_start;
      if (is_line_start && (have < 3))
        {
          if (have == 0 || start[0] == '.')
            {
              fill ();
              continue;
            }
        }
      if (is_line_start && start[0] == '.')
        {
          in_start++;
          if (start[1] == '\r' && start[2] == '\n')
            {
              in_start += 2;
              break;
            }
          start++;
          have--;
        }
      if (have == 0)
        {
          fill ();
          continue;
        }
      char *end = memchr (start, '\n', have);
      size_t n = end ? (size_t)(end + 1 - start) : have;
      if (is_message)
        put_data (start, n);
      in_start += n;
      is_line_start = end != NULL;
    }
  if (is_message)
    end_message ();
}

static void
retrieve_all (unsigned count)
{
  unsigned sent = 0;
  for (unsigned done = 0; done < count; done++)
    {
      if (sent < count && sent - done <= POP3_WINDOW / 2)
        {
          char commands[POP3_WINDOW * 20];
          size_t length = 0;
          for (; sent < count && sent - done < POP3_WINDOW; sent++)
            length += (size_t)sprintf (commands + length, "RETR %u\r\n", sent + 1);
          send_all (commands, length);
        }
      await_ok ();
      take_multiline (true);
    }
}

static void
run_pop3 (const char *host,
          const char *ca,
          const char *user,
          const char *password,
          bool is_implicit,
          bool is_poll)
{
  char command[1024];
  await_ok ();
  if (!is_implicit)
    {
      say ("STLS\r\n");
      await_ok ();
      start_tls (host, ca);
    }
  snprintf (command, sizeof command, "USER %s\r\nPASS %s\r\n", user, password);
  say (command);
  await_ok ();
  await_ok ();
  if (is_poll)
    {
      say ("UIDL\r\n");
      await_ok ();
      take_multiline (false);
    }
  else
    {
      say ("STAT\r\n");
      retrieve_all ((unsigned)strtoul (await_ok () + 4, NULL, 10));
    }
  say ("QUIT\r\n");
}

int
main (int argc, char **argv)
{
  bool is_implicit = false, is_poll = false;
  char password[256] = "";
  if (argc < 7)
    die ("usage: bare-client imap|pop3 HOST PORT USER PASSWORD-FILE CA [--implicit] [--poll] "
         "[--maildir DIR]");
  for (int i = 7; i < argc; i++)
    {
      if (strcmp (argv[i], "--implicit") == 0)
        is_implicit = true;
      else if (strcmp (argv[i], "--poll") == 0)
        is_poll = true;
      else if (strcmp (argv[i], "--maildir") == 0 && i + 1 < argc)
        maildir = argv[++i];
    }
  FILE *secret = fopen (argv[5], "r");
  if (!secret || !fgets (password, sizeof password, secret))
    die ("cannot read %s", argv[5]);
  fclose (secret);
  password[strcspn (password, "\n")] = '\0';
  if (maildir)
    {
      char path[4096];
      mkdir (maildir, 0700);
      for (int i = 0; i < 3; i++)
        {
          snprintf (path, sizeof path, "%s/%s", maildir,
                    (const char *[]){ "tmp", "new", "cur" }[i]);
          mkdir (path, 0700);
        }
    }

  connect_to (argv[2], argv[3]);
  if (is_implicit)
    start_tls (argv[2], argv[6]);
  if (strcmp (argv[1], "imap") == 0)
    run_imap (argv[2], argv[6], argv[4], password, is_implicit, is_poll);
  else
    run_pop3 (argv[2], argv[6], argv[4], password, is_implicit, is_poll);
  printf ("%u\n", n_messages);
  return 0;
}
