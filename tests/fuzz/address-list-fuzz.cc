/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "fuzz/fuzz.h"
#include "wire/address-list.h"

namespace
{

struct List
{
  bool is_understood;
  std::vector<std::string> addresses;

  bool
  operator== (const List &other) const
  {
    return is_understood == other.is_understood && addresses == other.addresses;
  }
};

List
parse (const std::string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  List list = { bool (postseal_address_list_parse (bytes.data (), bytes.size (), found)), {} };

  for (guint i = 0; i < found->len; i++)
    list.addresses.push_back (static_cast<const char *> (g_ptr_array_index (found, i)));
  return list;
}

} // namespace

/* Every address that is found is found in itself again, alone, between brackets and behind a name,
   and a list of those found is the same list. White space that was left out may have parted what
   is an encoded word without it: not where one could begin. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string value (reinterpret_cast<const char *> (data), size);
  List list = parse (value);
  std::string joined;

  if (value.find ("=?") != std::string::npos)
    return 0;
  for (const std::string &address : list.addresses)
    {
      List alone = { true, { address } };

      fuzz::demand (!address.empty (), "something", value);
      fuzz::demand (parse (address) == alone, "found again", value, address);
      fuzz::demand (parse ("<" + address + ">") == alone, "in brackets", value, address);
      fuzz::demand (parse ("(c) \"N, <\" J. Doe\r\n <" + address + "> (x),") == alone,
                    "with a name", value, address);
      joined += address + ",\r\n ";
    }
  fuzz::demand (parse (joined) == List{ true, list.addresses }, "the same list", value, joined);
  fuzz::demand (parse ("G:" + joined + ";").addresses == list.addresses, "as a group", joined);
  return 0;
}
