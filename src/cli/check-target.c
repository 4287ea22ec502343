/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-target.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "cli/pending.h"
#include "cli/report.h"
#include "engine/account-url.h"
#include "net/lookup.h"

#define LONGEST_NAME 253 /* RFC 1035 section 2.3.4 */
#define CHOICE_MS 1000 /* for the question whether a name is a domain or a host */

void
postseal_check_target_clear (PostsealCheckTarget *self)
{
  g_clear_pointer (&self->name, g_free);
}

/* In A-labels (RFC 5891), without a last dot. Returns: (transfer full) (nullable): NULL when it is
   no name at all */
static char *
make_name (const char *text)
{
  g_autofree char *ascii = g_hostname_to_ascii (text);
  g_autofree char *name = ascii != NULL ? g_ascii_strdown (ascii, -1) : NULL;
  gsize length = name != NULL ? strlen (name) : 0;

  if (length > 0 && name[length - 1] == '.')
    name[--length] = '\0';
  if (length == 0 || length > LONGEST_NAME || *name == '.' || strstr (name, "..") != NULL)
    return NULL;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("-_.", name[i]) == NULL)
      return NULL;
  return g_steal_pointer (&name);
}

/* --- hosts --- */

static gboolean
take_url (PostsealCheckTarget *self, const char *text)
{
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autofree char *user = NULL;
  g_autofree char *complaint = NULL;

  if (!postseal_account_url_parse (text, POSTSEAL_ACCOUNT_URL_RECEIVE, &endpoint, &user,
                                   &complaint))
    {
      g_clear_pointer (&complaint, g_free);
      if (!postseal_account_url_parse (text, POSTSEAL_ACCOUNT_URL_SEND, &endpoint, &user,
                                       &complaint))
        return FALSE;
    }
  self->name = g_strdup (endpoint->host);
  self->port = endpoint->port;
  self->has_service = TRUE;
  self->protocol = endpoint->protocol;
  self->start = endpoint->start;
  return TRUE;
}

static gboolean
take_port (PostsealCheckTarget *self, const char *digits)
{
  guint64 port = 0;

  if (!g_ascii_string_to_unsigned (digits, 10, 1, G_MAXUINT16, &port, NULL))
    return FALSE;
  self->port = (guint16)port;
  return TRUE;
}

/* HOST, HOST:PORT, an IP address, or one in brackets with a port or without. */
static gboolean
take_host (PostsealCheckTarget *self, const char *text)
{
  const char *colon = strrchr (text, ':');
  const char *end = *text == '[' ? strchr (text, ']') : NULL;
  g_autofree char *host = NULL;

  if (g_hostname_is_ip_address (text))
    {
      self->name = g_strdup (text);
      return TRUE;
    }
  if (*text == '[' && (end == NULL || (end[1] != '\0' && end[1] != ':')))
    return FALSE;
  if (end != NULL)
    {
      host = g_strndup (text + 1, (gsize)(end - text - 1));
      self->name = g_hostname_is_ip_address (host) ? g_strdup (host) : make_name (host);
      return self->name != NULL && (end[1] == '\0' || take_port (self, end + 2));
    }
  host = colon != NULL ? g_strndup (text, (gsize)(colon - text)) : g_strdup (text);
  self->name = g_hostname_is_ip_address (host) ? g_strdup (host) : make_name (host);
  return self->name != NULL && (colon == NULL || take_port (self, colon + 1));
}

static gboolean
find_host (PostsealCheckTarget *self, const char *text, const char *program, int *ret_status)
{
  g_autofree char *shown = NULL;

  self->kind = POSTSEAL_CHECK_HOST;
  if (strstr (text, "://") != NULL ? take_url (self, text) : take_host (self, text))
    return TRUE;
  shown = postseal_report_make_printable (text);
  *ret_status = postseal_report_usage (
      program, _ ("“%s” is no host; a host is written HOST, HOST:PORT or [::1]:PORT"), shown);
  return FALSE;
}

/* --- domains --- */

static gboolean
find_domain (PostsealCheckTarget *self, const char *text, const char *program, int *ret_status)
{
  const char *at = strrchr (text, '@');
  g_autofree char *shown = NULL;

  self->kind = POSTSEAL_CHECK_DOMAIN;
  self->name = make_name (at != NULL ? at + 1 : text);
  if (self->name != NULL && strchr (self->name, '.') != NULL
      && !g_hostname_is_ip_address (self->name))
    return TRUE;
  shown = postseal_report_make_printable (text);
  *ret_status = postseal_report_usage (program, _ ("“%s” is no name of a domain"), shown);
  return FALSE;
}

/* --- accounts, and names that may be anything --- */

/* Whether @name is certain to take no mail, and has an address. */
static gboolean
is_host_only (const char *name)
{
  g_autoptr (PostsealDiscoverySettings) settings = postseal_discovery_settings_load ();
  g_autoptr (PostsealLookup) lookup = postseal_lookup_new (MIN (CHOICE_MS, settings->timeout_ms));
  g_auto (PostsealPending) mx = postseal_pending_new ();
  g_auto (PostsealPending) address = postseal_pending_new ();
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_autoptr (PostsealLookupAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  GList *addresses = NULL;

  postseal_lookup_set_settings (lookup, settings);
  postseal_lookup_mx_async (lookup, name, NULL, postseal_pending_on_ready, &mx);
  answer = postseal_lookup_records_finish (lookup, postseal_pending_wait (&mx), &error);
  if (!g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING))
    return FALSE;
  g_resolver_lookup_by_name_async (resolver, name, NULL, postseal_pending_on_ready, &address);
  addresses = g_resolver_lookup_by_name_finish (resolver, postseal_pending_wait (&address), NULL);
  g_resolver_free_addresses (addresses);
  return addresses != NULL;
}

/* Complains as whoever asks for an account that is not there. */
static gboolean
find_account (PostsealCheckTarget *self,
              PostsealAccountStore *store,
              const char *text,
              int *ret_status)
{
  g_autoptr (GError) error = NULL;

  self->kind = POSTSEAL_CHECK_ACCOUNT;
  self->name = g_strdup (text);
  if (postseal_account_store_lookup (store, text, &error) != NULL)
    return TRUE;
  *ret_status = postseal_report_error (error);
  return FALSE;
}

static gboolean
find_named_account (PostsealCheckTarget *self,
                    const PostsealOptions *options,
                    const char *text,
                    int *ret_status)
{
  g_autoptr (PostsealAccountStore) store = postseal_options_load_accounts (options, ret_status);

  return store != NULL && find_account (self, store, text, ret_status);
}

static gboolean
find_any (PostsealCheckTarget *self,
          const PostsealOptions *options,
          const char *text,
          const char *program,
          int *ret_status)
{
  g_autoptr (PostsealAccountStore) store = NULL;

  if (strstr (text, "://") != NULL || strpbrk (text, ":[") != NULL
      || g_hostname_is_ip_address (text))
    return find_host (self, text, program, ret_status);
  if (strchr (text, '@') != NULL)
    return find_domain (self, text, program, ret_status);
  /* Where there are no accounts, or none that can be read, there may still be domains. */
  store = postseal_account_store_load (options->config, NULL);
  if (store != NULL && postseal_account_store_has (store, text))
    return find_account (self, store, text, ret_status);
  if (strcmp (text, "localhost") == 0)
    return find_host (self, text, program, ret_status);
  if (strchr (text, '.') == NULL)
    return find_named_account (self, options, text, ret_status);
  if (!find_domain (self, text, program, ret_status))
    return FALSE;
  if (is_host_only (self->name))
    self->kind = POSTSEAL_CHECK_HOST;
  return TRUE;
}

gboolean
postseal_check_target_find (PostsealCheckTarget *self,
                            const PostsealOptions *options,
                            const char *kind,
                            const char *text,
                            const char *program,
                            int *ret_status)
{
  if (kind != NULL && strcmp (kind, "account") != 0 && strcmp (kind, "host") != 0
      && strcmp (kind, "domain") != 0)
    {
      g_autofree char *shown = postseal_report_make_printable (kind);

      *ret_status = postseal_report_usage (
          program, _ ("“%s” is no value of --as; there are account, host, domain"), shown);
      return FALSE;
    }
  if (text == NULL && (kind == NULL || strcmp (kind, "account") == 0))
    return TRUE;
  if (text == NULL)
    {
      *ret_status = postseal_report_usage (program, _ ("name what to check"));
      return FALSE;
    }
  if (kind == NULL)
    return find_any (self, options, text, program, ret_status);
  if (strcmp (kind, "host") == 0)
    return find_host (self, text, program, ret_status);
  if (strcmp (kind, "domain") == 0)
    return find_domain (self, text, program, ret_status);
  return find_named_account (self, options, text, ret_status);
}
