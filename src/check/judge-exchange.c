/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-port.h"
#include "check/judge-private.h"
#include "net/tls-dane.h"

#define SMTP_PORT 25
#define MOST_EXCHANGES 10 /* the first to be tried; nobody has more that matter */

typedef struct
{
  PostsealFactBoard *board; /* borrowed */
  const char *domain; /* borrowed */
  PostsealTlsTrust *trust; /* borrowed */
  gint64 now;
  gboolean is_signed; /* who takes the mail */
  PostsealStsPolicy *policy; /* owned, nullable */
  GPtrArray *findings; /* borrowed */
  guint n_exchanges; /* that were tried */
  GString *unreached; /* owned: their names */
  guint n_unreached;
} Exchanges;

/* What the DNS says of the key, where it counts for mail; of the rest the judge of DANE speaks.
   Returns: (transfer none) (nullable) */
static const PostsealTlsaAnswer *
find_keys (const Exchanges *self, const char *host)
{
  g_autofree char *name = g_strdup_printf ("_%d._tcp.%s", SMTP_PORT, host);
  const PostsealFact *fact = postseal_fact_board_get (self->board, POSTSEAL_FACT_TLSA, name);
  g_autoptr (GPtrArray) usable = NULL;

  if (fact == NULL || fact->tlsa == NULL || !fact->tlsa->is_secure)
    return NULL;
  usable = postseal_tls_dane_find_usable (fact->tlsa->records);
  for (guint i = 0; i < usable->len; i++)
    if (((const PostsealTlsaRecord *)usable->pdata[i])->usage >= POSTSEAL_TLSA_DANE_TA)
      return fact->tlsa;
  return NULL;
}

static gboolean
is_fault_of_certificate (const PostsealFinding *finding)
{
  return g_str_equal (postseal_finding_get_topic (finding), "cert")
         && postseal_finding_get_level (finding) == POSTSEAL_FINDING_BAD;
}

/* RFC 8461 section 4.2: for those who know the policy it is as bad as no TLS. */
static void
judge_for_sts (const Exchanges *self, const PostsealFact *seen, guint n_before)
{
  for (guint i = n_before; i < self->findings->len; i++)
    {
      const PostsealFinding *finding = self->findings->pdata[i];

      if (!is_fault_of_certificate (finding))
        continue;
      postseal_findings_add (
          self->findings, "sts-mx-tls", finding->where, seen->port->tls_version,
          g_strdup (_ ("the MTA-STS policy demands a good certificate, and this server has none: "
                       "other servers refuse to deliver")),
          g_strdup (_ ("the server's owner must get it a good certificate at once")));
      return;
    }
}

static void
judge_seen (const Exchanges *self, const char *host, const PostsealFact *seen)
{
  guint n_before = self->findings->len;
  PostsealPortContext context = {
    .host = host,
    .now = self->now,
    .trust = self->trust,
    .tlsa_state = POSTSEAL_FACT_FOUND,
    .tlsa = find_keys (self, host),
    .is_exchange = TRUE,
    .domain = self->is_signed ? self->domain : NULL,
    .is_sts_enforced = self->policy != NULL && self->policy->mode == POSTSEAL_STS_ENFORCE
                       && postseal_sts_policy_allows (self->policy, host),
  };

  postseal_judge_port (seen->port, &context, self->findings);
  if (context.is_sts_enforced)
    judge_for_sts (self, seen, n_before);
}

static gboolean
is_reached (const PostsealFact *seen)
{
  return seen->port != NULL && seen->port->state != POSTSEAL_PORT_CLOSED
         && seen->port->state != POSTSEAL_PORT_UNREACHABLE;
}

static void
judge_exchange (Exchanges *self, const char *host)
{
  const PostsealFact *address = postseal_fact_board_get (self->board, POSTSEAL_FACT_ADDRESS, host);
  const PostsealFact *seen = NULL;

  if (!_postseal_judge_can_use (address, host, "A/AAAA", self->findings))
    return;
  if (address->state == POSTSEAL_FACT_ABSENT)
    {
      g_autofree char *where = g_strdup_printf ("%s MX", self->domain);

      postseal_findings_add (
          self->findings, "mx-no-address", where, host,
          g_strdup_printf (
              _ ("the server %s, which is to take mail for the domain, has no address"), host),
          g_strdup (_ ("give it one, or take its MX record out")));
      return;
    }
  seen = postseal_fact_board_get (self->board, POSTSEAL_FACT_EXCHANGE, host);
  if (seen == NULL)
    return;
  self->n_exchanges++;
  if (is_reached (seen))
    {
      judge_seen (self, host, seen);
      return;
    }
  g_string_append_printf (self->unreached, "%s%s", self->n_unreached > 0 ? ", " : "", host);
  self->n_unreached++;
}

static void
judge_all (Exchanges *self, const PostsealFact *mx)
{
  g_autofree char *where = g_strdup_printf ("%s MX", self->domain);

  if (mx->state == POSTSEAL_FACT_ABSENT)
    judge_exchange (self, self->domain); /* RFC 5321 section 5.1 */
  for (guint i = 0; i < mx->hosts->len && i < MOST_EXCHANGES; i++)
    if (*((const PostsealFactHost *)mx->hosts->pdata[i])->target != '\0')
      judge_exchange (self, ((const PostsealFactHost *)mx->hosts->pdata[i])->target);
  if (self->n_unreached > 0)
    postseal_findings_add (
        self->findings, "mx-unreached", where, self->unreached->str,
        g_strdup_printf (_ ("%u of %u servers cannot be reached at port %d from here, which many "
                            "networks block: whether their mail is encrypted is unknown"),
                         self->n_unreached, self->n_exchanges, SMTP_PORT),
        g_strdup (_ ("check from another network, such as a server's; nothing is concluded")));
}

void
postseal_judge_exchanges (PostsealFactBoard *board,
                          const char *domain,
                          PostsealTlsTrust *trust,
                          gint64 now,
                          GPtrArray *findings)
{
  const PostsealFact *mx = postseal_fact_board_get (board, POSTSEAL_FACT_MX, domain);
  Exchanges self
      = { .board = board, .domain = domain, .trust = trust, .now = now, .findings = findings };

  if (mx == NULL || (mx->state != POSTSEAL_FACT_FOUND && mx->state != POSTSEAL_FACT_ABSENT))
    return;
  self.is_signed = mx->is_secure;
  self.policy = _postseal_judge_find_sts_policy (board, domain);
  self.unreached = g_string_new (NULL);
  judge_all (&self, mx);
  g_string_free (self.unreached, TRUE);
  g_clear_pointer (&self.policy, postseal_sts_policy_free);
}
