/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap/imap-trace.h"

/* The transcript shows no more than this of a line. */
#define SHOWN_BYTES 256

struct _PostsealImapTrace
{
  PostsealTranscript *transcript; /* owned */
  GString *line; /* owned: the response so far */
  guint64 literal_left;
};

PostsealImapTrace *
postseal_imap_trace_new (PostsealTranscript *transcript)
{
  PostsealImapTrace *self = g_new0 (PostsealImapTrace, 1);

  self->transcript = postseal_transcript_ref (transcript);
  self->line = g_string_new (NULL);
  return self;
}

void
postseal_imap_trace_free (PostsealImapTrace *self)
{
  postseal_transcript_unref (self->transcript);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static void
append (PostsealImapTrace *self, const char *data, gsize length)
{
  gsize room = self->line->len < SHOWN_BYTES ? SHOWN_BYTES - self->line->len : 0;

  g_string_append_len (self->line, data, (gssize)MIN (length, room));
}

/* Drops the line end, so that what follows a literal joins the line. */
static void
trim (PostsealImapTrace *self)
{
  while (self->line->len > 0 && strchr ("\r\n", self->line->str[self->line->len - 1]) != NULL)
    g_string_truncate (self->line, self->line->len - 1);
}

void
postseal_imap_trace_bytes (PostsealImapTrace *self, const char *data, gsize length)
{
  gsize skipped = (gsize)MIN (self->literal_left, length);

  self->literal_left -= skipped;
  append (self, data + skipped, length - skipped);
}

void
postseal_imap_trace_literal (PostsealImapTrace *self, guint64 length)
{
  g_autofree char *summary = g_strdup_printf ("[%" G_GUINT64_FORMAT " bytes]", length);
  char *brace;

  trim (self);
  brace = strrchr (self->line->str, '{');
  if (brace != NULL && self->line->len < SHOWN_BYTES)
    g_string_truncate (self->line, (gsize)(brace - self->line->str));
  append (self, summary, strlen (summary));
  self->literal_left = length;
}

void
postseal_imap_trace_response (PostsealImapTrace *self, gboolean is_challenge)
{
  trim (self);
  if (is_challenge)
    g_string_assign (self->line, "+ ***");
  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, self->line->str,
                            (gssize)self->line->len);
  g_string_truncate (self->line, 0);
  self->literal_left = 0;
}
