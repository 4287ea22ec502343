/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/status-watch.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/overview-json.h"
#include "cli/overview-page.h"
#include "cli/overview.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "cli/service-choice.h"
#include "client/client.h"

#define DRAW_MS 100 /* what comes within that time is drawn together */
#define READ_MS 500 /* the same where files are read for it */
#define LOOK_MS 1000 /* for a daemon */
#define LOOKS_PER_READ 5 /* without a daemon nobody tells of new facts */

typedef struct
{
  const PostsealOptions *options; /* borrowed */
  char **names; /* borrowed */
  GMainLoop *loop; /* owned */
  GCancellable *cancellable; /* owned */
  PostsealService *daemon; /* owned, or NULL */
  gboolean is_asking; /* for a daemon */
  gboolean was_live; /* there was one */
  guint looks; /* since the files were read */
  PostsealOverview *overview; /* owned: the last that could be taken */
  gboolean is_stale; /* the files hold something else */
  PostsealScreen *screen; /* owned */
  GHashTable *said; /* owned: account, "" for all -> the last line */
  guint draw; /* source, or 0 */
  guint tick; /* likewise: times go by */
} Watch;

static void schedule_draw (Watch *self, gboolean is_stale);

/* --- what is shown --- */

static void
on_status_changed (GObject *status, GParamSpec *pspec, gpointer user_data)
{
  schedule_draw (user_data, FALSE);
}

static void
forget_overview (Watch *self)
{
  for (guint i = 0; self->overview != NULL && i < self->overview->accounts->len; i++)
    {
      PostsealOverviewAccount *account = g_ptr_array_index (self->overview->accounts, i);

      g_signal_handlers_disconnect_by_data (account->status, self);
    }
  g_clear_pointer (&self->overview, postseal_overview_free);
}

static gboolean
take_overview (Watch *self, GError **error)
{
  PostsealOverview *overview
      = postseal_overview_take (self->options, self->daemon, self->names, error);

  if (overview == NULL)
    return FALSE;
  forget_overview (self);
  self->overview = overview;
  self->is_stale = FALSE;
  self->looks = 0;
  for (guint i = 0; i < overview->accounts->len; i++)
    {
      PostsealOverviewAccount *account = g_ptr_array_index (overview->accounts, i);

      g_signal_connect (account->status, "notify", G_CALLBACK (on_status_changed), self);
    }
  return TRUE;
}

static void
add_head (Watch *self, PostsealPage *page)
{
  if (self->daemon == NULL && self->was_live)
    postseal_page_add_sentence (page,
                                _ ("The daemon has gone; this goes on by itself when it is back."),
                                POSTSEAL_PAGE_NOTABLE);
  else
    postseal_overview_page_add_head (page, self->overview);
}

static void
add_problems (Watch *self, PostsealPage *page)
{
  const GPtrArray *problems = postseal_account_store_get_problems (self->overview->store);

  if (problems->len > 0)
    postseal_page_add_gap (page);
  for (guint i = 0; i < problems->len; i++)
    postseal_page_add_sentence (page, g_ptr_array_index (problems, i), POSTSEAL_PAGE_BAD);
  if (self->overview->trouble != NULL)
    postseal_page_add_sentence (page, self->overview->trouble, POSTSEAL_PAGE_BAD);
}

static PostsealPage *
make_full_page (Watch *self, gint64 now)
{
  const GPtrArray *accounts = self->overview->accounts;
  PostsealPage *page = postseal_page_new (STDOUT_FILENO);

  add_head (self, page);
  for (guint i = 0; i < accounts->len; i++)
    {
      postseal_page_add_gap (page);
      postseal_overview_page_add_account (page, g_ptr_array_index (accounts, i), now);
    }
  add_problems (self, page);
  return page;
}

/* A line for each, as many as there is room for. */
static PostsealPage *
make_short_page (Watch *self, gint64 now, guint rows)
{
  const GPtrArray *accounts = self->overview->accounts;
  PostsealPage *page = postseal_page_new (STDOUT_FILENO);
  guint n_shown;

  add_head (self, page);
  n_shown = rows > postseal_page_count_lines (page) + 2
                ? rows - postseal_page_count_lines (page) - 2
                : 0;
  n_shown = MIN (n_shown, accounts->len);
  for (guint i = 0; i < n_shown; i++)
    postseal_overview_page_add_line (page, g_ptr_array_index (accounts, i), now);
  if (n_shown < accounts->len)
    {
      g_autofree char *more = g_strdup_printf (
          ngettext ("… and %u more account", "… and %u more accounts", accounts->len - n_shown),
          accounts->len - n_shown);

      postseal_page_add_cut (page, more, POSTSEAL_PAGE_PLAIN);
    }
  return page;
}

static void
draw_screen (Watch *self, gint64 now)
{
  g_autoptr (PostsealPage) page = make_full_page (self, now);
  guint rows, columns;

  postseal_screen_get_size (self->screen, &rows, &columns);
  if (postseal_page_count_lines (page) >= rows)
    {
      postseal_page_free (page);
      page = make_short_page (self, now, rows);
    }
  postseal_screen_draw (self->screen, page->text->str);
}

/* Once for each text. @name: of the account, "" for all */
static void
say (Watch *self, const char *name, const char *text)
{
  if (g_strcmp0 (g_hash_table_lookup (self->said, name), text) == 0)
    return;
  g_hash_table_replace (self->said, g_strdup (name), g_strdup (text));
  if (!self->options->json)
    {
      g_autoptr (GDateTime) time = g_date_time_new_now_local ();
      g_autofree char *stamp = g_date_time_format (time, "%F %T");

      g_print ("%s %s\n", stamp, text);
    }
  else
    puts (text); /* UTF-8 in every locale */
}

static void
say_head (Watch *self)
{
  g_autoptr (PostsealPage) page = postseal_page_new (-1);

  add_head (self, page);
  g_strchomp (page->text->str);
  say (self, "", page->text->str);
}

static void
say_account (Watch *self, const PostsealOverviewAccount *account)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autofree char *text = NULL;

  if (self->options->json)
    {
      builder = json_builder_new ();
      postseal_overview_json_add (builder, account);
      text = postseal_report_make_json_line (builder);
    }
  else
    text = postseal_overview_page_sum_up (account);
  say (self, postseal_account_status_get_name (account->status), text);
}

static void
say_changes (Watch *self)
{
  if (!self->options->json)
    say_head (self);
  for (guint i = 0; i < self->overview->accounts->len; i++)
    say_account (self, g_ptr_array_index (self->overview->accounts, i));
  /* Nobody reads any more. */
  if (fflush (stdout) != 0)
    g_main_loop_quit (self->loop);
}

/* --- when --- */

static gboolean
on_tick (gpointer user_data)
{
  Watch *self = user_data;

  self->tick = 0;
  schedule_draw (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* Seconds are counted where somebody sees them, everything else by the minute. */
static void
schedule_tick (Watch *self, gint64 now)
{
  gboolean has_seconds = FALSE;

  for (guint i = 0; i < self->overview->accounts->len; i++)
    if (postseal_overview_page_has_seconds (g_ptr_array_index (self->overview->accounts, i), now))
      has_seconds = TRUE;
  g_clear_handle_id (&self->tick, g_source_remove);
  self->tick = g_timeout_add_seconds (has_seconds ? 1 : 60, on_tick, self);
}

static void
draw (Watch *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  /* A file that is being edited: what was there is shown until it can be read again. */
  if (self->is_stale)
    take_overview (self, NULL);
  if (!postseal_screen_is_active (self->screen) || self->options->json)
    {
      say_changes (self);
      return;
    }
  draw_screen (self, now);
  schedule_tick (self, now);
}

static gboolean
on_draw (gpointer user_data)
{
  Watch *self = user_data;

  self->draw = 0;
  draw (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_draw (Watch *self, gboolean is_stale)
{
  self->is_stale = self->is_stale || is_stale;
  if (self->draw == 0)
    self->draw = g_timeout_add (self->is_stale ? READ_MS : DRAW_MS, on_draw, self);
}

/* --- the daemon --- */

static void
on_facts_changed (Watch *self)
{
  schedule_draw (self, TRUE);
}

static void
forget_daemon (Watch *self)
{
  if (self->daemon == NULL)
    return;
  g_signal_handlers_disconnect_by_data (postseal_service_get_accounts (self->daemon), self);
  g_signal_handlers_disconnect_by_data (self->daemon, self);
  g_clear_object (&self->daemon);
}

static void
on_lost (PostsealClient *client, gpointer user_data)
{
  Watch *self = user_data;

  forget_daemon (self);
  schedule_draw (self, TRUE);
}

/* @daemon: (transfer full) */
static void
use_daemon (Watch *self, PostsealService *daemon)
{
  self->daemon = daemon;
  self->was_live = TRUE;
  g_signal_connect (daemon, "lost", G_CALLBACK (on_lost), self);
  for (const char *const *name = (const char *const[]){ "mail-arrived", "queue-changed", NULL };
       *name != NULL; name++)
    g_signal_connect_swapped (daemon, *name, G_CALLBACK (on_facts_changed), self);
  g_signal_connect (daemon, "notify", G_CALLBACK (on_status_changed), self);
  g_signal_connect_swapped (postseal_service_get_accounts (daemon), "items-changed",
                            G_CALLBACK (on_facts_changed), self);
}

static void
on_daemon (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *self = user_data;
  PostsealClient *client = postseal_client_new_finish (result, NULL);

  self->is_asking = FALSE;
  if (client == NULL)
    return;
  use_daemon (self, POSTSEAL_SERVICE (client));
  schedule_draw (self, TRUE);
}

static gboolean
on_look (gpointer user_data)
{
  Watch *self = user_data;

  if (self->daemon != NULL || self->is_asking)
    return G_SOURCE_CONTINUE;
  if (postseal_service_choice_has_daemon (self->options))
    {
      self->is_asking = TRUE;
      postseal_client_new_async (NULL, POSTSEAL_CLIENT_RUNNING, self->cancellable, on_daemon, self);
    }
  if (++self->looks >= LOOKS_PER_READ)
    schedule_draw (self, TRUE);
  return G_SOURCE_CONTINUE;
}

/* --- the command --- */

static gboolean
on_resize (gpointer user_data)
{
  Watch *self = user_data;

  postseal_screen_resized (self->screen);
  schedule_draw (self, FALSE);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_end (gpointer user_data)
{
  Watch *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
clear_watch (Watch *self)
{
  g_cancellable_cancel (self->cancellable);
  while (self->is_asking)
    g_main_context_iteration (NULL, TRUE);
  forget_overview (self);
  forget_daemon (self);
  g_clear_handle_id (&self->draw, g_source_remove);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_pointer (&self->screen, postseal_screen_free);
  g_clear_pointer (&self->said, g_hash_table_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->cancellable);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, clear_watch)

static void
run (Watch *self)
{
  guint sources[] = {
    g_unix_signal_add (SIGINT, on_end, self),
    g_unix_signal_add (SIGTERM, on_end, self),
    g_unix_signal_add (SIGWINCH, on_resize, self),
    g_timeout_add (LOOK_MS, on_look, self),
  };

  draw (self);
  g_main_loop_run (self->loop);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
}

int
postseal_status_watch (const PostsealOptions *options, char **names)
{
  g_auto (Watch) self = { .options = options, .names = names };
  g_autoptr (GError) error = NULL;
  PostsealService *daemon = postseal_service_choice_get_daemon (options);

  self.loop = g_main_loop_new (NULL, FALSE);
  self.cancellable = g_cancellable_new ();
  self.screen = postseal_screen_new (STDOUT_FILENO);
  self.said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (daemon != NULL)
    use_daemon (&self, daemon);
  if (!take_overview (&self, &error))
    return postseal_report_error (error);
  run (&self);
  return 0;
}
