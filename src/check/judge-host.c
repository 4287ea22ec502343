/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "check/finding.h"
#include "check/judge-port-private.h"

#define SMTP_RELAY_PORT 25

typedef struct
{
  const PostsealPortFacts *const *facts; /* borrowed */
  gsize n;
  const PostsealPortContext *context; /* borrowed */
  GPtrArray *findings; /* borrowed */
} Host;

/* --- closed and out of reach --- */

/* Returns: (transfer full) (nullable): "110, 143" */
static char *
list_ports (const Host *self, PostsealPortState state)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; i < self->n; i++)
    if (self->facts[i]->state == state)
      g_string_append_printf (list, "%s%u", list->len > 0 ? ", " : "", self->facts[i]->port);
  return list->len > 0 ? g_string_free (g_steal_pointer (&list), FALSE) : NULL;
}

static const PostsealPortFacts *
find_state (const Host *self, PostsealPortState state)
{
  for (gsize i = 0; i < self->n; i++)
    if (self->facts[i]->state == state)
      return self->facts[i];
  return NULL;
}

/* That a port is out of reach means something only where no other one answers: firewalls let some
   through and are silent about the rest. */
static void
judge_unreachable (const Host *self)
{
  const PostsealPortFacts *first = find_state (self, POSTSEAL_PORT_UNREACHABLE);
  g_autofree char *ports = list_ports (self, POSTSEAL_PORT_UNREACHABLE);
  gboolean has_mail = find_state (self, POSTSEAL_PORT_MAIL) != NULL;

  if (first == NULL)
    return;
  postseal_findings_add (
      self->findings, has_mail ? "port-filtered" : "port-unreachable", self->context->host,
      first->reason, g_strdup_printf (_ ("no answer: %s"), ports),
      first->port == SMTP_RELAY_PORT
          ? g_strdup (_ ("many networks let nobody out to port 25: check from another one"))
      : has_mail ? NULL
                 : g_strdup (_ ("check the name and the network, and try again later")));
}

static void
judge_closed (const Host *self)
{
  g_autofree char *ports = list_ports (self, POSTSEAL_PORT_CLOSED);
  gsize n_closed = 0;

  for (gsize i = 0; i < self->n; i++)
    n_closed += self->facts[i]->state == POSTSEAL_PORT_CLOSED;
  if (n_closed == 0)
    return;
  if (n_closed == self->n)
    postseal_findings_add (
        self->findings, "no-service", self->context->host, NULL,
        g_strdup_printf (_ ("nobody takes connections here: %s"), ports),
        g_strdup (_ ("look up the name of the mail server: this one does not serve mail")));
  else
    postseal_findings_add (self->findings, "port-closed", self->context->host, NULL,
                           g_strdup_printf (_ ("closed: %s"), ports), NULL);
}

/* --- which port instead --- */

/* Sealed as it is meant to be, as far as the upgrade goes; the certificate is another matter. */
static gboolean
is_good (const PostsealPortFacts *facts)
{
  return facts->state == POSTSEAL_PORT_MAIL && facts->has_tls == POSTSEAL_SEEN_YES
         && facts->start == facts->usual && facts->reply_injected != POSTSEAL_SEEN_YES
         && facts->command_injection != POSTSEAL_SEEN_YES && !facts->is_preauth;
}

/* TLS from the start first; for sending, port 25 does not count. Returns: (nullable) */
static const PostsealPortFacts *
find_better (const Host *self, const PostsealPortFacts *than)
{
  const PostsealPortFacts *best = NULL;

  for (gsize i = 0; i < self->n; i++)
    {
      const PostsealPortFacts *facts = self->facts[i];

      if (facts == than || facts->protocol != than->protocol || facts->port == SMTP_RELAY_PORT
          || !is_good (facts))
        continue;
      if (best == NULL
          || (best->usual != POSTSEAL_TLS_START_IMPLICIT
              && facts->usual == POSTSEAL_TLS_START_IMPLICIT))
        best = facts;
    }
  return best;
}

static gboolean
is_curable (const PostsealFinding *finding)
{
  static const char *const ids[] = { "starttls-missing",  "starttls-refused", "mode-plain-on-tls",
                                     "mode-tls-on-plain", "preauth",          "injection",
                                     "tls-failed",        "silent",           "port-ended" };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    if (strcmp (ids[i], finding->id) == 0)
      return TRUE;
  return FALSE;
}

static void
advise_better (const Host *self, const PostsealPortFacts *facts)
{
  const PostsealPortFacts *better = find_better (self, facts);
  g_autofree char *where = _postseal_judge_make_where (self->context->host, facts->port);

  for (guint i = 0; better != NULL && i < self->findings->len; i++)
    {
      PostsealFinding *finding = g_ptr_array_index (self->findings, i);

      if (strcmp (finding->where, where) != 0 || !is_curable (finding))
        continue;
      g_free (finding->advice);
      finding->advice
          = better->usual == POSTSEAL_TLS_START_IMPLICIT
                ? g_strdup_printf (_ ("use port %u, where TLS begins at once and works"),
                                   better->port)
                : g_strdup_printf (_ ("use port %u with STARTTLS, which works"), better->port);
    }
}

/* --- all in clear --- */

static void
judge_clear (const Host *self)
{
  gsize n_mail = 0;

  for (gsize i = 0; i < self->n; i++)
    {
      if (self->facts[i]->has_tls != POSTSEAL_SEEN_NO
          && self->facts[i]->upgrade != POSTSEAL_PORT_UPGRADE_MISSING
          && self->facts[i]->state == POSTSEAL_PORT_MAIL)
        return;
      n_mail += self->facts[i]->state == POSTSEAL_PORT_MAIL;
    }
  if (n_mail > 1)
    postseal_findings_add (
        self->findings, "no-tls", self->context->host, NULL,
        g_strdup (_ ("there is mail on this host, and TLS on no port of it")),
        g_strdup (_ ("ask the provider for servers with TLS; do not sign in here")));
}

void
postseal_judge_host (const PostsealPortFacts *const *facts,
                     gsize n,
                     const PostsealPortContext *context,
                     GPtrArray *findings)
{
  Host self = { facts, n, context, findings };

  for (gsize i = 0; i < n; i++)
    if (!context->is_exchange)
      advise_better (&self, facts[i]);
  judge_clear (&self);
  judge_unreachable (&self);
  judge_closed (&self);
}

void
postseal_judge_addresses (const PostsealAddressFact *addresses,
                          gsize n,
                          const char *host,
                          GPtrArray *findings)
{
  g_autoptr (GString) dead = g_string_new (NULL);
  g_autoptr (GString) untried = g_string_new (NULL);
  gboolean has_v4 = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      GString *list = addresses[i].answers == POSTSEAL_SEEN_UNKNOWN ? untried : dead;

      if (!addresses[i].is_v6)
        has_v4 |= addresses[i].answers == POSTSEAL_SEEN_YES;
      else if (addresses[i].answers != POSTSEAL_SEEN_YES)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", addresses[i].address);
    }
  if (has_v4 && dead->len > 0)
    postseal_findings_add (
        findings, "v6-dead", host, dead->str,
        g_strdup_printf (_ ("an IPv6 address is published, and nobody answers there: %s"),
                         dead->str),
        g_strdup (_ ("the server's owner should make it answer, or take the AAAA record out: it "
                     "costs every connection a try")));
  if (untried->len > 0)
    postseal_findings_add (
        findings, "v6-untried", host, untried->str,
        g_strdup_printf (_ ("an IPv6 address could not be tried from here: %s"), untried->str),
        NULL);
}
