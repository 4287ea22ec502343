/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: undeclared */
#include "net/sealed-link.h"

#ifdef LEGAL
#include "net/sealed-link-private.h"
#endif

GCallback reach_constructor (void);

GCallback
reach_constructor (void)
{
  return G_CALLBACK (_postseal_sealed_link_new);
}
