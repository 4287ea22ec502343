/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/mood-sign.h"

static const struct
{
  const char *icon;
  const char *style;
} signs[] = {
  [POSTSEAL_MOOD_GOOD] = { "channel-secure-symbolic", "success" },
  [POSTSEAL_MOOD_QUIET] = { "content-loading-symbolic", "dim-label" },
  [POSTSEAL_MOOD_WORRIED] = { "dialog-warning-symbolic", "warning" },
  [POSTSEAL_MOOD_STUCK] = { "dialog-error-symbolic", "error" },
};

void
postseal_mood_sign_show (GtkImage *image, PostsealMood mood)
{
  g_return_if_fail (GTK_IS_IMAGE (image));
  g_return_if_fail (mood < G_N_ELEMENTS (signs));

  gtk_image_set_from_icon_name (image, signs[mood].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (image), (const char *[]){ signs[mood].style, NULL });
}
