/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/bounce-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <gmime/gmime.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/printable.h"
#include "mail/mime-library.h"
#include "mail/sink-private.h"
#include "mail/stage.h"

/* What is written, and how. */
typedef struct
{
  const PostsealBounce *bounce; /* borrowed */
  PostsealStage *stage; /* borrowed */
  char *boundary; /* owned */
  gboolean is_international; /* RFC 6533: UTF-8 in what a report holds */
  gboolean is_header_only;
  gboolean is_8bit; /* what is returned has octets above 127 */
} Report;

/* --- who is told --- */

gboolean
_postseal_bounce_tells_of (const PostsealOutboxRecipient *recipient, gboolean is_expired)
{
  guint notify = recipient->recipient->notify;

  if (notify != 0 && (notify & POSTSEAL_SMTP_NOTIFY_FAILURE) == 0)
    return FALSE;
  return recipient->progress == POSTSEAL_OUTBOX_REFUSED
         || (is_expired && recipient->progress == POSTSEAL_OUTBOX_PENDING);
}

gboolean
_postseal_bounce_is_given_up (const PostsealOutboxRecipient *recipient)
{
  /* What is left of the last attempt then is a refusal for the time being, or our own 4.4.7. */
  return recipient->progress == POSTSEAL_OUTBOX_PENDING || recipient->code / 100 == 4
         || (recipient->code == 0 && recipient->status != NULL && recipient->status[0] == '4');
}

gboolean
postseal_bounce_is_wanted (const PostsealOutboxEntry *entry)
{
  g_return_val_if_fail (entry != NULL, FALSE);

  if (entry->sender == NULL || *entry->sender == '\0')
    return FALSE;
  for (gsize i = 0; i < entry->n_recipients; i++)
    if (_postseal_bounce_tells_of (&entry->recipients[i], TRUE))
      return TRUE;
  return FALSE;
}

/* --- the header --- */

static const char *
get_domain (const char *address)
{
  const char *at = strrchr (address, '@');

  return at != NULL && at[1] != '\0' ? at + 1 : "localhost";
}

/* The one field of the original that is used in a header: it must be nothing but one ID. */
static gboolean
is_usable_id (const char *id)
{
  gsize length = id != NULL ? strlen (id) : 0;

  if (length < 3 || length > 900 || id[0] != '<' || id[length - 1] != '>')
    return FALSE;
  for (const char *at = id; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return FALSE;
  return TRUE;
}

static char *
make_subject (const PostsealEnvelope *envelope)
{
  g_autofree char *plain = NULL;

  if (envelope->subject != NULL && *envelope->subject != '\0')
    plain = g_strdup_printf (_ ("Not sent: %s"), envelope->subject);
  else
    plain = g_strdup (_ ("A message could not be sent"));
  return g_mime_utils_header_encode_text (NULL, plain, "utf-8");
}

static char *
make_recipient (const PostsealBounce *bounce)
{
  g_autofree char *name = postseal_printable (bounce->full_name, -1);
  g_autofree char *phrase = NULL;

  if (*name == '\0')
    return g_strdup (bounce->recipient);
  phrase = g_mime_utils_header_encode_phrase (NULL, name, "utf-8");
  return g_strdup_printf ("%s <%s>", phrase, bounce->recipient);
}

static void
append_header (GString *out, const Report *self)
{
  const PostsealBounce *bounce = self->bounce;
  const PostsealEnvelope *envelope = bounce->entry->envelope;
  const char *domain = get_domain (bounce->recipient);
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (bounce->now);
  g_autofree char *date = g_mime_utils_header_format_date (now);
  g_autofree char *from = g_strdup_printf ("Postseal <MAILER-DAEMON@%s>", domain);
  g_autofree char *to = make_recipient (bounce);
  g_autofree char *subject = make_subject (envelope);
  g_autofree char *id
      = g_strdup_printf ("<%s.%u.bounce@%s>", bounce->entry->id, bounce->entry->attempts, domain);
  g_autofree char *type = g_strdup_printf (
      "multipart/report; report-type=delivery-status; boundary=\"%s\"", self->boundary);

  g_string_append (out, "Return-Path: <>\n"); /* RFC 5321 section 4.5.5 */
  _postseal_bounce_append_field (out, "Date", date);
  _postseal_bounce_append_field (out, "From", from);
  _postseal_bounce_append_field (out, "To", to);
  _postseal_bounce_append_field (out, "Subject", subject);
  _postseal_bounce_append_field (out, "Message-ID", id);
  if (is_usable_id (envelope->message_id))
    {
      _postseal_bounce_append_field (out, "In-Reply-To", envelope->message_id);
      _postseal_bounce_append_field (out, "References", envelope->message_id);
    }
  /* RFC 3834 section 5 */
  _postseal_bounce_append_field (out, "Auto-Submitted", "auto-replied");
  _postseal_bounce_append_field (out, "MIME-Version", "1.0");
  _postseal_bounce_append_field (out, "Content-Type", type);
  if (self->is_8bit)
    _postseal_bounce_append_field (out, "Content-Transfer-Encoding", "8bit");
  g_string_append_c (out, '\n');
}

/* --- the parts --- */

static void
append_delimiter (GString *out, const Report *self)
{
  g_string_append_printf (out, "\n--%s\n", self->boundary);
}

static void
append_quoted_printable (GString *out, const char *text)
{
  gsize length = strlen (text);
  GMimeEncoding state;
  g_autofree char *encoded = NULL;
  gsize n;

  g_mime_encoding_init_encode (&state, GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  encoded = g_malloc (g_mime_encoding_outlen (&state, length));
  n = g_mime_encoding_flush (&state, text, length, encoded);
  g_string_append_len (out, encoded, (gssize)n);
}

static void
append_text_part (GString *out, const Report *self)
{
  g_autofree char *text = _postseal_bounce_text_make (self->bounce, self->is_header_only);

  append_delimiter (out, self);
  g_string_append (out, "Content-Type: text/plain; charset=utf-8\n"
                        "Content-Disposition: inline\n"
                        "Content-Transfer-Encoding: quoted-printable\n\n");
  append_quoted_printable (out, text);
}

static void
append_status_part (GString *out, const Report *self)
{
  g_autofree char *status = _postseal_bounce_status_make (self->bounce, self->is_international);

  append_delimiter (out, self);
  g_string_append_printf (out, "Content-Type: message/%s\n",
                          self->is_international ? "global-delivery-status" : "delivery-status");
  if (!g_str_is_ascii (status))
    g_string_append (out, "Content-Transfer-Encoding: 8bit\n");
  g_string_append_c (out, '\n');
  g_string_append (out, status);
}

/* The header of the third part, up to where the original begins. */
static void
append_copy_part (GString *out, const Report *self)
{
  const PostsealEnvelope *envelope = self->bounce->entry->envelope;
  gboolean is_global = envelope->is_international || envelope->body == POSTSEAL_SMTP_BODY_BINARY;
  const char *type;

  if (self->is_header_only)
    type = envelope->is_international ? "message/global-headers" : "text/rfc822-headers";
  else
    type = is_global ? "message/global" : "message/rfc822";
  append_delimiter (out, self);
  g_string_append_printf (out, "Content-Type: %s\n", type);
  /* Only the global types may be encoded (RFC 6532 section 3.7), and octets that are not made of
     lines would not survive anything else. */
  if (!self->is_header_only && envelope->body == POSTSEAL_SMTP_BODY_BINARY)
    g_string_append (out, "Content-Transfer-Encoding: base64\n");
  else if (self->is_8bit)
    g_string_append (out, "Content-Transfer-Encoding: 8bit\n");
  g_string_append_c (out, '\n');
}

/* --- the original --- */

static gboolean
fail_to_read (const PostsealOutboxEntry *entry, int code, GError **error)
{
  g_autofree char *display = g_filename_display_name (entry->path);

  g_set_error (error, POSTSEAL_OUTBOX_ERROR,
               code == EIO ? POSTSEAL_OUTBOX_ERROR_DISK : POSTSEAL_OUTBOX_ERROR_DAMAGED,
               _ ("Cannot read the queued message “%s”: %s"), display,
               code != 0 ? g_strerror (code) : _ ("it is shorter than it was"));
  return FALSE;
}

/* Octets of @data up to the empty line. @at_line_start: (inout): kept from chunk to chunk */
static gsize
find_header_end (const guint8 *data, gsize length, gboolean *at_line_start, gboolean *ret_is_end)
{
  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '\n' && *at_line_start)
        {
          *ret_is_end = TRUE;
          return i > 0 && data[i - 1] == '\r' ? i - 1 : i;
        }
      if (data[i] == '\n')
        *at_line_start = TRUE;
      else if (data[i] != '\r')
        *at_line_start = FALSE;
    }
  return length;
}

static gboolean
write_base64 (Report *self, const guint8 *data, gsize length, int *state, int *save, GError **error)
{
  /* GLib: (length / 3 + 1) * 4 + 4, and a line end for each 72. */
  g_autofree char *encoded = g_malloc ((length / 3 + 1) * 4 + 4 + length / 48 + 8);
  gsize n = data != NULL ? g_base64_encode_step (data, length, TRUE, encoded, state, save)
                         : g_base64_encode_close (TRUE, encoded, state, save);

  for (gsize at = 0; at < n; at += POSTSEAL_STAGE_CHUNK)
    if (!_postseal_stage_write (self->stage, encoded + at, MIN (n - at, POSTSEAL_STAGE_CHUNK),
                                error))
      return FALSE;
  return TRUE;
}

/* Copies what is to be returned. */
static gboolean
copy_original (Report *self, int fd, GError **error)
{
  static const gsize size = POSTSEAL_STAGE_CHUNK;
  const PostsealOutboxEntry *entry = self->bounce->entry;
  gboolean is_base64 = !self->is_header_only && entry->envelope->body == POSTSEAL_SMTP_BODY_BINARY;
  g_autofree guint8 *chunk = g_malloc (size);
  guint64 left = entry->length;
  guint64 offset = entry->offset;
  gboolean at_line_start = TRUE;
  gboolean is_end = FALSE;
  int state = 0;
  int save = 0;

  while (left > 0 && !is_end)
    {
      gssize n = pread (fd, chunk, MIN (left, size), (off_t)offset);
      gsize length;

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail_to_read (entry, n < 0 ? errno : 0, error);
      length = self->is_header_only ? find_header_end (chunk, (gsize)n, &at_line_start, &is_end)
                                    : (gsize)n;
      if (!(is_base64 ? write_base64 (self, chunk, length, &state, &save, error)
                      : _postseal_stage_write (self->stage, chunk, length, error)))
        return FALSE;
      left -= (guint64)n;
      offset += (guint64)n;
    }
  return !is_base64 || write_base64 (self, NULL, 0, &state, &save, error);
}

/* --- all of it --- */

/* Texts of ours are longer than a chunk only with thousands of recipients. */
static gboolean
write_text (Report *self, const GString *text, GError **error)
{
  for (gsize at = 0; at < text->len; at += POSTSEAL_STAGE_CHUNK)
    if (!_postseal_stage_write (self->stage, text->str + at,
                                MIN (text->len - at, POSTSEAL_STAGE_CHUNK), error))
      return FALSE;
  return TRUE;
}

/* Nobody who wrote the message could know it, and it is the same whenever the report is made. */
static char *
make_boundary (const PostsealOutboxEntry *entry)
{
  PostsealDigest *digest = postseal_digest_new ();
  guint8 value[POSTSEAL_DIGEST_LENGTH];
  g_autofree char *hex = NULL;

  postseal_digest_update (digest, entry->id, strlen (entry->id) + 1);
  postseal_digest_update (digest, entry->account, strlen (entry->account) + 1);
  postseal_digest_update (digest, &entry->arrived, sizeof entry->arrived);
  postseal_digest_update (digest, entry->path, strlen (entry->path) + 1);
  postseal_digest_finish (digest, value);
  hex = postseal_digest_to_hex (value, 16);
  return g_strdup_printf ("=_postseal_%s", hex);
}

static gboolean
needs_utf8 (const PostsealBounce *bounce)
{
  const PostsealOutboxEntry *entry = bounce->entry;

  if (entry->envelope->is_international)
    return TRUE;
  for (gsize i = 0; i < entry->n_recipients; i++)
    {
      const PostsealEnvelopeRecipient *known = entry->recipients[i].recipient;

      if (_postseal_bounce_tells_of (&entry->recipients[i], bounce->is_expired)
          && (!g_str_is_ascii (known->address)
              || (known->original != NULL && !g_str_is_ascii (known->original))))
        return TRUE;
    }
  return FALSE;
}

static gboolean
write_report (Report *self, int fd, GError **error)
{
  g_autoptr (GString) head = g_string_new (NULL);
  g_autoptr (GString) tail = g_string_new (NULL);

  append_header (head, self);
  append_text_part (head, self);
  append_status_part (head, self);
  append_copy_part (head, self);
  g_string_append_printf (tail, "\n--%s--\n", self->boundary);
  return write_text (self, head, error) && copy_original (self, fd, error)
         && write_text (self, tail, error);
}

/* Takes @stage_fd. */
static gboolean
sync_and_close (int stage_fd, int dir_fd, const char *path, GError **error)
{
  gboolean is_synced = fsync (stage_fd) == 0 && fsync (dir_fd) == 0;

  if (!is_synced)
    _postseal_sink_fail (error, errno, _ ("Cannot write the report “%s”"), path);
  close (stage_fd);
  return is_synced;
}

/* @fd: the original */
static gboolean
write_into (const PostsealBounce *bounce, const char *path, int dir_fd, int fd, GError **error)
{
  const PostsealEnvelope *envelope = bounce->entry->envelope;
  g_autofree char *dir = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *boundary = make_boundary (bounce->entry);
  Report report = { .bounce = bounce, .boundary = boundary };
  PostsealStaged staged;
  int stage_fd;

  report.is_header_only = envelope->ret == POSTSEAL_SMTP_RETURN_HEADERS || envelope->requiretls;
  report.is_international = needs_utf8 (bounce);
  report.is_8bit = report.is_international || envelope->body == POSTSEAL_SMTP_BODY_8BIT;
  unlinkat (dir_fd, name, 0); /* left by a crash */
  report.stage = _postseal_stage_open (dir_fd, dir, name, NULL, error);
  if (report.stage == NULL)
    return FALSE;
  if (!write_report (&report, fd, error))
    {
      _postseal_stage_abandon (report.stage);
      return FALSE;
    }
  stage_fd = _postseal_stage_finish (report.stage, &staged, error);
  if (stage_fd < 0)
    return FALSE;
  if (sync_and_close (stage_fd, dir_fd, path, error))
    return TRUE;
  unlinkat (dir_fd, name, 0);
  return FALSE;
}

gboolean
postseal_bounce_write (const PostsealBounce *bounce, const char *path, GError **error)
{
  const PostsealOutboxEntry *entry;
  g_autofree char *dir = NULL;
  gboolean is_written;
  int dir_fd;
  int fd;

  g_return_val_if_fail (bounce != NULL && path != NULL, FALSE);
  g_return_val_if_fail (bounce->entry != NULL && bounce->entry->envelope != NULL, FALSE);
  g_return_val_if_fail (bounce->recipient != NULL, FALSE);

  entry = bounce->entry;
  _postseal_mime_library_ensure ();
  fd = open (entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return fail_to_read (entry, errno, error);
  dir = g_path_get_dirname (path);
  dir_fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd < 0)
    is_written = _postseal_sink_fail (error, errno, _ ("Cannot write the report “%s”"), path);
  else
    is_written = write_into (bounce, path, dir_fd, fd, error);
  if (dir_fd >= 0)
    close (dir_fd);
  close (fd);
  return is_written;
}
