/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/transcript.h"

#include "base/printable.h"

struct _PostsealTranscript
{
  grefcount references;
  PostsealTranscriptFunc func;
  PostsealTranscriptFactFunc fact_func; /* nullable */
  gpointer user_data; /* owned through destroy */
  GDestroyNotify destroy; /* nullable */
  gboolean is_heard;
};

PostsealTranscript *
postseal_transcript_new (PostsealTranscriptFunc func, gpointer user_data, GDestroyNotify destroy)
{
  PostsealTranscript *self;

  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (PostsealTranscript, 1);
  g_ref_count_init (&self->references);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;
  self->is_heard = TRUE;
  return self;
}

void
postseal_transcript_set_heard (PostsealTranscript *self, gboolean is_heard)
{
  if (self != NULL)
    self->is_heard = is_heard;
}

PostsealTranscript *
postseal_transcript_ref (PostsealTranscript *self)
{
  if (self != NULL)
    g_ref_count_inc (&self->references);
  return self;
}

void
postseal_transcript_unref (PostsealTranscript *self)
{
  if (self == NULL || !g_ref_count_dec (&self->references))
    return;
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_free (self);
}

void
postseal_transcript_note (PostsealTranscript *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self == NULL || !self->is_heard)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  postseal_transcript_line (self, POSTSEAL_TRANSCRIPT_NOTE, text, -1);
}

void
postseal_transcript_line (PostsealTranscript *self,
                          PostsealTranscriptKind kind,
                          const char *line,
                          gssize length)
{
  g_autofree char *printable = NULL;

  if (self == NULL || !self->is_heard)
    return;
  printable = postseal_printable (line, length);
  self->func (kind, printable, self->user_data);
}

void
postseal_transcript_set_fact_func (PostsealTranscript *self, PostsealTranscriptFactFunc func)
{
  g_return_if_fail (self != NULL);

  self->fact_func = func;
}

gboolean
postseal_transcript_wants_facts (PostsealTranscript *self)
{
  return self != NULL && self->fact_func != NULL;
}

void
postseal_transcript_fact (PostsealTranscript *self, const char *name, const char *value)
{
  g_autofree char *printable = NULL;

  if (self == NULL || self->fact_func == NULL || value == NULL)
    return;
  printable = postseal_printable (value, -1);
  self->fact_func (name, printable, self->user_data);
}

void
postseal_transcript_keep_fact (GHashTable *facts, const char *name, const char *value)
{
  const char *before = g_hash_table_lookup (facts, name);
  gboolean is_list = before != NULL && g_str_equal (name, "cert-name");

  g_hash_table_replace (facts, g_strdup (name),
                        is_list ? g_strconcat (before, ", ", value, NULL) : g_strdup (value));
}
