/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/discovery-run.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/page.h"
#include "cli/pending.h"

static const struct
{
  const char *name;
  const char *label;
} sources[POSTSEAL_N_SOURCES] = {
  [POSTSEAL_SOURCE_PROVIDER] = { "provider", N_ ("Provider") },
  [POSTSEAL_SOURCE_KNOWN] = { "known", N_ ("Known") },
  [POSTSEAL_SOURCE_DNS] = { "dns", N_ ("DNS") },
  [POSTSEAL_SOURCE_LIST] = { "list", N_ ("List") },
  [POSTSEAL_SOURCE_MX] = { "mx", N_ ("Exchanger") },
  [POSTSEAL_SOURCE_GUESS] = { "guess", N_ ("Guess") },
};

const char *
postseal_discovery_run_name_source (PostsealSource source)
{
  return sources[source].name;
}

const char *
postseal_discovery_run_name_state (PostsealSourceState state)
{
  static const char *const names[]
      = { "asked", "found", "nothing", "in-clear", "failed", "skipped" };

  return names[state];
}

void
postseal_discovery_run_free (PostsealDiscoveryRun *self)
{
  g_free (self->address);
  g_clear_object (&self->discovery);
  for (guint i = 0; i < POSTSEAL_N_SOURCES; i++)
    g_free (self->texts[i]);
  g_clear_pointer (&self->proposals, g_ptr_array_unref);
  g_free (self);
}

/* What was not asked is nobody's news, but for the list, which the user could agree to. */
static gboolean
is_worth_telling (const PostsealDiscoveryRun *self, PostsealSource source)
{
  PostsealSourceState state = self->states[source];

  return self->texts[source] != NULL && state != POSTSEAL_SOURCE_ASKED
         && (state != POSTSEAL_SOURCE_SKIPPED || source == POSTSEAL_SOURCE_LIST);
}

static void
print_source (const PostsealDiscoveryRun *self, PostsealSource source, FILE *file)
{
  g_autoptr (PostsealPage) page = postseal_page_new (fileno (file));

  postseal_page_add_entry (page, _ (sources[source].label), self->texts[source],
                           POSTSEAL_PAGE_PLAIN);
  fputs (page->text->str, file);
  fflush (file);
}

static void
on_source_changed (
    PostsealDiscovery *discovery, guint source, guint state, const char *text, gpointer user_data)
{
  PostsealDiscoveryRun *self = user_data;

  self->states[source] = state;
  g_free (self->texts[source]);
  self->texts[source] = g_strdup (text);
  if (self->is_told && is_worth_telling (self, source))
    print_source (self, source, stdout);
}

PostsealDiscoveryRun *
postseal_discovery_run_new (const char *address, gboolean may_ask_list, gboolean is_telling)
{
  PostsealDiscoveryRun *self = g_new0 (PostsealDiscoveryRun, 1);
  g_auto (PostsealPending) pending = postseal_pending_new ();

  self->address = g_strdup (address);
  self->is_told = is_telling;
  self->discovery = postseal_discovery_new (address, may_ask_list);
  g_signal_connect (self->discovery, "source-changed", G_CALLBACK (on_source_changed), self);
  postseal_discovery_run_async (self->discovery, NULL, postseal_pending_on_ready, &pending);
  self->proposals
      = postseal_discovery_run_finish (self->discovery, postseal_pending_wait (&pending), NULL);
  return self;
}

void
postseal_discovery_run_prove (PostsealDiscoveryRun *self, PostsealProposal *proposal)
{
  g_auto (PostsealPending) pending = postseal_pending_new ();

  postseal_discovery_confirm_async (self->discovery, proposal, NULL, postseal_pending_on_ready,
                                    &pending);
  (void)postseal_discovery_confirm_finish (self->discovery, postseal_pending_wait (&pending), NULL);
}

static gboolean
has_failed (const PostsealDiscoveryRun *self, PostsealSource source)
{
  return self->states[source] == POSTSEAL_SOURCE_FAILED;
}

/* A guess fails when a server is there that proves nothing. Where the DNS answers one question and
   fails another, its signatures are wrong; where it answers none, it is the network. */
static int
find_status (const PostsealDiscoveryRun *self)
{
  for (guint source = 0; source < POSTSEAL_N_SOURCES; source++)
    if (self->states[source] == POSTSEAL_SOURCE_IN_CLEAR)
      return 76;
  if (has_failed (self, POSTSEAL_SOURCE_GUESS))
    return 76;
  if (has_failed (self, POSTSEAL_SOURCE_DNS))
    return has_failed (self, POSTSEAL_SOURCE_MX) ? 75 : 76;
  return 69;
}

static void
print_advice (const PostsealDiscoveryRun *self, int status)
{
  if (self->states[POSTSEAL_SOURCE_LIST] == POSTSEAL_SOURCE_SKIPPED)
    g_printerr (_ ("With --ask-list the list of providers is asked, too; it learns the domain, not "
                   "the address.\n"));
  if (status == 75)
    g_printerr (_ ("Check the network, and try again. To do without, name the servers:\n"));
  else if (status == 76)
    g_printerr (
        _ ("Ask the provider for servers with TLS and a good certificate, and name them:\n"));
  else
    g_printerr (_ ("Look for the servers on the provider's pages, and name them:\n"));
  g_printerr ("  postseal account add %s --address %s \\\n"
              "    --receive imaps://HOST --send submissions://HOST --deliver maildir:~/Mail/%s\n",
              self->address, self->address, self->address);
}

int
postseal_discovery_run_explain_nothing (const PostsealDiscoveryRun *self)
{
  int status = find_status (self);

  g_printerr (_ ("postseal: no servers that can be used were found for %s\n"), self->address);
  for (guint source = 0; source < POSTSEAL_N_SOURCES && !self->is_told; source++)
    if (is_worth_telling (self, source))
      print_source (self, source, stderr);
  print_advice (self, status);
  return status;
}
