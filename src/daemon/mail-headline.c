/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/mail-headline.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "wire/address-list.h"
#include "wire/encoded-word.h"
#include "wire/header-fields.h"

#define MOST_READ 65536

/* Only a plain file: a name in a mail folder may be anything by now. Returns: (transfer full)
   (nullable) */
static GByteArray *
read_beginning (const char *path)
{
  g_autoptr (GByteArray) block = NULL;
  struct stat status;
  gssize n = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      block = g_byte_array_new ();
      g_byte_array_set_size (block, MOST_READ);
      do
        n = read (fd, block->data, MOST_READ);
      while (n < 0 && errno == EINTR);
      g_byte_array_set_size (block, (guint)MAX (n, 0));
    }
  close (fd);
  return g_steal_pointer (&block);
}

/* What stands before "<" in the first mailbox (RFC 5322 section 3.4), without quotes and comments.
   Returns: (transfer full): "" when there is no such thing */
static char *
find_display_name (const char *value, gsize length)
{
  g_autoptr (GString) name = g_string_new (NULL);
  gboolean is_quoted = FALSE;
  guint comments = 0;

  for (gsize i = 0; i < length; i++)
    {
      char character = value[i];

      if (character == '\\' && i + 1 < length && (is_quoted || comments > 0))
        character = value[++i];
      else if (character == '"' && comments == 0)
        {
          is_quoted = !is_quoted;
          continue;
        }
      else if (!is_quoted && character == '(')
        comments++;
      else if (!is_quoted && character == ')' && comments > 0)
        {
          comments--;
          continue;
        }
      else if (!is_quoted && comments == 0 && character == '<')
        return g_string_free (g_steal_pointer (&name), FALSE);
      else if (!is_quoted && comments == 0 && character == ',')
        break;
      if (comments == 0)
        g_string_append_c (name, character);
    }
  return g_strdup ("");
}

/* Returns: (transfer full) (nullable) */
static char *
make_readable (const char *value, gsize length)
{
  g_autofree char *decoded = postseal_encoded_word_decode (value, length);

  g_strstrip (decoded);
  return *decoded != '\0' ? postseal_printable (decoded, -1) : NULL;
}

/* Returns: (transfer full) (nullable) */
static char *
find_sender (const char *value, gsize length)
{
  g_autofree char *name = find_display_name (value, length);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  char *readable = make_readable (name, strlen (name));

  if (readable != NULL)
    return readable;
  postseal_address_list_parse (value, length, addresses);
  return addresses->len > 0 ? postseal_printable (addresses->pdata[0], -1) : NULL;
}

char *
postseal_mail_headline_read (const char *path)
{
  g_autoptr (GByteArray) block = NULL;
  g_autoptr (GArray) fields = NULL;
  g_autofree char *sender = NULL;
  g_autofree char *subject = NULL;
  const char *header;
  gsize length;
  gsize body;

  g_return_val_if_fail (path != NULL, NULL);

  block = read_beginning (path);
  if (block == NULL || block->len == 0)
    return NULL;
  header = (const char *)block->data;
  if (!postseal_header_fields_find_end (header, block->len, &length, &body))
    length = block->len;
  fields = postseal_header_fields_split (header, length);
  for (guint i = 0; i < fields->len; i++)
    {
      const PostsealHeaderField *field = &g_array_index (fields, PostsealHeaderField, i);
      const char *value = header + field->value_start;

      if (sender == NULL && postseal_header_field_is (field, header, "From"))
        sender = find_sender (value, field->value_length);
      else if (subject == NULL && postseal_header_field_is (field, header, "Subject"))
        subject = make_readable (value, field->value_length);
    }
  if (sender != NULL && subject != NULL)
    return g_strdup_printf (_ ("%s: %s"), sender, subject);
  return sender != NULL ? g_steal_pointer (&sender) : g_steal_pointer (&subject);
}
