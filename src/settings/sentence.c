/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/sentence.h"

#include <string.h>

/* The first word is nobody's to spell in another way: "mail.example.org", "a@b", "~/x", "x:993". */
static gboolean
is_name (const char *text)
{
  gsize length = strcspn (text, " ");

  return length > 1 && strcspn (text, ".@/:") < length - 1;
}

char *
postseal_sentence_begin (const char *text)
{
  g_autofree char *first = NULL;
  g_autofree char *upper = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (*text == '\0' || is_name (text))
    return g_strdup (text);
  first = g_utf8_substring (text, 0, 1);
  upper = g_utf8_strup (first, -1);
  return g_strconcat (upper, text + strlen (first), NULL);
}
