/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/mailbox-path.h"

#include <string.h>

#include "base/digest.h"

#define NAME_LENGTH 200 /* of the 255 that Linux allows, with room for what is put behind it */
#define KEPT_LENGTH 160

static gboolean
must_escape (guchar c, gboolean is_first, gboolean is_dot_special)
{
  if (c == '.')
    return is_first || is_dot_special;
  return c < 0x20 || c == 0x7f || c == '/' || c == '%';
}

static gboolean
is_maildir_part (const char *component, gsize length)
{
  return length == 3
         && (memcmp (component, "cur", 3) == 0 || memcmp (component, "new", 3) == 0
             || memcmp (component, "tmp", 3) == 0);
}

/* Bytes of one valid UTF-8 character at @text, or 0. */
static gsize
measure_character (const char *text, gsize length)
{
  gunichar character = g_utf8_get_char_validated (text, (gssize)length);

  if (character == (gunichar)-1 || character == (gunichar)-2)
    return 0;
  return (gsize)g_unichar_to_utf8 (character, NULL);
}

static void
append_escaped (GString *out, const char *component, gsize length, gboolean is_dot_special)
{
  gsize i = 0;

  if (length == 0)
    g_string_append_c (out, '%');
  if (is_maildir_part (component, length))
    {
      g_string_append_printf (out, "%%%02X", (guchar)component[0]);
      i = 1;
    }
  while (i < length)
    {
      gsize n = measure_character (component + i, length - i);

      if (n == 0 || must_escape ((guchar)component[i], i == 0, is_dot_special))
        {
          g_string_append_printf (out, "%%%02X", (guchar)component[i]);
          i++;
          continue;
        }
      g_string_append_len (out, component + i, (gssize)n);
      i += n;
    }
}

/* What stands behind @start is one file name. Cuts it when it is too long for the file system. */
static void
shorten (GString *out, gsize start)
{
  PostsealDigest *digest;
  guint8 value[POSTSEAL_DIGEST_LENGTH];
  g_autofree char *hash = NULL;
  gsize end = start + KEPT_LENGTH;

  if (out->len - start <= NAME_LENGTH)
    return;
  digest = postseal_digest_new ();
  postseal_digest_update (digest, out->str + start, out->len - start);
  postseal_digest_finish (digest, value);
  hash = postseal_digest_to_hex (value, 8);

  while (end > start && ((guchar)out->str[end] & 0xc0) == 0x80)
    end--;
  if (out->str[end - 1] == '%')
    end -= 1;
  else if (out->str[end - 2] == '%')
    end -= 2;
  g_string_truncate (out, end);
  g_string_append_printf (out, "%%-%s", hash); /* "%-" is no escape: no other title gives it */
}

static const char *
find_end (const char *component, char delimiter)
{
  const char *end = delimiter != 0 ? strchr (component, delimiter) : NULL;

  return end != NULL ? end : component + strlen (component);
}

char *
_postseal_mailbox_path (const char *title,
                        char delimiter,
                        PostsealLayout layout,
                        PostsealSinkKind kind)
{
  const gboolean is_flat = layout == POSTSEAL_LAYOUT_MAILDIRPP;
  const gboolean is_mbox = kind == POSTSEAL_SINK_MBOX;
  GString *out = g_string_new (is_mbox && !is_flat ? ".sbd/" : "");
  const char *component = title;
  gsize start = out->len;

  for (;;)
    {
      const char *end = find_end (component, delimiter);

      if (is_flat)
        g_string_append_c (out, '.');
      append_escaped (out, component, (gsize)(end - component), is_flat || is_mbox);
      if (!is_flat)
        shorten (out, start);
      if (*end == '\0')
        break;
      component = end + 1;
      if (!is_flat)
        g_string_append (out, is_mbox ? ".sbd/" : "/");
      if (!is_flat)
        start = out->len;
    }
  if (is_flat)
    shorten (out, start);
  return g_string_free (out, FALSE);
}
