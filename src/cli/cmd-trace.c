/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>

#include "cli/options.h"
#include "cli/report.h"
#include "cli/trace-json.h"
#include "cli/trace-page.h"

#define PROGRAM "postseal trace"

int
postseal_cmd_trace (int argc, char **argv)
{
  g_auto (PostsealOptions) options = POSTSEAL_OPTIONS_INIT;
  g_autoptr (PostsealTraceSubject) subject = NULL;
  g_autofree char *account = NULL;
  const GOptionEntry entries[] = {
    { "account", 'a', 0, G_OPTION_ARG_STRING, &account,
      N_ ("The account of the message, where no record of it is left"), N_ ("ACCOUNT") },
    { NULL },
  };
  int status = 0;

  if (!postseal_options_parse (&options, PROGRAM, _ ("FILE|MESSAGE-ID|-"),
                               _ ("Tell how a message came: by which servers, what was encrypted "
                                  "according to whom, and what this computer saw."),
                               entries, &argc, &argv, &status))
    return status;
  if (argc != 2)
    return postseal_report_usage (PROGRAM, _ ("name one message"));
  subject = postseal_trace_subject_find (&options, argv[1], account, &status);
  if (subject == NULL)
    return status;
  if (options.json)
    postseal_trace_json_print (subject);
  else
    postseal_trace_page_print (subject, options.verbose);
  return 0;
}
