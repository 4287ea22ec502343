/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/account-log.h"

#include <glib/gi18n.h>
#include <string.h>

#include "daemon/direction-state.h"
#include "daemon/event-log.h"

/* What was told of one direction. */
typedef struct
{
  gboolean is_told; /* anything at all */
  PostsealAccountState state;
  char *error; /* owned */
  char **changes; /* owned, nullable */
  gboolean has_worked; /* since then: what is told again is another time */
  guint times; /* the same trouble in a row */
} Memory;

typedef struct
{
  Memory memories[2]; /* by PostsealDirection */
} AccountMemory;

static void
free_memory (gpointer data)
{
  AccountMemory *memory = data;

  for (gsize i = 0; i < G_N_ELEMENTS (memory->memories); i++)
    {
      g_free (memory->memories[i].error);
      g_strfreev (memory->memories[i].changes);
    }
  g_free (memory);
}

/* It goes with the account. Returns: (transfer none) */
static AccountMemory *
get_memory (PostsealAccountStatus *status)
{
  static const char key[] = "postseal-account-log";
  AccountMemory *memory = g_object_get_data (G_OBJECT (status), key);

  if (memory == NULL)
    {
      memory = g_new0 (AccountMemory, 1);
      g_object_set_data_full (G_OBJECT (status), key, memory, free_memory);
    }
  return memory;
}

static const char *
describe_good (PostsealAccountState state)
{
  return state == POSTSEAL_ACCOUNT_WATCHING ? _ ("watching for new mail")
                                            : _ ("waiting for something to do");
}

static const char *
get_direction (PostsealDirection direction)
{
  return direction == POSTSEAL_DIRECTION_RECEIVE ? _ ("receiving") : _ ("sending");
}

static char *
make_event (PostsealDirection direction, PostsealAccountState state)
{
  return g_strconcat (direction == POSTSEAL_DIRECTION_RECEIVE ? "receive-" : "send-",
                      postseal_account_state_name (state), NULL);
}

static void
log_good (const char *account,
          PostsealDirection direction,
          const Memory *memory,
          const PostsealDirectionState *now)
{
  g_autofree char *event = make_event (direction, now->state);

  if (memory->times > 0)
    postseal_event_log (G_LOG_LEVEL_MESSAGE, account, event, _ ("%s: works again: %s"),
                        get_direction (direction), describe_good (now->state));
  else if (!memory->is_told || memory->state != now->state)
    postseal_event_log (G_LOG_LEVEL_INFO, account, event, "%s: %s", get_direction (direction),
                        describe_good (now->state));
}

static void
log_trouble (const char *account,
             PostsealDirection direction,
             const PostsealDirectionState *now,
             guint times)
{
  g_autofree char *event = make_event (direction, now->state);
  const char *error = postseal_direction_state_describe (now);

  if (times > 1)
    postseal_event_log (G_LOG_LEVEL_MESSAGE, account, event, _ ("%s: again, %u times by now: %s"),
                        get_direction (direction), times, error);
  else if (*now->advice != '\0')
    postseal_event_log (G_LOG_LEVEL_MESSAGE, account, event, "%s: %s. %s",
                        get_direction (direction), error, now->advice);
  else
    postseal_event_log (G_LOG_LEVEL_MESSAGE, account, event, "%s: %s", get_direction (direction),
                        error);
}

static void
remember (Memory *memory, const PostsealDirectionState *now, guint times)
{
  memory->is_told = TRUE;
  memory->state = now->state;
  g_free (memory->error);
  memory->error = g_strdup (now->error);
  memory->has_worked = FALSE;
  memory->times = times;
}

static void
update_trouble (const char *account,
                PostsealDirection direction,
                Memory *memory,
                const PostsealDirectionState *now)
{
  gboolean is_same = memory->times > 0 && memory->state == now->state
                     && g_strcmp0 (memory->error, now->error) == 0;
  guint times = is_same ? memory->times + 1 : 1;

  if (is_same && !memory->has_worked)
    return;
  if ((times & (times - 1)) == 0)
    log_trouble (account, direction, now, times);
  remember (memory, now, times);
}

static void
update_state (const char *account,
              PostsealDirection direction,
              Memory *memory,
              const PostsealDirectionState *now)
{
  if (now->state == POSTSEAL_ACCOUNT_WORKING)
    memory->has_worked = TRUE;
  else if (!postseal_direction_state_is_good (now))
    update_trouble (account, direction, memory, now);
  else
    {
      if (now->state != POSTSEAL_ACCOUNT_OFF)
        log_good (account, direction, memory, now);
      remember (memory, now, 0);
    }
}

static void
update_changes (const char *account, Memory *memory, const PostsealDirectionState *now)
{
  static const char *const none[] = { NULL };
  const char *const *changes = now->changes != NULL ? (const char *const *)now->changes : none;
  const char *const *told = memory->changes != NULL ? (const char *const *)memory->changes : none;

  if (g_strv_equal (changes, told))
    return;
  for (guint i = 0; changes[i] != NULL; i++)
    if (!g_strv_contains (told, changes[i]))
      postseal_event_log (G_LOG_LEVEL_MESSAGE, account, "seal-changed", "%s", changes[i]);
  g_strfreev (memory->changes);
  memory->changes = g_strdupv ((char **)changes);
}

void
postseal_account_log_update (PostsealAccountStatus *status)
{
  AccountMemory *memory;
  const char *account;

  g_return_if_fail (POSTSEAL_IS_ACCOUNT_STATUS (status));

  account = postseal_account_status_get_name (status);
  memory = get_memory (status);
  for (PostsealDirection i = POSTSEAL_DIRECTION_RECEIVE; i <= POSTSEAL_DIRECTION_SEND; i++)
    {
      g_auto (PostsealDirectionState) now;

      postseal_direction_state_get (status, i, &now);
      update_state (account, i, &memory->memories[i], &now);
      update_changes (account, &memory->memories[i], &now);
    }
}
