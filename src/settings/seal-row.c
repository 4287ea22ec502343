/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/seal-row.h"

#include <glib/gi18n.h>

#include "settings/fact-row.h"
#include "words/seal-words.h"

struct _PostsealSealRow
{
  AdwExpanderRow parent;

  GtkImage *sign; /* template child */
  GPtrArray *rows; /* owned (element-type GtkWidget): borrowed from the row itself */
  char **facts; /* owned, nullable: what is shown: name, value, name, … */
};

G_DEFINE_FINAL_TYPE (PostsealSealRow, postseal_seal_row, ADW_TYPE_EXPANDER_ROW)

/* @row: (transfer floating) */
static void
add_row (PostsealSealRow *self, GtkWidget *row)
{
  g_ptr_array_add (self->rows, row);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
}

/* A change of a status that says the same leaves the rows alone: somebody may be reading. */
static void
show_facts (PostsealSealRow *self, char **facts, char **changes)
{
  g_auto (GStrv) all = NULL;
  g_autoptr (GPtrArray) joined = g_ptr_array_new ();

  for (char **change = changes; change != NULL && *change != NULL; change++)
    g_ptr_array_add (joined, *change);
  for (char **fact = facts; *fact != NULL; fact++)
    g_ptr_array_add (joined, *fact);
  g_ptr_array_add (joined, NULL);
  if (self->facts != NULL
      && g_strv_equal ((const char *const *)self->facts, (const char *const *)joined->pdata))
    return;
  g_strfreev (self->facts);
  self->facts = g_strdupv ((char **)joined->pdata);
  for (guint i = 0; i < self->rows->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  for (char **change = changes; change != NULL && *change != NULL; change++)
    add_row (self,
             postseal_fact_row_new ("dialog-warning-symbolic", _ ("What has changed"), *change));
  for (char **fact = facts; fact[0] != NULL; fact += 2)
    add_row (self, postseal_fact_row_new (NULL, fact[0], fact[1]));
}

static void
show_seal (PostsealSealRow *self, const PostsealSeal *seal, char **changes, gint64 last)
{
  g_auto (GStrv) facts = postseal_seal_words_list (seal);
  g_autofree char *subtitle = postseal_seal_words_tell (seal, last);
  gboolean has_changes = changes != NULL && changes[0] != NULL;

  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
  gtk_image_set_from_icon_name (self->sign, has_changes ? "dialog-warning-symbolic"
                                            : seal->tls_version != NULL
                                                ? "channel-secure-symbolic"
                                                : "channel-insecure-symbolic");
  show_facts (self, facts, changes);
}

void
postseal_seal_row_show (PostsealSealRow *self, PostsealAccountStatus *status, gboolean sending)
{
  g_autoptr (GVariant) facts = NULL;
  g_autoptr (PostsealSeal) seal = NULL;
  g_auto (GStrv) changes = NULL;
  gint64 last = 0;

  g_return_if_fail (POSTSEAL_IS_SEAL_ROW (self));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), sending
                                                                 ? _ ("How sending is sealed")
                                                                 : _ ("How receiving is sealed"));
  if (status != NULL && sending)
    g_object_get (status, "send-seal", &facts, "send-changes", &changes, "send-last", &last, NULL);
  else if (status != NULL)
    g_object_get (status, "receive-seal", &facts, "receive-changes", &changes, "receive-last",
                  &last, NULL);
  seal = facts != NULL ? postseal_seal_from_variant (facts) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self), seal != NULL);
  if (seal != NULL)
    show_seal (self, seal, changes, last);
}

/* libadwaita 1.2 names only the row inside. */
static void
name_row (PostsealSealRow *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)), -1);
}

static void
postseal_seal_row_finalize (GObject *object)
{
  PostsealSealRow *self = POSTSEAL_SEAL_ROW (object);

  g_ptr_array_unref (self->rows);
  g_strfreev (self->facts);
  G_OBJECT_CLASS (postseal_seal_row_parent_class)->finalize (object);
}

static void
postseal_seal_row_class_init (PostsealSealRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = postseal_seal_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/postseal/Settings/seal-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealSealRow, sign);
}

static void
postseal_seal_row_init (PostsealSealRow *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "notify::title", G_CALLBACK (name_row), NULL);
}
