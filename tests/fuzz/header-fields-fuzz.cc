/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/header-fields.h"

namespace
{

/* As the first bytes of a message arrive, the end is found when it is there and stays there. */
void
check_end (const std::string &bytes, fuzz::Pieces *pieces)
{
  gsize header_length = 0;
  gsize body_start = 0;
  bool has_end
      = postseal_header_fields_find_end (bytes.data (), bytes.size (), &header_length, &body_start);

  for (size_t length = 0; length < bytes.size (); length += pieces->next ())
    {
      std::vector<char> block (bytes.begin (), bytes.begin () + length);
      gsize same_length = 0;
      gsize same_start = 0;
      bool has_it
          = postseal_header_fields_find_end (block.data (), length, &same_length, &same_start);

      fuzz::demand (has_it == (has_end && length >= body_start), "seen when it is there", bytes);
      fuzz::demand (!has_it || (same_length == header_length && same_start == body_start),
                    "at the same place", bytes);
    }
  if (has_end)
    {
      std::string line = bytes.substr (header_length, body_start - header_length);

      fuzz::demand (line == "\n" || line == "\r\n", "an empty line", bytes, line);
      fuzz::demand (header_length == 0 || bytes[header_length - 1] == '\n', "behind a line", bytes);
    }
}

void
check_field (const PostsealHeaderField &field, const std::string &header)
{
  std::string name = header.substr (field.start, field.name_length);
  std::string rest
      = header.substr (field.value_start + field.value_length,
                       field.start + field.length - field.value_start - field.value_length);

  fuzz::demand (rest.empty () || rest == "\n" || rest == "\r\n", "one line end", header, rest);
  fuzz::demand (name.empty () || header[field.value_start - 1] == ':', "a colon", header, name);
  for (char character : name)
    fuzz::demand (character > ' ' && character <= '~' && character != ':', "a name", header, name);
  if (!name.empty ())
    fuzz::demand (postseal_header_field_is (&field, header.data (), name.c_str ()), "its own name",
                  name);
}

} // namespace

/* The fields are the header, without gap and overlap, and each is a field by itself, too. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  fuzz::Pieces pieces (input.seed);
  std::vector<char> header (input.bytes.begin (), input.bytes.end ());
  g_autoptr (GArray) fields = postseal_header_fields_split (header.data (), header.size ());
  gsize end = 0;

  check_end (input.bytes, &pieces);
  for (guint i = 0; i < fields->len; i++)
    {
      const PostsealHeaderField &field = g_array_index (fields, PostsealHeaderField, i);

      fuzz::demand (field.start == end && field.length > 0, "no gap", input.bytes);
      end = field.start + field.length;
      fuzz::demand (field.value_start >= field.start + field.name_length
                        && field.value_start + field.value_length <= end,
                    "parts in the field", input.bytes);
      check_field (field, input.bytes);

      g_autoptr (GArray) alone
          = postseal_header_fields_split (header.data () + field.start, field.length);
      const PostsealHeaderField &same = g_array_index (alone, PostsealHeaderField, 0);

      fuzz::demand (alone->len == 1
                        && (field.name_length == 0
                            || (same.name_length == field.name_length
                                && same.value_length == field.value_length)),
                    "a field by itself", input.bytes);
    }
  fuzz::demand (end == input.bytes.size (), "all of it", input.bytes);
  return 0;
}
