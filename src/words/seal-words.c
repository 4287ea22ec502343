/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "words/seal-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static char *
format_time (gint64 time, const char *format)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);

  return moment != NULL ? g_date_time_format (moment, format) : g_strdup ("");
}

char *
postseal_seal_words_format_day (gint64 time)
{
  /* TRANSLATORS: a day, as g_date_time_format() has it: "4 March 2027". */
  return format_time (time, _ ("%-d %B %Y"));
}

char *
postseal_seal_words_format_moment (gint64 time)
{
  /* TRANSLATORS: a day and a time, as g_date_time_format() has it. */
  return format_time (time, _ ("%-d %B %Y, %H:%M"));
}

/* What people know an authority by: of a distinguished name the common name. Returns: (transfer
   full) */
static char *
shorten_issuer (const char *issuer)
{
  const char *name = strstr (issuer, "CN=");
  gsize length;

  if (name == NULL)
    return g_strdup (issuer);
  name += strlen ("CN=");
  length = strcspn (name, ",");
  return length > 0 ? g_strndup (name, length) : g_strdup (issuer);
}

static gboolean
is_by_dane (const PostsealSeal *seal)
{
  return seal->voucher == POSTSEAL_VOUCHER_DANE || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN;
}

char *
postseal_seal_words_sum_up (const PostsealSeal *seal)
{
  g_autofree char *issuer = NULL;
  g_autofree char *until = NULL;

  g_return_val_if_fail (seal != NULL, NULL);

  if (seal->voucher == POSTSEAL_VOUCHER_LOOPBACK)
    return g_strdup (_ ("Not encrypted: it never leaves this computer"));
  if (seal->tls_version == NULL)
    return g_strdup (_ ("Not encrypted: others could read and change it"));
  if (seal->voucher == POSTSEAL_VOUCHER_NONE || seal->issuer == NULL)
    return g_strdup_printf (_ ("%s, but nobody vouches for the server"), seal->tls_version);
  issuer = is_by_dane (seal) ? g_strdup ("DANE") : shorten_issuer (seal->issuer);
  until = postseal_seal_words_format_day (seal->not_after);
  if (seal->voucher == POSTSEAL_VOUCHER_CA_PIN || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN)
    /* TRANSLATORS: TLS version, who vouches, a day. */
    return g_strdup_printf (_ ("%s, vouched for by %s until %s, with the very key that you have "
                               "pinned"),
                            seal->tls_version, issuer, until);
  /* TRANSLATORS: TLS version, who vouches, a day. */
  return g_strdup_printf (_ ("%s, vouched for by %s until %s"), seal->tls_version, issuer, until);
}

char *
postseal_seal_words_tell (const PostsealSeal *seal, gint64 time)
{
  g_autofree char *sentence = postseal_seal_words_sum_up (seal);
  g_autofree char *when = time != 0 ? postseal_seal_words_format_moment (time) : NULL;

  if (when == NULL)
    return g_steal_pointer (&sentence);
  /* TRANSLATORS: a sentence about a connection, and when it was made the last time. */
  return g_strdup_printf (_ ("%s\nLast: %s"), sentence, when);
}

/* --- one by one --- */

static void
add (GPtrArray *facts, const char *name, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  g_ptr_array_add (facts, g_strdup (name));
  g_ptr_array_add (facts, g_strdup (value));
}

static const char *
describe_start (const PostsealSeal *seal)
{
  if (seal->tls_version == NULL)
    return NULL;
  return seal->start == POSTSEAL_TLS_START_IMPLICIT ? _ ("From the first byte")
                                                    : _ ("After STARTTLS");
}

static char *
describe_encryption (const PostsealSeal *seal)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  if (seal->tls_version == NULL)
    return g_strdup (_ ("None"));
  g_ptr_array_add (parts, seal->tls_version);
  if (seal->cipher != NULL)
    g_ptr_array_add (parts, seal->cipher);
  if (seal->key_exchange != NULL)
    g_ptr_array_add (parts, seal->key_exchange);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static char *
describe_voucher (const PostsealSeal *seal)
{
  switch (seal->voucher)
    {
    case POSTSEAL_VOUCHER_CA:
    case POSTSEAL_VOUCHER_CA_PIN:
      return postseal_seal_has_dane (seal) && seal->issuer != NULL
                 ? g_strdup_printf ("%s; DANE %s", seal->issuer, seal->dane)
                 : g_strdup (seal->issuer);
    case POSTSEAL_VOUCHER_DANE:
    case POSTSEAL_VOUCHER_DANE_PIN:
      return g_strdup_printf ("DANE %s", seal->dane != NULL ? seal->dane : "");
    case POSTSEAL_VOUCHER_LOOPBACK:
      return g_strdup (_ ("This computer itself"));
    case POSTSEAL_VOUCHER_NONE:
    default:
      return g_strdup (_ ("Nobody"));
    }
}

char **
postseal_seal_words_list (const PostsealSeal *seal)
{
  GPtrArray *facts = g_ptr_array_new ();
  g_autofree char *encryption = NULL;
  g_autofree char *until = NULL;
  g_autofree char *voucher = NULL;

  g_return_val_if_fail (seal != NULL, NULL);

  voucher = describe_voucher (seal);
  encryption = describe_encryption (seal);
  until = seal->not_after != 0 ? postseal_seal_words_format_day (seal->not_after) : NULL;
  add (facts, _ ("Server"), seal->endpoint);
  add (facts, _ ("Its address"), seal->address);
  add (facts, _ ("Who vouches for it"), voucher);
  add (facts, _ ("Under the name"), seal->name);
  add (facts, _ ("Until"), until);
  add (facts, _ ("Encryption"), encryption);
  add (facts, _ ("Begins"), describe_start (seal));
  add (facts, _ ("Its key"), seal->spki);
  add (facts, _ ("You sign in by"), seal->mechanism);
  g_ptr_array_add (facts, NULL);
  return (char **)g_ptr_array_free (facts, FALSE);
}
