/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "auth/authorization.h"
#include "auth/vault.h"
#include "cli/options.h"
#include "cli/password-change.h"
#include "cli/redirect-listener.h"
#include "cli/report.h"

#define PATIENCE_S 900 /* for the user to sign in with the provider, second factor and all */

typedef struct
{
  PostsealOptions options;
  PostsealAccountStore *store; /* owned */
  PostsealAccount *account; /* borrowed from the store */
  GMainLoop *loop; /* owned */
  PostsealRedirectListener *listener; /* owned */
  PostsealAuthorization *authorization; /* owned */
  GError *error; /* owned, nullable */
} Consent;

static void
clear_consent (Consent *self)
{
  postseal_options_clear (&self->options);
  g_clear_pointer (&self->listener, postseal_redirect_listener_free);
  g_clear_pointer (&self->authorization, postseal_authorization_free);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Consent, clear_consent)

static void
on_complete (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Consent *self = user_data;

  (void)postseal_authorization_complete_finish (self->authorization, result, &self->error);
  g_main_loop_quit (self->loop);
}

static gboolean
on_redirect (const char *query, gpointer user_data)
{
  Consent *self = user_data;

  if (self->authorization == NULL || !postseal_authorization_is_answer (self->authorization, query))
    return FALSE;
  postseal_authorization_complete_async (self->authorization, query, on_complete, self);
  return TRUE;
}

static void
print_address (Consent *self)
{
  const char *uri = postseal_authorization_get_uri (self->authorization);

  if (self->options.json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "account", self->account->name);
      postseal_report_add_string (builder, "address", uri);
      json_builder_end_object (builder);
      postseal_report_json (builder);
    }
  else
    g_print (_ ("Open this address in a browser on this computer, and let Postseal in:\n\n%s\n\n"),
             uri);
  fflush (stdout);
}

static void
on_begun (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Consent *self = user_data;

  self->authorization = postseal_authorization_begin_finish (result, &self->error);
  if (self->authorization != NULL)
    print_address (self);
  else
    g_main_loop_quit (self->loop);
}

static gboolean
on_patience_ended (gpointer user_data)
{
  Consent *self = user_data;

  g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
               _ ("No consent to the account %s came within %d minutes. Run the command again"),
               self->account->name, PATIENCE_S / 60);
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* Returns: FALSE when there is nothing more to do */
static gboolean
begin (Consent *self, int argc, char **argv, int *ret_status)
{
  const char *program = "postseal password authorize";

  if (!postseal_options_parse (&self->options, program, _ ("ACCOUNT"),
                               _ ("Let Postseal into an account with “password=oauth:…”: shows the "
                                  "address of the provider's page, waits for your consent there, "
                                  "and stores the refresh token."),
                               NULL, &argc, &argv, ret_status))
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
  if (self->account != NULL)
    self->listener = postseal_redirect_listener_new (on_redirect, self, &self->error);
  if (self->listener == NULL)
    *ret_status = postseal_report_error (self->error);
  return self->listener != NULL;
}

int
postseal_cmd_password_authorize (int argc, char **argv)
{
  g_auto (Consent) consent = { .options = POSTSEAL_OPTIONS_INIT };
  int status = 0;

  if (!begin (&consent, argc, argv, &status))
    return status;
  consent.loop = g_main_loop_new (NULL, FALSE);
  g_timeout_add_seconds (PATIENCE_S, on_patience_ended, &consent);
  postseal_authorization_begin_async (consent.account->password, consent.account->name,
                                      postseal_password_change_get_user (consent.account),
                                      postseal_redirect_listener_get_port (consent.listener),
                                      on_begun, &consent);
  g_main_loop_run (consent.loop);
  if (consent.error != NULL)
    return postseal_report_error (consent.error);
  postseal_password_change_end_pause (consent.account);
  postseal_password_change_tell_daemon (&consent.options, consent.account);
  if (!consent.options.json)
    g_print (_ ("Postseal may use the account “%s” now.\n"), consent.account->name);
  return 0;
}
