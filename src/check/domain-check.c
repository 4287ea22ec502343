/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/domain-check.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/loop.h"
#include "check/fact-board.h"
#include "check/finding.h"
#include "check/judge.h"
#include "check/port-exam.h"
#include "net/lookup.h"

#define MOST_AT_ONCE 32 /* questions */
#define LONGEST_WALK 3 /* questions one after the other, where all take as long as they may */
#define HTTPS_PORT 443
#define MARGIN_MS 500 /* left for the judges, when a server takes all the time there is */

typedef struct
{
  char *domain; /* owned */
  char **selectors; /* owned, nullable */
  PostsealLookup *lookup; /* owned */
  guint https_port;
  guint smtp_port;
  char *ca_file; /* owned, nullable */
  PostsealTlsTrust *trust; /* owned; NULL until it is read */
  gint64 end_us; /* of the whole, monotonic */
  PostsealFactBoard *board; /* owned */
  GCancellable *questions; /* owned: ended with the whole */
  GSource *timer; /* owned */
  GSource *canceller; /* owned, nullable */
  guint n_open; /* errands */
  GError *error; /* owned, nullable: nothing can be asked at all */
} Check;

/* A question under way. */
typedef struct
{
  GTask *task; /* owned */
  PostsealFactKind kind;
  char *name; /* owned */
  gboolean is_second; /* ADDRESS: the other family is being asked */
} Errand;

static void go_on (GTask *task);
static void ask (Errand *errand);
static void ask_some (GTask *task);

static void
free_check (gpointer data)
{
  Check *self = data;

  g_free (self->domain);
  g_strfreev (self->selectors);
  postseal_lookup_unref (self->lookup);
  postseal_fact_board_free (self->board);
  g_object_unref (self->questions);
  g_clear_error (&self->error);
  g_free (self->ca_file);
  g_clear_pointer (&self->trust, postseal_tls_trust_unref);
  g_free (self);
}

static void
free_errand (Errand *self)
{
  g_object_unref (self->task);
  g_free (self->name);
  g_free (self);
}

/* --- answers --- */

static PostsealFactState
find_state (const GError *error)
{
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING))
    return POSTSEAL_FACT_ABSENT;
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_BOGUS))
    return POSTSEAL_FACT_BOGUS;
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_UNPROVEN))
    return POSTSEAL_FACT_UNPROVEN;
  if (g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_REDIRECTED))
    return POSTSEAL_FACT_REDIRECTED;
  return POSTSEAL_FACT_NO_ANSWER;
}

/* @fact: (transfer full) */
static void
settle (Errand *errand, PostsealFact *fact)
{
  g_autoptr (GTask) task = g_object_ref (errand->task);
  Check *self = g_task_get_task_data (task);
  gboolean leads_on;

  leads_on = errand->kind == POSTSEAL_FACT_MX || errand->kind == POSTSEAL_FACT_ADDRESS;
  postseal_fact_board_put (self->board, errand->kind, errand->name, fact);
  free_errand (errand);
  self->n_open--;
  ask_some (task);
  /* The way to the servers is the longest: they are not kept waiting for what has no part in it. */
  if (self->n_open == 0 || leads_on)
    go_on (task);
}

static void
settle_error (Errand *errand, const GError *error)
{
  Check *self = g_task_get_task_data (errand->task);
  PostsealFact *fact = postseal_fact_new ();

  if (self->error == NULL
      && g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM))
    self->error = g_error_copy (error);
  fact->state = find_state (error);
  fact->reason = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                     ? g_strdup (_ ("nobody has answered in time"))
                     : g_strdup (error->message);
  settle (errand, fact);
}

static void
on_texts (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  const Check *self = g_task_get_task_data (errand->task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealLookupTexts) texts
      = postseal_lookup_texts_finish (self->lookup, result, &error);
  PostsealFact *fact;

  if (texts == NULL)
    {
      settle_error (errand, error);
      return;
    }
  fact = postseal_fact_new ();
  fact->is_secure = texts->is_secure;
  for (guint i = 0; i < texts->texts->len; i++)
    g_ptr_array_add (fact->texts, g_utf8_make_valid (texts->texts->pdata[i], -1));
  settle (errand, fact);
}

static void
on_records (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  const Check *self = g_task_get_task_data (errand->task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealLookupAnswer) answer
      = postseal_lookup_records_finish (self->lookup, result, &error);
  PostsealFact *fact;

  if (answer == NULL && errand->kind == POSTSEAL_FACT_ADDRESS && !errand->is_second
      && g_error_matches (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING))
    {
      errand->is_second = TRUE;
      ask (errand);
      return;
    }
  if (answer == NULL)
    {
      settle_error (errand, error);
      return;
    }
  fact = postseal_fact_new ();
  fact->is_secure = answer->is_secure;
  for (guint i = 0; i < answer->records->len; i++)
    {
      const PostsealLookupRecord *record = g_ptr_array_index (answer->records, i);

      if (errand->kind == POSTSEAL_FACT_ADDRESS && !g_hostname_is_ip_address (record->target))
        continue;
      postseal_fact_add_host (fact, record->priority, record->port, record->target);
    }
  if (fact->hosts->len == 0)
    fact->state = POSTSEAL_FACT_NO_ANSWER;
  settle (errand, fact);
}

/* As in a zone file. Returns: (transfer full) */
static char *
write_tlsa (const PostsealTlsaRecord *record)
{
  GString *text = g_string_new (NULL);
  gsize length = 0;
  const guint8 *bytes = g_bytes_get_data (record->data, &length);

  g_string_append_printf (text, "%u %u %u ", record->usage, record->selector, record->matching);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static void
on_tlsa (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  const Check *self = g_task_get_task_data (errand->task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealTlsaAnswer) answer
      = postseal_lookup_tlsa_finish (self->lookup, result, &error);
  PostsealFact *fact;

  if (answer == NULL)
    {
      settle_error (errand, error);
      return;
    }
  fact = postseal_fact_new ();
  fact->is_secure = answer->is_secure;
  if (answer->records->len == 0)
    fact->state = POSTSEAL_FACT_ABSENT;
  for (guint i = 0; i < answer->records->len; i++)
    g_ptr_array_add (fact->texts, write_tlsa (answer->records->pdata[i]));
  fact->tlsa = g_steal_pointer (&answer);
  settle (errand, fact);
}

static void
on_file (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  const Check *self = g_task_get_task_data (errand->task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = postseal_lookup_get_finish (self->lookup, result, NULL, &error);
  PostsealFact *fact;

  if (body == NULL)
    {
      settle_error (errand, error);
      return;
    }
  fact = postseal_fact_new ();
  g_ptr_array_add (fact->texts, g_utf8_make_valid (g_bytes_get_data (body, NULL),
                                                   (gssize)g_bytes_get_size (body)));
  settle (errand, fact);
}

static void
on_examined (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Errand *errand = user_data;
  g_autoptr (GError) error = NULL;
  PostsealPortFacts *port = postseal_port_exam_finish (result, &error);
  PostsealFact *fact;

  if (port == NULL)
    {
      settle_error (errand, error);
      return;
    }
  fact = postseal_fact_new ();
  fact->port = port;
  settle (errand, fact);
}

/* --- questions --- */

/* Returns: (transfer full) (element-type GInetAddress) */
static GPtrArray *
list_addresses (Check *self, const char *host)
{
  const PostsealFact *fact = postseal_fact_board_get (self->board, POSTSEAL_FACT_ADDRESS, host);
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; fact != NULL && i < fact->hosts->len; i++)
    {
      const PostsealFactHost *one = g_ptr_array_index (fact->hosts, i);
      GInetAddress *address = g_inet_address_new_from_string (one->target);

      if (address != NULL)
        g_ptr_array_add (addresses, address);
    }
  return addresses;
}

/* Until the whole ends: a server may take its time to greet strangers. */
static void
look_at_exchange (Check *self, Errand *errand)
{
  g_autoptr (GPtrArray) addresses = list_addresses (self, errand->name);
  gint64 left_ms = (self->end_us - g_get_monotonic_time ()) / 1000 - MARGIN_MS;
  PostsealPortExam exam = { .host = errand->name,
                            .addresses = addresses,
                            .is_brief = TRUE,
                            .limit_ms = (guint)MAX (left_ms, 1) };
  PostsealPortFacts *port = postseal_port_facts_new (
      POSTSEAL_PROTOCOL_SMTP, (guint16)self->smtp_port, POSTSEAL_TLS_START_UPGRADE);

  g_assert (addresses->len > 0);
  postseal_port_exam_async (&exam, port, NULL, self->questions, on_examined, errand);
}

static void
ask_for_file (Check *self, Errand *errand)
{
  gsize host = strcspn (errand->name, "/");
  g_autofree char *port
      = self->https_port != HTTPS_PORT ? g_strdup_printf (":%u", self->https_port) : NULL;
  g_autofree char *uri = g_strdup_printf ("https://%.*s%s%s", (int)host, errand->name,
                                          port != NULL ? port : "", errand->name + host);

  if (errand->kind == POSTSEAL_FACT_PAGE)
    postseal_lookup_get_async (self->lookup, uri, self->questions, on_file, errand);
  else
    postseal_lookup_file_async (self->lookup, uri, self->questions, on_file, errand);
}

static void
ask (Errand *errand)
{
  Check *self = g_task_get_task_data (errand->task);

  switch (errand->kind)
    {
    case POSTSEAL_FACT_MX:
      postseal_lookup_mx_async (self->lookup, errand->name, self->questions, on_records, errand);
      break;
    case POSTSEAL_FACT_SRV:
      postseal_lookup_srv_async (self->lookup, errand->name, self->questions, on_records, errand);
      break;
    case POSTSEAL_FACT_ALIAS:
      postseal_lookup_alias_async (self->lookup, errand->name, self->questions, on_records, errand);
      break;
    case POSTSEAL_FACT_ADDRESS:
      postseal_lookup_addresses_async (self->lookup, errand->name, errand->is_second,
                                       self->questions, on_records, errand);
      break;
    case POSTSEAL_FACT_TLSA:
      postseal_lookup_tlsa_async (self->lookup, errand->name, self->questions, on_tlsa, errand);
      break;
    case POSTSEAL_FACT_EXCHANGE:
      look_at_exchange (self, errand);
      break;
    case POSTSEAL_FACT_FILE:
    case POSTSEAL_FACT_PAGE:
      ask_for_file (self, errand);
      break;
    case POSTSEAL_FACT_TXT:
    default:
      postseal_lookup_texts_async (self->lookup, errand->name, self->questions, on_texts, errand);
      break;
    }
}

static void
ask_some (GTask *task)
{
  Check *self = g_task_get_task_data (task);
  PostsealFactKind kind;
  char *name = NULL;

  while (self->error == NULL && self->n_open < MOST_AT_ONCE
         && postseal_fact_board_take_wish (self->board, &kind, &name))
    {
      Errand *errand = g_new0 (Errand, 1);

      errand->task = g_object_ref (task);
      errand->kind = kind;
      errand->name = g_steal_pointer (&name);
      self->n_open++;
      ask (errand);
    }
}

/* --- the whole --- */

static GPtrArray *
judge (Check *self)
{
  GPtrArray *findings = postseal_findings_new ();

  postseal_judge_mx (self->board, self->domain, findings);
  postseal_judge_dane (self->board, self->domain, findings);
  if (self->trust != NULL)
    postseal_judge_exchanges (self->board, self->domain, self->trust,
                              g_get_real_time () / G_USEC_PER_SEC, findings);
  postseal_judge_sts (self->board, self->domain, findings);
  postseal_judge_tlsrpt (self->board, self->domain, findings);
  postseal_judge_spf (self->board, self->domain, findings);
  postseal_judge_dkim (self->board, self->domain, (const char *const *)self->selectors, findings);
  postseal_judge_dmarc (self->board, self->domain, findings);
  postseal_judge_srv (self->board, self->domain, findings);
  postseal_judge_autoconfig (self->board, self->domain, findings);
  return findings;
}

/* Answers lead to questions until there is none. */
static void
go_on (GTask *task)
{
  Check *self = g_task_get_task_data (task);
  g_autoptr (GPtrArray) findings = judge (self);

  ask_some (task);
  if (self->n_open > 0)
    return;
  postseal_loop_clear (&self->timer);
  postseal_loop_clear (&self->canceller);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&findings), (GDestroyNotify)g_ptr_array_unref);
}

/* --- the authorities --- */

static void
read_trust (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *ca_file = data;
  GError *error = NULL;
  PostsealTlsTrust *trust = postseal_tls_trust_load (NULL, ca_file != NULL ? NULL : &error);

  if (trust == NULL && ca_file != NULL)
    trust = postseal_tls_trust_load (ca_file, &error);
  else if (trust != NULL && ca_file != NULL && !postseal_tls_trust_add (trust, ca_file, &error))
    g_clear_pointer (&trust, postseal_tls_trust_unref);
  if (trust != NULL)
    g_task_return_pointer (task, trust, (GDestroyNotify)postseal_tls_trust_unref);
  else
    g_task_return_error (task, error);
}

static void
on_trust_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->trust = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->trust == NULL && self->error == NULL)
    self->error = g_steal_pointer (&error);
  self->n_open--;
  go_on (task);
}

/* Beside the first questions. */
static void
start_reading_trust (GTask *task)
{
  Check *self = g_task_get_task_data (task);
  g_autoptr (GTask) reading = g_task_new (NULL, NULL, on_trust_read, g_object_ref (task));

  self->n_open++;
  g_task_set_source_tag (reading, start_reading_trust);
  g_task_set_task_data (reading, g_strdup (self->ca_file), g_free);
  g_task_run_in_thread (reading, read_trust);
}

static gboolean
on_limit (gpointer user_data)
{
  Check *self = g_task_get_task_data (user_data);

  g_cancellable_cancel (self->questions);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  return on_limit (user_data);
}

void
postseal_domain_check_async (const char *domain,
                             const char *const *selectors,
                             const PostsealDiscoverySettings *settings,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Check *self = g_new0 (Check, 1);

  g_task_set_source_tag (task, postseal_domain_check_async);
  g_task_set_task_data (task, self, free_check);
  self->domain = g_strdup (domain);
  self->selectors = g_strdupv ((char **)selectors);
  self->lookup = postseal_lookup_new (settings->timeout_ms);
  postseal_lookup_set_settings (self->lookup, settings);
  self->https_port = settings->https_port;
  self->smtp_port = settings->smtp_port;
  self->ca_file = g_strdup (settings->ca_file);
  self->end_us = g_get_monotonic_time () + (gint64)LONGEST_WALK * settings->timeout_ms * 1000;
  self->board = postseal_fact_board_new ();
  self->questions = g_cancellable_new ();
  self->timer = postseal_loop_add_timeout (LONGEST_WALK * settings->timeout_ms, on_limit, task);
  self->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, task);
  start_reading_trust (task);
  go_on (task);
}

GPtrArray *
postseal_domain_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
