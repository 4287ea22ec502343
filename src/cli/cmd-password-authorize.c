/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/password-change.h"
#include "cli/report.h"
#include "setup/consent.h"

#define PATIENCE_S 900 /* for the user to sign in with the provider, second factor and all */

typedef struct
{
  PostsealOptions options;
  gboolean is_device;
  PostsealAccountStore *store; /* owned */
  PostsealAccount *account; /* borrowed from the store */
  GMainLoop *loop; /* owned */
  GCancellable *cancellable; /* owned: ends the waiting */
  GError *error; /* owned, nullable */
} Command;

static void
clear_command (Command *self)
{
  postseal_options_clear (&self->options);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, clear_command)

static void
print_json (const Command *self, const char *uri, const char *code)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", self->account->name);
  postseal_report_add_string (builder, "address", uri);
  if (*code != '\0')
    postseal_report_add_string (builder, "code", code);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

static void
on_open (PostsealConsent *consent, const char *uri, const char *code, gpointer user_data)
{
  Command *self = user_data;

  if (self->options.json)
    print_json (self, uri, code);
  else if (*code != '\0')
    g_print (_ ("Open this address in any browser, type the code %s there, and let Postseal "
                "in:\n\n%s\n\n"),
             code, uri);
  else
    g_print (_ ("Open this address in a browser on this computer, and let Postseal in:\n\n%s\n\n"),
             uri);
  fflush (stdout);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Command *self = user_data;

  (void)postseal_consent_run_finish (POSTSEAL_CONSENT (source), result, &self->error);
  g_main_loop_quit (self->loop);
}

static gboolean
on_patience_ended (gpointer user_data)
{
  g_cancellable_cancel (((Command *)user_data)->cancellable);
  return G_SOURCE_REMOVE;
}

static void
set_patience_error (Command *self)
{
  g_clear_error (&self->error);
  g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _ ("No consent to the account %s came within %d minutes. Run the command again"),
               self->account->name, PATIENCE_S / 60);
}

/* Returns: FALSE when there is nothing more to do */
static gboolean
begin (Command *self, int argc, char **argv, int *ret_status)
{
  const char *program = "postseal password authorize";
  const GOptionEntry entries[] = {
    { "device", 0, 0, G_OPTION_ARG_NONE, &self->is_device,
      N_ ("Give the consent on another device, by typing a code there"), NULL },
    { 0 },
  };

  if (!postseal_options_parse (&self->options, program, _ ("ACCOUNT"),
                               _ ("Let Postseal into an account with “password=oauth:…”: shows the "
                                  "address of the provider's page, waits for your consent there, "
                                  "and stores the refresh token."),
                               entries, &argc, &argv, ret_status))
    return FALSE;
  if (argc != 2)
    {
      *ret_status = postseal_report_usage (program, _ ("name one account"));
      return FALSE;
    }
  self->store = postseal_options_load_accounts (&self->options, ret_status);
  if (self->store == NULL)
    return FALSE;
  self->account = postseal_account_store_lookup (self->store, argv[1], &self->error);
  if (self->account == NULL)
    *ret_status = postseal_report_error (self->error);
  return self->account != NULL;
}

static void
ask (Command *self)
{
  PostsealConsentWay way = self->is_device ? POSTSEAL_CONSENT_DEVICE : POSTSEAL_CONSENT_BROWSER;
  g_autoptr (PostsealConsent) consent
      = postseal_consent_new (self->account->password, self->account->name,
                              postseal_password_change_get_user (self->account), way);

  self->loop = g_main_loop_new (NULL, FALSE);
  self->cancellable = g_cancellable_new ();
  g_timeout_add_seconds (PATIENCE_S, on_patience_ended, self);
  g_signal_connect (consent, "open", G_CALLBACK (on_open), self);
  postseal_consent_run_async (consent, self->cancellable, on_ended, self);
  g_main_loop_run (self->loop);
  if (g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_patience_error (self);
}

int
postseal_cmd_password_authorize (int argc, char **argv)
{
  g_auto (Command) command = { .options = POSTSEAL_OPTIONS_INIT };
  int status = 0;

  if (!begin (&command, argc, argv, &status))
    return status;
  ask (&command);
  if (command.error != NULL)
    return postseal_report_error (command.error);
  postseal_password_change_end_pause (command.account);
  postseal_password_change_tell_daemon (&command.options, command.account);
  if (!command.options.json)
    g_print (_ ("Postseal may use the account “%s” now.\n"), command.account->name);
  return 0;
}
