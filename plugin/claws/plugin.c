/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <common/plugin.h>
#include <common/utils.h>
#include <common/version.h>
#include <glib/gi18n-lib.h>
#include <libintl.h>

#include "claws/account-tab.h"
#include "claws/bindings.h"
#include "claws/composing.h"
#include "claws/front.h"
#include "claws/get-mail.h"
#include "claws/global-page.h"
#include "claws/mail-command.h"
#include "claws/passwords.h"
#include "claws/receiving.h"
#include "claws/sending.h"
#include "claws/tools-menu.h"

/* What the host asks of a plugin: these functions, by these names. The parts are made in the order
   in which each needs the ones before it, and end the other way round. */

#define NAME "Postseal"
#define BINDINGS_FILE "postsealrc"

static PostsealClawsFront *front; /* owned, while loaded */
static PostsealClawsBindings *bindings; /* owned, while loaded */
static PostsealClawsReceiving *receiving; /* owned, while loaded */
static PostsealClawsGetMail *get_mail; /* owned, while loaded */
static PostsealClawsToolsMenu *menu; /* owned, while loaded */
static PostsealClawsSending *sending; /* owned, while loaded */
static PostsealClawsComposing *composing; /* owned, while loaded */
static PostsealClawsMailCommand *mail_command; /* owned, while loaded */
static PostsealClawsPasswords *passwords; /* owned, while loaded */
static PostsealClawsAccountTab *account_tab; /* owned, while loaded */
static PostsealClawsGlobalPage *global_page; /* owned, while loaded */

int
plugin_init (char **error)
{
  g_autofree char *path = NULL;

  bindtextdomain (GETTEXT_PACKAGE, POSTSEAL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  if (!check_plugin_version (MAKE_NUMERIC_VERSION (4, 0, 0, 0), VERSION_NUMERIC, NAME, error))
    return -1;
  path = g_build_filename (get_rc_dir (), BINDINGS_FILE, NULL);
  bindings = postseal_claws_bindings_new (path);
  front = postseal_claws_front_new ();
  receiving = postseal_claws_receiving_new (front, bindings);
  get_mail = postseal_claws_get_mail_new (receiving, bindings);
  menu = postseal_claws_tools_menu_new (front, receiving, bindings);
  sending = postseal_claws_sending_new (front);
  composing = postseal_claws_composing_new (sending, bindings);
  mail_command = postseal_claws_mail_command_new (bindings);
  passwords = postseal_claws_passwords_new (bindings);
  account_tab = postseal_claws_account_tab_new (front, bindings, passwords);
  global_page = postseal_claws_global_page_new (front);
  return 0;
}

gboolean
plugin_done (void)
{
  g_clear_pointer (&global_page, postseal_claws_global_page_free);
  g_clear_pointer (&account_tab, postseal_claws_account_tab_free);
  g_clear_pointer (&menu, postseal_claws_tools_menu_free);
  g_clear_pointer (&passwords, postseal_claws_passwords_free);
  g_clear_pointer (&get_mail, postseal_claws_get_mail_free);
  g_clear_pointer (&mail_command, postseal_claws_mail_command_free);
  g_clear_pointer (&composing, postseal_claws_composing_free);
  g_clear_pointer (&sending, postseal_claws_sending_free);
  g_clear_pointer (&receiving, postseal_claws_receiving_free);
  if (front != NULL)
    postseal_claws_front_stop (front);
  g_clear_object (&front);
  g_clear_object (&bindings);
  return TRUE;
}

const char *
plugin_name (void)
{
  return NAME;
}

const char *
plugin_desc (void)
{
  return _ ("Receives and sends mail over connections that are proven to be secure, at once and in "
            "the background, and keeps passwords in the desktop keyring.");
}

/* "GTK3": loaded when there is a window. */
const char *
plugin_type (void)
{
  return "GTK3";
}

/* In the host's own spelling, which it insists on. */
const char *
plugin_licence (void)
{
  return "GPL3+";
}

const char *
plugin_version (void)
{
  return POSTSEAL_VERSION;
}

struct PluginFeature *
plugin_provides (void)
{
  static struct PluginFeature features[]
      = { { PLUGIN_UTILITY, "Postseal" }, { PLUGIN_NOTHING, NULL } };

  return features;
}
