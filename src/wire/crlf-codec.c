/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/crlf-codec.h"

#include <string.h>

/* @in begins where no CR is held. Runs without a CR are copied whole: they are nearly everything.
 */
static gsize
decode_run (PostsealCrlfDecoder *self, const guint8 *in, gsize length, guint8 *out)
{
  const guint8 *end = in + length;
  guint8 *to = out;

  while (in < end)
    {
      const guint8 *cr = memchr (in, '\r', (gsize)(end - in));
      gsize run = (gsize)((cr != NULL ? cr : end) - in);

      memcpy (to, in, run);
      to += run;
      in += run;
      if (cr == NULL)
        break;
      if (++in == end)
        self->has_cr = TRUE;
      else if (*in != '\n')
        *to++ = '\r';
    }
  return (gsize)(to - out);
}

gsize
postseal_crlf_decode (PostsealCrlfDecoder *self, const guint8 *in, gsize length, guint8 *out)
{
  gsize n_held = 0;

  if (length == 0)
    return 0;
  if (self->has_cr && in[0] != '\n')
    out[n_held++] = '\r';
  self->has_cr = FALSE;
  return n_held + decode_run (self, in, length, out + n_held);
}

gsize
postseal_crlf_decode_finish (PostsealCrlfDecoder *self, guint8 *out)
{
  gsize n_held = self->has_cr ? 1 : 0;

  if (n_held > 0)
    out[0] = '\r';
  self->has_cr = FALSE;
  return n_held;
}

void
postseal_crlf_encode (gboolean *had_cr, const char *in, gsize length, GString *out)
{
  const char *end = in + length;

  while (in < end)
    {
      const char *lf = memchr (in, '\n', end - in);
      const char *stop = lf != NULL ? lf : end;

      if (stop > in)
        *had_cr = stop[-1] == '\r';
      g_string_append_len (out, in, stop - in);
      if (lf == NULL)
        return;
      g_string_append (out, *had_cr ? "\n" : "\r\n");
      *had_cr = FALSE;
      in = lf + 1;
    }
}
