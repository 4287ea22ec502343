/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/check-exam.h"

#include <string.h>

#include "check/judge-port.h"
#include "check/port-exam.h"
#include "net/lookup.h"

#define LIMIT_MS 5000

typedef struct
{
  PostsealCheckExam *exam; /* owned until it is returned */
  PostsealLookup *lookup; /* owned, nullable */
  guint n_open; /* questions */
} Run;

void
postseal_check_exam_free (PostsealCheckExam *self)
{
  if (self == NULL)
    return;
  postseal_port_facts_free (self->facts);
  g_clear_pointer (&self->tlsa, postseal_tlsa_answer_free);
  g_free (self->tlsa_reason);
  g_free (self);
}

static void
free_run (gpointer data)
{
  Run *self = data;

  postseal_check_exam_free (self->exam);
  g_clear_pointer (&self->lookup, postseal_lookup_unref);
  g_free (self);
}

/* Takes a reference of @task. */
static void
end_question (GTask *task)
{
  g_autoptr (GTask) owned = task;
  Run *self = g_task_get_task_data (task);

  if (--self->n_open == 0)
    g_task_return_pointer (task, g_steal_pointer (&self->exam),
                           (GDestroyNotify)postseal_check_exam_free);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = g_task_get_task_data (user_data);

  self->exam->facts = postseal_port_exam_finish (result, NULL);
  end_question (user_data);
}

static void
on_tlsa (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *self = g_task_get_task_data (user_data);
  g_autoptr (GError) error = NULL;

  self->exam->tlsa = postseal_lookup_tlsa_finish (self->lookup, result, &error);
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS))
    self->exam->tlsa_state = POSTSEAL_FACT_BOGUS;
  else if (error != NULL)
    self->exam->tlsa_state = POSTSEAL_FACT_NO_ANSWER;
  self->exam->tlsa_reason = error != NULL ? g_strdup (error->message) : NULL;
  end_question (user_data);
}

static void
ask_dns (GTask *task, const PostsealEndpoint *endpoint)
{
  Run *self = g_task_get_task_data (task);
  g_autoptr (PostsealDiscoverySettings) settings = postseal_discovery_settings_load ();
  g_autofree char *service = g_strdup_printf ("_%u._tcp.%s", endpoint->port, endpoint->host);

  self->n_open++;
  self->lookup = postseal_lookup_new (LIMIT_MS);
  postseal_lookup_set_settings (self->lookup, settings);
  postseal_lookup_tlsa_async (self->lookup, service, NULL, on_tlsa, g_object_ref (task));
}

static void
examine (GTask *task, const PostsealEndpoint *endpoint, GInetAddress *address)
{
  Run *self = g_task_get_task_data (task);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new ();
  const PostsealPortExam exam
      = { .host = endpoint->host, .addresses = addresses, .is_brief = TRUE, .limit_ms = LIMIT_MS };

  self->n_open++;
  g_ptr_array_add (addresses, address);
  postseal_port_exam_async (
      &exam, postseal_port_facts_new (endpoint->protocol, endpoint->port, endpoint->start), NULL,
      NULL, on_examined, g_object_ref (task));
}

/* Returns: (transfer full) (nullable) */
static GInetAddress *
read_address (const char *text)
{
  g_autoptr (GSocketConnectable) place = g_network_address_parse (text, 0, NULL);

  return place != NULL ? g_inet_address_new_from_string (
             g_network_address_get_hostname (G_NETWORK_ADDRESS (place)))
                       : NULL;
}

void
postseal_check_exam_async (const PostsealEndpoint *endpoint,
                           const char *address,
                           const char *dane,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  static const char *const worth_asking[] = { "keys", "unusable", "insecure", NULL };
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GInetAddress) place = read_address (address);
  Run *self = g_new0 (Run, 1);

  g_task_set_source_tag (task, postseal_check_exam_async);
  g_task_set_task_data (task, self, free_run);
  self->exam = g_new0 (PostsealCheckExam, 1);
  self->exam->is_local = place != NULL && g_inet_address_get_is_loopback (place);
  if (g_strcmp0 (dane, "bogus") == 0)
    self->exam->tlsa_state = POSTSEAL_FACT_BOGUS;
  else if (g_strcmp0 (dane, "unreachable") == 0)
    self->exam->tlsa_state = POSTSEAL_FACT_NO_ANSWER;
  else if (dane != NULL && g_strv_contains (worth_asking, dane))
    ask_dns (task, endpoint);
  g_return_if_fail (place != NULL);
  examine (task, endpoint, place);
}

PostsealCheckExam *
postseal_check_exam_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
postseal_check_exam_judge (const PostsealCheckExam *self,
                           const PostsealEndpoint *endpoint,
                           const PostsealTlsPolicy *policy,
                           GPtrArray *findings)
{
  g_autoptr (PostsealTlsTrust) trust = postseal_tls_trust_load (policy->ca_file, NULL);
  const PostsealPortContext context = {
    .host = endpoint->host,
    .now = g_get_real_time () / G_USEC_PER_SEC,
    .trust = trust,
    .pins = (const char *const *)policy->pins,
    .tlsa_state = self->tlsa_state,
    .tlsa = self->tlsa,
    .tlsa_reason = self->tlsa_reason,
    .is_local = self->is_local,
  };

  if (self->facts != NULL && trust != NULL)
    postseal_judge_port (self->facts, &context, findings);
}
