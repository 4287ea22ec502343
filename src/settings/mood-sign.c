/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/mood-sign.h"

static const char *const styles[] = {
  [POSTSEAL_MOOD_GOOD] = "success",
  [POSTSEAL_MOOD_QUIET] = "dim-label",
  [POSTSEAL_MOOD_WORRIED] = "warning",
  [POSTSEAL_MOOD_STUCK] = "error",
};

void
postseal_mood_sign_show (GtkImage *image, PostsealMood mood)
{
  g_return_if_fail (GTK_IS_IMAGE (image));
  g_return_if_fail (mood < G_N_ELEMENTS (styles));

  gtk_image_set_from_icon_name (image, postseal_state_words_get_icon (mood));
  gtk_widget_set_css_classes (GTK_WIDGET (image), (const char *[]){ styles[mood], NULL });
}
