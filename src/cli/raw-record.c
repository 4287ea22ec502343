/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/raw-record.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/credential.h"
#include "base/limits.h"
#include "base/printable.h"
#include "wire/secret-lines.h"

#define PIECE 200 /* bytes: postseal_printable() cuts nothing off */

/* One direction. */
typedef struct
{
  GString *line; /* owned: not ended yet */
  gboolean is_rest; /* a part of it has been written, for it is long */
  gboolean is_hidden; /* and the rest of it is secret */
} Side;

struct _PostsealRawRecord
{
  char *path; /* owned */
  int fd; /* owned */
  int trouble; /* errno of the first write that failed, or 0 */
  GString *text; /* owned: what is written next */
  PostsealSecretLines secrets;
  Side sides[2]; /* sent, received */
};

PostsealRawRecord *
postseal_raw_record_new (const char *path, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
  PostsealRawRecord *self = NULL;
  struct stat info;

  /* One that was there keeps its mode otherwise; a pipe is not ours to change. */
  if (fd < 0 || fstat (fd, &info) != 0 || (S_ISREG (info.st_mode) && fchmod (fd, 0600) != 0))
    {
      int number = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number),
                   _ ("Cannot open “%s”: %s"), path, g_strerror (number));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  self = g_new0 (PostsealRawRecord, 1);
  self->path = g_strdup (path);
  self->fd = fd;
  self->text = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (self->sides); i++)
    self->sides[i].line = g_string_sized_new (1024);
  return self;
}

static void
flush (PostsealRawRecord *self)
{
  gsize written = 0;

  while (written < self->text->len && self->trouble == 0)
    {
      gssize n = write (self->fd, self->text->str + written, self->text->len - written);

      if (n >= 0)
        written += (gsize)n;
      else if (errno != EINTR)
        self->trouble = errno;
    }
  g_string_truncate (self->text, 0);
}

/* --- lines --- */

/* What may be read by somebody, of whatever length. */
static void
append_printable (GString *text, const char *line, gsize length)
{
  while (length > 0)
    {
      gsize n = MIN (length, PIECE);
      g_autofree char *piece = NULL;

      /* Between two characters of UTF-8. */
      while (n > 1 && n < length && ((guchar)line[n] & 0xC0) == 0x80)
        n--;
      piece = postseal_printable (line, (gssize)n);
      g_string_append (text, piece);
      line += n;
      length -= n;
    }
}

static const char *
get_mark (PostsealTranscriptKind kind)
{
  static const char *const marks[] = {
    [POSTSEAL_TRANSCRIPT_NOTE] = "* ",
    [POSTSEAL_TRANSCRIPT_SENT] = "> ",
    [POSTSEAL_TRANSCRIPT_RECEIVED] = "< ",
  };

  return marks[kind];
}

void
postseal_raw_record_line (PostsealRawRecord *self, PostsealTranscriptKind kind, const char *line)
{
  if (self == NULL)
    return;
  g_string_append_printf (self->text, "%s%s\n", get_mark (kind), line);
  flush (self);
}

static void
forget_line (Side *side)
{
  postseal_wipe (side->line->str, side->line->len);
  g_string_truncate (side->line, 0);
}

/* What has come of a line, which goes on unless @is_whole. */
static void
write_line (PostsealRawRecord *self, PostsealTranscriptKind kind, Side *side, gboolean is_whole)
{
  const char *line = side->line->str;
  gsize length = side->line->len;
  gsize shown = length;

  if (is_whole && length > 0 && line[length - 1] == '\r')
    shown = --length;
  if (side->is_rest)
    shown = side->is_hidden ? 0 : length;
  else if (kind == POSTSEAL_TRANSCRIPT_SENT)
    shown = postseal_secret_lines_sent (&self->secrets, line, length);
  else
    shown = postseal_secret_lines_received (&self->secrets, line, length);

  if (!side->is_rest)
    g_string_append (self->text, get_mark (kind));
  append_printable (self->text, line, shown);
  if (!side->is_rest && shown < length)
    g_string_append (self->text, shown > 0 ? " ***" : "***");
  side->is_hidden = shown < length || (side->is_rest && side->is_hidden);
  side->is_rest = !is_whole;
  if (is_whole)
    {
      g_string_append_c (self->text, '\n');
      side->is_hidden = FALSE;
    }
  forget_line (side);
}

void
postseal_raw_record_begin (PostsealRawRecord *self,
                           PostsealProtocol protocol,
                           gboolean awaits_greeting)
{
  if (self != NULL)
    postseal_secret_lines_init (&self->secrets, protocol == POSTSEAL_PROTOCOL_IMAP,
                                awaits_greeting);
}

void
postseal_raw_record_bytes (PostsealRawRecord *self,
                           PostsealTranscriptKind kind,
                           const char *data,
                           gsize length)
{
  const char *end = data + length;
  Side *side = NULL;

  if (self == NULL)
    return;
  side = &self->sides[kind == POSTSEAL_TRANSCRIPT_SENT ? 0 : 1];
  while (data < end)
    {
      gsize room = POSTSEAL_LIMIT_LINE - side->line->len;
      gsize n = MIN ((gsize)(end - data), room);
      const char *lf = memchr (data, '\n', n);

      if (lf != NULL)
        n = lf - data;
      g_string_append_len (side->line, data, (gssize)n);
      data += n + (lf != NULL ? 1 : 0);
      if (lf != NULL || side->line->len == POSTSEAL_LIMIT_LINE)
        write_line (self, kind, side, lf != NULL);
    }
  flush (self);
}

gboolean
postseal_raw_record_close (PostsealRawRecord *self, GError **error)
{
  static const PostsealTranscriptKind kinds[]
      = { POSTSEAL_TRANSCRIPT_SENT, POSTSEAL_TRANSCRIPT_RECEIVED };
  int trouble = 0;

  if (self == NULL)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (self->sides); i++)
    {
      if (self->sides[i].line->len > 0 || self->sides[i].is_rest)
        write_line (self, kinds[i], &self->sides[i], TRUE);
      g_string_free (self->sides[i].line, TRUE);
    }
  flush (self);
  trouble = self->trouble;
  if (close (self->fd) != 0 && trouble == 0)
    trouble = errno;
  if (trouble != 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (trouble),
                 _ ("Cannot write “%s” to disk: %s"), self->path, g_strerror (trouble));
  postseal_secret_lines_clear (&self->secrets);
  g_string_free (self->text, TRUE);
  g_free (self->path);
  g_free (self);
  return trouble == 0;
}
