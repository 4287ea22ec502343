/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal report": what became of the connections, and the reports of others. */
#include <filesystem>

#include "scenario/hostile.h"
#include "scenario/outbox-fixture.h"
#include "scenario/toy-smtp.h"
#include "support/corpus.h"

namespace postseal_test
{

namespace
{

/* RFC 8460 section 4.4: each member of the kind it has to be. */
class Schema
{
public:
  static void
  expect_valid (const std::string &text)
  {
    g_autoptr (JsonParser) parser = json_parser_new ();

    ASSERT_TRUE (json_parser_load_from_data (parser, text.c_str (), -1, nullptr)) << text;
    JsonNode *root = json_parser_get_root (parser);
    ASSERT_TRUE (JSON_NODE_HOLDS_OBJECT (root)) << text;
    JsonObject *report = json_node_get_object (root);

    for (const char *name : { "organization-name", "contact-info", "report-id" })
      expect_text (report, name);
    JsonObject *range = get_object (report, "date-range");
    for (const char *name : { "start-datetime", "end-datetime" })
      expect_time (range, name);
    for (JsonObject *policy : get_objects (report, "policies"))
      expect_policy (policy);
    expect_only (report,
                 { "organization-name", "contact-info", "report-id", "date-range", "policies" });
  }

private:
  static void
  expect_policy (JsonObject *object)
  {
    JsonObject *policy = get_object (object, "policy");
    JsonObject *summary = get_object (object, "summary");
    gint64 n_failures = 0;

    ASSERT_TRUE (policy != nullptr && summary != nullptr);
    expect_text (policy, "policy-domain");
    const std::string type = json_object_get_string_member (policy, "policy-type");
    EXPECT_TRUE (type == "tlsa" || type == "sts" || type == "no-policy-found") << type;
    expect_number (summary, "total-successful-session-count");
    expect_number (summary, "total-failure-session-count");
    for (JsonObject *failure : get_objects (object, "failure-details"))
      {
        expect_type (json_object_get_string_member (failure, "result-type"));
        expect_number (failure, "failed-session-count");
        n_failures += json_object_get_int_member (failure, "failed-session-count");
        expect_only (failure, { "result-type", "sending-mta-ip", "receiving-mx-hostname",
                                "receiving-mx-helo", "receiving-ip", "failed-session-count",
                                "additional-information", "failure-reason-code" });
      }
    EXPECT_EQ (json_object_get_int_member (summary, "total-failure-session-count"), n_failures);
    expect_only (policy, { "policy-type", "policy-string", "policy-domain", "mx-host" });
    expect_only (object, { "policy", "summary", "failure-details" });
  }

  /* Section 4.3 */
  static void
  expect_type (const std::string &type)
  {
    static const std::vector<std::string> kTypes
        = { "starttls-not-supported", "certificate-host-mismatch",
            "certificate-expired",    "certificate-not-trusted",
            "validation-failure",     "tlsa-invalid",
            "dnssec-invalid",         "dane-required" };

    EXPECT_NE (std::find (kTypes.begin (), kTypes.end (), type), kTypes.end ()) << type;
  }

  static void
  expect_text (JsonObject *object, const char *name)
  {
    JsonNode *node = json_object_get_member (object, name);

    EXPECT_TRUE (node != nullptr && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING)
        << name;
  }

  static void
  expect_number (JsonObject *object, const char *name)
  {
    JsonNode *node = json_object_get_member (object, name);

    EXPECT_TRUE (node != nullptr && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_INT64)
        << name;
  }

  static void
  expect_time (JsonObject *object, const char *name)
  {
    g_autoptr (GDateTime) date
        = g_date_time_new_from_iso8601 (json_object_get_string_member (object, name), nullptr);

    EXPECT_NE (date, nullptr) << name;
  }

  static void
  expect_only (JsonObject *object, const std::vector<std::string> &names)
  {
    g_autoptr (GList) members = json_object_get_members (object);

    for (GList *member = members; member != nullptr; member = member->next)
      EXPECT_NE (std::find (names.begin (), names.end (), static_cast<const char *> (member->data)),
                 names.end ())
          << static_cast<const char *> (member->data);
  }

  static JsonObject *
  get_object (JsonObject *object, const char *name)
  {
    JsonNode *node = json_object_get_member (object, name);

    EXPECT_TRUE (node != nullptr && JSON_NODE_HOLDS_OBJECT (node)) << name;
    return node != nullptr && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : nullptr;
  }

  static std::vector<JsonObject *>
  get_objects (JsonObject *object, const char *name)
  {
    JsonNode *node = json_object_get_member (object, name);
    std::vector<JsonObject *> objects;

    EXPECT_TRUE (node != nullptr && JSON_NODE_HOLDS_ARRAY (node)) << name;
    if (node == nullptr || !JSON_NODE_HOLDS_ARRAY (node))
      return objects;
    JsonArray *array = json_node_get_array (node);
    for (guint i = 0; i < json_array_get_length (array); i++)
      objects.push_back (json_array_get_object_element (array, i));
    return objects;
  }
};

ServerTls
make_tls (const std::function<void (CertOptions &options)> &change)
{
  CertOptions options;

  change (options);
  return { test_ca ().issue (options) };
}

} // namespace

/* --- counting --- */

class CliReportCounts : public Scenario
{
protected:
  /* Each connection has the next of these, the last one again and again. */
  std::vector<ServerTls> shown_;
  ScriptedServer server_{ [this] (Peer &peer) {
    serve_implicit (peer, GetParam (),
                    shown_[std::min<size_t> (peer.index (), shown_.size () - 1)]);
  } };

  int
  fetch_once ()
  {
    return fetch (GetParam ().implicit, server_.port ()).status;
  }

  std::string
  counts_file () const
  {
    return sandbox.home () + "/state/postseal/accounts/work/tls-counts";
  }
};

INSTANTIATE_TEST_SUITE_P (Both, CliReportCounts, testing::ValuesIn (kProtocols), protocol_name);

TEST_P (CliReportCounts, EachConnectionIsCountedOnceWithItsType)
{
  shown_ = { make_tls ([] (CertOptions &options) {
               options.valid_from = -7200;
               options.valid_until = -3600;
             }),
             make_tls ([] (CertOptions &options) { options.dns = { "other.example.org" }; }),
             make_tls ([] (CertOptions &) {}) };
  EXPECT_EQ (fetch_once (), 76);
  EXPECT_EQ (fetch_once (), 76);
  EXPECT_EQ (fetch_once (), 0);
  EXPECT_EQ (fetch_once (), 0);

  const Outcome json = sandbox.run ({ "report", "--json" });
  EXPECT_EQ (json.status, 0) << json.err;
  Schema::expect_valid (json.out);
  Json report (json.out);
  EXPECT_EQ (report["organization-name"], "Postseal on this computer");
  EXPECT_EQ (report["policies.0.policy.policy-type"], "no-policy-found");
  EXPECT_EQ (report["policies.0.policy.policy-domain"], "localhost");
  EXPECT_EQ (report["policies.0.summary.total-successful-session-count"], "2");
  EXPECT_EQ (report["policies.0.summary.total-failure-session-count"], "2");
  EXPECT_EQ (report["policies.0.failure-details.0.result-type"], "certificate-expired");
  EXPECT_EQ (report["policies.0.failure-details.0.failed-session-count"], "1");
  EXPECT_EQ (report["policies.0.failure-details.0.receiving-mx-hostname"], "localhost");
  EXPECT_EQ (report["policies.0.failure-details.1.result-type"], "certificate-host-mismatch");
  EXPECT_EQ (report["policies.0.failure-details.1.failure-reason-code"], "identity");
  EXPECT_EQ (report["policies.0.failure-details.2"], "(absent)");
  EXPECT_EQ (report["policies.1"], "(absent)");

  const Outcome text = sandbox.run ({ "report" });
  for (const std::string &words :
       { std::string ("work  receiving, localhost:") + std::to_string (server_.port ()),
         std::string ("sealed      2 connections"), std::string ("the certificate had expired"),
         std::string ("(certificate-host-mismatch)"),
         std::string ("→ See whether this computer's") })
    EXPECT_TRUE (has (text.out, words)) << words << " in\n" << text.out;
}

TEST_P (CliReportCounts, WhatTheNetworkPreventedIsNotCounted)
{
  shown_ = { make_tls ([] (CertOptions &) {}) };
  EXPECT_EQ (fetch (GetParam ().implicit, unused_port ()).status, 75);
  EXPECT_FALSE (std::filesystem::exists (counts_file ()));
  EXPECT_TRUE (has (sandbox.run ({ "report" }).out, "work  no connections\n"));
}

TEST_P (CliReportCounts, ADamagedFileCostsNoMail)
{
  shown_ = { make_tls ([] (CertOptions &) {}) };
  sandbox.write ("state/postseal/accounts/work/tls-counts", "postseal-tls-counts 1\nrubbish\n");
  const Outcome shown = fetch (GetParam ().implicit, server_.port ());
  EXPECT_TRUE (has (shown.err, "tls-counts is damaged")) << shown.err;
  expect_delivered (shown);
  const Outcome text = sandbox.run ({ "report" });
  EXPECT_EQ (text.status, 0) << text.err;
  EXPECT_TRUE (has (text.out, "sealed      1 connection,")) << text.out;
}

TEST_P (CliReportCounts, WhereTheyCannotBeWrittenMailComesAllTheSame)
{
  shown_ = { make_tls ([] (CertOptions &) {}) };
  std::filesystem::create_directories (counts_file () + "/in the way");
  expect_delivered (fetch (GetParam ().implicit, server_.port ()));
  const Outcome text = sandbox.run ({ "report" });
  EXPECT_EQ (text.status, 74) << text.out;
}

class CliReport : public OutboxTest
{
protected:
  ~CliReport () override { smtp_.server ().stop (); }

  void
  write_counts (const std::string &account, const std::string &lines)
  {
    sandbox.write ("state/postseal/accounts/" + account + "/tls-counts",
                   "postseal-tls-counts 1\n" + lines + "end\n");
  }

  Outcome
  report (std::vector<std::string> arguments = {}, const std::string &input = "")
  {
    arguments.insert (arguments.begin (), "report");
    return sandbox.run (arguments, input, { { "COLUMNS", "200" }, { "TZ", "UTC" } });
  }

  ToySmtp smtp_;
};

TEST_F (CliReport, SendingIsCounted)
{
  const std::string secret = sandbox.write ("secret", "correct-horse-77\n");

  configure (smtp_.port (),
             "ca-file=" + test_ca ().ca_file () + "\npassword=file:" + secret + "\n");
  EXPECT_EQ (sandbox.run ({ "send", "--wait", "bob@example.net" }, kMessage).status, 0);
  Json json (report ({ "--json" }).out);
  EXPECT_EQ (json["policies.0.summary.total-successful-session-count"], "1");
  EXPECT_TRUE (has (report ().out, "work  sending, localhost:")) << report ().out;
}

TEST_F (CliReport, MailInClearIsAFailure)
{
  sandbox.configure ("[account work]\naddress=jane@example.org\nsend=smtp://localhost:"
                     + std::to_string (smtp_.port ()) + "\nsend-tls=opportunistic\nauth=none\n");
  smtp_.hook = [] (Peer &peer, const std::string &line) {
    if (line != "STARTTLS" && line.rfind ("EHLO", 0) != 0)
      return false;
    peer.send (line == "STARTTLS" ? "502 5.5.1 Unknown command\r\n" : "250 toy.example\r\n");
    return true;
  };
  EXPECT_EQ (sandbox.run ({ "send", "--wait", "bob@example.net" }, kMessage).status, 0);
  const Outcome json = report ({ "--json" });
  Schema::expect_valid (json.out);
  EXPECT_EQ (Json (json.out)["policies.0.failure-details.0.result-type"], "starttls-not-supported");
  EXPECT_EQ (Json (json.out)["policies.0.failure-details.0.failure-reason-code"], "in-clear");
  EXPECT_TRUE (has (report ().out, "in clear    1 connection")) << report ().out;
}

/* Days far away on both sides, so that none turns into another while the test runs. */
TEST_F (CliReport, ShowsTheDaysAndAccountsThatWereAskedFor)
{
  configure (9);
  write_counts ("work", "2001-01-01 send a.example:587 ca sealed 7 978350400\n"
                        "2999-01-01 send a.example:587 ca sealed 5 978350400\n"
                        "2999-01-02 send a.example:587 dane sealed 1 978350400\n"
                        "2999-01-02 send a.example:587 ca handshake 3 978350400\n");
  write_counts ("club", "2999-01-02 send [::1]:587 ca sealed 2 978350400\n");
  Outcome text = report ({ "--days=60" });
  EXPECT_TRUE (has (text.out, "  sealed      6 connections, the last ")) << text.out;
  EXPECT_TRUE (has (text.out, "  refused     3 connections, the last ")) << text.out;
  EXPECT_TRUE (has (text.out, "club  sending, [::1]:587\n  sealed      2 connections")) << text.out;

  text = report ({ "--account=club" });
  EXPECT_FALSE (has (text.out, "work")) << text.out;
  const Outcome json = report ({ "--json", "-a", "work", "-a", "club" });
  Schema::expect_valid (json.out);
  EXPECT_EQ (Json (json.out)["policies.0.policy.policy-domain"], "a.example");
  EXPECT_EQ (Json (json.out)["policies.0.summary.total-successful-session-count"], "5");
  EXPECT_EQ (Json (json.out)["policies.1.policy.policy-domain"], "::1");
  EXPECT_EQ (Json (json.out)["policies.2.policy.policy-type"], "tlsa");

  EXPECT_EQ (report ({ "--account=nobody" }).status, 78);
  for (const char *days : { "--days=0", "--days=61", "--days=-1", "--days=x" })
    EXPECT_EQ (report ({ days }).status, 64) << days;
}

/* --- reports of others --- */

static std::string
make_report (const std::string &id, unsigned failed, const std::string &mode = "enforce")
{
  return R"({"organization-name":"Sender Inc.","date-range":{"start-datetime":"2026-05-08T00:00:00Z",
    "end-datetime":"2026-05-08T23:59:59Z"},"contact-info":"mailto:tls@sender.example","report-id":")"
         + id
         + R"(","policies":[{"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: )"
         + mode + R"("],"policy-domain":"example.net","mx-host":["mx.example.net"]},"summary":
    {"total-successful-session-count":10,"total-failure-session-count":)"
         + std::to_string (failed) + R"(},"failure-details":[{"result-type":"certificate-expired",
    "receiving-mx-hostname":"mx.example.net","failed-session-count":)"
         + std::to_string (failed) + "}]}]}";
}

static std::string
pack (const std::string &text)
{
  GZlibCompressor *packer = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  std::string packed (text.size () + 1000, '\0');
  gsize n_read = 0, n_written = 0;

  g_converter_convert (G_CONVERTER (packer), text.data (), text.size (), packed.data (),
                       packed.size (), G_CONVERTER_INPUT_AT_END, &n_read, &n_written, nullptr);
  g_object_unref (packer);
  packed.resize (n_written);
  return packed;
}

/* RFC 8460 section 5.3 */
static std::string
make_mail (const std::string &packed)
{
  g_autofree char *encoded
      = g_base64_encode (reinterpret_cast<const guchar *> (packed.data ()), packed.size ());

  return std::string ("From: noreply-smtp-tls-reporting@sender.example\n"
                      "Subject: Report Domain: example.net Submitter: sender.example "
                      "Report-ID: <x>\n"
                      "TLS-Report-Domain: example.net\n"
                      "TLS-Report-Submitter: mail.sender.example\n"
                      "MIME-Version: 1.0\n"
                      "Content-Type: multipart/report; boundary=\"b\"; report-type=tlsrpt\n\n"
                      "--b\nContent-Type: text/plain\n\nA report.\n"
                      "--b\nContent-Type: application/tlsrpt+gzip; name=\"a!b!1!2.json.gz\"\n"
                      "Content-Transfer-Encoding: base64\n\n")
         + encoded + "\n--b--\n";
}

TEST_F (CliReport, ReadsJsonGzipAndMailAlike)
{
  const std::string text = make_report ("one", 3);
  const std::string json = report ({ "--json", sandbox.write ("a.json", text) }).out;

  Schema::expect_valid (json);
  EXPECT_EQ (Json (json)["policies.0.failure-details.0.failed-session-count"], "3");
  EXPECT_EQ (report ({ "--json", sandbox.write ("a.json.gz", pack (text)) }).out, json);
  EXPECT_EQ (report ({ "--json", sandbox.write ("a.eml", make_mail (pack (text))) }).out, json);
  EXPECT_EQ (report ({ "--json", "-" }, make_mail (pack (text))).out, json);
  EXPECT_EQ (
      report ({ "--json", "-" }, "From x@y Sat May  9 10:00:00 2026\n" + make_mail (pack (text)))
          .out,
      json);
  EXPECT_EQ (report ({ "--json", "-" }, pack (text)).out, json);
}

TEST_F (CliReport, SaysInWordsWhatAReportMeans)
{
  const Outcome outcome = report ({ "-" }, make_mail (pack (make_report ("one", 3))));

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  for (const char *words :
       { "Sender Inc.  2026-05-08\n", "mailed by   mail.sender.example\n",
         "example.net  MTA-STS, mode “enforce”\n", "sealed      10 connections\n",
         "failed      3 connections: no mail went over them",
         "3           the certificate had expired (certificate-expired)\n", "mx.example.net: 3\n",
         "→ Renew it" })
    EXPECT_TRUE (has (outcome.out, words)) << words << " in\n" << outcome.out;
  EXPECT_TRUE (has (report ({ "-" }, make_report ("one", 3, "testing")).out,
                    "mail may have come over them"));
}

TEST_F (CliReport, SeveralAreAddedUpAndEachCountsOnce)
{
  const std::string one = sandbox.write ("1", make_report ("one", 3));
  const std::string again = sandbox.write ("2", pack (make_report ("one", 3)));
  const std::string two = sandbox.write ("3", make_report ("two", 4));
  const Outcome outcome = report ({ one, again, two });
  const size_t sum = outcome.out.find ("All together");

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "counts once")) << outcome.err;
  ASSERT_NE (sum, std::string::npos) << outcome.out;
  EXPECT_TRUE (has (outcome.out.substr (sum), "failed      7 connections")) << outcome.out;
  EXPECT_FALSE (has (report ({ one }).out, "All together"));
  Json json (report ({ "--json", one, two }).out);
  EXPECT_EQ (json.size (), 2u);
  EXPECT_EQ (json["1.report-id"], "two");
}

TEST_F (CliReport, WhatIsNoReportIsToldAndTheOthersAreShown)
{
  const std::string good = sandbox.write ("good", make_report ("one", 3));
  const std::string packed = pack (make_report ("two", 4));
  const std::vector<std::pair<std::string, std::string>> bad = {
    { "", "neither JSON" },
    { "hello", "neither JSON" },
    { "Subject: hello\n\nNo report.\n", "nor a mail" },
    { "{", "no JSON" },
    { "[]", "no object" },
    { "{\"policies\":{}}", "“policies” is missing" },
    { packed.substr (0, packed.size () / 2), "cut off" },
    { pack (std::string (17 << 20, ' ')), "larger than any report" },
    { make_mail (packed.substr (0, 50)), "cut off" },
    { make_mail ("{}"), "“policies” is missing" },
    { std::string (5000000, '['), "nested too deeply" },
    { std::string (33 << 20, 'x'), "larger than any report" },
  };

  for (const auto &[text, words] : bad)
    {
      const std::string path = sandbox.write ("bad", text);
      const Outcome outcome = report ({ path, good });

      EXPECT_EQ (outcome.status, 65) << words << "\n" << outcome.err;
      EXPECT_TRUE (has (outcome.err, words)) << words << " in\n" << outcome.err;
      EXPECT_TRUE (has (outcome.err, path)) << outcome.err;
      EXPECT_TRUE (has (outcome.out, "Sender Inc.")) << outcome.out;
    }
  EXPECT_EQ (report ({ "--json", sandbox.write ("bad", "x") }).out, "");
}

TEST_F (CliReport, AFileThatCannotBeReadIsNoBadReport)
{
  EXPECT_EQ (report ({ sandbox.home () + "/missing" }).status, 74);
  EXPECT_EQ (report ({ sandbox.home () }).status, 74);
  EXPECT_EQ (report ({ "--days=3", "x" }).status, 64);
  EXPECT_EQ (report ({ "--account=work", "x" }).status, 64);
}

TEST_F (CliReport, NothingInItReachesTheTerminal)
{
  const Outcome outcome = report ({ "-" }, make_report ("\\u001b]0;evil\\u0007", 3));

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.out.find ('\x1b'), std::string::npos);
  EXPECT_EQ (outcome.out.find ('\x07'), std::string::npos);
  EXPECT_TRUE (has (outcome.out, "\\x1B]0;evil")) << outcome.out;
}

} // namespace postseal_test
