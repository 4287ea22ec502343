/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/global-page.h"

#include <gtk/gtk.h>
#include <libintl.h>
#include <prefs_gtk.h>

#include "claws/global-view.h"

#define HOST_DOMAIN "claws-mail"
#define WEIGHT 30 /* among those of other plugins */

struct _PostsealClawsGlobalPage
{
  PostsealClawsFront *front; /* owned */
  GtkWidget *view; /* weak: while the preferences are open */
};

/* The host keeps its address for as long as its window is open, maybe longer than the plugin. */
static PrefsPage page;
static char *path[3];
static PostsealClawsGlobalPage *current; /* owned by its maker, NULL while there is none */

static void
on_create (PrefsPage *self, GtkWindow *window, gpointer data)
{
  self->widget = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_show (self->widget);
  if (current == NULL)
    return;
  g_set_weak_pointer (&current->view, postseal_claws_global_view_new (current->front));
  gtk_box_pack_start (GTK_BOX (self->widget), current->view, TRUE, TRUE, 0);
}

static void
on_nothing (PrefsPage *self)
{
}

PostsealClawsGlobalPage *
postseal_claws_global_page_new (PostsealClawsFront *front)
{
  PostsealClawsGlobalPage *self;

  g_return_val_if_fail (current == NULL, NULL);

  self = g_new0 (PostsealClawsGlobalPage, 1);
  self->front = g_object_ref (front);
  current = self;
  path[0] = dgettext (HOST_DOMAIN, "Plugins");
  path[1] = (char *)"Postseal";
  page.path = path;
  page.weight = WEIGHT;
  page.create_widget = on_create;
  page.destroy_widget = on_nothing;
  page.save_page = on_nothing;
  prefs_gtk_register_page (&page);
  return self;
}

void
postseal_claws_global_page_free (PostsealClawsGlobalPage *self)
{
  if (self == NULL)
    return;
  prefs_gtk_unregister_page (&page);
  if (self->view != NULL)
    gtk_widget_destroy (self->view);
  g_clear_weak_pointer (&self->view);
  current = NULL;
  g_object_unref (self->front);
  g_free (self);
}
