/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/message-name.h"

#include <string.h>
#include <unistd.h>

#include "base/digest.h"

#define HASH_BYTES 8
#define HASH_DIGITS (2 * HASH_BYTES)
#define HOST_LENGTH 64

static char *
make_host (void)
{
  char name[256] = { 0 };

  if (gethostname (name, sizeof name - 1) != 0 || *name == '\0')
    return g_strdup ("localhost");
  name[HOST_LENGTH] = '\0';
  for (char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && *c != '.' && *c != '-')
      *c = '-';
  return g_strdup (name);
}

static const char *
get_host (void)
{
  static gsize host;

  if (g_once_init_enter (&host))
    g_once_init_leave (&host, (gsize)make_host ());
  return (const char *)host;
}

/* "TIME.MUSECPpidQn": never twice on this machine, as long as process ids are not reused within a
 * microsecond. */
static char *
make_unique (void)
{
  static gint counter;
  gint64 now = g_get_real_time ();

  return g_strdup_printf ("%" G_GINT64_FORMAT ".M%06dP%dQ%d", now / G_USEC_PER_SEC,
                          (int)(now % G_USEC_PER_SEC), (int)getpid (),
                          g_atomic_int_add (&counter, 1));
}

static void
add_field (PostsealDigest *digest, const char *text)
{
  postseal_digest_update (digest, text, strlen (text) + 1);
}

static char *
finish_short (PostsealDigest *digest)
{
  guint8 value[POSTSEAL_DIGEST_LENGTH];

  postseal_digest_finish (digest, value);
  return postseal_digest_to_hex (value, HASH_BYTES);
}

char *
_postseal_message_name_owner (const char *account, const char *state_dir)
{
  PostsealDigest *digest = postseal_digest_new ();

  add_field (digest, account);
  add_field (digest, state_dir);
  return finish_short (digest);
}

char *
_postseal_message_name_make_staged (const char *owner)
{
  g_autofree char *unique = make_unique ();

  return g_strdup_printf ("%s_postseal-%s.%s", unique, owner, get_host ());
}

gboolean
_postseal_message_name_is_staged_by (const char *name, const char *owner)
{
  g_autofree char *mark = g_strdup_printf ("_postseal-%s.", owner);

  return strstr (name, mark) != NULL;
}

char *
_postseal_message_name_make (const char *account,
                             const char *mailbox,
                             guint32 uid_validity,
                             guint32 uid,
                             const char *uidl,
                             guint32 occurrence,
                             const guint8 *content)
{
  PostsealDigest *digest = postseal_digest_new ();
  guint32 numbers[]
      = { GUINT32_TO_BE (uid_validity), GUINT32_TO_BE (uid), GUINT32_TO_BE (occurrence) };
  g_autofree char *unique = make_unique ();
  g_autofree char *content_hash = postseal_digest_to_hex (content, HASH_BYTES);
  g_autofree char *id_hash = NULL;

  add_field (digest, account);
  add_field (digest, mailbox);
  add_field (digest, uidl != NULL ? uidl : "");
  postseal_digest_update (digest, numbers, sizeof numbers);
  id_hash = finish_short (digest);
  return g_strdup_printf ("%s_%s_%s.%s", unique, id_hash, content_hash, get_host ());
}

char *
_postseal_message_name_make_other (const char *name)
{
  g_autofree char *unique = make_unique ();
  const char *rest = strchr (name, '_');

  return g_strconcat (unique, rest != NULL ? rest : name, NULL);
}

static gboolean
is_hash (const char *text)
{
  for (int i = 0; i < HASH_DIGITS; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

char *
_postseal_message_name_get_key (const char *name)
{
  const gsize length = 1 + HASH_DIGITS + 1 + HASH_DIGITS + 1;
  const char *key = strchr (name, '_');

  if (key == NULL || strnlen (key, length) < length || !is_hash (key + 1)
      || key[1 + HASH_DIGITS] != '_' || !is_hash (key + 2 + HASH_DIGITS) || key[length - 1] != '.')
    return NULL;
  return g_strndup (key, length);
}

gboolean
postseal_message_name_read_content (const char *name, guint8 *ret_content)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (name != NULL, FALSE);

  key = _postseal_message_name_get_key (name);
  for (int i = 0; key != NULL && i < HASH_BYTES; i++)
    {
      const char *digits = key + 2 + HASH_DIGITS + 2 * i;

      ret_content[i]
          = (guint8)(g_ascii_xdigit_value (digits[0]) << 4 | g_ascii_xdigit_value (digits[1]));
    }
  return key != NULL;
}
