/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-identity.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <gnutls/x509-ext.h>
#include <string.h>

#include "base/printable.h"

#define OID_SUBJECT_ALT_NAME "2.5.29.17"
#define NAMES_SHOWN 8

/* RFC 9525 section 6.3: letters, digits and hyphens; no empty label, no NUL, no other byte. */
static gboolean
is_host_name (const char *name, gsize length)
{
  gsize label = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (name[i] == '.')
        {
          if (label == 0)
            return FALSE;
          label = 0;
        }
      else if (g_ascii_isalnum (name[i]) || name[i] == '-')
        label++;
      else
        return FALSE;
    }
  return label > 0;
}

static gboolean
equals_ignoring_case (const char *presented, gsize length, const char *host)
{
  return strlen (host) == length && g_ascii_strncasecmp (presented, host, length) == 0;
}

gboolean
postseal_tls_identity_match_dns (const char *presented, gsize length, const char *host)
{
  const char *rest = NULL;

  if (length < 2 || presented[0] != '*')
    return is_host_name (presented, length) && equals_ignoring_case (presented, length, host);

  /* "*.example.org" against "a.example.org": what follows the star, and what follows the first
   * label. */
  if (presented[1] != '.' || !is_host_name (presented + 2, length - 2)
      || memchr (presented + 2, '.', length - 2) == NULL)
    return FALSE;
  rest = strchr (host, '.');
  return rest != NULL && rest != host && is_host_name (host, strlen (host))
         && equals_ignoring_case (presented + 2, length - 2, rest + 1);
}

static gboolean
match_address (const gnutls_datum_t *presented, GInetAddress *address)
{
  return presented->size == g_inet_address_get_native_size (address)
         && memcmp (presented->data, g_inet_address_to_bytes (address), presented->size) == 0;
}

/* How a presented identifier is shown; NULL for kinds that name no host. */
static char *
describe_name (unsigned type, const gnutls_datum_t *name)
{
  if (type == GNUTLS_SAN_DNSNAME)
    return postseal_printable ((const char *)name->data, name->size);
  if (type == GNUTLS_SAN_IPADDRESS && (name->size == 4 || name->size == 16))
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (
          name->data, name->size == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

      return g_inet_address_to_string (address);
    }
  return NULL;
}

/* The parsed extension, or NULL. */
static gnutls_subject_alt_names_t
read_names (gnutls_x509_crt_t leaf)
{
  gnutls_subject_alt_names_t names = NULL;
  gnutls_datum_t extension = { NULL, 0 };

  if (gnutls_x509_crt_get_extension_by_oid2 (leaf, OID_SUBJECT_ALT_NAME, 0, &extension, NULL) < 0)
    return NULL;
  if (gnutls_subject_alt_names_init (&names) < 0)
    names = NULL;
  else if (gnutls_x509_ext_import_subject_alt_names (&extension, names, 0) < 0)
    g_clear_pointer (&names, gnutls_subject_alt_names_deinit);
  gnutls_free (extension.data);
  return names;
}

/* Goes through the alternative names; returns the one that matches, else NULL with all added to
 * @shown. */
static char *
find_match (gnutls_subject_alt_names_t names, const char *host, GPtrArray *shown)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  gnutls_datum_t name = { NULL, 0 };
  unsigned type = 0;

  for (unsigned i = 0; gnutls_subject_alt_names_get (names, i, &type, &name, NULL) >= 0; i++)
    {
      g_autofree char *text = describe_name (type, &name);
      gboolean is_match = FALSE;

      if (text == NULL)
        continue;
      if (address != NULL)
        is_match = type == GNUTLS_SAN_IPADDRESS && match_address (&name, address);
      else
        is_match = type == GNUTLS_SAN_DNSNAME
                   && postseal_tls_identity_match_dns ((const char *)name.data, name.size, host);
      if (is_match)
        return g_steal_pointer (&text);
      g_ptr_array_add (shown, g_steal_pointer (&text));
    }
  return NULL;
}

static char *
join_names (GPtrArray *shown)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < shown->len && i < NAMES_SHOWN; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", (char *)shown->pdata[i]);
  if (shown->len > NAMES_SHOWN)
    {
      guint others = shown->len - NAMES_SHOWN;

      g_string_append_printf (list, ngettext (" and %u other", " and %u others", others), others);
    }
  return g_string_free (list, FALSE);
}

PostsealTlsIdentity
postseal_tls_identity_check (gnutls_x509_crt_t leaf, const char *host, char **ret_names)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  gnutls_subject_alt_names_t names = read_names (leaf);
  char common_name[256];
  gsize length = sizeof common_name;

  if (names != NULL)
    {
      char *match = find_match (names, host, shown);

      gnutls_subject_alt_names_deinit (names);
      *ret_names = match != NULL ? match : join_names (shown);
      if (match != NULL)
        return POSTSEAL_TLS_IDENTITY_MATCHES;
      return shown->len > 0 ? POSTSEAL_TLS_IDENTITY_OTHER : POSTSEAL_TLS_IDENTITY_NONE;
    }
  if (gnutls_x509_crt_get_dn_by_oid (leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, common_name, &length)
      == 0)
    {
      *ret_names = postseal_printable (common_name, length);
      return POSTSEAL_TLS_IDENTITY_ONLY_CN;
    }
  *ret_names = g_strdup ("");
  return POSTSEAL_TLS_IDENTITY_NONE;
}

GPtrArray *
postseal_tls_identity_list_names (gnutls_x509_crt_t leaf, guint most)
{
  GPtrArray *shown = g_ptr_array_new_with_free_func (g_free);
  gnutls_subject_alt_names_t names = read_names (leaf);
  gnutls_datum_t name = { NULL, 0 };
  unsigned type = 0;

  for (unsigned i = 0; names != NULL && shown->len < most
                       && gnutls_subject_alt_names_get (names, i, &type, &name, NULL) >= 0;
       i++)
    {
      char *text = describe_name (type, &name);

      if (text != NULL)
        g_ptr_array_add (shown, text);
    }
  g_clear_pointer (&names, gnutls_subject_alt_names_deinit);
  return shown;
}
