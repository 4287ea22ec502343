/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "base/paths.h"
#include "cli/confirmation.h"
#include "cli/options.h"
#include "cli/report.h"

#define PROGRAM "postseal account remove"

static void
say_consequences (const PostsealOptions *options, const char *name, PostsealAccount *account)
{
  g_autofree char *state = postseal_paths_account_state_dir (name);

  g_print (_ ("The account “%s” goes out of %s. Nothing else is touched:\n"), name,
           options->config);
  if (account != NULL && account->deliver != NULL)
    g_print (_ ("- mail that was delivered stays in %s, mail on the server stays there\n"),
             account->deliver);
  if (account != NULL && strcmp (account->password, "secret-service") == 0 && !account->auth_none)
    g_print (_ ("- its password stays in the keyring; to forget it, run “postseal password clear "
                "%s” first\n"),
             name);
  g_print (_ ("- the record of what was delivered stays in %s: an account of the same name would "
              "not fetch it "
              "again\n"),
           state);
}

static gboolean
confirm (const char *name)
{
  g_autofree char *question = g_strdup_printf (_ ("Remove the account “%s”?"), name);

  return postseal_confirmation_ask (question, FALSE);
}

int
postseal_cmd_account_remove (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_sure = FALSE;
  const GOptionEntry entries[] = {
    { "yes", 0, 0, G_OPTION_ARG_NONE, &is_sure, N_ ("Do not ask"), NULL },
    { NULL },
  };
  PostsealAccount *account;
  int status = 0;

  if (!postseal_options_parse (
          &options, PROGRAM, _ ("ACCOUNT"),
          _ ("Remove an account from accounts.conf. Delivered mail, the password and the record "
             "of what was delivered stay."),
          entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return postseal_report_usage (PROGRAM, _ ("name one account"));
  store = postseal_options_load_accounts (&options, &status);
  if (store == NULL)
    return status;
  account = postseal_account_store_lookup (store, argv[1], &error);
  if (account == NULL && !postseal_account_store_has (store, argv[1]))
    return postseal_report_error (error);
  g_clear_error (&error);

  if (!is_sure && !isatty (STDIN_FILENO))
    return postseal_report_usage (PROGRAM, _ ("there is no terminal to ask on; say --yes"));
  if (!options.json)
    say_consequences (&options, argv[1], account);
  if (!is_sure && !confirm (argv[1]))
    {
      g_print (_ ("Nothing was removed.\n"));
      return 0;
    }
  if (!postseal_account_store_remove (options.config, argv[1], &error))
    return postseal_report_error (error);
  return 0;
}
