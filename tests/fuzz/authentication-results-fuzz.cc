/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "base/limits.h"
#include "fuzz/fuzz.h"
#include "wire/authentication-results.h"

namespace
{

std::string
read (const std::string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (PostsealAuthenticationResults) self
      = postseal_authentication_results_parse (bytes.data (), bytes.size ());
  std::string all = self->authserv_id != nullptr ? self->authserv_id : "-";

  fuzz::demand (self->results->len <= POSTSEAL_LIMIT_AUTHENTICATION_RESULTS, "bounded", value);
  for (guint i = 0; i < self->results->len; i++)
    {
      auto result
          = static_cast<PostsealAuthenticationResult *> (g_ptr_array_index (self->results, i));
      guint n_names = g_strv_length (result->names);

      fuzz::demand (result->method != nullptr && result->result != nullptr, "a result", value);
      fuzz::demand (n_names == g_strv_length (result->values), "pairs", value);
      fuzz::demand (n_names <= POSTSEAL_LIMIT_AUTHENTICATION_PROPERTIES, "bounded", value);
      all += std::string ("\n") + result->method + "=" + result->result + " "
             + (result->reason != nullptr ? result->reason : "-");
      for (guint j = 0; j < n_names; j++)
        {
          all += std::string (" ") + result->names[j] + "=" + result->values[j];
          fuzz::demand (postseal_authentication_result_get (result, result->names[j]) != nullptr,
                        "found", value);
        }
    }
  return all + std::to_string (self->version) + std::to_string (self->is_whole);
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
