/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/probe-talk-private.h"

#include <vector>

#include "fuzz/fuzz.h"

namespace
{

constexpr size_t kMostLines = 1000; /* of one answer; it must be less */

const PostsealProbeQuestion questions[] = {
  POSTSEAL_PROBE_QUESTION_GREETING, POSTSEAL_PROBE_QUESTION_CAPABILITIES,
  POSTSEAL_PROBE_QUESTION_HELO,     POSTSEAL_PROBE_QUESTION_UPGRADE,
  POSTSEAL_PROBE_QUESTION_GOODBYE,
};

std::vector<std::string>
split_lines (const std::string &bytes)
{
  std::vector<std::string> lines;

  for (size_t start = 0; start < bytes.size ();)
    {
      size_t end = std::min (bytes.find ('\n', start), bytes.size ());

      lines.push_back (bytes.substr (start, end - start));
      start = end + 1;
    }
  return lines;
}

void
check_printable (const char *text)
{
  fuzz::demand (g_utf8_validate (text, -1, nullptr), "text", text);
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    fuzz::demand (!g_unichar_iscntrl (g_utf8_get_char (at)), "nothing but text", text);
}

/* What a conversation comes to: all questions in turn, as long as they are answered. @end: of each
   line. */
std::string
talk (PostsealProtocol protocol, const std::vector<std::string> &lines, const std::string &end)
{
  PostsealProbeTalk *self = _postseal_probe_talk_new (protocol);
  std::string story;
  size_t at = 0;

  for (PostsealProbeQuestion question : questions)
    {
      g_autofree char *said = _postseal_probe_talk_ask (self, question, "[192.0.2.1]");
      PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_MORE;
      size_t count = 0;

      for (; answer == POSTSEAL_PROBE_ANSWER_MORE && at < lines.size (); at++, count++)
        {
          std::string line = lines[at] + end;
          std::vector<char> exact (line.begin (), line.end ());
          const char *bytes = exact.empty () ? "" : exact.data ();

          _postseal_probe_talk_is_for_stowaway (self, bytes, exact.size ());
          answer = _postseal_probe_talk_hear (self, bytes, exact.size ());
          fuzz::demand (answer <= POSTSEAL_PROBE_ANSWER_STRANGE, "an answer of the protocol", line);
        }
      fuzz::demand (count < kMostLines, "an end", said != nullptr ? said : "greeting");
      check_printable (_postseal_probe_talk_get_line (self));
      g_auto (GStrv) caps = _postseal_probe_talk_get_caps (self);
      for (char **cap = caps; *cap != nullptr; cap++)
        check_printable (*cap);
      g_autofree char *list = g_strjoinv ("|", caps);
      story += std::to_string (answer) + " " + _postseal_probe_talk_get_line (self) + " " + list
               + (_postseal_probe_talk_offers_upgrade (self) ? " offered\n" : "\n");
    }
  _postseal_probe_talk_free (self);
  return story;
}

} // namespace

/* A server may end its lines with LF or CR LF, and nothing of what it says is shown as it is. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz::Input input = fuzz::split (data, size);
  std::vector<std::string> lines = split_lines (input.bytes);
  auto protocol = static_cast<PostsealProtocol> (input.seed % 3);

  for (std::string &line : lines)
    while (!line.empty () && line.back () == '\r')
      line.pop_back ();
  std::string bare = talk (protocol, lines, "");
  std::string whole = talk (protocol, lines, "\r");
  fuzz::demand (bare == whole, "line ends", bare, whole);
  return 0;
}
