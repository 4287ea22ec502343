/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire/smtp-path.h"

#include <string.h>

/* RFC 5321 section 4.5.3.1: 256 octets of path with its brackets. */
#define LOCAL_PART_MAX 64
#define DOMAIN_MAX 255
#define ADDRESS_MAX 254
#define LABEL_MAX 63 /* RFC 1035 section 2.3.4 */

/* Non-ASCII octets have been seen to be UTF-8 and are atext (RFC 6531 section 3.3). */
static gboolean
is_atext (char character)
{
  return (guint8)character >= 0x80 || g_ascii_isalnum (character)
         || (character != '\0' && strchr ("!#$%&'*+-/=?^_`{|}~", character) != NULL);
}

/* Returns: the length of the dot-string that @text begins with, 0 when it begins with none */
static gsize
measure_dot_string (const char *text)
{
  gsize length = 0;

  while (is_atext (text[length]) || (text[length] == '.' && length > 0 && text[length - 1] != '.'))
    length++;
  return length > 0 && text[length - 1] == '.' ? 0 : length;
}

/* Returns: the length of the quoted string with its quotes, 0 when it does not end or holds what
   must not be there */
static gsize
measure_quoted_string (const char *text)
{
  gsize length = 1;

  for (; text[length] != '"'; length++)
    {
      if (text[length] == '\\' && ++length > 0 && (guint8)text[length] >= 0x80)
        return 0;
      if ((guint8)text[length] < 0x20 || text[length] == 0x7f)
        return 0;
    }
  return length + 1;
}

/* Returns: the length of the local part, 0 when there is none */
static gsize
measure_local_part (const char *address)
{
  return *address == '"' ? measure_quoted_string (address) : measure_dot_string (address);
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]": RFC 5321 section 4.1.3. No other tag was ever registered. */
static gboolean
is_address_literal (const char *domain)
{
  gsize length = strlen (domain);
  g_autofree char *inner = NULL;

  if (length < 3 || length > DOMAIN_MAX || domain[length - 1] != ']')
    return FALSE;
  inner = g_strndup (domain + 1, length - 2);
  if (g_ascii_strncasecmp (inner, "IPv6:", 5) != 0)
    return strspn (inner, "0123456789.") == length - 2 && g_hostname_is_ip_address (inner);
  return strspn (inner + 5, "0123456789abcdefABCDEF:.") == length - 7
         && strchr (inner + 5, ':') != NULL && g_hostname_is_ip_address (inner + 5);
}

/* Labels of letters, digits and inner hyphens (RFC 5321 section 4.1.2). Underscores are let
   through: hosts have them, and they harm nobody. */
static gboolean
is_ascii_domain (const char *domain)
{
  gsize n_label = 0;
  gsize i = 0;

  for (; domain[i] != '\0'; i++)
    {
      gboolean is_edge = n_label == 0 || domain[i + 1] == '.' || domain[i + 1] == '\0';

      if (domain[i] == '.' && n_label > 0 && domain[i + 1] != '\0')
        n_label = 0;
      else if (g_ascii_isalnum (domain[i]) || domain[i] == '_' || (domain[i] == '-' && !is_edge))
        n_label++;
      else
        return FALSE;
      if (n_label > LABEL_MAX)
        return FALSE;
    }
  return i > 0 && i <= DOMAIN_MAX;
}

/* Returns: (transfer full) (nullable): the domain as A-labels. Mapping to them (RFC 3490 section 4)
   can give any ASCII character, wide brackets and spaces become plain ones: hence the last look.
   GLib's mapping writes out of bounds where its input is not UTF-8: hence the first. */
static char *
convert_domain (const char *domain)
{
  g_autofree char *ascii = NULL;

  if (strlen (domain) > DOMAIN_MAX || domain[0] == '.' || strstr (domain, "..") != NULL
      || !g_utf8_validate (domain, -1, NULL))
    return NULL;
  if (domain[0] == '[')
    return is_address_literal (domain) ? g_strdup (domain) : NULL;
  ascii = g_str_is_ascii (domain) ? g_strdup (domain) : g_hostname_to_ascii (domain);
  return ascii != NULL && is_ascii_domain (ascii) ? g_steal_pointer (&ascii) : NULL;
}

/* No ASCII out of place between the octets of U-labels (RFC 6531 section 3.3). */
static gboolean
is_domain (const char *domain)
{
  g_autofree char *ascii = NULL;

  if (domain[0] != '[')
    for (const char *at = domain; *at != '\0'; at++)
      if ((guint8)*at < 0x80 && !g_ascii_isalnum (*at) && strchr ("-_.", *at) == NULL)
        return FALSE;
  ascii = convert_domain (domain);
  return ascii != NULL;
}

/* Controls of ASCII and of Unicode, and the line ends that Unicode adds to them. */
static gboolean
has_control (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);

      if (g_unichar_iscntrl (character) || character == 0x2028 || character == 0x2029)
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_control_byte (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guint8)*text < 0x20 || *text == 0x7f)
      return TRUE;
  return FALSE;
}

PostsealSmtpPathProblem
postseal_smtp_path_check (const char *address)
{
  gsize n_local;
  gsize n_all = strlen (address);

  if (n_all == 0)
    return POSTSEAL_SMTP_PATH_EMPTY;
  if (has_control_byte (address))
    return POSTSEAL_SMTP_PATH_CONTROL;
  if (!g_utf8_validate (address, (gssize)n_all, NULL))
    return POSTSEAL_SMTP_PATH_SYNTAX;
  if (has_control (address))
    return POSTSEAL_SMTP_PATH_CONTROL;

  n_local = measure_local_part (address);
  if (n_local == 0 || (address[n_local] != '@' && address[n_local] != '\0'))
    return POSTSEAL_SMTP_PATH_SYNTAX;
  if (n_local > LOCAL_PART_MAX || n_all > ADDRESS_MAX)
    return POSTSEAL_SMTP_PATH_TOO_LONG;
  if (address[n_local] == '\0')
    return POSTSEAL_SMTP_PATH_NO_DOMAIN;
  return is_domain (address + n_local + 1) ? POSTSEAL_SMTP_PATH_OK : POSTSEAL_SMTP_PATH_SYNTAX;
}

gboolean
postseal_smtp_path_is_international (const char *address)
{
  return !g_str_is_ascii (address);
}

char *
postseal_smtp_path_to_ascii (const char *address)
{
  gsize n_local = measure_local_part (address);
  g_autofree char *domain = NULL;

  if (n_local == 0 || address[n_local] != '@')
    return NULL;
  domain = convert_domain (address + n_local + 1);
  return domain != NULL ? g_strdup_printf ("%.*s@%s", (int)n_local, address, domain) : NULL;
}
