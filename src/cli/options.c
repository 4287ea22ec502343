/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/paths.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "cli/report.h"
#include "outbox/wake.h"

static void
add_names (GPtrArray *names, const GOptionEntry *entries)
{
  for (gsize i = 0; entries != NULL && entries[i].long_name != NULL; i++)
    g_ptr_array_add (names, (gpointer)entries[i].long_name);
}

/* GOption says "Unknown option --jsn"; which one was meant it does not say. */
static int
report_unknown (const char *program,
                const GError *error,
                const GOptionEntry *common,
                const GOptionEntry *entries)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *dashes = strstr (error->message, "--");
  g_autofree char *word = NULL;
  g_autofree char *shown = postseal_printable (error->message, -1);
  const char *nearest = NULL;

  add_names (names, common);
  add_names (names, entries);
  g_ptr_array_add (names, (gpointer) "help");
  g_ptr_array_add (names, NULL);
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION) && dashes != NULL)
    {
      word = g_strndup (dashes + 2, strcspn (dashes + 2, "= "));
      nearest = postseal_suggest (word, (const char *const *)names->pdata);
    }
  if (nearest != NULL)
    return postseal_report_usage (program, _ ("%s; did you mean “--%s”?"), shown, nearest);
  return postseal_report_usage (program, "%s", shown);
}

static gboolean
has_help (int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
      return TRUE;
  return FALSE;
}

gboolean
postseal_options_parse (PostsealOptions *self,
                        const char *program,
                        const char *operands,
                        const char *summary,
                        const GOptionEntry *entries,
                        int *argc,
                        char ***argv,
                        int *ret_status)
{
  const GOptionEntry common[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config, N_ ("Another file of accounts"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_ ("Output for programs"), NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose,
      N_ ("Show what is said on the connections, without secrets"), NULL },
    { "no-daemon", 0, 0, G_OPTION_ARG_NONE, &self->no_daemon,
      N_ ("Act alone, even where a daemon runs"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (operands);
  g_autoptr (GError) error = NULL;

  /* The usage line is "Usage:\n  PRGNAME [OPTION…] OPERANDS". */
  g_set_prgname (program);
  g_option_context_set_summary (context, summary);
  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  if (has_help (*argc, *argv))
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

      g_print ("%s", help);
      *ret_status = 0;
      return FALSE;
    }

  if (!g_option_context_parse (context, argc, argv, &error))
    {
      *ret_status = report_unknown (program, error, common, entries);
      return FALSE;
    }
  if (*argc > 1 && strcmp ((*argv)[1], "--") == 0)
    {
      memmove (*argv + 1, *argv + 2, (*argc - 1) * sizeof **argv);
      (*argc)--;
    }
  if (operands == NULL && *argc > 1)
    {
      g_autofree char *shown = postseal_printable ((*argv)[1], -1);

      *ret_status = postseal_report_usage (program, _ ("unexpected argument “%s”"), shown);
      return FALSE;
    }
  if (self->config == NULL)
    self->config = postseal_paths_config_file ();
  return TRUE;
}

void
postseal_options_clear (PostsealOptions *self)
{
  g_clear_pointer (&self->config, g_free);
}

PostsealAccountStore *
postseal_options_load_accounts (const PostsealOptions *self, int *ret_status)
{
  g_autoptr (GError) error = NULL;
  PostsealAccountStore *store = postseal_account_store_load (self->config, &error);

  if (store == NULL)
    *ret_status = postseal_report_error (error);
  return store;
}

void
postseal_options_wake_outbox (const PostsealOptions *self)
{
  g_autofree char *usual = postseal_paths_config_file ();
  g_autoptr (GError) error = NULL;

  if (!postseal_wake (strcmp (self->config, usual) != 0 ? self->config : NULL, &error))
    g_printerr (_ ("postseal: It stays in the queue, since nothing could be started to send it: "
                   "%s\n"),
                error->message);
}
