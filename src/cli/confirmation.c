/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/confirmation.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The word, or its first letter. */
static gboolean
is_word (const char *answer, const char *word)
{
  g_autofree char *given = g_utf8_casefold (answer, -1);
  g_autofree char *whole = g_utf8_casefold (word, -1);
  gsize first = (gsize)(g_utf8_next_char (whole) - whole);

  return strcmp (given, whole) == 0
         || (strlen (given) == first && strncmp (given, whole, first) == 0);
}

/* Returns: FALSE when it is none */
static gboolean
read_answer (const char *line, gboolean is_yes_usual, gboolean *ret_is_yes)
{
  /* Translators: what a person answers to a question. Its first letter alone will do, too. */
  const char *yes = C_ ("answer", "yes");
  const char *no = C_ ("answer", "no");
  g_autofree char *answer = g_strstrip (g_utf8_make_valid (line, -1));
  gboolean is_no = is_word (answer, "no") || is_word (answer, no);

  *ret_is_yes = is_word (answer, "yes") || is_word (answer, yes);
  if (*answer == '\0')
    *ret_is_yes = is_yes_usual;
  return *ret_is_yes || is_no || *answer == '\0';
}

gboolean
postseal_confirmation_ask (const char *question, gboolean is_yes_usual)
{
  /* Translators: the first letters of "yes" and "no"; the capital is what Enter alone means. */
  const char *choice = is_yes_usual ? _ ("[Y/n]") : _ ("[y/N]");
  gboolean is_yes = FALSE;
  gboolean is_answer = FALSE;
  size_t size = 0;
  char *line = NULL;

  while (!is_answer)
    {
      g_print ("%s %s ", question, choice);
      fflush (stdout);
      if (getline (&line, &size, stdin) < 0)
        break;
      is_answer = read_answer (line, is_yes_usual, &is_yes);
    }
  free (line);
  return is_yes;
}
