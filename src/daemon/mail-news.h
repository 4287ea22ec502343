/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* New mail in one mailbox: what "mail-arrived" of the service tells, added up until somebody has
   time for it. */
typedef struct
{
  char *mailbox; /* owned */
  guint count;
  GPtrArray *files; /* owned (element-type filename): the newest last, the oldest ones left out */
} PostsealMailNews;

/* Nothing yet. Returns: (transfer full) */
PostsealMailNews *postseal_mail_news_new (const char *mailbox);
/* @details: a{sv}, keys mailbox, count, files. Returns: (transfer full) */
PostsealMailNews *postseal_mail_news_parse (GVariant *details);
void postseal_mail_news_free (PostsealMailNews *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealMailNews, postseal_mail_news_free)

/* Adds what @more tells, whatever its mailbox; the newest @most_files are kept. */
void
postseal_mail_news_add (PostsealMailNews *self, const PostsealMailNews *more, guint most_files);

G_END_DECLS
