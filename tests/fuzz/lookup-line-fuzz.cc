/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <vector>

#include "net/lookup-line-private.h"
#include "fuzz/fuzz.h"

namespace
{

/* As postseal-lookup would write it, from its values alone. */
std::string
write_again (const PostsealLookupLine &line)
{
  static const char *const errors[]
      = { "nothing", "unreachable", "bogus", "unproven", nullptr, "redirected" };
  std::string id = " " + std::to_string (line.id) + " ";

  switch (line.kind)
    {
    case POSTSEAL_LOOKUP_LINE_RECORD:
      return "record" + id + std::to_string (line.priority) + " " + std::to_string (line.weight)
             + " " + std::to_string (line.port) + " " + (*line.host != '\0' ? line.host : ".");
    case POSTSEAL_LOOKUP_LINE_TLSA:
      fuzz::demand (strlen (line.text) % 2 == 0, "whole bytes", line.text);
      return "tlsa" + id + line.host + " " + std::to_string (line.tlsa[0]) + " "
             + std::to_string (line.tlsa[1]) + " " + std::to_string (line.tlsa[2]) + " "
             + (*line.text != '\0' ? line.text : "-");
    case POSTSEAL_LOOKUP_LINE_TEXT:
      return "text" + id + (*line.text != '\0' ? line.text : "-");
    case POSTSEAL_LOOKUP_LINE_END:
      return "end" + id + (line.is_secure ? "secure" : "insecure");
    case POSTSEAL_LOOKUP_LINE_BODY:
      return "body" + id + line.host + " " + line.text;
    case POSTSEAL_LOOKUP_LINE_ERROR:
    default:
      fuzz::demand (line.code != POSTSEAL_LOOKUP_ERROR_PROGRAM, "an error of its own", "");
      return "error" + id + errors[line.code] + " " + line.text;
    }
}

void
check_host (const char *host)
{
  fuzz::demand (strlen (host) <= 253, "short", host);
  for (const char *c = host; *c != '\0'; c++)
    fuzz::demand (g_ascii_isgraph (*c) && !g_ascii_isupper (*c) && strchr ("/@\\%", *c) == nullptr,
                  "nothing but a host", host);
}

} // namespace

/* Every line that makes sense can be written so that it reads the same, and what it calls a host
   can be nothing else. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  std::string bytes (reinterpret_cast<const char *> (data), size);
  std::string text = bytes.c_str ();
  PostsealLookupLine line, again;

  if (!_postseal_lookup_line_parse (&line, text.data ()))
    return 0;
  if (line.kind == POSTSEAL_LOOKUP_LINE_RECORD || line.kind == POSTSEAL_LOOKUP_LINE_TLSA
      || line.kind == POSTSEAL_LOOKUP_LINE_BODY)
    check_host (line.host);

  std::string once = write_again (line);
  std::string copy = once;
  fuzz::demand (_postseal_lookup_line_parse (&again, copy.data ()), "sense again", bytes, once);
  fuzz::demand (write_again (again) == once, "the same", bytes, once);
  return 0;
}
