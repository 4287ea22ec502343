/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/spf-record.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "base/printable.h"

#define VERSION "v=spf1"

/* Whether a mechanism has a value. */
typedef enum
{
  VALUE_NONE,
  VALUE_MAY,
  VALUE_MUST,
} Need;

static const struct
{
  const char *name;
  PostsealSpfKind kind;
  Need need;
  gboolean asks;
} mechanisms[] = {
  { "all", POSTSEAL_SPF_ALL, VALUE_NONE, FALSE },
  { "include", POSTSEAL_SPF_INCLUDE, VALUE_MUST, TRUE },
  { "a", POSTSEAL_SPF_A, VALUE_MAY, TRUE },
  { "mx", POSTSEAL_SPF_MX, VALUE_MAY, TRUE },
  { "ptr", POSTSEAL_SPF_PTR, VALUE_MAY, TRUE },
  { "ip4", POSTSEAL_SPF_IP4, VALUE_MUST, FALSE },
  { "ip6", POSTSEAL_SPF_IP6, VALUE_MUST, FALSE },
  { "exists", POSTSEAL_SPF_EXISTS, VALUE_MUST, TRUE },
};

static void
free_term (gpointer data)
{
  PostsealSpfTerm *self = data;

  g_free (self->value);
  g_free (self->text);
  g_free (self);
}

gboolean
postseal_spf_record_is (const char *text)
{
  return g_ascii_strncasecmp (text, VERSION, strlen (VERSION)) == 0
         && (text[strlen (VERSION)] == '\0' || text[strlen (VERSION)] == ' ');
}

/* "192.0.2.0/24" or without the length. */
static gboolean
is_network (const char *text, GSocketFamily family)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 2);
  g_autoptr (GInetAddress) address = parts[0] ? g_inet_address_new_from_string (parts[0]) : NULL;
  guint64 most = family == G_SOCKET_FAMILY_IPV4 ? 32 : 128;

  return address != NULL && g_inet_address_get_family (address) == family
         && (parts[1] == NULL || g_ascii_string_to_unsigned (parts[1], 10, 0, most, NULL, NULL));
}

/* Returns: whether the value makes sense for the mechanism. */
static gboolean
take_value (PostsealSpfTerm *self, const char *value, Need need)
{
  char *slash;

  if (need == VALUE_NONE)
    return value == NULL;
  if (value == NULL || (*value == '/' && need == VALUE_MAY))
    {
      self->value = g_strdup ("");
      return need == VALUE_MAY;
    }
  self->value = g_strdup (*value == ':' ? value + 1 : "");
  if (self->kind == POSTSEAL_SPF_IP4)
    return is_network (self->value, G_SOCKET_FAMILY_IPV4);
  if (self->kind == POSTSEAL_SPF_IP6)
    return is_network (self->value, G_SOCKET_FAMILY_IPV6);
  slash = strchr (self->value, '/');
  if (slash != NULL && need == VALUE_MAY)
    *slash = '\0';
  return *self->value != '\0' && (slash == NULL || need == VALUE_MAY);
}

/* @text: after the qualifier. Returns: FALSE when it is no mechanism that anybody knows */
static gboolean
take_mechanism (PostsealSpfTerm *self, const char *text)
{
  gsize length = strcspn (text, ":/");

  for (gsize i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (strlen (mechanisms[i].name) == length
        && g_ascii_strncasecmp (text, mechanisms[i].name, length) == 0)
      {
        self->kind = mechanisms[i].kind;
        return take_value (self, text[length] != '\0' ? text + length : NULL, mechanisms[i].need);
      }
  return FALSE;
}

/* RFC 7208 section 6: NAME=VALUE. */
static gboolean
take_modifier (PostsealSpfTerm *self, const char *text, gsize length)
{
  if (!g_ascii_isalpha (*text))
    return FALSE;
  for (gsize i = 1; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_.", text[i]) == NULL)
      return FALSE;
  self->value = g_strdup (text + length + 1);
  self->kind = POSTSEAL_SPF_OTHER;
  if (length == strlen ("redirect") && g_ascii_strncasecmp (text, "redirect", length) == 0)
    self->kind = POSTSEAL_SPF_REDIRECT;
  else if (length == strlen ("exp") && g_ascii_strncasecmp (text, "exp", length) == 0)
    self->kind = POSTSEAL_SPF_EXP;
  return self->kind == POSTSEAL_SPF_OTHER || *self->value != '\0';
}

static gboolean
take_term (PostsealSpfTerm *self, const char *text)
{
  gsize equals = strcspn (text, "=");
  gsize other = strcspn (text, ":/");

  if (text[equals] == '=' && equals < other)
    return take_modifier (self, text, equals);
  self->qualifier = '+';
  if (strchr ("+-~?", *text) != NULL)
    self->qualifier = *text++;
  return take_mechanism (self, text);
}

GPtrArray *
postseal_spf_record_parse (const char *text, char **ret_flaw)
{
  g_autoptr (GPtrArray) terms = g_ptr_array_new_with_free_func (free_term);
  g_auto (GStrv) words = g_strsplit (text + strlen (VERSION), " ", -1);

  for (gsize i = 0; words[i] != NULL; i++)
    {
      PostsealSpfTerm *term;

      if (*words[i] == '\0')
        continue;
      term = g_new0 (PostsealSpfTerm, 1);
      term->text = g_strdup (words[i]);
      g_ptr_array_add (terms, term);
      if (!take_term (term, words[i]))
        {
          g_autofree char *shown = postseal_printable (words[i], -1);

          *ret_flaw = g_strdup_printf (_ ("“%s” is nothing that SPF knows"), shown);
          return NULL;
        }
    }
  return g_steal_pointer (&terms);
}

gboolean
postseal_spf_term_asks (const PostsealSpfTerm *self)
{
  if (self->kind == POSTSEAL_SPF_REDIRECT)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    if (mechanisms[i].kind == self->kind)
      return mechanisms[i].asks;
  return FALSE;
}
