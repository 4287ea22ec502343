/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/unpack.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "check/tls-report.h"

#define PIECE 65536
#define MOST_MEMBERS 64 /* each costs time, even an empty one */

gboolean
postseal_unpack_is_packed (const void *data, gsize length)
{
  return length >= 2 && memcmp (data, "\x1F\x8B", 2) == 0;
}

static void
fail (GError **error, const GError *why)
{
  g_autofree char *shown = why != NULL ? postseal_printable (why->message, -1) : NULL;

  if (shown != NULL)
    g_set_error (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_PACKED,
                 _ ("it is packed by gzip, but damaged or cut off: %s"), shown);
  else
    g_set_error_literal (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_PACKED,
                         _ ("it is packed by gzip, and larger than any report once unpacked"));
}

/* One member, from *@ret_used on, which is behind it then. */
static gboolean
unpack_member (
    const guint8 *data, gsize length, gsize limit, gsize *ret_used, GByteArray *out, GError **error)
{
  g_autoptr (GZlibDecompressor) unpacker = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autofree guint8 *piece = g_malloc (PIECE);

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      gsize n_read = 0;
      gsize n_written = 0;
      GConverterResult result = g_converter_convert (
          G_CONVERTER (unpacker), data + *ret_used, length - *ret_used, piece, PIECE,
          G_CONVERTER_INPUT_AT_END, &n_read, &n_written, &local);

      if (result == G_CONVERTER_ERROR)
        {
          fail (error, local);
          return FALSE;
        }
      *ret_used += n_read;
      if (n_written > limit - out->len)
        {
          fail (error, NULL);
          return FALSE;
        }
      g_byte_array_append (out, piece, (guint)n_written);
      if (result == G_CONVERTER_FINISHED)
        return TRUE;
    }
}

GBytes *
postseal_unpack (const void *data, gsize length, gsize limit, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize used = 0;
  guint n_members = 0;

  g_return_val_if_fail (data != NULL || length == 0, NULL);
  g_return_val_if_fail (limit < G_MAXUINT / 2, NULL);

  /* Section 2.2: members follow each other; what is none is padding, as gunzip has it. */
  do
    if (!unpack_member (data, length, limit, &used, out, error))
      return NULL;
  while (++n_members < MOST_MEMBERS
         && postseal_unpack_is_packed ((const guint8 *)data + used, length - used));
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
