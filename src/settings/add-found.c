/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-found.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/limits.h"
#include "settings/foreign-group.h"
#include "settings/found-card.h"
#include "settings/hand-group.h"
#include "settings/server-check.h"
#include "settings/trouble-panel.h"
#include "settings/trust-group.h"

#define NEXT_SILENCE_MS 10000 /* for lines that are slow */

struct _PostsealAddFound
{
  GtkBox parent;

  AdwPreferencesGroup *card_group; /* template children */
  PostsealFoundCard *card;
  PostsealForeignGroup *foreign_group;
  AdwPreferencesGroup *trouble_group;
  PostsealTroublePanel *panel;
  PostsealTrustGroup *trust_group;
  PostsealHandGroup *receive_hand;
  PostsealHandGroup *send_hand;
  AdwPreferencesGroup *other_group;
  GtkMenuButton *other_button;
  GActionMap *actions; /* owned */
  PostsealFoundState state;
  char *address; /* owned */
  char *full_name; /* owned, nullable */
  PostsealDiscovery *discovery; /* owned, nullable */
  PostsealProposal *proposal; /* owned, nullable: what the form is just like */
  PostsealAccountForm *form; /* owned, nullable */
  guint n_checks; /* of this form: the first one is quick */
  GCancellable *cancellable; /* owned, nullable: while it is checked */
};

G_DEFINE_FINAL_TYPE (PostsealAddFound, postseal_add_found, GTK_TYPE_BOX)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ACTIVATED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
set_state (PostsealAddFound *self, PostsealFoundState state)
{
  gboolean is_by_hand = state == POSTSEAL_FOUND_BY_HAND;

  self->state = state;
  gtk_widget_set_visible (GTK_WIDGET (self->card_group), !is_by_hand);
  gtk_widget_set_visible (GTK_WIDGET (self->other_group), !is_by_hand);
  gtk_widget_set_visible (GTK_WIDGET (self->receive_hand), is_by_hand);
  gtk_widget_set_visible (GTK_WIDGET (self->send_hand), is_by_hand);
  if (state != POSTSEAL_FOUND_ASKING)
    postseal_foreign_group_ask (self->foreign_group, NULL, NULL, NULL);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
show_trouble (PostsealAddFound *self, const PostsealTrouble *trouble)
{
  postseal_trouble_panel_show (self->panel, trouble);
  postseal_trust_group_show (self->trust_group, trouble);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_group), trouble != NULL);
}

static void
show_words (PostsealAddFound *self, const char *title, const char *text)
{
  show_trouble (self, NULL);
  postseal_trouble_panel_tell (self->panel, title, text);
  gtk_widget_set_visible (GTK_WIDGET (self->trouble_group), TRUE);
}

/* --- the check --- */

static void
show_side (PostsealAddFound *self, const PostsealServerCheck *result, gboolean sending)
{
  const PostsealServerVerdict *verdict = &result->sides[sending];

  if (verdict->exists)
    postseal_found_card_set_state (
        self->card, sending, verdict->is_sealed ? POSTSEAL_SERVER_PROVEN : POSTSEAL_SERVER_FAILED);
}

static PostsealTrust
judge_trust (PostsealAddFound *self, const PostsealServerCheck *result)
{
  if (postseal_server_check_is_proven (result))
    return POSTSEAL_TRUST_PROVEN;
  return self->proposal != NULL && self->proposal->is_authentic ? POSTSEAL_TRUST_SIGNED
                                                                : POSTSEAL_TRUST_NOT_CONFIRMED;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddFound) self = user_data;
  g_autoptr (PostsealServerCheck) verdict = postseal_server_check_finish (result, NULL);

  if (verdict == NULL || g_task_get_cancellable (G_TASK (result)) != self->cancellable)
    return;
  g_clear_object (&self->cancellable);
  show_side (self, verdict, FALSE);
  show_side (self, verdict, TRUE);
  postseal_found_card_set_trust (self->card, judge_trust (self, verdict));
  show_trouble (self, postseal_server_check_get_trouble (verdict));
  if (postseal_server_check_is_proven (verdict))
    set_state (self, POSTSEAL_FOUND_SETTLED);
  else if (postseal_server_check_is_offline (verdict))
    set_state (self, POSTSEAL_FOUND_OFFLINE);
  else
    set_state (self, POSTSEAL_FOUND_TROUBLED);
}

static void
begin_check (PostsealAddFound *self)
{
  postseal_add_found_cancel (self);
  self->cancellable = g_cancellable_new ();
  show_trouble (self, NULL);
  postseal_found_card_show (self->card, self->form, self->proposal);
  postseal_found_card_set_trust (self->card, self->proposal != NULL && self->proposal->is_authentic
                                                 ? POSTSEAL_TRUST_SIGNED
                                                 : POSTSEAL_TRUST_NOT_CONFIRMED);
  postseal_found_card_set_state (self->card, FALSE, POSTSEAL_SERVER_CHECKING);
  postseal_found_card_set_state (self->card, TRUE, POSTSEAL_SERVER_CHECKING);
  set_state (self, POSTSEAL_FOUND_CHECKING);
}

static void
check (PostsealAddFound *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (self->form, &error);

  if (account == NULL)
    {
      show_words (self, _ ("That cannot be right"), error->message);
      return;
    }
  begin_check (self);
  postseal_server_check_async (account, self->n_checks == 0 ? self->proposal : NULL,
                               self->n_checks == 0 ? POSTSEAL_LIMIT_PROBE_SILENCE_MS
                                                   : NEXT_SILENCE_MS,
                               self->cancellable, on_checked, g_object_ref (self));
  self->n_checks++;
}

void
postseal_add_found_cancel (PostsealAddFound *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_FOUND (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* An organisation's own authority, which discovery.conf has named, and the system does not know. */
static void
take_authority (PostsealAddFound *self, const PostsealProbe *probe)
{
  if (probe != NULL && probe->ca_file != NULL)
    postseal_account_form_set (self->form, "ca-file", probe->ca_file);
}

/* --- a foreign host --- */

static gboolean
is_below (const char *host, const char *domain)
{
  g_autofree char *suffix = g_strconcat (".", domain, NULL);

  return g_str_equal (host, domain) || g_str_has_suffix (host, suffix);
}

static void
ask_about_host (PostsealAddFound *self)
{
  const PostsealProposal *proposal = self->proposal;
  const PostsealEndpoint *sides[] = { proposal->receive, proposal->send };
  const char *domain = strrchr (self->address, '@') + 1;
  const char *other = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    if (sides[i] != NULL && !g_str_equal (sides[i]->host, proposal->foreign_host)
        && !is_below (sides[i]->host, domain))
      other = sides[i]->host;
  postseal_found_card_show (self->card, self->form, proposal);
  show_trouble (self, NULL);
  postseal_foreign_group_ask (self->foreign_group, proposal->foreign_host, other, domain);
  set_state (self, POSTSEAL_FOUND_ASKING);
}

static void
on_confirmed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealAddFound) self = user_data;
  gboolean is_probed
      = postseal_discovery_confirm_finish (POSTSEAL_DISCOVERY (source), result, NULL);

  if (!is_probed || POSTSEAL_DISCOVERY (source) != self->discovery
      || self->state != POSTSEAL_FOUND_CHECKING)
    return;
  take_authority (self, self->proposal->receive_probe);
  take_authority (self, self->proposal->send_probe);
  check (self);
}

static void
enter_by_hand (PostsealAddFound *self)
{
  postseal_add_found_cancel (self);
  postseal_hand_group_read (self->receive_hand, self->form);
  postseal_hand_group_read (self->send_hand, self->form);
  set_state (self, POSTSEAL_FOUND_BY_HAND);
  postseal_hand_group_focus (self->receive_hand);
}

static void
on_answered (PostsealAddFound *self, gboolean yes)
{
  if (!yes)
    {
      enter_by_hand (self);
      return;
    }
  begin_check (self);
  postseal_discovery_confirm_async (self->discovery, self->proposal, self->cancellable,
                                    on_confirmed, g_object_ref (self));
}

/* --- what to begin with --- */

static void
take_proposal (PostsealAddFound *self, PostsealProposal *proposal)
{
  postseal_proposal_ref (proposal); /* it may be the one that is there already */
  g_clear_pointer (&self->proposal, postseal_proposal_unref);
  self->proposal = proposal;
  g_clear_object (&self->form);
  self->form = postseal_account_form_new_from_proposal (self->address, self->full_name, proposal);
  self->n_checks = 0;
  take_authority (self, proposal->receive_probe);
  take_authority (self, proposal->send_probe);
  if (proposal->foreign_host != NULL && proposal->receive_probe == NULL
      && proposal->send_probe == NULL)
    ask_about_host (self);
  else
    check (self);
}

/* A form that knows the person and no server. */
static void
take_nothing (PostsealAddFound *self)
{
  PostsealProposal nothing = { 0 };

  g_clear_pointer (&self->proposal, postseal_proposal_unref);
  g_clear_object (&self->form);
  self->form = postseal_account_form_new_from_proposal (self->address, self->full_name, &nothing);
  self->n_checks = 0;
  show_trouble (self, NULL);
}

static void
set_who (PostsealAddFound *self, const char *address, const char *full_name)
{
  postseal_add_found_cancel (self);
  g_clear_object (&self->discovery);
  g_free (self->address);
  g_free (self->full_name);
  self->address = g_strdup (address);
  self->full_name = g_strdup (full_name);
}

/* A menu takes "_" for a mnemonic. Returns: (transfer full) */
static char *
double_underscores (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}

/* Returns: (transfer full) */
static char *
describe_way (const PostsealProposal *proposal)
{
  const PostsealEndpoint *endpoint = proposal->receive != NULL ? proposal->receive : proposal->send;
  g_autofree char *source = postseal_proposal_describe_source (proposal);
  /* TRANSLATORS: one way to have the mail: IMAP or POP3, host, where that is known from. */
  g_autofree char *words = g_strdup_printf (
      _ ("%s at %s, %s"), postseal_protocol_name (endpoint->protocol), endpoint->host, source);

  return double_underscores (words);
}

static void
fill_menu (PostsealAddFound *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) ways = g_menu_new ();
  g_autoptr (GMenu) last = g_menu_new ();
  g_autoptr (GPtrArray) proposals
      = self->discovery != NULL ? postseal_discovery_get_proposals (self->discovery) : NULL;

  for (guint i = 0; proposals != NULL && i < proposals->len; i++)
    {
      g_autofree char *label = describe_way (g_ptr_array_index (proposals, i));
      g_autofree char *action = g_strdup_printf ("found.choose(uint32 %u)", i);

      g_menu_append (ways, label, action);
    }
  g_menu_append (last, _ ("Enter the Servers by _Hand"), "found.by-hand");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (ways));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (last));
  gtk_menu_button_set_menu_model (self->other_button, G_MENU_MODEL (menu));
}

static void
on_choose (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PostsealAddFound *self = user_data;
  g_autoptr (GPtrArray) proposals = NULL;
  guint index = g_variant_get_uint32 (parameter);

  if (self->discovery == NULL)
    return;
  proposals = postseal_discovery_get_proposals (self->discovery);
  if (index < proposals->len)
    take_proposal (self, g_ptr_array_index (proposals, index));
}

static void
on_by_hand (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  PostsealAddFound *self = user_data;

  enter_by_hand (self);
}

/* --- what can be done about a trouble --- */

static void
take_better (PostsealAddFound *self, const PostsealTrouble *trouble)
{
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) old
      = postseal_account_form_get_endpoint (self->form, trouble->is_sending, &user);

  if (trouble->better == NULL || old == NULL)
    return;
  postseal_account_form_set_endpoint (self->form, trouble->is_sending, trouble->better, user);
  /* Where it is from holds for the other side, too; which probes hold, the check knows. */
  self->n_checks = 0;
  check (self);
}

static void
on_remedy (PostsealAddFound *self, int remedy)
{
  const PostsealTrouble *trouble = postseal_trouble_panel_get_trouble (self->panel);

  if (remedy == POSTSEAL_REMEDY_ENDPOINT)
    take_better (self, trouble);
  else if (remedy == POSTSEAL_REMEDY_RETRY)
    check (self);
}

static void
on_trusted (PostsealAddFound *self, const char *path)
{
  postseal_account_form_set (self->form, "ca-file", path);
  check (self);
}

static void
on_activated (PostsealAddFound *self)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATED], 0);
}

/* --- public --- */

void
postseal_add_found_show (PostsealAddFound *self,
                         const char *address,
                         const char *full_name,
                         PostsealDiscovery *discovery,
                         const char *reason,
                         gboolean is_in_clear)
{
  g_autoptr (GPtrArray) proposals = NULL;

  g_return_if_fail (POSTSEAL_IS_ADD_FOUND (self));

  set_who (self, address, full_name);
  self->discovery = g_object_ref (discovery);
  fill_menu (self);
  proposals = postseal_discovery_get_proposals (discovery);
  if (proposals->len > 0)
    {
      take_proposal (self, g_ptr_array_index (proposals, 0));
      return;
    }
  take_nothing (self);
  enter_by_hand (self);
  if (is_in_clear)
    {
      g_autofree char *text = g_strdup_printf (
          _ ("%s.\nIf there are other servers, enter them below. Nothing is ever sent without "
             "encryption."),
          reason);

      show_words (self, _ ("Your provider’s servers offer no encryption"), text);
    }
  else
    show_words (self, _ ("Nothing that can be used was found"),
                reason != NULL
                    ? reason
                    : _ ("The names of the servers stand on your provider’s help pages, mostly "
                         "under “mail programs”, “IMAP” or “POP3”."));
}

void
postseal_add_found_enter (PostsealAddFound *self, const char *address, const char *full_name)
{
  g_return_if_fail (POSTSEAL_IS_ADD_FOUND (self));

  set_who (self, address, full_name);
  take_nothing (self);
  fill_menu (self);
  enter_by_hand (self);
}

static void
check_by_hand (PostsealAddFound *self)
{
  const char *name = postseal_account_form_get_name (self->form);
  g_autofree char *deliver = g_strconcat ("maildir:~/Mail/", name, NULL);
  gboolean is_good = postseal_hand_group_write (self->receive_hand, self->form)
                     && postseal_hand_group_write (self->send_hand, self->form);

  if (!is_good)
    return;
  if (postseal_account_form_get (self->form, "receive") == NULL
      && postseal_account_form_get (self->form, "send") == NULL)
    {
      postseal_hand_group_complain (self->send_hand,
                                    _ ("Name a server for receiving, for sending, or both"));
      return;
    }
  if (postseal_account_form_get (self->form, "receive") != NULL
      && postseal_account_form_get (self->form, "deliver") == NULL)
    postseal_account_form_set (self->form, "deliver", deliver);
  g_clear_pointer (&self->proposal, postseal_proposal_unref);
  self->n_checks = 0;
  check (self);
}

void
postseal_add_found_go_on (PostsealAddFound *self)
{
  g_return_if_fail (POSTSEAL_IS_ADD_FOUND (self));

  if (self->state == POSTSEAL_FOUND_BY_HAND)
    check_by_hand (self);
  else if (self->state == POSTSEAL_FOUND_TROUBLED)
    check (self);
}

void
postseal_add_found_blame (PostsealAddFound *self, const PostsealTrouble *trouble)
{
  g_return_if_fail (POSTSEAL_IS_ADD_FOUND (self));
  g_return_if_fail (trouble != NULL);

  show_trouble (self, trouble);
  postseal_found_card_set_state (self->card, trouble->is_sending, POSTSEAL_SERVER_FAILED);
  postseal_found_card_set_trust (self->card, POSTSEAL_TRUST_NOT_CONFIRMED);
  set_state (self, POSTSEAL_FOUND_TROUBLED);
}

gboolean
postseal_add_found_go_back (PostsealAddFound *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_FOUND (self), FALSE);

  if (self->state == POSTSEAL_FOUND_BY_HAND && self->proposal != NULL)
    take_proposal (self, self->proposal);
  else if (self->state != POSTSEAL_FOUND_BY_HAND && self->proposal == NULL && self->form != NULL)
    enter_by_hand (self);
  else
    return FALSE;
  return TRUE;
}

PostsealFoundState
postseal_add_found_get_state (PostsealAddFound *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_FOUND (self), POSTSEAL_FOUND_BY_HAND);

  return self->state;
}

PostsealAccountForm *
postseal_add_found_get_form (PostsealAddFound *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_FOUND (self), NULL);

  return self->form;
}

PostsealProposal *
postseal_add_found_get_proposal (PostsealAddFound *self)
{
  g_return_val_if_fail (POSTSEAL_IS_ADD_FOUND (self), NULL);

  return self->proposal;
}

/* --- GObject --- */

static void
postseal_add_found_dispose (GObject *object)
{
  PostsealAddFound *self = POSTSEAL_ADD_FOUND (object);

  g_clear_object (&self->discovery);
  g_clear_pointer (&self->proposal, postseal_proposal_unref);
  g_clear_object (&self->form);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (postseal_add_found_parent_class)->dispose (object);
}

static void
postseal_add_found_finalize (GObject *object)
{
  PostsealAddFound *self = POSTSEAL_ADD_FOUND (object);

  g_free (self->address);
  g_free (self->full_name);
  G_OBJECT_CLASS (postseal_add_found_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  g_type_ensure (POSTSEAL_TYPE_FOUND_CARD);
  g_type_ensure (POSTSEAL_TYPE_FOREIGN_GROUP);
  g_type_ensure (POSTSEAL_TYPE_TROUBLE_PANEL);
  g_type_ensure (POSTSEAL_TYPE_TRUST_GROUP);
  g_type_ensure (POSTSEAL_TYPE_HAND_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/add-found.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, card_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, card);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, foreign_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, trouble_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, panel);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, trust_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, receive_hand);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, send_hand);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, other_group);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddFound, other_button);
  gtk_widget_class_bind_template_callback (widget_class, on_answered);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_trusted);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

/* The page is left. What is under way holds a reference, so that dispose() would come too late. */
static void
postseal_add_found_unroot (GtkWidget *widget)
{
  postseal_add_found_cancel (POSTSEAL_ADD_FOUND (widget));
  GTK_WIDGET_CLASS (postseal_add_found_parent_class)->unroot (widget);
}

static void
postseal_add_found_class_init (PostsealAddFoundClass *class)
{
  static const char *const names[N_SIGNALS] = { "changed", "activated" };

  G_OBJECT_CLASS (class)->dispose = postseal_add_found_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_add_found_finalize;
  GTK_WIDGET_CLASS (class)->unroot = postseal_add_found_unroot;
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
  bind_children (GTK_WIDGET_CLASS (class));
}

static void
postseal_add_found_init (PostsealAddFound *self)
{
  static const GActionEntry entries[]
      = { { .name = "choose", .activate = on_choose, .parameter_type = "u" },
          { .name = "by-hand", .activate = on_by_hand } };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->actions = G_ACTION_MAP (g_simple_action_group_new ());
  g_action_map_add_action_entries (self->actions, entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "found", G_ACTION_GROUP (self->actions));
}
