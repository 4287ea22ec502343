/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/port-exam.h"

#include "check/port-exam-private.h"

/* An examination on its thread; the task and the transcript stay on the caller's. */
typedef struct
{
  PostsealPortSubject subject;
  GMainContext *context; /* owned: the caller's */
  GTask *task; /* owned */
  GThread *thread; /* owned */
  PostsealTranscript *transcript; /* owned, nullable */
} Exam;

/* A line on its way to the caller's thread. */
typedef struct
{
  PostsealTranscript *transcript; /* borrowed: outlives it, since the end comes behind it */
  PostsealTranscriptKind kind;
  char *text; /* owned */
} Line;

static void
free_exam (Exam *self)
{
  PostsealPortSubject *subject = &self->subject;

  g_free (subject->target.host);
  g_clear_object (&subject->target.limit.cancellable);
  g_ptr_array_unref (subject->addresses);
  postseal_port_facts_free (subject->facts);
  g_clear_pointer (&subject->session, g_bytes_unref);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_main_context_unref (self->context);
  g_object_unref (self->task);
  g_free (self);
}

/* --- towards the caller's thread, in order --- */

static void
send_to_caller (Exam *self, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, self->context);
}

static void
free_line (gpointer data)
{
  Line *line = data;

  g_free (line->text);
  g_free (line);
}

static gboolean
on_line (gpointer user_data)
{
  Line *line = user_data;

  if (line->kind == POSTSEAL_TRANSCRIPT_NOTE)
    postseal_transcript_note (line->transcript, "%s", line->text);
  else
    postseal_transcript_line (line->transcript, line->kind, line->text, -1);
  return G_SOURCE_REMOVE;
}

static void
on_said (PostsealTranscriptKind kind, const char *text, gpointer user_data)
{
  Exam *self = user_data;
  Line *line = g_new0 (Line, 1);

  line->transcript = self->transcript;
  line->kind = kind;
  line->text = g_strdup (text);
  send_to_caller (self, on_line, line, free_line);
}

static gboolean
on_over (gpointer user_data)
{
  Exam *self = user_data;

  g_thread_join (self->thread);
  g_task_return_pointer (self->task, g_steal_pointer (&self->subject.facts),
                         (GDestroyNotify)postseal_port_facts_free);
  free_exam (self);
  return G_SOURCE_REMOVE;
}

/* --- on its own thread --- */

static gpointer
examine (gpointer data)
{
  Exam *self = data;
  PostsealPortSubject *subject = &self->subject;

  _postseal_port_look (subject);
  if (!subject->is_brief && subject->facts->state == POSTSEAL_PORT_MAIL && subject->has_tried_tls
      && subject->facts->reply_injected != POSTSEAL_SEEN_YES)
    _postseal_port_try (subject);
  send_to_caller (self, on_over, self, NULL);
  return NULL;
}

/* --- API --- */

void
postseal_port_exam_async (const PostsealPortExam *exam,
                          PostsealPortFacts *facts,
                          PostsealTranscript *transcript,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Exam *self = g_new0 (Exam, 1);
  PostsealPortSubject *subject = &self->subject;

  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, postseal_port_exam_async);
  self->context = g_main_context_ref_thread_default ();
  subject->target.host = g_strdup (exam->host);
  subject->target.protocol = facts->protocol;
  subject->target.port = facts->port;
  subject->target.limit.end = g_get_monotonic_time () + exam->limit_ms * G_GINT64_CONSTANT (1000);
  subject->target.limit.cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  subject->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < exam->addresses->len; i++)
    g_ptr_array_add (subject->addresses, g_object_ref (exam->addresses->pdata[i]));
  subject->probe_injection = exam->probe_injection;
  subject->is_brief = exam->is_brief;
  subject->facts = facts;
  if (transcript != NULL)
    {
      self->transcript = postseal_transcript_ref (transcript);
      subject->listener = on_said;
      subject->listener_data = self;
    }
  self->thread = g_thread_new ("port-exam", examine, self);
}

PostsealPortFacts *
postseal_port_exam_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
