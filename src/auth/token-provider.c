/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/token-provider-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/paths.h"
#include "base/printable.h"
#include "base/suggest.h"

#define FILE_NAME "oauth-providers.conf"

/* In each section. */
static const char *const keys[] = { "title",
                                    "token-endpoint",
                                    "authorization-endpoint",
                                    "authorization-extra",
                                    "device-endpoint",
                                    "redirect-host",
                                    "scope",
                                    "client-id",
                                    "refresh-token",
                                    "client-secret",
                                    "ca-file",
                                    NULL };

void
_postseal_token_provider_free (PostsealTokenProvider *self)
{
  g_free (self->name);
  g_free (self->title);
  g_free (self->token_endpoint);
  g_free (self->authorization_endpoint);
  g_free (self->authorization_extra);
  g_free (self->device_endpoint);
  g_free (self->redirect_host);
  g_free (self->scope);
  g_free (self->client_id);
  g_free (self->refresh_token);
  g_free (self->client_secret);
  g_free (self->ca_file);
  g_free (self);
}

static char *
get_user_file (void)
{
  g_autofree char *config = postseal_paths_config_file ();
  g_autofree char *directory = g_path_get_dirname (config);

  return g_build_filename (directory, FILE_NAME, NULL);
}

/* A file that is not there has nothing to say. Returns: FALSE with @error for a bad one */
static gboolean
load_file (const char *path, GKeyFile **ret_file, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &cause)
      && !g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_autofree char *reason = postseal_printable (cause->message, -1);

      g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                   _ ("Cannot read %s: %s"), path, reason);
      return FALSE;
    }
  *ret_file = g_steal_pointer (&file);
  return TRUE;
}

static gboolean
check_keys (GKeyFile *file, const char *name, const char *path, GError **error)
{
  g_auto (GStrv) found = g_key_file_get_keys (file, name, NULL, NULL);

  for (gsize i = 0; found != NULL && found[i] != NULL; i++)
    if (!g_strv_contains (keys, found[i]))
      {
        g_autofree char *shown = postseal_printable (found[i], -1);
        const char *near = postseal_suggest (found[i], keys);

        g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                     near != NULL ? _ ("%s, section “%s”: there is no key “%s”; did you mean “%s”?")
                                  : _ ("%s, section “%s”: there is no key “%s”"),
                     path, name, shown, near);
        return FALSE;
      }
  return TRUE;
}

/* The user's word, else the installation's. Returns: (transfer full) (nullable) */
static char *
get_value (GKeyFile *users, GKeyFile *common, const char *name, const char *key)
{
  char *value = g_key_file_get_string (users, name, key, NULL);

  if (value == NULL)
    value = g_key_file_get_string (common, name, key, NULL);
  if (value != NULL && *value == '\0')
    g_clear_pointer (&value, g_free);
  return value;
}

static char *
get_place (
    GKeyFile *users, GKeyFile *common, const char *name, const char *key, const char *account)
{
  char *value = get_value (users, common, name, key);
  GString *text = g_string_new (value);

  if (value == NULL)
    return g_string_free (text, TRUE);
  g_free (value);
  g_string_replace (text, "%a", account, 0);
  return g_string_free (text, FALSE);
}

static gboolean
is_https (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  return uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
         && g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL;
}

static gboolean
check_place (const char *name, const char *key, const char *place, GError **error)
{
  g_autofree char *problem = place != NULL ? postseal_vault_check_spec (place) : NULL;

  if (place == NULL
      || (problem == NULL && !g_str_has_prefix (place, "oauth:")
          && !g_str_has_prefix (place, "goa")))
    return TRUE;
  g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
               _ ("The key “%s” of the OAuth provider %s is wrong: %s"), key, name,
               problem != NULL ? problem : _ ("it does not name a place for a secret"));
  return FALSE;
}

static gboolean
check_provider (const PostsealTokenProvider *self, GError **error)
{
  if (self->token_endpoint == NULL || !is_https (self->token_endpoint))
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The OAuth provider %s needs a “token-endpoint” that begins with https://"),
                 self->name);
  else if (self->authorization_endpoint != NULL && !is_https (self->authorization_endpoint))
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The “authorization-endpoint” of the OAuth provider %s does not begin with "
                    "https://"),
                 self->name);
  else if (self->device_endpoint != NULL && !is_https (self->device_endpoint))
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The “device-endpoint” of the OAuth provider %s does not begin with https://"),
                 self->name);
  else if (self->redirect_host != NULL && strcmp (self->redirect_host, "localhost") != 0
           && strcmp (self->redirect_host, "127.0.0.1") != 0)
    g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                 _ ("The “redirect-host” of the OAuth provider %s is neither localhost nor "
                    "127.0.0.1"),
                 self->name);
  else
    return check_place (self->name, "refresh-token", self->refresh_token, error)
           && check_place (self->name, "client-secret", self->client_secret, error);
  return FALSE;
}

static void
set_unknown_error (
    GKeyFile *users, GKeyFile *common, const char *name, const char *path, GError **error)
{
  g_auto (GStrv) others = g_key_file_get_groups (users, NULL);
  g_auto (GStrv) known = g_key_file_get_groups (common, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;
  g_autofree char *list = NULL;

  g_strv_builder_addv (builder, (const char **)known);
  for (gsize i = 0; others[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *)known, others[i]))
      g_strv_builder_add (builder, others[i]);
  all = g_strv_builder_end (builder);
  list = g_strjoinv (", ", all);
  g_set_error (
      error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
      _ ("There is no OAuth provider “%s”. Write a section [%s] into %s, or use one of: %s"), name,
      name, path, *list != '\0' ? list : _ ("none"));
}

PostsealTokenProvider *
_postseal_token_provider_load (const char *name, const char *account, GError **error)
{
  g_autofree char *directory = postseal_paths_data_dir ();
  g_autofree char *common_path = g_build_filename (directory, FILE_NAME, NULL);
  g_autofree char *users_path = get_user_file ();
  g_autoptr (GKeyFile) common = NULL;
  g_autoptr (GKeyFile) users = NULL;
  g_autoptr (PostsealTokenProvider) self = NULL;

  if (!load_file (common_path, &common, error) || !load_file (users_path, &users, error)
      || !check_keys (common, name, common_path, error)
      || !check_keys (users, name, users_path, error))
    return NULL;
  if (!g_key_file_has_group (common, name) && !g_key_file_has_group (users, name))
    {
      set_unknown_error (users, common, name, users_path, error);
      return NULL;
    }
  self = g_new0 (PostsealTokenProvider, 1);
  self->name = g_strdup (name);
  self->title = get_value (users, common, name, "title");
  if (self->title == NULL)
    self->title = g_strdup (name);
  self->token_endpoint = get_value (users, common, name, "token-endpoint");
  self->authorization_endpoint = get_value (users, common, name, "authorization-endpoint");
  self->authorization_extra = get_value (users, common, name, "authorization-extra");
  self->device_endpoint = get_value (users, common, name, "device-endpoint");
  self->redirect_host = get_value (users, common, name, "redirect-host");
  self->scope = get_value (users, common, name, "scope");
  self->client_id = get_value (users, common, name, "client-id");
  self->ca_file = get_value (users, common, name, "ca-file");
  self->refresh_token = get_place (users, common, name, "refresh-token", account);
  self->client_secret = get_place (users, common, name, "client-secret", account);
  return check_provider (self, error) ? g_steal_pointer (&self) : NULL;
}

PostsealTokenProvider *
_postseal_token_provider_load_for (const char *spec, const char *account, GError **error)
{
  g_autofree char *problem = postseal_vault_check_spec (spec);
  g_auto (GStrv) words = g_strsplit (spec, ":", 3);
  g_autoptr (PostsealTokenProvider) self = NULL;

  if (problem != NULL || !g_str_has_prefix (spec, "oauth:"))
    {
      g_set_error (error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
                   _ ("The account %s does not sign in with OAuth tokens that Postseal gets. Write "
                      "“password=oauth:PROVIDER:CLIENT-ID” first"),
                   account);
      return NULL;
    }
  self = _postseal_token_provider_load (words[1], account, error);
  if (self == NULL)
    return NULL;
  if (words[2] != NULL)
    {
      g_free (self->client_id);
      self->client_id = g_strdup (words[2]);
    }
  if (self->client_id != NULL)
    return g_steal_pointer (&self);
  g_set_error (
      error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_SETTINGS,
      _ ("The account %s has no client ID. Write “password=oauth:%s:CLIENT-ID” with the ID "
         "that %s has given you"),
      account, self->name, self->title);
  return NULL;
}
