/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/mail-hooks.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "daemon/event-log.h"
#include "daemon/hook-run.h"

#define RUN_MS 60000
#define GRACE_MS 5000
#define MOST_FILES 1000 /* named to one run */

/* The commands of one account. Removed when it has nothing more to do. */
typedef struct
{
  PostsealMailHooks *hooks; /* borrowed: owns us */
  char *account; /* owned */
  char **argv; /* owned: as last told */
  GQueue news; /* owned PostsealMailNews, one a mailbox: to be told by the runs to come */
  PostsealHookRun *run; /* owned; NULL only while the next one is being started */
} AccountHooks;

struct _PostsealMailHooks
{
  char **environment; /* owned */
  GHashTable *accounts; /* owned: name => owned AccountHooks */
  guint run_ms;
  guint grace_ms;
};

static void
free_news (gpointer news)
{
  postseal_mail_news_free (news);
}

static void
free_account (gpointer data)
{
  AccountHooks *account = data;

  g_clear_pointer (&account->run, postseal_hook_run_free);
  g_queue_clear_full (&account->news, free_news);
  g_strfreev (account->argv);
  g_free (account->account);
  g_free (account);
}

/* What the service manager, or the bus, gave to us and to nobody else. */
static char **
make_environment (const char *const *environment)
{
  static const char *const ours[] = {
    "CREDENTIALS_DIRECTORY",
    "DBUS_STARTER_ADDRESS",
    "DBUS_STARTER_BUS_TYPE",
    "JOURNAL_STREAM",
    "LISTEN_FDNAMES",
    "LISTEN_FDS",
    "LISTEN_PID",
    "MAINPID",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
  };
  char **result = g_strdupv ((char **)environment);

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    result = g_environ_unsetenv (result, ours[i]);
  return result;
}

PostsealMailHooks *
postseal_mail_hooks_new (const char *const *environment)
{
  PostsealMailHooks *self;

  g_return_val_if_fail (environment != NULL, NULL);

  self = g_new0 (PostsealMailHooks, 1);
  self->environment = make_environment (environment);
  self->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_account);
  self->run_ms = RUN_MS;
  self->grace_ms = GRACE_MS;
  return self;
}

void
postseal_mail_hooks_free (PostsealMailHooks *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->accounts);
  g_strfreev (self->environment);
  g_free (self);
}

void
postseal_mail_hooks_set_limits (PostsealMailHooks *self, guint run_ms, guint grace_ms)
{
  g_return_if_fail (self != NULL);

  self->run_ms = run_ms;
  self->grace_ms = grace_ms;
}

static GBytes *
compose_input (const char *account, const PostsealMailNews *news)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  char *line;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, "mail-arrived");
  json_builder_set_member_name (builder, "account");
  json_builder_add_string_value (builder, account);
  json_builder_set_member_name (builder, "mailbox");
  json_builder_add_string_value (builder, news->mailbox);
  json_builder_set_member_name (builder, "count");
  json_builder_add_int_value (builder, news->count);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < news->files->len; i++)
    json_builder_add_string_value (builder, news->files->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  line = g_strconcat (text, "\n", NULL);
  return g_bytes_new_take (line, strlen (line));
}

static void run_next (AccountHooks *account);

static void
log_failure (AccountHooks *account, const GError *error)
{
  postseal_event_log (G_LOG_LEVEL_WARNING, account->account, "hook-failed", "%s", error->message);
}

static void
on_run_over (const GError *error, gpointer user_data)
{
  AccountHooks *account = user_data;

  if (error != NULL)
    log_failure (account, error);
  g_clear_pointer (&account->run, postseal_hook_run_free);
  run_next (account);
}

static PostsealHookRun *
start_run (AccountHooks *account, const PostsealMailNews *news)
{
  g_autoptr (GBytes) input = compose_input (account->account, news);
  g_autoptr (GError) error = NULL;
  PostsealHookCommand command = {
    .account = account->account,
    .argv = (const char *const *)account->argv,
    .environment = (const char *const *)account->hooks->environment,
    .run_ms = account->hooks->run_ms,
    .grace_ms = account->hooks->grace_ms,
  };
  PostsealHookRun *run = postseal_hook_run_start (&command, input, on_run_over, account, &error);

  if (run == NULL)
    log_failure (account, error);
  return run;
}

/* Frees @account when there is nothing more to do. */
static void
run_next (AccountHooks *account)
{
  while (account->run == NULL && !g_queue_is_empty (&account->news))
    {
      g_autoptr (PostsealMailNews) news = g_queue_pop_head (&account->news);

      account->run = start_run (account, news);
    }
  if (account->run == NULL)
    g_hash_table_remove (account->hooks->accounts, account->account);
}

static void
add_news (AccountHooks *account, const PostsealMailNews *news)
{
  PostsealMailNews *own = NULL;

  for (GList *link = account->news.head; link != NULL && own == NULL; link = link->next)
    {
      PostsealMailNews *candidate = link->data;

      if (strcmp (candidate->mailbox, news->mailbox) == 0)
        own = candidate;
    }
  if (own == NULL)
    {
      own = postseal_mail_news_new (news->mailbox);
      g_queue_push_tail (&account->news, own);
    }
  postseal_mail_news_add (own, news, MOST_FILES);
}

void
postseal_mail_hooks_run (PostsealMailHooks *self,
                         const char *name,
                         const char *const *argv,
                         const PostsealMailNews *news)
{
  AccountHooks *account;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (argv != NULL && argv[0] != NULL);
  g_return_if_fail (news != NULL);

  account = g_hash_table_lookup (self->accounts, name);
  if (account == NULL)
    {
      account = g_new0 (AccountHooks, 1);
      account->hooks = self;
      account->account = g_strdup (name);
      g_queue_init (&account->news);
      g_hash_table_insert (self->accounts, account->account, account);
    }
  g_strfreev (account->argv);
  account->argv = g_strdupv ((char **)argv);
  add_news (account, news);
  if (account->run == NULL)
    run_next (account);
}

guint
postseal_mail_hooks_get_running (PostsealMailHooks *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return g_hash_table_size (self->accounts);
}
