/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "auth/vault.h"
#include "cli/options.h"
#include "cli/password-change.h"
#include "cli/pending.h"
#include "cli/report.h"
#include "cli/secret-input.h"

/* What one of the three verbs works on. */
typedef struct
{
  PostsealOptions options;
  PostsealAccountStore *store; /* owned */
  PostsealAccount *account; /* borrowed from the store */
  gboolean is_client_secret; /* --client-secret */
  PostsealVault *vault; /* owned */
  PostsealPending pending;
} Errand;

static void
clear_errand (Errand *self)
{
  postseal_options_clear (&self->options);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_clear_object (&self->vault);
  postseal_pending_clear (&self->pending);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Errand, clear_errand)

static gboolean
open_vault (Errand *self, GError **error)
{
  const char *spec = self->account->password;

  self->vault = self->is_client_secret ? postseal_vault_new_client_secret (spec, error)
                                       : postseal_vault_new (spec, error);
  if (self->vault != NULL)
    postseal_vault_set_user (self->vault, postseal_password_change_get_user (self->account));
  return self->vault != NULL;
}

/* Returns: FALSE when there is nothing more to do */
static gboolean
begin (
    Errand *self, const char *program, const char *summary, int argc, char **argv, int *ret_status)
{
  const GOptionEntry entries[]
      = { { "client-secret", 0, 0, G_OPTION_ARG_NONE, &self->is_client_secret,
            N_ ("The secret that goes with the client ID of “oauth:PROVIDER:CLIENT-ID”, not the "
                "refresh token"),
            NULL },
          { NULL, 0, 0, 0, NULL, NULL, NULL } };
  g_autoptr (GError) error = NULL;

  if (!postseal_options_parse (&self->options, program, _ ("ACCOUNT"), summary, entries, &argc,
                               &argv, ret_status))
    return FALSE;
  if (argc != 2)
    {
      *ret_status = argc < 2 ? postseal_report_usage (program, _ ("name one account"))
                             : postseal_report_usage (
                                 program, _ ("name one account, and nothing else: a password is "
                                             "never an argument, where other users could see "
                                             "it"));
      return FALSE;
    }
  self->store = postseal_options_load_accounts (&self->options, ret_status);
  if (self->store == NULL)
    return FALSE;
  self->account = postseal_account_store_lookup (self->store, argv[1], &error);
  if (self->account == NULL || !open_vault (self, &error))
    {
      *ret_status = postseal_report_error (error);
      return FALSE;
    }
  self->pending = postseal_pending_new ();
  return TRUE;
}

/* Where the secret is, without it. Returns: (transfer full) */
static char *
describe_place (const PostsealAccount *account)
{
  const char *spec = account->password;

  if (g_str_has_prefix (spec, "command:"))
    return g_strdup (_ ("the output of the command in “password”"));
  if (g_str_has_prefix (spec, "credential:"))
    return g_strdup_printf (_ ("the credential “%s” of the service manager"),
                            spec + strlen ("credential:"));
  if (g_str_has_prefix (spec, "file:"))
    return g_strdup_printf (_ ("the file %s"), spec + strlen ("file:"));
  if (g_str_has_prefix (spec, "goa"))
    return g_strdup (_ ("GNOME Online Accounts"));
  if (g_str_has_prefix (spec, "oauth:"))
    return g_strdup (_ ("the place for its OAuth secrets, the keyring by default"));
  return g_strdup (_ ("the keyring (secret service)"));
}

/* What is asked for, stored, found: never the same word for two things. */
typedef enum
{
  THING_PASSWORD,
  THING_TOKEN, /* what is stored is the refresh token, what is found the access token */
  THING_CLIENT_SECRET,
} Thing;

static Thing
get_thing (const Errand *self)
{
  if (self->is_client_secret)
    return THING_CLIENT_SECRET;
  return postseal_vault_get_kind (self->vault) == POSTSEAL_VAULT_TOKEN ? THING_TOKEN
                                                                       : THING_PASSWORD;
}

/* Returns: (transfer full) */
static char *
make_prompt (const Errand *self)
{
  const char *name = self->account->name;

  switch (get_thing (self))
    {
    case THING_TOKEN:
      return g_strdup_printf (_ ("OAuth refresh token of “%s”"), name);
    case THING_CLIENT_SECRET:
      return g_strdup_printf (_ ("OAuth client secret of “%s”"), name);
    case THING_PASSWORD:
    default:
      return g_strdup_printf (_ ("Password of “%s”"), name);
    }
}

static void
print_stored (const Errand *self)
{
  const char *name = self->account->name;
  g_autofree char *place = describe_place (self->account);

  switch (get_thing (self))
    {
    case THING_TOKEN:
      g_print (_ ("Stored the OAuth refresh token of “%s” in %s.\n"), name, place);
      break;
    case THING_CLIENT_SECRET:
      g_print (_ ("Stored the OAuth client secret of “%s” in %s.\n"), name, place);
      break;
    case THING_PASSWORD:
    default:
      g_print (_ ("Stored the password of “%s” in %s.\n"), name, place);
      break;
    }
}

static void
print_cleared (const Errand *self)
{
  const char *name = self->account->name;
  g_autofree char *place = describe_place (self->account);

  switch (get_thing (self))
    {
    case THING_TOKEN:
      g_print (_ ("There is no OAuth refresh token of “%s” in %s any more.\n"), name, place);
      break;
    case THING_CLIENT_SECRET:
      g_print (_ ("There is no OAuth client secret of “%s” in %s any more.\n"), name, place);
      break;
    case THING_PASSWORD:
    default:
      g_print (_ ("There is no password of “%s” in %s any more.\n"), name, place);
      break;
    }
}

/* Nobody types a secret in vain: a keyring that cannot store it is told before. Returns: 0, or the
   exit status */
static int
check_keyring (Errand *self)
{
  g_autoptr (PostsealCredential) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (PostsealPending) pending = postseal_pending_new ();
  int status;

  if (strcmp (self->account->password, "secret-service") != 0 || !isatty (STDIN_FILENO))
    return 0;
  postseal_vault_lookup_async (self->vault, self->account->name, NULL, postseal_pending_on_ready,
                               &pending);
  secret = postseal_vault_lookup_finish (self->vault, postseal_pending_wait (&pending), &error);
  if (secret != NULL || g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_ABSENT))
    return 0;
  status = postseal_report_error (error);
  if (g_error_matches (error, POSTSEAL_VAULT_ERROR, POSTSEAL_VAULT_ERROR_UNAVAILABLE))
    g_printerr (_ ("To keep it in a file that only you can read, and then to store it:\n"
                   "  postseal account edit %s password=file:PATH\n"
                   "  postseal password set %s\n"),
                self->account->name, self->account->name);
  return status;
}

static int
set (int argc, char **argv)
{
  g_auto (Errand) errand = { .options = POSTSEAL_OPTIONS_INIT };
  g_autoptr (PostsealCredential) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prompt = NULL;
  int status = 0;

  if (!begin (&errand, "postseal password set",
              _ ("Store the password of an account: from the terminal, or the first line of "
                 "standard input."),
              argc, argv, &status))
    return status;
  status = check_keyring (&errand);
  if (status != 0)
    return status;
  prompt = make_prompt (&errand);
  secret = postseal_secret_input_read (prompt, &error);
  if (secret == NULL)
    {
      status = postseal_report_error (error);
      return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ? 65 : status;
    }

  postseal_vault_store_async (errand.vault, errand.account->name, secret, NULL,
                              postseal_pending_on_ready, &errand.pending);
  if (!postseal_vault_store_finish (errand.vault, postseal_pending_wait (&errand.pending), &error))
    return postseal_report_error (error);
  postseal_password_change_end_pause (errand.account);
  postseal_password_change_tell_daemon (&errand.options, errand.account);
  if (!errand.options.json)
    print_stored (&errand);
  return 0;
}

static int
clear (int argc, char **argv)
{
  g_auto (Errand) errand = { .options = POSTSEAL_OPTIONS_INIT };
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (!begin (&errand, "postseal password clear", _ ("Forget the stored password of an account."),
              argc, argv, &status))
    return status;
  postseal_vault_clear_async (errand.vault, errand.account->name, NULL, postseal_pending_on_ready,
                              &errand.pending);
  if (!postseal_vault_clear_finish (errand.vault, postseal_pending_wait (&errand.pending), &error))
    return postseal_report_error (error);
  postseal_password_change_tell_daemon (&errand.options, errand.account);
  if (!errand.options.json)
    print_cleared (&errand);
  return 0;
}

static void
print_found (const Errand *errand, const char *place, const GError *error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!errand->options.json)
    {
      if (error == NULL && get_thing (errand) == THING_TOKEN)
        g_print (_ ("An access token for “%s” was got, by way of %s.\n"), errand->account->name,
                 place);
      else if (error == NULL)
        g_print (_ ("The password of “%s” was found in %s.\n"), errand->account->name, place);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "account", errand->account->name);
  json_builder_set_member_name (builder, "found");
  json_builder_add_boolean_value (builder, error == NULL);
  postseal_report_add_string (builder, "place", place);
  postseal_report_add_string (builder, "error", error != NULL ? error->message : NULL);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

static int
test (int argc, char **argv)
{
  g_auto (Errand) errand = { .options = POSTSEAL_OPTIONS_INIT };
  g_autoptr (PostsealCredential) secret = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *place = NULL;
  int status = 0;

  if (!begin (&errand, "postseal password test",
              _ ("Look the password of an account up, and say where it was found or why not. It is "
                 "not shown."),
              argc, argv, &status))
    return status;
  postseal_vault_lookup_async (errand.vault, errand.account->name, NULL, postseal_pending_on_ready,
                               &errand.pending);
  secret = postseal_vault_lookup_finish (errand.vault, postseal_pending_wait (&errand.pending),
                                         &error);
  place = describe_place (errand.account);
  print_found (&errand, place, error);
  return secret != NULL ? 0 : postseal_report_error (error);
}

static const PostsealCommand commands[] = {
  { "set", N_ ("Store the password, from the terminal or standard input"), set },
  { "clear", N_ ("Forget the stored password"), clear },
  { "test", N_ ("Look the password up without showing it"), test },
  { "authorize", N_ ("Let Postseal in with OAuth, in a browser"), postseal_cmd_password_authorize },
  { NULL, NULL, NULL },
};

int
postseal_cmd_password (int argc, char **argv)
{
  return postseal_commands_run ("postseal password", commands, argc, argv);
}
