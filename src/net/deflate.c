/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/deflate-private.h"

#include <glib/gi18n-lib.h>
#include <zlib.h>

#define RAW_WINDOW_BITS (-15)
#define MEMORY_LEVEL 8
#define OUTPUT_STEP 4096

struct _PostsealDeflate
{
  z_stream in;
  z_stream out;
  gboolean has_more;
  gboolean is_ended;
};

PostsealDeflate *
_postseal_deflate_new (void)
{
  PostsealDeflate *self = g_new0 (PostsealDeflate, 1);

  /* They fail for lack of memory or a wrong argument only. */
  if (inflateInit2 (&self->in, RAW_WINDOW_BITS) != Z_OK
      || deflateInit2 (&self->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL,
                       Z_DEFAULT_STRATEGY)
             != Z_OK)
    g_error ("zlib cannot be initialised");
  return self;
}

void
_postseal_deflate_free (PostsealDeflate *self)
{
  if (self == NULL)
    return;
  inflateEnd (&self->in);
  deflateEnd (&self->out);
  g_free (self);
}

void
_postseal_deflate_compress (PostsealDeflate *self,
                            PostsealWriteQueue *plain,
                            PostsealWriteQueue *wire)
{
  gsize length = 0;
  const guint8 *data = _postseal_write_queue_peek (plain, &length);

  if (length == 0)
    return;
  self->out.next_in = (Bytef *)data;
  self->out.avail_in = (uInt)length;
  do
    {
      self->out.next_out = _postseal_write_queue_reserve (wire, OUTPUT_STEP);
      self->out.avail_out = OUTPUT_STEP;
      deflate (&self->out, Z_SYNC_FLUSH);
      _postseal_write_queue_commit (wire, OUTPUT_STEP - self->out.avail_out);
    }
  while (self->out.avail_out == 0);
  _postseal_write_queue_consume (plain, length);
}

gboolean
_postseal_deflate_expand (PostsealDeflate *self,
                          const guint8 *in,
                          gsize length,
                          gsize *ret_consumed,
                          guint8 *out,
                          gsize room,
                          gsize *ret_written,
                          GError **error)
{
  int status = Z_DATA_ERROR;

  self->in.next_in = (Bytef *)in;
  self->in.avail_in = (uInt)length;
  self->in.next_out = out;
  self->in.avail_out = (uInt)room;
  if (!self->is_ended)
    status = inflate (&self->in, Z_SYNC_FLUSH);
  else if (length == 0)
    status = Z_BUF_ERROR;

  /* Z_BUF_ERROR: nothing to do until there is more input. */
  if (status != Z_OK && status != Z_BUF_ERROR && status != Z_STREAM_END)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _ ("The compressed data of the server are damaged"));
      return FALSE;
    }
  self->is_ended = self->is_ended || status == Z_STREAM_END;
  self->has_more = self->in.avail_out == 0 && !self->is_ended;
  *ret_consumed = length - self->in.avail_in;
  *ret_written = room - self->in.avail_out;
  return TRUE;
}

gboolean
_postseal_deflate_has_more (PostsealDeflate *self)
{
  return self->has_more;
}
