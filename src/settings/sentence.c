/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/sentence.h"

#include <string.h>

char *
postseal_sentence_begin (const char *text)
{
  g_autofree char *first = NULL;
  g_autofree char *upper = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (*text == '\0')
    return g_strdup (text);
  first = g_utf8_substring (text, 0, 1);
  upper = g_utf8_strup (first, -1);
  return g_strconcat (upper, text + strlen (first), NULL);
}
