/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incompatible pointer type */
#include "auth/sasl.h"
#include "net/clear-link-private.h"

#ifdef LEGAL
typedef PostsealSealedLink Link;
#else
typedef PostsealClearLink Link;
#endif

PostsealSasl *sign_in (Link *link);

PostsealSasl *
sign_in (Link *link)
{
  return postseal_sasl_new (link, "EXTERNAL", "jane", NULL, FALSE);
}
