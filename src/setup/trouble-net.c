/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to the server: its name, the network, the port. */
#include "setup/trouble-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "net/net-error.h"

/* --- the kind --- */

/* What the C library says, in its own translation, when no name service can be asked. */
static gboolean
is_name_service_away (const char *message)
{
  static const char words[] = "Temporary failure in name resolution";

  return strstr (message, words) != NULL || strstr (message, dgettext ("libc", words)) != NULL;
}

static gboolean
has_number (const char *message, int number)
{
  return strstr (message, g_strerror (number)) != NULL;
}

PostsealTroubleKind
_postseal_trouble_judge_net (const PostsealTroubleCase *self)
{
  const char *message = self->error->message;

  switch (self->error->code)
    {
    case POSTSEAL_NET_ERROR_RESOLVE:
      return is_name_service_away (message) ? POSTSEAL_TROUBLE_NO_NETWORK
                                            : POSTSEAL_TROUBLE_NO_NAME;
    case POSTSEAL_NET_ERROR_CONNECT:
      if (has_number (message, ENETUNREACH) || has_number (message, ENETDOWN))
        return POSTSEAL_TROUBLE_NO_NETWORK;
      return has_number (message, ECONNREFUSED) ? POSTSEAL_TROUBLE_REFUSED
                                                : POSTSEAL_TROUBLE_SILENT;
    case POSTSEAL_NET_ERROR_TIMEOUT:
      return POSTSEAL_TROUBLE_SILENT;
    case POSTSEAL_NET_ERROR_CLOSED:
      return self->said != NULL ? POSTSEAL_TROUBLE_BUSY : POSTSEAL_TROUBLE_OTHER;
    default:
      return POSTSEAL_TROUBLE_OTHER;
    }
}

/* --- in words --- */

static const char *
name_protocol (const PostsealTroubleCase *self)
{
  return postseal_protocol_name (self->endpoint->protocol);
}

static void
describe_no_name (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("There is no server of this name"),
      g_strdup_printf (_ ("The address of “%s” was looked for, and the internet knows no such "
                          "name."),
                       self->endpoint->host),
      N_ ("Look for a typing mistake in the server's name; the provider's help pages tell the "
          "right one."));
}

static void
describe_no_network (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("This computer has no connection to the internet"),
      g_strdup_printf (_ ("%s, port %u, could not be asked: the network, or its name service, "
                          "does not answer."),
                       self->endpoint->host, self->endpoint->port),
      N_ ("Connect this computer to a network, then try again."));
}

static void
describe_refused (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("No mail server answers at this port"),
      g_strdup_printf (_ ("%s exists, but refuses connections to port %u, so no %s server runs "
                          "there."),
                       self->endpoint->host, self->endpoint->port, name_protocol (self)),
      N_ ("Check the server's name and port; the provider's help pages tell them."));
}

static void
describe_silent (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The server does not answer"),
      g_strdup_printf (_ ("%s, port %u, was asked, and no answer came in time."),
                       self->endpoint->host, self->endpoint->port),
      N_ ("Try again in a while; some networks block mail, so try another one, too, and check the "
          "port."));
}

gboolean
_postseal_trouble_describe_net (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  if (trouble->kind == POSTSEAL_TROUBLE_NO_NAME)
    describe_no_name (self, trouble);
  else if (trouble->kind == POSTSEAL_TROUBLE_NO_NETWORK)
    describe_no_network (self, trouble);
  else if (trouble->kind == POSTSEAL_TROUBLE_REFUSED)
    describe_refused (self, trouble);
  else if (trouble->kind == POSTSEAL_TROUBLE_SILENT)
    describe_silent (self, trouble);
  else
    return FALSE;
  return TRUE;
}
