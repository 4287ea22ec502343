/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/session-password.h"

#include <string.h>

/* Another one in each run of the host, so that nobody can type it. Returns: (transfer none) */
static const char *
get_mark (void)
{
  static char *mark; /* for ever */

  if (mark == NULL)
    mark = g_uuid_string_random ();
  return mark;
}

PostsealClawsSessionState
postseal_claws_session_look (char *const *slot)
{
  if (*slot == NULL)
    return POSTSEAL_CLAWS_SESSION_NOTHING;
  return g_str_equal (*slot, get_mark ()) ? POSTSEAL_CLAWS_SESSION_MARKED
                                          : POSTSEAL_CLAWS_SESSION_TYPED;
}

PostsealCredential *
postseal_claws_session_read (char *const *slot)
{
  return postseal_credential_new (*slot, -1);
}

static void
clear (char **slot)
{
  if (*slot != NULL)
    postseal_wipe (*slot, strlen (*slot));
  g_clear_pointer (slot, g_free);
}

void
postseal_claws_session_mark (char **slot)
{
  clear (slot);
  *slot = g_strdup (get_mark ());
}

void
postseal_claws_session_unmark (char **slot)
{
  if (postseal_claws_session_look (slot) == POSTSEAL_CLAWS_SESSION_MARKED)
    clear (slot);
}
