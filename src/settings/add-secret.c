/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-secret.h"

#include <glib/gi18n.h>

#include "auth/keyring.h"
#include "auth/vault.h"
#include "settings/account-maker.h"
#include "settings/consent-view.h"
#include "settings/secret-place.h"
#include "settings/sign-in-group.h"
#include "settings/test-view.h"
#include "settings/trouble-panel.h"
#include "setup/account-latches.h"

typedef enum
{
  ASKING, /* the person has the word */
  CONSENTING, /* signs in on the provider's page */
  UNLOCKING, /* the keyring asks */
  TESTING,
  SAVING,
  MADE,
} State;

struct _PostsealAddSecret
{
  GtkBox parent;

  PostsealSignInGroup *sign_in_group; /* template children */
  PostsealSecretPlace *place_group;
  AdwPreferencesGroup *panel_group;
  PostsealTroublePanel *panel;
  AdwPreferencesGroup *consent_group;
  PostsealConsentView *consent_view;
  AdwPreferencesGroup *test_group;
  PostsealTestView *test_view;
  AdwPreferencesGroup *untested_group;
  GtkLabel *untested_label;
  GtkButton *untested_button;
  State state;
  PostsealAccountForm *form; /* owned, nullable */
  char *config; /* owned */
  char *oauth; /* owned, nullable: value of the key "password" for signing in in the browser */
  PostsealCredential *secret; /* owned, nullable: what is tested, and then stored */
  GCancellable *cancellable; /* owned, nullable: of the unlocking */
  void (*unlocked) (PostsealAddSecret *self); /* what it is for */
  PostsealConsentWay way;
  gboolean wants_test;
  gboolean is_tested; /* with this very secret */
  gboolean is_refused; /* this very password: it is not tried again */
  gboolean has_token; /* stored by a consent, of an account that is not there yet */
};

G_DEFINE_FINAL_TYPE (PostsealAddSecret, postseal_add_secret, GTK_TYPE_BOX)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATED,
  SIGNAL_BLAMED,
  SIGNAL_MADE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static const char no_network[] = N_ ("There is no network now. The account can be added all the "
                                     "same; whether it works will show when there is one.");

static void
set_state (PostsealAddSecret *self, State state)
{
  gboolean is_asking = state == ASKING;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  self->state = state;
  /* What becomes insensitive must not have the focus; the page gives it to another. */
  if (!is_asking && root != NULL && gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL)
    gtk_root_set_focus (root, NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->sign_in_group), is_asking);
  gtk_widget_set_sensitive (GTK_WIDGET (self->place_group), is_asking);
  gtk_widget_set_sensitive (GTK_WIDGET (self->untested_button), is_asking);
  gtk_widget_set_visible (GTK_WIDGET (self->consent_group), state == CONSENTING);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
tell (PostsealAddSecret *self, const char *title, const char *text)
{
  postseal_trouble_panel_tell (self->panel, title, text);
  gtk_widget_set_visible (GTK_WIDGET (self->panel_group), TRUE);
}

static void
forget_error (PostsealAddSecret *self)
{
  postseal_trouble_panel_show (self->panel, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->panel_group), FALSE);
}

static void
offer_untested (PostsealAddSecret *self, const char *reason)
{
  gtk_label_set_label (self->untested_label, reason);
  gtk_widget_set_visible (GTK_WIDGET (self->untested_group), TRUE);
}

static void
look_for_network (PostsealAddSecret *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->untested_group), FALSE);
  if (!g_network_monitor_get_network_available (g_network_monitor_get_default ()))
    offer_untested (self, _ (no_network));
}

/* --- the account is written --- */

static void
on_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddSecret) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_made = postseal_account_maker_run_finish (result, &error);
  gboolean is_tested = self->is_tested;

  if (is_made)
    self->has_token = FALSE;
  if (self->state != SAVING)
    return; /* the page was left */
  if (!is_made)
    {
      tell (self, _ ("The account could not be saved; nothing has been changed"), error->message);
      set_state (self, ASKING);
      return;
    }
  postseal_sign_in_group_forget (self->sign_in_group);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  set_state (self, MADE);
  g_signal_emit (self, signals[SIGNAL_MADE], 0, is_tested);
}

static void
save (PostsealAddSecret *self)
{
  set_state (self, SAVING);
  postseal_account_maker_run_async (self->form, self->config, self->secret, on_made,
                                    g_object_ref (self));
}

/* --- the test --- */

/* About the servers, and not about who signs in there. */
static gboolean
is_about_server (const PostsealTrouble *trouble)
{
  return trouble->kind < POSTSEAL_TROUBLE_PASSWORD && trouble->kind != POSTSEAL_TROUBLE_NO_NETWORK;
}

static void
weigh_trouble (PostsealAddSecret *self, const PostsealTrouble *trouble)
{
  if (trouble == NULL)
    return;
  if (trouble->kind == POSTSEAL_TROUBLE_PASSWORD || trouble->kind == POSTSEAL_TROUBLE_APP_PASSWORD)
    {
      self->is_refused = self->is_refused || self->secret != NULL;
      postseal_sign_in_group_focus (self->sign_in_group);
    }
  else if (trouble->kind == POSTSEAL_TROUBLE_NO_NETWORK)
    offer_untested (self, _ (no_network));
  else if (trouble->kind == POSTSEAL_TROUBLE_REFUSED || trouble->kind == POSTSEAL_TROUBLE_SILENT)
    offer_untested (self, _ ("The server cannot be reached now. The account can be added all the "
                             "same; whether it works will show when it can."));
  if (is_about_server (trouble))
    g_signal_emit (self, signals[SIGNAL_BLAMED], 0, trouble);
}

static void
on_test_ended (PostsealAddSecret *self, gboolean passed)
{
  PostsealLiveTest *test = postseal_test_view_get_test (self->test_view);

  if (self->state != TESTING)
    return;
  self->is_tested = passed;
  if (passed)
    {
      save (self);
      return;
    }
  set_state (self, ASKING);
  weigh_trouble (self, postseal_live_test_get_trouble (test, TRUE));
  weigh_trouble (self, postseal_live_test_get_trouble (test, FALSE));
}

static void
run_test (PostsealAddSecret *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (self->form, &error);
  g_autoptr (PostsealLiveTest) test = NULL;

  if (account == NULL)
    {
      tell (self, _ ("That cannot be right"), error->message);
      set_state (self, ASKING);
      return;
    }
  forget_error (self);
  test = postseal_live_test_new (account, self->secret);
  gtk_widget_set_visible (GTK_WIDGET (self->test_group), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->untested_group), FALSE);
  set_state (self, TESTING);
  postseal_test_view_run (self->test_view, test);
}

/* --- the keyring --- */

static void
proceed (PostsealAddSecret *self)
{
  if (self->wants_test && !self->is_tested)
    run_test (self);
  else
    save (self);
}

static void
show_no_keyring (PostsealAddSecret *self)
{
  tell (self, _ ("There is no keyring to keep the password in"),
        _ ("Name a command or a file of your own under “Where it is kept”. Or start the keyring of "
           "your desktop, and press Continue again."));
}

static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddSecret) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = postseal_keyring_unlock_finish (result, &error);

  if (self->state != UNLOCKING || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  postseal_secret_place_look (self->place_group);
  if (is_open)
    {
      self->unlocked (self);
      return;
    }
  if (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE))
    show_no_keyring (self);
  else
    tell (self, _ ("The keyring stays locked"), error->message);
  set_state (self, ASKING);
}

/* The keyring must be ready to take a secret before a server has seen it. An open one asks nobody
   anything; what the page has been told of it may be old. */
static void
unlock (PostsealAddSecret *self, void (*unlocked) (PostsealAddSecret *self))
{
  set_state (self, UNLOCKING);
  self->unlocked = unlocked;
  self->cancellable = g_cancellable_new ();
  postseal_keyring_unlock_async (self->cancellable, on_unlocked, g_object_ref (self));
}

static void
stop_unlocking (PostsealAddSecret *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* --- the main act --- */

static gboolean
wants_no_secret (PostsealAddSecret *self)
{
  return g_strcmp0 (postseal_account_form_get (self->form, "auth"), "none") == 0;
}

static void
set_spec (PostsealAddSecret *self, const char *spec)
{
  postseal_account_form_set (self->form, "password", spec);
}

/* From where somebody else keeps it. */
static void
take_other_place (PostsealAddSecret *self, const char *spec)
{
  if (!postseal_secret_place_demand (self->place_group))
    return;
  set_spec (self, spec);
  proceed (self);
}

static void
take_password (PostsealAddSecret *self)
{
  PostsealCredential *secret = postseal_sign_in_group_dup_secret (self->sign_in_group);

  if (secret == NULL || self->is_refused)
    {
      g_clear_pointer (&secret, postseal_credential_unref);
      gtk_widget_error_bell (GTK_WIDGET (self));
      postseal_sign_in_group_focus (self->sign_in_group);
      return;
    }
  self->secret = secret;
  set_spec (self, NULL);
  unlock (self, proceed);
}

static void
begin_anew (PostsealAddSecret *self, gboolean wants_test)
{
  g_autofree char *spec = postseal_secret_place_dup_spec (self->place_group);

  forget_error (self);
  self->wants_test = wants_test;
  g_clear_pointer (&self->secret, postseal_credential_unref);
  if (wants_no_secret (self))
    proceed (self);
  else if (spec != NULL)
    take_other_place (self, spec);
  else if (self->has_token)
    {
      set_spec (self, self->oauth);
      proceed (self);
    }
  else
    take_password (self);
}

void
postseal_add_secret_go_on (PostsealAddSecret *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_SECRET (self));

  if (self->state == ASKING)
    begin_anew (self, TRUE);
}

static void
on_untested (PostsealAddSecret *self)
{
  begin_anew (self, FALSE);
}

gboolean
postseal_add_secret_can_go_on (PostsealAddSecret *self)
{
  g_autofree char *spec = NULL;

  g_return_val_if_fail (POSTSEAL_IS_ADD_SECRET (self), FALSE);

  if (self->form == NULL || self->state != ASKING)
    return FALSE;
  spec = postseal_secret_place_dup_spec (self->place_group);
  return spec != NULL || self->has_token || wants_no_secret (self)
         || postseal_sign_in_group_has_password (self->sign_in_group);
}

/* --- what the person does --- */

static void
on_password_changed (PostsealAddSecret *self)
{
  self->is_refused = FALSE;
  self->is_tested = FALSE;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_place_changed (PostsealAddSecret *self)
{
  g_autofree char *spec = postseal_secret_place_dup_spec (self->place_group);

  self->is_tested = FALSE;
  postseal_sign_in_group_set_wanted (self->sign_in_group, spec == NULL && !wants_no_secret (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_activated (PostsealAddSecret *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

static void
on_online (PostsealAddSecret *self, const char *id)
{
  g_autofree char *spec = g_strconcat ("goa:", id, NULL);

  forget_error (self);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  set_spec (self, spec);
  self->is_tested = FALSE;
  run_test (self);
}

/* --- the provider's page --- */

static void
run_consent (PostsealAddSecret *self)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_login (self->form, &user);
  g_autoptr (PostsealConsent) consent = NULL;

  consent = postseal_consent_new (self->oauth, postseal_account_form_get_name (self->form), user,
                                  self->way);
  set_state (self, CONSENTING);
  postseal_consent_view_run (self->consent_view, consent, self->way);
}

static void
begin_consent (PostsealAddSecret *self, PostsealConsentWay way)
{
  if (self->oauth == NULL)
    return;
  forget_error (self);
  /* A password that was typed before is neither tested in place of the token nor stored as one. */
  g_clear_pointer (&self->secret, postseal_credential_unref);
  set_spec (self, self->oauth);
  self->way = way;
  gtk_widget_set_visible (GTK_WIDGET (self->test_group), FALSE);
  unlock (self, run_consent);
}

static void
on_consent_wanted (PostsealAddSecret *self, int way)
{
  begin_consent (self, (PostsealConsentWay)way);
}

static void
on_consent_ended (PostsealAddSecret *self, gboolean is_stored, const char *message)
{
  if (self->state != CONSENTING)
    return;
  self->has_token = self->has_token || is_stored;
  self->is_tested = FALSE;
  if (is_stored)
    {
      run_test (self);
      return;
    }
  tell (self, _ ("Signing in came to nothing"), message);
  set_state (self, ASKING);
}

/* --- what can be done about a trouble --- */

static void
take_better (PostsealAddSecret *self, const PostsealTrouble *trouble, gboolean sending)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) old
      = postseal_account_form_get_endpoint (self->form, sending, &user);

  if (trouble == NULL || trouble->better == NULL || old == NULL)
    return;
  postseal_account_form_set_endpoint (self->form, sending, trouble->better, user);
  if (self->secret != NULL && self->is_refused)
    postseal_sign_in_group_focus (self->sign_in_group); /* another one is wanted first */
  else
    run_test (self);
}

static void
on_forgotten (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddSecret) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_forgotten = postseal_account_latches_forget_finish (result, &error);

  if (self->state != ASKING)
    return;
  if (is_forgotten)
    postseal_add_secret_go_on (self);
  else
    tell (self, _ ("What is known of the server could not be forgotten"), error->message);
}

static void
on_remedy (PostsealAddSecret *self, int remedy, gboolean sending)
{
  PostsealLiveTest *test = postseal_test_view_get_test (self->test_view);

  if (self->state != ASKING)
    return;
  switch ((PostsealRemedy)remedy)
    {
    case POSTSEAL_REMEDY_RETRY:
      postseal_add_secret_go_on (self);
      break;
    case POSTSEAL_REMEDY_ENDPOINT:
      take_better (self, postseal_live_test_get_trouble (test, sending), sending);
      break;
    case POSTSEAL_REMEDY_PASSWORD:
      postseal_sign_in_group_focus (self->sign_in_group);
      break;
    case POSTSEAL_REMEDY_BROWSER:
      begin_consent (self, POSTSEAL_CONSENT_BROWSER);
      break;
    case POSTSEAL_REMEDY_UNLOCK:
      self->wants_test = TRUE;
      unlock (self, proceed);
      break;
    case POSTSEAL_REMEDY_FORGET:
      /* From an account of this name that was here before. */
      postseal_account_latches_forget_async (NULL, postseal_account_form_get_name (self->form),
                                             "postseal-settings", on_forgotten,
                                             g_object_ref (self));
      break;
    case POSTSEAL_REMEDY_NONE:
    case POSTSEAL_REMEDY_URI: /* the panel has opened it */
    default:
      break;
    }
}

/* --- public --- */

void
postseal_add_secret_begin (PostsealAddSecret *self,
                           PostsealAccountForm *form,
                           const PostsealProposal *proposal,
                           const char *config)
{
  g_return_if_fail (POSTSEAL_IS_ADD_SECRET (self));
  g_return_if_fail (POSTSEAL_IS_ACCOUNT_FORM (form));

  g_set_object (&self->form, form);
  g_free (self->config);
  self->config = g_strdup (config);
  g_free (self->oauth);
  self->oauth = proposal != NULL && proposal->oauth != NULL
                    ? g_strconcat ("oauth:", proposal->oauth, NULL)
                    : NULL;
  self->is_tested = FALSE;
  self->is_refused = FALSE;
  forget_error (self);
  gtk_widget_set_visible (GTK_WIDGET (self->test_group), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->sign_in_group), !wants_no_secret (self));
  /* A command or a file would have a password, which is not taken. */
  gtk_widget_set_visible (GTK_WIDGET (self->place_group),
                          !wants_no_secret (self) && !(proposal != NULL && proposal->wants_oauth));
  postseal_sign_in_group_begin (self->sign_in_group, form, proposal);
  postseal_secret_place_look (self->place_group);
  look_for_network (self);
  set_state (self, ASKING);
  postseal_sign_in_group_focus (self->sign_in_group);
}

/* A consent of an account that came to nothing. */
static void
forget_token (PostsealAddSecret *self)
{
  if (self->has_token && self->state != SAVING)
    postseal_account_maker_clear_secret (self->oauth, postseal_account_form_get_name (self->form));
  self->has_token = FALSE;
}

gboolean
postseal_add_secret_cancel (PostsealAddSecret *self)
{
  State state;

  g_return_val_if_fail (POSTSEAL_IS_ADD_SECRET (self), FALSE);

  state = self->state;
  if (state == ASKING || state == MADE)
    return FALSE;
  if (state == SAVING)
    return TRUE;
  if (state == CONSENTING)
    postseal_consent_view_cancel (self->consent_view);
  if (state == TESTING)
    postseal_test_view_cancel (self->test_view);
  stop_unlocking (self);
  set_state (self, ASKING);
  postseal_sign_in_group_focus (self->sign_in_group);
  return TRUE;
}

void
postseal_add_secret_leave (PostsealAddSecret *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_SECRET (self));

  (void)postseal_add_secret_cancel (self);
  postseal_sign_in_group_forget (self->sign_in_group);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  forget_token (self);
}

/* --- GObject --- */

static void
postseal_add_secret_dispose (GObject *object)
{
  g_clear_object (&POSTSEAL_ADD_SECRET (object)->form);
  G_OBJECT_CLASS (postseal_add_secret_parent_class)->dispose (object);
}

static void
postseal_add_secret_finalize (GObject *object)
{
  PostsealAddSecret *self = POSTSEAL_ADD_SECRET (object);

  g_free (self->config);
  g_free (self->oauth);
  G_OBJECT_CLASS (postseal_add_secret_parent_class)->finalize (object);
}

static void
make_signals (GType type)
{
  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACTIVATED]
      = g_signal_new ("activated", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_BLAMED] = g_signal_new ("blamed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_MADE] = g_signal_new ("made", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (POSTSEAL_TYPE_SIGN_IN_GROUP);
  g_type_ensure (POSTSEAL_TYPE_SECRET_PLACE);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  g_type_ensure (POSTSEAL_TYPE_CONSENT_VIEW);
  g_type_ensure (POSTSEAL_TYPE_TEST_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/add-secret.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, sign_in_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, place_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, panel_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, consent_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, consent_view);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, test_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, test_view);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, untested_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, untested_label);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddSecret, untested_button);
  gtk_widget_class_bind_template_callback (widget_class, on_password_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_consent_wanted);
  gtk_widget_class_bind_template_callback (widget_class, on_online);
  gtk_widget_class_bind_template_callback (widget_class, on_place_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_consent_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_test_ended);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_untested);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_add_secret_unroot (GtkWidget *widget)
{
  PostsealAddSecret *self = POSTSEAL_ADD_SECRET (widget);

  stop_unlocking (self);
  forget_token (self);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  self->state = MADE; /* nothing that ends now has anybody to tell */
  GTK_WIDGET_CLASS (postseal_add_secret_parent_class)->unroot (widget);
}

static void
postseal_add_secret_class_init (PostsealAddSecretClass *class)
{
  G_OBJECT_CLASS (class)->dispose = postseal_add_secret_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_add_secret_finalize;
  GTK_WIDGET_CLASS (class)->unroot = postseal_add_secret_unroot;
  make_signals (G_TYPE_FROM_CLASS (class));
  bind_template (GTK_WIDGET_CLASS (class));
}

static void
postseal_add_secret_init (PostsealAddSecret *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
