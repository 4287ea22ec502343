/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/tls-report-input.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "check/unpack.h"
#include "mail/report-mail.h"

/* Of a real report there are some kilobytes; those of the largest domains have a few megabytes. */
#define LONGEST_FILE (32 * 1024 * 1024) /* also in base64, in a mail */
#define LONGEST_REPORT (16 * 1024 * 1024)
#define PIECE 65536

/* --- bytes --- */

static void
fail_to_read (GError **error, int number)
{
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (number), g_strerror (number));
}

static GBytes *
read_all (int fd, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree guint8 *piece = g_malloc (PIECE);

  for (;;)
    {
      gssize n = read (fd, piece, PIECE);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fail_to_read (error, errno);
          return NULL;
        }
      if (n == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      if (bytes->len + (gsize)n > LONGEST_FILE)
        {
          g_set_error_literal (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_PACKED,
                               _ ("it is larger than any report"));
          return NULL;
        }
      g_byte_array_append (bytes, piece, (guint)n);
    }
}

static GBytes *
read_path (const char *path, GError **error)
{
  GBytes *bytes = NULL;
  int fd;

  if (strcmp (path, "-") == 0)
    return read_all (STDIN_FILENO, error);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    {
      fail_to_read (error, errno);
      return NULL;
    }
  bytes = read_all (fd, error);
  close (fd);
  return bytes;
}

/* --- what they are --- */

/* What it holds, or itself where it is not packed. Returns: (transfer full) */
static GBytes *
unpack (GBytes *bytes, GError **error)
{
  gsize length = 0;
  const void *data = g_bytes_get_data (bytes, &length);

  return postseal_unpack_is_packed (data, length)
             ? postseal_unpack (data, length, LONGEST_REPORT, error)
             : g_bytes_ref (bytes);
}

/* TRUE for what is meant to be JSON, as no mail begins. */
static gboolean
looks_like_json (GBytes *bytes)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);

  for (gsize i = 0; i < length; i++)
    if (strchr (" \t\r\n\xEF\xBB\xBF", data[i]) == NULL)
      return data[i] == '{' || data[i] == '[';
  return FALSE;
}

static PostsealTlsReport *
parse (GBytes *bytes, GError **error)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);

  return postseal_tls_report_parse (data, length, error);
}

/* A mailbox file has a line of its own before the header. */
static PostsealReportMail *
parse_mail (GBytes *bytes)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  const char *line_end
      = length > 5 && memcmp (data, "From ", 5) == 0 ? memchr (data, '\n', length) : NULL;
  gsize skipped = line_end != NULL ? (gsize)(line_end + 1 - data) : 0;

  return length > skipped ? postseal_report_mail_parse (data + skipped, length - skipped) : NULL;
}

static gboolean
take_mail (PostsealTlsReportInput *self, GBytes *bytes, GError **error)
{
  g_autoptr (PostsealReportMail) mail = parse_mail (bytes);
  g_autoptr (GBytes) unpacked = NULL;

  if (mail == NULL)
    {
      g_set_error_literal (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_SYNTAX,
                           _ ("it is neither JSON, nor packed by gzip, nor a mail with such a "
                              "part"));
      return FALSE;
    }
  self->submitter = g_steal_pointer (&mail->submitter);
  unpacked = unpack (mail->content, error);
  if (unpacked != NULL)
    self->report = parse (unpacked, error);
  return self->report != NULL;
}

static gboolean
take (PostsealTlsReportInput *self, GBytes *bytes, GError **error)
{
  g_autoptr (GBytes) unpacked = unpack (bytes, error);

  if (unpacked == NULL)
    return FALSE;
  if (!looks_like_json (unpacked))
    return take_mail (self, unpacked, error);
  self->report = parse (unpacked, error);
  return self->report != NULL;
}

PostsealTlsReportInput *
postseal_tls_report_input_read (const char *path, GError **error)
{
  g_autoptr (PostsealTlsReportInput) self = g_new0 (PostsealTlsReportInput, 1);
  g_autofree char *shown
      = strcmp (path, "-") == 0 ? g_strdup (_ ("Standard input")) : postseal_printable (path, -1);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = read_path (path, &local);

  if (bytes != NULL && take (self, bytes, &local))
    return g_steal_pointer (&self);
  if (local->domain == POSTSEAL_TLS_REPORT_ERROR)
    g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                _ ("%s is no TLS report (RFC 8460): "), shown);
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), _ ("Cannot read %s: "), shown);
  return NULL;
}

void
postseal_tls_report_input_free (PostsealTlsReportInput *self)
{
  if (self == NULL)
    return;
  postseal_tls_report_free (self->report);
  g_free (self->submitter);
  g_free (self);
}
