/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/import-draft.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"

PostsealImportDraft *
postseal_import_draft_new (void)
{
  PostsealImportDraft *self = g_new0 (PostsealImportDraft, 1);

  self->account.form = postseal_account_form_new ();
  self->account.notes = g_ptr_array_new_with_free_func (postseal_import_draft_free_note);
  self->prior = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_prior_mailbox_free);
  return self;
}

void
postseal_import_draft_free_note (gpointer data)
{
  PostsealImportNote *note = data;

  g_free (note->setting);
  g_free (note->becomes);
  g_free (note->text);
  g_free (note);
}

void
postseal_import_draft_free (PostsealImportDraft *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->account.form);
  g_ptr_array_unref (self->account.notes);
  g_free (self->account.section);
  g_free (self->account.seen_text);
  g_clear_pointer (&self->secret, postseal_credential_unref);
  g_ptr_array_unref (self->prior);
  g_free (self);
}

/* --- notes --- */

void
postseal_import_draft_note (PostsealImportDraft *self,
                            PostsealImportVerdict verdict,
                            guint line,
                            const char *setting,
                            const char *becomes,
                            const char *text)
{
  PostsealImportNote *note = g_new0 (PostsealImportNote, 1);

  note->verdict = verdict;
  note->line = line;
  note->setting = postseal_printable (setting, -1);
  note->becomes = becomes != NULL ? postseal_printable (becomes, -1) : g_strdup ("");
  note->text = g_strdup (text != NULL ? text : "");
  g_ptr_array_add (self->account.notes, note);
}

/* What may hold a password though it should not: it is not repeated. */
static gboolean
is_opaque (const PostsealRcSetting *setting)
{
  static const char *const names[]
      = { "plugin",  "plugout",      "preconnect", "postconnect", "tunnel",           "usercmd",
          "passcmd", "passwordeval", "eval",       "properties",  "password_command", NULL };

  return setting->secret != NULL || g_strv_contains (names, setting->name);
}

char *
postseal_import_draft_show (const PostsealRcSetting *setting)
{
  g_autoptr (GString) text = g_string_new (setting->is_negated ? "no " : "");

  g_string_append (text, setting->name);
  if (is_opaque (setting))
    {
      g_string_append (text, " …");
      return g_string_free (g_steal_pointer (&text), FALSE);
    }
  for (guint i = 0; i < setting->values->len; i++)
    {
      const char *value = g_ptr_array_index (setting->values, i);

      if (*value == '\0' && setting->values->len == 1)
        g_string_append (text, g_str_equal (setting->name, "sslproto") ? " ''" : "");
      else
        g_string_append_printf (text, " %s", value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
postseal_import_draft_note_setting (PostsealImportDraft *self,
                                    PostsealImportVerdict verdict,
                                    const PostsealRcSetting *setting,
                                    const char *becomes,
                                    const char *text)
{
  g_autofree char *shown = setting != NULL ? postseal_import_draft_show (setting) : NULL;

  if (setting != NULL)
    postseal_import_draft_note (self, verdict, setting->line, shown, becomes, text);
}

static const PostsealDraftRule *
find_rule (const PostsealDraftRule *rules, gsize n_rules, const char *name)
{
  for (gsize i = 0; i < n_rules; i++)
    if (g_str_equal (rules[i].name, name))
      return &rules[i];
  return NULL;
}

void
postseal_import_draft_apply_rules (PostsealImportDraft *self,
                                   const PostsealRcSection *section,
                                   const PostsealDraftRule *rules,
                                   gsize n_rules,
                                   const char *const *mapped)
{
  for (guint i = 0; i < section->settings->len; i++)
    {
      const PostsealRcSetting *setting = g_ptr_array_index (section->settings, i);
      const PostsealDraftRule *rule = find_rule (rules, n_rules, setting->name);

      if (g_strv_contains (mapped, setting->name))
        continue;
      if (rule == NULL)
        postseal_import_draft_note_setting (self, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
                                            _ ("This setting is not known here"));
      else
        postseal_import_draft_note_setting (self, rule->verdict, setting, NULL,
                                            *rule->text != '\0' ? _ (rule->text) : NULL);
    }
}

/* --- what has been retrieved --- */

void
postseal_import_draft_take_prior (PostsealImportDraft *self, PostsealPriorMailbox *mailbox)
{
  self->account.n_seen += mailbox->uidls->len + mailbox->uids->len;
  g_ptr_array_add (self->prior, mailbox);
}

void
postseal_import_draft_take_prior_as (PostsealImportDraft *self,
                                     const PostsealPriorMailbox *mailbox,
                                     const char *title)
{
  PostsealPriorMailbox *copy = postseal_prior_mailbox_new (title);

  copy->uid_validity = mailbox->uid_validity;
  copy->next_uid = mailbox->next_uid;
  g_array_append_vals (copy->uids, mailbox->uids->data, mailbox->uids->len);
  g_array_append_vals (copy->waiting, mailbox->waiting->data, mailbox->waiting->len);
  g_ptr_array_add (self->prior, copy);
}

void
postseal_import_draft_count_seen (PostsealImportDraft *self, const GPtrArray *folders)
{
  for (guint i = 0; i < folders->len; i++)
    {
      PostsealPriorMailbox *mailbox = postseal_prior_mailbox_new (g_ptr_array_index (folders, i));

      mailbox->counts_seen = TRUE;
      postseal_import_draft_take_prior (self, mailbox);
    }
}

void
postseal_import_draft_say_seen (PostsealImportDraft *self, const char *text)
{
  g_free (self->account.seen_text);
  self->account.seen_text = g_strdup (text);
}
