/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Who writes: address, name, further senders. Its fields do all the work. */
#define POSTSEAL_TYPE_PERSON_GROUP (postseal_person_group_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealPersonGroup, postseal_person_group, POSTSEAL, PERSON_GROUP, AdwPreferencesGroup)

/* @sends: further senders are of use */
void postseal_person_group_set_sends (PostsealPersonGroup *self, gboolean sends);

G_END_DECLS
