/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/state-words.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "engine/advice.h"
#include "net/seal.h"
#include "words/seal-words.h"

static const struct
{
  const char *word;
  const char *icon;
} moods[] = {
  [POSTSEAL_MOOD_GOOD] = { N_ ("in order"), "channel-secure-symbolic" },
  [POSTSEAL_MOOD_QUIET] = { N_ ("at rest"), "content-loading-symbolic" },
  [POSTSEAL_MOOD_WORRIED] = { N_ ("a warning"), "dialog-warning-symbolic" },
  [POSTSEAL_MOOD_STUCK] = { N_ ("needs you"), "dialog-error-symbolic" },
};

/* One direction of a status, as far as words need it. */
typedef struct
{
  PostsealAccountState state;
  gboolean exists;
  char *error; /* owned */
  char *advice; /* owned: for the command line */
  char *remedy; /* owned: of engine/advice.h */
  char **changes; /* owned */
  gint64 last;
  gint64 next;
  guint64 done; /* messages, of total */
  guint64 total; /* 0: nobody knows yet */
  gboolean has_seal;
  guint n_news; /* so many of the last changes are none to worry about */
} Direction;

static void
clear_direction (Direction *self)
{
  g_free (self->error);
  g_free (self->advice);
  g_free (self->remedy);
  g_strfreev (self->changes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Direction, clear_direction)

static Direction
read_direction (PostsealAccountStatus *status, gboolean sending)
{
  Direction self = { 0 };
  g_autofree char *state = NULL;
  g_autoptr (GVariant) seal = NULL;

  if (sending)
    g_object_get (status, "sends", &self.exists, "send-state", &state, "send-error", &self.error,
                  "send-advice", &self.advice, "send-remedy", &self.remedy, "send-changes",
                  &self.changes, "send-last", &self.last, "send-next", &self.next, "send-seal",
                  &seal, "send-messages-done", &self.done, "send-messages-total", &self.total,
                  NULL);
  else
    g_object_get (status, "receives", &self.exists, "receive-state", &state, "receive-error",
                  &self.error, "receive-advice", &self.advice, "receive-remedy", &self.remedy,
                  "receive-changes", &self.changes, "receive-last", &self.last, "receive-next",
                  &self.next, "receive-seal", &seal, "messages-done", &self.done, "messages-total",
                  &self.total, NULL);
  self.state = postseal_account_state_parse (state);
  self.has_seal = seal != NULL && g_variant_n_children (seal) > 0;
  if (self.has_seal && self.changes != NULL)
    {
      g_autoptr (PostsealSeal) parsed = postseal_seal_from_variant (seal);

      self.n_news = postseal_advice_count_news (parsed);
    }
  return self;
}

static gboolean
is_changed_for_worse (const Direction *self)
{
  return self->changes != NULL && g_strv_length (self->changes) > self->n_news;
}

static PostsealMood
judge (const Direction *self)
{
  switch (self->state)
    {
    case POSTSEAL_ACCOUNT_LOCKED:
    case POSTSEAL_ACCOUNT_FULL:
    case POSTSEAL_ACCOUNT_REFUSED:
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
    case POSTSEAL_ACCOUNT_BROKEN:
      return POSTSEAL_MOOD_STUCK;
    case POSTSEAL_ACCOUNT_OFFLINE:
      return POSTSEAL_MOOD_QUIET;
    case POSTSEAL_ACCOUNT_OFF:
    case POSTSEAL_ACCOUNT_WORKING:
    case POSTSEAL_ACCOUNT_WATCHING:
    case POSTSEAL_ACCOUNT_WAITING:
    case POSTSEAL_ACCOUNT_BUSY:
    default:
      break;
    }
  if ((self->error != NULL && *self->error != '\0') || is_changed_for_worse (self))
    return POSTSEAL_MOOD_WORRIED;
  return self->has_seal ? POSTSEAL_MOOD_GOOD : POSTSEAL_MOOD_QUIET;
}

PostsealMood
postseal_state_words_judge (PostsealAccountStatus *status, gboolean sending)
{
  g_auto (Direction) direction = read_direction (status, sending);

  return judge (&direction);
}

const char *
postseal_state_words_name_mood (PostsealMood mood)
{
  g_return_val_if_fail (mood < G_N_ELEMENTS (moods), "");

  return _ (moods[mood].word);
}

const char *
postseal_state_words_get_icon (PostsealMood mood)
{
  g_return_val_if_fail (mood < G_N_ELEMENTS (moods), "");

  return moods[mood].icon;
}

/* What nothing went wrong with. */
static const char *
describe_rest (const Direction *self, gboolean sending)
{
  switch (self->state)
    {
    case POSTSEAL_ACCOUNT_OFFLINE:
      return _ ("Waiting for the network");
    case POSTSEAL_ACCOUNT_LOCKED:
      return _ ("Waiting for the keyring to be unlocked");
    case POSTSEAL_ACCOUNT_BUSY:
      return _ ("Another program is working for this account");
    case POSTSEAL_ACCOUNT_FULL:
      return _ ("There is no room to store mail");
    case POSTSEAL_ACCOUNT_REFUSED:
      return _ ("You are needed");
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
      return _ ("The provider wants you to sign in again");
    case POSTSEAL_ACCOUNT_BROKEN:
      return _ ("Its section of accounts.conf has a mistake");
    case POSTSEAL_ACCOUNT_WATCHING:
      return _ ("Up to date; the server tells of new mail");
    case POSTSEAL_ACCOUNT_WORKING:
      return sending ? _ ("Sending") : _ ("Receiving");
    case POSTSEAL_ACCOUNT_OFF:
    case POSTSEAL_ACCOUNT_WAITING:
    default:
      if (self->last == 0)
        return sending ? _ ("Ready to send") : _ ("Nothing received yet");
      return sending ? _ ("Ready to send") : _ ("Up to date");
    }
}

/* "Receiving: 17 of 120 messages" */
static char *
describe_work (const Direction *self, gboolean sending)
{
  const char *what = describe_rest (self, sending);
  g_autofree char *count = NULL;

  if (self->total == 0)
    return g_strdup (what);
  count = g_strdup_printf (_ ("%" PRIu64 " of %" PRIu64 " messages"), self->done, self->total);
  return g_strdup_printf (_ ("%s: %s"), what, count);
}

static char *
describe (const Direction *self, gboolean sending)
{
  if (self->error != NULL && *self->error != '\0')
    return g_strdup (self->error);
  if (self->changes != NULL && self->changes[0] != NULL)
    return g_strdup (self->changes[0]);
  return self->state == POSTSEAL_ACCOUNT_WORKING ? describe_work (self, sending)
                                                 : g_strdup (describe_rest (self, sending));
}

char *
postseal_state_words_describe (PostsealAccountStatus *status, gboolean sending)
{
  g_auto (Direction) direction = read_direction (status, sending);

  return describe (&direction, sending);
}

char *
postseal_state_words_tell_next (PostsealAccountStatus *status, gboolean sending)
{
  g_auto (Direction) direction = read_direction (status, sending);
  g_autofree char *when = NULL;

  if (direction.next == 0 || direction.error == NULL || *direction.error == '\0')
    return g_strdup ("");
  when = postseal_seal_words_format_moment (direction.next);
  return g_strdup_printf (_ ("Next attempt: %s"), when);
}

char *
postseal_state_words_tell_outbox (PostsealAccountStatus *status)
{
  GString *text = g_string_new (NULL);
  guint waiting = 0, failed = 0;

  g_object_get (status, "waiting", &waiting, "failed", &failed, NULL);
  if (waiting > 0)
    g_string_append_printf (
        text, ngettext ("%u message to be sent", "%u messages to be sent", waiting), waiting);
  if (waiting > 0 && failed > 0)
    g_string_append (text, ", ");
  if (failed > 0)
    g_string_append_printf (text, ngettext ("%u message given up", "%u messages given up", failed),
                            failed);
  return g_string_free (text, FALSE);
}

/* Whoever sits at the dialog needs no command, and no name of a key. */
char *
postseal_state_words_advise (PostsealAccountStatus *status, gboolean sending)
{
  static const struct
  {
    const char *remedy;
    const char *sentence;
  } own[] = {
    { "password", N_ ("Type the right password under “Sign in”") },
    { "consent", N_ ("Give your consent again under “Sign in”") },
    { "place", N_ ("See to the “Place of the password” under “Advanced”") },
    { "keyring", N_ ("Start the keyring, or change the “Place of the password” under “Advanced”") },
    { "mechanisms",
      N_ ("Ask the provider how to sign in, and change “Ways to sign in” under “Advanced”") },
    { "forget", N_ ("If the provider confirms the change, let it be forgotten under “What the "
                    "Servers Are Held To”") },
    { "pin", N_ ("If the provider confirms the new key, change “Only these keys” under "
                 "“Advanced”") },
    { "connections",
      N_ ("Close other mail programs, or lower “Connections at once” under “Advanced”") },
  };
  g_auto (Direction) direction = read_direction (status, sending);

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_strcmp0 (direction.remedy, own[i].remedy) == 0)
      return g_strdup (_ (own[i].sentence));
  return g_strdup (direction.advice != NULL ? direction.advice : "");
}

PostsealMood
postseal_state_words_sum_up (PostsealAccountStatus *status,
                             char **ret_sentence,
                             gboolean *ret_is_working)
{
  g_auto (Direction) receiving = read_direction (status, FALSE);
  g_auto (Direction) sending = read_direction (status, TRUE);
  PostsealMood both[] = { judge (&receiving), judge (&sending) };
  gboolean is_sending = !receiving.exists || (sending.exists && both[1] > both[0]);

  *ret_is_working
      = receiving.state == POSTSEAL_ACCOUNT_WORKING || sending.state == POSTSEAL_ACCOUNT_WORKING;
  if (receiving.exists && sending.exists && both[0] == POSTSEAL_MOOD_GOOD
      && both[1] == POSTSEAL_MOOD_QUIET)
    is_sending = FALSE; /* nothing was sent yet: that is no worry */
  *ret_sentence = describe (is_sending ? &sending : &receiving, is_sending);
  return is_sending ? both[1] : both[0];
}
