/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal account add ADDRESS" as a whole: the program with postseal-lookup, against signed
   zones, https servers and mail servers of this machine. */

#include <gtest/gtest.h>

#include <json-glib/json-glib.h>

#include "scenario/terminal.h"
#include "support/dns-zone.h"
#include "support/https-server.h"
#include "support/mail-server.h"
#include "support/sandbox.h"

using namespace postseal_test;

using Kind = MailServer::Kind;
using Start = MailServer::Start;

namespace
{

const std::string kAddress = "jane.doe@example.localhost";
const std::string kImap = "imap.example.localhost";
const std::string kSmtp = "smtp.example.localhost";
const std::string kFile = "autoconfig.example.localhost/mail/config-v1.1.xml";

bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

/* The text folded by the width of a terminal, unfolded. */
std::string
unfold (const std::string &text)
{
  std::string flat;

  for (char c : text)
    if (c != '\n' && c != ' ' && c != '\r')
      flat += c;
  return flat;
}

std::string
server_xml (const std::string &type, const std::string &socket, const std::string &host, int port)
{
  std::string kind = type == "smtp" ? "outgoingServer" : "incomingServer";

  return "<" + kind + " type=\"" + type + "\"><hostname>" + host + "</hostname><port>"
         + std::to_string (port) + "</port><socketType>" + socket
         + "</socketType><authentication>password-cleartext</authentication>"
           "<username>%EMAILADDRESS%</username></"
         + kind + ">";
}

class CliDiscover : public testing::Test
{
protected:
  std::string
  config_file ()
  {
    return read_file (sandbox.home () + "/config/postseal/accounts.conf");
  }

  /* As published by the domain itself. */
  void
  publish (const std::string &servers)
  {
    https.serve (kFile, "<clientConfig version=\"1.1\"><emailProvider id=\"example.localhost\">"
                        "<displayName>Example</displayName>"
                            + servers + "</emailProvider></clientConfig>");
  }

  void
  publish_good ()
  {
    publish (server_xml ("imap", "SSL", kImap, imap.port ())
             + server_xml ("smtp", "SSL", kSmtp, smtp.port ()));
  }

  void
  add_srv (const std::string &service, const std::string &host, int port)
  {
    /* The test's server proves no names missing below a name that has no record (RFC 5155 section
       7.2.2 would have it). */
    if (!has_srv_)
      zone.add ("_tcp IN TXT services");
    has_srv_ = true;
    zone.add (service + "._tcp IN SRV 0 1 " + std::to_string (port) + " " + host + ".");
  }

  void
  start ()
  {
    if (!is_started_)
      zone.start ();
    is_started_ = true;
    sandbox.write ("config/postseal/discovery.conf",
                   "[discovery]\nlist=" + list + "\ntimeout=" + timeout + "\n" + https.settings ()
                       + "\n" + zone.settings () + "\n");
  }

  std::map<std::string, std::string>
  environment ()
  {
    std::string ports;

    for (const char *scheme : { "imaps", "imap", "pop3s", "pop3", "submissions", "submission" })
      ports += std::string (scheme) + "="
               + std::to_string (guesses.count (scheme) ? guesses[scheme] : unused_port ()) + " ";
    return { { "POSTSEAL_GUESS_PORTS", ports },
             { "GIO_USE_PROXY_RESOLVER", "dummy" },
             { "POSTSEAL_DATA_DIR", sandbox.home () + "/data" } };
  }

  Outcome
  add (std::vector<std::string> options = { "--yes" }, const std::string &address = kAddress)
  {
    start ();
    options.insert (options.begin (), { "account", "add", address });
    return sandbox.run (options, "", environment ());
  }

  Sandbox sandbox;
  DnsZone zone;
  HttpsServer https{ "autoconfig.example.localhost", "example.localhost" };
  MailServer imap{ Kind::Imap, Start::Implicit, { kImap } };
  MailServer smtp{ Kind::Smtp, Start::Implicit, { kSmtp } };
  std::map<std::string, unsigned short> guesses;
  std::string list;
  std::string timeout = "20s"; /* enough for a machine that is busy */

private:
  bool is_started_ = false;
  bool has_srv_ = false;
};

TEST_F (CliDiscover, ProvidersFileBecomesAnAccount)
{
  publish_good ();
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (outcome.err, "");
  for (const char *words :
       { "from your provider", "proven", "Example", "IMAP", "Encrypted", "postseal password set" })
    EXPECT_TRUE (has (outcome.out, words)) << words << "\n" << outcome.out;
  std::string config = config_file ();
  EXPECT_TRUE (has (config, "[account " + kAddress + "]\naddress=" + kAddress + "\n")) << config;
  EXPECT_TRUE (
      has (config, "receive=imaps://" + kImap + ":" + std::to_string (imap.port ()) + "\n"))
      << config;
  EXPECT_TRUE (
      has (config, "send=submissions://" + kSmtp + ":" + std::to_string (smtp.port ()) + "\n"))
      << config;
  EXPECT_TRUE (has (config, "deliver=maildir:~/Mail/" + kAddress + "\n")) << config;
  EXPECT_EQ (sandbox.run ({ "account", "show", kAddress }).status, 0);
}

TEST_F (CliDiscover, SendingWithoutALogInIsLeftOutAndSaid)
{
  std::string relay = server_xml ("smtp", "SSL", kSmtp, smtp.port ());
  const std::string word = "password-cleartext";

  relay.replace (relay.find (word), word.size (), "none");
  publish (server_xml ("imap", "SSL", kImap, imap.port ()) + relay);
  Outcome outcome = add ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (unfold (outcome.out), unfold ("only receives"))) << outcome.out;
  EXPECT_TRUE (has (config_file (), "receive=")) << config_file ();
  EXPECT_FALSE (has (config_file (), "send=")) << config_file ();
}

TEST_F (CliDiscover, DryRunPrintsJustWhatIsWrittenLater)
{
  publish_good ();
  Outcome dry = add ({ "--dry-run", "--name", "Jane Doe", "--keep", "14d" });

  EXPECT_EQ (dry.status, 0) << dry.err;
  EXPECT_EQ (config_file (), "");
  Outcome wet = add ({ "--yes", "--name", "Jane Doe", "--keep", "14d" });
  EXPECT_EQ (wet.status, 0) << wet.err;
  EXPECT_EQ (config_file (), dry.out);
  EXPECT_TRUE (has (dry.out, "name=Jane Doe\n")) << dry.out;
  EXPECT_TRUE (has (dry.out, "keep=14d\n")) << dry.out;
}

TEST_F (CliDiscover, AccountMayHaveAnotherName)
{
  publish_good ();
  EXPECT_EQ (add ({ "--yes", "--account", "work" }).status, 0);
  EXPECT_TRUE (has (config_file (), "[account work]\n"));
  EXPECT_TRUE (has (config_file (), "deliver=maildir:~/Mail/work\n"));

  Outcome again = add ({ "--yes", "--account", "work" });
  EXPECT_EQ (again.status, 78);
  EXPECT_TRUE (has (again.err, "--account")) << again.err;
}

TEST_F (CliDiscover, SignedDnsNamesTheServers)
{
  add_srv ("_imaps", kImap, imap.port ());
  add_srv ("_submissions", kSmtp, smtp.port ());
  zone.add ("_imap._tcp IN SRV 0 0 0 .");
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "DNS of example.localhost, signed")) << outcome.out;
}

TEST_F (CliDiscover, BogusDnsIsNotBelieved)
{
  add_srv ("_imaps", kImap, imap.port ());
  add_srv ("_submissions", kSmtp, smtp.port ());
  zone.break_signature ("_imaps._tcp", "SRV");
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 76) << outcome.out;
  EXPECT_EQ (config_file (), "");
  EXPECT_EQ (imap->connections (), 0u);
  EXPECT_EQ (smtp->connections (), 0u);
}

TEST_F (CliDiscover, UsualNamesAreFound)
{
  guesses["imaps"] = imap.port ();
  guesses["submissions"] = smtp.port ();
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "usual names")) << outcome.out;
}

TEST_F (CliDiscover, NothingFoundIs69AndTellsHowToDoItByHand)
{
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "no servers")) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "--receive imaps://HOST")) << outcome.err;
  EXPECT_EQ (config_file (), "");
}

TEST_F (CliDiscover, ListIsOfferedAndAskedOnDemand)
{
  https.serve ("example.localhost/list/example.localhost",
               "<clientConfig><emailProvider>" + server_xml ("imap", "SSL", kImap, imap.port ())
                   + server_xml ("smtp", "SSL", kSmtp, smtp.port ())
                   + "</emailProvider></clientConfig>");
  list = "https://example.localhost:" + std::to_string (https.port ()) + "/list/";
  Outcome without = add ();
  EXPECT_EQ (without.status, 69) << without.out;
  EXPECT_TRUE (has (without.err, "With --ask-list")) << without.err;
  EXPECT_FALSE (has (https.learnt (), "/list/"));

  Outcome with = add ({ "--yes", "--ask-list" });
  EXPECT_EQ (with.status, 0) << with.err;
  EXPECT_TRUE (has (with.out, "list of providers at example.localhost")) << with.out;
}

TEST_F (CliDiscover, DeadNetworkIs75)
{
  timeout = "3s";
  start ();
  zone.stop ();
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 75) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "Check the network")) << outcome.err;
  EXPECT_LT (outcome.seconds, 15.0);
}

TEST_F (CliDiscover, OnlyClearServersAre76AndNamed)
{
  MailServer clear (Kind::Imap, Start::Clear, { kImap });

  guesses["imap"] = clear.port ();
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 76) << outcome.err;
  std::string said = unfold (outcome.err);
  EXPECT_TRUE (has (said, "port" + std::to_string (clear.port ()))) << outcome.err;
  EXPECT_TRUE (has (said, kImap)) << outcome.err;
  EXPECT_TRUE (has (said, "asktheprovider")) << outcome.err;
  EXPECT_EQ (config_file (), "");
  clear->stop ();
  EXPECT_FALSE (has (clear->all_clear (), "LOGIN"));
}

TEST_F (CliDiscover, UnknownAuthorityIs76AndNothingIsWritten)
{
  TestCa stranger ("Nobody");
  MailServer bad (Kind::Imap, Start::Implicit, { kImap }, stranger);

  publish (server_xml ("imap", "SSL", kImap, bad.port ())
           + server_xml ("smtp", "SSL", kSmtp, smtp.port ()));
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 76) << outcome.out;
  EXPECT_TRUE (has (outcome.err, "Nobody")) << outcome.err;
  EXPECT_EQ (config_file (), "");
}

/* Nor need the account say more than any other: it asks the DNS by itself. */
TEST_F (CliDiscover, SignedDnsVouchesWhereNoAuthorityDoes)
{
  TestCa stranger ("Nobody");
  MailServer own (Kind::Imap, Start::Implicit, { kImap }, stranger);

  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_" + std::to_string (own.port ()) + "._tcp.imap IN TLSA "
            + name_key (own.identity ()));
  publish (server_xml ("imap", "SSL", kImap, own.port ())
           + server_xml ("smtp", "SSL", kSmtp, smtp.port ()));
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (config_file (), std::to_string (own.port ()))) << config_file ();
  EXPECT_FALSE (has (config_file (), "dane=")) << config_file ();
}

/* And it refuses where an authority vouches for another key. */
TEST_F (CliDiscover, AKeyThatSignedDnsDoesNotNameIs76)
{
  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_" + std::to_string (imap.port ()) + "._tcp.imap IN TLSA "
            + name_key (smtp.identity ()));
  publish_good ();
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 76) << outcome.out;
  EXPECT_TRUE (has (outcome.err, "DANE")) << outcome.err;
  EXPECT_EQ (config_file (), "");
}

TEST_F (CliDiscover, MixedUpPortIsMended)
{
  publish (server_xml ("imap", "STARTTLS", kImap, imap.port ())
           + server_xml ("smtp", "SSL", kSmtp, smtp.port ()));
  Outcome outcome = add ();

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (
      has (config_file (), "receive=imaps://" + kImap + ":" + std::to_string (imap.port ()) + "\n"))
      << config_file ();
}

TEST_F (CliDiscover, Pop3IsTakenOnDemand)
{
  MailServer pop3 (Kind::Pop3, Start::Implicit, { kImap });

  publish (server_xml ("imap", "SSL", kImap, imap.port ())
           + server_xml ("pop3", "SSL", kImap, pop3.port ())
           + server_xml ("smtp", "SSL", kSmtp, smtp.port ()));
  EXPECT_EQ (add ({ "--yes", "--pop3" }).status, 0);
  EXPECT_TRUE (has (config_file (), "receive=pop3s://")) << config_file ();
}

/* RFC 8314 section 5.1: what unsigned DNS names outside of the domain is not connected before the
   user agrees. */
class CliDiscoverForeign : public CliDiscover
{
protected:
  CliDiscoverForeign ()
  {
    zone.strip_signatures ();
    add_srv ("_imaps", kForeign, foreign.port ());
    add_srv ("_submissions", kSmtp, smtp.port ());
  }

  /* A zone that was never signed. */
  void
  start_unsigned ()
  {
    start ();
    sandbox.write ("config/postseal/discovery.conf",
                   "[discovery]\nlist=\n" + https.settings ()
                       + "\ndns-anchor=/dev/null\ndns-server=" + zone.server () + "\n");
  }

  void
  expect_untouched ()
  {
    EXPECT_EQ (foreign->connections (), 0u);
    EXPECT_EQ (smtp->connections (), 0u);
    EXPECT_EQ (config_file (), "");
  }

  Outcome
  add_unsigned (std::vector<std::string> options)
  {
    start_unsigned ();
    options.insert (options.begin (), { "account", "add", kAddress });
    return sandbox.run (options, "", environment ());
  }

  const std::string kForeign = "imap.elsewhere.localhost";
  MailServer foreign{ Kind::Imap, Start::Implicit, { kForeign } };
};

TEST_F (CliDiscoverForeign, HostMustBeNamedWithoutATerminal)
{
  Outcome refused = add_unsigned ({ "--yes" });
  EXPECT_EQ (refused.status, 76) << refused.err;
  EXPECT_TRUE (has (refused.err, "--trust-host " + kForeign)) << refused.err;
  expect_untouched ();

  Outcome wrong = add_unsigned ({ "--yes", "--trust-host", "imap.other.localhost" });
  EXPECT_EQ (wrong.status, 76);
  expect_untouched ();

  Outcome good = add_unsigned ({ "--yes", "--trust-host", kForeign });
  EXPECT_EQ (good.status, 0) << good.err;
  EXPECT_TRUE (has (config_file (), "receive=imaps://" + kForeign)) << config_file ();
}

TEST_F (CliDiscoverForeign, TerminalAsksAndNoIsUsual)
{
  start_unsigned ();
  Terminal no (sandbox, { "account", "add", kAddress }, environment ());
  EXPECT_TRUE (no.wait_for (kForeign)) << no.seen ();
  EXPECT_TRUE (no.wait_for ("[y/N]")) << no.seen ();
  expect_untouched ();
  no.type ("\n");
  EXPECT_EQ (WEXITSTATUS (no.finish ()), 76);
  expect_untouched ();

  Terminal yes (sandbox, { "account", "add", kAddress }, environment ());
  EXPECT_TRUE (yes.wait_for ("[y/N]")) << yes.seen ();
  yes.type ("y\n");
  EXPECT_TRUE (yes.wait_for ("Add this account?")) << yes.seen ();
  yes.type ("y\n");
  EXPECT_EQ (yes.finish (), 0);
  EXPECT_TRUE (has (config_file (), "receive=imaps://" + kForeign)) << yes.seen ();
}

TEST_F (CliDiscover, AMistakeInItsSettingsIsToldAsAnyOther)
{
  publish_good ();
  start ();
  const std::string path = sandbox.home () + "/config/postseal/discovery.conf";

  sandbox.write ("config/postseal/discovery.conf", read_file (path) + "ask-list=perhaps\n");
  Outcome outcome = sandbox.run ({ "account", "add", kAddress, "--yes" }, "", environment ());
  EXPECT_EQ (
      outcome.err.find ("postseal: " + path + ": “perhaps” is no value for the key “ask-list”\n"),
      0u)
      << outcome.err;
}

TEST_F (CliDiscover, WrongUsageIs64)
{
  start ();
  struct
  {
    std::vector<std::string> arguments;
    const char *words;
  } mistakes[] = {
    { { "account", "add", "jane@example.localhost" }, "--yes" },
    { { "account", "add", "jane doe@example.localhost", "--yes" }, "a space" },
    { { "account", "add", "jane@example", "--yes" }, "no whole domain" },
    { { "account", "add", "work", "--dry-run" }, "no mail address" },
    { { "account", "add", "jane" }, "“jane” is no mail address" },
    { { "account", "add", kAddress, "--receive", "imaps://x.example.org", "--yes" },
      "finding the servers" },
  };

  for (const auto &mistake : mistakes)
    {
      Outcome outcome = sandbox.run (mistake.arguments, "", environment ());

      EXPECT_EQ (outcome.status, 64) << outcome.err;
      EXPECT_TRUE (has (outcome.err, mistake.words)) << outcome.err;
    }
  EXPECT_EQ (zone.questions ().size (), 0u);
}

TEST_F (CliDiscover, JsonTellsEverything)
{
  publish_good ();
  Outcome outcome = add ({ "--dry-run", "--json" });
  g_autoptr (JsonParser) parser = json_parser_new ();
  ASSERT_EQ (outcome.status, 0) << outcome.err;
  ASSERT_TRUE (json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      << outcome.out;
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));

  EXPECT_STREQ (json_object_get_string_member (object, "address"), kAddress.c_str ());
  EXPECT_FALSE (json_object_get_boolean_member (object, "written"));
  EXPECT_EQ (json_array_get_length (json_object_get_array_member (object, "sources")), 6u);
  EXPECT_EQ (json_object_get_int_member (object, "chosen"), 0);
  JsonObject *first
      = json_array_get_object_element (json_object_get_array_member (object, "proposals"), 0);
  EXPECT_STREQ (json_object_get_string_member (first, "source"), "provider");
  EXPECT_TRUE (json_object_get_boolean_member (first, "proven"));
  EXPECT_TRUE (json_object_get_boolean_member (first, "authentic"));
  JsonObject *receive = json_object_get_object_member (first, "receive");
  EXPECT_STREQ (json_object_get_string_member (receive, "host"), kImap.c_str ());
  EXPECT_STREQ (json_object_get_string_member (receive, "tls"), "implicit");
  JsonObject *settings = json_object_get_object_member (object, "settings");
  EXPECT_STREQ (json_object_get_string_member (settings, "address"), kAddress.c_str ());

  Outcome nothing = add ({ "--dry-run", "--json" }, "jane@nobody.example.localhost");
  EXPECT_EQ (nothing.status, 69) << nothing.err;
  ASSERT_TRUE (json_parser_load_from_data (parser, nothing.out.c_str (), -1, nullptr));
}

TEST_F (CliDiscover, AsksOnATerminal)
{
  publish_good ();
  start ();
  Terminal no (sandbox, { "account", "add", kAddress }, environment ());
  EXPECT_TRUE (no.wait_for ("has settings")) << no.seen ();
  EXPECT_TRUE (no.wait_for ("Add this account?")) << no.seen ();
  no.type ("n\n");
  EXPECT_EQ (no.finish (), 0);
  EXPECT_EQ (config_file (), "");

  Terminal yes (sandbox, { "account", "add", kAddress }, environment ());
  EXPECT_TRUE (yes.wait_for ("Add this account?")) << yes.seen ();
  yes.type ("perhaps\n");
  EXPECT_TRUE (yes.wait_for ("Add this account? [Y/n]")) << yes.seen ();
  EXPECT_EQ (config_file (), "");
  yes.type ("\n");
  EXPECT_EQ (yes.finish (), 0);
  EXPECT_TRUE (has (config_file (), "[account " + kAddress + "]")) << yes.seen ();
}

TEST_F (CliDiscover, OnlyTheDomainLeaves)
{
  publish_good ();
  ASSERT_EQ (add ().status, 0);
  imap->stop ();
  smtp->stop ();

  std::string all = https.learnt ();
  for (const std::string &question : zone.questions ())
    all += question + "\n";
  for (unsigned i = 0; i < 4; i++)
    all += imap->record (i).raw + imap->record (i).tls + smtp->record (i).raw
           + smtp->record (i).tls;
  EXPECT_TRUE (has (all, "example.localhost"));
  for (const std::string &what : { kAddress, std::string ("jane.doe"), std::string ("jane") })
    {
      EXPECT_FALSE (has (all, what));
      for (GChecksumType type : { G_CHECKSUM_MD5, G_CHECKSUM_SHA1, G_CHECKSUM_SHA256 })
        {
          g_autofree char *hash = g_compute_checksum_for_string (type, what.c_str (), -1);

          EXPECT_FALSE (has (all, hash)) << what;
        }
    }
}

} // namespace
