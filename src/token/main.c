/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal-token: one question to a provider's token endpoint. The library starts it, so that no
   HTTP library is in the daemon or in a program that uses the library. Its input is described in
   token/form.h, its output in token/answer.h; nothing secret is in its arguments or environment. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "token/answer.h"
#include "token/form.h"
#include "token/post.h"

#define STATUS_USAGE 64

/* No core dump, and no debugger of another process of the user. */
static void
hide_memory (void)
{
  const struct rlimit none = { 0, 0 };

  (void)setrlimit (RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its search for leaks is such a debugger */
  (void)prctl (PR_SET_DUMPABLE, 0);
#endif
}

int
main (int argc, char **argv)
{
  g_autoptr (PostsealForm) form = NULL;
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;
  const char *complaint = NULL;
  PostsealFailure failure = POSTSEAL_FAILURE_LASTING;
  guint status = 0;
  gsize length = 0;
  const char *json = NULL;

  hide_memory ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (argc == 1)
    form = postseal_form_read (STDIN_FILENO, &complaint);
  if (form == NULL)
    {
      fprintf (stderr, "postseal-token: %s; Postseal runs this program itself\n",
               complaint != NULL ? complaint : "it takes no arguments");
      return STATUS_USAGE;
    }
  answer = postseal_post_send (form, &status, &failure, &error);
  if (answer == NULL)
    {
      postseal_answer_print_failure (error->message, failure);
      return EXIT_SUCCESS;
    }
  json = g_bytes_get_data (answer, &length);
  postseal_answer_print (json, length, status);
  return EXIT_SUCCESS;
}
