/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/autoconfig.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"
#include "discover/mail-domain-private.h"

#define DEPTH_MAX 16
#define SERVERS_MAX 32
#define TEXT_MAX 1024 /* of one element */
#define USER_MAX 320

G_DEFINE_QUARK (postseal - autoconfig - error - quark, postseal_autoconfig_error)

/* Where an element stands decides what it is. */
typedef enum
{
  ELEMENT_OTHER, /* and all in it */
  ELEMENT_CONFIG,
  ELEMENT_PROVIDER,
  ELEMENT_TITLE,
  ELEMENT_DOCUMENTATION,
  ELEMENT_INCOMING,
  ELEMENT_OUTGOING,
  ELEMENT_HOST,
  ELEMENT_PORT,
  ELEMENT_SOCKET,
  ELEMENT_USER,
  ELEMENT_AUTH,
} Element;

/* A server section that is being read. */
typedef struct
{
  char *type; /* all owned, NULL until met */
  char *host;
  char *port;
  char *socket;
  char *user;
  gboolean has_auth; /* a way to sign in is named, known or not */
  gboolean has_password, has_oauth, has_none;
} Section;

typedef struct
{
  PostsealAutoconfig *config; /* owned */
  const char *address; /* borrowed */
  Element path[DEPTH_MAX];
  guint depth;
  GString *text; /* owned: of the innermost element */
  gboolean is_sasl; /* of an authentication element */
  Section section;
} Reader;

static void
free_server (gpointer data)
{
  PostsealAutoconfigServer *self = data;

  postseal_endpoint_unref (self->endpoint);
  g_free (self->user);
  g_free (self);
}

void
postseal_autoconfig_free (PostsealAutoconfig *self)
{
  g_free (self->title);
  g_free (self->help);
  g_clear_pointer (&self->in_clear, postseal_endpoint_unref);
  g_ptr_array_unref (self->incoming);
  g_ptr_array_unref (self->outgoing);
  g_free (self);
}

static void
clear_section (Section *self)
{
  g_free (self->type);
  g_free (self->host);
  g_free (self->port);
  g_free (self->socket);
  g_free (self->user);
  memset (self, 0, sizeof *self);
}

/* --- values --- */

static gboolean
is_word (const char *text, const char *word)
{
  return g_ascii_strcasecmp (text, word) == 0;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  for (; *words != NULL; words++)
    if (is_word (text, *words))
      return TRUE;
  return FALSE;
}

static char *
replace (const char *text, const char *placeholder, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (text, placeholder, -1);

  return g_strjoinv (value, parts);
}

/* In one go, so that what stands in an address is never itself replaced. */
static char *
expand_user (const char *text, const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *local = g_strndup (address, (gsize)(at - address));
  GString *user = g_string_new (NULL);

  while (*text != '\0')
    {
      static const char *const names[] = { "%EMAILADDRESS%", "%EMAILLOCALPART%", "%EMAILDOMAIN%" };
      const char *const values[] = { address, local, at + 1 };
      gsize i = 0;

      while (i < G_N_ELEMENTS (names) && !g_str_has_prefix (text, names[i]))
        i++;
      if (i == G_N_ELEMENTS (names))
        {
          g_string_append_c (user, *text++);
          continue;
        }
      g_string_append (user, values[i]);
      text += strlen (names[i]);
    }
  return g_string_free (user, FALSE);
}

/* The address's local part has no place in a name that is asked of the DNS. */
static char *
expand_host (const char *text, const char *address)
{
  g_autofree char *host = replace (text, "%EMAILDOMAIN%", strrchr (address, '@') + 1);

  return _postseal_domain_normalize_host (host);
}

static gboolean
is_user (const char *user)
{
  if (*user == '\0' || strlen (user) > USER_MAX || !g_utf8_validate (user, -1, NULL))
    return FALSE;
  for (const char *p = user; *p != '\0'; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

static gboolean
read_protocol (const char *type, gboolean is_incoming, PostsealProtocol *ret_protocol)
{
  if (type == NULL)
    return FALSE;
  if (is_incoming && is_word (type, "imap"))
    *ret_protocol = POSTSEAL_PROTOCOL_IMAP;
  else if (is_incoming && is_word (type, "pop3"))
    *ret_protocol = POSTSEAL_PROTOCOL_POP3;
  else if (!is_incoming && is_word (type, "smtp"))
    *ret_protocol = POSTSEAL_PROTOCOL_SMTP;
  else
    return FALSE;
  return TRUE;
}

/* As draft-ietf-mailmaint-autoconfig has them, the values of older files, and names of SASL
   mechanisms where "system" says so. What is neither is not for us. */
static void
note_auth (Section *self, const char *text, gboolean is_sasl)
{
  static const char *const passwords[]
      = { "password-cleartext", "password-encrypted", "plain", "secure", NULL };
  static const char *const mechanisms[] = { "PLAIN",
                                            "LOGIN",
                                            "CRAM-MD5",
                                            "SCRAM-SHA-1",
                                            "SCRAM-SHA-256",
                                            "SCRAM-SHA-1-PLUS",
                                            "SCRAM-SHA-256-PLUS",
                                            NULL };
  static const char *const tokens[] = { "OAuth2", "OAuth", NULL };
  static const char *const bearers[] = { "OAUTHBEARER", "XOAUTH2", NULL };
  static const char *const nothings[] = { "none", "client-IP-address", NULL };

  self->has_auth = TRUE;
  self->has_password |= is_one_of (text, is_sasl ? mechanisms : passwords);
  self->has_oauth |= is_one_of (text, is_sasl ? bearers : tokens);
  self->has_none |= !is_sasl && is_one_of (text, nothings);
}

static char *
read_https (const char *text)
{
  g_autoptr (GUri) uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL;

  if (uri == NULL || strcmp (g_uri_get_scheme (uri), "https") != 0 || g_uri_get_host (uri) == NULL
      || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL)
    return NULL;
  return g_uri_to_string (uri);
}

/* --- a section is complete --- */

static void
note_in_clear (PostsealAutoconfig *config,
               PostsealProtocol protocol,
               const char *host,
               guint16 port)
{
  config->n_in_clear++;
  if (config->in_clear == NULL)
    config->in_clear = postseal_endpoint_new (protocol, POSTSEAL_TLS_START_UPGRADE, host, port);
}

static void
add_server (Reader *self, GPtrArray *servers, PostsealEndpoint *endpoint)
{
  Section *section = &self->section;
  PostsealAutoconfigServer *server = NULL;
  g_autofree char *user = section->user != NULL ? expand_user (section->user, self->address) : NULL;

  if (user != NULL && !is_user (user))
    return;
  if (section->has_auth && !section->has_password && !section->has_oauth && !section->has_none)
    return;
  server = g_new0 (PostsealAutoconfigServer, 1);
  server->endpoint = postseal_endpoint_ref (endpoint);
  server->user = g_steal_pointer (&user);
  server->has_password = section->has_password || !section->has_auth;
  server->has_oauth = section->has_oauth;
  server->has_none = section->has_none;
  g_ptr_array_add (servers, server);
}

static void
end_section (Reader *self, gboolean is_incoming)
{
  Section *section = &self->section;
  GPtrArray *servers = is_incoming ? self->config->incoming : self->config->outgoing;
  g_autofree char *host = section->host != NULL ? expand_host (section->host, self->address) : NULL;
  PostsealProtocol protocol = POSTSEAL_PROTOCOL_IMAP;
  guint64 port = 0;

  if (host == NULL || section->port == NULL || section->socket == NULL
      || !read_protocol (section->type, is_incoming, &protocol)
      || !g_ascii_string_to_unsigned (section->port, 10, 1, G_MAXUINT16, &port, NULL)
      || servers->len == SERVERS_MAX)
    return;
  if (is_word (section->socket, "plain"))
    note_in_clear (self->config, protocol, host, (guint16)port);
  else if (is_word (section->socket, "SSL") || is_word (section->socket, "STARTTLS"))
    {
      g_autoptr (PostsealEndpoint) endpoint
          = postseal_endpoint_new (protocol,
                                   is_word (section->socket, "SSL") ? POSTSEAL_TLS_START_IMPLICIT
                                                                    : POSTSEAL_TLS_START_UPGRADE,
                                   host, (guint16)port);

      add_server (self, servers, endpoint);
    }
}

/* --- elements --- */

static Element
find_in_provider (const char *name)
{
  if (is_word (name, "displayName"))
    return ELEMENT_TITLE;
  if (is_word (name, "documentation"))
    return ELEMENT_DOCUMENTATION;
  if (is_word (name, "incomingServer"))
    return ELEMENT_INCOMING;
  if (is_word (name, "outgoingServer"))
    return ELEMENT_OUTGOING;
  return ELEMENT_OTHER;
}

static Element
find_in_server (const char *name)
{
  if (is_word (name, "hostname"))
    return ELEMENT_HOST;
  if (is_word (name, "port"))
    return ELEMENT_PORT;
  if (is_word (name, "socketType"))
    return ELEMENT_SOCKET;
  if (is_word (name, "username"))
    return ELEMENT_USER;
  if (is_word (name, "authentication"))
    return ELEMENT_AUTH;
  return ELEMENT_OTHER;
}

static Element
find_element (Reader *self, const char *name)
{
  Element parent = self->depth > 0 ? self->path[self->depth - 1] : ELEMENT_OTHER;

  if (self->depth == 0)
    return is_word (name, "clientConfig") ? ELEMENT_CONFIG : ELEMENT_OTHER;
  if (parent == ELEMENT_CONFIG)
    return is_word (name, "emailProvider") ? ELEMENT_PROVIDER : ELEMENT_OTHER;
  if (parent == ELEMENT_PROVIDER)
    return find_in_provider (name);
  if (parent == ELEMENT_INCOMING || parent == ELEMENT_OUTGOING)
    return find_in_server (name);
  return ELEMENT_OTHER;
}

static const char *
find_attribute (const char **names, const char **values, const char *wanted)
{
  for (gsize i = 0; names[i] != NULL; i++)
    if (is_word (names[i], wanted))
      return values[i];
  return NULL;
}

static void
begin (Reader *self, Element element, const char **names, const char **values)
{
  const char *value = NULL;

  g_string_truncate (self->text, 0);
  if (element == ELEMENT_INCOMING || element == ELEMENT_OUTGOING)
    {
      clear_section (&self->section);
      self->section.type = g_strdup (find_attribute (names, values, "type"));
    }
  else if (element == ELEMENT_DOCUMENTATION && self->config->help == NULL)
    self->config->help = read_https (find_attribute (names, values, "url"));
  else if (element == ELEMENT_AUTH)
    {
      value = find_attribute (names, values, "system");
      self->is_sasl = value != NULL && is_word (value, "sasl");
    }
}

static void
on_start (GMarkupParseContext *context,
          const char *name,
          const char **attribute_names,
          const char **attribute_values,
          gpointer user_data,
          GError **error)
{
  Reader *self = user_data;
  Element element = find_element (self, name);

  if (self->depth == 0 && element != ELEMENT_CONFIG)
    g_set_error (error, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM,
                 _ ("it is no description of mail servers"));
  else if (self->depth == DEPTH_MAX)
    g_set_error (error, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM,
                 _ ("it is nested too deeply"));
  else
    {
      self->path[self->depth++] = element;
      begin (self, element, attribute_names, attribute_values);
    }
}

/* The first of its kind counts. Returns: where to keep the text of @element, or NULL */
static char **
find_place (Reader *self, Element element)
{
  switch (element)
    {
    case ELEMENT_HOST:
      return &self->section.host;
    case ELEMENT_PORT:
      return &self->section.port;
    case ELEMENT_SOCKET:
      return &self->section.socket;
    case ELEMENT_USER:
      return &self->section.user;
    case ELEMENT_OTHER:
    case ELEMENT_CONFIG:
    case ELEMENT_PROVIDER:
    case ELEMENT_TITLE:
    case ELEMENT_DOCUMENTATION:
    case ELEMENT_INCOMING:
    case ELEMENT_OUTGOING:
    case ELEMENT_AUTH:
    default:
      return NULL;
    }
}

static void
on_end (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Reader *self = user_data;
  Element element = self->path[--self->depth];
  g_autofree char *text = g_strstrip (g_strdup (self->text->str));
  char **place = find_place (self, element);

  g_string_truncate (self->text, 0);
  if (place != NULL && *place == NULL && *text != '\0')
    *place = g_steal_pointer (&text);
  else if (element == ELEMENT_AUTH)
    note_auth (&self->section, text, self->is_sasl);
  else if (element == ELEMENT_TITLE && self->config->title == NULL && *text != '\0')
    self->config->title = postseal_printable (text, -1);
  else if (element == ELEMENT_INCOMING || element == ELEMENT_OUTGOING)
    end_section (self, element == ELEMENT_INCOMING);
}

static void
on_text (GMarkupParseContext *context,
         const char *text,
         gsize length,
         gpointer user_data,
         GError **error)
{
  Reader *self = user_data;

  gsize room = TEXT_MAX - MIN (self->text->len, TEXT_MAX);

  /* What is too long is no value of ours: cut, it is none either. */
  if (self->depth > 0 && self->path[self->depth - 1] != ELEMENT_OTHER)
    g_string_append_len (self->text, text, (gssize)MIN (length, room));
}

/* Comments and processing instructions mean nothing; a DTD has no place here (its
   entities are how XML is made to read files and to eat memory). */
static void
on_passthrough (GMarkupParseContext *context,
                const char *text,
                gsize length,
                gpointer user_data,
                GError **error)
{
  if (g_str_has_prefix (text, "<!") && !g_str_has_prefix (text, "<!--"))
    g_set_error (error, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM,
                 _ ("it brings a document type of its own"));
}

static gboolean
read_text (Reader *self, const char *xml, gsize length, GError **error)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, on_passthrough, NULL };
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, self, NULL);

  return g_markup_parse_context_parse (context, xml, (gssize)length, error)
         && g_markup_parse_context_end_parse (context, error);
}

/* What GMarkup would take. */
static gboolean
check_bytes (const char *xml, gsize length, GError **error)
{
  if (length > 0 && memchr (xml, '\0', length) == NULL)
    return TRUE;
  g_set_error_literal (error, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM,
                       length == 0 ? _ ("it is empty") : _ ("it is no text"));
  return FALSE;
}

/* GMarkup quotes what it does not understand. */
static void
set_form_error (GError **error, const GError *cause)
{
  g_autofree char *reason
      = postseal_printable (cause != NULL ? cause->message : _ ("it is too long"), -1);

  g_set_error (error, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM,
               _ ("The settings file cannot be used: %s"), reason);
}

PostsealAutoconfig *
postseal_autoconfig_parse (const char *xml, gsize length, const char *address, GError **error)
{
  static const char mark[] = "\xEF\xBB\xBF"; /* byte order mark */
  g_autoptr (PostsealAutoconfig) config = NULL;
  g_autoptr (GError) cause = NULL;
  Reader reader = { 0 };
  gboolean is_read = FALSE;

  g_return_val_if_fail (xml != NULL || length == 0, NULL);
  g_return_val_if_fail (address != NULL && strchr (address, '@') != NULL, NULL);

  if (length > POSTSEAL_LIMIT_AUTOCONFIG)
    {
      set_form_error (error, NULL);
      return NULL;
    }
  config = g_new0 (PostsealAutoconfig, 1);
  config->incoming = g_ptr_array_new_with_free_func (free_server);
  config->outgoing = g_ptr_array_new_with_free_func (free_server);
  if (length >= 3 && memcmp (xml, mark, 3) == 0)
    {
      xml += 3;
      length -= 3;
    }
  reader.config = config;
  reader.address = address;
  reader.text = g_string_new (NULL);
  is_read = check_bytes (xml, length, &cause) && read_text (&reader, xml, length, &cause);
  clear_section (&reader.section);
  g_string_free (reader.text, TRUE);
  if (is_read)
    return g_steal_pointer (&config);
  set_form_error (error, cause);
  return NULL;
}
