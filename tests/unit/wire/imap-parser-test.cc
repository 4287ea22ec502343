/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <malloc.h>

#include "base/limits.h"
#include "support/imap-transcript.h"

using imap_transcript::run;

namespace
{

std::string
parse (const std::string &input, const imap_transcript::WantsStream &wants_stream = nullptr)
{
  auto whole = [&] (size_t) { return input.size (); };
  auto bytes = [] (size_t) { return 1; };
  std::string shown = run (input, whole, wants_stream);

  EXPECT_EQ (run (input, bytes, wants_stream), shown) << "byte by byte";
  return shown;
}

bool
stream_all (const PostsealImapResponse *, guint64)
{
  return true;
}

std::string
repeat (const std::string &text, size_t n)
{
  std::string out;

  for (size_t i = 0; i < n; i++)
    out += text;
  return out;
}

} // namespace

TEST (ImapParser, TakesAGreetingWithCapabilities)
{
  EXPECT_EQ (parse ("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Dovecot ready.\r\n"),
             "OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] 'Dovecot ready.'\n");
}

TEST (ImapParser, TakesEveryStatus)
{
  EXPECT_EQ (
      parse ("a1 OK done\r\na2 NO no\r\na3 BAD bad\r\n* BYE bye\r\n* PREAUTH hi\r\n* no x\r\n"),
      "OK tag=a1 'done'\nNO tag=a2 'no'\nBAD tag=a3 'bad'\nBYE 'bye'\nPREAUTH 'hi'\nNO 'x'\n");
}

TEST (ImapParser, TakesStatusesWithoutText) /* RFC 9051 appendix E item 23 */
{
  EXPECT_EQ (parse ("* OK\r\n* OK \r\na1 OK\r\n* OK [X]\r\n"),
             "OK ''\nOK ''\nOK tag=a1 ''\nOK [X] ''\n");
}

TEST (ImapParser, TakesContinuationsWithAndWithoutText)
{
  EXPECT_EQ (parse ("+ idling\r\n+\r\n+ \r\n+go\r\n+ [X] y\r\n"),
             "+ 'idling'\n+ ''\n+ ''\n+ 'go'\n+ '[X] y'\n");
}

TEST (ImapParser, TakesKnownDataResponses)
{
  EXPECT_EQ (parse ("* 5 EXISTS\r\n* 0 recent\r\n* FLAGS (\\Seen \\* $MDNSent)\r\n"
                    "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* SEARCH\r\n* SEARCH 1 2 3\r\n"
                    "* ESEARCH (TAG \"a3\") UID ALL 1:3,9\r\n* VANISHED (EARLIER) 4:6\r\n"),
             "DATA #5 EXISTS\nDATA #0 RECENT\nDATA FLAGS: (\\Seen \\* $MDNSent)\n"
             "DATA LIST: (\\HasNoChildren) \"/\" INBOX\nDATA SEARCH\nDATA SEARCH: 1 2 3\n"
             "DATA ESEARCH: (TAG \"a3\") UID ALL 1:3,9\nDATA VANISHED: (EARLIER) 4:6\n");
}

TEST (ImapParser, TakesUnknownResponsesAndCodes) /* RFC 9051 section 7: anything at any time */
{
  EXPECT_EQ (
      parse (
          "* X-FOO bar\r\n* OK [WEIRD 1 (2)] t\r\n* 7 X-BAR (a\r\n* X-BAZ a ) b\r\n"
          "* X-Q yes \"no\r\n* OK [ODD (] t\r\n* OK [ODD {5}] t\r\n* OK [open t\r\n* OK [] t\r\n"),
      "DATA X-FOO: bar\nOK [WEIRD 1 (2)] 't'\nDATA #7 X-BAR: (a)\nDATA X-BAZ: a\n"
      "DATA X-Q: yes\nOK [ODD] 't'\nOK [ODD] 't'\nOK '[open t'\nOK '[] t'\n");
}

TEST (ImapParser, BracketInAQuotedCodeArgumentDoesNotEndTheCode)
{
  EXPECT_EQ (parse ("a1 NO [badcharset (\"a]b\\\"\" utf-8)] no\r\n"),
             "NO tag=a1 [BADCHARSET (\"a]b\"\" utf-8)] 'no'\n");
}

TEST (ImapParser, TakesALiteralInPlaceOfAMailboxName) /* RFC 9051 section 4.3 */
{
  EXPECT_EQ (parse ("* LIST () \"/\" {5}\r\na\r\n)b\r\n* LIST () {1+}\r\n/ ~{2}\r\nxy\r\n"),
             "DATA LIST: () \"/\" {5}a\r\n)b\nDATA LIST: () {1}/ {2}xy\n");
}

TEST (ImapParser, LiteralDataIsCountedNotRead)
{
  std::string data ("a1 OK \0\r\n* BYE)\r\n", 18);

  EXPECT_EQ (parse ("* 1 FETCH (UID 7 BODY[] {18}\r\n" + data + " FLAGS ())\r\n"),
             "DATA #1 FETCH: (UID 7 BODY[] {18}" + data + " FLAGS ())\n");
}

TEST (ImapParser, StreamedLiteralIsTheSameBytes)
{
  std::string input = "* 1 FETCH (UID 7 BODY[] {10}\r\n0123456789 FLAGS (\\Seen))\r\na1 OK x\r\n";

  EXPECT_EQ (parse (input, stream_all), parse (input));
}

TEST (ImapParser, EachLiteralIsKeptUnlessItIsAskedFor)
{
  std::string seen;
  auto stream_large = [&] (const PostsealImapResponse *response, guint64 length) {
    seen += imap_transcript::show (response) + "\n";
    return length > 3;
  };

  run (
      "* 1 FETCH (BODY[1] {4}\r\nabcd BODY[2] {2}\r\nef BODY[3] {1}\r\ng)\r\n",
      [] (size_t) { return 7; }, stream_large);
  EXPECT_EQ (seen, "DATA #1 FETCH: (BODY[1] {4}<streamed>)\n"
                   "DATA #1 FETCH: (BODY[1] {4}<streamed> BODY[2] {2}<streamed>)\n"
                   "DATA #1 FETCH: (BODY[1] {4}<streamed> BODY[2] {2}ef BODY[3] {1}<streamed>)\n");
}

TEST (ImapParser, MemoryDoesNotGrowWithTheNumberOfResponses)
{
  g_autoptr (PostsealImapParser) parser = postseal_imap_parser_new ();
  std::string line
      = "* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] \"" + std::string (1000, 'x') + "\")\r\n";
  auto feed = [&] (int n) {
    for (int i = 0; i < n; i++)
      {
        gsize consumed;

        ASSERT_EQ (postseal_imap_parser_feed (parser, line.data (), line.size (), &consumed),
                   POSTSEAL_IMAP_PARSER_RESPONSE);
      }
  };

  feed (100);
  size_t before = mallinfo2 ().uordblks;
  feed (10000);
  EXPECT_LT (mallinfo2 ().uordblks, before + 65536);
}

TEST (ImapParser, StreamedLiteralOfNoBytesBringsNoChunk)
{
  EXPECT_EQ (parse ("* 1 FETCH (BODY[] {0}\r\n)\r\n", stream_all), "DATA #1 FETCH: (BODY[] {0})\n");
  EXPECT_EQ (parse ("* 1 FETCH (BODY[] {0}\r\n)\r\n"), "DATA #1 FETCH: (BODY[] {0})\n");
}

TEST (ImapParser, ValuesBeforeALiteralAreThereWhenItIsAnnounced)
{
  std::string seen;
  auto look = [&] (const PostsealImapResponse *response, guint64 length) {
    seen = imap_transcript::show (response) + " " + std::to_string (length);
    return true;
  };

  parse ("* 12 FETCH (UID 7 BODY[]<0> {3}\r\nabc)\r\n", look);
  EXPECT_EQ (seen, "DATA #12 FETCH: (UID 7 BODY[]<0> {3}<streamed>) 3");
}

TEST (ImapParser, SectionIsOneAtom)
{
  EXPECT_EQ (
      parse ("* 1 FETCH (BODY[HEADER.FIELDS (A \"B]\\\"\")]<0> \"x\" BINARY.SIZE[1.2] 5)\r\n"),
      "DATA #1 FETCH: (BODY[HEADER.FIELDS (A \"B]\\\"\")]<0> \"x\" BINARY.SIZE[1.2] 5)\n");
  EXPECT_EQ (parse ("* 1 FETCH (BODY (\"text\" \"plain\") FLAGS (a[b))\r\n"),
             "DATA #1 FETCH: (BODY (\"text\" \"plain\") FLAGS (a[b))\n");
  EXPECT_EQ (parse ("* LIST () \"/\" [Gmail]/All\r\n"), "DATA LIST: () \"/\" [Gmail]/All\n");
}

TEST (ImapParser, NilIsToldFromItsSpelling) /* RFC 9051 section 4.5 */
{
  EXPECT_EQ (parse ("* LIST () NIL NIL\r\n* LIST () nil \"NIL\"\r\n"),
             "DATA LIST: () <NIL> <NIL>\nDATA LIST: () <nil> \"NIL\"\n");
}

TEST (ImapParser, QuotedStringsAreUnescapedAndMayHoldUtf8)
{
  EXPECT_EQ (parse ("* LIST () \"\\\\\" \"a\\\"b\\\\\303\244\"\r\n* LIST () \"/\" \303\244\r\n"),
             "DATA LIST: () \"\\\" \"a\"b\\\303\244\"\nDATA LIST: () \"/\" \303\244\n");
}

TEST (ImapParser, ToleratesSpacesAndBareLineFeeds)
{
  EXPECT_EQ (parse ("* 1 FETCH ( FLAGS  ( \\Seen ) UID 4 ) \n* LIST () \"/\" {1}\nx\na OK y\n"),
             "DATA #1 FETCH: (FLAGS (\\Seen) UID 4)\nDATA LIST: () \"/\" {1}x\nOK tag=a 'y'\n");
}

TEST (ImapParser, AdjacentValuesStayApart)
{
  EXPECT_EQ (parse ("* 1 FETCH (X(a)\"b\"\"c\"(d)BODY[]{1}\r\ne)\r\n"),
             "DATA #1 FETCH: (X (a) \"b\" \"c\" (d) BODY[] {1}e)\n");
}

TEST (ImapParser, RefusesWhatIsNoResponse)
{
  for (const char *line : { "\r\n", " a OK\r\n", "hello\r\n", "a1 BYE x\r\n", "a1 PREAUTH x\r\n",
                            "* \r\n", "*\r\n", "* 5\r\n", "HTTP/1.1 400 Bad Request\r\n",
                            "a1  \r\n", "* 9223372036854775808 EXISTS\r\n" })
    EXPECT_EQ (parse (line).substr (0, 4), "BAD ") << line;
}

TEST (ImapParser, RefusesBrokenGrammarInKnownResponses)
{
  for (const char *line :
       { "* 1 FETCH (UID 1\r\n", "* 1 FETCH (UID 1))\r\n", "* LIST () \"/ a\r\n",
         "* 1 FETCH (BODY[TEXT \"x\")\r\n", "* LIST () \"/\" {x}\r\n", "* LIST () \"/\" {}\r\n",
         "* LIST () \"/\" {1} x\r\n", "* LIST () a\tb\r\n",
         "* 1 FETCH (BODY[HEADER.FIELDS ({1}\r\na)] {1}\r\nb)\r\n" })
    EXPECT_EQ (parse (line).substr (0, 4), "BAD ") << line;
}

TEST (ImapParser, RefusesNulOutsideALiteral)
{
  EXPECT_EQ (parse (std::string ("* OK a\0b\r\n", 10)), "BAD NUL outside a literal\n");
}

TEST (ImapParser, StaysBad)
{
  g_autoptr (PostsealImapParser) parser = postseal_imap_parser_new ();
  gsize consumed;

  EXPECT_EQ (postseal_imap_parser_feed (parser, "\r\n", 2, &consumed), POSTSEAL_IMAP_PARSER_BAD);
  EXPECT_EQ (postseal_imap_parser_feed (parser, "* OK\r\n", 6, &consumed),
             POSTSEAL_IMAP_PARSER_BAD);
}

TEST (ImapParser, LineMayBeAsLongAsTheLimit)
{
  std::string longest = "* OK " + std::string (POSTSEAL_LIMIT_LINE - 7, 'x') + "\r\n";

  ASSERT_EQ (longest.size (), POSTSEAL_LIMIT_LINE);
  EXPECT_EQ (parse (longest).substr (0, 5), "OK 'x");
  EXPECT_EQ (parse (longest + longest).size (), 2 * (longest.size () - 2 + 1));
  longest.insert (5, "x");
  EXPECT_EQ (parse (longest), "BAD line longer than 65536 bytes\n");
  EXPECT_EQ (parse (std::string (POSTSEAL_LIMIT_LINE, 'x')), "BAD line longer than 65536 bytes\n");
}

TEST (ImapParser, NestingHasALimit)
{
  auto nested = [] (size_t n) { return "* X " + repeat ("(", n) + "a" + repeat (")", n) + "\r\n"; };

  EXPECT_EQ (parse (nested (POSTSEAL_LIMIT_NESTING)).substr (0, 7), "DATA X:");
  EXPECT_EQ (parse (nested (POSTSEAL_LIMIT_NESTING + 1)),
             "BAD more than 32 parentheses within each other\n");
}

TEST (ImapParser, NumberOfValuesHasALimit)
{
  EXPECT_EQ (parse ("* X" + repeat (" a", POSTSEAL_LIMIT_LIST) + "\r\n").substr (0, 7), "DATA X:");
  EXPECT_EQ (parse ("* X" + repeat (" a", POSTSEAL_LIMIT_LIST + 1) + "\r\n"),
             "BAD more than 16384 values in one response\n");
}

TEST (ImapParser, LiteralSizesHaveLimits)
{
  std::string head = "* 1 FETCH (BODY[] {";

  EXPECT_EQ (parse (head + "4294967296}\r\nx", stream_all), "");
  EXPECT_EQ (parse (head + "4294967297}\r\nx", stream_all), "BAD literal of more than 4 GiB\n");
  EXPECT_EQ (parse (head + "9223372036854775807}\r\nx", stream_all),
             "BAD literal of more than 4 GiB\n");
  EXPECT_EQ (parse (head + "9223372036854775808}\r\nx", stream_all),
             "BAD brace that announces no literal\n");
  EXPECT_EQ (parse (head + "1048576}\r\nx"), "");
  EXPECT_EQ (parse (head + "1048577}\r\nx"), "BAD literal too large for its place\n");
}

TEST (ImapParser, SumOfKeptLiteralsHasALimit)
{
  std::string literal = " {600000}\r\n" + std::string (600000, 'x');
  auto whole = [] (size_t) { return G_MAXINT32; };

  EXPECT_EQ (run ("* X" + repeat (literal, 3) + "\r\n", whole).substr (0, 7), "DATA X:");
  EXPECT_EQ (run ("* X" + repeat (literal, 4) + "\r\n", whole),
             "BAD literal too large for its place\n");
  EXPECT_EQ (run (repeat ("* X" + literal + "\r\n", 4), whole).find ("BAD"), std::string::npos)
      << "each response counts for itself";
}

TEST (ImapParser, SumOfLinesHasALimit)
{
  std::string piece = std::string (60000, ' ') + "{0}\r\n";
  auto whole = [] (size_t) { return G_MAXINT32; };

  EXPECT_EQ (run ("* X " + repeat (piece, 40) + "\r\n", whole), "BAD response larger than 2 MiB\n");
}

TEST (ImapValue, IsComparesAtomsInAnyCase)
{
  PostsealImapValue atom = { POSTSEAL_IMAP_VALUE_ATOM, "uid", 3, nullptr, nullptr };
  PostsealImapValue nil = { POSTSEAL_IMAP_VALUE_NIL, "nil", 3, nullptr, nullptr };
  PostsealImapValue quoted = { POSTSEAL_IMAP_VALUE_QUOTED, "uid", 3, nullptr, nullptr };

  EXPECT_TRUE (postseal_imap_value_is (&atom, "UID"));
  EXPECT_FALSE (postseal_imap_value_is (&atom, "UIDS"));
  EXPECT_TRUE (postseal_imap_value_is (&nil, "NIL"));
  EXPECT_FALSE (postseal_imap_value_is (&quoted, "UID"));
  EXPECT_FALSE (postseal_imap_value_is (nullptr, "UID"));
}

TEST (ImapValue, NumberIsAnAtomOfDigitsWithinItsBounds) /* RFC 9051 section 9: number, number64 */
{
  auto number = [] (const char *text, guint64 max) -> gint64 {
    PostsealImapValue value = { POSTSEAL_IMAP_VALUE_ATOM, text, strlen (text), nullptr, nullptr };
    guint64 result = 77;

    return postseal_imap_value_to_number (&value, max, &result) ? (gint64)result : -(gint64)result;
  };
  PostsealImapValue quoted = { POSTSEAL_IMAP_VALUE_QUOTED, "1", 1, nullptr, nullptr };
  guint64 ignored;

  EXPECT_EQ (number ("0", G_MAXUINT32), 0);
  EXPECT_EQ (number ("4294967295", G_MAXUINT32), G_MAXUINT32);
  EXPECT_EQ (number ("4294967296", G_MAXUINT32), -77);
  EXPECT_EQ (number ("9223372036854775807", G_MAXUINT64), G_MAXINT64);
  EXPECT_EQ (number ("9223372036854775808", G_MAXUINT64), -77);
  EXPECT_EQ (number ("99999999999999999999", G_MAXUINT64), -77);
  EXPECT_EQ (number ("-1", G_MAXUINT32), -77);
  EXPECT_EQ (number ("1a", G_MAXUINT32), -77);
  EXPECT_EQ (number ("", G_MAXUINT32), -77);
  EXPECT_FALSE (postseal_imap_value_to_number (&quoted, 5, &ignored));
  EXPECT_FALSE (postseal_imap_value_to_number (nullptr, 5, &ignored));
}

TEST (ImapValue, StringIsWhatHasBytes)
{
  PostsealImapValue streamed = { POSTSEAL_IMAP_VALUE_LITERAL, nullptr, 3, nullptr, nullptr };
  PostsealImapValue nil = { POSTSEAL_IMAP_VALUE_NIL, "NIL", 3, nullptr, nullptr };
  PostsealImapValue quoted = { POSTSEAL_IMAP_VALUE_QUOTED, "NIL", 3, nullptr, nullptr };

  EXPECT_FALSE (postseal_imap_value_is_string (&streamed));
  EXPECT_FALSE (postseal_imap_value_is_string (&nil));
  EXPECT_FALSE (postseal_imap_value_is_string (nullptr));
  EXPECT_TRUE (postseal_imap_value_is_string (&quoted));
}
