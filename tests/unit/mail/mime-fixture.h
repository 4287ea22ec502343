/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gmime/gmime.h>

#include <string>
#include <vector>

#include "temp-dir.h"

namespace postseal_test
{

/* A message as another reader sees it. */
class ParsedMessage
{
public:
  explicit ParsedMessage (const std::string &text)
  {
    g_mime_init ();
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer (text.data (), text.size ());
    GMimeParser *parser = g_mime_parser_new_with_stream (stream);

    message_ = g_mime_parser_construct_message (parser, nullptr);
    g_object_unref (parser);
    g_object_unref (stream);
  }

  ~ParsedMessage () { g_object_unref (message_); }

  ParsedMessage (const ParsedMessage &) = delete;
  ParsedMessage &operator= (const ParsedMessage &) = delete;

  /* "" when absent. */
  std::string
  header (const char *name) const
  {
    std::string value = header_of (GMIME_OBJECT (message_), name);

    return value != "" ? value : header_of (g_mime_message_get_mime_part (message_), name);
  }

  std::string
  type () const
  {
    return type_of (g_mime_message_get_mime_part (message_));
  }

  GMimeObject *
  part (int index) const
  {
    GMimeObject *top = g_mime_message_get_mime_part (message_);

    return GMIME_IS_MULTIPART (top) ? g_mime_multipart_get_part (GMIME_MULTIPART (top), index)
                                    : nullptr;
  }

  int
  n_parts () const
  {
    return g_mime_multipart_get_count (GMIME_MULTIPART (g_mime_message_get_mime_part (message_)));
  }

  GMimeMessage *
  get () const
  {
    return message_;
  }

  static std::string
  header_of (GMimeObject *object, const char *name)
  {
    const char *value = g_mime_object_get_header (object, name);

    return value != nullptr ? value : "";
  }

  static std::string
  type_of (GMimeObject *object)
  {
    char *type = g_mime_content_type_get_mime_type (g_mime_object_get_content_type (object));
    std::string text = type;

    g_free (type);
    return text;
  }

  /* Decoded content of a leaf; the whole text of a message part. */
  static std::string
  content_of (GMimeObject *object)
  {
    GMimeStream *stream = g_mime_stream_mem_new ();

    if (GMIME_IS_MESSAGE_PART (object))
      g_mime_object_write_to_stream (
          GMIME_OBJECT (g_mime_message_part_get_message (GMIME_MESSAGE_PART (object))), nullptr,
          stream);
    else
      g_mime_data_wrapper_write_to_stream (g_mime_part_get_content (GMIME_PART (object)), stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array (GMIME_STREAM_MEM (stream));
    std::string text ((const char *)bytes->data, bytes->len);

    g_object_unref (stream);
    return text;
  }

private:
  GMimeMessage *message_;
};

/* Forgets the highest memory use so far (proc(5)). */
inline void
reset_peak_memory ()
{
  std::ofstream ("/proc/self/clear_refs") << "5";
}

/* What is freed is really free: not with AddressSanitizer, which keeps it for a while. */
#ifdef __SANITIZE_ADDRESS__
constexpr bool CAN_MEASURE_MEMORY = false;
#else
constexpr bool CAN_MEASURE_MEMORY = true;
#endif

/* The highest memory use since then, in KiB. */
inline long
peak_memory ()
{
  std::ifstream in ("/proc/self/status");
  std::string word;
  long peak = -1;

  while (in >> word)
    if (word == "VmHWM:")
      in >> peak;
  return peak;
}

/* What Python's email package prints, asked by @script about the files in sys.argv. */
inline std::string
ask_python (const char *script, const std::vector<std::string> &files)
{
  std::vector<const char *> argv = { "python3", "-c", script };
  char *out = nullptr;
  int status = 0;

  for (const auto &file : files)
    argv.push_back (file.c_str ());
  argv.push_back (nullptr);
  if (!g_spawn_sync (nullptr, (char **)argv.data (), nullptr, G_SPAWN_SEARCH_PATH, nullptr, nullptr,
                     &out, nullptr, &status, nullptr))
    return "python3 cannot be run";
  std::string text = out;

  g_free (out);
  return text + (status != 0 ? "[failed]" : "");
}

} // namespace postseal_test
