/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "wire/imap-parser.h"

/* Writes out everything an IMAP parser tells, in one notation, so that tests and fuzz targets can
   compare runs that were fed or asked differently. */
namespace imap_transcript
{

/* nullptr: nothing is streamed */
using WantsStream = std::function<bool (const PostsealImapResponse *, guint64 length)>;

inline void
show_values (std::string &out, const PostsealImapValue *value, std::deque<std::string> &streamed)
{
  for (const char *gap = ""; value != nullptr; value = value->next, gap = " ")
    {
      std::string bytes = "<streamed>";

      out += gap;
      if (value->bytes != nullptr)
        bytes.assign (value->bytes, static_cast<size_t> (value->length));
      else if (value->type == POSTSEAL_IMAP_VALUE_LITERAL && !streamed.empty ())
        {
          bytes = streamed.front ();
          streamed.pop_front ();
        }
      if (value->bytes != nullptr && value->bytes[value->length] != '\0')
        out += "<NO NUL>";
      switch (value->type)
        {
        case POSTSEAL_IMAP_VALUE_ATOM:
          out += bytes;
          break;
        case POSTSEAL_IMAP_VALUE_QUOTED:
          out += '"' + bytes + '"';
          break;
        case POSTSEAL_IMAP_VALUE_LITERAL:
          out += '{' + std::to_string (value->length) + '}' + bytes;
          break;
        case POSTSEAL_IMAP_VALUE_LIST:
          out += '(';
          show_values (out, value->first_child, streamed);
          out += ')';
          break;
        case POSTSEAL_IMAP_VALUE_NIL:
          out += '<' + bytes + '>';
          break;
        }
    }
}

inline std::string
show (const PostsealImapResponse *response, std::deque<std::string> streamed = {})
{
  static const char *const kinds[] = { "DATA", "OK", "NO", "BAD", "BYE", "PREAUTH", "+" };
  std::string out = kinds[response->kind];

  if (response->tag != nullptr)
    out += std::string (" tag=") + response->tag;
  if (response->has_number)
    out += " #" + std::to_string (response->number);
  if (response->name != nullptr)
    out += std::string (" ") + response->name;
  if (response->values != nullptr)
    {
      out += ": ";
      show_values (out, response->values, streamed);
    }
  if (response->code != nullptr)
    {
      out += std::string (" [") + response->code;
      if (response->code_values != nullptr)
        out += ' ';
      show_values (out, response->code_values, streamed);
      out += ']';
    }
  if (response->kind != POSTSEAL_IMAP_RESPONSE_DATA)
    out += std::string (" '") + response->text + "'";
  return out;
}

/* All of @input, in pieces of at most piece_length (offset) bytes: one line a response; "BAD
   problem". Streamed literals are shown with
   their bytes, like kept ones. */
inline std::string
run (const std::string &input,
     const std::function<size_t (size_t offset)> &piece_length,
     const WantsStream &wants_stream = nullptr)
{
  g_autoptr (PostsealImapParser) parser = postseal_imap_parser_new ();
  std::string out;
  std::deque<std::string> streamed;
  size_t offset = 0;

  while (offset < input.size ())
    {
      size_t length
          = std::min (std::max<size_t> (piece_length (offset), 1), input.size () - offset);
      /* A copy, so that reading beyond the piece, or after it is gone, is seen by a sanitizer. */
      std::vector<char> piece (input.begin () + offset, input.begin () + offset + length);
      size_t used = 0;

      offset += length;
      while (used < length)
        {
          gsize consumed = 0;
          gsize chunk_length = 0;
          const char *chunk;

          switch (
              postseal_imap_parser_feed (parser, piece.data () + used, length - used, &consumed))
            {
            case POSTSEAL_IMAP_PARSER_MORE:
              if (consumed != length - used)
                return out + "MORE WITHOUT USING ALL\n";
              break;
            case POSTSEAL_IMAP_PARSER_RESPONSE:
              out += show (postseal_imap_parser_get_response (parser), streamed) + "\n";
              streamed.clear ();
              break;
            case POSTSEAL_IMAP_PARSER_LITERAL:
              if (wants_stream != nullptr
                  && wants_stream (postseal_imap_parser_peek (parser),
                                   postseal_imap_parser_get_literal_length (parser)))
                {
                  postseal_imap_parser_stream_literal (parser);
                  streamed.emplace_back ();
                }
              break;
            case POSTSEAL_IMAP_PARSER_CHUNK:
              chunk = postseal_imap_parser_get_chunk (parser, &chunk_length);
              if (chunk < piece.data () + used || chunk_length == 0
                  || chunk + chunk_length > piece.data () + length)
                return out + "CHUNK OUTSIDE THE INPUT\n";
              streamed.back ().append (chunk, chunk_length);
              break;
            case POSTSEAL_IMAP_PARSER_BAD:
              return out + "BAD " + postseal_imap_parser_get_problem (parser) + "\n";
            }
          used += consumed;
        }
    }
  return out;
}

} // namespace imap_transcript
