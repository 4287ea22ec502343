/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/suggest.h"

#include <string.h>

#define LONGEST 64

/* Edits (insert, delete, replace, swap neighbours) that turn one word into the other. */
static guint
count_edits (const char *a, const char *b)
{
  gsize length_a = strlen (a);
  gsize length_b = strlen (b);
  guint rows[3][LONGEST + 1];

  if (length_a > LONGEST || length_b > LONGEST)
    return G_MAXUINT;

  for (gsize j = 0; j <= length_b; j++)
    rows[0][j] = j;
  for (gsize i = 1; i <= length_a; i++)
    {
      guint *row = rows[i % 3];
      const guint *above = rows[(i - 1) % 3];
      const guint *two_above = rows[(i + 1) % 3];

      row[0] = i;
      for (gsize j = 1; j <= length_b; j++)
        {
          gboolean is_same = g_ascii_tolower (a[i - 1]) == g_ascii_tolower (b[j - 1]);

          row[j] = MIN (above[j] + 1, row[j - 1] + 1);
          row[j] = MIN (row[j], above[j - 1] + (is_same ? 0 : 1));
          if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = MIN (row[j], two_above[j - 2] + 1);
        }
    }
  return rows[length_a % 3][length_b];
}

const char *
postseal_suggest (const char *word, const char *const *choices)
{
  const char *nearest = NULL;
  guint fewest = 0;

  g_return_val_if_fail (word != NULL, NULL);
  g_return_val_if_fail (choices != NULL, NULL);

  for (gsize i = 0; choices[i] != NULL; i++)
    {
      guint edits = count_edits (word, choices[i]);
      guint allowed = MAX (1, MIN (strlen (word), strlen (choices[i])) / 3);

      if (edits <= allowed && (nearest == NULL || edits < fewest))
        {
          nearest = choices[i];
          fewest = edits;
        }
    }
  return nearest;
}
