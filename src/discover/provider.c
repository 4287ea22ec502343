/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/provider-table-private.h"

#include <string.h>

#include "base/paths.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "discover/mail-domain-private.h"

#define FILE_NAME "mail-providers.conf"

struct _PostsealProviderTable
{
  GPtrArray *providers; /* owned PostsealProvider: the user's first */
};

/* In each section. */
static const char *const keys[]
    = { "title",       "domains",      "hosts",     "receive", "receive-pop3", "send", "oauth",
        "wants-oauth", "app-password", "switch-on", NULL };

void
postseal_provider_free (PostsealProvider *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->title);
  g_strfreev (self->domains);
  g_strfreev (self->hosts);
  g_free (self->receive);
  g_free (self->receive_pop3);
  g_free (self->send);
  g_free (self->oauth);
  g_free (self->app_password_uri);
  g_free (self->switch_uri);
  g_free (self);
}

/* --- URLs --- */

static gboolean
read_scheme (const char *scheme, PostsealProtocol *ret_protocol, PostsealTlsStart *ret_start)
{
  static const struct
  {
    const char *scheme;
    PostsealProtocol protocol;
    PostsealTlsStart start;
  } schemes[] = {
    { "imaps", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT },
    { "imap", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE },
    { "pop3s", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT },
    { "pop3", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE },
    { "submissions", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT },
    { "submission", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strcmp (schemes[i].scheme, scheme) == 0)
      {
        *ret_protocol = schemes[i].protocol;
        *ret_start = schemes[i].start;
        return TRUE;
      }
  return FALSE;
}

PostsealEndpoint *
_postseal_provider_read_url (const char *url)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  g_autofree char *host = NULL;
  PostsealProtocol protocol = POSTSEAL_PROTOCOL_IMAP;
  PostsealTlsStart start = POSTSEAL_TLS_START_IMPLICIT;

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_path (uri) != '\0'
      || g_uri_get_userinfo (uri) != NULL
      || !read_scheme (g_uri_get_scheme (uri), &protocol, &start) || g_uri_get_port (uri) == 0)
    return NULL;
  host = _postseal_domain_normalize_host (g_uri_get_host (uri));
  if (host == NULL)
    return NULL;
  return postseal_endpoint_new (protocol, start, host, (guint16)MAX (g_uri_get_port (uri), 0));
}

/* --- one section --- */

typedef struct
{
  GKeyFile *users; /* borrowed */
  GKeyFile *common; /* borrowed */
  const char *name; /* the section */
} Source;

static void
warn_of_value (const Source *source, const char *key)
{
  g_warning ("%s, section “%s”: the value of “%s” makes no sense", FILE_NAME, source->name, key);
}

/* The user's word, else the installation's. Returns: (transfer full) (nullable) */
static char *
get_value (const Source *source, const char *key)
{
  char *value = g_key_file_get_string (source->users, source->name, key, NULL);

  if (value == NULL)
    value = g_key_file_get_string (source->common, source->name, key, NULL);
  if (value != NULL && *value == '\0')
    g_clear_pointer (&value, g_free);
  return value;
}

static char **
get_list (const Source *source, const char *key)
{
  char **list = g_key_file_get_string_list (source->users, source->name, key, NULL, NULL);

  if (list == NULL)
    list = g_key_file_get_string_list (source->common, source->name, key, NULL, NULL);
  if (list == NULL)
    list = g_new0 (char *, 1);
  for (gsize i = 0; list[i] != NULL; i++)
    {
      char *lower = g_ascii_strdown (g_strstrip (list[i]), -1);

      g_free (list[i]);
      list[i] = lower;
    }
  return list;
}

static char *
get_url (const Source *source, const char *key)
{
  g_autofree char *value = get_value (source, key);
  g_autoptr (PostsealEndpoint) endpoint = _postseal_provider_read_url (value);

  if (value != NULL && endpoint == NULL)
    warn_of_value (source, key);
  return endpoint != NULL ? g_steal_pointer (&value) : NULL;
}

/* For the user's browser. */
static char *
get_page (const Source *source, const char *key)
{
  g_autofree char *value = get_value (source, key);
  g_autoptr (GUri) uri = value != NULL ? g_uri_parse (value, G_URI_FLAGS_NONE, NULL) : NULL;
  gboolean is_https = uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0
                      && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';

  if (value != NULL && !is_https)
    warn_of_value (source, key);
  return is_https ? g_steal_pointer (&value) : NULL;
}

static PostsealProvider *
read_provider (const Source *source)
{
  PostsealProvider *self = g_new0 (PostsealProvider, 1);
  g_autofree char *wants = get_value (source, "wants-oauth");

  self->name = g_strdup (source->name);
  self->title = get_value (source, "title");
  if (self->title == NULL)
    self->title = g_strdup (source->name);
  self->domains = get_list (source, "domains");
  self->hosts = get_list (source, "hosts");
  self->receive = get_url (source, "receive");
  self->receive_pop3 = get_url (source, "receive-pop3");
  self->send = get_url (source, "send");
  self->oauth = get_value (source, "oauth");
  self->wants_oauth = g_strcmp0 (wants, "yes") == 0;
  self->app_password_uri = get_page (source, "app-password");
  self->switch_uri = get_page (source, "switch-on");
  return self;
}

static void
check_keys (GKeyFile *file, const char *name)
{
  g_auto (GStrv) found = g_key_file_get_keys (file, name, NULL, NULL);

  for (gsize i = 0; found != NULL && found[i] != NULL; i++)
    if (!g_strv_contains (keys, found[i]))
      {
        g_autofree char *shown = postseal_printable (found[i], -1);
        const char *near = postseal_suggest (found[i], keys);

        if (near != NULL)
          g_warning ("%s, section “%s”: there is no key “%s”; did you mean “%s”?", FILE_NAME, name,
                     shown, near);
        else
          g_warning ("%s, section “%s”: there is no key “%s”", FILE_NAME, name, shown);
      }
}

/* --- both files --- */

/* A file that is not there has nothing to say. */
static GKeyFile *
load_file (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  GKeyFile *file = g_key_file_new ();

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error)
      && !g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_autofree char *reason = postseal_printable (error->message, -1);

      g_warning ("Cannot read %s: %s", path, reason);
    }
  return file;
}

static void
add_sections (PostsealProviderTable *self, GKeyFile *listed, GKeyFile *users, GKeyFile *common)
{
  g_auto (GStrv) names = g_key_file_get_groups (listed, NULL);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const Source source = { users, common, names[i] };

      check_keys (listed, names[i]);
      if (listed == users || !g_key_file_has_group (users, names[i]))
        g_ptr_array_add (self->providers, read_provider (&source));
    }
}

PostsealProviderTable *
_postseal_provider_table_load (void)
{
  PostsealProviderTable *self = g_new0 (PostsealProviderTable, 1);
  g_autofree char *installed = postseal_paths_data_dir ();
  g_autofree char *accounts = postseal_paths_config_file ();
  g_autofree char *directory = g_path_get_dirname (accounts);
  g_autoptr (GKeyFile) common = load_file (installed);
  g_autoptr (GKeyFile) users = load_file (directory);

  self->providers = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_provider_free);
  add_sections (self, users, users, common);
  add_sections (self, common, users, common);
  return self;
}

void
_postseal_provider_table_free (PostsealProviderTable *self)
{
  g_ptr_array_unref (self->providers);
  g_free (self);
}

const PostsealProvider *
_postseal_provider_table_find_by_domain (PostsealProviderTable *self, const char *domain)
{
  g_autofree char *lower = g_ascii_strdown (domain, -1);

  for (guint i = 0; i < self->providers->len; i++)
    {
      const PostsealProvider *provider = g_ptr_array_index (self->providers, i);

      if (g_strv_contains ((const char *const *)provider->domains, lower))
        return provider;
    }
  return NULL;
}

const PostsealProvider *
_postseal_provider_table_find_by_host (PostsealProviderTable *self, const char *host)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);

  for (guint i = 0; i < self->providers->len; i++)
    {
      const PostsealProvider *provider = g_ptr_array_index (self->providers, i);

      for (gsize j = 0; provider->hosts[j] != NULL; j++)
        if (g_pattern_match_simple (provider->hosts[j], lower))
          return provider;
    }
  return NULL;
}

/* --- the outside --- */

static PostsealProvider *
copy_provider (const PostsealProvider *self)
{
  PostsealProvider *copy = NULL;

  if (self == NULL)
    return NULL;
  copy = g_new0 (PostsealProvider, 1);
  *copy = *self;
  copy->name = g_strdup (self->name);
  copy->title = g_strdup (self->title);
  copy->domains = g_strdupv (self->domains);
  copy->hosts = g_strdupv (self->hosts);
  copy->receive = g_strdup (self->receive);
  copy->receive_pop3 = g_strdup (self->receive_pop3);
  copy->send = g_strdup (self->send);
  copy->oauth = g_strdup (self->oauth);
  copy->app_password_uri = g_strdup (self->app_password_uri);
  copy->switch_uri = g_strdup (self->switch_uri);
  return copy;
}

PostsealProvider *
postseal_provider_find_by_domain (const char *domain)
{
  g_autoptr (PostsealProviderTable) table = NULL;

  g_return_val_if_fail (domain != NULL, NULL);

  table = _postseal_provider_table_load ();
  return copy_provider (_postseal_provider_table_find_by_domain (table, domain));
}

PostsealProvider *
postseal_provider_find_by_host (const char *host)
{
  g_autoptr (PostsealProviderTable) table = NULL;

  g_return_val_if_fail (host != NULL, NULL);

  table = _postseal_provider_table_load ();
  return copy_provider (_postseal_provider_table_find_by_host (table, host));
}
