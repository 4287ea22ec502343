/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/servers-private.h"

#include "base/backoff.h"
#include "base/limits.h"

/* One user at one host, whatever the port: servers count so, too. */
typedef struct
{
  guint taken;
  guint bears; /* connections; 0: not known */
  gint64 bears_until; /* monotonic microseconds */
} Login;

typedef struct
{
  PostsealBackoff backoff;
  gint64 not_before; /* monotonic microseconds */
} Trouble;

struct _PostsealServers
{
  GHashTable *logins; /* owned: key -> Login */
  GHashTable *troubles; /* owned: "host:port" -> Trouble */
};

static gint64 (*get_now) (void) = g_get_monotonic_time;

void
_postseal_servers_set_clock (gint64 (*clock) (void))
{
  get_now = clock == NULL ? g_get_monotonic_time : clock;
}

/* A host name holds no line feed. */
static char *
make_key (const PostsealEndpoint *endpoint, const char *user)
{
  return g_strconcat (endpoint->host, "\n", user, NULL);
}

static Login *
find_login (PostsealServers *self, const PostsealEndpoint *endpoint, const char *user)
{
  g_autofree char *key = make_key (endpoint, user);

  return g_hash_table_lookup (self->logins, key);
}

static Login *
ensure_login (PostsealServers *self, const PostsealEndpoint *endpoint, const char *user)
{
  Login *login = find_login (self, endpoint, user);

  if (login == NULL)
    {
      login = g_new0 (Login, 1);
      g_hash_table_insert (self->logins, make_key (endpoint, user), login);
    }
  if (login->bears != 0 && get_now () >= login->bears_until)
    login->bears = 0;
  return login;
}

PostsealServers *
postseal_servers_new (void)
{
  PostsealServers *self = g_rc_box_new0 (PostsealServers);

  self->logins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->troubles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

PostsealServers *
postseal_servers_ref (PostsealServers *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_rc_box_acquire (self);
}

static void
clear_servers (gpointer data)
{
  PostsealServers *self = data;

  g_hash_table_unref (self->logins);
  g_hash_table_unref (self->troubles);
}

void
postseal_servers_unref (PostsealServers *self)
{
  g_return_if_fail (self != NULL);

  g_rc_box_release_full (self, clear_servers);
}

gboolean
postseal_servers_take (PostsealServers *self,
                       const PostsealEndpoint *endpoint,
                       const char *user,
                       guint most)
{
  Login *login;

  g_return_val_if_fail (self != NULL && endpoint != NULL && user != NULL, FALSE);

  login = ensure_login (self, endpoint, user);
  if (login->taken >= most || (login->bears != 0 && login->taken >= login->bears))
    return FALSE;
  login->taken++;
  return TRUE;
}

void
postseal_servers_give_back (PostsealServers *self,
                            const PostsealEndpoint *endpoint,
                            const char *user)
{
  Login *login;

  g_return_if_fail (self != NULL && endpoint != NULL && user != NULL);

  login = find_login (self, endpoint, user);
  g_return_if_fail (login != NULL && login->taken > 0);
  login->taken--;
  if (login->taken == 0 && login->bears == 0)
    {
      g_autofree char *key = make_key (endpoint, user);

      g_hash_table_remove (self->logins, key);
    }
}

void
postseal_servers_report_limit (PostsealServers *self,
                               const PostsealEndpoint *endpoint,
                               const char *user)
{
  Login *login;

  g_return_if_fail (self != NULL && endpoint != NULL && user != NULL);

  login = ensure_login (self, endpoint, user);
  login->bears = MAX (login->taken, 2) - 1;
  login->bears_until = get_now () + POSTSEAL_LIMIT_FOUND_S * G_TIME_SPAN_SECOND;
}

gint64
postseal_servers_report_trouble (PostsealServers *self,
                                 const PostsealEndpoint *endpoint,
                                 gint64 now)
{
  g_autofree char *key = NULL;
  Trouble *trouble;

  g_return_val_if_fail (self != NULL && endpoint != NULL, 0);

  key = postseal_endpoint_to_string (endpoint);
  trouble = g_hash_table_lookup (self->troubles, key);
  if (trouble == NULL)
    {
      trouble = g_new0 (Trouble, 1);
      trouble->backoff = (PostsealBackoff)POSTSEAL_BACKOFF_INIT (POSTSEAL_LIMIT_TROUBLE_FIRST_MS,
                                                                 POSTSEAL_LIMIT_TROUBLE_LONGEST_MS);
      g_hash_table_insert (self->troubles, g_steal_pointer (&key), trouble);
    }
  /* Many accounts that fail together have met one trouble, not one each. */
  if (now >= trouble->not_before)
    trouble->not_before = now + postseal_backoff_next (&trouble->backoff) * G_TIME_SPAN_MILLISECOND;
  return trouble->not_before;
}

void
postseal_servers_report_well (PostsealServers *self, const PostsealEndpoint *endpoint)
{
  g_autofree char *key = NULL;

  g_return_if_fail (self != NULL && endpoint != NULL);

  key = postseal_endpoint_to_string (endpoint);
  g_hash_table_remove (self->troubles, key);
}

void
postseal_servers_forget_trouble (PostsealServers *self)
{
  g_return_if_fail (self != NULL);

  g_hash_table_remove_all (self->troubles);
}

gint64
postseal_servers_get_not_before (PostsealServers *self, const PostsealEndpoint *endpoint)
{
  g_autofree char *key = NULL;
  const Trouble *trouble;

  g_return_val_if_fail (self != NULL && endpoint != NULL, 0);

  key = postseal_endpoint_to_string (endpoint);
  trouble = g_hash_table_lookup (self->troubles, key);
  return trouble == NULL ? 0 : trouble->not_before;
}
