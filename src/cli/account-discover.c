/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/account-discover.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

#include "cli/confirmation.h"
#include "cli/discovery-page.h"
#include "cli/form-words.h"
#include "cli/pending.h"
#include "cli/report.h"
#include "discover/provider.h"
#include "engine/outcome.h"
#include "setup/trouble.h"

#define PROGRAM "postseal account add"

/* One go at it. */
typedef struct
{
  const PostsealOptions *options; /* borrowed */
  const PostsealDiscoverWishes *wishes; /* borrowed */
  PostsealDiscoveryRun *run; /* owned */
  PostsealProposal *proposal; /* borrowed: of @run */
  PostsealAccountForm *form; /* owned */
  gboolean is_talking; /* to a person at a terminal, who can be asked */
} Setup;

void
postseal_discover_wishes_clear (PostsealDiscoverWishes *self)
{
  g_clear_pointer (&self->trusted_hosts, g_strfreev);
  g_clear_pointer (&self->account, g_free);
}

gboolean
postseal_discover_wishes_is_any (const PostsealDiscoverWishes *self)
{
  return self->is_sure || self->is_dry_run || self->wants_pop3 || self->may_ask_list
         || self->trusted_hosts != NULL || self->account != NULL;
}

/* --- the choice --- */

static void
choose (Setup *self)
{
  const GPtrArray *proposals = self->run->proposals;

  for (guint i = 0; i < proposals->len && self->proposal == NULL; i++)
    {
      PostsealProposal *each = g_ptr_array_index (proposals, i);
      gboolean is_pop3 = each->receive != NULL && each->receive->protocol == POSTSEAL_PROTOCOL_POP3;

      if (is_pop3 || !self->wishes->wants_pop3)
        self->proposal = each;
    }
}

static gboolean
is_own_host (const char *host, const char *address)
{
  g_autofree char *end = g_strconcat (".", strrchr (address, '@') + 1, NULL);

  return strcmp (host, end + 1) == 0 || g_str_has_suffix (host, end);
}

/* The first server of the proposal that only the user can vouch for, and has not. */
static const char *
find_untrusted (const Setup *self)
{
  const PostsealEndpoint *const endpoints[] = { self->proposal->receive, self->proposal->send };

  for (gsize i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      const char *host = endpoints[i] != NULL ? endpoints[i]->host : NULL;

      if (host == NULL || is_own_host (host, self->run->address)
          || (self->wishes->trusted_hosts != NULL
              && g_strv_contains ((const char *const *)self->wishes->trusted_hosts, host)))
        continue;
      return host;
    }
  return NULL;
}

static gboolean
ask_for_trust (const Setup *self)
{
  const PostsealProposal *proposal = self->proposal;
  g_autofree char *source = postseal_proposal_describe_source (proposal);
  const char *domain = strrchr (self->run->address, '@') + 1;

  g_print (_ ("The settings for %s are %s. They lead outside of %s:\n"), self->run->address, source,
           domain);
  if (proposal->receive != NULL)
    g_print (_ ("  receiving  %s\n"), proposal->receive->host);
  if (proposal->send != NULL)
    g_print (_ ("  sending    %s\n"), proposal->send->host);
  g_print (_ ("Nobody has vouched for that; nothing has been sent there. Your provider can tell "
              "whether it is right.\n"));
  return postseal_confirmation_ask (_ ("Trust these hosts with your password and mail?"), FALSE);
}

/* RFC 8314 section 5.1: no connection before the user agrees. Returns: 0, or the exit status */
static int
settle_trust (Setup *self)
{
  const char *untrusted = self->proposal->foreign_host != NULL ? find_untrusted (self) : NULL;

  if (untrusted == NULL)
    return 0;
  if (self->is_talking)
    {
      if (ask_for_trust (self))
        return 0;
      g_print (_ ("Nothing was added.\n"));
      return 76;
    }
  g_printerr (_ ("postseal: the settings for %s lead to %s, outside of its domain, and nobody has "
                 "vouched for that; if it is right, say --trust-host %s\n"),
              self->run->address, untrusted, untrusted);
  return 76;
}

/* --- what is written --- */

/* What the form has left out stays out. */
static void
apply_probe (Setup *self, gboolean is_sending, const PostsealProbe *probe, const char *user)
{
  if (probe == NULL
      || postseal_account_form_get (self->form, is_sending ? "send" : "receive") == NULL)
    return;
  if (probe->better != NULL)
    postseal_account_form_set_endpoint (self->form, is_sending, probe->better, user);
  if (probe->ca_file != NULL)
    postseal_account_form_set (self->form, "ca-file", probe->ca_file);
}

static void
fill_form (Setup *self, const char *const *keys, const char *const *values)
{
  const PostsealProposal *proposal = self->proposal;

  self->form = postseal_account_form_new_from_proposal (self->run->address, NULL, proposal);
  if (self->wishes->account != NULL)
    {
      g_autofree char *deliver = g_strconcat ("maildir:~/Mail/", self->wishes->account, NULL);

      postseal_account_form_set_name (self->form, self->wishes->account);
      if (proposal->receive != NULL)
        postseal_account_form_set (self->form, "deliver", deliver);
    }
  apply_probe (self, FALSE, proposal->receive_probe, proposal->receive_user);
  apply_probe (self, TRUE, proposal->send_probe, proposal->send_user);
  for (gsize i = 0; keys[i] != NULL; i++)
    postseal_account_form_set (self->form, keys[i], values[i]);
}

static int
report_side (PostsealEndpoint *endpoint, const PostsealProbe *probe)
{
  PostsealTrouble *trouble = NULL;

  if (endpoint == NULL || probe == NULL || probe->error == NULL || probe->better != NULL)
    return 0;
  trouble = postseal_trouble_new (probe->error, NULL, endpoint, probe->facts, NULL);
  g_printerr ("postseal: %s\n", probe->error->message);
  g_printerr ("%s\n", trouble->advice);
  postseal_trouble_free (trouble);
  return postseal_outcome_exit_status (probe->error);
}

/* Servers that do not prove themselves now would not later, either. */
static int
report_unproven (const Setup *self)
{
  int receiving = report_side (self->proposal->receive, self->proposal->receive_probe);
  int sending = report_side (self->proposal->send, self->proposal->send_probe);

  return postseal_outcome_graver (receiving, sending);
}

/* --- the end --- */

static void
say_next (const Setup *self)
{
  const char *name = postseal_account_form_get_name (self->form);
  const PostsealEndpoint *endpoint
      = self->proposal->receive != NULL ? self->proposal->receive : self->proposal->send;
  g_autoptr (PostsealProvider) provider = postseal_provider_find_by_host (endpoint->host);
  const char *password = postseal_account_form_get (self->form, "password");

  g_print (_ ("Added the account “%s” to %s.\n"), name, self->options->config);
  if (provider != NULL && provider->switch_uri != NULL)
    g_print (_ ("If signing in fails, see whether %s lets programs in: %s\n"), provider->title,
             provider->switch_uri);
  if (password != NULL && g_str_has_prefix (password, "oauth:"))
    {
      g_print (_ ("Sign in with “postseal password authorize %s”.\n"), name);
      return;
    }
  if (provider != NULL && provider->app_password_uri != NULL)
    g_print (_ ("%s may want a password made for programs: %s\n"), provider->title,
             provider->app_password_uri);
  if (password == NULL)
    g_print (_ ("Store its password with “postseal password set %s”.\n"), name);
}

static gboolean
write_account (Setup *self, GError **error)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  postseal_account_form_save_async (self->form, self->options->config, postseal_pending_on_ready,
                                    &pending);
  return postseal_account_form_save_finish (self->form, postseal_pending_wait (&pending), error);
}

static void
print_section (PostsealAccountForm *form)
{
  g_autoptr (GString) text = g_string_new (NULL);

  postseal_form_words_append_section (text, form, "");
  g_print ("%s", text->str);
}

static int
conclude (Setup *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (self->form, &error);

  if (account == NULL)
    return postseal_report_error (error);
  if (self->wishes->is_dry_run)
    {
      if (self->options->json)
        postseal_discovery_page_print_json (self->run, self->proposal, self->form, FALSE);
      else
        print_section (self->form);
      return 0;
    }
  if (!self->options->json)
    postseal_discovery_page_print (self->run, self->proposal, self->form);
  if (!self->wishes->is_sure)
    g_print ("\n");
  if (!self->wishes->is_sure && !postseal_confirmation_ask (_ ("Add this account?"), TRUE))
    {
      g_print (_ ("Nothing was added.\n"));
      return 0;
    }
  if (!write_account (self, &error))
    return postseal_report_error (error);
  if (self->options->json)
    postseal_discovery_page_print_json (self->run, self->proposal, self->form, TRUE);
  else
    say_next (self);
  return 0;
}

static int
search (Setup *self, const char *const *keys, const char *const *values)
{
  int status = 0;

  choose (self);
  if (self->proposal == NULL && self->run->proposals->len > 0)
    {
      g_printerr (
          _ ("postseal: no server for POP3 was found for %s; without --pop3 there is IMAP\n"),
          self->run->address);
      status = 69;
    }
  else if (self->proposal == NULL)
    status = postseal_discovery_run_explain_nothing (self->run);
  else
    status = settle_trust (self);
  if (status == 0)
    {
      postseal_discovery_run_prove (self->run, self->proposal);
      status = report_unproven (self);
    }
  if (status != 0)
    {
      if (self->options->json)
        postseal_discovery_page_print_json (self->run, self->proposal, NULL, FALSE);
      return status;
    }
  fill_form (self, keys, values);
  return conclude (self);
}

/* Said before anybody waits for the network. */
static int
check_name (const PostsealOptions *options, const char *name)
{
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (options->config, NULL);

  if (store == NULL || !postseal_account_store_has (store, name))
    return 0;
  g_printerr (_ ("postseal: there is an account “%s” already; give the new one another name with "
                 "--account\n"),
              name);
  return 78;
}

int
postseal_account_discover (const PostsealOptions *options,
                           const char *typed,
                           const PostsealDiscoverWishes *wishes,
                           const char *const *keys,
                           const char *const *values)
{
  Setup self = { options, wishes, NULL, NULL, NULL, FALSE };
  g_autoptr (GError) error = NULL;
  g_autofree char *address = postseal_discovery_check_address (typed, &error);
  int status = 0;

  if (address == NULL)
    return postseal_report_usage (PROGRAM, "%s", error->message);
  self.is_talking = isatty (STDIN_FILENO) && isatty (STDOUT_FILENO) && !options->json;
  if (!self.is_talking && !wishes->is_sure && !wishes->is_dry_run)
    return postseal_report_usage (PROGRAM, _ ("there is no terminal to ask on; say --yes or "
                                              "--dry-run"));
  status = check_name (options, wishes->account != NULL ? wishes->account : address);
  if (status != 0)
    return status;
  self.run = postseal_discovery_run_new (address, wishes->may_ask_list,
                                         self.is_talking && !wishes->is_dry_run);
  if (self.is_talking && !wishes->is_dry_run)
    g_print ("\n");
  status = search (&self, keys, values);
  g_clear_object (&self.form);
  postseal_discovery_run_free (self.run);
  return status;
}
