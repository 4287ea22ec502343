/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include <string>

namespace postseal_test
{

/* Words of @window that stand out from what is behind them by less than @least, one line each; ""
   when there are none. From 1 to 21, as WCAG 2.1 (1.4.3) reckons: the lightest against the darkest
   of @picture where they stand. What cannot be operated may be faint. */
std::string find_faint (GtkWidget *window, GdkTexture *picture, double least);

} // namespace postseal_test
