/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A submission server that throws everything away, fast enough not to be what is measured.

   smtp-sink CERTIFICATE KEY USER PASSWORD-FILE [--without KEYWORD]...

   Prints "PORT IMPLICIT-PORT", both on 127.0.0.1. For each line of standard input it prints
   "MESSAGES OCTETS CONNECTIONS" since the last one; it ends with standard input. Wants TLS, then
   AUTH PLAIN. Replies to commands that came together go out together. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

enum
{
  BUFFER_SIZE = 1 << 16,
  MAX_SIZE = 100 << 20,
};

typedef struct
{
  int fd;
  bool is_implicit;
  gnutls_session_t session; /* NULL while in the clear */
  char in[BUFFER_SIZE + 1];
  size_t in_start, in_end;
  char out[BUFFER_SIZE];
  size_t out_length;
  bool is_known, has_sender;
  uint64_t chunked; /* octets of the message so far */
  unsigned n_recipients;
} Connection;

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priority;
static char wanted[512]; /* the decoded AUTH PLAIN */
static size_t wanted_length;
static const char *keywords[] = { "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING",
                                  "SMTPUTF8",   "DSN",      "SIZE 104857600" };
static bool is_without[sizeof keywords / sizeof *keywords];
static atomic_ullong n_messages, n_octets, n_connections;

__attribute__ ((noreturn)) static void
die (const char *text)
{
  fprintf (stderr, "smtp-sink: %s\n", text);
  exit (1);
}

/* --- bytes --- */

/* All of these return FALSE when the connection is over. */
static bool
flush_out (Connection *self)
{
  const char *data = self->out;
  while (self->out_length > 0)
    {
      ssize_t n = self->session ? gnutls_record_send (self->session, data, self->out_length)
                                : send (self->fd, data, self->out_length, MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      data += n;
      self->out_length -= (size_t)n;
    }
  return true;
}

__attribute__ ((format (printf, 2, 3))) static bool
reply (Connection *self, const char *format, ...)
{
  va_list arguments;
  if (self->out_length + 1024 > BUFFER_SIZE && !flush_out (self))
    return false;
  va_start (arguments, format);
  int n = vsnprintf (self->out + self->out_length, 1000, format, arguments);
  va_end (arguments);
  self->out_length += (size_t)n;
  memcpy (self->out + self->out_length, "\r\n", 2);
  self->out_length += 2;
  return true;
}

static bool
fill (Connection *self)
{
  if (!flush_out (self))
    return false;
  if (self->in_start > 0)
    {
      memmove (self->in, self->in + self->in_start, self->in_end - self->in_start);
      self->in_end -= self->in_start;
      self->in_start = 0;
    }
  if (self->in_end == BUFFER_SIZE)
    return false;
  char *to = self->in + self->in_end;
  size_t room = BUFFER_SIZE - self->in_end;
  ssize_t n;
  do
    n = self->session ? gnutls_record_recv (self->session, to, room) : recv (self->fd, to, room, 0);
  while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
  if (n <= 0)
    return false;
  self->in_end += (size_t)n;
  return true;
}

/* The next line without its end, valid until the next call; NULL when the connection is over. */
static char *
read_line (Connection *self)
{
  size_t searched = 0;
  while (true)
    {
      char *start = self->in + self->in_start;
      char *end = memchr (start + searched, '\n', self->in_end - self->in_start - searched);
      if (end)
        {
          self->in_start = (size_t)(end + 1 - self->in);
          *end = '\0';
          if (end > start && end[-1] == '\r')
            end[-1] = '\0';
          return start;
        }
      searched = self->in_end - self->in_start;
      if (!fill (self))
        return NULL;
    }
}

static bool
start_tls (Connection *self)
{
  gnutls_session_t made;
  gnutls_init (&made, GNUTLS_SERVER);
  gnutls_priority_set (made, priority);
  gnutls_credentials_set (made, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (made, self->fd);
  int result;
  do
    result = gnutls_handshake (made);
  while (result < 0 && !gnutls_error_is_fatal (result));
  self->session = made;
  return result >= 0;
}

/* --- messages --- */

static bool
end_message (Connection *self, uint64_t octets)
{
  self->has_sender = false;
  self->n_recipients = 0;
  unsigned long long number = ++n_messages;
  n_octets += octets;
  return reply (self, "250 2.0.0 Accepted and thrown away as %llu", number);
}

/* Up to CR LF dot CR LF. */
static bool
take_dotted (Connection *self)
{
  bool is_line_start = true;
  uint64_t octets = 0;
  while (true)
    {
      char *start = self->in + self->in_start;
      size_t have = self->in_end - self->in_start;
      bool needs_more = have == 0 || (have == 1 && start[0] == '\r')
                        || (is_line_start && start[0] == '.' && have < 3);
      if (needs_more)
        {
          if (!fill (self))
            return false;
          continue;
        }
      if (is_line_start && start[0] == '.' && memcmp (start, ".\r\n", 3) == 0)
        {
          self->in_start += 3;
          return end_message (self, octets);
        }
      char *end = memchr (start, '\n', have);
      size_t n = end ? (size_t)(end + 1 - start) : have;
      if (!end && start[n - 1] == '\r')
        n--; /* its LF is to be seen with it */
      is_line_start = end && n >= 2 && end[-1] == '\r';
      self->in_start += n;
      octets += n;
    }
}

static bool
take_chunk (Connection *self, uint64_t length)
{
  while (length > 0)
    {
      if (self->in_start == self->in_end && !fill (self))
        return false;
      size_t n = self->in_end - self->in_start;
      if (n > length)
        n = (size_t)length;
      self->in_start += n;
      length -= n;
    }
  return true;
}

static bool
take_bdat (Connection *self, const char *arguments)
{
  char *rest;
  uint64_t length = strtoull (arguments, &rest, 10);
  bool is_last = strcasecmp (rest, " LAST") == 0; /* the line goes when more is read */
  bool is_wanted = self->n_recipients > 0;
  if (!take_chunk (self, length))
    return false;
  if (!is_wanted)
    return reply (self, "503 5.5.1 No recipients");
  self->chunked += length;
  if (!is_last)
    return reply (self, "250 2.0.0 %llu octets", (unsigned long long)length);
  bool is_sent = end_message (self, self->chunked);
  self->chunked = 0;
  return is_sent;
}

/* --- commands --- */

static bool
take_ehlo (Connection *self)
{
  bool is_fine = reply (self, "250-sink.example.test");
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (!is_without[i])
      is_fine = is_fine && reply (self, "250-%s", keywords[i]);
  return is_fine && reply (self, self->session ? "250 AUTH PLAIN" : "250 STARTTLS");
}

static bool
take_auth (Connection *self, const char *response)
{
  gnutls_datum_t decoded = { NULL, 0 };
  if (response[0] == '\0')
    {
      if (!reply (self, "334 "))
        return false;
      response = read_line (self);
      if (!response)
        return false;
    }
  gnutls_datum_t encoded = { (unsigned char *)response, (unsigned)strlen (response) };
  self->is_known = gnutls_base64_decode2 (&encoded, &decoded) == 0 && decoded.size == wanted_length
                   && memcmp (decoded.data, wanted, wanted_length) == 0;
  gnutls_free (decoded.data);
  return reply (self, self->is_known ? "235 2.7.0 Welcome" : "535 5.7.8 No such user or password");
}

static bool
take_mail (Connection *self, const char *line)
{
  const char *size = strcasestr (line, " SIZE=");
  if (size && strtoull (size + 6, NULL, 10) > MAX_SIZE)
    return reply (self, "552 5.3.4 Too large");
  self->has_sender = true;
  self->n_recipients = 0;
  return reply (self, "250 2.1.0 Sender");
}

/* Those that need a log-in. */
static bool
take_mail_command (Connection *self, char *line)
{
  if (strncasecmp (line, "MAIL FROM:", 10) == 0)
    return take_mail (self, line);
  if (strncasecmp (line, "RCPT TO:", 8) == 0)
    {
      self->n_recipients += self->has_sender;
      return reply (self, self->has_sender ? "250 2.1.5 Recipient" : "503 5.5.1 MAIL first");
    }
  if (strncasecmp (line, "BDAT ", 5) == 0)
    return take_bdat (self, line + 5);
  if (strcasecmp (line, "DATA") == 0)
    {
      if (self->n_recipients == 0)
        return reply (self, "503 5.5.1 No recipients");
      return reply (self, "354 Go on") && take_dotted (self);
    }
  return reply (self, "500 5.5.1 No such command");
}

static bool
take_command (Connection *self, char *line)
{
  if (strncasecmp (line, "EHLO ", 5) == 0)
    return take_ehlo (self);
  if (strcasecmp (line, "QUIT") == 0)
    return reply (self, "221 2.0.0 Bye") && flush_out (self) && false;
  if (strcasecmp (line, "NOOP") == 0)
    return reply (self, "250 2.0.0 Nothing done");
  if (strcasecmp (line, "RSET") == 0)
    {
      self->has_sender = false;
      self->n_recipients = 0;
      return reply (self, "250 2.0.0 Forgotten");
    }
  if (strcasecmp (line, "STARTTLS") == 0 && !self->session)
    return reply (self, "220 2.0.0 Go on") && flush_out (self) && start_tls (self);
  if (strncasecmp (line, "AUTH PLAIN", 10) == 0 && self->session)
    return take_auth (self, line[10] == ' ' ? line + 11 : "");
  if (!self->is_known)
    return reply (self, "530 5.7.0 Log in first");
  return take_mail_command (self, line);
}

static void *
serve (void *data)
{
  Connection *self = data;
  n_connections++;
  setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  if ((!self->is_implicit || start_tls (self)) && reply (self, "220 sink.example.test ESMTP"))
    {
      char *line = read_line (self);
      while (line && take_command (self, line))
        line = read_line (self);
    }
  if (self->session)
    {
      gnutls_bye (self->session, GNUTLS_SHUT_WR);
      gnutls_deinit (self->session);
    }
  close (self->fd);
  free (self);
  return NULL;
}

/* --- listening --- */

typedef struct
{
  int fd;
  bool is_implicit;
} Listener;

static void *
accept_all (void *data)
{
  const Listener *self = data;
  while (true)
    {
      pthread_t thread;
      int fd = accept (self->fd, NULL, NULL);
      if (fd < 0)
        continue;
      Connection *made = calloc (1, sizeof *made);
      if (!made)
        die ("no memory");
      made->fd = fd;
      made->is_implicit = self->is_implicit;
      if (pthread_create (&thread, NULL, serve, made) != 0)
        die ("no thread");
      pthread_detach (thread);
    }
  return NULL;
}

/* Returns: the port */
static unsigned
listen_on (Listener *self, bool is_implicit)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  pthread_t thread;
  self->is_implicit = is_implicit;
  self->fd = socket (AF_INET, SOCK_STREAM, 0);
  if (bind (self->fd, (struct sockaddr *)&address, sizeof address) != 0
      || listen (self->fd, 128) != 0
      || getsockname (self->fd, (struct sockaddr *)&address, &length) != 0
      || pthread_create (&thread, NULL, accept_all, self) != 0)
    die ("cannot listen");
  return ntohs (address.sin_port);
}

static void
read_password (const char *user, const char *path)
{
  char password[256];
  FILE *file = fopen (path, "r");
  if (!file || !fgets (password, sizeof password, file))
    die ("cannot read the password");
  fclose (file);
  password[strcspn (password, "\n")] = '\0';
  wanted_length = (size_t)snprintf (wanted, sizeof wanted, "%c%s%c%s", 0, user, 0, password);
}

int
main (int argc, char **argv)
{
  static Listener upgrade, implicit;
  char line[64];
  if (argc < 5)
    die ("usage: smtp-sink CERTIFICATE KEY USER PASSWORD-FILE [--without KEYWORD]...");
  for (int i = 5; i + 1 < argc; i += 2)
    for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++)
      if (strncmp (keywords[k], argv[i + 1], strlen (argv[i + 1])) == 0)
        is_without[k] = true;
  signal (SIGPIPE, SIG_IGN);
  read_password (argv[3], argv[4]);
  gnutls_certificate_allocate_credentials (&credentials);
  if (gnutls_certificate_set_x509_key_file (credentials, argv[1], argv[2], GNUTLS_X509_FMT_PEM)
      != 0)
    die ("cannot read the certificate");
  gnutls_priority_init (&priority, NULL, NULL);
  unsigned port = listen_on (&upgrade, false);
  printf ("%u %u\n", port, listen_on (&implicit, true));
  fflush (stdout);
  while (fgets (line, sizeof line, stdin))
    {
      printf ("%llu %llu %llu\n", atomic_exchange (&n_messages, 0), atomic_exchange (&n_octets, 0),
              atomic_exchange (&n_connections, 0));
      fflush (stdout);
    }
  return 0;
}
