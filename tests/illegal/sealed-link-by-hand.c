/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incomplete */
#include "net/sealed-link.h"

#ifdef LEGAL
struct _PostsealSealedLink
{
  int nothing;
};
#endif

gsize measure (void);

gsize
measure (void)
{
  return sizeof (PostsealSealedLink);
}
