// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/smtp-command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "wire/smtp-path.h"

using std::string;

namespace
{

const PostsealSmtpMailParameters none = {};

// What a function appended, "" when it refused. There is always something before it.
template <typename Append>
string
appended (Append append)
{
  g_autoptr (GString) out = g_string_new ("NOOP\r\n");
  bool is_good = append (out);
  string line = string (out->str, out->len).substr (6);

  EXPECT_EQ (string (out->str, 6), "NOOP\r\n");
  EXPECT_EQ (is_good, !line.empty ()) << line;
  return line;
}

string
mail (const string &sender, const PostsealSmtpMailParameters &parameters = none)
{
  return appended ([&] (GString *out) {
    return postseal_smtp_command_append_mail (out, sender.c_str (), &parameters);
  });
}

string
rcpt (const string &recipient, guint notify = 0, const char *original = nullptr)
{
  return appended ([&] (GString *out) {
    return postseal_smtp_command_append_rcpt (out, recipient.c_str (), notify, original);
  });
}

string
xtext (const char *text)
{
  g_autoptr (GString) out = g_string_new (nullptr);

  postseal_smtp_command_append_xtext (out, text);
  return out->str;
}

PostsealSmtpMailParameters
with_envid (const char *envid)
{
  PostsealSmtpMailParameters parameters = {};

  parameters.envid = envid;
  return parameters;
}

// One line, ended by the only CR and the only LF in it.
bool
is_one_line (const string &line)
{
  return line.size () > 2 && line.find ('\r') == line.size () - 2
         && line.find ('\n') == line.size () - 1 && line.find ('\0') == string::npos;
}

// The address between the brackets: those are where a server looks for them, unless it is quoted.
bool
has_one_pair_of_brackets (const string &line)
{
  return std::count (line.begin (), line.end (), '<') == 1
         && std::count (line.begin (), line.end (), '>') == 1;
}

// Every string up to @length over what commands could be smuggled in with.
template <typename Visit>
void
for_every_string (size_t length, Visit visit)
{
  const string alphabet ("\r\n\0.>< a", 8);

  for (size_t n = 0; n <= length; n++)
    for (size_t code = 0; code < size_t (1) << (3 * n); code++)
      {
        string text;

        for (size_t i = 0; i < n; i++)
          text.push_back (alphabet[code >> (3 * i) & 7]);
        visit (text);
      }
}

} // namespace

TEST (SmtpCommand, PlainLines) // RFC 5321 sections 4.1.1.2 and 4.1.1.3
{
  EXPECT_EQ (mail ("a@b.example"), "MAIL FROM:<a@b.example>\r\n");
  EXPECT_EQ (mail (""), "MAIL FROM:<>\r\n");
  EXPECT_EQ (rcpt ("\"a b\"@[192.0.2.1]"), "RCPT TO:<\"a b\"@[192.0.2.1]>\r\n");
}

TEST (SmtpCommand, ARecipientIsNeverNull)
{
  EXPECT_EQ (rcpt (""), "");
  EXPECT_EQ (rcpt ("postmaster"), "");
  EXPECT_EQ (mail ("root"), "");
}

TEST (SmtpCommand, EveryParameterOfMail)
{
  PostsealSmtpMailParameters all = {};

  all.has_size = TRUE;
  all.size = G_MAXUINT64;
  all.body = POSTSEAL_SMTP_BODY_8BIT;
  all.smtputf8 = TRUE;
  all.ret = POSTSEAL_SMTP_RETURN_HEADERS;
  all.envid = "id=1+2 x";
  all.requiretls = TRUE;
  all.hold_for = 3600;
  all.deliver_by = -60;
  all.deliver_by_mode = 'N';
  all.deliver_by_trace = TRUE;
  EXPECT_EQ (mail ("é@b", all),
             "MAIL FROM:<é@b> SIZE=18446744073709551615 BODY=8BITMIME SMTPUTF8 "
             "RET=HDRS ENVID=id+3D1+2B2+20x REQUIRETLS HOLDFOR=3600 BY=-60;NT\r\n");
}

TEST (SmtpCommand, EmptyMessageHasASize) // RFC 1870 section 5
{
  PostsealSmtpMailParameters parameters = {};

  parameters.has_size = TRUE;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b> SIZE=0\r\n");
}

TEST (SmtpCommand, BodyIsWrittenUnlessSevenBit) // RFC 6152 section 3, RFC 3030 section 3
{
  PostsealSmtpMailParameters parameters = {};

  parameters.body = POSTSEAL_SMTP_BODY_BINARY;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b> BODY=BINARYMIME\r\n");
  parameters.body = POSTSEAL_SMTP_BODY_7BIT;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b>\r\n");
  parameters.body = static_cast<PostsealSmtpBody> (7);
  EXPECT_EQ (mail ("a@b", parameters), "");
}

TEST (SmtpCommand, AnInternationalSenderNeedsSmtpUtf8) // RFC 6531 section 3.4
{
  PostsealSmtpMailParameters parameters = {};

  EXPECT_EQ (mail ("é@b", parameters), "");
  parameters.smtputf8 = TRUE;
  EXPECT_EQ (mail ("é@b", parameters), "MAIL FROM:<é@b> SMTPUTF8\r\n");
}

TEST (SmtpCommand, EnvidIsPrintableAndShort) // RFC 3461 section 4.4
{
  EXPECT_NE (mail ("a@b", with_envid (string (100, '+').c_str ())), "");
  EXPECT_EQ (mail ("a@b", with_envid (string (101, 'x').c_str ())), "");
  for (const char *bad : { "", "\t", "é", "x\x7f" })
    EXPECT_EQ (mail ("a@b", with_envid (bad)), "") << bad;
}

TEST (SmtpCommand, ReturnsOnlyWhatLiesAhead) // RFC 2852 section 4
{
  PostsealSmtpMailParameters parameters = {};

  parameters.deliver_by_mode = 'R';
  EXPECT_EQ (mail ("a@b", parameters), "");
  parameters.deliver_by = 1;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b> BY=1;R\r\n");
  parameters.deliver_by = 1000000000;
  EXPECT_EQ (mail ("a@b", parameters), "");
  parameters.deliver_by_mode = 'N';
  parameters.deliver_by = -1000000000;
  EXPECT_EQ (mail ("a@b", parameters), "");
  parameters.deliver_by = 0;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b> BY=0;N\r\n");
  parameters.deliver_by_mode = '\n';
  EXPECT_EQ (mail ("a@b", parameters), "");
}

TEST (SmtpCommand, HoldsForNineDigitsOfSeconds) // RFC 4865 section 4
{
  PostsealSmtpMailParameters parameters = {};

  parameters.hold_for = 999999999;
  EXPECT_EQ (mail ("a@b", parameters), "MAIL FROM:<a@b> HOLDFOR=999999999\r\n");
  parameters.hold_for++;
  EXPECT_EQ (mail ("a@b", parameters), "");
}

TEST (SmtpCommand, NotifyIsAListOrNever) // RFC 3461 section 4.1
{
  EXPECT_EQ (rcpt ("a@b", POSTSEAL_SMTP_NOTIFY_NEVER), "RCPT TO:<a@b> NOTIFY=NEVER\r\n");
  EXPECT_EQ (rcpt ("a@b", POSTSEAL_SMTP_NOTIFY_FAILURE), "RCPT TO:<a@b> NOTIFY=FAILURE\r\n");
  EXPECT_EQ (rcpt ("a@b", POSTSEAL_SMTP_NOTIFY_SUCCESS | POSTSEAL_SMTP_NOTIFY_FAILURE
                              | POSTSEAL_SMTP_NOTIFY_DELAY),
             "RCPT TO:<a@b> NOTIFY=SUCCESS,FAILURE,DELAY\r\n");
  EXPECT_EQ (rcpt ("a@b", POSTSEAL_SMTP_NOTIFY_NEVER | POSTSEAL_SMTP_NOTIFY_DELAY), "");
  EXPECT_EQ (rcpt ("a@b", 16), "");
}

TEST (SmtpCommand, OriginalRecipientIsXtext) // RFC 3461 section 4.2
{
  EXPECT_EQ (rcpt ("a@b", 0, "x+y=z@b"), "RCPT TO:<a@b> ORCPT=rfc822;x+2By+3Dz@b\r\n");
  EXPECT_EQ (rcpt ("a@b", 0, "root"), "RCPT TO:<a@b> ORCPT=rfc822;root\r\n");
  EXPECT_EQ (rcpt ("a@b", 0, ""), "");
  EXPECT_EQ (rcpt ("a@b", 0, string (500, 'x').c_str ()), "");
}

TEST (SmtpCommand, InternationalOriginalRecipientIsUtf8) // RFC 6533 section 3
{
  EXPECT_EQ (rcpt ("a@b", 0, "é+ \\@b"),
             "RCPT TO:<a@b> ORCPT=utf-8;\\x{E9}\\x{2B}\\x{20}\\x{5C}@b\r\n");
  EXPECT_EQ (rcpt ("é@b", 0, "é=@b"), "RCPT TO:<é@b> ORCPT=utf-8;é\\x{3D}@b\r\n");
  EXPECT_EQ (rcpt ("é@b", 0, "\xc2\x85é"), "RCPT TO:<é@b> ORCPT=utf-8;\\x{85}é\r\n");
  EXPECT_EQ (rcpt ("a@b", 0, "\xff"), "");
}

TEST (SmtpCommand, Xtext) // RFC 3461 section 4
{
  EXPECT_EQ (xtext ("a!~ +=\x7f\xc3\r\n"), "a!~+20+2B+3D+7F+C3+0D+0A");
  EXPECT_EQ (xtext ("<a>"), "+3Ca+3E");
}

TEST (SmtpCommand, NothingThatIsAskedForMakesASecondLine) // RFC 5321 section 4.1.2
{
  for_every_string (4, [] (const string &middle) {
    bool has_end = middle.find_first_of ("\r\n") < middle.find ('\0');
    string ends = string (middle.c_str ()); // what a C string has of it

    for (const string &address : { middle, "a" + middle + "@b", "a@b" + middle, "a@" + middle + "b",
                                   "\"" + middle + "\"@b", "a@[" + middle + "]" })
      {
        string from = mail (address);
        string to = rcpt (address);
        bool has_address = postseal_smtp_path_check (address.c_str ()) == POSTSEAL_SMTP_PATH_OK;

        ASSERT_EQ (from.empty (), !has_address && address.c_str ()[0] != '\0');
        ASSERT_EQ (to.empty (), !has_address);
        ASSERT_TRUE (from.empty () || is_one_line (from)) << testing::PrintToString (from);
        ASSERT_TRUE (to.empty () || is_one_line (to)) << testing::PrintToString (to);
        ASSERT_TRUE (to.empty () || address[0] == '"' || has_one_pair_of_brackets (to)) << to;
        ASSERT_TRUE (!has_end || to.empty ()
                     || address.find ('\0') < address.find_first_of ("\r\n"));
      }

    string with_id = mail ("a@b", with_envid (middle.c_str ()));
    string with_original = rcpt ("a@b", 0, middle.c_str ());

    ASSERT_EQ (with_id.empty (), has_end || ends.empty ()) << testing::PrintToString (middle);
    ASSERT_EQ (with_original.empty (), has_end || ends.empty ());
    ASSERT_TRUE (with_id.empty () || is_one_line (with_id));
    ASSERT_TRUE (with_original.empty () || is_one_line (with_original));
    ASSERT_TRUE (with_id.empty () || has_one_pair_of_brackets (with_id));
    ASSERT_TRUE (with_original.empty () || has_one_pair_of_brackets (with_original));
    ASSERT_TRUE (with_id.empty () || std::count (with_id.begin (), with_id.end (), ' ') == 2);
    ASSERT_TRUE (with_original.empty ()
                 || std::count (with_original.begin (), with_original.end (), ' ') == 2);
  });
}

TEST (SmtpCommand, RefusesASecondCommandInEveryPlace)
{
  const string more = "a@b>\r\nRCPT TO:<c@d";

  EXPECT_EQ (mail (more), "");
  EXPECT_EQ (rcpt (more), "");
  EXPECT_EQ (mail ("\"" + more + "\"@b"), "");
  EXPECT_EQ (mail ("a@b> SIZE=1"), "");
  EXPECT_EQ (mail ("a@b", with_envid ("x\r\nQUIT")), "");
  EXPECT_EQ (rcpt ("a@b", 0, "x\r\nQUIT"), "");
  EXPECT_EQ (rcpt ("a@b", 0, "x\nQUIT"), "");
}

// RFC 5321 section 4.5.3.1.4: 512, to which RFC 1870 adds 26, RFC 6152 17, RFC 6531 10, RFC 4865
// 34, RFC 2852 17, RFC 8689 11 and RFC 3461 the parameters of DSN: 9 and, in xtext, 307 to MAIL, 29
// and 507 to RCPT.
TEST (SmtpCommand, LongestLinesAreWithinTheLimits)
{
  const string label (61, 'b');
  const string longest = string (64, 'a') + "@" + label + "." + label + "." + label + ".bbb";
  const string id (100, '+');
  PostsealSmtpMailParameters all = {};

  all.has_size = TRUE;
  all.size = G_MAXUINT64;
  all.body = POSTSEAL_SMTP_BODY_BINARY;
  all.smtputf8 = TRUE;
  all.ret = POSTSEAL_SMTP_RETURN_FULL;
  all.envid = id.c_str ();
  all.requiretls = TRUE;
  all.hold_for = 999999999;
  all.deliver_by = -999999999;
  all.deliver_by_mode = 'N';
  all.deliver_by_trace = TRUE;
  EXPECT_LE (mail (longest).size (), 512u);
  EXPECT_NE (mail (longest, all), "");
  EXPECT_LE (mail (longest, all).size (), 512u + 26 + 17 + 10 + 34 + 17 + 11 + 9 + 307);
  EXPECT_LE (mail (longest, with_envid (id.c_str ())).size (), 512u + 307);
  EXPECT_LE (rcpt (longest, 14).size (), 512u);
  EXPECT_NE (rcpt (longest, 14, longest.c_str ()), "");
  EXPECT_LE (rcpt (longest, 14, string (164, '+').c_str ()).size (), 512u + 29 + 507);
}
