/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/letter-work.h"

#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct
{
  PostsealClawsWork work;
  PostsealClawsSentRecord *record; /* owned */
  char *directory; /* owned */
  char *path; /* owned, nullable */
} Task;

static void
free_task (gpointer data)
{
  Task *self = data;

  postseal_claws_sent_record_free (self->record);
  g_free (self->directory);
  g_free (self->path);
  g_free (self);
}

void
postseal_claws_findings_free (PostsealClawsFindings *self)
{
  if (self == NULL)
    return;
  postseal_claws_queue_file_free (self->facts);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

/* The lock is of the open file, which a service that is given the descriptor shares. */
static gboolean
claim (Task *task, PostsealClawsFindings *findings, GError **error)
{
  findings->facts = postseal_claws_queue_file_open (task->path, &findings->fd, error);
  if (findings->facts == NULL)
    return FALSE;
  if (flock (findings->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s", task->path);
      return FALSE;
    }
  g_free (task->record->message_id);
  task->record->message_id
      = g_strdup (findings->facts->message_id != NULL ? findings->facts->message_id : "");
  return postseal_claws_sent_record_store (task->record, task->directory, error);
}

static gboolean
read_and_store (Task *task, PostsealClawsFindings *findings, GError **error)
{
  int fd = -1;

  if (!postseal_claws_sent_record_store (task->record, task->directory, error))
    return FALSE;
  findings->facts = postseal_claws_queue_file_open (task->path, &fd, error);
  if (findings->facts != NULL)
    close (fd);
  return findings->facts != NULL;
}

static gboolean
work_on (Task *task, PostsealClawsFindings *findings, GError **error)
{
  switch (task->work)
    {
    case POSTSEAL_CLAWS_CLAIM:
      return claim (task, findings, error);
    case POSTSEAL_CLAWS_READ:
      return read_and_store (task, findings, error);
    case POSTSEAL_CLAWS_REMOVE:
      return postseal_claws_sent_record_remove (task->record, task->directory, error);
    case POSTSEAL_CLAWS_STORE:
    default:
      return postseal_claws_sent_record_store (task->record, task->directory, error);
    }
}

static void
run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autoptr (PostsealClawsFindings) findings = g_new0 (PostsealClawsFindings, 1);
  GError *error = NULL;

  findings->fd = -1;
  if (work_on (task_data, findings, &error))
    g_task_return_pointer (task, g_steal_pointer (&findings),
                           (GDestroyNotify)postseal_claws_findings_free);
  else
    g_task_return_error (task, error);
}

void
postseal_claws_letter_work_async (PostsealClawsWork work,
                                  const PostsealClawsSentRecord *record,
                                  const char *directory,
                                  const char *path,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Task *data = g_new0 (Task, 1);

  g_task_set_source_tag (task, postseal_claws_letter_work_async);
  data->work = work;
  data->record = postseal_claws_sent_record_copy (record);
  data->directory = g_strdup (directory);
  data->path = g_strdup (path);
  g_task_set_task_data (task, data, free_task);
  g_task_run_in_thread (task, run);
}

PostsealClawsFindings *
postseal_claws_letter_work_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
