/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/server-input.h"

#include <glib/gi18n.h>
#include <string.h>

#include "engine/account-url.h"

#define LONGEST_HOST 253 /* RFC 1035 section 2.3.4 */
#define LONGEST_LABEL 63 /* the same */

void
postseal_server_input_clear (PostsealServerInput *self)
{
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->port, g_free);
  g_clear_pointer (&self->user, g_free);
}

guint16
postseal_server_input_get_usual_port (const PostsealServerInput *self)
{
  g_autoptr (PostsealEndpoint) usual
      = postseal_endpoint_new (self->protocol, self->start, "example.org", 0);

  return usual->port;
}

static void
replace (char **text, const char *by)
{
  char *copy = g_strdup (by);

  g_free (*text);
  *text = copy;
}

/* Protocol, start, host and port. */
static void
take_endpoint (PostsealServerInput *self, const PostsealEndpoint *endpoint)
{
  g_autofree char *port = NULL;

  self->protocol = endpoint->protocol;
  self->start = endpoint->start;
  replace (&self->host, endpoint->host);
  if (endpoint->port != postseal_server_input_get_usual_port (self))
    port = g_strdup_printf ("%u", (guint)endpoint->port);
  replace (&self->port, port != NULL ? port : "");
}

/* --- what is there --- */

void
postseal_server_input_read (PostsealServerInput *self, PostsealAccountForm *form, gboolean sending)
{
  const char *url = postseal_account_form_get (form, sending ? "send" : "receive");
  const char *address = postseal_account_form_get (form, "address");
  g_autofree char *user = NULL;
  g_autoptr (PostsealEndpoint) endpoint = postseal_account_form_get_endpoint (form, sending, &user);

  g_return_if_fail (self != NULL && self->host == NULL);

  if (endpoint != NULL)
    take_endpoint (self, endpoint);
  else
    {
      self->protocol = sending ? POSTSEAL_PROTOCOL_SMTP : POSTSEAL_PROTOCOL_IMAP;
      self->start = POSTSEAL_TLS_START_IMPLICIT;
      replace (&self->host, url != NULL ? url : "");
      replace (&self->port, "");
    }
  replace (&self->user, user != NULL && g_strcmp0 (user, address) != 0 ? user : "");
}

/* --- taking apart --- */

static gboolean
take_url (PostsealServerInput *self)
{
  g_autoptr (PostsealEndpoint) endpoint = NULL;
  g_autofree char *user = NULL;
  g_autofree char *complaint = NULL;

  if (!postseal_account_url_parse (self->host,
                                   self->protocol == POSTSEAL_PROTOCOL_SMTP
                                       ? POSTSEAL_ACCOUNT_URL_SEND
                                       : POSTSEAL_ACCOUNT_URL_RECEIVE,
                                   &endpoint, &user, &complaint))
    return FALSE;
  take_endpoint (self, endpoint);
  if (user != NULL)
    replace (&self->user, user);
  return TRUE;
}

/* The port of "HOST:PORT" and "[V6]:PORT", or NULL. Returns: (transfer none) (nullable) */
static const char *
find_port (const char *host)
{
  const char *last = strrchr (host, ':');

  if (last == NULL || last[1] == '\0' || strspn (last + 1, "0123456789") != strlen (last + 1))
    return NULL;
  if (*host == '[')
    return last > host && last[-1] == ']' ? last + 1 : NULL;
  return strchr (host, ':') == last ? last + 1 : NULL;
}

gboolean
postseal_server_input_take_apart (PostsealServerInput *self)
{
  const char *port = NULL;
  gboolean has_moved = FALSE;

  g_return_val_if_fail (self != NULL && self->host != NULL, FALSE);

  if (strstr (self->host, "://") != NULL)
    return take_url (self);
  port = find_port (self->host);
  if (port != NULL)
    {
      guint64 number = g_ascii_strtoull (port, NULL, 10);

      replace (&self->port, port);
      if (number == postseal_server_input_get_usual_port (self))
        replace (&self->port, "");
      self->host[port - self->host - 1] = '\0';
      has_moved = TRUE;
    }
  if (self->host[0] == '[' && g_str_has_suffix (self->host, "]"))
    {
      g_autofree char *inner = g_strndup (self->host + 1, strlen (self->host) - 2);

      replace (&self->host, inner);
      has_moved = TRUE;
    }
  return has_moved;
}

/* --- checking --- */

static gboolean
has_long_label (const char *host)
{
  g_auto (GStrv) labels = g_strsplit (host, ".", -1);

  for (gsize i = 0; labels[i] != NULL; i++)
    if (strlen (labels[i]) > LONGEST_LABEL)
      return TRUE;
  return FALSE;
}

static const char *
find_mistake_in_name (const char *host)
{
  if (strlen (host) > LONGEST_HOST || has_long_label (host))
    return _ ("No server has a name of this length");
  if (*host == '.' || *host == '-' || strstr (host, "..") != NULL)
    return _ ("A server's name has letters or digits on both sides of each dot");
  for (const char *p = host; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (".-_", *p) == NULL)
      return _ ("A server's name has only letters, digits, hyphens and dots, like "
                "mail.example.org");
  return NULL;
}

static const char *
find_mistake_in_host (const char *host)
{
  g_autofree char *ascii = NULL;

  if (*host == '\0')
    return _ ("Enter the server's name, like mail.example.org");
  if (strstr (host, "://") != NULL)
    return _ ("This URL is of no use here; enter the server's name, like mail.example.org");
  if (strchr (host, '@') != NULL)
    return _ ("This looks like a mail address; enter the server's name, like mail.example.org");
  if (g_hostname_is_ip_address (host))
    return NULL;
  if (strpbrk (host, " \t") != NULL)
    return _ ("A server's name has no spaces");
  if (!g_hostname_is_non_ascii (host))
    return find_mistake_in_name (host);
  ascii = g_hostname_to_ascii (host);
  return ascii != NULL ? find_mistake_in_name (ascii) : _ ("This cannot be a server's name");
}

static gboolean
parse_port (const char *text, guint16 *ret_port)
{
  guint64 port = 0;

  if (*text != '\0' && !g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    return FALSE;
  *ret_port = (guint16)port;
  return TRUE;
}

PostsealEndpoint *
postseal_server_input_check (const PostsealServerInput *self,
                             PostsealServerPart *ret_part,
                             char **ret_mistake)
{
  const char *mistake = find_mistake_in_host (self->host);
  guint16 port = 0;

  *ret_part = POSTSEAL_SERVER_PART_HOST;
  if (mistake == NULL && !parse_port (self->port, &port))
    {
      *ret_part = POSTSEAL_SERVER_PART_PORT;
      mistake = _ ("A port is a number from 1 to 65535; leave it empty for the usual one");
    }
  if (mistake != NULL)
    {
      *ret_mistake = g_strdup (mistake);
      return NULL;
    }
  return postseal_endpoint_new (self->protocol, self->start, self->host, port);
}
