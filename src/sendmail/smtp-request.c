/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/smtp-request.h"

#include <string.h>

#define LONGEST_ENVID 100 /* RFC 3461 section 4.4 */
#define LONGEST_ORCPT 500 /* section 4.2 */

/* --- the path --- */

/* Returns: behind the ">", or NULL */
static const char *
parse_path (PostsealSmtpRequest *self, const char *text)
{
  gboolean is_quoted = FALSE;
  const char *at;

  text += strspn (text, " ");
  if (*text != '<')
    return NULL;
  for (at = text + 1; *at != '\0' && (is_quoted || *at != '>'); at++)
    {
      if (is_quoted && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        is_quoted = !is_quoted;
    }
  if (*at != '>' || (at[1] != '\0' && at[1] != ' '))
    return NULL;
  self->address = g_strndup (text + 1, (gsize)(at - text) - 1);
  return at + 1;
}

/* --- the parameters --- */

static int
read_hex_pair (const char *text)
{
  int high = g_ascii_xdigit_value (text[0]);
  int low = high >= 0 ? g_ascii_xdigit_value (text[1]) : -1;

  return low >= 0 ? high * 16 + low : -1;
}

/* RFC 3461 section 4. Returns: (nullable): NULL when @value is no xtext of @longest printable
   characters */
static char *
decode_xtext (const char *value, gsize longest)
{
  g_autoptr (GString) decoded = g_string_new (NULL);

  for (; *value != '\0'; value++)
    {
      int octet = *value;

      if (octet == '+')
        {
          octet = read_hex_pair (value + 1);
          value += octet >= 0 ? 2 : 0;
        }
      else if (octet == '=')
        return NULL;
      if (octet <= 0x20 || octet >= 0x7f)
        return NULL;
      g_string_append_c (decoded, (char)octet);
    }
  return decoded->len > 0 && decoded->len <= longest
             ? g_string_free (g_steal_pointer (&decoded), FALSE)
             : NULL;
}

static gboolean
take_size (PostsealSmtpRequest *self, const char *value)
{
  return g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &self->size, NULL);
}

static gboolean
take_body (PostsealSmtpRequest *self, const char *value)
{
  return g_ascii_strcasecmp (value, "7BIT") == 0 || g_ascii_strcasecmp (value, "8BITMIME") == 0;
}

static gboolean
take_ret (PostsealSmtpRequest *self, const char *value)
{
  if (g_ascii_strcasecmp (value, "FULL") == 0)
    self->ret = POSTSEAL_SMTP_RETURN_FULL;
  else if (g_ascii_strcasecmp (value, "HDRS") == 0)
    self->ret = POSTSEAL_SMTP_RETURN_HEADERS;
  return self->ret != POSTSEAL_SMTP_RETURN_UNSET;
}

static gboolean
take_envid (PostsealSmtpRequest *self, const char *value)
{
  self->envid = decode_xtext (value, LONGEST_ENVID);
  return self->envid != NULL;
}

static gboolean
take_smtputf8 (PostsealSmtpRequest *self, const char *value)
{
  self->smtputf8 = TRUE;
  return value == NULL;
}

static gboolean
take_notify (PostsealSmtpRequest *self, const char *value)
{
  g_auto (GStrv) words = g_strsplit (value, ",", -1);

  for (gsize i = 0; words[i] != NULL; i++)
    if (g_ascii_strcasecmp (words[i], "SUCCESS") == 0)
      self->notify |= POSTSEAL_SMTP_NOTIFY_SUCCESS;
    else if (g_ascii_strcasecmp (words[i], "FAILURE") == 0)
      self->notify |= POSTSEAL_SMTP_NOTIFY_FAILURE;
    else if (g_ascii_strcasecmp (words[i], "DELAY") == 0)
      self->notify |= POSTSEAL_SMTP_NOTIFY_DELAY;
    else if (g_ascii_strcasecmp (words[i], "NEVER") == 0 && i == 0 && words[1] == NULL)
      self->notify = POSTSEAL_SMTP_NOTIFY_NEVER;
    else
      return FALSE;
  return self->notify != 0;
}

/* The address as it was in front of whoever speaks here is not carried on: to the servers behind,
   this is where the message begins. */
static gboolean
take_orcpt (PostsealSmtpRequest *self, const char *value)
{
  const char *semicolon = strchr (value, ';');

  return semicolon != NULL && semicolon > value && strlen (value) <= LONGEST_ORCPT;
}

typedef struct
{
  const char *keyword;
  gboolean has_value;
  gboolean (*take) (PostsealSmtpRequest *self, const char *value);
} Parameter;

static const Parameter mail_parameters[] = {
  { "SIZE", TRUE, take_size },   { "BODY", TRUE, take_body },          { "RET", TRUE, take_ret },
  { "ENVID", TRUE, take_envid }, { "SMTPUTF8", FALSE, take_smtputf8 },
};

static const Parameter rcpt_parameters[] = {
  { "NOTIFY", TRUE, take_notify },
  { "ORCPT", TRUE, take_orcpt },
};

static PostsealSmtpRequestProblem
parse_parameter (
    PostsealSmtpRequest *self, const Parameter *known, gsize n_known, const char *word, guint *seen)
{
  const char *equals = strchr (word, '=');
  g_autofree char *keyword
      = g_strndup (word, equals != NULL ? (gsize)(equals - word) : strlen (word));
  const char *value = equals != NULL ? equals + 1 : NULL;

  for (gsize i = 0; i < n_known; i++)
    {
      if (g_ascii_strcasecmp (keyword, known[i].keyword) != 0)
        continue;
      if ((*seen & 1u << i) != 0 || known[i].has_value != (value != NULL)
          || !known[i].take (self, value))
        return POSTSEAL_SMTP_REQUEST_VALUE;
      *seen |= 1u << i;
      return POSTSEAL_SMTP_REQUEST_OK;
    }
  return POSTSEAL_SMTP_REQUEST_PARAMETER;
}

static PostsealSmtpRequestProblem
parse (PostsealSmtpRequest *self, const char *text, const Parameter *known, gsize n_known)
{
  g_auto (GStrv) words = NULL;
  guint seen = 0;

  postseal_smtp_request_clear (self);
  text = parse_path (self, text);
  if (text == NULL)
    return POSTSEAL_SMTP_REQUEST_SYNTAX;
  words = g_strsplit (text, " ", -1);
  for (gsize i = 0; words[i] != NULL; i++)
    {
      PostsealSmtpRequestProblem problem;

      if (*words[i] == '\0')
        continue;
      problem = parse_parameter (self, known, n_known, words[i], &seen);
      if (problem != POSTSEAL_SMTP_REQUEST_OK)
        return problem;
    }
  return POSTSEAL_SMTP_REQUEST_OK;
}

PostsealSmtpRequestProblem
postseal_smtp_request_parse_mail (PostsealSmtpRequest *self, const char *text)
{
  return parse (self, text, mail_parameters, G_N_ELEMENTS (mail_parameters));
}

PostsealSmtpRequestProblem
postseal_smtp_request_parse_rcpt (PostsealSmtpRequest *self, const char *text)
{
  return parse (self, text, rcpt_parameters, G_N_ELEMENTS (rcpt_parameters));
}

void
postseal_smtp_request_clear (PostsealSmtpRequest *self)
{
  g_free (self->address);
  g_free (self->envid);
  memset (self, 0, sizeof *self);
}
