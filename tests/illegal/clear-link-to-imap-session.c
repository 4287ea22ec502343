/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incompatible pointer type */
#include "imap/imap-session.h"
#include "net/clear-link-private.h"

#ifdef LEGAL
typedef PostsealSealedLink Link;
#else
typedef PostsealClearLink Link;
#endif

PostsealImapSession *talk (Link *link);

PostsealImapSession *
talk (Link *link)
{
  return postseal_imap_session_new (link, 1000, NULL);
}
