/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least that a single TLS connection can do: the measure for everything that does more.
   Blocking GnuTLS, no checks beyond the certificate, no ledger, no fsync.

   bare-client imap|pop3 HOST PORT USER PASSWORD-FILE CA [options]
     --implicit      TLS from the first byte, else STARTTLS or STLS
     --poll          only asks what is there (IMAP: for UIDs from 4294967295 on)
     --idle          IMAP: says the monotonic time in nanoseconds of each EXISTS, until it is killed
     --maildir DIR   writes each message to DIR/tmp and renames it to DIR/new, else throws them away
 */

#include "bare-link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum
{
  POP3_WINDOW = 200, /* commands in flight */
};

static const char *maildir;
static bool is_idle;
static int file = -1;
static unsigned n_messages;
static char out[BARE_BUFFER_SIZE];
static size_t out_length;
static bool is_after_cr;

/* --- messages --- */

static void
flush_out (void)
{
  if (file >= 0 && out_length > 0 && write (file, out, out_length) != (ssize_t)out_length)
    bare_die ("cannot write: %s", strerror (errno));
  out_length = 0;
}

static void
put (char c)
{
  if (out_length == BARE_BUFFER_SIZE)
    flush_out ();
  out[out_length++] = c;
}

static void
put_span (const char *data, size_t length)
{
  if (out_length + length > BARE_BUFFER_SIZE)
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
    bare_die ("cannot create %s: %s", path, strerror (errno));
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
    bare_die ("cannot rename %s: %s", from, strerror (errno));
}

/* --- IMAP --- */

static void
take_literal (uint64_t length)
{
  begin_message ();
  while (length > 0)
    {
      if (bare_in_start == bare_in_end)
        bare_fill ();
      size_t n
          = bare_in_end - bare_in_start < length ? bare_in_end - bare_in_start : (size_t)length;
      put_data (bare_in + bare_in_start, n);
      bare_in_start += n;
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
      char *line = bare_read_line ();
      size_t end = strlen (line);
      if (strncmp (line, tag, length) == 0 && line[length] == ' ')
        {
          if (strncmp (line + length, " OK", 3) != 0)
            bare_die ("%s", line);
          return;
        }
      char *brace = end > 0 && line[end - 1] == '}' ? strrchr (line, '{') : NULL;
      if (brace)
        take_literal (strtoull (brace + 1, NULL, 10));
    }
}

/* What no client can be faster than. */
static void
tell_of_news (void)
{
  bare_say ("d IDLE\r\n");
  setvbuf (stdout, NULL, _IOLBF, 0);
  while (true)
    {
      const char *line = bare_read_line ();
      struct timespec now;

      clock_gettime (CLOCK_MONOTONIC, &now);
      if (line[0] == '+' || strstr (line, " EXISTS") != NULL)
        printf ("%lld\n", now.tv_sec * 1000000000LL + now.tv_nsec);
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
  bare_read_line ();
  if (!is_implicit)
    {
      bare_say ("a STARTTLS\r\n");
      await_tag ("a");
      bare_start_tls (host, ca);
    }
  snprintf (command, sizeof command, "b LOGIN \"%s\" \"%s\"\r\n", user, password);
  bare_say (command);
  await_tag ("b");
  bare_say ("c SELECT INBOX\r\n");
  await_tag ("c");
  if (is_idle)
    tell_of_news ();
  bare_say (is_poll ? "d UID FETCH 4294967295:* (UID)\r\n" : "d UID FETCH 1:* (BODY.PEEK[])\r\n");
  await_tag ("d");
  bare_say ("e LOGOUT\r\n");
}

/* --- POP3 --- */

static char *
await_ok (void)
{
  char *line = bare_read_line ();
  if (strncmp (line, "+OK", 3) != 0)
    bare_die ("%s", line);
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
      char *start = bare_in + bare_in_start;
      size_t have = bare_in_end - bare_in_start;
      if (is_line_start && (have < 3))
        {
          if (have == 0 || start[0] == '.')
            {
              bare_fill ();
              continue;
            }
        }
      if (is_line_start && start[0] == '.')
        {
          bare_in_start++;
          if (start[1] == '\r' && start[2] == '\n')
            {
              bare_in_start += 2;
              break;
            }
          start++;
          have--;
        }
      if (have == 0)
        {
          bare_fill ();
          continue;
        }
      char *end = memchr (start, '\n', have);
      size_t n = end ? (size_t)(end + 1 - start) : have;
      if (is_message)
        put_data (start, n);
      bare_in_start += n;
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
          bare_send (commands, length);
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
      bare_say ("STLS\r\n");
      await_ok ();
      bare_start_tls (host, ca);
    }
  snprintf (command, sizeof command, "USER %s\r\nPASS %s\r\n", user, password);
  bare_say (command);
  await_ok ();
  await_ok ();
  if (is_poll)
    {
      bare_say ("UIDL\r\n");
      await_ok ();
      take_multiline (false);
    }
  else
    {
      bare_say ("STAT\r\n");
      retrieve_all ((unsigned)strtoul (await_ok () + 4, NULL, 10));
    }
  bare_say ("QUIT\r\n");
}

int
main (int argc, char **argv)
{
  bool is_implicit = false, is_poll = false;
  if (argc < 7)
    bare_die ("usage: bare-client imap|pop3 HOST PORT USER PASSWORD-FILE CA [--implicit] [--poll] "
              "[--idle] [--maildir DIR]");
  for (int i = 7; i < argc; i++)
    {
      if (strcmp (argv[i], "--implicit") == 0)
        is_implicit = true;
      else if (strcmp (argv[i], "--poll") == 0)
        is_poll = true;
      else if (strcmp (argv[i], "--idle") == 0)
        is_idle = true;
      else if (strcmp (argv[i], "--maildir") == 0 && i + 1 < argc)
        maildir = argv[++i];
    }
  const char *password = bare_read_password (argv[5]);
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

  bare_connect (argv[2], argv[3]);
  if (is_implicit)
    bare_start_tls (argv[2], argv[6]);
  if (strcmp (argv[1], "imap") == 0)
    run_imap (argv[2], argv[6], argv[4], password, is_implicit, is_poll);
  else
    run_pop3 (argv[2], argv[6], argv[4], password, is_implicit, is_poll);
  printf ("%u\n", n_messages);
  return 0;
}
