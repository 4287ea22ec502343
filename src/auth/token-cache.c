/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/token-cache-private.h"

#include <time.h>

#include "auth/credential-private.h"

#define MARGIN_S 60
#define JITTER_S 30
#define UNKNOWN_LIFETIME_S 300
#define LONGEST_LIFETIME_S (30 * 86400)

typedef struct
{
  PostsealCredential *token; /* owned, nullable */
  gint64 until_s; /* of the boot clock, which goes on in suspend */
  gboolean is_refused; /* the token before was */
  GPtrArray *waiting; /* owned (element-type GTask): the fetch is under way when not NULL */
} Entry;

G_LOCK_DEFINE_STATIC (entries);
static GHashTable *entries; /* owned: name to Entry. An entry is its context's alone */
static gint64 fake_now_s;

PostsealFreshToken *
_postseal_fresh_token_new (PostsealCredential *token, gint64 lifetime_s)
{
  PostsealFreshToken *self = g_new0 (PostsealFreshToken, 1);

  self->token = postseal_credential_ref (token);
  self->lifetime_s = lifetime_s;
  return self;
}

void
_postseal_fresh_token_free (PostsealFreshToken *self)
{
  postseal_credential_unref (self->token);
  g_free (self);
}

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->token, postseal_credential_unref);
  g_clear_pointer (&entry->waiting, g_ptr_array_unref);
  g_free (entry);
}

static gint64
get_now_s (void)
{
  struct timespec now = { 0 };

  if (fake_now_s != 0)
    return fake_now_s;
  clock_gettime (CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

static GMainContext *
get_context (void)
{
  GMainContext *context = g_main_context_get_thread_default ();

  return context != NULL ? context : g_main_context_default ();
}

/* Returns: (transfer none): it stays until the process ends, there is one for an account */
static Entry *
get_entry (const char *place, const char *account)
{
  g_autofree char *name = g_strdup_printf ("%p\n%s\n%s", (void *)get_context (), place, account);
  Entry *entry = NULL;

  G_LOCK (entries);
  if (entries == NULL)
    entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_entry);
  entry = g_hash_table_lookup (entries, name);
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (entries, g_steal_pointer (&name), entry);
    }
  G_UNLOCK (entries);
  return entry;
}

static void
keep_token (Entry *entry, const PostsealFreshToken *fresh)
{
  gint64 lifetime
      = fresh->lifetime_s > 0 ? MIN (fresh->lifetime_s, LONGEST_LIFETIME_S) : UNKNOWN_LIFETIME_S;
  gint64 margin = MARGIN_S + g_random_int_range (0, JITTER_S + 1);

  g_clear_pointer (&entry->token, postseal_credential_unref);
  entry->token = postseal_credential_ref (fresh->token);
  entry->until_s = get_now_s () + MAX (lifetime - margin, lifetime / 2);
  entry->is_refused = FALSE;
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&entry->waiting);
  g_autoptr (GError) error = NULL;
  PostsealFreshToken *fresh = g_task_propagate_pointer (G_TASK (result), &error);

  if (fresh != NULL)
    keep_token (entry, fresh);
  for (guint i = 0; i < waiting->len; i++)
    if (fresh != NULL)
      g_task_return_pointer (g_ptr_array_index (waiting, i), postseal_credential_ref (fresh->token),
                             (GDestroyNotify)postseal_credential_unref);
    else
      g_task_return_error (g_ptr_array_index (waiting, i), g_error_copy (error));
  g_clear_pointer (&fresh, _postseal_fresh_token_free);
}

void
_postseal_token_cache_lookup (PostsealVault *vault,
                              const char *place,
                              const char *account,
                              PostsealTokenFetchFunc fetch,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (vault, NULL, callback, user_data);
  Entry *entry = get_entry (place, account);

  g_task_set_source_tag (task, _postseal_token_cache_lookup);
  if (entry->waiting != NULL)
    g_ptr_array_add (entry->waiting, g_steal_pointer (&task));
  else if (entry->token != NULL && get_now_s () < entry->until_s)
    g_task_return_pointer (task, postseal_credential_ref (entry->token),
                           (GDestroyNotify)postseal_credential_unref);
  else
    {
      g_clear_pointer (&entry->token, postseal_credential_unref);
      entry->waiting = g_ptr_array_new_with_free_func (g_object_unref);
      g_ptr_array_add (entry->waiting, g_steal_pointer (&task));
      fetch (vault, account, entry->is_refused, g_task_new (vault, NULL, on_fetched, entry));
    }
}

void
_postseal_token_cache_invalidate (const char *place, const char *account, PostsealCredential *token)
{
  Entry *entry = get_entry (place, account);

  if (entry->token == NULL
      || (token != NULL && !_postseal_credential_is_same (entry->token, token)))
    return;
  g_clear_pointer (&entry->token, postseal_credential_unref);
  entry->is_refused = token != NULL;
}

void
_postseal_token_cache_reset (gint64 now_s)
{
  G_LOCK (entries);
  fake_now_s = now_s;
  g_clear_pointer (&entries, g_hash_table_unref);
  G_UNLOCK (entries);
}

void
_postseal_token_cache_set_now (gint64 now_s)
{
  fake_now_s = now_s;
}
