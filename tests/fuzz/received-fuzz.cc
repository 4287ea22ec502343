/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/received.h"

namespace
{

void
add (std::string *all, const char *text)
{
  *all += text != nullptr ? std::string ("=") + text + "\n" : "-\n";
}

std::string
read (const std::string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (PostsealReceived) self = postseal_received_parse (bytes.data (), bytes.size ());
  std::string all;

  for (const char *text :
       { self->from, self->from_name, self->from_address, self->by, self->via, self->with, self->id,
         self->recipient, self->comment, self->tls_version, self->cipher })
    add (&all, text);
  fuzz::demand (self->from_address == nullptr || g_hostname_is_ip_address (self->from_address),
                "an address", value);
  fuzz::demand (!postseal_received_is_loopback (self) || !postseal_received_is_private (self),
                "one of them", value);
  return all + std::to_string (self->way) + " " + std::to_string (self->time) + " "
         + std::to_string (self->is_whole);
}

} // namespace

/* Folding and the amount of white space mean nothing. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string value (reinterpret_cast<const char *> (data), size), folded;
  std::string plain = read (value);

  if (value.find ('\\') != std::string::npos)
    return 0;
  for (char character : value)
    folded += character == ' ' ? "\r\n\t " : std::string (1, character);
  fuzz::demand (read (folded) == plain, "folded", value, folded);
  return 0;
}
