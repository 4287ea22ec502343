/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/consent.h"

#include "auth/authorization.h"
#include "auth/device-authorization.h"
#include "base/loop.h"
#include "setup/redirect-listener.h"

struct _PostsealConsent
{
  GObject parent;

  char *spec; /* owned */
  char *account; /* owned */
  char *user; /* owned */
  PostsealConsentWay way;
  GTask *task; /* owned, nullable: while the user is waited for */
  GSource *cancel_source; /* owned, nullable */
  PostsealRedirectListener *listener; /* owned, nullable */
  PostsealAuthorization *authorization; /* owned, nullable */
  PostsealDeviceAuthorization *device; /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (PostsealConsent, postseal_consent, G_TYPE_OBJECT)

static guint signal_open;

gboolean
postseal_consent_is_possible (const char *spec, PostsealConsentWay way)
{
  g_return_val_if_fail (spec != NULL, FALSE);

  return way == POSTSEAL_CONSENT_DEVICE ? postseal_device_authorization_is_possible (spec)
                                        : postseal_authorization_is_possible (spec);
}

/* --- the end --- */

/* @error: (transfer full) (nullable) */
static void
end (PostsealConsent *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  postseal_loop_clear (&self->cancel_source);
  g_clear_pointer (&self->listener, postseal_redirect_listener_free);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GError *error = NULL;

  (void)g_cancellable_set_error_if_cancelled (cancellable, &error);
  end (user_data, error);
  return G_SOURCE_REMOVE;
}

/* Only while the user is waited for: what is under way then ends by itself, and its result is
   dropped. */
static void
heed_cancelling (PostsealConsent *self)
{
  self->cancel_source
      = postseal_loop_add_cancellable (g_task_get_cancellable (self->task), on_cancelled, self);
}

static void
tell (PostsealConsent *self, const char *uri, const char *code)
{
  g_signal_emit (self, signal_open, 0, uri, code);
}

/* --- in the browser --- */

static void
on_browser_complete (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsent) self = user_data;
  GError *error = NULL;

  (void)postseal_authorization_complete_finish (self->authorization, result, &error);
  end (self, error);
}

/* With this the user has decided: nothing is cancelled any more. */
static gboolean
on_redirect (const char *query, gpointer user_data)
{
  PostsealConsent *self = user_data;

  if (self->authorization == NULL || !postseal_authorization_is_answer (self->authorization, query))
    return FALSE;
  postseal_loop_clear (&self->cancel_source);
  g_task_set_check_cancellable (self->task, FALSE);
  postseal_authorization_complete_async (self->authorization, query, on_browser_complete,
                                         g_object_ref (self));
  return TRUE;
}

static void
on_browser_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsent) self = user_data;
  GError *error = NULL;

  self->authorization = postseal_authorization_begin_finish (result, &error);
  if (self->task == NULL)
    g_clear_error (&error);
  else if (self->authorization == NULL)
    end (self, error);
  else
    tell (self, postseal_authorization_get_uri (self->authorization), "");
}

static void
begin_in_browser (PostsealConsent *self)
{
  GError *error = NULL;

  self->listener = postseal_redirect_listener_new (on_redirect, self, &error);
  if (self->listener == NULL)
    {
      end (self, error);
      return;
    }
  heed_cancelling (self);
  postseal_authorization_begin_async (self->spec, self->account, self->user,
                                      postseal_redirect_listener_get_port (self->listener),
                                      on_browser_begun, g_object_ref (self));
}

/* --- on another device --- */

static void
on_device_complete (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsent) self = user_data;
  GError *error = NULL;

  (void)postseal_device_authorization_complete_finish (self->device, result, &error);
  end (self, error);
}

static void
on_device_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealConsent) self = user_data;
  GError *error = NULL;

  self->device = postseal_device_authorization_begin_finish (result, &error);
  if (self->task == NULL)
    g_clear_error (&error);
  else if (self->device == NULL)
    end (self, error);
  else
    {
      /* From here on it is the waiting itself that is cancelled. */
      postseal_loop_clear (&self->cancel_source);
      g_task_set_check_cancellable (self->task, FALSE);
      postseal_device_authorization_complete_async (self->device,
                                                    g_task_get_cancellable (self->task),
                                                    on_device_complete, g_object_ref (self));
      tell (self, postseal_device_authorization_get_uri (self->device),
            postseal_device_authorization_get_code (self->device));
    }
}

static void
begin_on_device (PostsealConsent *self)
{
  heed_cancelling (self);
  postseal_device_authorization_begin_async (self->spec, self->account, on_device_begun,
                                             g_object_ref (self));
}

/* --- public --- */

void
postseal_consent_run_async (PostsealConsent *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (POSTSEAL_IS_CONSENT (self));
  g_return_if_fail (self->task == NULL && self->authorization == NULL && self->device == NULL);

  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, postseal_consent_run_async);
  if (self->way == POSTSEAL_CONSENT_DEVICE)
    begin_on_device (self);
  else
    begin_in_browser (self);
}

gboolean
postseal_consent_run_finish (PostsealConsent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

PostsealConsent *
postseal_consent_new (const char *spec,
                      const char *account,
                      const char *user,
                      PostsealConsentWay way)
{
  PostsealConsent *self;

  g_return_val_if_fail (spec != NULL && account != NULL && user != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_CONSENT, NULL);
  self->spec = g_strdup (spec);
  self->account = g_strdup (account);
  self->user = g_strdup (user);
  self->way = way;
  return self;
}

static void
finalize (GObject *object)
{
  PostsealConsent *self = POSTSEAL_CONSENT (object);

  g_free (self->spec);
  g_free (self->account);
  g_free (self->user);
  g_clear_pointer (&self->authorization, postseal_authorization_free);
  g_clear_pointer (&self->device, postseal_device_authorization_free);
  G_OBJECT_CLASS (postseal_consent_parent_class)->finalize (object);
}

static void
postseal_consent_class_init (PostsealConsentClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
  signal_open = g_signal_new ("open", POSTSEAL_TYPE_CONSENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
postseal_consent_init (PostsealConsent *self)
{
}
