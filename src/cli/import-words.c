/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/import-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "cli/form-words.h"
#include "cli/report.h"

static const char *const names[] = {
  [POSTSEAL_IMPORT_CARRIED] = "carried",
  [POSTSEAL_IMPORT_CHANGED] = "changed",
  [POSTSEAL_IMPORT_IMPOSSIBLE] = "impossible",
  [POSTSEAL_IMPORT_WEAKER] = "weaker",
};

/* Labels in front of each line; at most eleven columns. */
static const char *const labels[] = {
  [POSTSEAL_IMPORT_CARRIED] = N_ ("carried"),
  [POSTSEAL_IMPORT_CHANGED] = N_ ("changed"),
  [POSTSEAL_IMPORT_IMPOSSIBLE] = N_ ("not here"),
  [POSTSEAL_IMPORT_WEAKER] = N_ ("was weaker"),
};

/* What needs a look comes first. */
static const struct
{
  PostsealImportVerdict verdict;
  PostsealPageStyle style;
} order[] = {
  { POSTSEAL_IMPORT_WEAKER, POSTSEAL_PAGE_BAD },
  { POSTSEAL_IMPORT_IMPOSSIBLE, POSTSEAL_PAGE_NOTABLE },
  { POSTSEAL_IMPORT_CHANGED, POSTSEAL_PAGE_PLAIN },
  { POSTSEAL_IMPORT_CARRIED, POSTSEAL_PAGE_PLAIN },
};

const char *
postseal_import_words_name_verdict (PostsealImportVerdict verdict)
{
  return names[verdict];
}

static void
add_note (PostsealPage *page, const PostsealImportNote *note, PostsealPageStyle style)
{
  g_autoptr (GString) text = g_string_new (note->setting);

  if (note->line > 0)
    g_string_append_printf (text, _ (" (line %u)"), note->line);
  if (*note->becomes != '\0')
    g_string_append_printf (text, " → %s", note->becomes);
  if (*note->text != '\0')
    g_string_append_printf (text, ": %s", note->text);
  postseal_page_add_entry (page, _ (labels[note->verdict]), text->str, style);
}

static const char *
describe (const PostsealImportAccount *account)
{
  if (account->exists)
    return _ ("is there already");
  if (!account->is_usable)
    return _ ("cannot be used as it is");
  return account->has_secret ? _ ("new; the file holds its password") : _ ("new");
}

void
postseal_import_words_add_account (PostsealPage *page,
                                   const PostsealImportAccount *account,
                                   gboolean shows_text)
{
  postseal_page_add_gap (page);
  postseal_page_add_title (page, postseal_account_form_get_name (account->form),
                           describe (account));
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    for (guint j = 0; j < account->notes->len; j++)
      {
        const PostsealImportNote *note = g_ptr_array_index (account->notes, j);

        if (note->verdict == order[i].verdict)
          add_note (page, note, order[i].style);
      }
  if (account->n_seen > 0)
    {
      g_autofree char *known
          = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%" PRIu64 " message",
                                          "%" PRIu64 " messages", (gulong)account->n_seen),
                             account->n_seen);

      postseal_page_add_entry (page, _ ("retrieved"), known, POSTSEAL_PAGE_PLAIN);
    }
  postseal_page_add_entry (page, _ ("old mail"), account->seen_text, POSTSEAL_PAGE_PLAIN);
  if (!shows_text)
    return;
  postseal_page_add_gap (page);
  postseal_form_words_append_section (page->text, account->form, "    ");
}

/* --- for programs --- */

static void
add_notes (JsonBuilder *builder, const GPtrArray *notes)
{
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < notes->len; i++)
    {
      const PostsealImportNote *note = g_ptr_array_index (notes, i);

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "verdict", names[note->verdict]);
      postseal_report_add_number (builder, "line", note->line);
      postseal_report_add_string (builder, "setting", note->setting);
      postseal_report_add_string (builder, "becomes", note->becomes);
      postseal_report_add_string (builder, "text", note->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
postseal_import_words_add_json (JsonBuilder *builder,
                                const PostsealImportAccount *account,
                                const char *state)
{
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", postseal_account_form_get_name (account->form));
  postseal_report_add_string (builder, "state", state);
  postseal_report_add_boolean (builder, "usable", account->is_usable);
  postseal_report_add_boolean (builder, "exists", account->exists);
  postseal_report_add_boolean (builder, "has-password", account->has_secret);
  postseal_report_add_number (builder, "retrieved", account->n_seen);
  postseal_report_add_string (builder, "retrieved-text", account->seen_text);
  postseal_form_words_add_settings (builder, account->form);
  add_notes (builder, account->notes);
  json_builder_end_object (builder);
}
