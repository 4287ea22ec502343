// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/smtp-path.h"

#include <gtest/gtest.h>

#include <string>

using std::string;

namespace
{

PostsealSmtpPathProblem
check (const string &address)
{
  return postseal_smtp_path_check (address.c_str ());
}

string
to_ascii (const char *address)
{
  g_autofree char *ascii = postseal_smtp_path_to_ascii (address);

  return ascii != nullptr ? ascii : "(null)";
}

} // namespace

TEST (SmtpPath, OrdinaryAddressesAreGood) // RFC 5321 section 4.1.2
{
  for (const char *good :
       { "a@b", "jane.doe+tag@example.org", "!#$%&'*+-/=?^_`{|}~@x.example", "a@1.example",
         "a@xn--jxalpdlp.example", "A@B-C.Example", "a@host_name.example", "0@127.0.0.1" })
    EXPECT_EQ (check (good), POSTSEAL_SMTP_PATH_OK) << good;
}

TEST (SmtpPath, QuotedLocalPartsAreGood) // RFC 5321 section 4.1.2: Quoted-string
{
  for (const char *good : { "\"jane doe\"@b", "\"\"@b", "\"a\\\"b\"@c", "\"a\\\\\"@c",
                            "\"<>,@;:()\"@c", "\"a..b\"@c", "\"\xc3\xa9 x\"@c" })
    EXPECT_EQ (check (good), POSTSEAL_SMTP_PATH_OK) << good;
}

TEST (SmtpPath, BadQuotingIsRefused)
{
  for (const char *bad :
       { "\"a@b", "\"a\"b@c", "a\"b\"@c", "\"a\\\"@b", "\"", "\"\\", "\"a\"", "\"a\\\xc3\xa9\"@c" })
    EXPECT_NE (check (bad), POSTSEAL_SMTP_PATH_OK) << bad;
}

TEST (SmtpPath, EveryControlByteAnywhereIsAControl) // RFC 5321 section 4.1.2
{
  for (int byte = 1; byte < 256; byte++)
    for (const string around : { "?a@b", "a?a@b", "a?@b", "a@?b", "a@b?", "\"a?a\"@b", "\"a\\?\"@b",
                                 "a@[?]", "a@[192.0.2.1]?" })
      {
        string address = around;
        bool is_control = byte < 0x20 || byte == 0x7f;

        address[around.find ('?')] = static_cast<char> (byte);
        EXPECT_EQ (check (address) == POSTSEAL_SMTP_PATH_CONTROL, is_control)
            << testing::PrintToString (address);
      }
}

TEST (SmtpPath, LineEndsOfUnicodeAreControls)
{
  for (const char *bad : { "a\xc2\x85@b", "a\xe2\x80\xa8@b", "a\xe2\x80\xa9@b", "a@\xc2\x9f.b" })
    EXPECT_EQ (check (bad), POSTSEAL_SMTP_PATH_CONTROL) << bad;
}

TEST (SmtpPath, AControlIsToldBeforeBadUtf8)
{
  EXPECT_EQ (check ("\xff\r\n@b"), POSTSEAL_SMTP_PATH_CONTROL);
}

TEST (SmtpPath, ABareNameHasNoDomain)
{
  EXPECT_EQ (check ("root"), POSTSEAL_SMTP_PATH_NO_DOMAIN);
  EXPECT_EQ (check ("jane.doe"), POSTSEAL_SMTP_PATH_NO_DOMAIN);
  EXPECT_EQ (check (""), POSTSEAL_SMTP_PATH_EMPTY);
}

TEST (SmtpPath, AnythingElseIsSyntax)
{
  for (const char *bad :
       { "a b",    " a@b",   "a@b ",   "a@b c",  "a@",    "@b",     "@",     "a@@b",  "a@b@c",
         "<a@b>",  "a@b>",   "a@<b",   ".a@b",   "a.@b",  "a..b@c", "a@.b",  "a@b.",  "a@b..c",
         "a@-b",   "a@b-",   "a@b-.c", "a@b.-c", "a,b@c", "a@b,c",  "a@b;c", "a:b@c", "a@b:25",
         "(x)a@b", "a@b(x)", "a\\b@c", "a@b\\c", "a@b/c", "a@\"b\"" })
    EXPECT_EQ (check (bad), POSTSEAL_SMTP_PATH_SYNTAX) << bad;
}

TEST (SmtpPath, AddressLiteralsAreDomains) // RFC 5321 section 4.1.3
{
  for (const char *good :
       { "a@[192.0.2.1]", "a@[IPv6:2001:db8::1]", "a@[ipv6:::1]", "a@[IPv6:::ffff:192.0.2.1]" })
    EXPECT_EQ (check (good), POSTSEAL_SMTP_PATH_OK) << good;
  for (const char *bad :
       { "a@[]", "a@[", "a@[192.0.2.1", "a@[192.0.2]", "a@[192.0.2.256]", "a@[::1]", "a@[IPv6:]",
         "a@[IPv6:1]", "a@[IPv6:192.0.2.1]", "a@[IPv6:fe80::1%1]", "a@[x:y]", "a@[192.0.2.1].b",
         "a@[192.0.2.1]]", "a@[192.0.2.1]>" })
    EXPECT_EQ (check (bad), POSTSEAL_SMTP_PATH_SYNTAX) << bad;
}

TEST (SmtpPath, LengthsAreLimited) // RFC 5321 section 4.5.3.1
{
  const string label (61, 'b');
  const string domain = label + "." + label + "." + label; // 185

  EXPECT_EQ (check (string (64, 'a') + "@" + domain), POSTSEAL_SMTP_PATH_OK);
  EXPECT_EQ (check (string (65, 'a') + "@" + domain), POSTSEAL_SMTP_PATH_TOO_LONG);
  EXPECT_EQ (check ("\"" + string (63, 'a') + "\"@b"), POSTSEAL_SMTP_PATH_TOO_LONG);
  EXPECT_EQ (check (string (64, 'a') + "@" + domain + ".bbb"), POSTSEAL_SMTP_PATH_OK);
  EXPECT_EQ (check (string (64, 'a') + "@" + domain + ".bbbb"), POSTSEAL_SMTP_PATH_TOO_LONG);
  EXPECT_EQ (check (string (65, 'a')), POSTSEAL_SMTP_PATH_TOO_LONG);
  EXPECT_EQ (check ("a@" + string (63, 'b')), POSTSEAL_SMTP_PATH_OK);
  EXPECT_EQ (check ("a@" + string (64, 'b')), POSTSEAL_SMTP_PATH_SYNTAX);
  EXPECT_EQ (check (string (1000000, '"')), POSTSEAL_SMTP_PATH_SYNTAX);
}

TEST (SmtpPath, InternationalAddressesAreUtf8) // RFC 6531 section 3.3
{
  EXPECT_EQ (check ("δοκιμή@παράδειγμα.example"), POSTSEAL_SMTP_PATH_OK);
  EXPECT_EQ (check ("用户@例子.广告"), POSTSEAL_SMTP_PATH_OK);
  EXPECT_EQ (check ("\xff@b"), POSTSEAL_SMTP_PATH_SYNTAX);
  EXPECT_EQ (check ("a@\xc3"), POSTSEAL_SMTP_PATH_SYNTAX);
  EXPECT_EQ (check ("\xc0\xbc@b"), POSTSEAL_SMTP_PATH_SYNTAX); // an overlong "<"
}

TEST (SmtpPath, InternationalIsAnyOctetBeyondAscii)
{
  EXPECT_FALSE (postseal_smtp_path_is_international ("a@xn--jxalpdlp.example"));
  EXPECT_TRUE (postseal_smtp_path_is_international ("é@b"));
  EXPECT_TRUE (postseal_smtp_path_is_international ("a@é"));
}

TEST (SmtpPath, DomainsBecomeALabels) // RFC 5890 section 2.3.2.1
{
  EXPECT_EQ (to_ascii ("a@δοκιμή.example"), "a@xn--jxalpdlp.example");
  EXPECT_EQ (to_ascii ("δ@δοκιμή.example"), "δ@xn--jxalpdlp.example");
  EXPECT_EQ (to_ascii ("\"x@y\"@δοκιμή.example"), "\"x@y\"@xn--jxalpdlp.example");
  EXPECT_EQ (to_ascii ("A@Example.ORG"), "A@Example.ORG");
  EXPECT_EQ (to_ascii ("a@[192.0.2.1]"), "a@[192.0.2.1]");
}

TEST (SmtpPath, DomainsThatCannotBeConvertedAreRefused)
{
  EXPECT_EQ (to_ascii ("bare"), "(null)");
  EXPECT_EQ (to_ascii ("a@"), "(null)");
  EXPECT_EQ (to_ascii ("a@b>c"), "(null)");
  EXPECT_EQ (to_ascii ("a@..é"), "(null)");
  EXPECT_EQ (to_ascii ("\"a\rb\"@c"), "(null)");
  EXPECT_EQ (to_ascii ("a@\xff.b"), "(null)");
  EXPECT_EQ (to_ascii ("a@b.\xf0\x90"), "(null)");
}

// Fullwidth signs become plain ones when a domain is mapped (RFC 3490 section 4).
TEST (SmtpPath, MappingADomainNeverBringsInABracketOrSpace)
{
  for (const char *sign : { "＞", "＜", "＠", "\xc2\xa0", "　", "，", "：", "［", "／", "＼" })
    {
      string address = string ("a@b") + sign + "c.example";

      EXPECT_EQ (check (address), POSTSEAL_SMTP_PATH_SYNTAX) << address;
      EXPECT_EQ (to_ascii (address.c_str ()), "(null)") << address;
    }
}
