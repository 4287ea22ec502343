/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/consent-ways.h"

static void
find (GTask *task, gpointer source, gpointer spec, GCancellable *cancellable)
{
  gssize ways = 0;

  if (postseal_consent_is_possible (spec, POSTSEAL_CONSENT_BROWSER))
    ways |= 1 << POSTSEAL_CONSENT_BROWSER;
  if (postseal_consent_is_possible (spec, POSTSEAL_CONSENT_DEVICE))
    ways |= 1 << POSTSEAL_CONSENT_DEVICE;
  g_task_return_int (task, ways);
}

void
postseal_consent_ways_find_async (const char *spec,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (spec != NULL);

  g_task_set_source_tag (task, postseal_consent_ways_find_async);
  g_task_set_task_data (task, g_strdup (spec), g_free);
  g_task_run_in_thread (task, find);
}

gboolean
postseal_consent_ways_find_finish (GAsyncResult *result,
                                   gboolean *ret_browser,
                                   gboolean *ret_device,
                                   GError **error)
{
  gssize ways;

  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  ways = g_task_propagate_int (G_TASK (result), error);
  if (ways < 0)
    return FALSE;
  *ret_browser = (ways & (1 << POSTSEAL_CONSENT_BROWSER)) != 0;
  *ret_device = (ways & (1 << POSTSEAL_CONSENT_DEVICE)) != 0;
  return TRUE;
}
