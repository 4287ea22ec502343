/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* When the server is looked at for new mail, and who is told of it. Its fields do all the work. */
#define POSTSEAL_TYPE_NEWS_GROUP (postseal_news_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealNewsGroup, postseal_news_group, POSTSEAL, NEWS_GROUP, AdwPreferencesGroup)

G_END_DECLS
