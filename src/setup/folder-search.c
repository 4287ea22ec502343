/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/folder-search.h"

#include "setup/test-side-private.h"

/* What the server has said: of no thread. */
typedef struct
{
  char **entries; /* owned */
  GPtrArray *mailboxes; /* owned, nullable: NULL until it is known */
  GPtrArray *matches; /* owned (element-type GPtrArray) (nullable elements): likewise */
} Answers;

typedef struct
{
  PostsealTestSide *side; /* owned */
  GCancellable *cancellable; /* owned, nullable */
  Answers *answers; /* owned, nullable: until the choice is made */
  guint n_pending; /* lists */
  GError *error; /* owned, nullable: the first one of a list */
} Search;

/* One list. */
typedef struct
{
  Search *search; /* borrowed: it runs */
  guint index; /* of the entry */
} Question;

static void
unref_mailboxes (gpointer mailboxes)
{
  if (mailboxes != NULL)
    g_ptr_array_unref (mailboxes);
}

static void
free_answers (gpointer data)
{
  Answers *self = data;

  g_strfreev (self->entries);
  g_clear_pointer (&self->mailboxes, g_ptr_array_unref);
  g_ptr_array_unref (self->matches);
  g_free (self);
}

static void
free_search (gpointer data)
{
  Search *self = data;

  _postseal_test_side_free (self->side);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->answers, free_answers);
  g_clear_error (&self->error);
  g_free (self);
}

/* --- the questions --- */

/* @error: (transfer full) (nullable) */
static void
end_question (Search *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  if (--self->n_pending == 0)
    _postseal_test_side_end_use (self->side, g_steal_pointer (&self->error));
}

static void
on_matches (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  Search *self = question->search;
  GError *error = NULL;

  self->answers->matches->pdata[question->index]
      = postseal_imap_session_list_finish (POSTSEAL_IMAP_SESSION (source), result, &error);
  end_question (self, error);
}

/* What an entry means is for the server to say. */
static void
ask_for_entry (Search *self, PostsealImapSession *session, guint i)
{
  const char *const entry[] = { self->answers->entries[i], NULL };
  Question *question = g_new (Question, 1);

  question->search = self;
  question->index = i;
  self->n_pending++;
  postseal_imap_session_list_async (session, entry, FALSE, self->cancellable, on_matches, question);
}

static void
on_mailboxes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Search *self = user_data;
  PostsealImapSession *session = POSTSEAL_IMAP_SESSION (source);
  GError *error = NULL;

  self->answers->mailboxes = postseal_imap_session_list_finish (session, result, &error);
  for (guint i = 0; error == NULL && self->answers->entries[i] != NULL; i++)
    ask_for_entry (self, session, i);
  end_question (self, error);
}

static void
list_folders (gpointer session, gpointer user_data)
{
  Search *self = user_data;
  const char *const everything[] = { "*", NULL };

  self->n_pending = 1;
  postseal_imap_session_list_async (session, everything, TRUE, self->cancellable, on_mailboxes,
                                    self);
}

/* --- the end --- */

/* Thousands of names take their time. */
static void
make_choice_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Answers *answers = task_data;

  g_task_return_pointer (task,
                         postseal_folder_choice_new ((const char *const *)answers->entries,
                                                     answers->mailboxes, answers->matches),
                         g_object_unref);
}

static void
on_choice (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  PostsealFolderChoice *choice = g_task_propagate_pointer (G_TASK (result), NULL);

  g_task_return_pointer (task, choice, g_object_unref);
}

/* @task: (transfer full) */
static void
make_choice (GTask *task)
{
  Search *self = g_task_get_task_data (task);
  g_autoptr (GTask) making = g_task_new (NULL, NULL, on_choice, task);

  g_task_set_source_tag (making, make_choice);
  g_task_set_task_data (making, g_steal_pointer (&self->answers), free_answers);
  g_task_run_in_thread (making, make_choice_in_thread);
}

static void
on_side_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (_postseal_test_side_run_finish (self->side, result, &error))
    make_choice (g_steal_pointer (&task));
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_error (task, g_error_copy (_postseal_test_side_get_error (self->side)));
}

/* --- public --- */

void
postseal_folder_search_async (PostsealAccount *account,
                              PostsealCredential *secret,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task;
  Search *self;
  guint n_entries;

  g_return_if_fail (account != NULL);
  g_return_if_fail (account->receive != NULL
                    && account->receive->protocol == POSTSEAL_PROTOCOL_IMAP);

  self = g_new0 (Search, 1);
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->side = _postseal_test_side_new (account, FALSE, secret);
  self->answers = g_new0 (Answers, 1);
  self->answers->entries = g_strdupv (account->folders);
  n_entries = g_strv_length (account->folders);
  self->answers->matches = g_ptr_array_new_full (n_entries, unref_mailboxes);
  g_ptr_array_set_size (self->answers->matches, (int)n_entries);
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_folder_search_async);
  g_task_set_task_data (task, self, free_search);
  _postseal_test_side_set_use_func (self->side, list_folders, self);
  _postseal_test_side_run_async (self->side, cancellable, on_side_ended, task);
}

PostsealFolderChoice *
postseal_folder_search_finish (GAsyncResult *result, PostsealTrouble **ret_trouble, GError **error)
{
  PostsealFolderChoice *choice;
  const Search *self;
  const PostsealTrouble *trouble;

  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  self = g_task_get_task_data (G_TASK (result));
  trouble = _postseal_test_side_get_trouble (self->side);
  choice = g_task_propagate_pointer (G_TASK (result), error);
  if (choice == NULL && ret_trouble != NULL)
    *ret_trouble = trouble != NULL ? postseal_trouble_copy (trouble) : NULL;
  return choice;
}
