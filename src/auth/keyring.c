/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "auth/keyring.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "auth/vault.h"
#include "base/limits.h"
#include "base/printable.h"

/* The Secret Service API 0.2, spoken as it is: libsecret has no way to take a prompt back, and its
   collections are made with all their items. */
#define SECRETS "org.freedesktop.secrets"
#define SECRETS_PATH "/org/freedesktop/secrets"
#define SERVICE "org.freedesktop.Secret.Service"
#define COLLECTION "org.freedesktop.Secret.Collection"
#define PROMPT "org.freedesktop.Secret.Prompt"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define BUS "org.freedesktop.DBus"
#ifdef HAVE_LIBSECRET /* what is stored there needs it */
#define IS_BUILT TRUE
#else
#define IS_BUILT FALSE
#endif
#define NOTHING "/" /* for an object that is not there */

/* One question or one unlocking: the task's data. */
typedef struct
{
  gboolean is_unlocking; /* else: asks for the state only */
  GDBusConnection *bus; /* owned, nullable */
  char *owner; /* owned, nullable: unique name of the service */
  char *collection; /* owned, nullable: the default one */
  char *prompt; /* owned, nullable: while it is shown */
  guint completed_id; /* subscriptions, 0: none */
  guint gone_id;
  GSource *cancel_source; /* owned, nullable */
} Errand;

static void
hear_no_more (Errand *self)
{
  if (self->completed_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->completed_id);
  if (self->gone_id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->gone_id);
  self->completed_id = self->gone_id = 0;
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
  g_clear_pointer (&self->prompt, g_free);
}

static void
errand_free (Errand *self)
{
  hear_no_more (self);
  g_clear_object (&self->bus);
  g_free (self->owner);
  g_free (self->collection);
  g_free (self);
}

/* --- ends --- */

static void
return_state (GTask *task, PostsealKeyringState state)
{
  g_task_return_int (task, state);
}

static void
return_unavailable (GTask *task, const GError *error)
{
  g_autofree char *reason = NULL;
  g_autoptr (GError) copy = g_error_copy (error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&copy));
      return;
    }
  g_dbus_error_strip_remote_error (copy);
  reason = postseal_printable (copy->message, -1);
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
                           _ ("No keyring answers. Start the one of your desktop, or keep the "
                              "password in another place: “%s”"),
                           reason);
}

static void
return_locked (GTask *task)
{
  g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_LOCKED,
                           _ ("The keyring was not unlocked"));
}

/* Nothing but an answer in the right shape is one. */
static void
end_without_service (GTask *task, const GError *error)
{
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GError) strange = NULL;

  if (!self->is_unlocking)
    {
      return_state (task, POSTSEAL_KEYRING_ABSENT);
      return;
    }
  strange
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("its answer makes no sense"));
  return_unavailable (task, error != NULL ? error : strange);
}

/* --- asking --- */

static void
call (GTask *task,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *reply_type,
      GAsyncReadyCallback callback)
{
  Errand *self = g_task_get_task_data (task);

  g_dbus_connection_call (self->bus, self->owner != NULL ? self->owner : SECRETS, path, interface,
                          method, parameters, G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE,
                          POSTSEAL_LIMIT_SECRET_MS, g_task_get_cancellable (task), callback, task);
}

/* Returns: (transfer full) (nullable): NULL when the task has ended for want of it */
static GVariant *
take_answer (GTask *task, GObject *bus, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (answer == NULL)
    end_without_service (task, error);
  return answer;
}

static void unlock (GTask *task);
static void make_collection (GTask *task);

static void
on_locked_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GVariant) answer = take_answer (task, source, result);
  g_autoptr (GVariant) value = NULL;

  if (answer == NULL)
    return;
  g_variant_get (answer, "(v)", &value);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    end_without_service (task, NULL);
  else if (self->is_unlocking && g_variant_get_boolean (value))
    return_locked (task);
  else if (self->is_unlocking)
    g_task_return_boolean (task, TRUE);
  else
    return_state (task,
                  g_variant_get_boolean (value) ? POSTSEAL_KEYRING_LOCKED : POSTSEAL_KEYRING_OPEN);
}

static void
ask_whether_locked (GTask *task)
{
  Errand *self = g_task_get_task_data (task);

  call (task, self->collection, PROPERTIES, "Get", g_variant_new ("(ss)", COLLECTION, "Locked"),
        "(v)", on_locked_known);
}

static void
on_owner_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GVariant) answer = take_answer (task, source, result);

  if (answer == NULL)
    return;
  g_variant_get (answer, "(s)", &self->owner);
  if (strcmp (self->collection, NOTHING) == 0)
    make_collection (g_steal_pointer (&task));
  else
    unlock (g_steal_pointer (&task));
}

static void
on_default_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GVariant) answer = take_answer (task, source, result);

  if (answer == NULL)
    return;
  g_variant_get (answer, "(o)", &self->collection);
  if (self->is_unlocking)
    g_dbus_connection_call (self->bus, BUS, "/org/freedesktop/DBus", BUS, "GetNameOwner",
                            g_variant_new ("(s)", SECRETS), G_VARIANT_TYPE ("(s)"),
                            G_DBUS_CALL_FLAGS_NONE, POSTSEAL_LIMIT_SECRET_MS,
                            g_task_get_cancellable (task), on_owner_known, g_object_ref (task));
  else if (strcmp (self->collection, NOTHING) == 0)
    return_state (task, POSTSEAL_KEYRING_NONE_YET);
  else
    ask_whether_locked (g_steal_pointer (&task));
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    end_without_service (task, error);
  else
    call (g_steal_pointer (&task), SECRETS_PATH, SERVICE, "ReadAlias",
          g_variant_new ("(s)", "default"), "(o)", on_default_known);
}

/* --- the prompt --- */

/* Whoever comes first ends it: its answer, its service's end, the caller. Returns: FALSE when it
   has ended already */
static gboolean
end_prompt (GTask *task)
{
  Errand *self = g_task_get_task_data (task);

  if (self->prompt == NULL)
    return FALSE;
  hear_no_more (self);
  return TRUE;
}

static void
on_completed (GDBusConnection *bus,
              const char *sender,
              const char *path,
              const char *interface,
              const char *member,
              GVariant *parameters,
              gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GVariant) value = NULL;
  gboolean is_dismissed = TRUE;

  if (!end_prompt (task))
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    g_variant_get (parameters, "(bv)", &is_dismissed, &value);
  if (is_dismissed)
    {
      return_locked (task);
      return;
    }
  /* A collection that was made. */
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH))
    {
      g_free (self->collection);
      self->collection = g_variant_dup_string (value, NULL);
    }
  ask_whether_locked (g_steal_pointer (&task));
}

static void
on_name_changed (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *member,
                 GVariant *parameters,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("it has ended"));

  if (end_prompt (task))
    return_unavailable (task, error);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Errand *self = g_task_get_task_data (task);
  g_autofree char *prompt = g_strdup (self->prompt);

  if (end_prompt (task))
    {
      g_dbus_connection_call (self->bus, self->owner, prompt, PROMPT, "Dismiss", NULL, NULL,
                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      g_task_return_error_if_cancelled (task);
    }
  return G_SOURCE_REMOVE;
}

static void
on_prompt_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer == NULL && end_prompt (task))
    return_unavailable (task, error);
}

/* Signals hold a reference to @task each, so that it lives as long as it waits. */
static void
show_prompt (GTask *task, const char *prompt)
{
  Errand *self = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->prompt = g_strdup (prompt);
  self->completed_id = g_dbus_connection_signal_subscribe (
      self->bus, self->owner, PROMPT, "Completed", prompt, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      on_completed, g_object_ref (task), g_object_unref);
  self->gone_id = g_dbus_connection_signal_subscribe (
      self->bus, BUS, BUS, "NameOwnerChanged", "/org/freedesktop/DBus", self->owner,
      G_DBUS_SIGNAL_FLAGS_NONE, on_name_changed, g_object_ref (task), g_object_unref);
  if (cancellable != NULL)
    {
      self->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_cancelled), g_object_ref (task),
                             g_object_unref);
      g_source_attach (self->cancel_source, g_main_context_get_thread_default ());
    }
  /* No limit, and not cancelled half-way: it may wait for the person. */
  g_dbus_connection_call (self->bus, self->owner, prompt, PROMPT, "Prompt",
                          g_variant_new ("(s)", ""), NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                          on_prompt_shown, g_object_ref (task));
}

/* @task: (transfer full) */
static void
show_prompt_if_any (GTask *task, const char *prompt)
{
  g_autoptr (GTask) owned = task;

  if (strcmp (prompt, NOTHING) == 0)
    ask_whether_locked (g_steal_pointer (&owned));
  else
    show_prompt (task, prompt);
}

static void
on_unlock_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) answer = take_answer (task, source, result);
  const char *prompt = NULL;

  if (answer == NULL)
    return;
  g_variant_get (answer, "(@ao&o)", NULL, &prompt);
  show_prompt_if_any (g_steal_pointer (&task), prompt);
}

static void
unlock (GTask *task)
{
  Errand *self = g_task_get_task_data (task);
  const char *collections[] = { self->collection };

  call (task, SECRETS_PATH, SERVICE, "Unlock",
        g_variant_new ("(@ao)", g_variant_new_objv (collections, G_N_ELEMENTS (collections))),
        "(aoo)", on_unlock_answered);
}

static void
on_collection_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Errand *self = g_task_get_task_data (task);
  g_autoptr (GVariant) answer = take_answer (task, source, result);
  const char *prompt = NULL;

  if (answer == NULL)
    return;
  g_clear_pointer (&self->collection, g_free);
  g_variant_get (answer, "(o&o)", &self->collection, &prompt);
  show_prompt_if_any (g_steal_pointer (&task), prompt);
}

static void
make_collection (GTask *task)
{
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", COLLECTION ".Label",
                         g_variant_new_string (_ ("Login")));
  call (task, SECRETS_PATH, SERVICE, "CreateCollection",
        g_variant_new ("(a{sv}s)", &properties, "default"), "(oo)", on_collection_answered);
}

/* --- public --- */

static void
begin (gboolean is_unlocking,
       gpointer source_tag,
       GCancellable *cancellable,
       GAsyncReadyCallback callback,
       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Errand *self = g_new0 (Errand, 1);

  self->is_unlocking = is_unlocking;
  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, self, (GDestroyNotify)errand_free);
  if (IS_BUILT)
    g_bus_get (G_BUS_TYPE_SESSION, cancellable, on_bus, g_steal_pointer (&task));
  else if (is_unlocking)
    g_task_return_new_error (task, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE,
                             _ ("This build of Postseal has no keyring"));
  else
    return_state (task, POSTSEAL_KEYRING_NOT_BUILT);
}

void
postseal_keyring_get_state_async (GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  begin (FALSE, postseal_keyring_get_state_async, cancellable, callback, user_data);
}

PostsealKeyringState
postseal_keyring_get_state_finish (GAsyncResult *result)
{
  gssize state;

  g_return_val_if_fail (g_task_is_valid (result, NULL), POSTSEAL_KEYRING_ABSENT);

  state = g_task_propagate_int (G_TASK (result), NULL);
  return state >= 0 ? (PostsealKeyringState)state : POSTSEAL_KEYRING_ABSENT;
}

void
postseal_keyring_unlock_async (GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  begin (TRUE, postseal_keyring_unlock_async, cancellable, callback, user_data);
}

gboolean
postseal_keyring_unlock_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
