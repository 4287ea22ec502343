/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/domain-check.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/loop.h"
#include "check/fact-board.h"
#include "check/finding.h"
#include "check/judge.h"
#include "net/lookup.h"

#define MOST_AT_ONCE 32 /* questions */
#define LONGEST_WALK 3 /* questions one after the other, where all take as long as they may */
#define HTTPS_PORT 443

typedef struct
{
  char *domain; /* owned */
  char **selectors; /* owned, nullable */
  PostsealLookup *lookup; /* owned */
  guint https_port;
  PostsealFactBoard *board; /* owned */
  GCancellable *questions; /* owned: ended with the whole */
  GSource *timer; /* owned */
  GSource *canceller; /* owned, nullable */
  guint n_open; /* questions */
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

  postseal_fact_board_put (self->board, errand->kind, errand->name, fact);
  free_errand (errand);
  self->n_open--;
  ask_some (task);
  if (self->n_open == 0)
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

      postseal_fact_add_host (fact, record->priority, record->port, record->target);
    }
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

/* --- questions --- */

static void
ask_for_file (Check *self, Errand *errand)
{
  gsize host = strcspn (errand->name, "/");
  g_autofree char *port
      = self->https_port != HTTPS_PORT ? g_strdup_printf (":%u", self->https_port) : NULL;
  g_autofree char *uri = g_strdup_printf ("https://%.*s%s%s", (int)host, errand->name,
                                          port != NULL ? port : "", errand->name + host);

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
    case POSTSEAL_FACT_FILE:
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
  postseal_judge_sts (self->board, self->domain, findings);
  postseal_judge_tlsrpt (self->board, self->domain, findings);
  postseal_judge_spf (self->board, self->domain, findings);
  postseal_judge_dkim (self->board, self->domain, (const char *const *)self->selectors, findings);
  postseal_judge_dmarc (self->board, self->domain, findings);
  postseal_judge_srv (self->board, self->domain, findings);
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
  self->board = postseal_fact_board_new ();
  self->questions = g_cancellable_new ();
  self->timer = postseal_loop_add_timeout (LONGEST_WALK * settings->timeout_ms, on_limit, task);
  self->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, task);
  go_on (task);
}

GPtrArray *
postseal_domain_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
