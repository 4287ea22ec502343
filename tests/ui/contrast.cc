/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ui/reach.h"

namespace postseal_test
{

namespace
{

class Pixels
{
public:
  explicit Pixels (GdkTexture *texture)
      : width_ (gdk_texture_get_width (texture)), height_ (gdk_texture_get_height (texture)),
        data_ (size_t (width_) * size_t (height_) * 4)
  {
    gdk_texture_download (texture, data_.data (), size_t (width_) * 4);
  }

  /* Returns: 1 where there is only one colour, or nothing */
  double
  get_contrast (const graphene_rect_t &place) const
  {
    double least = 1, most = 0;

    for (int y = std::max (0, int (place.origin.y));
         y < std::min (height_, int (place.origin.y + place.size.height)); y++)
      for (int x = std::max (0, int (place.origin.x));
           x < std::min (width_, int (place.origin.x + place.size.width)); x++)
        {
          const double light = get_luminance (x, y);

          least = std::min (least, light);
          most = std::max (most, light);
        }
    return most < least ? 1 : (most + 0.05) / (least + 0.05);
  }

private:
  static double
  to_linear (unsigned char value)
  {
    const double part = value / 255.0;

    return part <= 0.04045 ? part / 12.92 : std::pow ((part + 0.055) / 1.055, 2.4);
  }

  /* GDK_MEMORY_DEFAULT: blue, green, red, alpha on little endian. */
  double
  get_luminance (int x, int y) const
  {
    static const std::vector<double> linear = [] {
      std::vector<double> values;
      for (int i = 0; i < 256; i++)
        values.push_back (to_linear (static_cast<unsigned char> (i)));
      return values;
    }();
    guint32 pixel = 0;

    std::copy_n (data_.data () + (size_t (y) * size_t (width_) + size_t (x)) * 4, 4,
                 reinterpret_cast<guchar *> (&pixel));
    return 0.2126 * linear[pixel >> 16 & 0xff] + 0.7152 * linear[pixel >> 8 & 0xff]
           + 0.0722 * linear[pixel & 0xff];
  }

  int width_, height_;
  std::vector<guchar> data_;
};

/* All of it, and not what has been scrolled over it. */
bool
is_in_sight (GtkWidget *label, GtkWidget *window, graphene_rect_t *place)
{
  GtkWidget *view = gtk_widget_get_ancestor (label, GTK_TYPE_VIEWPORT);
  graphene_rect_t frame;

  if (!gtk_widget_compute_bounds (label, window, place))
    return false;
  return view == nullptr
         || (gtk_widget_compute_bounds (view, window, &frame)
             && graphene_rect_contains_rect (&frame, place));
}

} // namespace

std::string
find_faint (GtkWidget *window, GdkTexture *picture, double least)
{
  const Pixels pixels (picture);
  std::string faults;

  walk (window, [&] (GtkWidget *widget) {
    graphene_rect_t place;

    if (!GTK_IS_LABEL (widget) || *gtk_label_get_text (GTK_LABEL (widget)) == '\0'
        || !gtk_widget_is_sensitive (widget) || !is_in_sight (widget, window, &place))
      return;
    if (const double contrast = pixels.get_contrast (place); contrast < least)
      faults += std::to_string (contrast) + ": “" + gtk_label_get_text (GTK_LABEL (widget)) + "”\n";
  });
  return faults;
}

} // namespace postseal_test
