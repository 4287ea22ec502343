/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-who.h"

#include <string.h>

#include <glib/gi18n.h>

#include "net/discovery-settings.h"
#include "settings/accessible-entry.h"
#include "settings/source-row.h"

#define PAUSE_MS 500 /* so long nobody types in the middle of an address */

struct _PostsealAddWho
{
  GtkBox parent;

  AdwEntryRow *name_row; /* template children */
  AdwEntryRow *address_row;
  GtkLabel *hint_label;
  AdwPreferencesGroup *sources_group;
  GtkListBox *sources_list;
  GtkCheckButton *list_check;
  GtkLabel *list_label;
  GtkWidget *rows[POSTSEAL_N_SOURCES]; /* borrowed: from the list */
  char *address; /* owned, nullable: complete */
  char *in_clear; /* owned, nullable: what a source has told of servers without encryption */
  char *failure; /* owned, nullable: of the usual server names */
  PostsealDiscovery *discovery; /* owned, nullable: of this address */
  GCancellable *cancellable; /* owned, nullable: while it searches */
  guint pause; /* source */
  gboolean is_awaited; /* the person wants to go on as soon as it is over */
};

G_DEFINE_FINAL_TYPE (PostsealAddWho, postseal_add_who, GTK_TYPE_BOX)

enum
{
  SIGNAL_ACTIVATED,
  SIGNAL_FOUND,
  SIGNAL_BY_HAND,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* --- the line below the address, in one fixed place --- */

static void
hint (PostsealAddWho *self, const char *text, gboolean is_mistake)
{
  void (*mark) (GtkWidget * widget, const char *css_class)
      = is_mistake ? gtk_widget_add_css_class : gtk_widget_remove_css_class;

  gtk_label_set_label (self->hint_label, text);
  mark (GTK_WIDGET (self->hint_label), "error");
  mark (GTK_WIDGET (self->address_row), "error");
}

/* --- the search --- */

static void
forget_search (PostsealAddWho *self)
{
  g_clear_handle_id (&self->pause, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_awaited = FALSE;
  if (self->discovery != NULL)
    g_signal_handlers_disconnect_by_data (self->discovery, self);
  g_clear_object (&self->discovery);
  g_clear_pointer (&self->in_clear, g_free);
  g_clear_pointer (&self->failure, g_free);
}

void
postseal_add_who_cancel (PostsealAddWho *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_WHO (self));

  g_clear_handle_id (&self->pause, g_source_remove);
  if (self->cancellable == NULL)
    return;
  forget_search (self);
  hint (self, "", FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->sources_group), FALSE);
}

static void
replace (char **text, const char *by)
{
  g_free (*text);
  *text = g_strdup (by);
}

static void
on_source (PostsealAddWho *self, guint source, guint state, const char *text)
{
  g_return_if_fail (source < POSTSEAL_N_SOURCES);

  postseal_source_row_show (POSTSEAL_SOURCE_ROW (self->rows[source]), state, text);
  if (state == POSTSEAL_SOURCE_IN_CLEAR)
    replace (&self->in_clear, text);
  else if (state == POSTSEAL_SOURCE_FAILED && source == POSTSEAL_SOURCE_GUESS)
    replace (&self->failure, text);
}

static void
tell_end (PostsealAddWho *self, GPtrArray *proposals)
{
  if (proposals->len > 0)
    hint (self, _ ("Found. Press Next to see it."), FALSE);
  else
    hint (self, _ ("Nobody knows the servers of this address. Press Next to name them."), FALSE);
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddWho) self = user_data;
  g_autoptr (GPtrArray) proposals
      = postseal_discovery_run_finish (POSTSEAL_DISCOVERY (source), result, NULL);

  if (proposals == NULL || POSTSEAL_DISCOVERY (source) != self->discovery)
    return;
  g_clear_object (&self->cancellable);
  tell_end (self, proposals);
  if (!self->is_awaited)
    return;
  self->is_awaited = FALSE;
  g_signal_emit (self, signals[SIGNAL_FOUND], 0);
}

static void
search (PostsealAddWho *self)
{
  gboolean may_ask_list = gtk_check_button_get_active (self->list_check);
  const char *domain = strrchr (self->address, '@') + 1;
  g_autofree char *text = g_strdup_printf (_ ("Looking for the servers of %s…"), domain);

  forget_search (self);
  hint (self, text, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->sources_group), TRUE);
  for (guint i = 0; i < POSTSEAL_N_SOURCES; i++)
    postseal_source_row_show (POSTSEAL_SOURCE_ROW (self->rows[i]), POSTSEAL_SOURCE_ASKED, NULL);
  self->discovery = postseal_discovery_new (self->address, may_ask_list);
  g_signal_connect_object (self->discovery, "source-changed", G_CALLBACK (on_source), self,
                           G_CONNECT_SWAPPED);
  self->cancellable = g_cancellable_new ();
  postseal_discovery_run_async (self->discovery, self->cancellable, on_searched,
                                g_object_ref (self));
}

/* --- the address --- */

/* Returns: what is wrong, or NULL */
static char *
read_address (PostsealAddWho *self)
{
  g_autoptr (GError) error = NULL;

  g_free (self->address);
  self->address = postseal_discovery_check_address (
      gtk_editable_get_text (GTK_EDITABLE (self->address_row)), &error);
  return error != NULL ? g_strdup (error->message) : NULL;
}

static gboolean
on_pause (gpointer user_data)
{
  PostsealAddWho *self = user_data;
  g_autofree char *mistake = read_address (self);

  self->pause = 0;
  /* A mistake is not told in the middle of a word. */
  if (mistake == NULL)
    search (self);
  return G_SOURCE_REMOVE;
}

static void
on_address_changed (PostsealAddWho *self)
{
  forget_search (self);
  hint (self, "", FALSE);
  g_clear_pointer (&self->address, g_free);
  gtk_widget_set_visible (GTK_WIDGET (self->sources_group), FALSE);
  self->pause = g_timeout_add (PAUSE_MS, on_pause, self);
}

void
postseal_add_who_refuse (PostsealAddWho *self, const char *reason)
{
  g_return_if_fail (POSTSEAL_IS_ADD_WHO (self));

  hint (self, reason, TRUE);
  gtk_widget_error_bell (GTK_WIDGET (self));
  postseal_accessible_entry_select (self->address_row);
}

/* TRUE when it is complete; else the mistake is told. */
static gboolean
demand_address (PostsealAddWho *self)
{
  g_autofree char *mistake = read_address (self);

  if (mistake != NULL)
    postseal_add_who_refuse (self, mistake);
  return mistake == NULL;
}

void
postseal_add_who_go_on (PostsealAddWho *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_WHO (self));

  g_clear_handle_id (&self->pause, g_source_remove);
  if (!demand_address (self))
    return;
  if (self->discovery == NULL)
    search (self);
  self->is_awaited = self->cancellable != NULL;
  if (!self->is_awaited)
    g_signal_emit (self, signals[SIGNAL_FOUND], 0);
}

static void
on_activated (PostsealAddWho *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

static void
on_by_hand (PostsealAddWho *self)
{
  if (demand_address (self))
    g_signal_emit (self, signals[SIGNAL_BY_HAND], 0);
}

static void
on_list_toggled (PostsealAddWho *self)
{
  gboolean is_awaited = self->is_awaited;

  if (self->address == NULL)
    return;
  search (self);
  self->is_awaited = is_awaited;
}

/* --- public --- */

void
postseal_add_who_begin (PostsealAddWho *self)
{
  gboolean has_name;

  g_return_if_fail (POSTSEAL_IS_ADD_WHO (self));

  has_name = *gtk_editable_get_text (GTK_EDITABLE (self->name_row)) != '\0';
  postseal_accessible_entry_select (has_name ? self->address_row : self->name_row);
}

const char *
postseal_add_who_get_address (PostsealAddWho *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_WHO (self), NULL);

  return self->address;
}

char *
postseal_add_who_dup_full_name (PostsealAddWho *self)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (POSTSEAL_IS_ADD_WHO (self), NULL);

  name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  return *name != '\0' ? g_steal_pointer (&name) : NULL;
}

PostsealDiscovery *
postseal_add_who_get_discovery (PostsealAddWho *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_WHO (self), NULL);

  return self->discovery;
}

const char *
postseal_add_who_get_reason (PostsealAddWho *self, gboolean *ret_in_clear)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_WHO (self), NULL);

  *ret_in_clear = self->in_clear != NULL;
  return self->in_clear != NULL ? self->in_clear : self->failure;
}

/* --- GObject --- */

/* The person's own name, but no log-in name that stands for one. */
static void
prefill_name (PostsealAddWho *self)
{
  const char *name = g_get_real_name ();

  if (name != NULL && *name != '\0' && g_ascii_strcasecmp (name, "Unknown") != 0
      && g_ascii_strcasecmp (name, "root") != 0
      && g_ascii_strcasecmp (name, g_get_user_name ()) != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
}

static void
load_settings (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, postseal_discovery_settings_load (),
                         (GDestroyNotify)postseal_discovery_settings_free);
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddWho) self = user_data;
  g_autoptr (PostsealDiscoverySettings) settings = g_task_propagate_pointer (G_TASK (result), NULL);
  gboolean has_list = settings != NULL && settings->list != NULL && *settings->list != '\0';

  gtk_widget_set_visible (GTK_WIDGET (self->list_check), has_list);
  gtk_widget_set_visible (GTK_WIDGET (self->list_label), has_list);
  if (has_list && settings->ask_list)
    gtk_check_button_set_active (self->list_check, TRUE);
}

static void
postseal_add_who_finalize (GObject *object)
{
  PostsealAddWho *self = POSTSEAL_ADD_WHO (object);

  g_free (self->address);
  G_OBJECT_CLASS (postseal_add_who_parent_class)->finalize (object);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_add_who_unroot (GtkWidget *widget)
{
  forget_search (POSTSEAL_ADD_WHO (widget));
  GTK_WIDGET_CLASS (postseal_add_who_parent_class)->unroot (widget);
}

static void
postseal_add_who_class_init (PostsealAddWhoClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  static const char *const names[N_SIGNALS] = { "activated", "found", "by-hand" };

  G_OBJECT_CLASS (class)->finalize = postseal_add_who_finalize;
  widget_class->unroot = postseal_add_who_unroot;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/add-who.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, name_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, address_row);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, hint_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, sources_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, sources_list);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, list_check);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddWho, list_label);
  gtk_widget_class_bind_template_callback (widget_class, on_address_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_list_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_by_hand);
}

static void
postseal_add_who_init (PostsealAddWho *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_settings, g_object_ref (self));

  gtk_widget_init_template (GTK_WIDGET (self));
  postseal_accessible_entry_name (self->name_row);
  postseal_accessible_entry_name (self->address_row);
  for (guint i = 0; i < POSTSEAL_N_SOURCES; i++)
    {
      self->rows[i] = postseal_source_row_new (i);
      gtk_list_box_append (self->sources_list, self->rows[i]);
    }
  prefill_name (self);
  g_task_run_in_thread (task, load_settings);
}
