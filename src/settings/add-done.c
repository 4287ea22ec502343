/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/add-done.h"

#include <string.h>

#include <glib/gi18n.h>

#include "settings/account-row.h"

struct _PostsealAddDone
{
  GtkBox parent;

  AdwStatusPage *status_page; /* template children */
  GtkListBox *list;
  PostsealSession *session; /* owned, nullable */
  char *name; /* owned, nullable */
  gboolean receives;
  gboolean is_shown; /* the account's row is there */
};

G_DEFINE_FINAL_TYPE (PostsealAddDone, postseal_add_done, GTK_TYPE_BOX)

/* The service has read the file: the daemon fetches of its own accord, an engine when told. */
static void
on_accounts (PostsealAddDone *self)
{
  PostsealAccountStatus *status = postseal_session_find_account (self->session, self->name);

  if (self->is_shown || status == NULL)
    return;
  self->is_shown = TRUE;
  gtk_list_box_append (self->list, postseal_account_row_new (status));
  gtk_widget_set_visible (GTK_WIDGET (self->list), TRUE);
  if (self->receives && !postseal_session_has_daemon (self->session))
    postseal_session_fetch (self->session, self->name);
}

static void
on_row_activated (PostsealAddDone *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.edit", "s", self->name);
}

/* "maildir:~/Mail/jane@example.org" is a folder to people. */
static const char *
get_folder (PostsealAccountForm *form)
{
  const char *deliver = postseal_account_form_get (form, "deliver");
  const char *colon = deliver != NULL ? strchr (deliver, ':') : NULL;

  return colon != NULL ? colon + 1 : "";
}

static char *
describe_next (PostsealAddDone *self, PostsealAccountForm *form, gboolean is_tested)
{
  const char *address = postseal_account_form_get (form, "address");

  if (!is_tested)
    return g_strdup (
        _ ("It was not tested. Whether it works will show as soon as its server can be "
           "reached."));
  if (!self->receives)
    return g_strdup_printf (_ ("Your programs can send mail as %s now."), address);
  return g_strdup_printf (_ ("Your mail is being fetched to %s."), get_folder (form));
}

void
postseal_add_done_begin (PostsealAddDone *self,
                         PostsealSession *session,
                         PostsealAccountForm *form,
                         gboolean is_tested)
{
  g_autofree char *next = NULL;
  g_autofree char *description = NULL;

  g_return_if_fail (POSTSEAL_IS_ADD_DONE (self));
  g_return_if_fail (POSTSEAL_IS_SESSION (session));

  self->session = g_object_ref (session);
  self->name = g_strdup (postseal_account_form_get_name (form));
  self->receives = postseal_account_form_get (form, "receive") != NULL;
  next = describe_next (self, form, is_tested);
  description = g_markup_escape_text (next, -1);
  /* Markup is in the description only. */
  adw_status_page_set_title (self->status_page, self->name);
  adw_status_page_set_description (self->status_page, description);
  g_signal_connect_object (postseal_session_get_accounts (session), "items-changed",
                           G_CALLBACK (on_accounts), self, G_CONNECT_SWAPPED);
  postseal_session_refresh (session);
  on_accounts (self);
}

static void
postseal_add_done_dispose (GObject *object)
{
  g_clear_object (&POSTSEAL_ADD_DONE (object)->session);
  G_OBJECT_CLASS (postseal_add_done_parent_class)->dispose (object);
}

static void
postseal_add_done_finalize (GObject *object)
{
  g_free (POSTSEAL_ADD_DONE (object)->name);
  G_OBJECT_CLASS (postseal_add_done_parent_class)->finalize (object);
}

static void
postseal_add_done_class_init (PostsealAddDoneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = postseal_add_done_dispose;
  G_OBJECT_CLASS (class)->finalize = postseal_add_done_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/add-done.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealAddDone, status_page);
  gtk_widget_class_bind_template_child (widget_class, PostsealAddDone, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
postseal_add_done_init (PostsealAddDone *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
