/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/receiving.h"

#include <account.h>
#include <common/hooks.h>
#include <common/log.h>
#include <glib/gi18n-lib.h>
#include <mainwindow.h>
#include <statusbar.h>

#include "claws/intake.h"
#include "claws/take-over.h"
#include "net/seal.h"

#define PROGRESS_MS 300

/* An account of the host that Postseal receives for. Lives on while an answer is under way. */
typedef struct
{
  PostsealClawsReceiving *receiving; /* borrowed, NULL: it is received no more */
  int id;
  char *account; /* owned: of Postseal */
  PostsealClawsIntake *intake; /* owned, nullable */
  gboolean is_fetching; /* as somebody asked */
  gboolean is_to_fetch_again; /* somebody has asked since */
  guint n_new; /* filed and not yet told */
  char *last_error; /* owned, nullable: told */
} Box;

struct _PostsealClawsReceiving
{
  PostsealClawsFront *front; /* owned */
  PostsealClawsBindings *bindings; /* owned */
  GHashTable *boxes; /* owned (element-type int Box) */
  GHashTable *leaving; /* owned (element-type utf8 Box): received no more; what lies in the spool is
                          filed all the same */
  GCancellable *cancellable; /* owned */
  gulong hook;
  guint progress; /* source */
  gboolean has_line; /* in the status bar */
};

static void
clear_box (gpointer data)
{
  Box *self = data;

  g_free (self->account);
  g_free (self->last_error);
}

static void
release_box (Box *self)
{
  g_rc_box_release_full (self, clear_box);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Box, release_box)

static void
end_box (gpointer data)
{
  Box *self = data;

  self->receiving = NULL;
  g_clear_pointer (&self->intake, postseal_claws_intake_free);
  release_box (self);
}

/* --- words --- */

static void
show_line (PostsealClawsReceiving *self, const char *line)
{
  if (self->has_line)
    statusbar_pop_all ();
  statusbar_print_all ("%s", line);
  self->has_line = TRUE;
}

/* "TLS 1.3, work". Returns: (transfer full) */
static char *
describe (const Box *box)
{
  g_autoptr (PostsealAccountStatus) status
      = postseal_claws_front_find_account (box->receiving->front, box->account);
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (PostsealSeal) seal = NULL;

  if (status != NULL)
    g_object_get (status, "receive-seal", &variant, NULL);
  seal = variant != NULL ? postseal_seal_from_variant (variant) : NULL;
  if (seal == NULL || seal->tls_version == NULL)
    return g_strdup (box->account);
  return g_strdup_printf ("%s, %s", seal->tls_version, box->account);
}

static void
tell_count (Box *box)
{
  g_autofree char *facts = describe (box);
  g_autofree char *line = NULL;

  if (box->n_new > 0)
    line = g_strdup_printf (_ ("Postseal: %u new, %s"), box->n_new, facts);
  else
    line = g_strdup_printf (_ ("Postseal: nothing new, %s"), facts);
  box->n_new = 0;
  g_clear_pointer (&box->last_error, g_free);
  show_line (box->receiving, line);
  log_message (LOG_PROTOCOL, "%s\n", line);
}

/* Never a dialog: nobody may be there. The same is not said twice. */
static void
tell_error (Box *box, const char *message)
{
  g_autofree char *line = g_strdup_printf ("Postseal: %s: %s", box->account, message);

  show_line (box->receiving, line);
  if (g_strcmp0 (box->last_error, message) == 0)
    return;
  g_free (box->last_error);
  box->last_error = g_strdup (message);
  log_error (LOG_PROTOCOL, "%s\n", line);
}

static gboolean
on_progress (gpointer user_data)
{
  PostsealClawsReceiving *self = user_data;
  GHashTableIter iter;
  gpointer box;
  gboolean is_fetching = FALSE;

  g_hash_table_iter_init (&iter, self->boxes);
  while (g_hash_table_iter_next (&iter, NULL, &box))
    {
      g_autoptr (PostsealAccountStatus) status = NULL;
      g_autofree char *line = NULL;
      guint64 done = 0, total = 0;

      if (!((Box *)box)->is_fetching)
        continue;
      is_fetching = TRUE;
      status = postseal_claws_front_find_account (self->front, ((Box *)box)->account);
      if (status != NULL)
        g_object_get (status, "messages-done", &done, "messages-total", &total, NULL);
      if (total == 0)
        continue;
      line = g_strdup_printf (_ ("Postseal: getting message %lu of %lu, %s"), (gulong)done,
                              (gulong)total, ((Box *)box)->account);
      show_line (self, line);
    }
  if (!is_fetching)
    self->progress = 0;
  return is_fetching;
}

/* --- what happens --- */

static void
on_filed (int id, guint n_filed, const GError *error, gpointer user_data)
{
  Box *box = user_data;

  box->n_new += n_filed;
  if (error != NULL)
    tell_error (box, error->message);
  else if (!box->is_fetching && box->n_new > 0)
    tell_count (box);
}

static void fetch_box (Box *box);

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Box) box = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer
      = postseal_claws_front_request_finish (POSTSEAL_CLAWS_FRONT (source), result, &error);
  const char *message = error != NULL ? error->message : "";
  guint64 n_delivered = 0;

  box->is_fetching = FALSE;
  if (box->receiving == NULL)
    return;
  if (answer != NULL)
    {
      g_variant_lookup (answer, "error", "&s", &message);
      g_variant_lookup (answer, "delivered", "t", &n_delivered);
      postseal_claws_intake_look (box->intake);
    }
  if (*message != '\0')
    tell_error (box, message);
  /* Those that are not filed yet will be told when they are. */
  else if (box->n_new > 0 || n_delivered == 0)
    tell_count (box);
  if (box->is_to_fetch_again)
    fetch_box (box);
}

static void
fetch_box (Box *box)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);
  PostsealClawsReceiving *self = box->receiving;

  box->is_to_fetch_again = box->is_fetching;
  if (box->is_fetching)
    return;
  box->is_fetching = TRUE;
  g_variant_dict_insert (&dict, "account", "s", box->account);
  postseal_claws_front_request_async (self->front, POSTSEAL_SERVICE_FETCH,
                                      g_variant_dict_end (&dict), NULL, self->cancellable,
                                      on_fetched, g_rc_box_acquire (box));
  if (self->progress == 0)
    self->progress = g_timeout_add (PROGRESS_MS, on_progress, self);
}

static void
on_mail_arrived (PostsealClawsFront *front,
                 const char *account,
                 GVariant *details,
                 PostsealClawsReceiving *self)
{
  int id = postseal_claws_bindings_find (self->bindings, account, POSTSEAL_CLAWS_RECEIVE);
  Box *box = g_hash_table_lookup (self->boxes, GINT_TO_POINTER (id));

  if (box != NULL)
    postseal_claws_intake_look (box->intake);
}

/* --- beginning and end of the duty --- */

static void
on_taken_over (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Box) box = user_data;
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_take_over_delivery_finish (result, &error) && box->receiving != NULL)
    tell_error (box, error->message);
}

/* Returns: (transfer full): files what comes into its spool */
static Box *
new_box (PostsealClawsReceiving *self, int id, const char *account)
{
  Box *box = g_rc_box_new0 (Box);

  box->receiving = self;
  box->id = id;
  box->account = g_strdup (account);
  box->intake = postseal_claws_intake_new (id, account, on_filed, box);
  return box;
}

static void
begin (PostsealClawsReceiving *self, int id, const char *account)
{
  Box *box;

  g_hash_table_remove (self->leaving, account);
  box = new_box (self, id, account);
  g_hash_table_insert (self->boxes, GINT_TO_POINTER (id), box);
  postseal_claws_take_over_delivery_async (account, id, NULL, on_taken_over,
                                           g_rc_box_acquire (box));
}

static void
on_given_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!postseal_claws_give_back_delivery_finish (result, &error))
    log_error (LOG_PROTOCOL, "Postseal: %s\n", error->message);
}

static void
end (PostsealClawsReceiving *self, int id)
{
  Box *box = g_hash_table_lookup (self->boxes, GINT_TO_POINTER (id));

  postseal_claws_give_back_delivery_async (box->account, on_given_back, NULL);
  box->is_to_fetch_again = FALSE;
  g_hash_table_steal (self->boxes, GINT_TO_POINTER (id));
  if (account_find_from_id (id) != NULL)
    g_hash_table_replace (self->leaving, box->account, box);
  else
    end_box (box);
}

/* As the bindings want it. */
static void
follow (PostsealClawsReceiving *self, int id)
{
  Box *box = g_hash_table_lookup (self->boxes, GINT_TO_POINTER (id));
  g_autofree char *wanted = NULL;

  if (postseal_claws_bindings_does (self->bindings, id, POSTSEAL_CLAWS_RECEIVE)
      && account_find_from_id (id) != NULL)
    wanted = g_strdup (postseal_claws_bindings_get_account (self->bindings, id));
  if (box != NULL && g_strcmp0 (box->account, wanted) == 0)
    return;
  if (box != NULL)
    end (self, id);
  if (wanted != NULL)
    begin (self, id, wanted);
}

static void
follow_all (PostsealClawsReceiving *self)
{
  g_autoptr (GArray) ids = postseal_claws_bindings_list (self->bindings, POSTSEAL_CLAWS_RECEIVE);

  for (guint i = 0; i < ids->len; i++)
    follow (self, g_array_index (ids, int, i));
}

/* Accounts that were received in an earlier run, which has not come to the end of that. */
static void
leave_all (PostsealClawsReceiving *self)
{
  g_autoptr (GPtrArray) all = postseal_claws_taken_over_list ();

  for (guint i = 0; i < all->len; i++)
    {
      const PostsealClawsTakenOver *one = g_ptr_array_index (all, i);
      Box *box;

      if (postseal_claws_bindings_find (self->bindings, one->account, POSTSEAL_CLAWS_RECEIVE) != 0)
        continue;
      postseal_claws_give_back_delivery_async (one->account, on_given_back, NULL);
      if (account_find_from_id (one->id) == NULL)
        continue;
      box = new_box (self, one->id, one->account);
      g_hash_table_replace (self->leaving, box->account, box);
    }
}

static void
on_binding_changed (PostsealClawsBindings *bindings, int id, PostsealClawsReceiving *self)
{
  follow (self, id);
}

/* The user may have changed, made or removed some. */
static gboolean
on_host_accounts_changed (gpointer source, gpointer user_data)
{
  follow_all (user_data);
  return FALSE;
}

/* --- public --- */

PostsealClawsReceiving *
postseal_claws_receiving_new (PostsealClawsFront *front, PostsealClawsBindings *bindings)
{
  PostsealClawsReceiving *self;

  g_return_val_if_fail (POSTSEAL_IS_CLAWS_FRONT (front), NULL);
  g_return_val_if_fail (POSTSEAL_IS_CLAWS_BINDINGS (bindings), NULL);

  self = g_new0 (PostsealClawsReceiving, 1);
  self->front = g_object_ref (front);
  self->bindings = g_object_ref (bindings);
  self->boxes = g_hash_table_new_full (NULL, NULL, NULL, end_box);
  self->leaving = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, end_box);
  self->cancellable = g_cancellable_new ();
  g_signal_connect (front, "mail-arrived", G_CALLBACK (on_mail_arrived), self);
  g_signal_connect (bindings, "changed", G_CALLBACK (on_binding_changed), self);
  self->hook = hooks_register_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, on_host_accounts_changed, self);
  follow_all (self);
  leave_all (self);
  return self;
}

void
postseal_claws_receiving_free (PostsealClawsReceiving *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->progress, g_source_remove);
  hooks_unregister_hook (ACCOUNT_LIST_CHANGED_HOOKLIST, self->hook);
  g_signal_handlers_disconnect_by_data (self->front, self);
  g_signal_handlers_disconnect_by_data (self->bindings, self);
  g_hash_table_unref (self->boxes);
  g_hash_table_unref (self->leaving);
  g_object_unref (self->front);
  g_object_unref (self->bindings);
  g_object_unref (self->cancellable);
  g_free (self);
}

void
postseal_claws_receiving_fetch (PostsealClawsReceiving *self, int id)
{
  GHashTableIter iter;
  gpointer key, box;

  g_return_if_fail (self != NULL);

  g_hash_table_iter_init (&iter, self->boxes);
  while (g_hash_table_iter_next (&iter, &key, &box))
    if (id == 0 || GPOINTER_TO_INT (key) == id)
      fetch_box (box);
}
