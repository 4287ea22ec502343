/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/status-line.h"

#include <glib/gi18n.h>

/* How an account fares, in the order in which it is told. When the two directions differ, the later
   one counts. */
typedef enum
{
  FARE_OFF,
  FARE_WATCHED,
  FARE_OFFLINE,
  FARE_LATER,
  FARE_BUSY,
  FARE_LOCKED,
  FARE_FULL,
  FARE_REFUSED,
  FARE_REAUTHORIZE,
  FARE_BROKEN,
  N_FARES,
} Fare;

static Fare
judge (PostsealAccountState state, const char *error)
{
  switch (state)
    {
    case POSTSEAL_ACCOUNT_OFF:
      return FARE_OFF;
    case POSTSEAL_ACCOUNT_WORKING:
    case POSTSEAL_ACCOUNT_WATCHING:
      return FARE_WATCHED;
    case POSTSEAL_ACCOUNT_WAITING:
      return error == NULL || *error == '\0' ? FARE_WATCHED : FARE_LATER;
    case POSTSEAL_ACCOUNT_OFFLINE:
      return FARE_OFFLINE;
    case POSTSEAL_ACCOUNT_LOCKED:
      return FARE_LOCKED;
    case POSTSEAL_ACCOUNT_BUSY:
      return FARE_BUSY;
    case POSTSEAL_ACCOUNT_FULL:
      return FARE_FULL;
    case POSTSEAL_ACCOUNT_REFUSED:
      return FARE_REFUSED;
    case POSTSEAL_ACCOUNT_REAUTHORIZE:
      return FARE_REAUTHORIZE;
    case POSTSEAL_ACCOUNT_BROKEN:
      return FARE_BROKEN;
    default:
      return FARE_OFF;
    }
}

static Fare
judge_account (PostsealAccountStatus *status)
{
  g_autofree char *receive_state = NULL;
  g_autofree char *receive_error = NULL;
  g_autofree char *send_state = NULL;
  g_autofree char *send_error = NULL;
  Fare receive;
  Fare send;

  g_object_get (status, "receive-state", &receive_state, "receive-error", &receive_error,
                "send-state", &send_state, "send-error", &send_error, NULL);
  receive = judge (postseal_account_state_parse (receive_state), receive_error);
  send = judge (postseal_account_state_parse (send_state), send_error);
  return MAX (receive, send);
}

static const char *
get_format (Fare fare, guint n)
{
  switch (fare)
    {
    case FARE_WATCHED:
      return ngettext ("%u account watched", "%u accounts watched", n);
    case FARE_OFFLINE:
      return ngettext ("%u waits for the network", "%u wait for the network", n);
    case FARE_LATER:
      return ngettext ("%u is tried again later", "%u are tried again later", n);
    case FARE_BUSY:
      return ngettext ("%u is in use by another program", "%u are in use by other programs", n);
    case FARE_LOCKED:
      return ngettext ("%u waits for the keyring", "%u wait for the keyring", n);
    case FARE_FULL:
      return ngettext ("%u has no room to store mail", "%u have no room to store mail", n);
    case FARE_REFUSED:
      return ngettext ("%u is refused", "%u are refused", n);
    case FARE_REAUTHORIZE:
      return ngettext ("%u needs consent again", "%u need consent again", n);
    case FARE_BROKEN:
      return ngettext ("%u has a mistake in accounts.conf", "%u have mistakes in accounts.conf", n);
    case FARE_OFF:
    case N_FARES:
    default:
      g_assert_not_reached ();
    }
}

static void
append (GString *line, const char *separator, const char *format, guint n)
{
  if (line->len > 0)
    g_string_append (line, separator);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* chosen from literals with one %u each */
  g_string_append_printf (line, format, n);
#pragma GCC diagnostic pop
}

char *
postseal_status_line_compose (PostsealService *service)
{
  GListModel *accounts;
  GString *line = g_string_new (NULL);
  guint fares[N_FARES] = { 0 };
  guint waiting = 0;
  guint failed = 0;

  g_return_val_if_fail (POSTSEAL_IS_SERVICE (service), NULL);

  accounts = postseal_service_get_accounts (service);
  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PostsealAccountStatus) status = g_list_model_get_item (accounts, i);
      guint of_account[2] = { 0 };

      g_object_get (status, "waiting", &of_account[0], "failed", &of_account[1], NULL);
      waiting += of_account[0];
      failed += of_account[1];
      fares[judge_account (status)]++;
    }

  for (Fare fare = FARE_WATCHED; fare < N_FARES; fare++)
    if (fares[fare] > 0)
      append (line, ", ", get_format (fare, fares[fare]), fares[fare]);
  if (line->len == 0)
    g_string_append (line, _ ("No accounts to watch"));
  if (waiting > 0)
    append (line, "; ", ngettext ("%u message to be sent", "%u messages to be sent", waiting),
            waiting);
  if (failed > 0)
    append (line, "; ", ngettext ("%u message given up", "%u messages given up", failed), failed);
  return g_string_free (line, FALSE);
}
