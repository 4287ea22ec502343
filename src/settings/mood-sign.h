/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "words/state-words.h"

G_BEGIN_DECLS

/* Has @image show @mood by a sign, so that no meaning is in its colour alone. */
void postseal_mood_sign_show (GtkImage *image, PostsealMood mood);

G_END_DECLS
