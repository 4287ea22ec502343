/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who a server has seen at the other end: TCP-info (RFC 5321 section 4.4) as servers write it. */
#include <string.h>

#include "wire/received-private.h"

char *
_postseal_received_read_address (const char *text)
{
  const char *start = *text == '[' ? text + 1 : text;
  g_autofree char *address = NULL;

  if (g_ascii_strncasecmp (start, "IPv6:", 5) == 0)
    start += 5;
  address = g_strndup (start, strcspn (start, "]"));
  return g_hostname_is_ip_address (address) ? g_steal_pointer (&address) : NULL;
}

/* A name that can be one of the DNS; what a server writes where it has found none is not. */
static gboolean
is_host_name (const char *text)
{
  if (strchr (text, '.') == NULL || g_hostname_is_ip_address (text))
    return g_ascii_strcasecmp (text, "localhost") == 0;
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("-_.", *at) == NULL && (guchar)*at < 0x80)
      return FALSE;
  return TRUE;
}

/* "mail.example.com. [192.0.2.1]", "jane@mail.example.com [192.0.2.1]": the word before the bracket
   is what the server has looked up, unless it says that it may be forged. */
static void
read_name (PostsealReceived *self, const char *comment)
{
  g_autofree char *word = g_strndup (comment, strcspn (comment, " ["));
  char *at = strrchr (word, '@');
  char *name = at != NULL ? at + 1 : word;
  gsize length = strlen (name);

  if (length > 1 && name[length - 1] == '.')
    name[length - 1] = '\0';
  if (self->from_name == NULL && is_host_name (name) && strstr (comment, "may be forged") == NULL)
    self->from_name = g_strdup (name);
}

/* qmail: "from NAME (HELO said) (192.0.2.1)"; Exim: "from NAME ([192.0.2.1] helo=said)". There the
   word behind "from" is what was looked up. */
static void
read_said (PostsealReceived *self, const char *said)
{
  if (self->from == NULL && *said != '\0')
    self->from = g_strndup (said, strcspn (said, " "));
}

void
_postseal_received_read_client (PostsealReceived *self, const char *comment)
{
  const char *bracket = strchr (comment, '[');
  const char *helo = strstr (comment, "helo=");
  const char *at = strrchr (comment, '@');

  if (g_str_has_prefix (comment, "HELO ") || g_str_has_prefix (comment, "EHLO "))
    read_said (self, comment + strlen ("HELO "));
  else if (helo != NULL && (helo == comment || helo[-1] == ' '))
    read_said (self, helo + strlen ("helo="));
  else if (bracket != NULL && bracket > comment)
    read_name (self, comment);
  if (self->from_address == NULL && bracket != NULL)
    self->from_address = _postseal_received_read_address (bracket);
  else if (self->from_address == NULL)
    self->from_address = _postseal_received_read_address (at != NULL ? at + 1 : comment);
}

/* The first two numbers of an address of version 4, also as version 6 writes it. */
static gboolean
read_ipv4 (const char *address, guint64 *ret_first, guint64 *ret_second)
{
  const char *colon = strrchr (address, ':');
  const char *start = colon != NULL ? colon + 1 : address;
  char *end = NULL;

  if (strchr (start, '.') == NULL
      || (colon != NULL && g_ascii_strncasecmp (address, "::ffff:", 7) != 0))
    return FALSE;
  *ret_first = g_ascii_strtoull (start, &end, 10);
  *ret_second = *end == '.' ? g_ascii_strtoull (end + 1, NULL, 10) : 0;
  return TRUE;
}

gboolean
postseal_received_is_loopback (const PostsealReceived *self)
{
  guint64 first = 0, second = 0;

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->from_address == NULL)
    return FALSE;
  if (read_ipv4 (self->from_address, &first, &second))
    return first == 127;
  return strcmp (self->from_address, "::1") == 0;
}

gboolean
postseal_received_is_private (const PostsealReceived *self)
{
  guint64 first = 0, second = 0;
  const char *address;

  g_return_val_if_fail (self != NULL, FALSE);

  address = self->from_address;
  if (address == NULL)
    return FALSE;
  if (read_ipv4 (address, &first, &second))
    return first == 10 || (first == 172 && second >= 16 && second < 32)
           || (first == 192 && second == 168) || (first == 169 && second == 254);
  return strchr (address, ':') != NULL
         && (g_ascii_strncasecmp (address, "fc", 2) == 0
             || g_ascii_strncasecmp (address, "fd", 2) == 0
             || g_ascii_strncasecmp (address, "fe80:", 5) == 0);
}
