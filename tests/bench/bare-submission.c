/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least that sending over a single TLS connection can do: after the log-in MAIL, RCPT and BDAT
   of every message go out one after the other, and nobody waits for a reply but at the end. No
   queue, no state, no conversion: the messages are files with CR LF.

   bare-submission HOST PORT USER PASSWORD-FILE CA FOLDER [--implicit] [--to RECIPIENT] */

#include "bare-link.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/gnutls.h>

static char out[BARE_BUFFER_SIZE];
static size_t out_length;

static const char *recipient = "sink@example.net";
static unsigned n_sent, n_due, n_accepted;

/* --- replies --- */

/* Returns: the code of a whole reply */
static unsigned
read_reply (void)
{
  while (true)
    {
      const char *line = bare_read_line ();
      if (strlen (line) < 3)
        bare_die ("no reply: %s", line);
      if (line[3] == '-')
        continue;
      if (line[0] != '2' && line[0] != '3')
        bare_die ("refused: %s", line);
      return (unsigned)strtoul (line, NULL, 10);
    }
}

/* One of those that MAIL, RCPT and BDAT have coming. */
static void
take_reply (void)
{
  static unsigned step;
  read_reply ();
  n_due--;
  step = (step + 1) % 3;
  if (step == 0)
    n_accepted++;
}

/* --- messages --- */

static void
flush_out (void)
{
  bare_send (out, out_length);
  out_length = 0;
  /* Neither side may wait for the other one to read. */
  while (n_due > 0 && (bare_in_start < bare_in_end || bare_has_more ()))
    take_reply ();
}

static void
put (const char *data, size_t length)
{
  while (length > 0)
    {
      size_t n = sizeof out - out_length < length ? sizeof out - out_length : length;
      memcpy (out + out_length, data, n);
      out_length += n;
      data += n;
      length -= n;
      if (out_length == sizeof out)
        flush_out ();
    }
}

static void
put_message (int folder, const char *name)
{
  char text[1024];
  struct stat about;
  int file = openat (folder, name, O_RDONLY);
  if (file < 0 || fstat (file, &about) != 0)
    bare_die ("cannot open %s", name);
  unsigned long long size = (unsigned long long)about.st_size;
  snprintf (text, sizeof text,
            "MAIL FROM:<bench@example.org> SIZE=%llu BODY=8BITMIME\r\nRCPT TO:<%s>\r\n"
            "BDAT %llu LAST\r\n",
            size, recipient, size);
  put (text, strlen (text));
  n_due += 3;
  n_sent++;
  while (size > 0)
    {
      ssize_t n = read (file, out + out_length, sizeof out - out_length);
      if (n <= 0)
        bare_die ("cannot read %s", name);
      out_length += (size_t)n;
      size -= (size_t)n;
      if (out_length == sizeof out)
        flush_out ();
    }
  close (file);
}

static void
send_folder (const char *path)
{
  DIR *folder = opendir (path);
  if (!folder)
    bare_die ("cannot open %s", path);
  for (const struct dirent *entry = readdir (folder); entry; entry = readdir (folder))
    if (entry->d_name[0] != '.')
      put_message (dirfd (folder), entry->d_name);
  closedir (folder);
  flush_out ();
  while (n_due > 0)
    take_reply ();
}

/* --- log-in --- */

static void
log_in (const char *user, const char *password)
{
  char plain[512], command[1024];
  size_t user_length = strlen (user), password_length = strlen (password);
  if (user_length + password_length + 2 > sizeof plain)
    bare_die ("user or password too long");
  plain[0] = '\0';
  memcpy (plain + 1, user, user_length + 1);
  memcpy (plain + 2 + user_length, password, password_length);
  gnutls_datum_t raw = { (unsigned char *)plain, (unsigned)(user_length + password_length + 2) };
  gnutls_datum_t encoded;
  if (gnutls_base64_encode2 (&raw, &encoded) != 0)
    bare_die ("cannot encode");
  snprintf (command, sizeof command, "AUTH PLAIN %.*s\r\n", (int)encoded.size, encoded.data);
  bare_say (command);
  read_reply ();
}

int
main (int argc, char **argv)
{
  bool is_implicit = false;
  if (argc < 7)
    bare_die ("usage: bare-submission HOST PORT USER PASSWORD-FILE CA FOLDER [--implicit] "
              "[--to RECIPIENT]");
  for (int i = 7; i < argc; i++)
    {
      if (strcmp (argv[i], "--implicit") == 0)
        is_implicit = true;
      else if (strcmp (argv[i], "--to") == 0 && i + 1 < argc)
        recipient = argv[++i];
    }
  const char *password = bare_read_password (argv[4]);
  bare_connect (argv[1], argv[2]);
  if (is_implicit)
    bare_start_tls (argv[1], argv[5]);
  read_reply ();
  if (!is_implicit)
    {
      bare_say ("EHLO bench.example.org\r\n");
      read_reply ();
      bare_say ("STARTTLS\r\n");
      read_reply ();
      bare_start_tls (argv[1], argv[5]);
    }
  bare_say ("EHLO bench.example.org\r\n");
  read_reply ();
  log_in (argv[3], password);
  send_folder (argv[6]);
  bare_say ("QUIT\r\n");
  printf ("%u\n", n_accepted);
  return n_accepted == n_sent ? 0 : 1;
}
