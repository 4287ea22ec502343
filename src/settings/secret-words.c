/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/secret-words.h"

#include <glib/gi18n.h>
#include <string.h>

/* What stands behind @prefix, or NULL. */
static const char *
find_rest (const char *spec, const char *prefix)
{
  return g_str_has_prefix (spec, prefix) ? spec + strlen (prefix) : NULL;
}

char *
postseal_secret_words_describe (const char *spec)
{
  const char *rest;

  g_return_val_if_fail (spec != NULL, NULL);

  if (strcmp (spec, "secret-service") == 0)
    return g_strdup (_ ("In the keyring of this desktop"));
  if ((rest = find_rest (spec, "command:")) != NULL)
    return g_strdup_printf (_ ("A program tells it: %s"), rest);
  if ((rest = find_rest (spec, "credential:")) != NULL)
    return g_strdup_printf (_ ("The service manager has it as “%s”"), rest);
  if ((rest = find_rest (spec, "file:")) != NULL)
    return g_strdup_printf (_ ("In the file %s, which only you may read"), rest);
  if (g_str_has_prefix (spec, "goa"))
    return g_strdup (_ ("You have signed in under Online Accounts in the settings of this desktop; "
                        "sign in again there if need be"));
  if ((rest = find_rest (spec, "oauth:")) != NULL)
    return g_strdup_printf (_ ("You have signed in at the provider (%s); there is no password on "
                               "this computer"),
                            rest);
  return g_strdup (_ ("Nobody knows where: see “Advanced”"));
}

PostsealSecretCare
postseal_secret_words_judge (const char *spec)
{
  g_return_val_if_fail (spec != NULL, POSTSEAL_SECRET_ELSEWHERE);

  if (strcmp (spec, "secret-service") == 0)
    return POSTSEAL_SECRET_STORED;
  return g_str_has_prefix (spec, "oauth:") ? POSTSEAL_SECRET_CONSENT : POSTSEAL_SECRET_ELSEWHERE;
}
