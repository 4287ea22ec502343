/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/state-words.h"

#include <glib/gi18n-lib.h>

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
  gboolean has_seal;
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
                  &self.changes, "send-last", &self.last, "send-seal", &seal, NULL);
  else
    g_object_get (status, "receives", &self.exists, "receive-state", &state, "receive-error",
                  &self.error, "receive-advice", &self.advice, "receive-remedy", &self.remedy,
                  "receive-changes", &self.changes, "receive-last", &self.last, "receive-seal",
                  &seal, NULL);
  self.state = postseal_account_state_parse (state);
  self.has_seal = seal != NULL && g_variant_n_children (seal) > 0;
  return self;
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
  if ((self->error != NULL && *self->error != '\0')
      || (self->changes != NULL && self->changes[0] != NULL))
    return POSTSEAL_MOOD_WORRIED;
  return self->has_seal ? POSTSEAL_MOOD_GOOD : POSTSEAL_MOOD_QUIET;
}

PostsealMood
postseal_state_words_judge (PostsealAccountStatus *status, gboolean sending)
{
  g_auto (Direction) direction = read_direction (status, sending);

  return judge (&direction);
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

static char *
describe (const Direction *self, gboolean sending)
{
  if (self->error != NULL && *self->error != '\0')
    return g_strdup (self->error);
  if (self->changes != NULL && self->changes[0] != NULL)
    return g_strdup (self->changes[0]);
  return g_strdup (describe_rest (self, sending));
}

char *
postseal_state_words_describe (PostsealAccountStatus *status, gboolean sending)
{
  g_auto (Direction) direction = read_direction (status, sending);

  return describe (&direction, sending);
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
  PostsealMood moods[] = { judge (&receiving), judge (&sending) };
  gboolean is_sending = !receiving.exists || (sending.exists && moods[1] > moods[0]);

  *ret_is_working
      = receiving.state == POSTSEAL_ACCOUNT_WORKING || sending.state == POSTSEAL_ACCOUNT_WORKING;
  if (receiving.exists && sending.exists && moods[0] == POSTSEAL_MOOD_GOOD
      && moods[1] == POSTSEAL_MOOD_QUIET)
    is_sending = FALSE; /* nothing was sent yet: that is no worry */
  *ret_sentence = describe (is_sending ? &sending : &receiving, is_sending);
  return is_sending ? moods[1] : moods[0];
}
