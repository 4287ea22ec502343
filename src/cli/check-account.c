/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-account.h"

#include <glib/gi18n.h>

#include "check/finding.h"
#include "cli/check-account-page.h"
#include "cli/check-side-findings.h"
#include "cli/finding-page.h"
#include "cli/pending.h"
#include "cli/report.h"
#include "engine/outcome.h"

enum
{
  RECEIVING,
  SENDING,
  N_SIDES,
};

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  gboolean signs_in;
  JsonBuilder *builder; /* owned, nullable: what goes to programs */
  int status; /* gravest */
} Run;

/* Both at the same time. */
static void
run_sides (PostsealCheckSide *const *sides)
{
  g_auto (PostsealPending) receiving = postseal_pending_new ();
  g_auto (PostsealPending) sending = postseal_pending_new ();
  PostsealPending *pendings[] = { &receiving, &sending };

  for (int i = 0; i < N_SIDES; i++)
    if (sides[i] != NULL)
      postseal_check_side_run_async (sides[i], postseal_pending_on_ready, pendings[i]);
  for (int i = 0; i < N_SIDES; i++)
    if (sides[i] != NULL)
      postseal_check_side_run_finish (sides[i], postseal_pending_wait (pendings[i]));
}

static void
tell (Run *self, PostsealAccount *account, PostsealCheckSide *const *sides)
{
  g_autoptr (GPtrArray) findings = postseal_findings_new ();

  for (int i = 0; i < N_SIDES; i++)
    {
      if (sides[i] == NULL)
        continue;
      postseal_check_side_describe (sides[i]);
      postseal_check_side_judge (sides[i], findings);
      self->status
          = postseal_outcome_graver (self->status, postseal_check_side_get_status (sides[i]));
    }
  self->status
      = postseal_outcome_graver (self->status, postseal_finding_page_get_status (findings));
  if (self->builder != NULL)
    postseal_check_account_page_add_json (self->builder, account, sides, findings);
  else
    postseal_check_account_page_print (account, sides, findings, self->options->verbose);
}

static void
check (Run *self, PostsealAccount *account)
{
  PostsealCheckSide *sides[N_SIDES] = { NULL, NULL };
  gboolean is_verbose = self->options->verbose;

  if (account->receive != NULL)
    sides[RECEIVING] = postseal_check_side_new (account, FALSE, self->signs_in, is_verbose);
  if (account->send != NULL)
    sides[SENDING] = postseal_check_side_new (account, TRUE, self->signs_in, is_verbose);
  if (sides[RECEIVING] != NULL && sides[SENDING] != NULL)
    postseal_check_side_order (sides[RECEIVING], sides[SENDING]);
  run_sides (sides);
  tell (self, account, sides);
  for (int i = 0; i < N_SIDES; i++)
    postseal_check_side_free (sides[i]);
}

static void
check_all (Run *self, PostsealAccountStore *store)
{
  const GPtrArray *accounts = postseal_account_store_get_accounts (store);

  self->status = postseal_outcome_graver (self->status, postseal_report_problems (store));
  if (self->builder != NULL)
    json_builder_begin_array (self->builder);
  for (guint i = 0; i < accounts->len; i++)
    {
      if (i > 0 && self->builder == NULL)
        g_print ("\n");
      check (self, g_ptr_array_index (accounts, i));
    }
  if (self->builder != NULL)
    json_builder_end_array (self->builder);
  else if (accounts->len == 0)
    g_printerr ("postseal: %s\n", _ ("there is no account yet"));
}

int
postseal_check_account (const char *name, gboolean login, const PostsealOptions *options)
{
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (JsonBuilder) builder = options->json ? json_builder_new () : NULL;
  g_autoptr (GError) error = NULL;
  PostsealAccount *account = NULL;
  Run self = { options, login, builder, 0 };

  store = postseal_options_load_accounts (options, &self.status);
  if (store == NULL)
    return self.status;
  if (name == NULL)
    check_all (&self, store);
  else if ((account = postseal_account_store_lookup (store, name, &error)) == NULL)
    return postseal_report_error (error);
  else
    check (&self, account);
  if (builder != NULL)
    postseal_report_json (builder);
  return self.status;
}
