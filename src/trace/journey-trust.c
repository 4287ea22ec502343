/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "trace/journey-private.h"

gboolean
postseal_journey_is_trusted (const char *const *trusted, const char *name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  if (length > 0 && name[length - 1] == '.')
    length--;
  for (gsize i = 0; trusted != NULL && trusted[i] != NULL && length > 0; i++)
    {
      gsize n_trusted = strlen (trusted[i]);

      if (length >= n_trusted
          && g_ascii_strncasecmp (name + length - n_trusted, trusted[i], n_trusted) == 0
          && (length == n_trusted || name[length - n_trusted - 1] == '.'))
        return TRUE;
    }
  return FALSE;
}

/* Servers within a provider often have no name but "localhost" or an address. */
static gboolean
is_unnamed (const char *by)
{
  return by == NULL || strchr (by, '.') == NULL || g_hostname_is_ip_address (by);
}

/* The server that wrote @received has it from one of its own. Not so from a program on the server:
   anybody may have an account there. */
static gboolean
came_from_within (const PostsealReceived *received, const char *const *trusted)
{
  if (received->way == POSTSEAL_RECEIVED_LOCAL)
    return FALSE;
  if (received->from == NULL && received->from_address == NULL)
    return received->by != NULL;
  if (postseal_received_is_loopback (received)
      || postseal_journey_is_trusted (trusted, received->from_name))
    return TRUE;
  return postseal_received_is_private (received)
         && postseal_journey_is_trusted (trusted, received->from);
}

/* Returns: how many hops from the top are the provider's */
static guint
count_trusted (const PostsealJourney *self, const char *const *trusted, const char *server)
{
  gboolean is_named = FALSE;
  guint n = 0;

  while (n < self->hops->len)
    {
      const PostsealHop *hop = g_ptr_array_index (self->hops, n);
      const char *by = hop->received->by;

      if (postseal_journey_is_trusted (trusted, by)
          || (by != NULL && server != NULL && g_ascii_strcasecmp (by, server) == 0))
        is_named = TRUE;
      else if (!hop->is_own && !is_unnamed (by))
        break;
      n++;
      if (!hop->is_own && !came_from_within (hop->received, trusted))
        break;
    }
  return is_named ? n : 0;
}

/* Index of the first field that a stranger has written, as far as hops tell. */
static guint
find_border (const PostsealJourney *self, guint n_trusted)
{
  for (guint i = n_trusted; i < self->hops->len; i++)
    {
      const PostsealHop *hop = g_ptr_array_index (self->hops, i);

      if (!hop->is_own)
        return hop->field;
    }
  return n_trusted > 0 ? G_MAXUINT : 0;
}

/* Whether a method of @checks has been told of above, by a field that counts. */
static gboolean
is_repeated (const PostsealChecks *checks, GHashTable *seen)
{
  for (guint i = 0; i < checks->results->results->len; i++)
    {
      const PostsealAuthenticationResult *result = g_ptr_array_index (checks->results->results, i);

      if (g_hash_table_contains (seen, result->method))
        return TRUE;
    }
  return FALSE;
}

static PostsealChecksTrust
judge_checks (const PostsealChecks *checks,
              const char *const *trusted,
              guint border,
              GHashTable *seen)
{
  const PostsealAuthenticationResults *results = checks->results;

  if (results->authserv_id == NULL || results->version != 1)
    return POSTSEAL_CHECKS_NOBODY;
  if (!postseal_journey_is_trusted (trusted, results->authserv_id))
    return POSTSEAL_CHECKS_STRANGER;
  if (checks->field >= border)
    return POSTSEAL_CHECKS_PLACE;
  return is_repeated (checks, seen) ? POSTSEAL_CHECKS_REPEATED : POSTSEAL_CHECKS_TRUSTED;
}

static guint
hash_method (gconstpointer method)
{
  g_autofree char *lower = g_ascii_strdown (method, -1);

  return g_str_hash (lower);
}

static gboolean
equal_methods (gconstpointer a, gconstpointer b)
{
  return g_ascii_strcasecmp (a, b) == 0;
}

void
_postseal_journey_judge (PostsealJourney *self, const char *const *trusted, const char *server)
{
  guint n_trusted = trusted != NULL ? count_trusted (self, trusted, server) : 0;
  guint border = find_border (self, n_trusted);
  g_autoptr (GHashTable) seen = g_hash_table_new (hash_method, equal_methods);

  for (guint i = 0; i < n_trusted; i++)
    ((PostsealHop *)g_ptr_array_index (self->hops, i))->is_trusted = TRUE;
  for (guint i = 0; i < self->checks->len; i++)
    {
      PostsealChecks *checks = g_ptr_array_index (self->checks, i);
      const GPtrArray *results = checks->results->results;

      checks->trust = judge_checks (checks, trusted, border, seen);
      for (guint j = 0; checks->trust == POSTSEAL_CHECKS_TRUSTED && j < results->len; j++)
        g_hash_table_add (seen,
                          ((PostsealAuthenticationResult *)g_ptr_array_index (results, j))->method);
    }
}
