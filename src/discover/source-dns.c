/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>

#include "discover/proposal-private.h"
#include "discover/source-private.h"
#include "discover/srv-choice-private.h"

/* SRV records of the domain. */

typedef struct
{
  PostsealSearchContext *context; /* owned */
  PostsealLookupAnswer *answers[POSTSEAL_N_SRV_SERVICES]; /* owned; NULL: nothing */
  guint n_open;
  GError *error; /* owned: the gravest */
} Questions;

/* For a callback. */
typedef struct
{
  GTask *task; /* owned */
  PostsealSrvService service;
} Step;

static void
free_questions (gpointer data)
{
  Questions *self = data;

  _postseal_search_context_unref (self->context);
  for (guint i = 0; i < POSTSEAL_N_SRV_SERVICES; i++)
    g_clear_pointer (&self->answers[i], postseal_lookup_answer_free);
  g_clear_error (&self->error);
  g_free (self);
}

/* --- proposals --- */

static PostsealProposal *
make_proposal (Questions *self, const PostsealSrvOffer *receive, const PostsealSrvOffer *send)
{
  PostsealSearchContext *context = self->context;
  g_autofree char *origin = g_strdup_printf (_ ("DNS of %s"), context->domain);
  gboolean is_secure = (receive->endpoint == NULL || receive->is_secure)
                       && (send->endpoint == NULL || send->is_secure);
  PostsealProposal *proposal = _postseal_proposal_new (POSTSEAL_SOURCE_DNS, origin, is_secure);

  if (receive->endpoint != NULL)
    proposal->receive = postseal_endpoint_ref (receive->endpoint);
  if (send->endpoint != NULL)
    {
      proposal->send = postseal_endpoint_ref (send->endpoint);
      proposal->send_user = g_strdup (context->address); /* RFC 6186 section 4 */
    }
  _postseal_proposal_complete (proposal, context->address, context->providers);
  return proposal;
}

/* Whoever publishes both says by their priorities which is to be used (RFC 6186 section 3.4); where
   they are equal it is IMAP. */
static void
add_proposals (Questions *self, GPtrArray *proposals)
{
  g_auto (PostsealSrvOffer) imap = _postseal_srv_choose (self->answers, POSTSEAL_PROTOCOL_IMAP);
  g_auto (PostsealSrvOffer) pop3 = _postseal_srv_choose (self->answers, POSTSEAL_PROTOCOL_POP3);
  g_auto (PostsealSrvOffer) send = _postseal_srv_choose (self->answers, POSTSEAL_PROTOCOL_SMTP);
  gboolean is_pop3_first
      = imap.endpoint != NULL && pop3.endpoint != NULL && pop3.priority < imap.priority;
  const PostsealSrvOffer *const order[]
      = { is_pop3_first ? &pop3 : &imap, is_pop3_first ? &imap : &pop3 };

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++)
    if (order[i]->endpoint != NULL)
      g_ptr_array_add (proposals, make_proposal (self, order[i], &send));
  if (proposals->len == 0 && send.endpoint != NULL)
    g_ptr_array_add (proposals, make_proposal (self, &imap, &send));
}

static PostsealSourceAnswer *
conclude (Questions *self)
{
  const char *domain = self->context->domain;
  g_autoptr (PostsealSourceAnswer) answer = NULL;
  const PostsealProposal *first = NULL;

  /* One wrong signature, and the others may be what is left after somebody took the good ones. */
  if (g_error_matches (self->error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS))
    return _postseal_source_answer_new (POSTSEAL_SOURCE_FAILED, g_strdup (self->error->message));
  answer = _postseal_source_answer_new (POSTSEAL_SOURCE_FOUND, NULL);
  add_proposals (self, answer->proposals);
  if (answer->proposals->len == 0)
    return self->error != NULL
               ? _postseal_source_answer_new (POSTSEAL_SOURCE_FAILED,
                                              g_strdup (self->error->message))
               : _postseal_source_answer_new (
                   POSTSEAL_SOURCE_NOTHING,
                   g_strdup_printf (_ ("The DNS of %s names no mail servers for programs"),
                                    domain));
  first = g_ptr_array_index (answer->proposals, 0);
  answer->text = g_strdup_printf (first->is_authentic
                                      ? _ ("The DNS of %s names servers, signed")
                                      : _ ("The DNS of %s names servers, without a signature"),
                                  domain);
  return g_steal_pointer (&answer);
}

/* --- questions --- */

/* "There is no such name" is an answer. */
static void
keep_error (Questions *self, GError *error)
{
  gboolean is_bogus = g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS);

  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING)
      || (self->error != NULL && !is_bogus))
    {
      g_error_free (error);
      return;
    }
  g_clear_error (&self->error);
  self->error = error;
}

static void
on_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Step *step = user_data;
  g_autoptr (GTask) task = step->task;
  Questions *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->answers[step->service]
      = postseal_lookup_records_finish (self->context->lookup, result, &error);
  if (error != NULL)
    keep_error (self, error);
  g_free (step);
  if (--self->n_open > 0)
    return;
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, conclude (self), (GDestroyNotify)_postseal_source_answer_free);
}

void
_postseal_source_dns_async (PostsealSearchContext *context,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Questions *self = g_new0 (Questions, 1);

  g_task_set_source_tag (task, _postseal_source_dns_async);
  g_task_set_task_data (task, self, free_questions);
  self->context = _postseal_search_context_ref (context);
  self->n_open = POSTSEAL_N_SRV_SERVICES;
  for (guint i = 0; i < POSTSEAL_N_SRV_SERVICES; i++)
    {
      g_autofree char *name = g_strconcat (_postseal_srv_get_label (i), ".", context->domain, NULL);
      Step *step = g_new0 (Step, 1);

      step->task = g_object_ref (task);
      step->service = i;
      postseal_lookup_srv_async (context->lookup, name, cancellable, on_records, step);
    }
}
