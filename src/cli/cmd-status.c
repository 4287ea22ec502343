/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal status: how the accounts are. */
#include <glib/gi18n.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/overview-json.h"
#include "cli/overview-page.h"
#include "cli/overview.h"
#include "cli/report.h"
#include "cli/service-choice.h"
#include "cli/status-watch.h"

static void
print_page (const PostsealOverview *overview)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  postseal_overview_page_add_head (page, overview);
  for (guint i = 0; i < overview->accounts->len; i++)
    {
      postseal_page_add_gap (page);
      postseal_overview_page_add_account (page, g_ptr_array_index (overview->accounts, i), now);
    }
  g_print ("%s", page->text->str);
}

static void
print_json (const PostsealOverview *overview)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < overview->accounts->len; i++)
    postseal_overview_json_add (builder, g_ptr_array_index (overview->accounts, i));
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
show (const PostsealOptions *options, char **names)
{
  g_autoptr (PostsealService) daemon = postseal_service_choice_get_daemon (options);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOverview) overview = postseal_overview_take (options, daemon, names, &error);

  if (overview == NULL)
    return postseal_report_error (error);
  if (overview->trouble != NULL)
    g_printerr ("postseal: %s\n", overview->trouble);
  if (options->json)
    print_json (overview);
  else
    print_page (overview);
  return postseal_report_problems (overview->store);
}

int
postseal_cmd_status (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  gboolean watches = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watches, N_ ("Go on, and show every change"), NULL },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (
          &options, "postseal status", _ ("[ACCOUNT…]"),
          _ ("Show for each account what it is doing, how its connections are sealed, what went "
             "wrong and what to do about it, and what waits to be sent."),
          entries, &argc, &argv, &status))
    return status;
  return watches ? postseal_status_watch (&options, argv + 1) : show (&options, argv + 1);
}
