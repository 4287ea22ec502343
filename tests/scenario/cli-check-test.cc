/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal check DOMAIN" as a whole: the program with postseal-lookup, against signed zones, https
   servers and mail servers of this machine. */

#include <gtest/gtest.h>

#include <json-glib/json-glib.h>

#include <algorithm>
#include <atomic>

#include "support/dns-zone.h"
#include "support/https-server.h"
#include "support/json-schema.h"
#include "support/sandbox.h"
#include "support/scripted-server.h"

using namespace postseal_test;

namespace
{

const std::string kDomain = "example.localhost";
const std::string kExchange = "mx.example.localhost";
const std::string kSecond = "mx2.example.localhost";
const std::string kPolicy = "mta-sts.example.localhost/.well-known/mta-sts.txt";
const std::string kGoodPolicy
    = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.localhost\r\nmax_age: 1209600\r\n";

const std::string kAutoconfig = "autoconfig.example.localhost/mail/config-v1.1.xml";

std::string
autoconfig (const std::string &servers)
{
  return "<clientConfig version=\"1.1\"><emailProvider id=\"example.localhost\">"
         "<displayName>Example</displayName>"
         + servers + "</emailProvider></clientConfig>";
}

std::string
incoming (const std::string &socket)
{
  return "<incomingServer type=\"imap\"><hostname>imap.example.localhost</hostname>"
         "<port>993</port><socketType>"
         + socket
         + "</socketType><authentication>password-cleartext</authentication>"
           "<username>%EMAILADDRESS%</username></incomingServer>";
}

CertOptions
for_names (const std::vector<std::string> &names)
{
  CertOptions options;

  options.dns = names;
  return options;
}

/* "2 0 0 ...": its issuer, as a whole. */
std::string
name_authority (const TestIdentity &identity)
{
  std::string text = "2 0 0 ";

  for (unsigned char byte : identity.issuer_der)
    {
      g_autofree char *two = g_strdup_printf ("%02x", byte);
      text += two;
    }
  return text;
}

/* One who takes mail for a domain. */
class Exchange
{
public:
  explicit Exchange (const TestIdentity &identity
                     = test_ca ().issue (for_names ({ kExchange, kSecond })),
                     const std::string &address = "127.0.0.1",
                     unsigned short port = 0)
      : tls_{ identity }, server_ ([this] (Peer &peer) { serve (peer); }, address, port)
  {
  }

  const TestIdentity &
  identity () const
  {
    return tls_.identity;
  }
  unsigned short
  port () const
  {
    return server_.port ();
  }
  ScriptedServer &
  server ()
  {
    return server_;
  }

  std::atomic<bool> offers_tls = true;
  std::atomic<bool> is_busy = false;

private:
  void
  serve (Peer &peer)
  {
    peer.send (is_busy ? "421 not now\r\n" : "220 mx ESMTP\r\n");
    while (auto line = peer.read_line ())
      {
        const bool may_upgrade = offers_tls && !peer.is_tls ();

        if (line->compare (0, 4, "EHLO") == 0)
          peer.send (may_upgrade ? "250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n"
                                 : "250-mx\r\n250 SIZE\r\n");
        else if (*line == "STARTTLS" && may_upgrade)
          {
            peer.send ("220 go\r\n");
            if (!peer.start_tls (tls_))
              return;
          }
        else if (*line == "QUIT")
          {
            peer.send ("221 bye\r\n");
            return;
          }
        else
          peer.send ("502 unknown\r\n");
      }
  }

  ServerTls tls_;
  ScriptedServer server_;
};

class CliCheck : public testing::Test
{
protected:
  /* A domain that nobody could complain of. */
  void
  publish_good ()
  {
    zone.add ("@ IN MX 10 mx");
    zone.add ("mx IN A 127.0.0.1");
    zone.add ("_25._tcp.mx IN TLSA " + name_key (mx.identity ()));
    publish_rest ();
  }

  /* But for the servers. */
  void
  publish_rest ()
  {
    zone.add ("@ IN TXT \"v=spf1 mx -all\"");
    zone.add ("_dmarc IN TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.localhost\"");
    zone.add ("_smtp._tls IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.localhost\"");
    zone.add ("_mta-sts IN TXT \"v=STSv1; id=20261122;\"");
    zone.add ("_tcp IN TXT services");
    zone.add ("_imaps._tcp IN SRV 0 1 993 imap");
    zone.add ("_submissions._tcp IN SRV 0 1 465 smtp");
    https.serve (kPolicy, kGoodPolicy);
    https.serve (kAutoconfig, autoconfig (incoming ("SSL")));
  }

  Outcome
  check (std::vector<std::string> arguments)
  {
    if (!is_started_)
      zone.start ();
    is_started_ = true;
    sandbox.write ("config/postseal/discovery.conf",
                   "[discovery]\ntimeout=" + timeout + "\nsmtp-port=" + std::to_string (smtp_port)
                       + "\n" + https.settings () + "\n" + zone.settings () + "\n");
    arguments.insert (arguments.begin (), "check");
    return sandbox.run (arguments, "", { { "GIO_USE_PROXY_RESOLVER", "dummy" } });
  }

  /* The IDs that are found, but for those that say that all is well. @ret_status: its exit status
   */
  std::vector<std::string>
  find (const std::vector<std::string> &arguments = { kDomain }, int *ret_status = nullptr)
  {
    std::vector<std::string> all = arguments, ids;
    g_autoptr (JsonParser) parser = json_parser_new ();

    all.insert (all.begin (), "--json");
    Outcome outcome = check (all);
    if (ret_status != nullptr)
      *ret_status = outcome.status;
    if (outcome.out.empty ()
        || !json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      {
        ADD_FAILURE () << outcome.out << outcome.err;
        return ids;
      }
    EXPECT_EQ (find_schema_fault ("check.json", outcome.out), "");
    JsonArray *findings = json_object_get_array_member (
        json_node_get_object (json_parser_get_root (parser)), "findings");
    for (guint i = 0; i < json_array_get_length (findings); i++)
      {
        JsonObject *finding = json_array_get_object_element (findings, i);
        std::string level = json_object_get_string_member (finding, "level");

        if (level != "good" || shows_good)
          ids.push_back (json_object_get_string_member (finding, "id"));
      }
    std::sort (ids.begin (), ids.end ());
    return ids;
  }

  using Ids = std::vector<std::string>;

  Sandbox sandbox;
  DnsZone zone;
  HttpsServer https{ "mta-sts.example.localhost", "autoconfig.example.localhost" };
  Exchange mx;
  unsigned short smtp_port = mx.port ();
  bool shows_good = false;
  std::string timeout = "20s"; /* enough for a machine that is busy */

private:
  bool is_started_ = false;
};

TEST_F (CliCheck, NothingIsSaidAgainstAnHonestDomain)
{
  int status = -1;

  publish_good ();
  zone.add ("s1._domainkey IN TXT \"v=DKIM1; k=ed25519; "
            "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"");
  EXPECT_EQ (find ({ "--selector=s1", kDomain }, &status), Ids ());
  EXPECT_EQ (status, 0);
  Outcome page = check ({ "--selector=s1", kDomain });
  EXPECT_NE (page.out.find ("nothing to complain of"), std::string::npos) << page.out;
}

TEST_F (CliCheck, AnAddressAndCapitalsMeanTheSameDomain)
{
  publish_good ();
  EXPECT_EQ (find ({ "jane@Example.LOCALHOST" }), Ids ({ "dkim-unasked" }));
}

TEST_F (CliCheck, EachFaultIsFoundAndNoOther)
{
  int status = -1;

  zone.add ("@ IN MX 10 mx");
  zone.add ("@ IN MX 20 alias");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("alias IN CNAME mx");
  zone.add ("@ IN TXT \"v=spf1 +all\"");
  zone.add ("_dmarc IN TXT \"v=DMARC1; p=none\"");
  zone.add ("_smtp._tls IN TXT \"v=TLSRPTv1; rua=ftp://example.localhost\"");
  zone.add ("_mta-sts IN TXT \"v=STSv1; id=1\"");
  zone.add ("_tcp IN TXT services");
  zone.add ("_imap._tcp IN SRV 0 1 143 imap");
  zone.add ("s1._domainkey IN TXT \"v=DKIM1; p=\"");
  https.serve (kPolicy,
               "version: STSv1\nmode: testing\nmx: mx.example.localhost\nmax_age: 86400\n");
  EXPECT_EQ (
      find ({ "--selector", "s1", kDomain }, &status),
      Ids ({ "autoconfig-absent", "cert-exchange", "dane-absent", "dkim-revoked", "dmarc-none",
             "mx-cname", "spf-all", "srv-plain", "sts-mx", "sts-testing", "tlsrpt-bad" }));
  EXPECT_EQ (status, 76);
}

TEST_F (CliCheck, NothingPublishedIsAbsentAndNotUnknown)
{
  zone.add ("@ IN MX 0 .");
  zone.add ("_tcp IN TXT services");
  zone.add ("_tls IN TXT names");
  EXPECT_EQ (find (), Ids ({ "autoconfig-absent", "dkim-unasked", "dmarc-absent", "null-mx",
                             "spf-absent", "srv-absent", "sts-absent", "tlsrpt-absent" }));
}

TEST_F (CliCheck, KeysOfEveryServerAreLookedFor)
{
  publish_good ();
  zone.add ("@ IN MX 20 mx2");
  zone.add ("mx2 IN A 127.0.0.1");
  https.serve (kPolicy, kGoodPolicy + "mx: mx2.example.localhost\n");
  EXPECT_EQ (find (), Ids ({ "dane-partial", "dkim-unasked" }));
}

/* What other servers see of those who take the domain's mail. */
class CliCheckExchange : public CliCheck
{
protected:
  bool
  has (const std::string &id, const std::vector<std::string> &arguments = { kDomain })
  {
    shows_good = true;
    const Ids ids = find (arguments);
    return std::count (ids.begin (), ids.end (), id) == 1;
  }
};

TEST_F (CliCheckExchange, AnotherKeyThanTheDnsNamesIsTold)
{
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_25._tcp.mx IN TLSA " + name_key (test_ca ().issue ()));
  publish_rest ();
  EXPECT_EQ (find (), Ids ({ "dane-mismatch", "dkim-unasked" }));
  mx.server ().stop ();
  EXPECT_EQ (mx.server ().all_clear ().find ("MAIL"), std::string::npos);
}

/* RFC 7672 section 3.1.1: of a key of its own neither names nor dates count. */
TEST_F (CliCheckExchange, AnExpiredCertificateWithItsKeyInTheDnsIsValid)
{
  CertOptions old = for_names ({ "elsewhere.example" });
  old.valid_from = -200 * 86400;
  old.valid_until = -86400;
  Exchange expired (test_ca ().issue (old));

  smtp_port = expired.port ();
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_25._tcp.mx IN TLSA " + name_key (expired.identity ()));
  shows_good = true;
  const Ids ids = find ();
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "dane-expired-ok"), 1);
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "cert-expired"), 0);
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "cert-name"), 0);
}

/* RFC 7672 section 3.1.2: under an authority names do count: the server's own, or the domain's. */
TEST_F (CliCheckExchange, UnderAnAuthorityInTheDnsNamesCount)
{
  TestCa own ("Nobody");
  Exchange named (own.issue (for_names ({ kDomain })));

  smtp_port = named.port ();
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_25._tcp.mx IN TLSA " + name_authority (named.identity ()));
  EXPECT_TRUE (has ("dane-ok"));
  EXPECT_FALSE (has ("cert-name"));
}

TEST_F (CliCheckExchange, UnderAnAuthorityInTheDnsAnotherNameIsAFault)
{
  TestCa own ("Nobody");
  Exchange other (own.issue (for_names ({ "elsewhere.example" })));

  smtp_port = other.port ();
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_25._tcp.mx IN TLSA " + name_authority (other.identity ()));
  EXPECT_TRUE (has ("cert-name"));
}

TEST_F (CliCheckExchange, EachOfThemCounts)
{
  Exchange second (test_ca ().issue (for_names ({ kSecond })), "127.0.0.2", mx.port ());

  publish_good ();
  zone.add ("@ IN MX 20 mx2");
  zone.add ("mx2 IN A 127.0.0.2");
  zone.add ("_25._tcp.mx2 IN TLSA " + name_key (mx.identity ()));
  https.serve (kPolicy, kGoodPolicy + "mx: mx2.example.localhost\n");
  EXPECT_EQ (find (), Ids ({ "dane-mismatch", "dkim-unasked" }));
  Outcome page = check ({ kDomain });
  EXPECT_NE (page.out.find ("mx2.example.localhost:"), std::string::npos) << page.out;
}

TEST_F (CliCheckExchange, WithoutStarttlsMailIsInClearOrRefused)
{
  mx.offers_tls = false;
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  publish_rest ();
  EXPECT_EQ (find (), Ids ({ "dane-absent", "dkim-unasked", "starttls-missing", "sts-mx-tls" }));
  https.serve (kPolicy, "version: STSv1\nmode: none\nmax_age: 86400\n");
  EXPECT_EQ (find (), Ids ({ "dane-absent", "dkim-unasked", "starttls-missing", "sts-none" }));
}

TEST_F (CliCheckExchange, WhatTheDnsNamesAKeyOfMustDoTls)
{
  mx.offers_tls = false;
  publish_good ();
  EXPECT_TRUE (has ("dane-no-tls"));
}

TEST_F (CliCheckExchange, OnlyAPolicyDemandsAGoodCertificate)
{
  TestCa stranger ("Nobody");
  Exchange own (stranger.issue (for_names ({ kExchange })));

  smtp_port = own.port ();
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  publish_rest ();
  EXPECT_TRUE (has ("sts-mx-tls"));
  https.serve (kPolicy,
               "version: STSv1\nmode: testing\nmx: mx.example.localhost\nmax_age: 86400\n");
  shows_good = false;
  EXPECT_EQ (find (), Ids ({ "cert-exchange", "dane-absent", "dkim-unasked", "sts-testing" }));
}

/* Many networks block the port: that is no fault of the domain. */
TEST_F (CliCheckExchange, OutOfReachIsUnknownAndSaidOnce)
{
  smtp_port = unused_port ();
  publish_good ();
  zone.add ("@ IN MX 20 mx2");
  zone.add ("mx2 IN A 127.0.0.2");
  zone.add ("_25._tcp.mx2 IN TLSA " + name_key (mx.identity ()));
  https.serve (kPolicy, kGoodPolicy + "mx: mx2.example.localhost\n");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "mx-unreached" }));
}

TEST_F (CliCheckExchange, NotNowIsUnknownToo)
{
  mx.is_busy = true;
  publish_good ();
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "port-busy" }));
  Outcome page = check ({ kDomain });
  EXPECT_NE (page.out.find (kExchange + ":"), std::string::npos) << page.out;
}

TEST_F (CliCheckExchange, ANameWithoutAnAddressTakesNoMail)
{
  publish_good ();
  zone.add ("@ IN MX 20 nowhere");
  zone.add ("_25._tcp.nowhere IN TLSA " + name_key (mx.identity ()));
  https.serve (kPolicy, kGoodPolicy + "mx: nowhere.example.localhost\n");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "mx-no-address" }));
}

/* RFC 5321 section 5.1 */
TEST_F (CliCheckExchange, WithoutARecordItIsTheDomainItself)
{
  Exchange itself (test_ca ().issue (for_names ({ kDomain })));

  smtp_port = itself.port ();
  zone.add ("@ IN A 127.0.0.1");
  publish_rest ();
  EXPECT_TRUE (has ("starttls-ok", { "--as=domain", kDomain }));
}

/* --- the settings of programs --- */

TEST_F (CliCheck, SettingsForProgramsAreReadAsProgramsReadThem)
{
  publish_good ();
  https.serve (kAutoconfig, autoconfig (incoming ("plain") + incoming ("SSL")));
  EXPECT_EQ (find (), Ids ({ "autoconfig-plain", "dkim-unasked" }));
  https.serve (kAutoconfig, autoconfig (""));
  EXPECT_EQ (find (), Ids ({ "autoconfig-bad", "dkim-unasked" }));
  https.serve (kAutoconfig, "<html>Welcome</html>");
  EXPECT_EQ (find (), Ids ({ "autoconfig-bad", "dkim-unasked" }));
  https.serve (kAutoconfig, "gone", 404);
  EXPECT_EQ (find (), Ids ({ "autoconfig-absent", "dkim-unasked" }));
  https.serve ("autoconfig.example.localhost/other", autoconfig (incoming ("SSL")));
  https.redirect (kAutoconfig, "https://autoconfig.example.localhost:"
                                   + std::to_string (https.port ()) + "/other");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked" })) << "programs follow";
}

TEST_F (CliCheck, KeysOfTheWrongKindAreOfNoUseForMail)
{
  zone.add ("@ IN MX 10 mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_25._tcp.mx IN TLSA 1 1 1 " + std::string (64, 'a'));
  std::vector<std::string> ids = find ();
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "dane-usage"), 1);
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "dane-absent"), 0);
}

TEST_F (CliCheck, WithoutSignaturesKeysProtectNothing)
{
  zone.strip_signatures ();
  zone.add_zone ("plain.localhost", false);
  zone.add ("plain.localhost. IN MX 10 mx.plain.localhost.");
  zone.add ("mx.plain.localhost. IN A 127.0.0.1");
  zone.add ("_25._tcp.mx.plain.localhost. IN TLSA 3 1 1 " + std::string (64, 'a'));
  std::vector<std::string> ids = find ({ "plain.localhost" });
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "dane-insecure"), 1);
  EXPECT_EQ (std::count (ids.begin (), ids.end (), "dnssec-absent"), 1);
}

TEST_F (CliCheck, RedirectedMissingAndBrokenPoliciesAreToldApart)
{
  publish_good ();
  https.redirect (kPolicy, "https://mta-sts.example.localhost/other");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "sts-redirect" }));
  https.serve (kPolicy, "gone", 404);
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "sts-fetch" }));
  https.serve (kPolicy, "version: STSv1\nmode: enforce\nmx: mx.example.localhost\n");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "sts-syntax" }));
}

TEST_F (CliCheck, APolicyServerThatProvesNothingIsNotBelieved)
{
  HttpsServer other{ "other.example.localhost" };

  publish_good ();
  zone.start ();
  other.serve (kPolicy, kGoodPolicy);
  sandbox.write ("config/postseal/discovery.conf",
                 "[discovery]\ntimeout=20s\n" + other.settings () + "\n" + zone.settings () + "\n");
  Outcome outcome
      = sandbox.run ({ "check", "--json", kDomain }, "", { { "GIO_USE_PROXY_RESOLVER", "dummy" } });
  EXPECT_NE (outcome.out.find ("\"sts-cert\""), std::string::npos) << outcome.out;
}

TEST_F (CliCheck, SpfCountsWhatIsIncluded)
{
  std::string record = "@ IN TXT \"v=spf1";

  publish_good ();
  DnsZone fresh;
  for (int i = 0; i < 4; i++)
    {
      record += " include:i" + std::to_string (i) + ".example.localhost";
      zone.add ("i" + std::to_string (i) + " IN TXT \"v=spf1 a mx -all\"");
    }
  /* Two records would be another fault. */
  zone.add ("sub IN TXT \"v=spf1 redirect=many.example.localhost\"");
  zone.add ("many" + record.substr (1) + " -all\"");
  Outcome outcome = check ({ "--as=domain", "--json", "sub.example.localhost" });
  EXPECT_NE (outcome.out.find ("\"spf-lookups\""), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("13 questions"), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("redirect=many.example.localhost 13"), std::string::npos)
      << outcome.out;
}

TEST_F (CliCheck, ASubdomainInheritsFromTheDomainAboveIt)
{
  publish_good ();
  zone.add ("sub IN A 127.0.0.1");
  Outcome outcome = check ({ "--as=domain", "--json", "sub.example.localhost" });
  EXPECT_NE (outcome.out.find ("\"dmarc-ok\""), std::string::npos) << outcome.out;
}

TEST_F (CliCheck, AServerThatDoesNotAnswerLeavesItUnknown)
{
  int status = -1;
  publish_good ();
  zone.refuse (kDomain);
  std::vector<std::string> ids = find ({ kDomain }, &status);

  EXPECT_EQ (std::count (ids.begin (), ids.end (), "spf-absent"), 0);
  EXPECT_GE (std::count (ids.begin (), ids.end (), "dns-fail"), 4);
  EXPECT_EQ (status, 75);
}

TEST_F (CliCheck, WrongSignaturesAreBogusAndNotAbsent)
{
  publish_good ();
  zone.break_signature ("_dmarc", "TXT");
  EXPECT_EQ (find (), Ids ({ "dkim-unasked", "dns-bogus" }));
}

TEST_F (CliCheck, ADeadResolverEndsAtItsLimit)
{
  timeout = "1s";
  publish_good ();
  zone.start ();
  std::string settings = zone.settings ();
  zone.stop ();
  sandbox.write ("config/postseal/discovery.conf",
                 "[discovery]\ntimeout=1s\n" + https.settings () + "\n" + settings + "\n");
  Outcome outcome = sandbox.run ({ "check", kDomain }, "", {});
  EXPECT_EQ (outcome.status, 75) << outcome.out << outcome.err;
  EXPECT_NE (outcome.out.find ("unknown"), std::string::npos) << outcome.out;
}

TEST_F (CliCheck, NonsenseIsAClearError)
{
  for (const char *text : { "", "localhost", "192.0.2.1", "::1", "exa mple.org", "a..b", ".org",
                            "example.org:25", "-", "\xff.org" })
    {
      Outcome outcome = check ({ "--as=domain", text });

      EXPECT_EQ (outcome.status, 64) << text;
      EXPECT_NE (outcome.err.find ("no name of a domain"), std::string::npos) << outcome.err;
      EXPECT_EQ (outcome.out, "");
    }
  EXPECT_EQ (check ({ "--selector=a b", kDomain }).status, 64);
  EXPECT_EQ (check ({ "--login", kDomain }).status, 64);
  EXPECT_EQ (check ({ "--as=planet", kDomain }).status, 64);
  EXPECT_EQ (check ({ kDomain, kDomain }).status, 64);
}

TEST_F (CliCheck, AnInternationalNameIsAskedForAsTheDnsKnowsIt)
{
  zone.add ("xn--bcher-kva IN MX 0 .");
  zone.add ("_tcp.xn--bcher-kva IN TXT services");
  Outcome outcome = check ({ "--json", "b\u00fccher.example.localhost" });
  EXPECT_NE (outcome.out.find ("\"null-mx\""), std::string::npos) << outcome.out << outcome.err;
}

} // namespace
