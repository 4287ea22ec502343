/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lookup.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/limits.h"
#include "base/loop.h"
#include "base/printable.h"
#include "net/lookup-line-private.h"
#include "net/lookup-process-private.h"

#define LONGEST_NAME 253
#define LONGEST_URI 2000

struct _PostsealLookup
{
  grefcount references;
  guint limit_ms;
  PostsealDiscoverySettings *settings; /* owned; NULL: not read yet */
  PostsealLookupProcess *process; /* owned; NULL before the first question and after a failure */
  GError *failure; /* owned, nullable: why there is no program any more */
  GHashTable *questions; /* owned: id (key-type guint) to its GTask, owned; those not answered */
  guint last_id;
};

typedef enum
{
  KIND_RECORDS,
  KIND_TLSA,
  KIND_TEXTS,
  KIND_FILE,
} Kind;

/* The task data of a question. */
typedef struct
{
  PostsealLookup *lookup; /* borrowed: outlives what needs it */
  guint id;
  char *subject; /* owned: name or URI */
  Kind kind;
  PostsealLookupAnswer *answer; /* owned: with the records that have come */
  PostsealTlsaAnswer *tlsa; /* owned: the same */
  PostsealLookupTexts *texts; /* owned: the same */
  char *host; /* owned: who has sent the file */
  GSource *timer; /* owned */
  GSource *canceller; /* owned, nullable */
} Question;

G_DEFINE_QUARK (postseal - lookup - error - quark, postseal_lookup_error)

static void
free_record (gpointer data)
{
  PostsealLookupRecord *self = data;

  g_free (self->target);
  g_free (self);
}

void
postseal_lookup_answer_free (PostsealLookupAnswer *self)
{
  g_ptr_array_unref (self->records);
  g_free (self);
}

void
postseal_lookup_texts_free (PostsealLookupTexts *self)
{
  g_ptr_array_unref (self->texts);
  g_free (self);
}

static void
free_question (gpointer data)
{
  Question *self = data;

  g_clear_pointer (&self->answer, postseal_lookup_answer_free);
  g_clear_pointer (&self->tlsa, postseal_tlsa_answer_free);
  g_clear_pointer (&self->texts, postseal_lookup_texts_free);
  g_free (self->subject);
  g_free (self->host);
  g_free (self);
}

/* Ends what could end the question. */
static void
disarm (GTask *task)
{
  Question *self = g_task_get_task_data (task);

  postseal_loop_clear (&self->timer);
  postseal_loop_clear (&self->canceller);
}

/* Returns: (transfer full) (nullable): the task, which is open no more */
static GTask *
take_question (PostsealLookup *self, guint id)
{
  gpointer task = NULL;

  if (!g_hash_table_steal_extended (self->questions, GUINT_TO_POINTER (id), NULL, &task))
    return NULL;
  disarm (task);
  return task;
}

/* --- answers --- */

static int
compare_records (gconstpointer a, gconstpointer b)
{
  const PostsealLookupRecord *one = *(const PostsealLookupRecord *const *)a;
  const PostsealLookupRecord *other = *(const PostsealLookupRecord *const *)b;

  if (one->priority != other->priority)
    return one->priority < other->priority ? -1 : 1;
  if (one->weight != other->weight)
    return one->weight > other->weight ? -1 : 1;
  return strcmp (one->target, other->target);
}

static gboolean
add_record (Question *question, const PostsealLookupLine *line)
{
  PostsealLookupRecord *record = NULL;

  if (question->kind != KIND_RECORDS
      || question->answer->records->len == POSTSEAL_LIMIT_LOOKUP_RECORDS)
    return FALSE;
  record = g_new0 (PostsealLookupRecord, 1);
  record->priority = line->priority;
  record->weight = line->weight;
  record->port = line->port;
  record->target = g_strdup (line->host);
  g_ptr_array_add (question->answer->records, record);
  return TRUE;
}

/* Returns: (transfer full) */
static GBytes *
read_hex (const char *text)
{
  gsize length = strlen (text) / 2;
  guint8 *bytes = g_malloc (length);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8)(g_ascii_xdigit_value (text[2 * i]) << 4
                        | g_ascii_xdigit_value (text[2 * i + 1]));
  return g_bytes_new_take (bytes, length);
}

static gboolean
add_tlsa (Question *question, const PostsealLookupLine *line)
{
  g_autoptr (GBytes) data = NULL;

  if (question->kind != KIND_TLSA || question->tlsa->records->len == POSTSEAL_LIMIT_LOOKUP_RECORDS)
    return FALSE;
  data = read_hex (line->text);
  g_ptr_array_add (
      question->tlsa->records,
      postseal_tlsa_record_new (line->tlsa[0], line->tlsa[1], line->tlsa[2], line->host, data));
  return TRUE;
}

static gboolean
add_text (Question *question, const PostsealLookupLine *line)
{
  g_autofree guint8 *bytes = NULL;
  gsize length = 0;

  if (question->kind != KIND_TEXTS || question->texts->texts->len == POSTSEAL_LIMIT_LOOKUP_RECORDS)
    return FALSE;
  bytes = g_base64_decode (line->text, &length);
  g_ptr_array_add (question->texts->texts, g_strndup ((const char *)bytes, length));
  return TRUE;
}

static void
return_texts (GTask *task, gboolean is_secure)
{
  Question *question = g_task_get_task_data (task);

  question->texts->is_secure = is_secure;
  g_task_return_pointer (task, g_steal_pointer (&question->texts),
                         (GDestroyNotify)postseal_lookup_texts_free);
}

static void
return_tlsa (GTask *task, gboolean is_secure)
{
  Question *question = g_task_get_task_data (task);

  question->tlsa->is_secure = is_secure;
  g_task_return_pointer (task, g_steal_pointer (&question->tlsa),
                         (GDestroyNotify)postseal_tlsa_answer_free);
}

static void
return_records (GTask *task, gboolean is_secure)
{
  Question *question = g_task_get_task_data (task);

  if (question->answer->records->len == 0)
    {
      g_task_return_new_error (task, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING,
                               _ ("The DNS has nothing about %s that makes sense"),
                               question->subject);
      return;
    }
  question->answer->is_secure = is_secure;
  g_ptr_array_sort (question->answer->records, compare_records);
  g_task_return_pointer (task, g_steal_pointer (&question->answer),
                         (GDestroyNotify)postseal_lookup_answer_free);
}

static void
return_error (GTask *task, const PostsealLookupLine *line)
{
  /* A sentence of ours, around what may be a server's words. */
  g_autofree char *sentence = postseal_printable (line->text, -1);

  g_task_return_new_error (task, POSTSEAL_LOOKUP_ERROR, line->code, "%s", sentence);
}

/* Returns: (transfer full) (nullable): NULL when it is none */
static GBytes *
read_body (const PostsealLookupLine *line)
{
  gsize length = 0;
  guint8 *bytes = g_base64_decode (line->text, &length);

  if (length > 0 && length <= POSTSEAL_LIMIT_AUTOCONFIG)
    return g_bytes_new_take (bytes, length);
  g_free (bytes);
  return NULL;
}

/* Returns: FALSE when it makes no sense. */
static gboolean
take_answer (PostsealLookup *self, const PostsealLookupLine *line, Question *question)
{
  g_autoptr (GBytes) body = line->kind == POSTSEAL_LOOKUP_LINE_BODY ? read_body (line) : NULL;
  g_autoptr (GTask) task = NULL;

  if (line->kind == POSTSEAL_LOOKUP_LINE_RECORD)
    return add_record (question, line);
  if (line->kind == POSTSEAL_LOOKUP_LINE_TLSA)
    return add_tlsa (question, line);
  if (line->kind == POSTSEAL_LOOKUP_LINE_TEXT)
    return add_text (question, line);
  if ((line->kind == POSTSEAL_LOOKUP_LINE_BODY && (body == NULL || question->kind != KIND_FILE))
      || (line->kind == POSTSEAL_LOOKUP_LINE_END && question->kind == KIND_FILE))
    return FALSE;
  task = take_question (self, question->id);
  if (line->kind == POSTSEAL_LOOKUP_LINE_ERROR)
    return_error (task, line);
  else if (line->kind == POSTSEAL_LOOKUP_LINE_END && question->kind == KIND_TLSA)
    return_tlsa (task, line->is_secure);
  else if (line->kind == POSTSEAL_LOOKUP_LINE_END && question->kind == KIND_TEXTS)
    return_texts (task, line->is_secure);
  else if (line->kind == POSTSEAL_LOOKUP_LINE_END)
    return_records (task, line->is_secure);
  else
    {
      question->host = g_strdup (line->host);
      g_task_return_pointer (task, g_steal_pointer (&body), (GDestroyNotify)g_bytes_unref);
    }
  return TRUE;
}

/* Takes @error. */
static void
fail (PostsealLookup *self, GError *error)
{
  GHashTableIter iter;
  gpointer id = NULL;

  g_clear_pointer (&self->process, _postseal_lookup_process_free);
  g_clear_error (&self->failure);
  self->failure = error;
  for (g_hash_table_iter_init (&iter, self->questions); g_hash_table_iter_next (&iter, &id, NULL);
       g_hash_table_iter_init (&iter, self->questions))
    {
      g_autoptr (GTask) task = take_question (self, GPOINTER_TO_UINT (id));

      g_task_return_error (task, g_error_copy (self->failure));
    }
}

/* Of a question that was cancelled or took too long an answer may still come. */
static void
on_line (char *text, gpointer user_data)
{
  g_autoptr (PostsealLookup) self = postseal_lookup_ref (user_data);
  PostsealLookupLine line;
  gboolean is_sense = _postseal_lookup_line_parse (&line, text) && line.id <= self->last_id;
  GTask *task = NULL;

  if (is_sense)
    task = g_hash_table_lookup (self->questions, GUINT_TO_POINTER (line.id));
  if (task != NULL)
    is_sense = take_answer (self, &line, g_task_get_task_data (task));
  if (!is_sense)
    fail (self, _postseal_lookup_process_make_nonsense_error ());
}

static void
on_end (const GError *error, gpointer user_data)
{
  g_autoptr (PostsealLookup) self = postseal_lookup_ref (user_data);

  fail (self, g_error_copy (error));
}

/* --- questions --- */

static gboolean
on_limit (gpointer user_data)
{
  const Question *question = g_task_get_task_data (user_data);
  g_autoptr (GTask) task = take_question (question->lookup, question->id);

  g_task_return_new_error (task, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_UNREACHABLE,
                           _ ("Nobody has answered about %s in time"), question->subject);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  const Question *question = g_task_get_task_data (user_data);
  g_autoptr (GTask) task = take_question (question->lookup, question->id);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
  return G_SOURCE_REMOVE;
}

static gboolean
tell_setting (PostsealLookupProcess *process, const char *word, const char *value)
{
  g_autofree char *line = value != NULL ? g_strdup_printf ("%s %s", word, value) : NULL;

  return line == NULL || _postseal_lookup_process_tell (process, line);
}

/* It is to give up a little earlier than it is given up, so that it can say why. */
static gboolean
tell_settings (PostsealLookup *self)
{
  const PostsealDiscoverySettings *settings;
  g_autofree char *limit = g_strdup_printf ("%u", MAX (self->limit_ms - self->limit_ms / 8, 1));

  if (self->settings == NULL)
    self->settings = postseal_discovery_settings_load ();
  settings = self->settings;
  return tell_setting (self->process, "limit", limit)
         && tell_setting (self->process, "dns-server", settings->dns_server)
         && tell_setting (self->process, "dns-anchor", settings->dns_anchor)
         && tell_setting (self->process, "ca-file", settings->ca_file);
}

/* Returns: FALSE with @error when there is no program */
static gboolean
start (PostsealLookup *self, GError **error)
{
  if (self->process == NULL && self->failure == NULL)
    {
      self->process = _postseal_lookup_process_new (on_line, on_end, self, &self->failure);
      if (self->process != NULL && !tell_settings (self))
        {
          g_clear_pointer (&self->process, _postseal_lookup_process_free);
          self->failure = _postseal_lookup_process_make_nonsense_error ();
        }
    }
  if (self->process != NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->failure));
  return FALSE;
}

/* What would not stay in its line, or be refused, is not even asked. */
static gboolean
check_subject (const char *subject, gboolean is_get, GError **error)
{
  const char *more = is_get ? "-_.:/?#[]@!$&'()*+,;=%~" : "-_.";
  gboolean is_good = *subject != '\0' && strlen (subject) <= (is_get ? LONGEST_URI : LONGEST_NAME);

  for (const char *c = subject; *c != '\0' && is_good; c++)
    is_good = g_ascii_isalnum (*c) || strchr (more, *c) != NULL;
  if (!is_good)
    {
      g_autofree char *shown = postseal_printable (subject, -1);

      g_set_error (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_NOTHING,
                   is_get ? _ ("“%s” is no address of an https server")
                          : _ ("“%s” is no name that the DNS could know"),
                   shown);
      return FALSE;
    }
  if (!is_get || g_ascii_strncasecmp (subject, "https://", strlen ("https://")) == 0)
    return TRUE;
  g_set_error (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_UNPROVEN,
               _ ("“%s” is not asked: it does not begin with https://, so that nobody can prove "
                  "who answers"),
               subject);
  return FALSE;
}

static gboolean
tell_question (PostsealLookup *self, const char *word, const Question *question, GError **error)
{
  g_autofree char *line = g_strdup_printf ("%s %u %s", word, question->id, question->subject);

  if (g_hash_table_size (self->questions) < POSTSEAL_LIMIT_LOOKUP_QUESTIONS
      && _postseal_lookup_process_tell (self->process, line))
    return TRUE;
  g_set_error (error, POSTSEAL_LOOKUP_ERROR, POSTSEAL_LOOKUP_ERROR_PROGRAM,
               _ ("There are too many questions at once to ask about %s, too"), question->subject);
  return FALSE;
}

static void
arm (PostsealLookup *self, GTask *task)
{
  Question *question = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  g_hash_table_insert (self->questions, GUINT_TO_POINTER (question->id), g_object_ref (task));
  question->timer = postseal_loop_add_timeout (self->limit_ms, on_limit, task);
  question->canceller = postseal_loop_add_cancellable (cancellable, on_cancelled, task);
}

static Question *
make_question (PostsealLookup *self, Kind kind, const char *subject)
{
  Question *question = g_new0 (Question, 1);

  question->lookup = self;
  question->id = ++self->last_id;
  question->subject = g_strdup (subject);
  question->kind = kind;
  question->answer = g_new0 (PostsealLookupAnswer, 1);
  question->answer->records = g_ptr_array_new_with_free_func (free_record);
  question->tlsa = postseal_tlsa_answer_new ();
  question->texts = g_new0 (PostsealLookupTexts, 1);
  question->texts->texts = g_ptr_array_new_with_free_func (g_free);
  return question;
}

/* @word: of lookup/question.h. @tag: who asks */
static void
ask (PostsealLookup *self,
     Kind kind,
     const char *word,
     const char *subject,
     gpointer tag,
     GCancellable *cancellable,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Question *question = NULL;
  GError *error = NULL;

  g_return_if_fail (self != NULL && subject != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, tag);
  question = make_question (self, kind, subject);
  g_task_set_task_data (task, question, free_question);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (check_subject (subject, kind == KIND_FILE, &error) && start (self, &error)
      && tell_question (self, word, question, &error))
    arm (self, task);
  else
    g_task_return_error (task, error);
}

void
postseal_lookup_srv_async (PostsealLookup *self,
                           const char *name,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ask (self, KIND_RECORDS, "srv", name, postseal_lookup_srv_async, cancellable, callback,
       user_data);
}

void
postseal_lookup_mx_async (PostsealLookup *self,
                          const char *domain,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  ask (self, KIND_RECORDS, "mx", domain, postseal_lookup_mx_async, cancellable, callback,
       user_data);
}

void
postseal_lookup_alias_async (PostsealLookup *self,
                             const char *name,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ask (self, KIND_RECORDS, "cname", name, postseal_lookup_alias_async, cancellable, callback,
       user_data);
}

void
postseal_lookup_addresses_async (PostsealLookup *self,
                                 const char *host,
                                 gboolean v6,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  ask (self, KIND_RECORDS, v6 ? "aaaa" : "a", host, postseal_lookup_addresses_async, cancellable,
       callback, user_data);
}

PostsealLookupAnswer *
postseal_lookup_records_finish (PostsealLookup *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_lookup_tlsa_async (PostsealLookup *self,
                            const char *service,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  ask (self, KIND_TLSA, "tlsa", service, postseal_lookup_tlsa_async, cancellable, callback,
       user_data);
}

PostsealTlsaAnswer *
postseal_lookup_tlsa_finish (PostsealLookup *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_lookup_texts_async (PostsealLookup *self,
                             const char *name,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  ask (self, KIND_TEXTS, "txt", name, postseal_lookup_texts_async, cancellable, callback,
       user_data);
}

PostsealLookupTexts *
postseal_lookup_texts_finish (PostsealLookup *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
postseal_lookup_get_async (PostsealLookup *self,
                           const char *uri,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ask (self, KIND_FILE, "get", uri, postseal_lookup_get_async, cancellable, callback, user_data);
}

void
postseal_lookup_file_async (PostsealLookup *self,
                            const char *uri,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  ask (self, KIND_FILE, "file", uri, postseal_lookup_file_async, cancellable, callback, user_data);
}

GBytes *
postseal_lookup_get_finish (PostsealLookup *self,
                            GAsyncResult *result,
                            char **ret_host,
                            GError **error)
{
  Question *question = g_task_get_task_data (G_TASK (result));
  GBytes *body = g_task_propagate_pointer (G_TASK (result), error);

  if (body != NULL && ret_host != NULL)
    *ret_host = g_steal_pointer (&question->host);
  return body;
}

/* --- the object --- */

PostsealLookup *
postseal_lookup_new (guint limit_ms)
{
  PostsealLookup *self = g_new0 (PostsealLookup, 1);

  g_ref_count_init (&self->references);
  self->limit_ms = limit_ms;
  self->questions = g_hash_table_new (NULL, NULL);
  return self;
}

void
postseal_lookup_set_settings (PostsealLookup *self, const PostsealDiscoverySettings *settings)
{
  g_return_if_fail (self != NULL && settings != NULL);
  g_return_if_fail (self->settings == NULL);

  self->settings = g_new0 (PostsealDiscoverySettings, 1);
  self->settings->dns_server = g_strdup (settings->dns_server);
  self->settings->dns_anchor = g_strdup (settings->dns_anchor);
  self->settings->ca_file = g_strdup (settings->ca_file);
}

PostsealLookup *
postseal_lookup_ref (PostsealLookup *self)
{
  g_ref_count_inc (&self->references);
  return self;
}

void
postseal_lookup_unref (PostsealLookup *self)
{
  GHashTableIter iter;
  gpointer task = NULL;
  g_autoptr (GPtrArray) open = NULL;

  if (!g_ref_count_dec (&self->references))
    return;
  open = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_iter_init (&iter, self->questions);
  while (g_hash_table_iter_next (&iter, NULL, &task))
    {
      disarm (task);
      g_ptr_array_add (open, task);
    }
  g_hash_table_unref (self->questions);
  g_clear_pointer (&self->process, _postseal_lookup_process_free);
  g_clear_pointer (&self->settings, postseal_discovery_settings_free);
  g_clear_error (&self->failure);
  g_free (self);
  for (guint i = 0; i < open->len; i++)
    g_task_return_new_error (open->pdata[i], G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled"));
}
