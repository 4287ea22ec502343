/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/import-dialog.h"

#include <account.h>
#include <common/defs.h>
#include <common/utils.h>
#include <glib/gi18n-lib.h>
#include <passwordstore.h>
#include <string.h>

#include "base/paths.h"
#include "import/import.h"

/* What the mapping says of the host's passwords, which are told of here by a question. */
#define PASSWORD_SETTING "passwordstorerc"

struct _PostsealClawsImportDialog
{
  GtkDialog parent;

  GtkTextView *text_view; /* template children */
  GtkToggleButton *secret_check;
  GtkLabel *note_label;
  GtkWidget *take_button;

  int id;
  const char *password; /* static: which of the host's is taken; NULL: none is stored */
  PostsealImport *import; /* owned, nullable: until it is read */
  guint index;
  GCancellable *cancellable; /* owned */
};

G_DEFINE_FINAL_TYPE (PostsealClawsImportDialog, postseal_claws_import_dialog, GTK_TYPE_DIALOG)

static guint signal_imported;

/* --- what becomes of it --- */

static void
append (GtkTextBuffer *buffer, const char *text, const char *tag)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  gtk_text_buffer_insert_with_tags_by_name (buffer, &end, text, -1, tag, NULL);
}

static void
append_line (GtkTextBuffer *buffer, const char *text, const char *tag)
{
  if (*text == '\0')
    return;
  append (buffer, text, tag);
  append (buffer, "\n", "words");
}

static void
append_note (GtkTextBuffer *buffer, const PostsealImportNote *note)
{
  static const char *const verdicts[] = {
    [POSTSEAL_IMPORT_CARRIED] = N_ ("carried over"),
    [POSTSEAL_IMPORT_CHANGED] = N_ ("changed"),
    [POSTSEAL_IMPORT_IMPOSSIBLE] = N_ ("not possible"),
    [POSTSEAL_IMPORT_WEAKER] = N_ ("was weaker before"),
  };

  append (buffer, note->setting, "setting");
  append (buffer, " – ", "words");
  append_line (buffer, _ (verdicts[note->verdict]), "verdict");
  append_line (buffer, note->becomes, "becomes");
  append_line (buffer, note->text, "becomes");
}

/* The graver ones first. */
static void
tell (PostsealClawsImportDialog *self, const PostsealImportAccount *account)
{
  static const PostsealImportVerdict order[] = { POSTSEAL_IMPORT_WEAKER, POSTSEAL_IMPORT_IMPOSSIBLE,
                                                 POSTSEAL_IMPORT_CHANGED, POSTSEAL_IMPORT_CARRIED };
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter start;

  append_line (buffer, account->seen_text != NULL ? account->seen_text : "", "words");
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint j = 0; j < account->notes->len; j++)
      {
        const PostsealImportNote *note = g_ptr_array_index (account->notes, j);

        if (note->verdict == order[i]
            && (self->password == NULL || !g_str_equal (note->setting, PASSWORD_SETTING)))
          append_note (buffer, note);
      }
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_place_cursor (buffer, &start);
}

static void
say (PostsealClawsImportDialog *self, const char *text)
{
  gtk_label_set_text (self->note_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *text != '\0');
}

/* --- reading --- */

static gboolean
find_account (PostsealClawsImportDialog *self)
{
  const GPtrArray *accounts = postseal_import_get_accounts (self->import);
  g_autofree char *section = g_strdup_printf ("Account: %d", self->id);

  for (guint i = 0; i < accounts->len; i++)
    {
      const PostsealImportAccount *account = g_ptr_array_index (accounts, i);

      self->index = i;
      if (g_strcmp0 (account->section, section) == 0)
        return TRUE;
    }
  return FALSE;
}

static const PostsealImportAccount *
get_account (PostsealClawsImportDialog *self)
{
  return g_ptr_array_index (postseal_import_get_accounts (self->import), self->index);
}

static void
show_account (PostsealClawsImportDialog *self)
{
  const PostsealImportAccount *account = get_account (self);
  gboolean can = !account->exists && account->is_usable;

  tell (self, account);
  if (account->exists)
    say (self, _ ("It is here already"));
  else if (!can)
    say (self, _ ("It cannot be imported as it is"));
  gtk_widget_set_visible (GTK_WIDGET (self->secret_check), can && self->password != NULL);
  gtk_widget_set_sensitive (self->take_button, can);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsImportDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealImport) import = postseal_import_read_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->import = g_steal_pointer (&import);
  if (self->import == NULL)
    say (self, error->message);
  else if (find_account (self))
    show_account (self);
  else
    say (self, _ ("It cannot be imported as it is"));
}

/* --- taking over --- */

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PostsealClawsImportDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_done = postseal_import_apply_finish (self->import, result, &error);

  if (is_done)
    g_signal_emit (self, signal_imported, 0,
                   postseal_account_form_get_name (get_account (self)->form));
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (is_done)
    gtk_widget_destroy (GTK_WIDGET (self));
  else
    {
      say (self, error->message);
      gtk_widget_set_sensitive (self->take_button, TRUE);
    }
}

/* The host may ask for the passphrase of its store. */
static void
take_password (PostsealClawsImportDialog *self)
{
  char *password = passwd_store_get_account (self->id, self->password);
  g_autoptr (PostsealCredential) secret = NULL;

  if (password == NULL)
    return;
  secret = postseal_credential_new (password, -1);
  postseal_wipe (password, strlen (password));
  g_free (password);
  postseal_import_give_secret (self->import, self->index, secret);
}

static void
take_over (PostsealClawsImportDialog *self)
{
  PostsealImportFlags flags = 0;

  if (gtk_widget_get_visible (GTK_WIDGET (self->secret_check))
      && gtk_toggle_button_get_active (self->secret_check))
    {
      take_password (self);
      flags = POSTSEAL_IMPORT_STORE_SECRETS;
    }
  say (self, "");
  gtk_widget_set_sensitive (self->take_button, FALSE);
  postseal_import_apply_async (self->import, self->index, flags, NULL, on_applied,
                               g_object_ref (self));
}

static void
postseal_claws_import_dialog_response (GtkDialog *dialog, int response)
{
  if (response == GTK_RESPONSE_ACCEPT)
    take_over (POSTSEAL_CLAWS_IMPORT_DIALOG (dialog));
  else
    gtk_widget_destroy (GTK_WIDGET (dialog));
}

/* --- public --- */

static const char *
find_password (int id)
{
  static const char *const kinds[] = { PWS_ACCOUNT_RECV, PWS_ACCOUNT_SEND };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (passwd_store_has_password_account (id, kinds[i]))
      return kinds[i];
  return NULL;
}

GtkWidget *
postseal_claws_import_dialog_new (GtkWindow *parent, int id)
{
  PostsealClawsImportDialog *self
      = g_object_new (POSTSEAL_TYPE_CLAWS_IMPORT_DIALOG, "transient-for", parent, NULL);
  g_autofree char *path = g_build_filename (get_rc_dir (), ACCOUNT_RC, NULL);
  g_autofree char *config = postseal_paths_config_file ();

  self->id = id;
  self->password = find_password (id);
  postseal_import_read_async (POSTSEAL_IMPORT_CLAWS, path, config, self->cancellable, on_read,
                              g_object_ref (self));
  return GTK_WIDGET (self);
}

/* --- GObject --- */

/* What it has begun keeps a reference, until it is over. */
static void
postseal_claws_import_dialog_destroy (GtkWidget *widget)
{
  g_cancellable_cancel (POSTSEAL_CLAWS_IMPORT_DIALOG (widget)->cancellable);
  GTK_WIDGET_CLASS (postseal_claws_import_dialog_parent_class)->destroy (widget);
}

static void
postseal_claws_import_dialog_finalize (GObject *object)
{
  PostsealClawsImportDialog *self = POSTSEAL_CLAWS_IMPORT_DIALOG (object);

  g_clear_pointer (&self->import, postseal_import_unref);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (postseal_claws_import_dialog_parent_class)->finalize (object);
}

static void
postseal_claws_import_dialog_class_init (PostsealClawsImportDialogClass *klass)
{
  GtkWidgetClass *class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = postseal_claws_import_dialog_finalize;
  class->destroy = postseal_claws_import_dialog_destroy;
  GTK_DIALOG_CLASS (klass)->response = postseal_claws_import_dialog_response;
  signal_imported = g_signal_new ("imported", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (class, "/org/postseal/Claws/import-dialog.ui");
  gtk_widget_class_bind_template_child (class, PostsealClawsImportDialog, text_view);
  gtk_widget_class_bind_template_child (class, PostsealClawsImportDialog, secret_check);
  gtk_widget_class_bind_template_child (class, PostsealClawsImportDialog, note_label);
  gtk_widget_class_bind_template_child (class, PostsealClawsImportDialog, take_button);
}

static void
postseal_claws_import_dialog_init (PostsealClawsImportDialog *self)
{
  GtkTextBuffer *buffer;

  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  buffer = gtk_text_view_get_buffer (self->text_view);
  gtk_text_buffer_create_tag (buffer, "words", NULL);
  gtk_text_buffer_create_tag (buffer, "setting", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (buffer, "verdict", "style", PANGO_STYLE_ITALIC, NULL);
  gtk_text_buffer_create_tag (buffer, "becomes", "left-margin", 24, NULL);
}
