/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/service-choice.h"

#define PROGRAM "postseal account edit"

/* "key=value" operands and --unset keys, in this order. */
static gboolean
collect_changes (int argc, char **argv, char **unset, GPtrArray *keys, GPtrArray *values)
{
  for (int i = 2; i < argc; i++)
    {
      const char *equals = strchr (argv[i], '=');

      if (equals == NULL || equals == argv[i])
        {
          g_autofree char *shown = postseal_printable (argv[i], -1);

          postseal_report_usage (PROGRAM, _ ("“%s” is not of the form key=value"), shown);
          return FALSE;
        }
      g_ptr_array_add (keys, g_strndup (argv[i], equals - argv[i]));
      g_ptr_array_add (values, g_strdup (equals + 1));
    }
  for (gsize i = 0; unset != NULL && unset[i] != NULL; i++)
    {
      g_ptr_array_add (keys, g_strdup (unset[i]));
      g_ptr_array_add (values, NULL);
    }
  return TRUE;
}

static gboolean
forget_latches (const PostsealOptions *options, const char *name, GError **error)
{
  PostsealService *service = postseal_service_choice_make (options);
  g_autoptr (GVariant) answer = NULL;
  GVariantDict arguments;

  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert (&arguments, "account", "s", name);
  answer = postseal_service_choice_ask (service, POSTSEAL_SERVICE_FORGET,
                                        g_variant_dict_end (&arguments), error);
  postseal_service_choice_end (service);
  g_object_unref (service);
  return answer != NULL;
}

static int
edit (const PostsealOptions *options,
      const char *name,
      const GPtrArray *keys,
      const GPtrArray *values,
      gboolean forgets_latches)
{
  g_autoptr (GError) error = NULL;

  if (keys->len > 0)
    {
      if (!postseal_account_store_edit (options->config, name, (const char *const *)keys->pdata,
                                        (const char *const *)values->pdata, keys->len, &error))
        return postseal_report_error (error);
    }
  else
    {
      g_autoptr (PostsealAccountStore) store
          = postseal_account_store_load (options->config, &error);

      if (store == NULL || postseal_account_store_lookup (store, name, &error) == NULL)
        return postseal_report_error (error);
    }
  if (forgets_latches && !forget_latches (options, name, &error))
    return postseal_report_error (error);
  return 0;
}

int
postseal_cmd_account_edit (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_auto (GStrv) unset = NULL;
  gboolean forgets_latches = FALSE;
  const GOptionEntry entries[] = {
    { "unset", 0, 0, G_OPTION_ARG_STRING_ARRAY, &unset,
      N_ ("Remove this key, so that its default holds"), N_ ("KEY") },
    { "forget-latches", 0, 0, G_OPTION_ARG_NONE, &forgets_latches,
      N_ ("Forget how strong the servers were before: they may be weaker from now on"), NULL },
    { NULL },
  };
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  int status = 0;

  if (!postseal_options_parse (
          &options, PROGRAM, _ ("ACCOUNT [KEY=VALUE…]"),
          _ ("Change settings. Comments and the order of accounts.conf stay as they are; nothing "
             "is written unless the account is right afterwards."),
          entries, &argc, &argv, &status))
    return status;
  if (argc < 2)
    return postseal_report_usage (PROGRAM, _ ("name one account"));
  if (!collect_changes (argc, argv, unset, keys, values))
    return 64;
  if (keys->len == 0 && !forgets_latches)
    return postseal_report_usage (
        PROGRAM, _ ("nothing to change; give KEY=VALUE, --unset or --forget-latches"));
  return edit (&options, argv[1], keys, values, forgets_latches);
}
