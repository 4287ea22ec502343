/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/seal.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SECONDS_A_DAY (24 * 60 * 60)

/* Indexed by the enumerations; part of the ledger's format. */
static const char *const voucher_words[]
    = { "ca", "ca+pin", "loopback", "none", "dane", "dane+pin", NULL };
static const char *const protocol_words[] = { "imap", "pop3", "smtp", NULL };
static const char *const start_words[] = { "implicit", "upgrade", NULL };

/* The string fields, by their keys. */
static const struct
{
  const char *key;
  gsize offset;
} strings[] = {
  { "address", G_STRUCT_OFFSET (PostsealSeal, address) },
  { "cipher", G_STRUCT_OFFSET (PostsealSeal, cipher) },
  { "dane", G_STRUCT_OFFSET (PostsealSeal, dane) },
  { "dane-before", G_STRUCT_OFFSET (PostsealSeal, dane_before) },
  { "endpoint", G_STRUCT_OFFSET (PostsealSeal, endpoint) },
  { "issuer", G_STRUCT_OFFSET (PostsealSeal, issuer) },
  { "key-change", G_STRUCT_OFFSET (PostsealSeal, key_change) },
  { "key-exchange", G_STRUCT_OFFSET (PostsealSeal, key_exchange) },
  { "mechanism", G_STRUCT_OFFSET (PostsealSeal, mechanism) },
  { "name", G_STRUCT_OFFSET (PostsealSeal, name) },
  { "spki", G_STRUCT_OFFSET (PostsealSeal, spki) },
  { "tls-before", G_STRUCT_OFFSET (PostsealSeal, tls_before) },
  { "tls-version", G_STRUCT_OFFSET (PostsealSeal, tls_version) },
};

static char **
string_field (const PostsealSeal *self, guint index)
{
  return (char **)G_STRUCT_MEMBER_P (self, strings[index].offset);
}

PostsealSeal *
postseal_seal_new (void)
{
  PostsealSeal *self = g_atomic_rc_box_new0 (PostsealSeal);

  self->voucher = POSTSEAL_VOUCHER_NONE;
  return self;
}

PostsealSeal *
postseal_seal_ref (PostsealSeal *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_seal (gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (*string_field (data, i));
}

void
postseal_seal_unref (PostsealSeal *self)
{
  g_atomic_rc_box_release_full (self, clear_seal);
}

void
postseal_seal_set_mechanism (PostsealSeal *self, const char *mechanism)
{
  g_return_if_fail (self != NULL);

  g_free (self->mechanism);
  self->mechanism = g_strdup (mechanism);
}

gboolean
postseal_seal_is_verified (const PostsealSeal *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->voucher != POSTSEAL_VOUCHER_LOOPBACK && self->voucher != POSTSEAL_VOUCHER_NONE;
}

gboolean
postseal_seal_has_dane (const PostsealSeal *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->dane != NULL && g_ascii_isdigit (*self->dane);
}

static char *
describe_voucher (const PostsealSeal *self)
{
  switch (self->voucher)
    {
    case POSTSEAL_VOUCHER_CA:
      return g_strdup_printf (_ ("%s vouched for by %s"), self->name, self->issuer);
    case POSTSEAL_VOUCHER_CA_PIN:
      return g_strdup_printf (_ ("%s vouched for by %s and by its pinned key"), self->name,
                              self->issuer);
    case POSTSEAL_VOUCHER_DANE:
      return g_strdup_printf (_ ("%s vouched for by %s"), self->name, "DANE");
    case POSTSEAL_VOUCHER_DANE_PIN:
      return g_strdup_printf (_ ("%s vouched for by %s and by its pinned key"), self->name, "DANE");
    case POSTSEAL_VOUCHER_LOOPBACK:
      return g_strdup_printf (_ ("this machine (%s)"), self->address);
    case POSTSEAL_VOUCHER_NONE:
    default:
      return g_strdup_printf (_ ("nobody vouched for %s"), self->endpoint);
    }
}

/* Returns: (transfer full) (nullable): NULL when there is nothing to tell */
static char *
describe_dane (const PostsealSeal *self)
{
  if (postseal_seal_has_dane (self))
    return g_strdup_printf ("DANE %s", self->dane);
  if (g_strcmp0 (self->dane, "bogus") == 0)
    return g_strdup (_ ("the DNS is signed wrongly"));
  if (g_strcmp0 (self->dane, "unreachable") == 0)
    return g_strdup (_ ("the DNS does not say whether it has DANE"));
  return NULL;
}

char *
postseal_seal_to_string (const PostsealSeal *self, gint64 now)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  char *dane = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  g_ptr_array_add (parts, g_strdup (self->tls_version != NULL ? self->tls_version : _ ("no TLS")));
  if (self->cipher != NULL)
    g_ptr_array_add (parts, g_strdup (self->cipher));
  g_ptr_array_add (parts, describe_voucher (self));
  dane = describe_dane (self);
  if (dane != NULL)
    g_ptr_array_add (parts, dane);
  if (self->not_after > now)
    {
      gulong days = (gulong)((self->not_after - now) / SECONDS_A_DAY);

      g_ptr_array_add (parts,
                       g_strdup_printf (ngettext ("%lu day left", "%lu days left", days), days));
    }
  else if (self->not_after != 0)
    g_ptr_array_add (parts, g_strdup (_ ("expired")));
  if (self->mechanism != NULL)
    g_ptr_array_add (parts, g_strdup (self->mechanism));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char *
postseal_seal_serialize (const PostsealSeal *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      const char *value = *string_field (self, i);

      /* Printable values hold no line end; one that does must not be able to forge a fact. */
      if (value != NULL)
        g_ptr_array_add (
            lines, g_strdelimit (g_strconcat (strings[i].key, "=", value, NULL), "\r\n", ' '));
    }
  g_ptr_array_add (lines, g_strconcat ("voucher=", voucher_words[self->voucher], NULL));
  g_ptr_array_add (lines, g_strconcat ("protocol=", protocol_words[self->protocol], NULL));
  g_ptr_array_add (lines, g_strconcat ("start=", start_words[self->start], NULL));
  g_ptr_array_add (lines, g_strdup_printf ("not-after=%" G_GINT64_FORMAT, self->not_after));
  g_ptr_array_add (lines, g_strconcat ("resumed=", self->resumed ? "yes" : "no", NULL));
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, g_strdup ("")); /* a line end after the last line, too */
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

/* The index of @value in @words, or -1. */
static int
find_word (const char *const *words, const char *value)
{
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], value) == 0)
      return i;
  return -1;
}

/* Takes one fact; FALSE when its value makes no sense. Keys of a later version are passed over. */
static gboolean
parse_fact (PostsealSeal *self, const char *key, const char *value)
{
  int word = 0;

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (strcmp (strings[i].key, key) == 0)
      {
        g_free (*string_field (self, i));
        *string_field (self, i) = g_strdup (value);
        return TRUE;
      }
  if (strcmp (key, "voucher") == 0)
    self->voucher = word = find_word (voucher_words, value);
  else if (strcmp (key, "protocol") == 0)
    self->protocol = word = find_word (protocol_words, value);
  else if (strcmp (key, "start") == 0)
    self->start = word = find_word (start_words, value);
  else if (strcmp (key, "resumed") == 0)
    self->resumed = strcmp (value, "yes") == 0;
  else if (strcmp (key, "not-after") == 0)
    return g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &self->not_after, NULL);
  return word >= 0;
}

PostsealSeal *
postseal_seal_parse (const char *text)
{
  g_autoptr (PostsealSeal) self = postseal_seal_new ();
  g_auto (GStrv) lines = NULL;
  gboolean has_voucher = FALSE;

  g_return_val_if_fail (text != NULL, NULL);

  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *equals = strchr (*line, '=');

      if (**line == '\0')
        continue;
      if (equals == NULL)
        return NULL;
      *equals = '\0';
      if (!parse_fact (self, *line, equals + 1))
        return NULL;
      has_voucher = has_voucher || strcmp (*line, "voucher") == 0;
    }
  return has_voucher && self->endpoint != NULL ? g_steal_pointer (&self) : NULL;
}
