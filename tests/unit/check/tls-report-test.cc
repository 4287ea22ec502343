/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/tls-report.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace
{

/* RFC 8460 appendix B */
const std::string kExample = R"({
  "organization-name": "Company-X",
  "date-range": {
    "start-datetime": "2016-04-01T00:00:00Z",
    "end-datetime": "2016-04-01T23:59:59Z"
  },
  "contact-info": "sts-reporting@company-x.example",
  "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
  "policies": [{
    "policy": {
      "policy-type": "sts",
      "policy-string": ["version: STSv1","mode: testing",
            "mx: *.mail.company-y.example","max_age: 86400"],
      "policy-domain": "company-y.example",
      "mx-host": ["*.mail.company-y.example"]
    },
    "summary": {
      "total-successful-session-count": 5326,
      "total-failure-session-count": 303
    },
    "failure-details": [{
      "result-type": "certificate-expired",
      "sending-mta-ip": "2001:db8:abcd:0012::1",
      "receiving-mx-hostname": "mx1.mail.company-y.example",
      "failed-session-count": 100
    }, {
      "result-type": "starttls-not-supported",
      "sending-mta-ip": "2001:db8:abcd:0013::1",
      "receiving-mx-hostname": "mx2.mail.company-y.example",
      "receiving-ip": "203.0.113.56",
      "failed-session-count": 200,
      "additional-information": "https://reports.company-x.example/report_info?id=5065427c-23d3"
    }, {
      "result-type": "validation-failure",
      "sending-mta-ip": "198.51.100.62",
      "receiving-ip": "203.0.113.58",
      "receiving-mx-hostname": "mx-backup.mail.company-y.example",
      "failed-session-count": 3,
      "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"
    }]
  }]
})";

class TlsReport : public testing::Test
{
protected:
  ~TlsReport () override { postseal_tls_report_free (report); }

  bool
  parse (const std::string &text)
  {
    g_autoptr (GError) local = nullptr;

    g_clear_pointer (&report, postseal_tls_report_free);
    report = postseal_tls_report_parse (text.data (), text.size (), &local);
    EXPECT_EQ (report == nullptr, local != nullptr);
    error = local != nullptr ? local->message : "";
    code = local != nullptr ? local->code : -1;
    EXPECT_TRUE (local == nullptr || local->domain == POSTSEAL_TLS_REPORT_ERROR);
    return report != nullptr;
  }

  /* The example with @from replaced. */
  bool
  parse_with (const std::string &from, const std::string &to)
  {
    std::string text = kExample;
    const size_t at = text.find (from);

    EXPECT_NE (at, std::string::npos) << from;
    return parse (text.replace (at, from.size (), to));
  }

  static std::string
  write (const PostsealTlsReport *of)
  {
    g_autoptr (JsonBuilder) builder = json_builder_new ();
    g_autoptr (JsonGenerator) generator = json_generator_new ();

    postseal_tls_report_write (of, builder);
    g_autoptr (JsonNode) root = json_builder_get_root (builder);
    json_generator_set_root (generator, root);
    g_autofree char *text = json_generator_to_data (generator, nullptr);
    return text;
  }

  const PostsealTlsReportPolicy *
  policy (guint i = 0) const
  {
    return static_cast<PostsealTlsReportPolicy *> (g_ptr_array_index (report->policies, i));
  }

  const PostsealTlsReportFailure *
  failure (guint i, guint of_policy = 0) const
  {
    return static_cast<PostsealTlsReportFailure *> (
        g_ptr_array_index (policy (of_policy)->failures, i));
  }

  PostsealTlsReport *report = nullptr;
  std::string error;
  int code = -1;
};

TEST_F (TlsReport, TheExampleOfTheRfcIsReadWhole)
{
  ASSERT_TRUE (parse (kExample)) << error;
  EXPECT_STREQ (report->organization, "Company-X");
  EXPECT_STREQ (report->contact, "sts-reporting@company-x.example");
  EXPECT_STREQ (report->id, "5065427c-23d3-47ca-b6e0-946ea0e8c4be");
  EXPECT_EQ (report->start, 1459468800);
  EXPECT_EQ (report->end, 1459468800 + 86399);
  ASSERT_EQ (report->policies->len, 1u);
  EXPECT_STREQ (policy ()->type, "sts");
  EXPECT_STREQ (policy ()->domain, "company-y.example");
  EXPECT_EQ (g_strv_length (policy ()->strings), 4u);
  EXPECT_STREQ (postseal_tls_report_get_mode (policy ()), "testing");
  EXPECT_STREQ (policy ()->mx_hosts[0], "*.mail.company-y.example");
  EXPECT_EQ (policy ()->successful, 5326u);
  EXPECT_EQ (policy ()->failed, 303u);
  ASSERT_EQ (policy ()->failures->len, 3u);
  EXPECT_STREQ (failure (1)->type, "starttls-not-supported");
  EXPECT_STREQ (failure (1)->host, "mx2.mail.company-y.example");
  EXPECT_STREQ (failure (1)->receiving_ip, "203.0.113.56");
  EXPECT_STREQ (failure (1)->sending_ip, "2001:db8:abcd:0013::1");
  EXPECT_NE (failure (1)->information, nullptr);
  EXPECT_EQ (failure (1)->sessions, 200u);
  EXPECT_STREQ (failure (2)->reason, "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED");
}

TEST_F (TlsReport, WhatIsWrittenIsReadTheSame)
{
  ASSERT_TRUE (parse (kExample));
  const std::string once = write (report);
  ASSERT_TRUE (parse (once)) << error;
  EXPECT_EQ (write (report), once);
  EXPECT_STREQ (failure (2)->reason, "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED");
}

/* What reporters do in spite of section 4.4 */
TEST_F (TlsReport, OldAndSparseReportsAreRead)
{
  ASSERT_TRUE (parse_with ("\"mx-host\": [\"*.mail.company-y.example\"]", "\"mx-host\": \"mx\""));
  EXPECT_STREQ (policy ()->mx_hosts[0], "mx");
  ASSERT_TRUE (parse_with ("\"contact-info\": \"sts-reporting@company-x.example\"",
                           "\"contact-info\": null"));
  EXPECT_EQ (report->contact, nullptr);
  ASSERT_TRUE (parse_with ("2016-04-01T00:00:00Z", "2016-04-01"));
  EXPECT_EQ (report->start, 1459468800);
  ASSERT_TRUE (parse_with ("2016-04-01T00:00:00Z", "2016-04-01T02:00:00.000+02:00"));
  EXPECT_EQ (report->start, 1459468800);
  ASSERT_TRUE (parse_with ("certificate-expired", "a-new-kind"));
  EXPECT_STREQ (failure (0)->type, "a-new-kind");
  ASSERT_TRUE (parse ("\xEF\xBB\xBF" + kExample)) << error;
  ASSERT_TRUE (parse (R"({"date-range":{"start-datetime":"2026-01-01T00:00:00Z",
    "end-datetime":"2026-01-01T23:59:59Z"},"policies":[{"policy":{"policy-type":"no-policy-found",
    "policy-domain":"example.org"},"summary":{"total-successful-session-count":1,
    "total-failure-session-count":0}}]})"))
      << error;
  EXPECT_EQ (policy ()->failures->len, 0u);
  EXPECT_EQ (postseal_tls_report_get_mode (policy ()), nullptr);
}

TEST_F (TlsReport, AWrongShapeIsNamed)
{
  EXPECT_FALSE (parse_with ("5326", "\"5326\""));
  EXPECT_NE (error.find ("total-successful-session-count"), std::string::npos) << error;
  EXPECT_EQ (code, POSTSEAL_TLS_REPORT_ERROR_SHAPE);
  EXPECT_FALSE (parse_with ("5326", "-1"));
  EXPECT_FALSE (parse_with ("5326", "1.5"));
  EXPECT_FALSE (parse_with ("5326", "null"));
  EXPECT_FALSE (parse_with ("5326", "99999999999999999999999"));
  EXPECT_FALSE (parse_with ("5326", "9223372036854775807"));
  EXPECT_FALSE (parse_with ("\"policies\"", "\"police\""));
  EXPECT_NE (error.find ("policies"), std::string::npos) << error;
  EXPECT_FALSE (parse_with ("\"summary\"", "\"sum\""));
  EXPECT_FALSE (parse_with ("\"result-type\": \"certificate-expired\"", "\"result-type\": {}"));
  EXPECT_FALSE (parse_with ("\"policy-domain\": \"company-y.example\",", ""));
  EXPECT_FALSE (parse_with ("2016-04-01T00:00:00Z", "yesterday"));
  EXPECT_NE (error.find ("start-datetime"), std::string::npos) << error;
  EXPECT_FALSE (parse_with ("2016-04-01T00:00:00Z", "0016-04-01T00:00:00Z"));
  EXPECT_FALSE (parse (R"({"date-range":{},"policies":[]})"));
  EXPECT_FALSE (parse (R"({"policies":[1]})"));
  EXPECT_FALSE (parse ("[]"));
  EXPECT_FALSE (parse ("{}"));
}

TEST_F (TlsReport, WhatIsNoJsonIsNoReport)
{
  for (const std::string &text :
       { std::string (), std::string ("{"), std::string ("nonsense"), std::string ("\0{}", 3),
         std::string ("{\"\xFF\": 1}"), kExample.substr (0, 500), std::string ("/* { */ {}"),
         std::string ("{'a': 1}"), "1" + kExample, kExample + "{}", kExample + "x",
         std::string ("\"{}\"") })
    {
      EXPECT_FALSE (parse (text)) << text;
      EXPECT_EQ (code, POSTSEAL_TLS_REPORT_ERROR_SYNTAX) << text;
    }
}

/* The parser is recursive, and what it makes of a byte takes hundreds. */
TEST_F (TlsReport, DepthAndSizeAreBounded)
{
  EXPECT_FALSE (parse (std::string (1000000, '[')));
  EXPECT_EQ (code, POSTSEAL_TLS_REPORT_ERROR_SHAPE);
  std::string nested;
  for (int i = 0; i < 100000; i++)
    nested += "{\"a\":";
  EXPECT_FALSE (parse (nested));
  std::string wide = "[0";
  for (int i = 0; i < 1000000; i++)
    wide += ",0";
  EXPECT_FALSE (parse (wide + "]"));
  EXPECT_EQ (code, POSTSEAL_TLS_REPORT_ERROR_SHAPE);
  /* In a text they are only characters. */
  EXPECT_TRUE (parse_with ("Company-X", std::string (1000, '[') + "\\\"{{{{{{{{{{{{{{{{{{{{{{"))
      << error;
}

TEST_F (TlsReport, NothingInATextReachesATerminal)
{
  ASSERT_TRUE (parse_with ("Company-X", "\\u001b[2J\\u202eevil\\n")) << error;
  EXPECT_STREQ (report->organization, "\\x1B[2J\\xE2\\x80\\xAEevil\\x0A");
  ASSERT_TRUE (parse_with ("mode: testing", "mode: \\u0007")) << error;
  EXPECT_STREQ (postseal_tls_report_get_mode (policy ()), "\\x07");
}

/* Section 4.5: the sum of what several send about the same. */
TEST_F (TlsReport, ReportsAddUpByDomainPolicyAndMode)
{
  g_autoptr (GPtrArray) reports
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_tls_report_free);

  for (const char *domain : { "company-y.example", "COMPANY-Y.example", "other.example" })
    {
      ASSERT_TRUE (parse_with ("\"policy-domain\": \"company-y.example\"",
                               std::string ("\"policy-domain\": \"") + domain + "\""));
      g_ptr_array_add (reports, g_steal_pointer (&report));
    }
  ASSERT_TRUE (parse_with ("mode: testing", "mode: enforce"));
  g_ptr_array_add (reports, g_steal_pointer (&report));
  ASSERT_TRUE (parse_with ("2016-04-01T00", "2016-03-01T00"));
  g_ptr_array_add (reports, g_steal_pointer (&report));

  report = postseal_tls_report_sum (reports);
  ASSERT_EQ (report->policies->len, 3u);
  EXPECT_EQ (policy (0)->failed, 909u) << "the worst first";
  EXPECT_EQ (policy (0)->successful, 3u * 5326);
  ASSERT_EQ (policy (0)->failures->len, 3u);
  EXPECT_STREQ (failure (0)->type, "starttls-not-supported");
  EXPECT_EQ (failure (0)->sessions, 600u);
  EXPECT_STREQ (failure (2)->type, "validation-failure");
  EXPECT_STREQ (policy (1)->domain, "company-y.example");
  EXPECT_STREQ (postseal_tls_report_get_mode (policy (1)), "enforce");
  EXPECT_STREQ (policy (2)->domain, "other.example");
  EXPECT_EQ (report->start, 1456790400);
  EXPECT_EQ (report->end, 1459468800 + 86399);
}

} // namespace
