/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "wire/secret-lines.h"

/* Lines that begin with "<" come from the server. Whatever was said before, no exchange shows what
   follows its verb, and nothing is shown on our side until it has ended. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const std::string secret = "c2VjcmV0";
  fuzz::Input input = fuzz::split (data, size);
  PostsealSecretLines lines;

  postseal_secret_lines_init (&lines, (input.seed & 1) != 0, (input.seed & 2) != 0);
  for (size_t start = 0; start < input.bytes.size ();)
    {
      size_t end = std::min (input.bytes.find ('\n', start), input.bytes.size ());
      std::string line = input.bytes.substr (start, end - start);
      bool is_received = !line.empty () && line[0] == '<';
      gsize shown = is_received ? postseal_secret_lines_received (&lines, line.data () + 1,
                                                                  line.size () - 1)
                                : postseal_secret_lines_sent (&lines, line.data (), line.size ());

      fuzz::demand (shown <= line.size () - (is_received ? 1 : 0), "within the line", line);
      start = end + 1;
    }
  for (const std::string &verb : { std::string ("a LOGIN"), std::string ("a AUTHENTICATE PLAIN") })
    {
      std::string line = verb + " " + secret;

      fuzz::demand (postseal_secret_lines_sent (&lines, line.data (), line.size ()) <= verb.size (),
                    "the secret is hidden", input.bytes);
    }
  fuzz::demand (postseal_secret_lines_sent (&lines, secret.data (), secret.size ()) == 0,
                "an exchange is under way", input.bytes);
  postseal_secret_lines_clear (&lines);
  return 0;
}
