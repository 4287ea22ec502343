/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Diagnostic: incompatible pointer type */
#include "net/channel.h"
#include "net/clear-link-private.h"

#ifdef LEGAL
typedef PostsealSealedLink Link;
#else
typedef PostsealClearLink Link;
#endif

PostsealChannel *pump (Link *link, const PostsealChannelHandler *handler);

PostsealChannel *
pump (Link *link, const PostsealChannelHandler *handler)
{
  return postseal_channel_new (link, 1000, NULL, handler, NULL);
}
