/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "cli/confirmation.h"
#include "cli/import-words.h"
#include "cli/options.h"
#include "cli/pending.h"
#include "cli/report.h"
#include "engine/outcome.h"

#define PROGRAM "postseal account import"
#define STATUS_CONFIG 78
#define N_COLUMNS 3

typedef struct
{
  PostsealOptions options;
  gboolean is_dry_run;
  gboolean takes_passwords;
  gboolean is_sure;
  char *only; /* owned, nullable: --account */
} Import;

/* --- waiting for the library --- */

static PostsealImport *
read_file (const PostsealOptions *options,
           PostsealImportProgram program,
           const char *path,
           GError **error)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  postseal_import_read_async (program, path, options->config, NULL, postseal_pending_on_ready,
                              &pending);
  return postseal_import_read_finish (postseal_pending_wait (&pending), error);
}

static gboolean
apply (PostsealImport *import, guint index, PostsealImportFlags flags, GError **error)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  postseal_import_apply_async (import, index, flags, NULL, postseal_pending_on_ready, &pending);
  return postseal_import_apply_finish (import, postseal_pending_wait (&pending), error);
}

static int
report (const GError *error)
{
  int status = postseal_report_error (error);

  return error->domain == POSTSEAL_IMPORT_ERROR ? STATUS_CONFIG : status;
}

/* --- without a program: what there is --- */

static char *
count_accounts (const PostsealOptions *options, const PostsealImportSource *source, guint *ret_n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealImport) import = read_file (options, source->program, source->path, &error);

  *ret_n = import != NULL ? postseal_import_get_accounts (import)->len : 0;
  if (import == NULL)
    return g_strdup (error->message);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u account", "%u accounts", *ret_n),
                          *ret_n);
}

static void
print_found (const PostsealOptions *options, const GPtrArray *sources)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < sources->len; i++)
    {
      const PostsealImportSource *source = g_ptr_array_index (sources, i);
      guint n;

      g_ptr_array_add (cells, g_strdup (postseal_import_program_name (source->program)));
      g_ptr_array_add (cells, g_strdup (source->path));
      g_ptr_array_add (cells, count_accounts (options, source, &n));
    }
  g_ptr_array_add (cells, NULL);
  postseal_report_table ((const char *const *)cells->pdata, N_COLUMNS);
  g_print (_ ("See what becomes of one with “%s --dry-run PROGRAM”.\n"), PROGRAM);
}

static void
print_found_json (const PostsealOptions *options, const GPtrArray *sources)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < sources->len; i++)
    {
      const PostsealImportSource *source = g_ptr_array_index (sources, i);
      guint n;
      g_autofree char *unused = count_accounts (options, source, &n);

      json_builder_begin_object (builder);
      postseal_report_add_string (builder, "program",
                                  postseal_import_program_name (source->program));
      postseal_report_add_string (builder, "file", source->path);
      postseal_report_add_number (builder, "accounts", n);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  postseal_report_json (builder);
}

static int
list_found (const PostsealOptions *options)
{
  g_autoptr (GPtrArray) sources = postseal_import_find ();

  if (options->json)
    print_found_json (options, sources);
  else if (sources->len > 0)
    print_found (options, sources);
  else
    g_print (_ ("No file of fetchmail, getmail, mpop, msmtp, mbsync or Claws Mail is in its usual "
                "place; name one: “%s PROGRAM FILE”.\n"),
             PROGRAM);
  return 0;
}

/* --- one program --- */

/* @question: (transfer full) */
static gboolean
ask (char *question)
{
  g_autofree char *owned = question;

  return postseal_confirmation_ask (owned, FALSE);
}

static gboolean
is_wanted (const Import *self, const PostsealImportAccount *account)
{
  return self->only == NULL
         || strcmp (self->only, postseal_account_form_get_name (account->form)) == 0;
}

static void
show (const Import *self, const PostsealImportAccount *account)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  if (self->options.json)
    return;
  postseal_import_words_add_account (page, account, self->is_dry_run);
  g_print ("%s\n", page->text->str);
}

static void
say_imported (const Import *self, const PostsealImportAccount *account, PostsealImportFlags flags)
{
  const char *name = postseal_account_form_get_name (account->form);
  g_autofree char *password = postseal_account_form_get_effective (account->form, "password");
  const char *auth = postseal_account_form_get (account->form, "auth");

  if (self->options.json)
    return;
  g_print (_ ("Added the account “%s” to %s.\n"), name, self->options.config);
  if ((flags & POSTSEAL_IMPORT_STORE_SECRETS) && account->has_secret)
    g_print (_ ("Its password is in the keyring; the old file still holds it, too.\n"));
  else if (g_strcmp0 (password, "secret-service") == 0 && g_strcmp0 (auth, "none") != 0)
    g_print (_ ("Store its password with “postseal password set %s”.\n"), name);
}

/* Returns: the account's state for programs; @status: the gravest so far */
static const char *
take_over (const Import *self, PostsealImport *import, guint index, int *status)
{
  const PostsealImportAccount *account
      = g_ptr_array_index (postseal_import_get_accounts (import), index);
  const char *name = postseal_account_form_get_name (account->form);
  PostsealImportFlags flags = 0;
  g_autoptr (GError) error = NULL;

  if (account->exists)
    return "there";
  if (!account->is_usable)
    {
      *status = STATUS_CONFIG;
      return "unusable";
    }
  if (!self->is_sure && !ask (g_strdup_printf (_ ("Import the account “%s”?"), name)))
    return "left";
  if (account->has_secret
      && (self->takes_passwords
          || (!self->is_sure
              && ask (g_strdup_printf (_ ("Put the password of “%s” into the keyring?"), name)))))
    flags |= POSTSEAL_IMPORT_STORE_SECRETS;
  if (apply (import, index, flags, &error))
    {
      say_imported (self, account, flags);
      return "imported";
    }
  *status = postseal_outcome_graver (*status, report (error));
  return "failed";
}

static void
print_json (PostsealImport *import, const char *program, const GPtrArray *states)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const GPtrArray *accounts = postseal_import_get_accounts (import);

  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "program", program);
  postseal_report_add_string (builder, "file", postseal_import_get_path (import));
  json_builder_set_member_name (builder, "accounts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < accounts->len; i++)
    if (g_ptr_array_index (states, i) != NULL)
      postseal_import_words_add_json (builder, g_ptr_array_index (accounts, i),
                                      g_ptr_array_index (states, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  postseal_report_json (builder);
}

static int
import_file (const Import *self, PostsealImportProgram program, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealImport) import = read_file (&self->options, program, path, &error);
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  const GPtrArray *accounts;
  guint n_wanted = 0;
  int status = 0;

  if (import == NULL)
    return report (error);
  accounts = postseal_import_get_accounts (import);
  for (guint i = 0; i < accounts->len; i++)
    {
      const PostsealImportAccount *account = g_ptr_array_index (accounts, i);
      const char *state = NULL;

      if (is_wanted (self, account))
        {
          /* What was asked and answered about the one before ends here. */
          if (n_wanted++ > 0 && !self->is_dry_run && !self->options.json)
            g_print ("\n");
          show (self, account);
          state = self->is_dry_run ? "found" : take_over (self, import, i, &status);
        }
      g_ptr_array_add (states, (gpointer)state);
    }
  if (n_wanted == 0)
    {
      g_printerr (_ ("postseal: “%s” has no account “%s”; “%s --dry-run” names them\n"),
                  postseal_import_get_path (import), self->only, PROGRAM);
      return STATUS_CONFIG;
    }
  if (self->options.json)
    print_json (import, postseal_import_program_name (program), states);
  return status;
}

static int
run (const Import *self, int argc, char **argv)
{
  int program;

  if (argc == 1)
    return list_found (&self->options);
  if (argc > 3)
    return postseal_report_usage (PROGRAM, _ ("name one program, and one file at most"));
  program = postseal_import_program_parse (argv[1]);
  if (program < 0)
    return postseal_report_usage (
        PROGRAM,
        _ ("“%s” is no program whose accounts can be imported; valid: fetchmail, getmail, "
           "mpop, msmtp, mbsync, claws-mail"),
        argv[1]);
  if (!self->is_sure && !self->is_dry_run && (self->options.json || !isatty (STDIN_FILENO)))
    return postseal_report_usage (PROGRAM,
                                  _ ("there is no terminal to ask on; say --yes or --dry-run"));
  return import_file (self, program, argc == 3 ? argv[2] : NULL);
}

int
postseal_cmd_account_import (int argc, char **argv)
{
  Import self = { .options = POSTSEAL_OPTIONS_INIT };
  const GOptionEntry entries[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &self.is_dry_run,
      N_ ("Only show what would become of each setting"), NULL },
    { "account", 0, 0, G_OPTION_ARG_STRING, &self.only, N_ ("Only the account of this name"),
      N_ ("NAME") },
    { "passwords", 0, 0, G_OPTION_ARG_NONE, &self.takes_passwords,
      N_ ("Put passwords that stand in the file into the keyring"), NULL },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &self.is_sure, N_ ("Do not ask"), NULL },
    { NULL },
  };
  int status = 0;

  if (postseal_options_parse (
          &self.options, PROGRAM, _ ("[PROGRAM [FILE]]"),
          _ ("Take over accounts of fetchmail, getmail, mpop, msmtp, mbsync or claws-mail, with "
             "what "
             "they have retrieved already, so that no old mail is fetched again. Their files are "
             "only read. Without PROGRAM: list the files that are found."),
          entries, &argc, &argv, &status))
    status = run (&self, argc, argv);
  postseal_options_clear (&self.options);
  g_free (self.only);
  return status;
}
