/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/account-page.h"

#include <glib/gi18n.h>

#include "settings/account-removal.h"
#include "settings/advanced-group.h"
#include "settings/consent-page.h"
#include "settings/delivery-group.h"
#include "settings/discard-dialog.h"
#include "settings/folders-page.h"
#include "settings/form-check.h"
#include "settings/keep-group.h"
#include "settings/latch-group.h"
#include "settings/news-group.h"
#include "settings/password-page.h"
#include "settings/person-group.h"
#include "settings/remove-dialog.h"
#include "settings/security-group.h"
#include "settings/server-group.h"
#include "settings/status-group.h"
#include "settings/test-page.h"
#include "settings/trouble-panel.h"
#include "settings/window.h"

/* What follows once the changes are saved. */
typedef enum
{
  STAY,
  LEAVE,
  CLOSE, /* the window */
} Sequel;

struct _PostsealAccountPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  PostsealTroublePanel *panel;
  GtkStack *stack;
  AdwStatusPage *failure_page;
  GtkWidget *content;
  GtkWidget *file_group;
  PostsealStatusGroup *status_group;
  PostsealLatchGroup *latch_group;
  PostsealPersonGroup *person_group;
  PostsealServerGroup *receive_group;
  PostsealServerGroup *send_group;
  PostsealDeliveryGroup *delivery_group;
  PostsealKeepGroup *keep_group;
  PostsealNewsGroup *news_group;
  PostsealSecurityGroup *security_group;
  PostsealAdvancedGroup *advanced_group;
  PostsealSession *session; /* owned */
  char *name; /* owned */
  PostsealAccountForm *form; /* owned, nullable: NULL until it is loaded */
  PostsealTestPage *test_page; /* weak, nullable: while it is open */
  gboolean is_told; /* a mistake was told: it is looked for at each change */
  gboolean is_gone; /* removed, or everything is to be thrown away */
  Sequel sequel; /* of saving */
};

G_DEFINE_FINAL_TYPE (PostsealAccountPage, postseal_account_page, GTK_TYPE_BOX)

static PostsealWindow *
get_window (PostsealAccountPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return POSTSEAL_IS_WINDOW (root) ? POSTSEAL_WINDOW (root) : NULL;
}

static gboolean
has_changes (PostsealAccountPage *self)
{
  return self->form != NULL && !self->is_gone && postseal_account_form_is_changed (self->form);
}

static void
leave (PostsealAccountPage *self)
{
  PostsealWindow *window = get_window (self);

  self->is_gone = TRUE;
  if (window != NULL)
    postseal_window_close_page (window, GTK_WIDGET (self));
}

static gboolean
close_window (gpointer window)
{
  gtk_window_close (window);
  return G_SOURCE_REMOVE;
}

static void
go (PostsealAccountPage *self, Sequel sequel)
{
  PostsealWindow *window = get_window (self);

  if (sequel != STAY)
    leave (self);
  /* Later: the dialog that is answered just now still needs the window. */
  if (sequel == CLOSE && window != NULL)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_window, g_object_ref (window), g_object_unref);
}

/* --- mistakes --- */

/* Returns: (transfer full) (nullable): NULL after the mistake was told, with the cursor there */
static PostsealAccount *
demand_account (PostsealAccountPage *self)
{
  g_autoptr (GError) error = NULL;
  PostsealField *wrong = NULL;
  PostsealAccount *account = postseal_form_check_run (self->content, self->form, &wrong, &error);

  self->is_told = account == NULL;
  if (account != NULL)
    postseal_trouble_panel_show (self->panel, NULL);
  else if (wrong != NULL)
    {
      postseal_trouble_panel_show (self->panel, NULL);
      postseal_field_focus (wrong);
    }
  else
    postseal_trouble_panel_tell (self->panel, _ ("This account has a mistake"), error->message);
  return account;
}

/* --- the form --- */

static void
update (PostsealAccountPage *self)
{
  gboolean receives = postseal_account_form_get (self->form, "receive") != NULL;
  gboolean sends = postseal_account_form_get (self->form, "send") != NULL;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.save", has_changes (self));
  postseal_person_group_set_sends (self->person_group, sends);
  gtk_widget_set_visible (GTK_WIDGET (self->keep_group), receives);
  gtk_widget_set_visible (GTK_WIDGET (self->news_group), receives);
  postseal_security_group_update (self->security_group, self->form);
  postseal_advanced_group_update (self->advanced_group, self->form);
}

static void
on_form_changed (PostsealAccountPage *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccount) account = NULL;

  update (self);
  if (has_changes (self))
    adw_window_title_set_subtitle (self->title, "");
  if (!self->is_told)
    return;
  /* What was told goes as soon as it is mended; nothing new is told while somebody types. */
  account = postseal_account_form_make_account (self->form, &error);
  if (account == NULL)
    return;
  self->is_told = FALSE;
  postseal_field_forget_below (self->content);
  postseal_trouble_panel_show (self->panel, NULL);
}

static void
show_latches (PostsealAccountPage *self)
{
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (self->form, NULL);

  gtk_widget_set_visible (GTK_WIDGET (self->latch_group), account != NULL);
  if (account != NULL)
    postseal_latch_group_show (self->latch_group, account,
                               postseal_session_get_service (self->session));
}

/* An account with a mistake opens with it told, so that it can be mended. */
static void
show_mistake (PostsealAccountPage *self)
{
  g_autoptr (GError) error = NULL;
  PostsealField *wrong = NULL;
  g_autoptr (PostsealAccount) account
      = postseal_form_check_run (self->content, self->form, &wrong, &error);

  /* What no field can mend is mended by hand. */
  gtk_widget_set_visible (self->file_group, account == NULL && wrong == NULL);
  if (account != NULL)
    return;
  self->is_told = TRUE;
  postseal_trouble_panel_tell (self->panel, _ ("This account has a mistake"), error->message);
}

static void
forget_form (PostsealAccountPage *self)
{
  postseal_trouble_panel_show (self->panel, NULL);
  if (self->form != NULL)
    g_signal_handlers_disconnect_by_data (self->form, self);
  g_clear_object (&self->form);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer config, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealAccountForm *form
      = postseal_account_form_load (config, g_object_get_data (G_OBJECT (task), "name"), &error);

  if (form != NULL)
    g_task_return_pointer (task, form, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* The mistakes of the file may be why. */
static void
show_failure (PostsealAccountPage *self, const GError *error)
{
  g_auto (GStrv) problems = postseal_session_dup_problems (self->session);
  g_autofree char *mistakes = g_strjoinv ("\n", problems);
  g_autofree char *text
      = g_strjoin (*mistakes != '\0' ? "\n\n" : "", error->message, mistakes, NULL);
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_status_page_set_description (self->failure_page, escaped);
  gtk_stack_set_visible_child_name (self->stack, "failure");
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;

  forget_form (self);
  self->form = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->form == NULL)
    {
      show_failure (self, error);
      return;
    }
  postseal_field_bind_below (self->content, self->form);
  g_signal_connect_object (self->form, "changed", G_CALLBACK (on_form_changed), self,
                           G_CONNECT_SWAPPED);
  update (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.remove", TRUE);
  gtk_stack_set_visible_child_name (self->stack, "content");
  show_mistake (self);
  show_latches (self);
}

static void
load (PostsealAccountPage *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_loaded, g_object_ref (self));

  g_task_set_source_tag (task, load);
  g_object_set_data_full (G_OBJECT (task), "name", g_strdup (self->name), g_free);
  g_task_set_task_data (task, g_strdup (postseal_session_get_config (self->session)), g_free);
  g_task_run_in_thread (task, load_in_thread);
}

/* --- by hand --- */

static void
on_reload (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);

  postseal_session_refresh (self->session);
  load (self);
}

static void
on_open_file (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);
  g_autoptr (GFile) file = g_file_new_for_path (postseal_session_get_config (self->session));
  g_autofree char *uri = g_file_get_uri (file);

  gtk_show_uri (GTK_WINDOW (get_window (self)), uri, GDK_CURRENT_TIME);
}

/* --- saving --- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_saved
      = postseal_account_form_save_finish (POSTSEAL_ACCOUNT_FORM (source), result, &error);

  update (self);
  if (!is_saved)
    {
      adw_window_title_set_subtitle (self->title, "");
      postseal_trouble_panel_tell (self->panel, _ ("The changes are not saved"), error->message);
      return;
    }
  adw_window_title_set_subtitle (self->title, _ ("Saved"));
  postseal_trouble_panel_show (self->panel, NULL);
  postseal_session_refresh (self->session);
  show_latches (self);
  go (self, self->sequel);
}

static void
save (PostsealAccountPage *self, Sequel sequel)
{
  g_autoptr (PostsealAccount) account = demand_account (self);

  if (account == NULL)
    return;
  self->sequel = sequel;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.save", FALSE);
  adw_window_title_set_subtitle (self->title, _ ("Saving…"));
  postseal_account_form_save_async (self->form, postseal_session_get_config (self->session),
                                    on_saved, g_object_ref (self));
}

static void
on_save (GtkWidget *widget, const char *action, GVariant *parameter)
{
  save (POSTSEAL_ACCOUNT_PAGE (widget), STAY);
}

/* --- leaving --- */

static void
answer (PostsealAccountPage *self, const char *response, Sequel sequel)
{
  if (g_strcmp0 (response, "discard") == 0)
    go (self, sequel);
  else if (g_strcmp0 (response, "save") == 0)
    save (self, sequel);
}

static void
on_leave_response (PostsealAccountPage *self, const char *response)
{
  answer (self, response, LEAVE);
}

static void
on_close_response (PostsealAccountPage *self, const char *response)
{
  answer (self, response, CLOSE);
}

static void
ask (PostsealAccountPage *self, GCallback on_response)
{
  GtkWindow *dialog = postseal_discard_dialog_new (GTK_WINDOW (get_window (self)));

  g_signal_connect_object (dialog, "response", on_response, self, G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

static void
on_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);

  if (has_changes (self))
    ask (self, G_CALLBACK (on_leave_response));
  else
    leave (self);
}

static gboolean
on_close_request (PostsealAccountPage *self)
{
  if (!has_changes (self))
    return GDK_EVENT_PROPAGATE;
  ask (self, G_CALLBACK (on_close_response));
  return GDK_EVENT_STOP;
}

static void
postseal_account_page_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (postseal_account_page_parent_class)->root (widget);
  g_signal_connect_object (gtk_widget_get_root (widget), "close-request",
                           G_CALLBACK (on_close_request), widget, G_CONNECT_SWAPPED);
}

static void
postseal_account_page_unroot (GtkWidget *widget)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_root (widget), on_close_request, widget);
  GTK_WIDGET_CLASS (postseal_account_page_parent_class)->unroot (widget);
}

/* --- removal --- */

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAccountPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_done = postseal_account_removal_run_finish (result, &error);

  postseal_session_refresh (self->session);
  if (is_done)
    {
      leave (self);
      return;
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.remove", TRUE);
  postseal_trouble_panel_tell (self->panel, _ ("Not everything could be removed"), error->message);
}

static void
on_remove_response (PostsealAccountPage *self, const char *response, PostsealRemoveDialog *dialog)
{
  g_autofree char *password = NULL;

  if (g_strcmp0 (response, "remove") != 0)
    return;
  if (postseal_remove_dialog_takes_password (dialog))
    password = postseal_account_form_get_effective (self->form, "password");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.remove", FALSE);
  postseal_account_removal_run_async (postseal_session_get_config (self->session), self->name,
                                      password, on_removed, g_object_ref (self));
}

static void
on_remove (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);
  GtkWindow *dialog
      = postseal_remove_dialog_new (GTK_WINDOW (get_window (self)), self->name, self->form,
                                    postseal_status_group_get_status (self->status_group));

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_remove_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (dialog);
}

/* --- password and test --- */

static void
on_stored (PostsealAccountPage *self)
{
  postseal_session_refresh (self->session);
}

typedef GtkWidget *(*MakePageFunc) (PostsealAccount *account);

static void
open_for_secret (PostsealAccountPage *self, MakePageFunc make_page)
{
  g_autoptr (PostsealAccount) account = demand_account (self);
  GtkWidget *page;

  if (account == NULL)
    return;
  page = make_page (account);
  g_signal_connect_object (page, "stored", G_CALLBACK (on_stored), self, G_CONNECT_SWAPPED);
  postseal_window_open (get_window (self), page);
}

static void
on_password (GtkWidget *widget, const char *action, GVariant *parameter)
{
  open_for_secret (POSTSEAL_ACCOUNT_PAGE (widget), postseal_password_page_new);
}

static void
on_sign_in (GtkWidget *widget, const char *action, GVariant *parameter)
{
  open_for_secret (POSTSEAL_ACCOUNT_PAGE (widget), postseal_consent_page_new);
}

/* Takes what the test has proven to work, and tests that. */
static void
take_better (PostsealAccountPage *self, gboolean sending)
{
  PostsealEndpoint *better = postseal_test_page_get_better (self->test_page, sending);
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) old = NULL;
  g_autoptr (PostsealAccount) account = NULL;

  if (better == NULL)
    return;
  old = postseal_account_form_get_endpoint (self->form, sending, &user);
  postseal_account_form_set_endpoint (self->form, sending, better, user);
  account = demand_account (self);
  if (account != NULL)
    postseal_test_page_run (self->test_page, account);
}

static void
on_remedy (PostsealAccountPage *self, int remedy, gboolean sending)
{
  switch (remedy)
    {
    case POSTSEAL_REMEDY_ENDPOINT:
      take_better (self, sending);
      break;
    case POSTSEAL_REMEDY_PASSWORD:
      gtk_widget_activate_action (GTK_WIDGET (self), "account.password", NULL);
      break;
    case POSTSEAL_REMEDY_BROWSER:
      gtk_widget_activate_action (GTK_WIDGET (self), "account.sign-in", NULL);
      break;
    case POSTSEAL_REMEDY_FORGET:
      postseal_latch_group_forget (self->latch_group);
      break;
    default:
      break;
    }
}

static void
on_test (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);
  g_autoptr (PostsealAccount) account = demand_account (self);
  GtkWidget *page;

  if (account == NULL)
    return;
  page = postseal_test_page_new (account);
  g_set_weak_pointer (&self->test_page, POSTSEAL_TEST_PAGE (page));
  g_signal_connect_object (page, "remedy", G_CALLBACK (on_remedy), self, G_CONNECT_SWAPPED);
  postseal_window_open (get_window (self), page);
}

/* --- folders --- */

static void
on_folders (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (widget);
  g_autoptr (PostsealAccount) account = demand_account (self);
  GtkWidget *page;

  if (account == NULL || account->receive == NULL
      || account->receive->protocol != POSTSEAL_PROTOCOL_IMAP)
    return;
  page = postseal_folders_page_new (account, self->form);
  g_signal_connect_object (page, "remedy", G_CALLBACK (on_remedy), self, G_CONNECT_SWAPPED);
  postseal_window_open (get_window (self), page);
}

/* --- latches --- */

static void
on_forgotten (PostsealAccountPage *self)
{
  postseal_session_refresh (self->session);
}

static void
on_forget_failed (PostsealAccountPage *self, const char *message)
{
  postseal_trouble_panel_tell (self->panel, _ ("Nothing was forgotten"), message);
}

/* --- GObject --- */

GtkWidget *
postseal_account_page_new (PostsealSession *session, const char *name)
{
  PostsealAccountPage *self;

  g_return_val_if_fail (POSTSEAL_IS_SESSION (session), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  self = g_object_new (POSTSEAL_TYPE_ACCOUNT_PAGE, NULL);
  self->session = g_object_ref (session);
  self->name = g_strdup (name);
  adw_window_title_set_title (self->title, name);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.save", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "account.remove", FALSE);
  postseal_status_group_follow (self->status_group, session, name);
  load (self);
  return GTK_WIDGET (self);
}

const char *
postseal_account_page_get_name (PostsealAccountPage *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ACCOUNT_PAGE (self), NULL);

  return self->name;
}

static void
postseal_account_page_dispose (GObject *object)
{
  PostsealAccountPage *self = POSTSEAL_ACCOUNT_PAGE (object);

  g_clear_weak_pointer (&self->test_page);
  g_clear_object (&self->session);
  g_clear_object (&self->form);
  G_OBJECT_CLASS (postseal_account_page_parent_class)->dispose (object);
}

static void
postseal_account_page_finalize (GObject *object)
{
  g_free (POSTSEAL_ACCOUNT_PAGE (object)->name);
  G_OBJECT_CLASS (postseal_account_page_parent_class)->finalize (object);
}

static void
ensure_types (void)
{
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  g_type_ensure (POSTSEAL_TYPE_STATUS_GROUP);
  g_type_ensure (POSTSEAL_TYPE_LATCH_GROUP);
  g_type_ensure (POSTSEAL_TYPE_PERSON_GROUP);
  g_type_ensure (POSTSEAL_TYPE_SERVER_GROUP);
  g_type_ensure (POSTSEAL_TYPE_DELIVERY_GROUP);
  g_type_ensure (POSTSEAL_TYPE_KEEP_GROUP);
  g_type_ensure (POSTSEAL_TYPE_NEWS_GROUP);
  g_type_ensure (POSTSEAL_TYPE_SECURITY_GROUP);
  g_type_ensure (POSTSEAL_TYPE_ADVANCED_GROUP);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "account.save", NULL, on_save);
  gtk_widget_class_install_action (widget_class, "account.back", NULL, on_back);
  gtk_widget_class_install_action (widget_class, "account.remove", NULL, on_remove);
  gtk_widget_class_install_action (widget_class, "account.password", NULL, on_password);
  gtk_widget_class_install_action (widget_class, "account.sign-in", NULL, on_sign_in);
  gtk_widget_class_install_action (widget_class, "account.reload", NULL, on_reload);
  gtk_widget_class_install_action (widget_class, "account.open-file", NULL, on_open_file);
  gtk_widget_class_install_action (widget_class, "account.test", NULL, on_test);
  gtk_widget_class_install_action (widget_class, "account.folders", NULL, on_folders);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "account.save",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "account.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "account.back",
                                       NULL);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, failure_page);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, content);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, file_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, status_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, latch_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, person_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, receive_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, send_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, delivery_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, keep_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, news_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, security_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAccountPage, advanced_group);
  gtk_widget_class_bind_template_callback (widget_class, on_forgotten);
  gtk_widget_class_bind_template_callback (widget_class, on_forget_failed);
}

static void
postseal_account_page_class_init (PostsealAccountPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_account_page_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_account_page_finalize;
  widget_class->root = postseal_account_page_root;
  widget_class->unroot = postseal_account_page_unroot;
  ensure_types ();
  install_actions (widget_class);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/account-page.ui");
  bind_children (widget_class);
}

static void
postseal_account_page_init (PostsealAccountPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
