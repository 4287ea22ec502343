/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* postseal-settings: accounts, seen and changed by people. */
#include <locale.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <glib/gi18n.h>

#include "settings/application.h"

/* Passwords are typed here: no core dump, no debugger of another process of the user. */
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
  g_autoptr (PostsealApplication) application = NULL;
  const char *locale_dir = g_getenv ("POSTSEAL_LOCALE_DIR");

  hide_memory ();
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  application = postseal_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
