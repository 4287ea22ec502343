/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/pop3-reply.h"

namespace
{

bool
lies_within (const char *part, gsize part_length, const std::vector<char> &line)
{
  return part >= line.data () && part + part_length <= line.data () + line.size ();
}

} // namespace

/* Every function sees every line, in memory that ends where it ends; values are parts of the line.
 */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::vector<char> line (data, data + size);
  PostsealPop3Reply reply;
  guint32 number;
  guint64 message_size;
  const char *uidl;
  gsize uidl_length;
  g_autofree char *name = nullptr;
  g_autofree char *arguments = nullptr;

  if (size == 0)
    return 0;

  postseal_pop3_reply_parse (line.data (), size, &reply);
  fuzz::demand (reply.length == 0 || lies_within (reply.text, reply.length, line),
                "text in the line");

  if (postseal_pop3_parse_list_line (line.data (), size, &number, &message_size))
    {
      std::string again = std::to_string (number) + " " + std::to_string (message_size);
      guint32 same_number;
      guint64 same_size;

      fuzz::demand (
          postseal_pop3_parse_list_line (again.data (), again.size (), &same_number, &same_size)
              && number == same_number && message_size == same_size,
          "a listing line", again);
    }

  if (postseal_pop3_parse_stat (line.data (), size, &number, &message_size))
    {
      std::string again = std::to_string (number) + " " + std::to_string (message_size);
      guint32 same_number;
      guint64 same_size;

      fuzz::demand (
          postseal_pop3_parse_stat (again.data (), again.size (), &same_number, &same_size)
              && number == same_number && message_size == same_size,
          "what STAT says", again);
    }

  if (postseal_pop3_parse_uidl_line (line.data (), size, &number, &uidl, &uidl_length))
    {
      fuzz::demand (lies_within (uidl, uidl_length, line) && uidl_length >= 1
                        && uidl_length <= POSTSEAL_POP3_UIDL_MAX,
                    "UIDL in the line");
      for (gsize i = 0; i < uidl_length; i++)
        fuzz::demand (static_cast<guchar> (uidl[i]) > ' ' && uidl[i] != 0x7f,
                      "UIDL without controls");
    }

  if (postseal_pop3_parse_capability_line (line.data (), size, &name, &arguments))
    fuzz::demand (name != nullptr && *name != '\0' && arguments != nullptr, "a capability");
  return 0;
}
