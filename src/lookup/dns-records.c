/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/dns-records.h"

#include <string.h>

#include <gio/gio.h>

#define LONGEST_LABEL 63
#define LONGEST_NAME 253

static guint
get_number (const guint8 *bytes)
{
  return (guint)bytes[0] << 8 | bytes[1];
}

/* Underscores are no host's, but some have them. */
static gboolean
is_label (const char *label, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
      return FALSE;
  return TRUE;
}

/* RFC 1035 section 3.1, to the end of @bytes. */
static gboolean
read_name (char *target, const guint8 *bytes, gsize length)
{
  gsize at = 0, written = 0;

  while (at < length && bytes[at] != 0)
    {
      gsize label = bytes[at];

      if (label > LONGEST_LABEL || at + 1 + label >= length || written + label > LONGEST_NAME
          || !is_label ((const char *)bytes + at + 1, label))
        return FALSE;
      for (gsize i = 0; i < label; i++)
        target[written++] = g_ascii_tolower ((char)bytes[at + 1 + i]);
      target[written++] = '.';
      at += 1 + label;
    }
  if (at + 1 != length)
    return FALSE;
  if (written > 0)
    target[written - 1] = '\0';
  else
    strcpy (target, ".");
  return TRUE;
}

/* Returns: how many bytes stand before the name; -1 where there is none */
static int
get_head (int type)
{
  switch (type)
    {
    case POSTSEAL_DNS_SRV:
      return 6;
    case POSTSEAL_DNS_MX:
      return 2;
    case POSTSEAL_DNS_CNAME:
      return 0;
    default:
      return -1;
    }
}

static gboolean
read_address (char *target, int type, const guint8 *bytes, gsize length)
{
  GSocketFamily family = type == POSTSEAL_DNS_A ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *text = NULL;

  if (length != (type == POSTSEAL_DNS_A ? 4 : 16))
    return FALSE;
  address = g_inet_address_new_from_bytes (bytes, family);
  text = g_inet_address_to_string (address);
  (void)g_strlcpy (target, text, LONGEST_NAME);
  return TRUE;
}

gboolean
postseal_dns_record_read (PostsealDnsRecord *self, int type, GBytes *data)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (data, &length);
  int head = get_head (type);

  memset (self, 0, sizeof *self);
  if (head < 0)
    return read_address (self->target, type, bytes, length);
  if (length <= (gsize)head)
    return FALSE;
  if (head >= 2)
    self->priority = get_number (bytes);
  if (type == POSTSEAL_DNS_SRV)
    {
      self->weight = get_number (bytes + 2);
      self->port = get_number (bytes + 4);
    }
  return read_name (self->target, bytes + head, length - (gsize)head);
}

GBytes *
postseal_dns_text_read (GBytes *data)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (data, &length);
  g_autoptr (GByteArray) text = g_byte_array_new ();

  for (gsize at = 0; at < length; at += 1 + bytes[at])
    {
      if (at + 1 + bytes[at] > length)
        return NULL;
      g_byte_array_append (text, bytes + at + 1, bytes[at]);
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&text));
}
