/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What servers say about TLS in comments of a Received field. Only where the server speaks itself:
   what a client calls itself stands in comments, too. */
#include <string.h>

#include "wire/received-private.h"

/* "TLSv1.3", "TLS1_3", "TLS 1.3", "TLSv1", "SSLv3". Returns: what follows, or NULL when it is no
   version; @ret_version: (transfer full) */
static const char *
read_version (const char *text, char **ret_version)
{
  const char *at = text + 3;
  char major, minor = '0';
  gboolean is_ssl = g_ascii_strncasecmp (text, "SSL", 3) == 0;

  if (!is_ssl && g_ascii_strncasecmp (text, "TLS", 3) != 0)
    return NULL;
  if (*at == ' ')
    at++;
  if (*at == 'v' || *at == 'V')
    at++;
  if (!g_ascii_isdigit (*at))
    return NULL;
  major = *at++;
  if ((*at == '.' || *at == '_') && g_ascii_isdigit (at[1]))
    {
      minor = at[1];
      at += 2;
    }
  *ret_version
      = is_ssl ? g_strdup_printf ("SSL %c", major) : g_strdup_printf ("TLS %c.%c", major, minor);
  return at;
}

static void
take_cipher (PostsealReceived *self, const char *text)
{
  gsize length = strcspn (text, " ,;:");

  if (self->cipher == NULL && length > 0)
    self->cipher = g_strndup (text, length);
}

static void
take_version (PostsealReceived *self, char *version)
{
  g_free (self->tls_version);
  self->tls_version = version;
}

/* Postfix: "using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) ..." */
static gboolean
read_postfix (PostsealReceived *self, const char *comment)
{
  const char *cipher = strstr (comment, " with cipher ");
  char *version = NULL;

  if (!g_str_has_prefix (comment, "using ")
      || read_version (comment + strlen ("using "), &version) == NULL)
    return FALSE;
  take_version (self, version);
  if (cipher != NULL)
    take_cipher (self, cipher + strlen (" with cipher "));
  return TRUE;
}

/* Sendmail, Gmail, Microsoft: "version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256" */
static gboolean
read_pairs (PostsealReceived *self, const char *comment)
{
  const char *cipher = strstr (comment, "cipher=");
  char *version = NULL;

  if (!g_str_has_prefix (comment, "version=")
      || read_version (comment + strlen ("version="), &version) == NULL)
    return FALSE;
  take_version (self, version);
  if (cipher != NULL)
    take_cipher (self, cipher + strlen ("cipher="));
  return TRUE;
}

/* Exim: "TLS1.3", "TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256"; our own: "TLS 1.3, AES-256-GCM, ..."
 */
static gboolean
read_exim (PostsealReceived *self, const char *comment)
{
  char *version = NULL;
  const char *rest = read_version (comment, &version);

  if (rest == NULL)
    return FALSE;
  take_version (self, version);
  if (*rest == ':' || *rest == ',')
    take_cipher (self, rest + 1 + strspn (rest + 1, " "));
  return TRUE;
}

/* qmail: "TLS_AES_256_GCM_SHA384 encrypted" */
static gboolean
read_qmail (PostsealReceived *self, const char *comment)
{
  const char *space = strchr (comment, ' ');

  if (space == NULL || strcmp (space, " encrypted") != 0)
    return FALSE;
  take_cipher (self, comment);
  return TRUE;
}

gboolean
_postseal_received_read_tls (PostsealReceived *self,
                             PostsealReceivedClause clause,
                             const char *comment)
{
  if (read_postfix (self, comment))
    return TRUE;
  if (clause == RECEIVED_FROM)
    return FALSE;
  return read_pairs (self, comment) || (clause != RECEIVED_FOR && read_exim (self, comment))
         || (clause == RECEIVED_WITH && read_qmail (self, comment));
}
