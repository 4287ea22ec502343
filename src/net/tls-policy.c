/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-policy.h"

#include <string.h>

#define PIN_PREFIX "sha256:"
#define PIN_BASE64_LENGTH 44
#define PIN_LENGTH 32

PostsealTlsPolicy *
postseal_tls_policy_new (PostsealTlsLevel level)
{
  PostsealTlsPolicy *self = g_atomic_rc_box_new0 (PostsealTlsPolicy);

  self->level = level;
  return self;
}

PostsealTlsPolicy *
postseal_tls_policy_ref (PostsealTlsPolicy *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_policy (gpointer data)
{
  PostsealTlsPolicy *self = data;

  g_free (self->ca_file);
  g_free (self->crl_file);
  g_strfreev (self->pins);
  g_free (self->client_certificate);
  g_free (self->client_key);
}

void
postseal_tls_policy_unref (PostsealTlsPolicy *self)
{
  g_atomic_rc_box_release_full (self, clear_policy);
}

gboolean
postseal_tls_pin_is_valid (const char *pin)
{
  g_autofree guchar *bytes = NULL;
  g_autofree char *again = NULL;
  const char *base64 = NULL;
  gsize length = 0;

  if (pin == NULL || !g_str_has_prefix (pin, PIN_PREFIX))
    return FALSE;
  base64 = pin + strlen (PIN_PREFIX);
  if (strlen (base64) != PIN_BASE64_LENGTH)
    return FALSE;
  bytes = g_base64_decode (base64, &length);
  if (length != PIN_LENGTH)
    return FALSE;

  /* g_base64_decode() skips what it does not know; a pin that is not what it spells would never
   * match. */
  again = g_base64_encode (bytes, length);
  return strcmp (again, base64) == 0;
}

/* Length first, so that no two sequences of values run together alike. */
static void
add_value (GChecksum *checksum, const char *value)
{
  g_autofree char *head = NULL;

  if (value == NULL)
    head = g_strdup ("-;");
  else
    head = g_strdup_printf ("%" G_GSIZE_FORMAT ":", strlen (value));
  g_checksum_update (checksum, (const guchar *)head, -1);
  if (value != NULL)
    g_checksum_update (checksum, (const guchar *)value, -1);
}

char *
postseal_tls_policy_digest (const PostsealTlsPolicy *self)
{
  g_autoptr (GChecksum) checksum = NULL;
  g_autofree char *numbers = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  numbers = g_strdup_printf ("%d,%d,%u,%d", self->level, self->min,
                             self->pins != NULL ? g_strv_length (self->pins) : 0, self->dane);
  add_value (checksum, numbers);
  add_value (checksum, self->ca_file);
  add_value (checksum, self->crl_file);
  add_value (checksum, self->client_certificate);
  add_value (checksum, self->client_key);
  for (char **pin = self->pins; pin != NULL && *pin != NULL; pin++)
    add_value (checksum, *pin);
  return g_strdup (g_checksum_get_string (checksum));
}
