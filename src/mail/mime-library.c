/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/mime-library.h"

#include <gmime/gmime.h>

void
_postseal_mime_library_ensure (void)
{
  static gsize is_ready;

  if (g_once_init_enter (&is_ready))
    {
      g_mime_init ();
      g_once_init_leave (&is_ready, 1);
    }
}
