/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-span.h"

#include <string.h>

#define LONGEST_SECONDS (G_GINT64_CONSTANT (100) * 366 * 86400)

typedef struct
{
  char letter;
  gint64 seconds;
} Unit;

static const Unit units[] = {
  { 'w', 7 * 86400 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
};

gboolean
postseal_account_span_parse (const char *text, gint64 *ret_seconds)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < G_N_ELEMENTS (units) && length > 1; i++)
    if (text[length - 1] == units[i].letter)
      {
        g_autofree char *number = g_strndup (text, length - 1);
        guint64 count = 0;

        if (!g_ascii_string_to_unsigned (number, 10, 1, LONGEST_SECONDS / units[i].seconds, &count,
                                         NULL))
          return FALSE;
        *ret_seconds = (gint64)count * units[i].seconds;
        return TRUE;
      }
  return FALSE;
}

char *
postseal_account_span_format (gint64 seconds)
{
  /* Not in weeks: who wrote "14d" expects to see it. */
  for (gsize i = 1; i < G_N_ELEMENTS (units); i++)
    if (seconds > 0 && seconds % units[i].seconds == 0)
      return g_strdup_printf ("%" G_GINT64_FORMAT "%c", seconds / units[i].seconds,
                              units[i].letter);
  return g_strdup ("0s");
}
