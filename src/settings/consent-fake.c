/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for setup/consent.h until that is built: nobody can be asked. */
#include "setup/consent.h"

struct _PostsealConsent
{
  GObject parent;
};

G_DEFINE_FINAL_TYPE (PostsealConsent, postseal_consent, G_TYPE_OBJECT)

gboolean
postseal_consent_is_possible (const char *spec, PostsealConsentWay way)
{
  return FALSE;
}

PostsealConsent *
postseal_consent_new (const char *spec,
                      const char *account,
                      const char *user,
                      PostsealConsentWay way)
{
  return g_object_new (POSTSEAL_TYPE_CONSENT, NULL);
}

void
postseal_consent_run_async (PostsealConsent *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "not built");
}

gboolean
postseal_consent_run_finish (PostsealConsent *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
postseal_consent_class_init (PostsealConsentClass *class)
{
  g_signal_new ("open", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
postseal_consent_init (PostsealConsent *self)
{
}
