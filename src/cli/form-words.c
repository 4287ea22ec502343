/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/form-words.h"

#include "cli/report.h"
#include "engine/account-store.h"

void
postseal_form_words_append_section (GString *text, PostsealAccountForm *form, const char *indent)
{
  g_autofree char *section = postseal_account_form_to_text (form);
  g_auto (GStrv) lines = g_strsplit (section, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      {
        g_autofree char *shown = postseal_report_make_printable (lines[i]);

        g_string_append_printf (text, "%s%s\n", indent, shown);
      }
}

void
postseal_form_words_add_settings (JsonBuilder *builder, PostsealAccountForm *form)
{
  const char *const *keys = postseal_account_store_get_keys ();

  json_builder_set_member_name (builder, "settings");
  if (form == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  for (gsize i = 0; keys[i] != NULL; i++)
    if (postseal_account_form_get (form, keys[i]) != NULL)
      postseal_report_add_string (builder, keys[i], postseal_account_form_get (form, keys[i]));
  json_builder_end_object (builder);
}
