/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/notifier.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/loop.h"
#include "daemon/mail-headline.h"
#include "daemon/notification.h"

#define PAUSE_MS 2000
#define MOST_HEADLINES 3

/* What is shown, and is to be shown, of one account. */
typedef struct
{
  PostsealNotifier *notifier; /* borrowed: owns us */
  char *account; /* owned */
  GSource *pause; /* owned, nullable: until it is shown */
  GCancellable *reading; /* owned, nullable: headlines */

  PostsealMailNews *arrived; /* owned, nullable: to be shown */
  PostsealMailNews *shown; /* owned: by the notification below */
  gboolean has_details;
  PostsealNotification *arrival; /* owned */

  guint failed; /* messages to be shown */
  char *failed_id; /* owned, nullable: of the last one */
  PostsealNotifierFailure failure; /* the graver of theirs */
  PostsealNotification *failing; /* owned */

  char *trouble; /* owned, nullable */
  gboolean is_trouble_new;
  PostsealNotification *troubling; /* owned */
} AccountNotices;

struct _PostsealNotifier
{
  PostsealNotificationServer *server; /* owned */
  GHashTable *accounts; /* owned: name => owned AccountNotices */
  guint pause_ms;
};

static void
free_account (gpointer data)
{
  AccountNotices *self = data;

  postseal_loop_clear (&self->pause);
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  postseal_notification_free (self->arrival);
  postseal_notification_free (self->failing);
  postseal_notification_free (self->troubling);
  postseal_mail_news_free (self->arrived);
  postseal_mail_news_free (self->shown);
  g_free (self->failed_id);
  g_free (self->trouble);
  g_free (self->account);
  g_free (self);
}

PostsealNotifier *
postseal_notifier_new (GDBusConnection *session_bus)
{
  PostsealNotifier *self = g_new0 (PostsealNotifier, 1);

  self->server = postseal_notification_server_new (session_bus);
  self->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_account);
  self->pause_ms = PAUSE_MS;
  return self;
}

void
postseal_notifier_free (PostsealNotifier *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->accounts);
  postseal_notification_server_free (self->server);
  g_free (self);
}

void
postseal_notifier_set_pause (PostsealNotifier *self, guint pause_ms)
{
  g_return_if_fail (self != NULL);

  self->pause_ms = pause_ms;
}

static AccountNotices *
get_account (PostsealNotifier *self, const char *name)
{
  AccountNotices *account = g_hash_table_lookup (self->accounts, name);

  if (account == NULL)
    {
      account = g_new0 (AccountNotices, 1);
      account->notifier = self;
      account->account = g_strdup (name);
      account->shown = postseal_mail_news_new ("");
      account->arrival = postseal_notification_new (self->server);
      account->failing = postseal_notification_new (self->server);
      account->troubling = postseal_notification_new (self->server);
      g_hash_table_insert (self->accounts, account->account, account);
    }
  return account;
}

static void
show_arrival (AccountNotices *self, const GPtrArray *headlines)
{
  g_autofree char *summary = g_strdup_printf (_ ("New mail: %s"), self->account);
  g_autoptr (GString) body = g_string_new (NULL);
  guint rest = self->shown->count - MIN (headlines->len, self->shown->count);

  for (guint i = 0; i < headlines->len; i++)
    g_string_append_printf (body, "%s%s", i > 0 ? "\n" : "", (const char *)headlines->pdata[i]);
  if (headlines->len == 0)
    g_string_append_printf (body,
                            ngettext ("%u new message", "%u new messages", self->shown->count),
                            self->shown->count);
  else if (rest > 0)
    g_string_append_printf (body, ngettext ("\nand %u more", "\nand %u more", rest), rest);
  postseal_notification_show (self->arrival, "email.arrived", "mail-unread", summary, body->str);
}

/* The newest first. */
static void
read_headlines_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const GPtrArray *files = data;
  GPtrArray *headlines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = files->len; i-- > 0;)
    {
      char *headline = postseal_mail_headline_read (files->pdata[i]);

      if (headline != NULL)
        g_ptr_array_add (headlines, headline);
    }
  g_task_return_pointer (task, headlines, (GDestroyNotify)g_ptr_array_unref);
}

static void
on_headlines (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AccountNotices *self = user_data;
  g_autoptr (GPtrArray) headlines = g_task_propagate_pointer (G_TASK (result), NULL);

  if (headlines == NULL)
    return; /* self is no more */
  g_clear_object (&self->reading);
  show_arrival (self, headlines);
}

static void
read_headlines (AccountNotices *self)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *all = self->shown->files;
  g_autoptr (GTask) task = NULL;

  for (guint i = all->len - MIN (all->len, MOST_HEADLINES); i < all->len; i++)
    g_ptr_array_add (files, g_strdup (all->pdata[i]));
  self->reading = g_cancellable_new ();
  task = g_task_new (NULL, self->reading, on_headlines, self);
  g_task_set_source_tag (task, read_headlines);
  g_task_set_task_data (task, files, (GDestroyNotify)g_ptr_array_unref);
  g_task_run_in_thread (task, read_headlines_in_thread);
}

/* A notification that nobody has taken away counts on. */
static void
tell_arrival (AccountNotices *self)
{
  g_autoptr (PostsealMailNews) arrived = g_steal_pointer (&self->arrived);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  if (!postseal_notification_is_shown (self->arrival))
    {
      postseal_mail_news_free (self->shown);
      self->shown = postseal_mail_news_new ("");
    }
  postseal_mail_news_add (self->shown, arrived, MOST_HEADLINES);
  if (self->has_details && self->shown->files->len > 0)
    read_headlines (self);
  else
    show_arrival (self, none);
}

static void
tell_failure (AccountNotices *self)
{
  g_autofree char *summary = g_strdup_printf (_ ("Mail not sent: %s"), self->account);
  g_autofree char *body = NULL;
  guint n = self->failed;

  if (self->failure == POSTSEAL_NOTIFIER_BOUNCED)
    body = g_strdup_printf (ngettext ("%u message could not be sent; a report is in your mailbox",
                                      "%u messages could not be sent; reports are in your mailbox",
                                      n),
                            n);
  else if (n == 1)
    body = g_strdup_printf (_ ("A message could not be sent; “postseal queue show %s” says why"),
                            self->failed_id);
  else
    body = g_strdup_printf (
        ngettext ("%u message could not be sent; “postseal queue” says which and why",
                  "%u messages could not be sent; “postseal queue” says which and why", n),
        n);
  postseal_notification_show (self->failing, "email.bounced", "mail-mark-junk", summary, body);
  self->failed = 0;
  self->failure = POSTSEAL_NOTIFIER_BOUNCED;
  g_clear_pointer (&self->failed_id, g_free);
}

static void
tell_trouble (AccountNotices *self)
{
  g_autofree char *summary = g_strdup_printf (_ ("Mail account %s needs you"), self->account);

  self->is_trouble_new = FALSE;
  postseal_notification_show (self->troubling, "network.error", "dialog-password", summary,
                              self->trouble);
}

static void wait_for_more (AccountNotices *self);

static gboolean
on_pause_over (gpointer user_data)
{
  AccountNotices *self = user_data;

  postseal_loop_clear (&self->pause);
  if (self->arrived != NULL && self->reading != NULL)
    wait_for_more (self);
  else if (self->arrived != NULL)
    tell_arrival (self);
  if (self->failed > 0)
    tell_failure (self);
  if (self->is_trouble_new)
    tell_trouble (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_more (AccountNotices *self)
{
  if (self->pause != NULL)
    return;
  self->pause = postseal_loop_add_timeout (self->notifier->pause_ms, on_pause_over, self);
}

void
postseal_notifier_mail_arrived (PostsealNotifier *self,
                                const char *name,
                                PostsealNotify notify,
                                const PostsealMailNews *news)
{
  AccountNotices *account;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (news != NULL);

  if (notify == POSTSEAL_NOTIFY_NO || news->count == 0)
    return;
  account = get_account (self, name);
  account->has_details = notify == POSTSEAL_NOTIFY_DETAILS;
  if (account->arrived == NULL)
    account->arrived = postseal_mail_news_new ("");
  postseal_mail_news_add (account->arrived, news, MOST_HEADLINES);
  wait_for_more (account);
}

void
postseal_notifier_message_failed (PostsealNotifier *self,
                                  const char *name,
                                  const char *id,
                                  PostsealNotifierFailure failure)
{
  AccountNotices *account;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (id != NULL);

  account = get_account (self, name);
  account->failed++;
  account->failure = MAX (account->failure, failure);
  g_free (account->failed_id);
  account->failed_id = g_strdup (id);
  wait_for_more (account);
}

void
postseal_notifier_set_trouble (PostsealNotifier *self, const char *name, const char *sentence)
{
  AccountNotices *account;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);

  if (sentence == NULL && !g_hash_table_contains (self->accounts, name))
    return;
  account = get_account (self, name);
  if (g_strcmp0 (account->trouble, sentence) == 0)
    return;
  g_free (account->trouble);
  account->trouble = g_strdup (sentence);
  account->is_trouble_new = sentence != NULL;
  if (sentence != NULL)
    wait_for_more (account);
  else
    postseal_notification_close (account->troubling);
}
