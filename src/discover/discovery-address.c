/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/discovery.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "discover/mail-domain-private.h"
#include "wire/smtp-path.h"

/* RFC 5321 section 4.5.3.1 */
#define LOCAL_PART_MAX 64
#define ADDRESS_MAX 254

G_DEFINE_QUARK (postseal - discovery - error - quark, postseal_discovery_error)

static gboolean
has_any (const char *text, gboolean (*is_one) (gunichar c))
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (is_one (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

/* What is wrong at the first look. Returns: (transfer full) (nullable) */
static char *
find_slip (const char *text)
{
  const char *at = strchr (text, '@');

  if (*text == '\0')
    return g_strdup (_ ("Type a mail address, like jane@example.org"));
  if (!g_utf8_validate (text, -1, NULL) || has_any (text, g_unichar_iscntrl))
    return g_strdup (_ ("The address has characters that cannot be seen; type it again"));
  if (strchr (text, '<') != NULL || strchr (text, '>') != NULL)
    return g_strdup (_ ("Type only the address, without a name and without < and >"));
  if (has_any (text, g_unichar_isspace))
    return g_strdup (_ ("There is a space in the address; addresses have none"));
  if (at == NULL)
    return g_strdup (_ ("There is no @ in the address; it looks like jane@example.org"));
  if (strchr (at + 1, '@') != NULL)
    return g_strdup (_ ("There are two @ in the address; it has only one"));
  if (at == text)
    return g_strdup (_ ("Nothing stands before the @ of the address"));
  if (at[1] == '\0')
    return g_strdup (_ ("Nothing stands after the @ of the address; its domain is missing"));
  return NULL;
}

static char *
find_local_fault (const char *local)
{
  if (!g_str_is_ascii (local))
    {
      g_autofree char *shown = postseal_printable (local, -1);

      return g_strdup_printf (_ ("“%s”, before the @, has letters beyond a to z; few servers know "
                                 "such addresses (RFC 6531), and they are not supported here"),
                              shown);
    }
  if (strlen (local) > LOCAL_PART_MAX)
    return g_strdup_printf (_ ("What stands before the @ is longer than %d characters, which no "
                               "address may be"),
                            LOCAL_PART_MAX);
  return NULL;
}

static char *
find_length_fault (const char *address)
{
  if (strlen (address) <= ADDRESS_MAX)
    return NULL;
  return g_strdup_printf (_ ("The address is longer than %d characters, which none may be"),
                          ADDRESS_MAX);
}

static char *
find_domain_fault (const char *typed, const char *domain)
{
  g_autofree char *shown = postseal_printable (typed, -1);

  if (domain == NULL || g_hostname_is_ip_address (domain))
    return g_strdup_printf (_ ("“%s”, after the @, is no domain"), shown);
  if (strchr (domain, '.') == NULL)
    return g_strdup_printf (_ ("“%s”, after the @, is no whole domain: something like .org is "
                               "missing"),
                            shown);
  return NULL;
}

static char *
find_syntax_fault (const char *address)
{
  if (postseal_smtp_path_check (address) != POSTSEAL_SMTP_PATH_OK)
    return g_strdup (_ ("What stands before the @ has a character there that no address has, or a "
                        "dot in the wrong place"));
  return NULL;
}

/* Sets @error and takes @fault, if there is one. */
static gboolean
complain (char *fault, GError **error)
{
  if (fault == NULL)
    return FALSE;
  g_set_error_literal (error, POSTSEAL_DISCOVERY_ERROR, POSTSEAL_DISCOVERY_ERROR_ADDRESS, fault);
  g_free (fault);
  return TRUE;
}

char *
postseal_discovery_check_address (const char *text, GError **error)
{
  g_autofree char *typed = g_strdup (text);
  g_autofree char *local = NULL;
  g_autofree char *domain = NULL;
  g_autofree char *address = NULL;
  const char *at = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  g_strstrip (typed);
  if (complain (find_slip (typed), error))
    return NULL;
  at = strchr (typed, '@');
  local = g_strndup (typed, (gsize)(at - typed));
  domain = _postseal_domain_normalize_host (at + 1);
  if (complain (find_local_fault (local), error) || complain (find_length_fault (typed), error)
      || complain (find_domain_fault (at + 1, domain), error))
    return NULL;
  address = g_strconcat (local, "@", domain, NULL);
  if (complain (find_length_fault (address), error)
      || complain (find_syntax_fault (address), error))
    return NULL;
  return g_steal_pointer (&address);
}
