// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/address-list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

using std::string;

namespace
{

struct List
{
  bool is_understood;
  std::vector<string> addresses;

  bool
  operator== (const List &other) const
  {
    return is_understood == other.is_understood && addresses == other.addresses;
  }
};

std::ostream &
operator<< (std::ostream &stream, const List &self)
{
  return stream << (self.is_understood ? "good " : "bad ")
                << testing::PrintToString (self.addresses);
}

List
parse (const string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  List list = { bool (postseal_address_list_parse (bytes.data (), bytes.size (), found)), {} };

  for (guint i = 0; i < found->len; i++)
    list.addresses.push_back (static_cast<const char *> (g_ptr_array_index (found, i)));
  return list;
}

List
good (const std::vector<string> &addresses)
{
  return { true, addresses };
}

List
bad (const std::vector<string> &addresses = {})
{
  return { false, addresses };
}

} // namespace

TEST (AddressList, PlainAddresses) // RFC 5322 section 3.4
{
  EXPECT_EQ (parse (" jane@example.org, John.Doe+x@b.example "),
             good ({ "jane@example.org", "John.Doe+x@b.example" }));
  EXPECT_EQ (parse (""), good ({}));
  EXPECT_EQ (parse (" \r\n "), good ({}));
}

TEST (AddressList, DisplayNamesAreLeftOut) // RFC 5322 section 3.4
{
  EXPECT_EQ (parse ("Jane Doe <jane@b>"), good ({ "jane@b" }));
  EXPECT_EQ (parse ("\"Doe, Jane <x@y>\" <jane@b>"), good ({ "jane@b" }));
  EXPECT_EQ (parse ("<jane@b>"), good ({ "jane@b" }));
  EXPECT_EQ (parse ("Name<a@b>,\"N\"<c@d>"), good ({ "a@b", "c@d" }));
}

TEST (AddressList, DisplayNamesOfTheRealWorld)
{
  EXPECT_EQ (parse ("J. Doe <j@x>"), good ({ "j@x" })); // RFC 5322 section 4.1: obs-phrase
  EXPECT_EQ (parse ("foo@bar.example <foo@bar.example>"), good ({ "foo@bar.example" }));
  EXPECT_EQ (parse ("a @ b @ c [list] <x@y>"), good ({ "x@y" }));
  EXPECT_EQ (parse ("@jane <x@y>"), good ({ "x@y" }));
  EXPECT_EQ (parse ("O'Neil \"Al\" (x) <x@y>"), good ({ "x@y" }));
  EXPECT_EQ (parse ("Jörg Müller <j@x>"), good ({ "j@x" }));
  EXPECT_EQ (parse ("J\xf6rg <j@x>"), good ({ "j@x" }));
  EXPECT_EQ (parse ("... <x@y>"), good ({ "x@y" }));
}

TEST (AddressList, EncodedWordsAreLeftAlone) // RFC 2047 section 5
{
  EXPECT_EQ (parse ("=?utf-8?Q?J=C3=B6rg?= =?utf-8?B?TcO8?= <j@x>"), good ({ "j@x" }));
  EXPECT_EQ (parse ("=?utf-8?Q?Doe,_Jane_<x@y>?= <j@x>, b@c"), good ({ "j@x", "b@c" }));
  EXPECT_EQ (parse ("=?utf-8?Q?x?=<j@x>"), good ({ "j@x" }));
  EXPECT_EQ (parse ("=?=@x"), good ({ "=?=@x" }));
  EXPECT_EQ (parse ("=?a@b?Q?c,d?="), good ({ "=?a@b?Q?c", "d?=" }));
  EXPECT_EQ (parse ("=?u?X?a,b@c"), good ({ "=?u?X?a", "b@c" }));
  EXPECT_EQ (parse ("=?utf-8?Q?open, a@b"), good ({ "=?utf-8?Q?open", "a@b" }));
}

TEST (AddressList, EmptyElementsAddNothing) // RFC 5322 section 4.4: obs-addr-list
{
  EXPECT_EQ (parse ("Name <a@b>, , c@d;"), good ({ "a@b", "c@d" }));
  EXPECT_EQ (parse (",,a@b,"), good ({ "a@b" }));
  EXPECT_EQ (parse ("(nobody), a@b"), good ({ "a@b" }));
  EXPECT_EQ (parse ("<>"), good ({}));
  EXPECT_EQ (parse ("MAILER-DAEMON < >, a@b"), good ({ "a@b" }));
  EXPECT_EQ (parse ("a@b; c@d; "), good ({ "a@b", "c@d" }));
}

TEST (AddressList, DoublesAndOrderAreKept)
{
  EXPECT_EQ (parse ("b@c, a@b, b@c"), good ({ "b@c", "a@b", "b@c" }));
}

TEST (AddressList, GroupsGiveTheirMembers) // RFC 5322 section 3.4
{
  EXPECT_EQ (parse ("undisclosed-recipients:;"), good ({}));
  EXPECT_EQ (parse ("Undisclosed recipients: ;"), good ({}));
  EXPECT_EQ (parse ("A Group:Ed Jones <joe@where.test>, jdoe@one.test; x@y"),
             good ({ "joe@where.test", "jdoe@one.test", "x@y" }));
  EXPECT_EQ (parse ("a@b, \"G:@;\" : , c@d, ; , H:e@f;,g@h"),
             good ({ "a@b", "c@d", "e@f", "g@h" }));
  EXPECT_EQ (parse ("Group: a@b"), good ({ "a@b" })); // its end is missing
}

TEST (AddressList, GroupsDoNotNestAndHaveNames)
{
  EXPECT_EQ (parse ("A: B: a@b;;"), bad ());
  EXPECT_EQ (parse (": a@b;"), bad ());
  EXPECT_EQ (parse ("a@b: c@d;"), bad ());
  EXPECT_EQ (parse ("a@b c: c@d;"), bad ());
  EXPECT_EQ (parse ("<a@b>: c@d;"), bad ());
}

TEST (AddressList, CommentsAreLeftOut) // RFC 5322 section 3.2.2
{
  EXPECT_EQ (parse ("a@b (Jane (Doe) \\) \"), c@d"), good ({ "a@b", "c@d" }));
  EXPECT_EQ (parse ("(x)a(x).(x)b(x)@(x)c(x).(x)d(x)"), good ({ "a.b@c.d" }));
  EXPECT_EQ (parse ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
             good ({ "pete@silly.test" }));
  EXPECT_EQ (parse ("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"), good ({}));
}

TEST (AddressList, NestingOfCommentsIsBounded)
{
  const string most (POSTSEAL_LIMIT_NESTING, '(');

  EXPECT_EQ (parse (most + string (POSTSEAL_LIMIT_NESTING, ')') + "a@b"), good ({ "a@b" }));
  EXPECT_EQ (parse ("c@d," + most + "(" + string (POSTSEAL_LIMIT_NESTING + 1, ')') + "a@b"),
             bad ({ "c@d" }));
}

TEST (AddressList, QuotedLocalPartsAreKeptAsSpelled) // RFC 5322 section 3.4.1
{
  EXPECT_EQ (parse ("\"jane \\\" doe\"@b"), good ({ "\"jane \\\" doe\"@b" }));
  EXPECT_EQ (parse ("<\"a,b;c<d>@e\"@f>"), good ({ "\"a,b;c<d>@e\"@f" }));
  EXPECT_EQ (parse ("\"a\".b . \"c\"@d"), good ({ "\"a\".b.\"c\"@d" })); // obs-local-part
  EXPECT_EQ (parse ("\"\"@b"), good ({ "\"\"@b" }));
}

TEST (AddressList, FoldingIsUndone) // RFC 5322 section 2.2.3
{
  EXPECT_EQ (parse ("a@b,\r\n c@d,\n\te\r\n @\r\n f"), good ({ "a@b", "c@d", "e@f" }));
  EXPECT_EQ (parse ("\"a\r\n b\n\tc\"@d"), good ({ "\"a b\tc\"@d" }));
  EXPECT_EQ (parse ("a@[1.2\r\n .3.4]"), good ({ "a@[1.2 .3.4]" }));
}

TEST (AddressList, LineEndsThatAreNoFoldingAreRefusedInQuotes)
{
  EXPECT_EQ (parse ("\"a\nb\"@d"), bad ());
  EXPECT_EQ (parse ("\"a\r\nb\"@d"), bad ());
  EXPECT_EQ (parse ("\"a\n\n b\"@d"), bad ());
  EXPECT_EQ (parse ("\"a\rb\"@d"), good ({ "\"a\rb\"@d" })); // refused as an envelope address
}

TEST (AddressList, RoutesAreLeftOut) // RFC 5322 section 4.4: obs-route
{
  EXPECT_EQ (parse ("<@a,@b:c@d>"), good ({ "c@d" }));
  EXPECT_EQ (parse ("Mary <@machine.tld , @[1.2.3.4],,@b (x) : mary@example.net>, a@b"),
             good ({ "mary@example.net", "a@b" }));
  EXPECT_EQ (parse ("<@a,@b c@d>"), bad ());
  EXPECT_EQ (parse ("<@a;@b:c@d>"), bad ());
  EXPECT_EQ (parse ("<@a:<c@d>>"), bad ());
}

TEST (AddressList, WhiteSpaceAroundDotsAndSignsIsObsolete) // RFC 5322 section 4.4
{
  EXPECT_EQ (parse ("john . doe @ example . org"), good ({ "john.doe@example.org" }));
  EXPECT_EQ (parse ("< john . doe @ example . org >"), good ({ "john.doe@example.org" }));
}

TEST (AddressList, DomainLiterals) // RFC 5322 section 3.4.1
{
  EXPECT_EQ (parse ("a@[192.0.2.1], <b@[IPv6:::1]>"), good ({ "a@[192.0.2.1]", "b@[IPv6:::1]" }));
  EXPECT_EQ (parse ("a@[1.2.3.4"), bad ());
  EXPECT_EQ (parse ("a@[[1]]"), bad ());
  EXPECT_EQ (parse ("a@[[1]"), bad ());
  EXPECT_EQ (parse ("a@[1].b"), good ({ "a@[1].b" })); // refused as an envelope address
  EXPECT_EQ (parse ("[1]@b"), bad ());
}

TEST (AddressList, InternationalAddresses) // RFC 6532 section 3.2
{
  EXPECT_EQ (parse ("用户 <用户@例子.广告>, δοκιμή@παράδειγμα.example"),
             good ({ "用户@例子.广告", "δοκιμή@παράδειγμα.example" }));
}

TEST (AddressList, BareNamesAndOddDotsAreLeftToOthers)
{
  EXPECT_EQ (parse ("root, <postmaster>"), good ({ "root", "postmaster" }));
  EXPECT_EQ (parse ("a..b.@c, .d@e, f@g."), good ({ "a..b.@c", ".d@e", "f@g." }));
}

TEST (AddressList, WhatCannotBeUnderstoodIsRefused)
{
  for (const char *value : { "a@b c@d", "a b",         "\"Jane\" jane@b",
                             "a@b@c",   "@b",          "a@",
                             "a@,",     "a@\"b\"",     "<a@b",
                             "a@b>",    "<a@b>>",      "<<a@b>",
                             "<a@b> x", "<a@b> <c@d>", "<a@b>@c",
                             "<a@b>.",  "<a b@c>",     "<a,b@c>",
                             "<a@b;>",  "\"a@b",       "\"a\\\"",
                             "(a@b",    "a@b)",        "(a))",
                             "a\\b@c",  "a]@b",        "\\",
                             "\"",      "(",           "(\\",
                             "\"\\",    "[",           "[\\" })
    EXPECT_EQ (parse (value), bad ()) << value;
  EXPECT_EQ (parse (string ("a@b\0", 4)), bad ());
  EXPECT_EQ (parse (string ("\"a\0\"@b", 6)), bad ());
}

TEST (AddressList, WhatWasFoundBeforeIsKept)
{
  EXPECT_EQ (parse ("a@b, c@d e@f, g@h"), bad ({ "a@b" }));
  EXPECT_EQ (parse ("x@y, G: a@b, ("), bad ({ "x@y", "a@b" }));
}

TEST (AddressList, EveryAddressFoundIsFoundInItselfAgain)
{
  for (const char *value : { "a.b@c", "\"a b\".c@[1.2]", "\"\\\"\\\\\"@x", "=?u?Q?,<?=@x", "root" })
    EXPECT_EQ (parse (value), good ({ value })) << value;
}

TEST (AddressList, LongListsTakeLinearTime)
{
  for (const string unit : { "a@b,", "(", "=?,", "\"", "<", "a:;", "\\", "@,", "a.", "[" })
    {
      string value;

      while (value.size () < 1000000)
        value += unit;
      parse (value);
      parse ("<" + value);
    }
}
