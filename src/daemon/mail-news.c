/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/mail-news.h"

PostsealMailNews *
postseal_mail_news_new (const char *mailbox)
{
  PostsealMailNews *self;

  g_return_val_if_fail (mailbox != NULL, NULL);

  self = g_new0 (PostsealMailNews, 1);
  self->mailbox = g_strdup (mailbox);
  self->files = g_ptr_array_new_with_free_func (g_free);
  return self;
}

PostsealMailNews *
postseal_mail_news_parse (GVariant *details)
{
  PostsealMailNews *self;
  g_autofree const char **files = NULL;
  const char *mailbox = "";

  g_return_val_if_fail (details != NULL, NULL);

  g_variant_lookup (details, "mailbox", "&s", &mailbox);
  self = postseal_mail_news_new (mailbox);
  g_variant_lookup (details, "count", "u", &self->count);
  g_variant_lookup (details, "files", "^a&s", &files);
  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    g_ptr_array_add (self->files, g_strdup (files[i]));
  return self;
}

void
postseal_mail_news_free (PostsealMailNews *self)
{
  if (self == NULL)
    return;
  g_free (self->mailbox);
  g_ptr_array_unref (self->files);
  g_free (self);
}

void
postseal_mail_news_add (PostsealMailNews *self, const PostsealMailNews *more, guint most_files)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (more != NULL);

  self->count += more->count;
  for (guint i = 0; i < more->files->len; i++)
    g_ptr_array_add (self->files, g_strdup (more->files->pdata[i]));
  if (self->files->len > most_files)
    g_ptr_array_remove_range (self->files, 0, self->files->len - most_files);
}
