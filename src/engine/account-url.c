/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-url.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/suggest.h"

#define LONGEST_HOST 253 /* RFC 1035 section 2.3.4 */

typedef struct
{
  const char *scheme;
  PostsealProtocol protocol;
  PostsealTlsStart start;
  guint16 port;
} Scheme;

/* RFC 8314 section 7; "smtp" is submission through a relay on port 25. */
static const Scheme schemes[] = {
  { "imaps", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, 993 },
  { "imap", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, 143 },
  { "pop3s", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT, 995 },
  { "pop3", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE, 110 },
  { "submissions", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT, 465 },
  { "submission", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 587 },
  { "smtp", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, 25 },
};

static const char *const receive_schemes[] = { "imaps", "imap", "pop3s", "pop3", NULL };
static const char *const send_schemes[] = { "submissions", "submission", "smtp", NULL };

static const Scheme *
find_scheme (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (strcmp (schemes[i].scheme, name) == 0)
      return &schemes[i];
  return NULL;
}

/* Only letters, digits and "+-." (RFC 3986 section 3.1): nothing that could be a piece of a
   password is repeated to the user. */
static gboolean
is_scheme_shaped (const char *text)
{
  gsize length = strlen (text);

  return length > 0 && length <= 16
         && strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789+-.") == length;
}

static char *
complain_scheme (const char *name, PostsealAccountUrlKind kind)
{
  const char *const *valid = kind == POSTSEAL_ACCOUNT_URL_RECEIVE ? receive_schemes : send_schemes;
  const char *nearest = postseal_suggest (name, valid);
  g_autofree char *list = g_strjoinv (", ", (char **)valid);
  g_autofree char *suggestion
      = nearest != NULL ? g_strdup_printf (_ ("; did you mean “%s”?"), nearest) : g_strdup ("");

  if (find_scheme (name) == NULL)
    return g_strdup_printf (_ ("unknown scheme “%s”; valid schemes are %s%s"), name, list,
                            suggestion);
  return g_strdup_printf (kind == POSTSEAL_ACCOUNT_URL_RECEIVE
                              ? _ ("“%s” is for sending; receiving knows the schemes %s")
                              : _ ("“%s” is for receiving; sending knows the schemes %s"),
                          name, list);
}

static const Scheme *
read_scheme (const char *url, PostsealAccountUrlKind kind, const char **rest, char **ret_complaint)
{
  const char *colon = strstr (url, "://");
  g_autofree char *name = NULL;
  const Scheme *scheme;

  if (colon != NULL)
    name = g_ascii_strdown (url, colon - url);
  if (name == NULL || !is_scheme_shaped (name))
    {
      *ret_complaint = g_strdup_printf (_ ("this is not a URL; it looks like %s"),
                                        kind == POSTSEAL_ACCOUNT_URL_RECEIVE
                                            ? "imaps://jane@imap.example.org"
                                            : "submissions://jane@smtp.example.org");
      return NULL;
    }

  scheme = find_scheme (name);
  if (scheme == NULL
      || (scheme->protocol == POSTSEAL_PROTOCOL_SMTP) != (kind == POSTSEAL_ACCOUNT_URL_SEND))
    {
      *ret_complaint = complain_scheme (name, kind);
      return NULL;
    }
  *rest = colon + strlen ("://");
  return scheme;
}

/* The part before "@". Anything after a ":" in it is taken for a password (RFC 3986 section 3.2.1).
 */
static gboolean
read_user (const char *encoded, char **ret_user, char **ret_complaint)
{
  g_autofree char *user = NULL;

  if (strchr (encoded, ':') != NULL)
    {
      *ret_complaint = g_strdup (
          _ ("there seems to be a password in this URL, and a password is never kept in "
             "this file; take it out, change it if others could read it, and store it with "
             "“postseal password set ACCOUNT” (a “:” in a user name is written %3A)"));
      return FALSE;
    }
  if (strpbrk (encoded, "@/?#[] \\") == NULL)
    user = g_uri_unescape_string (encoded, NULL);
  if (user == NULL || *user == '\0' || !g_utf8_validate (user, -1, NULL))
    {
      *ret_complaint = g_strdup (
          _ ("the user name before “@” is empty or not percent-encoded; “@” is written %40, "
             "“/” %2F, “%” %25"));
      return FALSE;
    }
  for (const char *p = user; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      {
        *ret_complaint = g_strdup (_ ("the user name before “@” holds a control character"));
        return FALSE;
      }
  *ret_user = g_steal_pointer (&user);
  return TRUE;
}

static gboolean
is_host_name (const char *host)
{
  gsize length = strlen (host);

  if (length == 0 || length > LONGEST_HOST || *host == '.' || *host == '-'
      || strstr (host, "..") != NULL)
    return FALSE;
  for (const char *p = host; *p != '\0'; p++)
    if (!(*p & 0x80) && !g_ascii_isalnum (*p) && strchr (".-_", *p) == NULL)
      return FALSE;
  if (g_hostname_is_non_ascii (host))
    {
      g_autofree char *ascii = g_hostname_to_ascii (host);

      return ascii != NULL;
    }
  return TRUE;
}

static gboolean
is_ipv6 (const char *host)
{
  return strchr (host, ':') != NULL && g_hostname_is_ip_address (host);
}

/* Cuts "HOST", "HOST:PORT", "[V6]" and "[V6]:PORT". @authority is changed. */
static gboolean
read_host (char *authority, char **ret_host, char **ret_port, char **ret_complaint)
{
  char *colon;

  *ret_port = NULL;
  if (*authority == '[')
    {
      char *bracket = strchr (authority, ']');

      if (bracket == NULL || (bracket[1] != '\0' && bracket[1] != ':'))
        {
          *ret_complaint = g_strdup (
              _ ("an IPv6 address is written in brackets, e.g. imaps://[2001:db8::1]:993"));
          return FALSE;
        }
      *bracket = '\0';
      *ret_host = authority + 1;
      if (bracket[1] == ':')
        *ret_port = bracket + 2;
      if (!is_ipv6 (*ret_host))
        {
          *ret_complaint = g_strdup (_ ("what stands in brackets is not an IPv6 address"));
          return FALSE;
        }
      return TRUE;
    }

  colon = strchr (authority, ':');
  if (colon != NULL && strchr (colon + 1, ':') != NULL)
    {
      *ret_complaint = g_strdup (
          _ ("more than one “:” after the user name; an IPv6 address is written in brackets, "
             "e.g. imaps://[2001:db8::1]:993"));
      return FALSE;
    }
  if (colon != NULL)
    {
      *colon = '\0';
      *ret_port = colon + 1;
    }
  *ret_host = authority;
  if (!is_host_name (authority))
    {
      *ret_complaint = *authority == '\0'
                           ? g_strdup (_ ("the URL names no server"))
                           : g_strdup (_ ("the URL's server is not a host name or IP address"));
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_port (const char *text, guint16 *ret_port, char **ret_complaint)
{
  guint64 port = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    {
      *ret_complaint = g_strdup (_ ("the port after “:” is not a number from 1 to 65535"));
      return FALSE;
    }
  *ret_port = port;
  return TRUE;
}

gboolean
postseal_account_url_parse (const char *url,
                            PostsealAccountUrlKind kind,
                            PostsealEndpoint **ret_endpoint,
                            char **ret_user,
                            char **ret_complaint)
{
  g_autofree char *user = NULL;
  g_autofree char *authority = NULL;
  const char *rest = NULL;
  const Scheme *scheme = read_scheme (url, kind, &rest, ret_complaint);
  const char *at;
  char *host = NULL;
  char *port_text = NULL;
  guint16 port;

  if (scheme == NULL)
    return FALSE;

  /* The last one: a password that was put here may hold "@" and "/", and must be seen as what it
   * is. */
  at = strrchr (rest, '@');
  if (at != NULL)
    {
      g_autofree char *encoded = g_strndup (rest, at - rest);

      if (!read_user (encoded, &user, ret_complaint))
        return FALSE;
      rest = at + 1;
    }

  authority = g_strdup (rest);
  if (g_str_has_suffix (authority, "/"))
    authority[strlen (authority) - 1] = '\0';
  if (strpbrk (authority, "/?#") != NULL)
    {
      *ret_complaint = g_strdup (
          _ ("nothing may follow the server and its port; folders have a key of their own"));
      return FALSE;
    }
  port = scheme->port;
  if (!read_host (authority, &host, &port_text, ret_complaint)
      || (port_text != NULL && !read_port (port_text, &port, ret_complaint)))
    return FALSE;

  *ret_endpoint = postseal_endpoint_new (scheme->protocol, scheme->start, host, port);
  *ret_user = g_steal_pointer (&user);
  return TRUE;
}

/* "smtp" and "submission" differ in nothing but the port. */
static const char *
name_scheme (const PostsealEndpoint *endpoint)
{
  const char *name = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (schemes[i].protocol == endpoint->protocol && schemes[i].start == endpoint->start
        && (name == NULL || schemes[i].port == endpoint->port))
      name = schemes[i].scheme;
  return name;
}

char *
postseal_account_url_format (const PostsealEndpoint *endpoint, const char *user)
{
  g_autofree char *place = postseal_endpoint_to_string (endpoint);
  g_autofree char *encoded = g_uri_escape_string (user, NULL, FALSE);

  return g_strdup_printf ("%s://%s@%s", name_scheme (endpoint), encoded, place);
}
