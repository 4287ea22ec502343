/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/discovery-settings.h"

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/paths.h"
#include "base/printable.h"
#include "base/suggest.h"

#define FILE_NAME "discovery.conf"
#define GROUP "discovery"
#define HTTPS_PORT 443
#define SMTP_PORT 25
#define MAX_TIMEOUT_S 600

void
postseal_discovery_settings_free (PostsealDiscoverySettings *self)
{
  g_free (self->list);
  g_free (self->list_copy);
  g_free (self->ca_file);
  g_free (self->dns_server);
  g_free (self->dns_anchor);
  g_free (self);
}

/* --- values: FALSE for one that makes no sense --- */

static gboolean
take_list (PostsealDiscoverySettings *self, const char *value)
{
  g_autoptr (GUri) uri = g_uri_parse (value, G_URI_FLAGS_NONE, NULL);
  gboolean is_base = uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0
                     && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
                     && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL
                     && g_uri_get_fragment (uri) == NULL;

  if (*value != '\0' && !is_base)
    return FALSE;
  g_free (self->list);
  self->list
      = g_strconcat (value, *value == '\0' || g_str_has_suffix (value, "/") ? "" : "/", NULL);
  return TRUE;
}

static gboolean
take_ask_list (PostsealDiscoverySettings *self, const char *value)
{
  if (strcmp (value, "yes") != 0 && strcmp (value, "no") != 0)
    return FALSE;
  self->ask_list = *value == 'y';
  return TRUE;
}

/* An empty value takes back what another file says. */
static gboolean
take_path (char **place, const char *value)
{
  g_autofree char *path = *value != '\0' ? postseal_paths_expand_home (value) : NULL;

  if (path != NULL && !g_path_is_absolute (path))
    return FALSE;
  g_free (*place);
  *place = g_steal_pointer (&path);
  return TRUE;
}

static gboolean
take_list_copy (PostsealDiscoverySettings *self, const char *value)
{
  return take_path (&self->list_copy, value);
}

static gboolean
take_ca_file (PostsealDiscoverySettings *self, const char *value)
{
  return take_path (&self->ca_file, value);
}

static gboolean
take_dns_anchor (PostsealDiscoverySettings *self, const char *value)
{
  return take_path (&self->dns_anchor, value);
}

static gboolean
take_dns_server (PostsealDiscoverySettings *self, const char *value)
{
  const char *at = strchr (value, '@');
  g_autofree char *address = at != NULL ? g_strndup (value, (gsize)(at - value)) : g_strdup (value);
  gboolean has_port
      = at == NULL || g_ascii_string_to_unsigned (at + 1, 10, 1, G_MAXUINT16, NULL, NULL);

  if (*value != '\0' && (!has_port || !g_hostname_is_ip_address (address)))
    return FALSE;
  g_free (self->dns_server);
  self->dns_server = *value != '\0' ? g_strdup (value) : NULL;
  return TRUE;
}

static gboolean
take_port (guint *place, const char *value)
{
  guint64 port = 0;

  if (!g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT16, &port, NULL))
    return FALSE;
  *place = (guint)port;
  return TRUE;
}

static gboolean
take_https_port (PostsealDiscoverySettings *self, const char *value)
{
  return take_port (&self->https_port, value);
}

static gboolean
take_smtp_port (PostsealDiscoverySettings *self, const char *value)
{
  return take_port (&self->smtp_port, value);
}

static gboolean
take_timeout (PostsealDiscoverySettings *self, const char *value)
{
  g_autofree char *number
      = g_str_has_suffix (value, "s") ? g_strndup (value, strlen (value) - 1) : NULL;
  guint64 seconds = 0;

  if (number == NULL || !g_ascii_string_to_unsigned (number, 10, 1, MAX_TIMEOUT_S, &seconds, NULL))
    return FALSE;
  self->timeout_ms = (guint)seconds * 1000;
  return TRUE;
}

static const struct
{
  const char *key;
  gboolean (*take) (PostsealDiscoverySettings *self, const char *value);
} keys[] = {
  { "list", take_list },
  { "ask-list", take_ask_list },
  { "list-copy", take_list_copy },
  { "ca-file", take_ca_file },
  { "dns-server", take_dns_server },
  { "dns-anchor", take_dns_anchor },
  { "https-port", take_https_port },
  { "smtp-port", take_smtp_port },
  { "timeout", take_timeout },
};

/* --- files --- */

static void
warn_of_key (const char *path, const char *key)
{
  const char *names[G_N_ELEMENTS (keys) + 1] = { NULL };
  g_autofree char *shown = postseal_printable (key, -1);
  const char *near = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    names[i] = keys[i].key;
  near = postseal_suggest (key, names);
  if (near != NULL)
    g_warning ("%s: there is no key “%s”; did you mean “%s”?", path, shown, near);
  else
    g_warning ("%s: there is no key “%s”", path, shown);
}

static void
take_key (PostsealDiscoverySettings *self, GKeyFile *file, const char *path, const char *key)
{
  g_autofree char *value = g_key_file_get_string (file, GROUP, key, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *shown = NULL;

      if (strcmp (keys[i].key, key) != 0)
        continue;
      if (value != NULL && strpbrk (value, "\r\n") == NULL && keys[i].take (self, value))
        return;
      shown = postseal_printable (value != NULL ? value : "", -1);
      g_warning ("%s: “%s” is no value for the key “%s”", path, shown, key);
      return;
    }
  warn_of_key (path, key);
}

/* Returns: whether there is such a file */
static gboolean
take_file (PostsealDiscoverySettings *self, const char *directory)
{
  g_autofree char *path = g_build_filename (directory, FILE_NAME, NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) found = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error))
    {
      g_autofree char *reason = postseal_printable (error->message, -1);

      if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return FALSE;
      g_warning ("Cannot read %s: %s", path, reason);
      return TRUE;
    }
  found = g_key_file_get_keys (file, GROUP, NULL, NULL);
  for (gsize i = 0; found != NULL && found[i] != NULL; i++)
    take_key (self, file, path, found[i]);
  return TRUE;
}

/* Returns: (transfer full): absolute directories, each with "/postseal", the first one first */
static char **
list_directories (const char *variable, const char *fallback)
{
  const char *value = g_getenv (variable);
  g_auto (GStrv) bases = g_strsplit (value != NULL && *value != '\0' ? value : fallback, ":", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (gsize i = 0; bases[i] != NULL; i++)
    {
      g_autofree char *directory = g_build_filename (bases[i], "postseal", NULL);

      if (g_path_is_absolute (bases[i]))
        g_strv_builder_add (builder, directory);
    }
  return g_strv_builder_end (builder);
}

/* Returns: (transfer full): where a file of the installation may be; the first one is taken */
static char **
list_installed (void)
{
  const char *named = g_getenv ("POSTSEAL_DATA_DIR");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *installed = postseal_paths_data_dir ();
  g_auto (GStrv) directories = list_directories ("XDG_DATA_DIRS", "/usr/local/share:/usr/share");

  if (named == NULL || *named == '\0')
    g_strv_builder_addv (builder, (const char **)directories);
  g_strv_builder_add (builder, installed);
  return g_strv_builder_end (builder);
}

/* Returns: (transfer full): where one of the user and of the site may be; all are taken */
static char **
list_configured (void)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) site = list_directories ("XDG_CONFIG_DIRS", "/etc/xdg");
  g_autofree char *accounts = postseal_paths_config_file ();
  g_autofree char *users = g_path_get_dirname (accounts);

  g_strv_builder_add (builder, users);
  g_strv_builder_addv (builder, (const char **)site);
  return g_strv_builder_end (builder);
}

PostsealDiscoverySettings *
postseal_discovery_settings_load (void)
{
  PostsealDiscoverySettings *self = g_new0 (PostsealDiscoverySettings, 1);
  g_auto (GStrv) installed = list_installed ();
  g_auto (GStrv) configured = list_configured ();

  self->list = g_strdup ("");
  self->https_port = HTTPS_PORT;
  self->smtp_port = SMTP_PORT;
  self->timeout_ms = POSTSEAL_LIMIT_DISCOVERY_MS;
  for (char **directory = installed; *directory != NULL && !take_file (self, *directory);)
    directory++;
  for (gsize n = g_strv_length (configured); n > 0; n--)
    (void)take_file (self, configured[n - 1]);
  return self;
}

/* --- changes --- */

/* A file that is replaced has another number, one that is written to another time. */
static void
add_stamps (GString *stamp, char **directories)
{
  for (char **directory = directories; *directory != NULL; directory++)
    {
      g_autofree char *path = g_build_filename (*directory, FILE_NAME, NULL);
      struct stat status;

      if (stat (path, &status) == 0)
        g_string_append_printf (stamp, "%s %ju %jd %jd.%09ld\n", path, (uintmax_t)status.st_ino,
                                (intmax_t)status.st_size, (intmax_t)status.st_ctim.tv_sec,
                                status.st_ctim.tv_nsec);
    }
}

char *
postseal_discovery_settings_stamp (void)
{
  GString *stamp = g_string_new (NULL);
  g_auto (GStrv) installed = list_installed ();
  g_auto (GStrv) configured = list_configured ();

  add_stamps (stamp, installed);
  add_stamps (stamp, configured);
  return g_string_free (stamp, FALSE);
}
