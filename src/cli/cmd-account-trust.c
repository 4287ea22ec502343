/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "base/printable.h"
#include "cli/options.h"
#include "cli/page.h"
#include "cli/report.h"
#include "cli/service-choice.h"
#include "setup/account-latches.h"

#define PROGRAM "postseal account trust"
#define KEYS "keys"

/* --- what is known --- */

static void
add_server (PostsealPage *page, PostsealLatches *latches, const char *place)
{
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, place);
  g_autofree char *shown = postseal_printable (place, -1);

  postseal_page_add_gap (page);
  postseal_page_add_title (page, shown, "");
  for (const char *const *name = postseal_account_latches_get_names (); *name != NULL; name++)
    {
      g_autofree char *sentence = postseal_account_latches_describe_one (latches, place, *name);

      postseal_page_add_entry (page, *name, sentence, POSTSEAL_PAGE_PLAIN);
    }
  for (guint i = 0; i < keys->len; i++)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (keys, i);
      g_autofree char *sentence = postseal_account_latches_describe_key (place, entry);

      postseal_page_add_entry (page, KEYS, sentence,
                               entry->news == POSTSEAL_KEY_STRANGER ? POSTSEAL_PAGE_NOTABLE
                                                                    : POSTSEAL_PAGE_PLAIN);
    }
}

static void
print_page (PostsealLatches *latches, char **servers)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  if (servers[0] == NULL)
    postseal_page_add_sentence (page,
                                _ ("Nothing yet. Once a server has been connected to, it is never "
                                   "trusted with less."),
                                POSTSEAL_PAGE_PLAIN);
  for (char **server = servers; *server != NULL; server++)
    add_server (page, latches, *server);
  g_print ("%s", page->text->str);
}

static void
add_latch_to_json (JsonBuilder *builder,
                   PostsealLatches *latches,
                   const char *place,
                   const char *name)
{
  g_autofree char *since_name = g_strconcat (name, "-since", NULL);
  g_autofree char *by_name = g_strconcat (name, "-by", NULL);
  g_autofree char *value = postseal_latches_dup (latches, place, name);
  g_autofree char *since = postseal_latches_dup (latches, place, since_name);
  g_autofree char *by = postseal_latches_dup (latches, place, by_name);

  json_builder_set_member_name (builder, name);
  if (value == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "value", value);
  postseal_report_add_time (builder, "since",
                            since != NULL ? g_ascii_strtoll (since, NULL, 10) : 0);
  postseal_report_add_string (builder, "by", by);
  json_builder_end_object (builder);
}

static void
add_keys_to_json (JsonBuilder *builder, PostsealLatches *latches, const char *place)
{
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, place);

  json_builder_set_member_name (builder, KEYS);
  json_builder_begin_array (builder);
  for (guint i = 0; i < keys->len; i++)
    {
      const PostsealKeyEntry *entry = g_ptr_array_index (keys, i);

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "key", entry->spki);
      postseal_report_add_string (builder, "issuer", entry->issuer);
      postseal_report_add_time (builder, "since", entry->since);
      postseal_report_add_string (builder, "change", postseal_key_news_name (entry->news));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_json (const char *account, PostsealLatches *latches, char **servers)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", account);
  json_builder_set_member_name (builder, "servers");
  json_builder_begin_array (builder);
  for (char **server = servers; *server != NULL; server++)
    {
      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "server", *server);
      for (const char *const *name = postseal_account_latches_get_names (); *name != NULL; name++)
        add_latch_to_json (builder, latches, *server, *name);
      add_keys_to_json (builder, latches, *server);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

/* Other things may be noted about a server, too. */
static gboolean
is_held (PostsealLatches *latches, const char *place)
{
  g_autoptr (GPtrArray) keys = postseal_latches_list_keys (latches, place);
  gboolean is_held = keys->len > 0;

  for (const char *const *name = postseal_account_latches_get_names (); *name != NULL; name++)
    {
      g_autofree char *value = postseal_latches_dup (latches, place, *name);

      is_held = is_held || value != NULL;
    }
  return is_held;
}

/* Returns: (transfer full) */
static char **
list_servers (PostsealLatches *latches)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = postseal_latches_list_endpoints (latches);

  for (char **place = all; *place != NULL; place++)
    if (is_held (latches, *place))
      g_strv_builder_add (builder, *place);
  return g_strv_builder_end (builder);
}

static int
list (const PostsealOptions *options, const char *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealLatches) latches = postseal_account_latches_load (account, &error);
  g_auto (GStrv) servers = NULL;

  if (latches == NULL)
    return postseal_report_error (error);
  servers = list_servers (latches);
  if (options->json)
    print_json (account, latches, servers);
  else
    print_page (latches, servers);
  return 0;
}

/* --- to forget --- */

static void
print_forgotten (const PostsealOptions *options, const char *account, GVariant *answer)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GVariantIter) iter = NULL;
  GVariant *one;

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", account);
  json_builder_set_member_name (builder, "forgotten");
  json_builder_begin_array (builder);
  g_variant_lookup (answer, "forgotten", "aa{ss}", &iter);
  if (!options->json && (iter == NULL || g_variant_iter_n_children (iter) == 0))
    g_print (_ ("There was nothing to forget.\n"));
  while (iter != NULL && (one = g_variant_iter_next_value (iter)) != NULL)
    {
      g_autoptr (GVariant) owned = one;
      const char *server = "", *latch = "", *value = "";

      g_variant_lookup (owned, "server", "&s", &server);
      g_variant_lookup (owned, "latch", "&s", &latch);
      g_variant_lookup (owned, "value", "&s", &value);
      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "server", server);
      postseal_report_add_string (builder, "latch", latch);
      postseal_report_add_string (builder, "value", value);
      json_builder_end_object (builder);
      if (!options->json)
        {
          g_autofree char *line = g_strdup_printf ("%s: %s %s", server, latch, value);
          g_autofree char *shown = postseal_printable (line, -1);

          g_print (_ ("Forgotten: %s\n"), shown);
        }
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (options->json)
    postseal_report_json (builder);
}

static gboolean
is_latch (const char *word)
{
  return g_str_equal (word, KEYS) || g_strv_contains (postseal_account_latches_get_names (), word);
}

static int
forget (const PostsealOptions *options, const char *account, char **operands)
{
  PostsealService *service = NULL;
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GError) error = NULL;
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "account", "s", account);
  for (char **operand = operands; *operand != NULL; operand++)
    g_variant_dict_insert (&arguments, is_latch (*operand) ? "latch" : "server", "s", *operand);
  service = postseal_service_choice_make (options);
  answer = postseal_service_choice_ask (service, POSTSEAL_SERVICE_FORGET,
                                        g_variant_dict_end (&arguments), &error);
  postseal_service_choice_end (service);
  g_object_unref (service);
  if (answer == NULL)
    return postseal_report_error (error);
  print_forgotten (options, account, answer);
  return 0;
}

/* At most one of each kind. */
static gboolean
check_operands (char **operands)
{
  guint counts[2] = { 0, 0 };

  for (char **operand = operands; *operand != NULL; operand++)
    {
      if (!g_utf8_validate (*operand, -1, NULL))
        return FALSE;
      counts[is_latch (*operand) ? 1 : 0]++;
    }
  return counts[0] <= 1 && counts[1] <= 1;
}

int
postseal_cmd_account_trust (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GError) error = NULL;
  gboolean forgets = FALSE;
  const GOptionEntry entries[] = {
    { "forget", 0, 0, G_OPTION_ARG_NONE, &forgets,
      N_ ("Forget all of it, or that of one server or one kind: the servers may be weaker from now "
          "on"),
      NULL },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (
          &options, PROGRAM, _ ("ACCOUNT [--forget [tls|voucher|dane|mechanism|keys] [SERVER]]"),
          _ ("Show what each server is held to, since when and by what connection it was learned, "
             "and the keys that it has shown."),
          entries, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return postseal_report_usage (PROGRAM, _ ("name one account"));
  if ((argc > 2 && !forgets) || !check_operands (argv + 2))
    return postseal_report_usage (PROGRAM, _ ("only --forget takes a kind and a server, one each"));
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  if (postseal_account_store_lookup (store, argv[1], &error) == NULL)
    return postseal_report_error (error);
  return forgets ? forget (&options, argv[1], argv + 2) : list (&options, argv[1]);
}
