/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/sts-policy.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/printable.h"

#define LONGEST_AGE_S 31557600 /* section 3.2: about a year */

/* The four keys, each as it stands first; the others are for later versions. */
typedef struct
{
  char *version; /* owned, nullable */
  char *mode; /* owned, nullable */
  char *max_age; /* owned, nullable */
} Keys;

static void
clear_keys (Keys *self)
{
  g_free (self->version);
  g_free (self->mode);
  g_free (self->max_age);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, clear_keys)

void
postseal_sts_policy_free (PostsealStsPolicy *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->hosts);
  g_free (self);
}

static void
take_first (char **place, const char *value)
{
  if (*place == NULL)
    *place = g_strdup (value);
}

/* Returns: (transfer full) (nullable): what is wrong */
static char *
take_line (PostsealStsPolicy *self, Keys *keys, char *line)
{
  g_autofree char *shown = postseal_printable (line, -1);
  char *colon = strchr (line, ':');
  const char *value;

  if (colon == NULL)
    return g_strdup_printf (_ ("the line “%s” has no colon"), shown);
  *colon = '\0';
  g_strstrip (line);
  value = g_strstrip (colon + 1);
  if (strcmp (line, "version") == 0)
    take_first (&keys->version, value);
  else if (strcmp (line, "mode") == 0)
    take_first (&keys->mode, value);
  else if (strcmp (line, "max_age") == 0)
    take_first (&keys->max_age, value);
  else if (strcmp (line, "mx") == 0)
    g_ptr_array_add (self->hosts, g_ascii_strdown (value, -1));
  return NULL;
}

/* Returns: (transfer full) (nullable): what is wrong */
static char *
take_keys (PostsealStsPolicy *self, const Keys *keys)
{
  if (g_strcmp0 (keys->version, "STSv1") != 0)
    return g_strdup (_ ("it does not say “version: STSv1”"));
  if (g_strcmp0 (keys->mode, "enforce") == 0)
    self->mode = POSTSEAL_STS_ENFORCE;
  else if (g_strcmp0 (keys->mode, "testing") == 0)
    self->mode = POSTSEAL_STS_TESTING;
  else if (g_strcmp0 (keys->mode, "none") == 0)
    self->mode = POSTSEAL_STS_NONE;
  else
    return g_strdup (_ ("its mode is neither enforce nor testing nor none"));
  if (keys->max_age == NULL)
    return g_strdup (_ ("it does not say for how long it holds (max_age)"));
  if (!g_ascii_string_to_unsigned (keys->max_age, 10, 0, LONGEST_AGE_S, &self->max_age_s, NULL))
    return g_strdup_printf (_ ("its max_age is no number of seconds up to %d"), LONGEST_AGE_S);
  if (self->mode != POSTSEAL_STS_NONE && self->hosts->len == 0)
    return g_strdup (_ ("it names no server (mx)"));
  return NULL;
}

PostsealStsPolicy *
postseal_sts_policy_parse (const char *text, char **ret_flaw)
{
  g_autoptr (PostsealStsPolicy) self = g_new0 (PostsealStsPolicy, 1);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_auto (Keys) keys = { NULL, NULL, NULL };
  char *flaw = NULL;

  self->hosts = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; lines[i] != NULL && flaw == NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      flaw = take_line (self, &keys, lines[i]);
  if (flaw == NULL)
    flaw = take_keys (self, &keys);
  if (flaw == NULL)
    return g_steal_pointer (&self);
  *ret_flaw = flaw;
  return NULL;
}

gboolean
postseal_sts_policy_allows (const PostsealStsPolicy *self, const char *host)
{
  const char *dot = strchr (host, '.');

  for (guint i = 0; i < self->hosts->len; i++)
    {
      const char *pattern = self->hosts->pdata[i];

      if (g_ascii_strcasecmp (pattern, host) == 0)
        return TRUE;
      if (g_str_has_prefix (pattern, "*.") && dot != NULL && dot > host
          && g_ascii_strcasecmp (pattern + 1, dot) == 0)
        return TRUE;
    }
  return FALSE;
}
