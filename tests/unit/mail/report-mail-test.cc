/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/report-mail.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

/* The content of the report that @text carries, "none" where it carries none. */
std::string
carried (const std::string &text)
{
  g_autoptr (PostsealReportMail) mail = postseal_report_mail_parse (text.data (), text.size ());
  gsize length = 0;

  if (mail == nullptr)
    return "none";
  auto data = static_cast<const char *> (g_bytes_get_data (mail->content, &length));
  return std::string (data != nullptr ? data : "", length);
}

/* RFC 8460 section 5.3, with a part of @type and @more below its header. */
std::string
make_mail (const std::string &part_header, const std::string &body)
{
  return "From: tlsrpt@mail.sender.example\n"
         "Date: Fri, 09 May 2026 16:54:30 -0800\n"
         "To: mts-sts-tlsrpt@example.net\n"
         "Subject: Report Domain: example.net\n"
         "  Submitter: mail.sender.example\n"
         "  Report-ID: <735ff.e317+bf22029@example.net>\n"
         "TLS-Report-Domain: example.net\n"
         "TLS-Report-Submitter: mail.sender.example\n"
         "MIME-Version: 1.0\n"
         "Content-Type: multipart/report; report-type=\"tlsrpt\";\n"
         "  boundary=\"----=_NextPart_000_024E_01CC9B0A.AFE54C00\"\n"
         "\n"
         "This is a multipart message in MIME format.\n"
         "\n"
         "------=_NextPart_000_024E_01CC9B0A.AFE54C00\n"
         "Content-Type: text/plain; charset=\"us-ascii\"\n"
         "\n"
         "This is an aggregate TLS report from mail.sender.example\n"
         "\n"
         "------=_NextPart_000_024E_01CC9B0A.AFE54C00\n"
         + part_header + "\n\n" + body + "\n------=_NextPart_000_024E_01CC9B0A.AFE54C00--\n";
}

TEST (ReportMail, ThePartOfTheRfcIsTakenAndDecoded)
{
  const std::string text
      = make_mail ("Content-Type: application/tlsrpt+gzip\n"
                   "Content-Transfer-Encoding: base64\n"
                   "Content-Disposition: attachment; filename=\"mail.sender.example!example.net!"
                   "1013662812!1013749130.json.gz\"",
                   "eyJwb2xp\nY2llcyI6W119");
  g_autoptr (PostsealReportMail) mail = postseal_report_mail_parse (text.data (), text.size ());

  EXPECT_EQ (carried (text), "{\"policies\":[]}");
  ASSERT_NE (mail, nullptr);
  EXPECT_STREQ (mail->domain, "example.net");
  EXPECT_STREQ (mail->submitter, "mail.sender.example");
}

TEST (ReportMail, PlainJsonComesInAnyEncoding)
{
  EXPECT_EQ (carried (make_mail ("Content-Type: application/tlsrpt+json", "{}")), "{}");
  EXPECT_EQ (carried (make_mail ("Content-Type: APPLICATION/TLSRPT+JSON\n"
                                 "Content-Transfer-Encoding: quoted-printable",
                                 "{=20=\n}")),
             "{ }");
}

/* Some send the file as any bytes, and some nothing else. */
TEST (ReportMail, AFileIsKnownByItsName)
{
  for (const char *header : { "Content-Type: application/octet-stream; name=\"a!b!1!2.JSON.GZ\"",
                              "Content-Type: application/gzip\n"
                              "Content-Disposition: attachment; filename*=utf-8''a%21b.json.gz",
                              "Content-Type: application/json; name=report.json" })
    EXPECT_EQ (carried (make_mail (header, "{}")), "{}") << header;
  EXPECT_EQ (carried ("Subject: x\nMIME-Version: 1.0\nContent-Type: application/tlsrpt+json\n\n{}"),
             "{}")
      << "the whole mail is the part";
}

TEST (ReportMail, TheTypeCountsMoreThanTheName)
{
  const std::string text = make_mail ("Content-Type: text/plain; name=other.json\n\nother\n"
                                      "------=_NextPart_000_024E_01CC9B0A.AFE54C00\n"
                                      "Content-Type: application/tlsrpt+json",
                                      "{}");

  EXPECT_EQ (carried (text), "{}");
}

TEST (ReportMail, AForwardedReportIsFound)
{
  EXPECT_EQ (carried ("Subject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=o\n"
                      "\n--o\nContent-Type: message/rfc822\n\n"
                      + make_mail ("Content-Type: application/tlsrpt+json", "{}") + "\n--o--\n"),
             "{}");
}

TEST (ReportMail, OtherMailCarriesNone)
{
  EXPECT_EQ (carried (""), "none");
  EXPECT_EQ (carried ("rubbish"), "none");
  EXPECT_EQ (carried (std::string ("\0\0\0", 3)), "none");
  EXPECT_EQ (carried ("Subject: hello\n\nThis is no report.\n"), "none");
  EXPECT_EQ (carried (make_mail ("Content-Type: message/delivery-status", "Action: failed")),
             "none");
}

TEST (ReportMail, AFieldCannotReachATerminal)
{
  const std::string text = "TLS-Report-Submitter: \x1b[2Jevil\nMIME-Version: 1.0\n"
                           "Content-Type: application/tlsrpt+json\n\n{}";
  g_autoptr (PostsealReportMail) mail = postseal_report_mail_parse (text.data (), text.size ());

  ASSERT_NE (mail, nullptr);
  EXPECT_EQ (std::string (mail->submitter).find ('\x1b'), std::string::npos) << mail->submitter;
}

/* The parser calls itself for each of them. */
TEST (ReportMail, WhatIsNestedWithoutEndIsNone)
{
  std::string parts = "MIME-Version: 1.0\n";
  std::string messages = parts;

  for (int i = 0; i < 100000; i++)
    {
      const std::string name = std::to_string (i);

      parts += "Content-Type: multipart/mixed; boundary=b" + name + "\n\n--b" + name + "\n";
      messages += "content-TYPE: message/rfc822\n\n";
    }
  EXPECT_EQ (carried (parts), "none");
  EXPECT_EQ (carried (messages), "none");
}

} // namespace
