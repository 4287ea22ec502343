/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A seal as a dictionary: the lines of its serialized form, one entry each. */
#include "net/seal.h"

#include <string.h>

GVariant *
postseal_seal_to_variant (const PostsealSeal *self)
{
  GVariantBuilder builder;
  g_autofree char *text = self != NULL ? postseal_seal_serialize (self) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (char **line = lines; *line != NULL; line++)
    {
      char *equals = strchr (*line, '=');
      g_autofree char *valid = NULL;

      if (equals == NULL)
        continue;
      *equals = '\0';
      valid = g_utf8_make_valid (equals + 1, -1);
      g_variant_builder_add (&builder, "{ss}", *line, valid);
    }
  return g_variant_builder_end (&builder);
}

PostsealSeal *
postseal_seal_from_variant (GVariant *variant)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *key;
  const char *value;
  GVariantIter iter;

  g_return_val_if_fail (variant != NULL, NULL);

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "{&s&s}", &key, &value))
    {
      g_autofree char *line = g_strdelimit (g_strconcat (key, "=", value, NULL), "\r\n", ' ');

      g_string_append_printf (text, "%s\n", line);
    }
  return text->len > 0 ? postseal_seal_parse (text->str) : NULL;
}
