/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tlsa-record.h"

PostsealTlsaRecord *
postseal_tlsa_record_new (
    guint usage, guint selector, guint matching, const char *base, GBytes *data)
{
  PostsealTlsaRecord *self = g_new0 (PostsealTlsaRecord, 1);

  self->usage = (guint8)usage;
  self->selector = (guint8)selector;
  self->matching = (guint8)matching;
  self->base = g_strdup (base);
  self->data = g_bytes_ref (data);
  return self;
}

void
postseal_tlsa_record_free (PostsealTlsaRecord *self)
{
  g_free (self->base);
  g_bytes_unref (self->data);
  g_free (self);
}

static void
free_record (gpointer record)
{
  postseal_tlsa_record_free (record);
}

PostsealTlsaAnswer *
postseal_tlsa_answer_new (void)
{
  PostsealTlsaAnswer *self = g_new0 (PostsealTlsaAnswer, 1);

  self->records = g_ptr_array_new_with_free_func (free_record);
  return self;
}

void
postseal_tlsa_answer_free (PostsealTlsaAnswer *self)
{
  g_ptr_array_unref (self->records);
  g_free (self);
}
