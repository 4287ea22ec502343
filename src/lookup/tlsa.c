/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/tlsa.h"

#include <string.h>

#include "lookup/dns-records.h"
#include "lookup/question.h"

typedef struct
{
  PostsealDns *dns; /* borrowed: lives longer */
  char *service; /* owned */
  const char *host; /* borrowed: in @service */
  guint n_open; /* questions without an answer */
  PostsealDnsAnswer *address; /* owned; NULL when there is none */
  GError *address_error; /* owned, nullable */
  PostsealDnsAnswer *records; /* owned: under the name as asked; NULL when there are none */
  GError *records_error; /* owned, nullable */
} Search;

void
postseal_tlsa_finding_free (PostsealTlsaFinding *self)
{
  g_free (self->base);
  postseal_dns_answer_free (self->records);
  g_free (self);
}

static void
free_search (gpointer data)
{
  Search *self = data;

  g_free (self->service);
  g_clear_pointer (&self->address, postseal_dns_answer_free);
  g_clear_pointer (&self->records, postseal_dns_answer_free);
  g_clear_error (&self->address_error);
  g_clear_error (&self->records_error);
  g_free (self);
}

static void
free_finding (gpointer finding)
{
  postseal_tlsa_finding_free (finding);
}

/* Takes over @records. */
static void
return_finding (GTask *task, const char *base, PostsealDnsAnswer *records)
{
  PostsealTlsaFinding *finding = g_new0 (PostsealTlsaFinding, 1);

  finding->base = g_ascii_strdown (base, -1);
  finding->records = records;
  g_task_return_pointer (task, finding, free_finding);
}

static gboolean
is_unreachable (const GError *error)
{
  return g_error_matches (error, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE);
}

/* Of an address that cannot be had nobody knows what it is an alias of: none here is not none. */
static void
return_own (GTask *task, Search *self)
{
  if (self->records == NULL)
    g_task_return_error (task, g_steal_pointer (&self->records_error));
  else if (self->records->data->len == 0 && is_unreachable (self->address_error))
    g_task_return_error (task, g_steal_pointer (&self->address_error));
  else
    return_finding (task, self->host, g_steal_pointer (&self->records));
}

static void
on_alias_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  GError *error = NULL;
  PostsealDnsAnswer *records = postseal_dns_ask_finish (result, &error);

  if (records == NULL)
    g_task_return_error (task, error);
  else if (records->is_secure && records->data->len > 0)
    return_finding (task, self->address->canonical, records);
  else
    {
      postseal_dns_answer_free (records);
      return_own (task, self);
    }
}

/* RFC 7671 section 7 */
static gboolean
is_secure_alias (const Search *self)
{
  return self->address != NULL && self->address->is_secure && self->address->canonical != NULL
         && g_ascii_strcasecmp (self->address->canonical, self->host) != 0;
}

static void
ask_about_alias (GTask *task, Search *self)
{
  g_autofree char *service = g_strdup_printf ("%.*s%s", (int)(self->host - self->service),
                                              self->service, self->address->canonical);

  postseal_dns_ask_async (self->dns, service, POSTSEAL_DNS_TLSA, POSTSEAL_DNS_DENIAL_IS_ANSWER,
                          g_task_get_cancellable (task), on_alias_records, g_object_ref (task));
}

static void
take_answers (GTask *task, Search *self)
{
  if (self->address_error != NULL && !is_unreachable (self->address_error))
    g_task_return_error (task, g_steal_pointer (&self->address_error));
  else if (is_secure_alias (self))
    ask_about_alias (task, self);
  else
    return_own (task, self);
}

static void
on_address (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);

  self->address = postseal_dns_ask_finish (result, &self->address_error);
  if (--self->n_open == 0)
    take_answers (task, self);
}

static void
on_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);

  self->records = postseal_dns_ask_finish (result, &self->records_error);
  if (--self->n_open == 0)
    take_answers (task, self);
}

void
postseal_tlsa_find_async (PostsealDns *dns,
                          const char *service,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Search *self = g_new0 (Search, 1);

  g_task_set_source_tag (task, postseal_tlsa_find_async);
  g_task_set_task_data (task, self, free_search);
  self->dns = dns;
  self->service = g_strdup (service);
  self->host = postseal_question_find_host (self->service);
  self->n_open = 2;
  postseal_dns_ask_async (dns, self->host, POSTSEAL_DNS_A, POSTSEAL_DNS_DENIAL_IS_ANSWER,
                          cancellable, on_address, g_object_ref (task));
  postseal_dns_ask_async (dns, self->service, POSTSEAL_DNS_TLSA, POSTSEAL_DNS_DENIAL_IS_ANSWER,
                          cancellable, on_records, g_object_ref (task));
}

PostsealTlsaFinding *
postseal_tlsa_find_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
