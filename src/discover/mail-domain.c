/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/mail-domain-private.h"

#include <string.h>

#define NAME_MAX_LENGTH 253 /* RFC 1035 section 2.3.4, without the last dot */
#define LABEL_MAX_LENGTH 63

/* Below which registries sell: the second level of countries that have one. */
static const char *const second_levels[]
    = { "ac", "co",  "com", "edu", "gen", "go", "gob", "gov", "gv",  "ltd",
        "me", "mil", "ne",  "net", "nom", "or", "org", "plc", "sch", NULL };

/* More of them that are not short; as the names of providers they would be too usual. */
static const char *const further_levels[] = { "asso",   "firm",  "gouv",   "info",  "kiev", "name",
                                              "police", "press", "school", "store", NULL };
#define SHORT_LABEL 3

/* Returns: the end of @domain with @n_labels labels, or all of it when it has fewer */
static const char *
get_last_labels (const char *domain, guint n_labels)
{
  const char *start = domain + strlen (domain);

  while (start > domain)
    {
      start--;
      if (*start == '.' && --n_labels == 0)
        return start + 1;
    }
  return domain;
}

/* Returns: (transfer full) (nullable): the second level below a country; NULL: it is none */
static char *
get_level (const char *two_labels)
{
  const char *dot = strchr (two_labels, '.');

  return dot != NULL && strlen (dot + 1) == 2 ? g_strndup (two_labels, (gsize)(dot - two_labels))
                                              : NULL;
}

static gboolean
is_sold_below (const char *two_labels)
{
  g_autofree char *level = get_level (two_labels);

  return level != NULL && g_strv_contains (second_levels, level);
}

const char *
_postseal_domain_get_base (const char *domain)
{
  const char *two = get_last_labels (domain, 2);

  return is_sold_below (two) ? get_last_labels (domain, 3) : two;
}

gboolean
_postseal_domain_is_within (const char *host, const char *domain)
{
  gsize host_length = strlen (host);
  gsize length = strlen (domain);

  if (length == 0 || host_length < length
      || g_ascii_strcasecmp (host + host_length - length, domain) != 0)
    return FALSE;
  return host_length == length || host[host_length - length - 1] == '.';
}

/* Most of what registries of countries sell below is short, and no list of it is ever complete: one
   question too many is better than none. */
static gboolean
may_be_sold_below (const char *two_labels)
{
  g_autofree char *level = get_level (two_labels);

  return level != NULL
         && (strlen (level) <= SHORT_LABEL || g_strv_contains (further_levels, level));
}

gboolean
_postseal_domain_is_related (const char *host, const char *domain)
{
  const char *base = _postseal_domain_get_base (domain);

  if (may_be_sold_below (base))
    base = get_last_labels (domain, 3);
  return _postseal_domain_is_within (host, base);
}

static gboolean
is_label (const char *start, gsize length)
{
  if (length == 0 || length > LABEL_MAX_LENGTH || start[0] == '-' || start[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (start[i]) && start[i] != '-')
      return FALSE;
  return TRUE;
}

/* At least one letter: a name of digits and dots only is a mistyped address. */
static gboolean
is_name (const char *name)
{
  gboolean has_letter = FALSE;

  if (*name == '\0' || strlen (name) > NAME_MAX_LENGTH)
    return FALSE;
  for (const char *p = name; *p != '\0'; p++)
    has_letter |= g_ascii_isalpha (*p);
  for (const char *start = name; start != NULL;)
    {
      const char *dot = strchr (start, '.');

      if (!is_label (start, dot != NULL ? (gsize)(dot - start) : strlen (start)))
        return FALSE;
      start = dot != NULL ? dot + 1 : NULL;
    }
  return has_letter;
}

char *
_postseal_domain_normalize_host (const char *host)
{
  g_autofree char *ascii = NULL;
  g_autofree char *lower = NULL;
  gsize length = strlen (host);

  if (g_hostname_is_ip_address (host))
    return g_ascii_strdown (host, -1);
  if (length > 2 && host[0] == '[' && host[length - 1] == ']')
    {
      g_autofree char *bare = g_strndup (host + 1, length - 2);

      return g_hostname_is_ip_address (bare) ? g_ascii_strdown (bare, -1) : NULL;
    }
  ascii = g_hostname_to_ascii (host);
  if (ascii == NULL)
    return NULL;
  lower = g_ascii_strdown (ascii, -1);
  length = strlen (lower);
  if (length > 1 && lower[length - 1] == '.')
    lower[length - 1] = '\0';
  return is_name (lower) ? g_steal_pointer (&lower) : NULL;
}
