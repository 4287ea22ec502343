/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/direction-state.h"

#include <glib/gi18n.h>

void
postseal_direction_state_get (PostsealAccountStatus *status,
                              PostsealDirection direction,
                              PostsealDirectionState *ret_state)
{
  static const char *const names[][4] = {
    { "receive-state", "receive-error", "receive-advice", "receive-changes" },
    { "send-state", "send-error", "send-advice", "send-changes" },
  };
  const char *const *name = names[direction];
  g_autofree char *state = NULL;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_STATUS (status));

  *ret_state = (PostsealDirectionState){ 0 };
  g_object_get (status, name[0], &state, name[1], &ret_state->error, name[2], &ret_state->advice,
                name[3], &ret_state->changes, NULL);
  ret_state->state = postseal_account_state_parse (state);
  if (ret_state->error == NULL)
    ret_state->error = g_strdup ("");
  if (ret_state->advice == NULL)
    ret_state->advice = g_strdup ("");
}

void
postseal_direction_state_clear (PostsealDirectionState *self)
{
  g_clear_pointer (&self->error, g_free);
  g_clear_pointer (&self->advice, g_free);
  g_clear_pointer (&self->changes, g_strfreev);
}

gboolean
postseal_direction_state_is_good (const PostsealDirectionState *self)
{
  return self->state == POSTSEAL_ACCOUNT_OFF || self->state == POSTSEAL_ACCOUNT_WATCHING
         || (self->state == POSTSEAL_ACCOUNT_WAITING && *self->error == '\0');
}

gboolean
postseal_direction_state_needs_user (const PostsealDirectionState *self)
{
  return self->state == POSTSEAL_ACCOUNT_REFUSED || self->state == POSTSEAL_ACCOUNT_REAUTHORIZE;
}

const char *
postseal_direction_state_describe (const PostsealDirectionState *self)
{
  if (*self->error != '\0')
    return self->error;
  switch (self->state)
    {
    case POSTSEAL_ACCOUNT_OFFLINE:
      return _ ("no network");
    case POSTSEAL_ACCOUNT_LOCKED:
      return _ ("the keyring is locked");
    case POSTSEAL_ACCOUNT_BUSY:
      return _ ("in use by another program");
    case POSTSEAL_ACCOUNT_FULL:
      return _ ("no room to store mail");
    case POSTSEAL_ACCOUNT_REFUSED:
      return _ ("refused");
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
      return _ ("the provider wants your consent again");
    case POSTSEAL_ACCOUNT_BROKEN:
      return _ ("a mistake in accounts.conf");
    case POSTSEAL_ACCOUNT_OFF:
    case POSTSEAL_ACCOUNT_WORKING:
    case POSTSEAL_ACCOUNT_WATCHING:
    case POSTSEAL_ACCOUNT_WAITING:
    default:
      return postseal_account_state_name (self->state);
    }
}
