/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz/fuzz.h"
#include "wire/imap-parser.h"
#include "wire/imap-quote.h"

/* What is written into a command is one string to a parser, with the same bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = reinterpret_cast<const char *> (data);
  g_autoptr (GString) line = g_string_new ("* X ");
  g_autoptr (PostsealImapParser) parser = postseal_imap_parser_new ();
  gsize consumed;

  if (!postseal_imap_quote_append (line, bytes, size))
    {
      fuzz::demand (line->len == 4, "failure changes nothing", line->str);
      return 0;
    }

  g_string_append (line, "\r\n");
  fuzz::demand (postseal_imap_parser_feed (parser, line->str, line->len, &consumed)
                    == POSTSEAL_IMAP_PARSER_RESPONSE,
                "a response", line->str);

  const PostsealImapValue *value = postseal_imap_parser_get_response (parser)->values;
  fuzz::demand (consumed == line->len && postseal_imap_value_is_string (value)
                    && value->next == nullptr,
                "one string", line->str);
  fuzz::demand (std::string (value->bytes, value->length) == std::string (bytes, size),
                "the same bytes", line->str);
  return 0;
}
