/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/direction-words.h"

#include <glib/gi18n.h>
#include <inttypes.h>

#include "base/printable.h"
#include "cli/time-words.h"

#define MOST_TITLES 3
/* Below this a message is gone before anybody could read how far it is. */
#define LARGE_BYTES 262144

const char *
postseal_direction_words_activity (const char *activity)
{
  static const struct
  {
    const char *word;
    const char *text;
  } texts[] = {
    { "connecting", N_ ("connecting") },
    { "signing in", N_ ("signing in") },
    { "listing", N_ ("listing") },
    { "fetching", N_ ("fetching") },
    { "settling", N_ ("settling") },
    { "sending", N_ ("sending") },
    { "", N_ ("at work") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_strcmp0 (activity, texts[i].word) == 0)
      return _ (texts[i].text);
  return activity;
}

/* "fetching INBOX" */
static GString *
describe_activity (const PostsealDirection *self)
{
  GString *text = g_string_new (postseal_direction_words_activity (self->activity));

  if (self->mailbox != NULL && *self->mailbox != '\0')
    {
      g_autofree char *mailbox = postseal_printable (self->mailbox, -1);

      g_string_append_printf (text, " %s", mailbox);
    }
  return text;
}

static void
append_fetched (GString *text, const PostsealDirection *self)
{
  g_autofree char *done = g_format_size (self->bytes_done);
  g_autofree char *total = g_format_size (MAX (self->bytes_total, self->bytes_done));

  if (self->messages_total == 0)
    return;
  g_string_append (text, ": ");
  /* Translators: messages, then sizes, as in "120 of 2000 messages, 3.1 MB of 44.0 MB" */
  g_string_append_printf (text, _ ("%" PRIu64 " of %" PRIu64 " messages, %s of %s"),
                          self->messages_done, self->messages_total, done, total);
}

static void
append_sent (GString *text, const PostsealDirection *self)
{
  g_autofree char *done = g_format_size (self->bytes_done);
  g_autofree char *total = g_format_size (self->bytes_total);

  if (self->messages_total > 1)
    {
      g_string_append (text, ": ");
      g_string_append_printf (text, _ ("%" PRIu64 " of %" PRIu64 " messages"), self->messages_done,
                              self->messages_total);
    }
  if (self->bytes_total < LARGE_BYTES)
    return;
  g_string_append (text, ", ");
  /* Translators: sizes, as in "3.1 MB of 44.0 MB" */
  g_string_append_printf (text, _ ("%s of %s"), done, total);
}

char *
postseal_direction_words_progress (const PostsealDirection *self)
{
  GString *text = describe_activity (self);

  if (self->is_sending)
    append_sent (text, self);
  else
    append_fetched (text, self);
  return g_string_free (text, FALSE);
}

/* "watching INBOX", "watching INBOX, Lists and 3 more" */
static char *
describe_watch (const PostsealDirection *self)
{
  g_autoptr (GString) titles = g_string_new (NULL);
  guint n = g_strv_length (self->watched);
  guint n_shown = n <= MOST_TITLES ? n : MOST_TITLES - 1;

  for (guint i = 0; i < n_shown; i++)
    {
      g_autofree char *title = postseal_printable (self->watched[i], -1);

      g_string_append_printf (titles, "%s%s", i > 0 ? ", " : "", title);
    }
  if (n == 0)
    return g_strdup (_ ("watching for new mail"));
  if (n > n_shown)
    /* Translators: names of mailboxes, and how many more */
    return g_strdup_printf (
        ngettext ("watching %s and %u more", "watching %s and %u more", n - n_shown), titles->str,
        n - n_shown);
  return g_strdup_printf (_ ("watching %s"), titles->str);
}

static char *
describe_wait (const PostsealDirection *self)
{
  gboolean is_after_error = *self->error != '\0';

  if (is_after_error && self->waiting == 0)
    return g_strdup (_ ("waiting after an error"));
  if (!self->is_sending)
    return g_strdup (self->last != 0 ? _ ("up to date") : _ ("waiting"));
  if (self->waiting == 0)
    return g_strdup (_ ("nothing to send"));
  if (is_after_error)
    return g_strdup_printf (ngettext ("%u message waits after an error",
                                      "%u messages wait after an error", self->waiting),
                            self->waiting);
  return g_strdup_printf (ngettext ("%u message waits", "%u messages wait", self->waiting),
                          self->waiting);
}

static char *
describe_state (const PostsealDirection *self, gboolean is_exact)
{
  switch (self->state)
    {
    case POSTSEAL_ACCOUNT_WORKING:
      return is_exact ? postseal_direction_words_progress (self)
                      : g_string_free (describe_activity (self), FALSE);
    case POSTSEAL_ACCOUNT_WATCHING:
      return describe_watch (self);
    case POSTSEAL_ACCOUNT_WAITING:
      return describe_wait (self);
    case POSTSEAL_ACCOUNT_OFFLINE:
      return g_strdup (_ ("no network"));
    case POSTSEAL_ACCOUNT_LOCKED:
      return g_strdup (_ ("the keyring is locked"));
    case POSTSEAL_ACCOUNT_BUSY:
      return g_strdup (_ ("another program works for this account"));
    case POSTSEAL_ACCOUNT_FULL:
      return g_strdup (_ ("no room to store mail"));
    case POSTSEAL_ACCOUNT_REFUSED:
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
    case POSTSEAL_ACCOUNT_BROKEN:
      return g_strdup (_ ("stopped"));
    case POSTSEAL_ACCOUNT_OFF:
    default:
      return g_strdup (self->is_served ? _ ("at rest") : _ ("off"));
    }
}

/* What ends the state. Returns: (nullable): untranslated words, when no time says it */
static const char *
get_end (PostsealAccountState state)
{
  switch (state)
    {
    case POSTSEAL_ACCOUNT_OFFLINE:
      return N_ ("goes on when it is back");
    case POSTSEAL_ACCOUNT_LOCKED:
      return N_ ("goes on when it is unlocked");
    case POSTSEAL_ACCOUNT_BUSY:
      return N_ ("goes on when that is done");
    case POSTSEAL_ACCOUNT_REFUSED:
      return N_ ("you are needed");
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
      return N_ ("sign in to the provider again");
    case POSTSEAL_ACCOUNT_BROKEN:
      return N_ ("accounts.conf has a mistake here");
    case POSTSEAL_ACCOUNT_FULL:
    case POSTSEAL_ACCOUNT_OFF:
    case POSTSEAL_ACCOUNT_WORKING:
    case POSTSEAL_ACCOUNT_WATCHING:
    case POSTSEAL_ACCOUNT_WAITING:
    default:
      return NULL;
    }
}

static gboolean
is_calm (const PostsealDirection *self)
{
  return self->state == POSTSEAL_ACCOUNT_OFF
         || (self->state == POSTSEAL_ACCOUNT_WAITING && *self->error == '\0');
}

char *
postseal_direction_words (const PostsealDirection *self, gint64 now)
{
  g_autofree char *state = describe_state (self, now != 0);
  GString *text = g_string_new (state);
  const char *end = get_end (self->state);

  /* Being at rest is nothing to count the minutes of. */
  if (now != 0 && self->since != 0 && !is_calm (self))
    {
      g_autofree char *since = postseal_time_words_since (self->since, now);

      g_string_append_printf (text, "%s%s", self->state == POSTSEAL_ACCOUNT_WORKING ? ", " : " ",
                              since);
    }
  if (now != 0 && self->next != 0 && self->state != POSTSEAL_ACCOUNT_WORKING)
    {
      g_autofree char *until = postseal_time_words_until (self->next, now);

      /* Translators: a time, as in "tries again in 40 s" */
      g_string_append_printf (text,
                              *self->error == '\0' && !self->is_sending ? _ ("; looks again %s")
                                                                        : _ ("; tries again %s"),
                              until);
    }
  else if (end != NULL)
    g_string_append_printf (text, "; %s", _ (end));
  return g_string_free (text, FALSE);
}

gboolean
postseal_direction_needs_user (const PostsealDirection *self)
{
  return self->state == POSTSEAL_ACCOUNT_REFUSED || self->state == POSTSEAL_ACCOUNT_REAUTHORIZE
         || self->state == POSTSEAL_ACCOUNT_BROKEN || self->state == POSTSEAL_ACCOUNT_FULL
         || self->state == POSTSEAL_ACCOUNT_LOCKED;
}
