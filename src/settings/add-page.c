/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-page.h"

#include <glib/gi18n.h>

#include "settings/add-done.h"
#include "settings/add-found.h"
#include "settings/add-secret.h"
#include "settings/add-who.h"

struct _PostsealAddPage
{
  GtkBox parent;

  AdwWindowTitle *title; /* template children */
  GtkButton *back_button;
  GtkButton *main_button;
  GtkStack *stack;
  PostsealAddWho *who;
  PostsealAddFound *found;
  PostsealAddSecret *secret;
  PostsealAddDone *done;
  PostsealSession *session; /* owned */
  gboolean has_begun; /* the cursor was put where it begins */
};

G_DEFINE_FINAL_TYPE (PostsealAddPage, postseal_add_page, GTK_TYPE_BOX)

static gboolean
is_at (PostsealAddPage *self, gpointer state)
{
  return gtk_stack_get_visible_child (self->stack) == state;
}

/* --- the one button, and where one is --- */

static const char *
choose_label (PostsealAddPage *self, gboolean *ret_is_possible)
{
  PostsealFoundState state = postseal_add_found_get_state (self->found);

  *ret_is_possible = TRUE;
  if (is_at (self, self->done))
    return _ ("_Done");
  if (is_at (self, self->secret))
    {
      *ret_is_possible = postseal_add_secret_can_go_on (self->secret);
      return _ ("_Continue");
    }
  if (is_at (self, self->who))
    return _ ("_Next");
  *ret_is_possible = state != POSTSEAL_FOUND_CHECKING && state != POSTSEAL_FOUND_ASKING;
  return state == POSTSEAL_FOUND_BY_HAND || state == POSTSEAL_FOUND_TROUBLED ? _ ("_Check")
                                                                             : _ ("_Next");
}

static const char *
choose_subtitle (PostsealAddPage *self)
{
  if (is_at (self, self->who))
    return _ ("Step 1 of 3");
  if (is_at (self, self->found))
    return _ ("Step 2 of 3");
  return is_at (self, self->secret) ? _ ("Step 3 of 3") : "";
}

static void
update (PostsealAddPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  gboolean is_possible = TRUE;
  const char *label = choose_label (self, &is_possible);

  gtk_button_set_label (self->main_button, label);
  gtk_widget_set_sensitive (GTK_WIDGET (self->main_button), is_possible);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), !is_at (self, self->done));
  adw_window_title_set_subtitle (self->title, choose_subtitle (self));
  if (root == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  /* Keys go to this page whatever has become insensitive: Escape is the way out. */
  if (gtk_root_get_focus (root) == NULL || !gtk_widget_is_sensitive (gtk_root_get_focus (root)))
    gtk_widget_grab_focus (GTK_WIDGET (
        is_possible && !is_at (self, self->who) ? self->main_button : self->back_button));
}

static void
show_state (PostsealAddPage *self, gpointer state)
{
  gtk_stack_set_visible_child (self->stack, state);
  update (self);
}

/* --- forth --- */

static gboolean
demand_new (PostsealAddPage *self)
{
  const char *name = postseal_add_who_get_address (self->who); /* as accounts are named */

  if (postseal_session_find_account (self->session, name) == NULL)
    return TRUE;
  postseal_add_who_refuse (self->who,
                           _ ("This account is there already: choose it in the list to change it"));
  return FALSE;
}

static void
on_found (PostsealAddPage *self)
{
  g_autofree char *full_name = postseal_add_who_dup_full_name (self->who);
  gboolean is_in_clear = FALSE;
  const char *reason = postseal_add_who_get_reason (self->who, &is_in_clear);

  if (!is_at (self, self->who) || !demand_new (self))
    return;
  show_state (self, self->found);
  gtk_widget_grab_focus (GTK_WIDGET (self->back_button));
  postseal_add_found_show (self->found, postseal_add_who_get_address (self->who), full_name,
                           postseal_add_who_get_discovery (self->who), reason, is_in_clear);
  if (postseal_add_found_get_state (self->found) != POSTSEAL_FOUND_BY_HAND)
    gtk_widget_grab_focus (GTK_WIDGET (self->main_button));
}

static void
on_by_hand (PostsealAddPage *self)
{
  g_autofree char *full_name = postseal_add_who_dup_full_name (self->who);

  if (!demand_new (self))
    return;
  postseal_add_who_cancel (self->who);
  show_state (self, self->found);
  postseal_add_found_enter (self->found, postseal_add_who_get_address (self->who), full_name);
}

static void
go_on_from_found (PostsealAddPage *self)
{
  PostsealFoundState state = postseal_add_found_get_state (self->found);

  if (state != POSTSEAL_FOUND_SETTLED && state != POSTSEAL_FOUND_OFFLINE)
    {
      postseal_add_found_go_on (self->found);
      return;
    }
  show_state (self, self->secret);
  postseal_add_secret_begin (self->secret, postseal_add_found_get_form (self->found),
                             postseal_add_found_get_proposal (self->found),
                             postseal_session_get_config (self->session));
}

static void
go_on (PostsealAddPage *self)
{
  if (is_at (self, self->who))
    postseal_add_who_go_on (self->who);
  else if (is_at (self, self->found))
    go_on_from_found (self);
  else if (is_at (self, self->secret))
    postseal_add_secret_go_on (self->secret);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
}

static void
on_blamed (PostsealAddPage *self, const PostsealTrouble *trouble)
{
  postseal_add_found_blame (self->found, trouble);
}

static void
on_made (PostsealAddPage *self, gboolean is_tested)
{
  postseal_add_done_begin (self->done, self->session, postseal_add_found_get_form (self->found),
                           is_tested);
  show_state (self, self->done);
  gtk_widget_grab_focus (GTK_WIDGET (self->main_button));
}

/* What is checked is waited for at "Back", which is the way out; then the button that goes on is
   the next. */
static void
on_found_changed (PostsealAddPage *self)
{
  PostsealFoundState state = postseal_add_found_get_state (self->found);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  update (self);
  if (root != NULL && gtk_root_get_focus (root) == GTK_WIDGET (self->back_button)
      && state != POSTSEAL_FOUND_ASKING && gtk_widget_is_sensitive (GTK_WIDGET (self->main_button)))
    gtk_widget_grab_focus (GTK_WIDGET (self->main_button));
}

/* --- and back --- */

static void
on_back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  PostsealAddPage *self = POSTSEAL_ADD_PAGE (widget);

  if (is_at (self, self->secret))
    {
      if (postseal_add_secret_cancel (self->secret))
        return;
      postseal_add_secret_leave (self->secret);
      show_state (self, self->found);
      gtk_widget_grab_focus (GTK_WIDGET (self->main_button));
    }
  else if (is_at (self, self->found))
    {
      if (postseal_add_found_go_back (self->found))
        return;
      postseal_add_found_cancel (self->found);
      show_state (self, self->who);
      postseal_add_who_begin (self->who);
    }
  else
    gtk_widget_activate_action (widget, "win.back", NULL);
}

/* --- public --- */

GtkWidget *
postseal_add_page_new (PostsealSession *session)
{
  PostsealAddPage *self = g_object_new (POSTSEAL_TYPE_ADD_PAGE, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

/* --- GObject --- */

static void
postseal_add_page_map (GtkWidget *widget)
{
  PostsealAddPage *self = POSTSEAL_ADD_PAGE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);

  GTK_WIDGET_CLASS (postseal_add_page_parent_class)->map (widget);
  if (GTK_IS_WINDOW (root))
    gtk_window_set_default_widget (GTK_WINDOW (root), GTK_WIDGET (self->main_button));
}

static void
postseal_add_page_unmap (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  if (GTK_IS_WINDOW (root))
    gtk_window_set_default_widget (GTK_WINDOW (root), NULL);
  GTK_WIDGET_CLASS (postseal_add_page_parent_class)->unmap (widget);
}

static gboolean
postseal_add_page_focus (GtkWidget *widget, GtkDirectionType direction)
{
  PostsealAddPage *self = POSTSEAL_ADD_PAGE (widget);

  /* The cursor begins where something is to be typed, not on "Back"; Tab gets there later. */
  if (!self->has_begun && is_at (self, self->who))
    {
      self->has_begun = TRUE;
      postseal_add_who_begin (self->who);
      return TRUE;
    }
  return GTK_WIDGET_CLASS (postseal_add_page_parent_class)->focus (widget, direction);
}

static void
postseal_add_page_dispose (GObject *object)
{
  g_clear_object (&POSTSEAL_ADD_PAGE (object)->session);
  G_OBJECT_CLASS (postseal_add_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (POSTSEAL_TYPE_ADD_WHO);
  g_type_ensure (POSTSEAL_TYPE_ADD_FOUND);
  g_type_ensure (POSTSEAL_TYPE_ADD_SECRET);
  g_type_ensure (POSTSEAL_TYPE_ADD_DONE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/add-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, title);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, main_button);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, stack);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, who);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, found);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, secret);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddPage, done);
  gtk_widget_class_bind_template_callback (widget_class, go_on);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_found);
  gtk_widget_class_bind_template_callback (widget_class, on_found_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_by_hand);
  gtk_widget_class_bind_template_callback (widget_class, on_blamed);
  gtk_widget_class_bind_template_callback (widget_class, on_made);
}

static void
postseal_add_page_class_init (PostsealAddPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_add_page_dispose;
  widget_class->map = postseal_add_page_map;
  widget_class->unmap = postseal_add_page_unmap;
  widget_class->focus = postseal_add_page_focus;
  bind_template (widget_class);
  gtk_widget_class_install_action (widget_class, "add.back", NULL, on_back);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "add.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "add.back", NULL);
}

static void
postseal_add_page_init (PostsealAddPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}
