/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/forget-job.h"

#include <string.h>

#include "base/lock-file.h"
#include "base/paths.h"
#include "net/latches.h"

/* What has a meaning for people; the rest goes with it. */
static const char *const names[] = { "tls", "voucher", "dane", "mechanism", "keys", NULL };

/* --- what is forgotten --- */

/* Of a history the newest key. Returns: (transfer full) (nullable) */
static char *
find_value (PostsealLatches *latches, const char *endpoint, const char *name)
{
  g_autoptr (GPtrArray) keys = NULL;

  if (!g_str_equal (name, "keys"))
    return postseal_latches_dup (latches, endpoint, name);
  keys = postseal_latches_list_keys (latches, endpoint);
  if (keys->len == 0)
    return NULL;
  return g_strdup (((const PostsealKeyEntry *)g_ptr_array_index (keys, keys->len - 1))->spki);
}

static void
list_endpoint (GVariantBuilder *list, PostsealLatches *latches, const char *endpoint)
{
  for (const char *const *name = names; *name != NULL; name++)
    {
      g_autofree char *value = find_value (latches, endpoint, *name);
      g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

      if (valid == NULL)
        continue;
      g_variant_builder_open (list, G_VARIANT_TYPE ("a{ss}"));
      g_variant_builder_add (list, "{ss}", "server", endpoint);
      g_variant_builder_add (list, "{ss}", "latch", *name);
      g_variant_builder_add (list, "{ss}", "value", valid);
      g_variant_builder_close (list);
    }
}

static void
list_forgotten (GVariantBuilder *list, PostsealLatches *latches)
{
  g_auto (GStrv) endpoints = postseal_latches_list_endpoints (latches);

  for (char **endpoint = endpoints; *endpoint != NULL; endpoint++)
    if (g_utf8_validate (*endpoint, -1, NULL))
      list_endpoint (list, latches, *endpoint);
}

/* --- the file --- */

/* "imap.example.org" is any of its ports. */
static gboolean
is_server (const char *endpoint, const char *server)
{
  gsize length = strlen (server);

  return strcmp (endpoint, server) == 0
         || (strncmp (endpoint, server, length) == 0 && endpoint[length] == ':'
             && strchr (endpoint + length + 1, ':') == NULL);
}

static gboolean
forget_server (
    GVariantBuilder *list, const char *path, const char *server, const char *latch, GError **error)
{
  g_autoptr (PostsealLatches) known = postseal_latches_load (path, error);
  g_auto (GStrv) endpoints = known != NULL ? postseal_latches_list_endpoints (known) : NULL;

  if (known == NULL)
    return FALSE;
  for (char **endpoint = endpoints; *endpoint != NULL; endpoint++)
    {
      g_autoptr (PostsealLatches) forgotten = NULL;

      if (!is_server (*endpoint, server))
        continue;
      forgotten = postseal_latches_forget (path, *endpoint, latch, error);
      if (forgotten == NULL)
        return FALSE;
      list_forgotten (list, forgotten);
    }
  return TRUE;
}

static gboolean
forget (
    GVariantBuilder *list, const char *path, const char *server, const char *latch, GError **error)
{
  g_autoptr (PostsealLatches) forgotten = NULL;

  if (server != NULL)
    return forget_server (list, path, server, latch, error);
  forgotten = postseal_latches_forget (path, NULL, latch, error);
  if (forgotten != NULL)
    list_forgotten (list, forgotten);
  return forgotten != NULL;
}

GVariant *
postseal_forget_now (
    const char *account, const char *server, const char *latch, const char *program, GError **error)
{
  g_autofree char *directory = postseal_paths_account_state_dir (account);
  g_autofree char *lock_path = g_build_filename (directory, POSTSEAL_PATHS_LOCK, NULL);
  g_autofree char *path = g_build_filename (directory, POSTSEAL_PATHS_LATCHES, NULL);
  g_autoptr (PostsealLockFile) lock = NULL;
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{ss}"));

  g_return_val_if_fail (account != NULL, NULL);

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      lock = postseal_lock_file_acquire (lock_path, program, error);
      if (lock == NULL || !forget (&list, path, server, latch, error))
        return NULL;
    }
  return g_variant_ref_sink (g_variant_builder_end (&list));
}

/* --- without blocking --- */

typedef struct
{
  char *account; /* owned, like the others */
  char *server;
  char *latch;
  char *program;
} Wish;

static void
free_wish (Wish *self)
{
  g_free (self->account);
  g_free (self->server);
  g_free (self->latch);
  g_free (self->program);
  g_free (self);
}

static void
forget_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Wish *wish = task_data;
  GError *error = NULL;
  GVariant *forgotten
      = postseal_forget_now (wish->account, wish->server, wish->latch, wish->program, &error);

  if (forgotten != NULL)
    g_task_return_pointer (task, forgotten, (GDestroyNotify)g_variant_unref);
  else
    g_task_return_error (task, error);
}

void
postseal_forget_async (const char *account,
                       const char *server,
                       const char *latch,
                       const char *program,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Wish *wish = NULL;

  g_return_if_fail (account != NULL && program != NULL);

  wish = g_new0 (Wish, 1);
  wish->account = g_strdup (account);
  wish->server = g_strdup (server);
  wish->latch = g_strdup (latch);
  wish->program = g_strdup (program);
  g_task_set_source_tag (task, postseal_forget_async);
  g_task_set_task_data (task, wish, (GDestroyNotify)free_wish);
  g_task_run_in_thread (task, forget_in_thread);
}

GVariant *
postseal_forget_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
