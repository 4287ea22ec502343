/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <algorithm>
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/imap-sets.h"

/* The numbers of a set, sorted and written in commands of any length, are the same numbers. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) again = g_array_new (FALSE, FALSE, sizeof (guint32));

  if (!postseal_imap_sets_to_array (input.bytes.c_str (), 10000, numbers))
    {
      fuzz::demand (numbers->len == 0, "failure changes nothing", input.bytes);
      return 0;
    }

  const guint32 *first = &g_array_index (numbers, guint32, 0);
  std::vector<guint32> sorted (first, first + numbers->len);
  std::sort (sorted.begin (), sorted.end ());
  for (size_t done = 0; done < sorted.size ();)
    {
      g_autoptr (GString) set = g_string_new (nullptr);
      gsize max_length = 21 + input.seed;
      gsize used = postseal_imap_sets_append (set, sorted.data () + done, sorted.size () - done,
                                              max_length);

      fuzz::demand (used > 0 && set->len <= max_length, "a set within its length", set->str);
      fuzz::demand (postseal_imap_sets_to_array (set->str, 10000, again), "a set", set->str);
      done += used;
    }

  sorted.erase (std::unique (sorted.begin (), sorted.end ()), sorted.end ());
  first = &g_array_index (again, guint32, 0);
  std::vector<guint32> result (first, first + again->len);
  result.erase (std::unique (result.begin (), result.end ()), result.end ());
  fuzz::demand (result == sorted, "the same numbers", input.bytes);
  return 0;
}
