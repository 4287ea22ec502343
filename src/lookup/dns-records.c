/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/dns-records.h"

#include <string.h>

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

gboolean
postseal_dns_record_read (PostsealDnsRecord *self, int type, GBytes *data)
{
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (data, &length);
  gsize head = type == POSTSEAL_DNS_SRV ? 6 : 2;

  memset (self, 0, sizeof *self);
  if (length <= head)
    return FALSE;
  self->priority = get_number (bytes);
  if (type == POSTSEAL_DNS_SRV)
    {
      self->weight = get_number (bytes + 2);
      self->port = get_number (bytes + 4);
    }
  return read_name (self->target, bytes + head, length - head);
}
