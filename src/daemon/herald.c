/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/herald.h"

#include <glib/gi18n.h>
#include <string.h>

#include "daemon/account-log.h"
#include "daemon/account-watch.h"
#include "daemon/account-wishes.h"
#include "daemon/direction-state.h"
#include "daemon/event-log.h"
#include "daemon/mail-hooks.h"
#include "daemon/notifier.h"

struct _PostsealHerald
{
  PostsealService *service; /* owned */
  PostsealAccountWatch *watch; /* owned */
  PostsealAccountWishes *wishes; /* owned */
  PostsealMailHooks *hooks; /* owned */
  PostsealNotifier *notifier; /* owned; NULL: no desktop */
  char **problems; /* owned, nullable: as logged */
  PostsealHeraldFunc changed; /* or NULL */
  gpointer user_data;
};

/* New mail, until it is known what the user wants. */
typedef struct
{
  PostsealHerald *herald; /* borrowed: outlives the question */
  char *account; /* owned */
  PostsealMailNews *news; /* owned */
} Arrival;

static void
free_arrival (gpointer data)
{
  Arrival *arrival = data;

  g_free (arrival->account);
  postseal_mail_news_free (arrival->news);
  g_free (arrival);
}

static void
on_wishes (PostsealAccount *account, gpointer user_data)
{
  Arrival *arrival = user_data;
  PostsealHerald *self = arrival->herald;

  if (account == NULL)
    return;
  if (self->notifier != NULL)
    postseal_notifier_mail_arrived (self->notifier, arrival->account, account->notify,
                                    arrival->news);
  if (account->on_mail != NULL && account->on_mail[0] != NULL)
    postseal_mail_hooks_run (self->hooks, arrival->account, (const char *const *)account->on_mail,
                             arrival->news);
}

static void
on_mail_arrived (PostsealService *service,
                 const char *account,
                 GVariant *details,
                 gpointer user_data)
{
  PostsealHerald *self = user_data;
  Arrival *arrival = g_new0 (Arrival, 1);

  *arrival = (Arrival){ self, g_strdup (account), postseal_mail_news_parse (details) };
  postseal_event_log (
      G_LOG_LEVEL_INFO, account, "mail-arrived",
      ngettext ("%u new message in %s", "%u new messages in %s", arrival->news->count),
      arrival->news->count, arrival->news->mailbox);
  postseal_account_wishes_ask (self->wishes, account, on_wishes, arrival, free_arrival);
}

typedef struct
{
  PostsealHerald *herald; /* borrowed: outlives the question */
  char *account; /* owned */
  char *id; /* owned */
} Bounce;

static void
free_bounce (gpointer data)
{
  Bounce *bounce = data;

  g_free (bounce->account);
  g_free (bounce->id);
  g_free (bounce);
}

/* Its report is new mail, and no news to who wants none of that. */
static void
on_bounce_wishes (PostsealAccount *account, gpointer user_data)
{
  Bounce *bounce = user_data;

  if (bounce->herald->notifier != NULL
      && (account == NULL || account->notify != POSTSEAL_NOTIFY_NO))
    postseal_notifier_message_failed (bounce->herald->notifier, bounce->account, bounce->id,
                                      POSTSEAL_NOTIFIER_BOUNCED);
}

static void
on_message_tried (PostsealService *service, GVariant *details, gpointer user_data)
{
  PostsealHerald *self = user_data;
  const char *account = "";
  const char *id = "";
  const char *state = "";
  guint code = 0;

  g_variant_lookup (details, "account", "&s", &account);
  g_variant_lookup (details, "id", "&s", &id);
  g_variant_lookup (details, "state", "&s", &state);
  g_variant_lookup (details, "code", "u", &code);
  /* The server's words name recipients, so they are not for the log. */
  if (code > 0)
    postseal_event_log (G_LOG_LEVEL_INFO, account, "message-tried", _ ("message %s: %s (%u)"), id,
                        state, code);
  else
    postseal_event_log (G_LOG_LEVEL_INFO, account, "message-tried", _ ("message %s: %s"), id,
                        state);

  if (strcmp (state, "bounced") == 0)
    {
      Bounce *bounce = g_new (Bounce, 1);

      *bounce = (Bounce){ self, g_strdup (account), g_strdup (id) };
      postseal_account_wishes_ask (self->wishes, account, on_bounce_wishes, bounce, free_bounce);
    }
  else if (strcmp (state, "failed") == 0 && self->notifier != NULL)
    postseal_notifier_message_failed (self->notifier, account, id, POSTSEAL_NOTIFIER_FAILED);
}

/* One sentence or two: what waits for the user. Neither while it is tried again, nor while there is
   no network: that does not mean it is mended. Returns: (transfer full) (nullable) */
static char *
describe_trouble (PostsealAccountStatus *status, gboolean *ret_is_good)
{
  GString *sentences = g_string_new (NULL);

  *ret_is_good = TRUE;
  for (PostsealDirection i = POSTSEAL_DIRECTION_RECEIVE; i <= POSTSEAL_DIRECTION_SEND; i++)
    {
      g_auto (PostsealDirectionState) now;
      const char *sentence;

      postseal_direction_state_get (status, i, &now);
      *ret_is_good = *ret_is_good && postseal_direction_state_is_good (&now);
      sentence = postseal_direction_state_describe (&now);
      if (!postseal_direction_state_needs_user (&now) || strstr (sentences->str, sentence) != NULL)
        continue;
      if (sentences->len > 0)
        g_string_append_c (sentences, '\n');
      g_string_append (sentences, sentence);
      if (*now.advice != '\0')
        g_string_append_printf (sentences, ". %s", now.advice);
    }
  return g_string_free (sentences, sentences->len == 0);
}

static void
on_account_changed (PostsealAccountStatus *status, gpointer user_data)
{
  PostsealHerald *self = user_data;
  g_autofree char *trouble = NULL;
  gboolean is_good;

  if (status == NULL)
    {
      if (self->changed != NULL)
        self->changed (self->user_data);
      return;
    }
  postseal_account_log_update (status);
  trouble = describe_trouble (status, &is_good);
  if (self->notifier != NULL && (trouble != NULL || is_good))
    postseal_notifier_set_trouble (self->notifier, postseal_account_status_get_name (status),
                                   trouble);
}

static void
on_problems (GObject *service, GParamSpec *property, gpointer user_data)
{
  PostsealHerald *self = user_data;
  static const char *const none[] = { NULL };
  g_auto (GStrv) told = g_steal_pointer (&self->problems);

  g_object_get (service, "problems", &self->problems, NULL);
  for (guint i = 0; self->problems != NULL && self->problems[i] != NULL; i++)
    if (!g_strv_contains (told != NULL ? (const char *const *)told : none, self->problems[i]))
      postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "config-problem", "%s", self->problems[i]);
  if (told != NULL && told[0] != NULL && (self->problems == NULL || self->problems[0] == NULL))
    postseal_event_log (G_LOG_LEVEL_MESSAGE, NULL, "config-mended",
                        _ ("the accounts have no mistakes any more"));
}

PostsealHerald *
postseal_herald_new (PostsealService *service, const char *config, const char *const *environment)
{
  PostsealHerald *self;

  g_return_val_if_fail (POSTSEAL_IS_SERVICE (service), NULL);

  self = g_new0 (PostsealHerald, 1);
  self->service = g_object_ref (service);
  self->wishes = postseal_account_wishes_new (config);
  self->hooks = postseal_mail_hooks_new (environment);
  self->watch = postseal_account_watch_new (service, on_account_changed, self);
  g_signal_connect (service, "mail-arrived", G_CALLBACK (on_mail_arrived), self);
  g_signal_connect (service, "message-tried", G_CALLBACK (on_message_tried), self);
  g_signal_connect (service, "notify::problems", G_CALLBACK (on_problems), self);
  on_problems (G_OBJECT (service), NULL, self);
  return self;
}

void
postseal_herald_free (PostsealHerald *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->service, self);
  postseal_account_watch_free (self->watch);
  postseal_account_wishes_free (self->wishes);
  postseal_mail_hooks_free (self->hooks);
  postseal_notifier_free (self->notifier);
  g_strfreev (self->problems);
  g_object_unref (self->service);
  g_free (self);
}

void
postseal_herald_set_bus (PostsealHerald *self, GDBusConnection *session_bus)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->notifier, postseal_notifier_free);
  if (session_bus != NULL)
    self->notifier = postseal_notifier_new (session_bus);
}

void
postseal_herald_set_changed_func (PostsealHerald *self, PostsealHeraldFunc func, gpointer user_data)
{
  g_return_if_fail (self != NULL);

  self->changed = func;
  self->user_data = user_data;
}
