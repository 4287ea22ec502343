/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/dkim-key.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/tag-list.h"

#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define ED25519_BITS 256

void
postseal_dkim_key_free (PostsealDkimKey *self)
{
  if (self == NULL)
    return;
  g_free (self->algorithm);
  g_free (self);
}

/* --- how long an RSA key is: the modulus of its SubjectPublicKeyInfo --- */

typedef struct
{
  const guint8 *data;
  gsize length;
} Der;

/* Takes the header of a value of @tag. Returns: FALSE when that is not what comes next */
static gboolean
enter (Der *self, guint8 tag, gsize *ret_length)
{
  gsize length, n_bytes = 0;

  if (self->length < 2 || self->data[0] != tag)
    return FALSE;
  length = self->data[1];
  if (length >= 0x80)
    {
      n_bytes = length - 0x80;
      if (n_bytes == 0 || n_bytes > 2 || self->length < 2 + n_bytes)
        return FALSE;
      length = 0;
      for (gsize i = 0; i < n_bytes; i++)
        length = length << 8 | self->data[2 + i];
    }
  self->data += 2 + n_bytes;
  self->length -= 2 + n_bytes;
  *ret_length = length;
  return length <= self->length;
}

static void
skip (Der *self, gsize length)
{
  self->data += length;
  self->length -= length;
}

/* Returns: 0 when it is no such key */
static guint
count_bits (const guint8 *data, gsize size)
{
  Der der = { data, size };
  gsize length;

  if (!enter (&der, DER_SEQUENCE, &length))
    return 0;
  /* The algorithm and the wrapping of RFC 5280; old keys are without (RFC 6376 section 3.6.1). */
  if (der.length > 0 && der.data[0] == DER_SEQUENCE)
    {
      if (!enter (&der, DER_SEQUENCE, &length))
        return 0;
      skip (&der, length);
      if (!enter (&der, DER_BIT_STRING, &length) || der.length < 1)
        return 0;
      skip (&der, 1);
      if (!enter (&der, DER_SEQUENCE, &length))
        return 0;
    }
  if (!enter (&der, DER_INTEGER, &length))
    return 0;
  while (length > 0 && der.data[0] == 0)
    {
      skip (&der, 1);
      length--;
    }
  return length > 0 ? (guint)(length * 8 - (gsize)__builtin_clz (der.data[0]) + 24) : 0;
}

/* --- the record --- */

static gboolean
has_flag (const char *flags, const char *flag)
{
  g_auto (GStrv) list = g_strsplit (flags != NULL ? flags : "", ":", -1);

  for (gsize i = 0; list[i] != NULL; i++)
    if (strcmp (g_strstrip (list[i]), flag) == 0)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full) (nullable): what is wrong */
static char *
take_key (PostsealDkimKey *self, const char *text)
{
  g_autofree guint8 *data = NULL;
  gsize length = 0;

  self->is_revoked = *text == '\0';
  if (self->is_revoked)
    return NULL;
  data = g_base64_decode (text, &length);
  if (strcmp (self->algorithm, "rsa") == 0)
    self->bits = count_bits (data, length);
  else if (strcmp (self->algorithm, "ed25519") == 0 && length == ED25519_BITS / 8)
    self->bits = ED25519_BITS;
  else if (strcmp (self->algorithm, "ed25519") != 0)
    return NULL;
  return self->bits == 0 ? g_strdup (_ ("what stands there is no key")) : NULL;
}

PostsealDkimKey *
postseal_dkim_key_parse (const char *text, char **ret_flaw)
{
  g_autoptr (PostsealDkimKey) self = g_new0 (PostsealDkimKey, 1);
  g_autoptr (PostsealTagList) tags = postseal_tag_list_parse (text, ret_flaw);
  const char *version, *algorithm, *key;
  char *flaw = NULL;

  if (tags == NULL)
    return NULL;
  version = postseal_tag_list_get (tags, "v");
  algorithm = postseal_tag_list_get (tags, "k");
  key = postseal_tag_list_get (tags, "p");
  self->algorithm = g_strdup (algorithm != NULL ? algorithm : "rsa");
  self->is_testing = has_flag (postseal_tag_list_get (tags, "t"), "y");
  if (version != NULL && strcmp (version, "DKIM1") != 0)
    flaw = g_strdup (_ ("its version is not DKIM1"));
  else if (key == NULL)
    flaw = g_strdup (_ ("it has no “p=”"));
  else
    flaw = take_key (self, key);
  if (flaw == NULL)
    return g_steal_pointer (&self);
  *ret_flaw = flaw;
  return NULL;
}
