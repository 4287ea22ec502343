/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/loop.h"

static GSource *
attach (GSource *source, GSourceFunc func, gpointer user_data)
{
  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

GSource *
postseal_loop_add_timeout (guint ms, GSourceFunc func, gpointer user_data)
{
  return attach (g_timeout_source_new (ms), func, user_data);
}

static gboolean
dispatch_dormant (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

GSource *
postseal_loop_add_dormant (const char *name, int priority, GSourceFunc func, gpointer user_data)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_dormant };
  GSource *source = g_source_new (&funcs, sizeof (GSource));

  g_source_set_static_name (source, name);
  g_source_set_priority (source, priority);
  g_source_set_ready_time (source, -1);
  return attach (source, func, user_data);
}

GSource *
postseal_loop_add_cancellable (GCancellable *cancellable,
                               GCancellableSourceFunc func,
                               gpointer user_data)
{
  return cancellable != NULL
             ? attach (g_cancellable_source_new (cancellable), G_SOURCE_FUNC (func), user_data)
             : NULL;
}

void
postseal_loop_clear (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}
