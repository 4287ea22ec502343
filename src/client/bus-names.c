/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/bus-names-private.h"

char *
_postseal_bus_account_path (const char *name)
{
  g_autofree char *escaped = g_dbus_escape_object_path (name);

  return g_strconcat (POSTSEAL_BUS_ACCOUNTS_PATH, escaped, NULL);
}

gboolean
_postseal_bus_is_property (const char *on_bus, const char *in_c)
{
  for (const char *at = on_bus; *at != '\0'; at++)
    {
      if (at != on_bus && g_ascii_isupper (*at) && *in_c++ != '-')
        return FALSE;
      if (*in_c++ != g_ascii_tolower (*at))
        return FALSE;
    }
  return *in_c == '\0';
}

GParamSpec *
_postseal_bus_find_property (GObjectClass *klass, const char *on_bus)
{
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *at = on_bus; *at != '\0'; at++)
    {
      if (at != on_bus && g_ascii_isupper (*at))
        g_string_append_c (name, '-');
      g_string_append_c (name, g_ascii_tolower (*at));
    }
  return g_object_class_find_property (klass, name->str);
}
