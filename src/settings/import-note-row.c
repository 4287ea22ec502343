/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/import-note-row.h"

#include <glib/gi18n.h>

struct _PostsealImportNoteRow
{
  AdwActionRow parent;

  GtkImage *sign; /* template children */
  GtkLabel *verdict_label;
};

G_DEFINE_FINAL_TYPE (PostsealImportNoteRow, postseal_import_note_row, ADW_TYPE_ACTION_ROW)

static const struct
{
  const char *icon;
  const char *style;
  const char *word;
} verdicts[] = {
  [POSTSEAL_IMPORT_CARRIED] = { "object-select-symbolic", "success", N_ ("carried over") },
  [POSTSEAL_IMPORT_CHANGED] = { "document-edit-symbolic", "accent", N_ ("changed") },
  [POSTSEAL_IMPORT_IMPOSSIBLE] = { "window-close-symbolic", "dim-label", N_ ("not possible") },
  [POSTSEAL_IMPORT_WEAKER] = { "dialog-warning-symbolic", "warning", N_ ("was weaker before") },
};

GtkWidget *
postseal_import_note_row_new (const PostsealImportNote *note)
{
  PostsealImportNoteRow *self = g_object_new (POSTSEAL_TYPE_IMPORT_NOTE_ROW, NULL);
  g_autofree char *subtitle = *note->becomes != '\0' && *note->text != '\0'
                                  ? g_strdup_printf ("%s\n%s", note->becomes, note->text)
                                  : g_strdup (*note->becomes != '\0' ? note->becomes : note->text);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), note->setting);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_image_set_from_icon_name (self->sign, verdicts[note->verdict].icon);
  gtk_widget_add_css_class (GTK_WIDGET (self->sign), verdicts[note->verdict].style);
  gtk_label_set_label (self->verdict_label, _ (verdicts[note->verdict].word));
  return GTK_WIDGET (self);
}

static void
postseal_import_note_row_class_init (PostsealImportNoteRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/postseal/Settings/import-note-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PostsealImportNoteRow, sign);
  gtk_widget_class_bind_template_child (widget_class, PostsealImportNoteRow, verdict_label);
}

static void
postseal_import_note_row_init (PostsealImportNoteRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
