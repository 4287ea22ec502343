/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/test-record-private.h"

#include <string.h>

#define LINES_KEPT 400
#define LINE_SHOWN 400

PostsealTestRecord *
_postseal_test_record_new (void)
{
  PostsealTestRecord *self = g_new0 (PostsealTestRecord, 1);

  self->facts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->text = g_string_new (NULL);
  self->began_us = g_get_monotonic_time ();
  return self;
}

void
_postseal_test_record_free (PostsealTestRecord *self)
{
  g_hash_table_unref (self->facts);
  g_string_free (self->text, TRUE);
  g_free (self);
}

void
_postseal_test_record_line (PostsealTestRecord *self, PostsealTranscriptKind kind, const char *line)
{
  static const char *const marks[] = { "*", ">", "<" };
  double seconds = (double)(g_get_monotonic_time () - self->began_us) / G_USEC_PER_SEC;
  g_autofree char *start = NULL;

  if (++self->n_lines > LINES_KEPT)
    {
      if (self->n_lines == LINES_KEPT + 1)
        g_string_append (self->text, "  …\n");
      return;
    }
  start = g_utf8_substring (line, 0, MIN (g_utf8_strlen (line, -1), LINE_SHOWN));
  g_string_append_printf (self->text, "  %8.3f %s %s%s\n", seconds, marks[kind], start,
                          strlen (start) < strlen (line) ? "…" : "");
}

void
_postseal_test_record_fact (PostsealTestRecord *self, const char *name, const char *value)
{
  /* What was said to an earlier step does not explain a later one. */
  if (g_str_equal (name, "stage"))
    g_hash_table_remove (self->facts, "said");
  postseal_transcript_keep_fact (self->facts, name, value);
}
