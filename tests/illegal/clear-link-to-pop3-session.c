/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incompatible pointer type */
#include "pop3/pop3-session.h"
#include "net/clear-link-private.h"

#ifdef LEGAL
typedef PostsealSealedLink Link;
#else
typedef PostsealClearLink Link;
#endif

PostsealPop3Session *talk (Link *link);

PostsealPop3Session *
talk (Link *link)
{
  return postseal_pop3_session_new (link, 1000, NULL);
}
