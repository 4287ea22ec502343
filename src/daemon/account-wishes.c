/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/account-wishes.h"

#include <sys/stat.h>

#include "engine/account-store.h"

/* Which file it was that was read. */
typedef struct
{
  dev_t device;
  ino_t inode;
  off_t size;
  struct timespec modified;
} Fingerprint;

typedef struct
{
  char *account; /* owned */
  PostsealAccountWishesFunc func;
  gpointer user_data; /* owned */
  GDestroyNotify destroy;
} Question;

/* One look at the file, by a worker thread. */
typedef struct
{
  char *config; /* owned */
  Fingerprint known;
  Fingerprint found;
  PostsealAccountStore *store; /* owned; NULL: unchanged, or cannot be read */
} Look;

struct _PostsealAccountWishes
{
  char *config; /* owned */
  Fingerprint known; /* of what the store was read from */
  PostsealAccountStore *store; /* owned, nullable */
  GQueue questions; /* owned Question: wait for the look under way, or the next one */
  guint asked; /* how many of them the look under way is for; 0: none is under way */
  GCancellable *cancellable; /* owned: the end of all */
};

static void
free_question (gpointer data)
{
  Question *question = data;

  if (question->destroy != NULL)
    question->destroy (question->user_data);
  g_free (question->account);
  g_free (question);
}

static void
free_look (gpointer data)
{
  Look *look = data;

  g_free (look->config);
  g_clear_pointer (&look->store, postseal_account_store_free);
  g_free (look);
}

PostsealAccountWishes *
postseal_account_wishes_new (const char *config)
{
  PostsealAccountWishes *self;

  g_return_val_if_fail (config != NULL, NULL);

  self = g_new0 (PostsealAccountWishes, 1);
  self->config = g_strdup (config);
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->questions);
  return self;
}

void
postseal_account_wishes_free (PostsealAccountWishes *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_queue_clear_full (&self->questions, free_question);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_free (self->config);
  g_free (self);
}

static gboolean
is_same (const Fingerprint *a, const Fingerprint *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size
         && a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static void
look_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Look *look = task_data;
  struct stat status;

  if (stat (look->config, &status) == 0)
    look->found = (Fingerprint){ status.st_dev, status.st_ino, status.st_size, status.st_mtim };
  if (!is_same (&look->found, &look->known))
    look->store = postseal_account_store_load (look->config, NULL);
  g_task_return_boolean (task, TRUE);
}

static void on_looked (GObject *source, GAsyncResult *result, gpointer user_data);

static void
look (PostsealAccountWishes *self)
{
  Look *next = g_new0 (Look, 1);
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_looked, self);

  next->config = g_strdup (self->config);
  next->known = self->known;
  self->asked = g_queue_get_length (&self->questions);
  g_task_set_source_tag (task, look);
  g_task_set_task_data (task, next, free_look);
  g_task_run_in_thread (task, look_in_thread);
}

static void
answer (PostsealAccountWishes *self, Question *question)
{
  PostsealAccount *account
      = self->store != NULL ? postseal_account_store_lookup (self->store, question->account, NULL)
                            : NULL;

  question->func (account, question->user_data);
  free_question (question);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  PostsealAccountWishes *self = user_data;
  Look *done = g_task_get_task_data (G_TASK (result));

  /* Freed meanwhile: self is no more. */
  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  if (!is_same (&done->found, &self->known))
    {
      g_clear_pointer (&self->store, postseal_account_store_free);
      self->store = g_steal_pointer (&done->store);
      self->known = done->found;
    }
  for (; self->asked > 0; self->asked--)
    answer (self, g_queue_pop_head (&self->questions));
  if (!g_queue_is_empty (&self->questions))
    look (self);
}

void
postseal_account_wishes_ask (PostsealAccountWishes *self,
                             const char *account,
                             PostsealAccountWishesFunc func,
                             gpointer user_data,
                             GDestroyNotify destroy)
{
  Question *question;

  g_return_if_fail (self != NULL);
  g_return_if_fail (account != NULL);

  question = g_new0 (Question, 1);
  *question = (Question){ g_strdup (account), func, user_data, destroy };
  g_queue_push_tail (&self->questions, question);
  if (self->asked == 0)
    look (self);
}
