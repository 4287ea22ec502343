/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incompatible pointer type */
#include "smtp/smtp-session.h"
#include "net/clear-link-private.h"

#ifdef LEGAL
typedef PostsealSealedLink Link;
#else
typedef PostsealClearLink Link;
#endif

PostsealSmtpSession *talk (Link *link);

PostsealSmtpSession *
talk (Link *link)
{
  return postseal_smtp_session_new (link, 1000, NULL);
}
