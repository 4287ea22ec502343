/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/field.h"

#include "settings/mistake-row.h"

#define FRAMES_TO_WAIT 3

G_DEFINE_INTERFACE (PostsealField, postseal_field, GTK_TYPE_WIDGET)

static void
postseal_field_default_init (PostsealFieldInterface *iface)
{
}

static PostsealFieldLink *
get_link (PostsealField *self)
{
  return POSTSEAL_FIELD_GET_IFACE (self)->get_link (self);
}

/* --- the form --- */

static void
show_form (PostsealField *self)
{
  PostsealFieldLink *link = get_link (self);

  link->is_busy = TRUE;
  POSTSEAL_FIELD_GET_IFACE (self)->read (self);
  link->is_busy = FALSE;
}

static void
on_changed (PostsealField *self, const char *key)
{
  PostsealFieldLink *link = get_link (self);

  if (link->is_busy)
    return;
  if (*key == '\0' || g_strcmp0 (key, link->key) == 0)
    show_form (self);
  else if (POSTSEAL_FIELD_GET_IFACE (self)->notice != NULL)
    POSTSEAL_FIELD_GET_IFACE (self)->notice (self);
}

void
postseal_field_bind (PostsealField *self, PostsealAccountForm *form)
{
  PostsealFieldLink *link;

  g_return_if_fail (POSTSEAL_IS_FIELD (self));

  link = get_link (self);
  if (link->key == NULL)
    return;
  g_clear_signal_handler (&link->handler, link->form);
  g_set_object (&link->form, form);
  link->handler
      = g_signal_connect_object (form, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  show_form (self);
}

void
postseal_field_write (PostsealField *self, const char *value)
{
  PostsealFieldLink *link;

  g_return_if_fail (POSTSEAL_IS_FIELD (self));

  link = get_link (self);
  if (link->is_busy || link->form == NULL || link->key == NULL)
    return;
  link->is_busy = TRUE;
  postseal_account_form_set (link->form, link->key, value);
  link->is_busy = FALSE;
}

void
postseal_field_link_clear (PostsealFieldLink *link)
{
  /* The handler went when the widget was disposed of. */
  g_clear_object (&link->form);
  g_clear_pointer (&link->key, g_free);
}

/* --- finding them --- */

typedef gboolean (*VisitFunc) (PostsealField *field, gpointer user_data);

/* Returns: the first for which @visit says TRUE */
static PostsealField *
walk (GtkWidget *widget, VisitFunc visit, gpointer user_data)
{
  if (POSTSEAL_IS_FIELD (widget) && visit (POSTSEAL_FIELD (widget), user_data))
    return POSTSEAL_FIELD (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      PostsealField *found = walk (child, visit, user_data);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
bind_one (PostsealField *field, gpointer user_data)
{
  postseal_field_bind (field, user_data);
  return FALSE;
}

static gboolean
is_of_key (PostsealField *field, gpointer user_data)
{
  return g_strcmp0 (get_link (field)->key, user_data) == 0;
}

static gboolean
forget_one (PostsealField *field, gpointer user_data)
{
  postseal_field_tell (field, NULL);
  return FALSE;
}

void
postseal_field_bind_below (GtkWidget *root, PostsealAccountForm *form)
{
  walk (root, bind_one, form);
}

PostsealField *
postseal_field_find (GtkWidget *root, const char *key)
{
  return walk (root, is_of_key, (gpointer)key);
}

void
postseal_field_forget_below (GtkWidget *root)
{
  walk (root, forget_one, NULL);
}

/* --- mistakes --- */

static void
tell_below (PostsealField *self, const char *mistake)
{
  PostsealFieldLink *link = get_link (self);
  GtkWidget *list = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_LIST_BOX);

  if (link->mistake == NULL && mistake != NULL && GTK_IS_LIST_BOX_ROW (self) && list != NULL)
    {
      link->mistake = postseal_mistake_row_new ();
      gtk_list_box_insert (GTK_LIST_BOX (list), link->mistake,
                           gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (self)) + 1);
    }
  if (link->mistake != NULL)
    postseal_mistake_row_set_text (POSTSEAL_MISTAKE_ROW (link->mistake), mistake);
  if (mistake != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");
}

void
postseal_field_tell (PostsealField *self, const char *mistake)
{
  g_return_if_fail (POSTSEAL_IS_FIELD (self));

  if (POSTSEAL_FIELD_GET_IFACE (self)->tell != NULL)
    POSTSEAL_FIELD_GET_IFACE (self)->tell (self, mistake);
  else
    tell_below (self, mistake);
}

gboolean
postseal_field_has_mistake (PostsealField *self)
{
  g_return_val_if_fail (POSTSEAL_IS_FIELD (self), FALSE);

  return gtk_widget_has_css_class (GTK_WIDGET (self), "error");
}

/* With what is told below it. */
static void
bring_into_sight (GtkWidget *widget)
{
  GtkWidget *view = gtk_widget_get_ancestor (widget, GTK_TYPE_VIEWPORT);
  const graphene_point_t corner = GRAPHENE_POINT_INIT (0, 0);
  GtkAdjustment *adjustment;
  graphene_point_t place;
  double page_size;

  if (view == NULL
      || !gtk_widget_compute_point (widget, gtk_widget_get_first_child (view), &corner, &place))
    return;
  adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (view));
  page_size = gtk_adjustment_get_page_size (adjustment);
  if (place.y < gtk_adjustment_get_value (adjustment)
      || place.y > gtk_adjustment_get_value (adjustment) + page_size * 2 / 3)
    gtk_adjustment_set_value (adjustment, place.y - page_size / 3);
}

/* What was unfolded just now has its place with the next frame. */
static gboolean
show_later (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  guint *frames = user_data;
  GtkWidget *focus;

  if (++*frames < FRAMES_TO_WAIT)
    return G_SOURCE_CONTINUE;
  focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  /* The person may have gone on meanwhile. */
  if (focus == NULL || !gtk_widget_is_ancestor (focus, widget))
    return G_SOURCE_REMOVE;
  bring_into_sight (focus);
  return G_SOURCE_REMOVE;
}

void
postseal_field_focus (PostsealField *self)
{
  PostsealFieldInterface *iface;

  g_return_if_fail (POSTSEAL_IS_FIELD (self));

  iface = POSTSEAL_FIELD_GET_IFACE (self);

  for (GtkWidget *above = GTK_WIDGET (self); above != NULL; above = gtk_widget_get_parent (above))
    if (ADW_IS_EXPANDER_ROW (above))
      adw_expander_row_set_expanded (ADW_EXPANDER_ROW (above), TRUE);
  gtk_widget_grab_focus (iface->find_mistaken != NULL ? iface->find_mistaken (self)
                                                      : GTK_WIDGET (self));
  gtk_widget_add_tick_callback (GTK_WIDGET (self), show_later, g_new0 (guint, 1), g_free);
}
