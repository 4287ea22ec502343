/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/autoconfig.h"

#include <gtest/gtest.h>

#include <string>

static const char kAddress[] = "jane@example.org";

static std::string
server (const std::string &rest, const std::string &socket = "SSL")
{
  return "<incomingServer type=\"imap\"><hostname>imap.example.org</hostname><port>993</port>"
         "<socketType>"
         + socket + "</socketType>" + rest + "</incomingServer>";
}

static std::string
file (const std::string &inside)
{
  return "<?xml version=\"1.0\"?>\n<clientConfig version=\"1.1\"><emailProvider id=\"example.org\">"
         + inside + "</emailProvider></clientConfig>\n";
}

class Autoconfig : public testing::Test
{
protected:
  ~Autoconfig () override
  {
    if (config_ != nullptr)
      postseal_autoconfig_free (config_);
    g_clear_error (&error_);
  }

  PostsealAutoconfig *
  parse (const std::string &xml)
  {
    if (config_ != nullptr)
      postseal_autoconfig_free (config_);
    g_clear_error (&error_);
    config_ = postseal_autoconfig_parse (xml.data (), xml.size (), kAddress, &error_);
    EXPECT_EQ (config_ == nullptr, error_ != nullptr);
    return config_;
  }

  /* The only server that @section comes to; NULL when it is dropped. */
  const PostsealAutoconfigServer *
  parse_server (const std::string &section)
  {
    parse (file (section));
    if (config_ == nullptr)
      return nullptr;
    GPtrArray *servers = config_->incoming->len > 0 ? config_->incoming : config_->outgoing;
    return servers->len > 0
               ? static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (servers, 0))
               : nullptr;
  }

  void
  expect_refused (const std::string &xml, const char *words)
  {
    EXPECT_EQ (parse (xml), nullptr);
    ASSERT_NE (error_, nullptr);
    EXPECT_TRUE (
        g_error_matches (error_, POSTSEAL_AUTOCONFIG_ERROR, POSTSEAL_AUTOCONFIG_ERROR_FORM));
    EXPECT_NE (strstr (error_->message, words), nullptr) << error_->message;
  }

  PostsealAutoconfig *config_ = nullptr;
  GError *error_ = nullptr;
};

TEST_F (Autoconfig, ReadsServersInTheFilesOrder)
{
  parse (file ("<domain>example.org</domain><displayName>Example &amp; Sons</displayName>"
               "<incomingServer type=\"imap\"><hostname>imap.example.org</hostname>"
               "<port>993</port><socketType>SSL</socketType>"
               "<authentication>password-cleartext</authentication>"
               "<username>%EMAILADDRESS%</username></incomingServer>"
               "<incomingServer type=\"pop3\"><hostname>pop.example.org</hostname>"
               "<port>110</port><socketType>STARTTLS</socketType>"
               "<authentication>password-encrypted</authentication>"
               "<username>%EMAILLOCALPART%</username></incomingServer>"
               "<outgoingServer type=\"smtp\"><hostname>smtp.%EMAILDOMAIN%</hostname>"
               "<port>465</port><socketType>SSL</socketType>"
               "<authentication>none</authentication></outgoingServer>"
               "<documentation url=\"https://example.org/help\"><descr>x</descr></documentation>"));
  ASSERT_NE (config_, nullptr) << error_->message;
  EXPECT_STREQ (config_->title, "Example & Sons");
  EXPECT_STREQ (config_->help, "https://example.org/help");
  ASSERT_EQ (config_->incoming->len, 2u);
  ASSERT_EQ (config_->outgoing->len, 1u);

  auto *imap = static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (config_->incoming, 0));
  auto *pop3 = static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (config_->incoming, 1));
  auto *smtp = static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (config_->outgoing, 0));
  EXPECT_EQ (imap->endpoint->protocol, POSTSEAL_PROTOCOL_IMAP);
  EXPECT_EQ (imap->endpoint->start, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (imap->endpoint->port, 993);
  EXPECT_STREQ (imap->user, kAddress);
  EXPECT_TRUE (imap->has_password);
  EXPECT_EQ (pop3->endpoint->protocol, POSTSEAL_PROTOCOL_POP3);
  EXPECT_EQ (pop3->endpoint->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_STREQ (pop3->user, "jane");
  EXPECT_STREQ (smtp->endpoint->host, "smtp.example.org");
  EXPECT_TRUE (smtp->has_none);
  EXPECT_FALSE (smtp->has_password);
  EXPECT_EQ (smtp->user, nullptr);
}

TEST_F (Autoconfig, UnknownThingsAreIgnored)
{
  const PostsealAutoconfigServer *found = parse_server (
      "<incomingServer type=\"jmap\"><hostname>jmap.example.org</hostname><port>443</port>"
      "<socketType>SSL</socketType></incomingServer><incomingServer type=\"exchange\">"
      "<ewsURL>https://x</ewsURL></incomingServer><webMail><loginPage url=\"http://x\"/></webMail>"
      "<incomingServer type=\"imap\" colour=\"red\"><hostname>imap.example.org</hostname>"
      "<mood><hostname>evil.example.net</hostname></mood><port>993</port>"
      "<socketType>SSL</socketType><pop3><leaveMessagesOnServer>true</leaveMessagesOnServer></pop3>"
      "</incomingServer>");

  ASSERT_NE (found, nullptr);
  EXPECT_STREQ (found->endpoint->host, "imap.example.org");
  EXPECT_EQ (config_->incoming->len, 1u);
}

TEST_F (Autoconfig, SectionsThatLackSomethingAreDropped)
{
  const char *const lacking[] = {
    "<incomingServer><hostname>h.example.org</hostname><port>993</port>"
    "<socketType>SSL</socketType></incomingServer>",
    "<incomingServer type=\"imap\"><port>993</port><socketType>SSL</socketType></incomingServer>",
    "<incomingServer type=\"imap\"><hostname>h.example.org</hostname><socketType>SSL</socketType>"
    "</incomingServer>",
    "<incomingServer type=\"imap\"><hostname>h.example.org</hostname><port>993</port>"
    "</incomingServer>",
    "<incomingServer type=\"smtp\"><hostname>h.example.org</hostname><port>993</port>"
    "<socketType>SSL</socketType></incomingServer>",
    "<outgoingServer type=\"imap\"><hostname>h.example.org</hostname><port>993</port>"
    "<socketType>SSL</socketType></outgoingServer>",
  };

  for (const char *section : lacking)
    {
      EXPECT_EQ (parse_server (section), nullptr) << section;
      EXPECT_NE (config_, nullptr);
    }
}

TEST_F (Autoconfig, BadValuesAreDropped)
{
  const char *const hosts[] = { "",
                                "imap_example.org",
                                "imap.example.org/x",
                                "-a.example.org",
                                "a..example.org",
                                "jane@example.org",
                                "imap example.org",
                                "%EMAILLOCALPART%.example.org",
                                "1.2.3" };
  const char *const ports[] = { "0", "65536", "-1", "99x", "", "143 993" };

  for (const char *host : hosts)
    EXPECT_EQ (parse_server (std::string ("<incomingServer type=\"imap\"><hostname>") + host
                             + "</hostname><port>993</port><socketType>SSL</socketType>"
                               "</incomingServer>"),
               nullptr)
        << host;
  for (const char *port : ports)
    EXPECT_EQ (parse_server (
                   std::string ("<incomingServer type=\"imap\"><hostname>h.example.org</hostname>")
                   + "<port>" + port + "</port><socketType>SSL</socketType></incomingServer>"),
               nullptr)
        << port;
  for (const char *user : { "a&#10;b", "a&#127;b", "a&#x202e;b" })
    EXPECT_EQ (parse_server (server (std::string ("<username>") + user + "</username>")), nullptr)
        << user;
  EXPECT_EQ (parse_server (server ("<username>" + std::string (400, 'x') + "</username>")),
             nullptr);
}

TEST_F (Autoconfig, HostsMayBeAddressesAndInternational)
{
  const PostsealAutoconfigServer *found
      = parse_server ("<incomingServer type=\"imap\"><hostname>B\303\274cher.Example</hostname>"
                      "<port>993</port><socketType>SSL</socketType></incomingServer>");

  ASSERT_NE (found, nullptr);
  EXPECT_STREQ (found->endpoint->host, "xn--bcher-kva.example");
  found = parse_server ("<incomingServer type=\"imap\"><hostname>192.0.2.7</hostname>"
                        "<port>993</port><socketType>SSL</socketType></incomingServer>");
  ASSERT_NE (found, nullptr);
  EXPECT_STREQ (found->endpoint->host, "192.0.2.7");
}

TEST_F (Autoconfig, OnlyTheThreePlaceholdersAreReplaced)
{
  const PostsealAutoconfigServer *found
      = parse_server (server ("<username>%EMAILLOCALPART%+%REALNAME%.%EMAILDOMAIN%</username>"));

  ASSERT_NE (found, nullptr);
  EXPECT_STREQ (found->user, "jane+%REALNAME%.example.org");

  /* What stands in the address is not looked at again. */
  std::string xml = file (server ("<username>%EMAILADDRESS%</username>"));
  g_autoptr (PostsealAutoconfig) config
      = postseal_autoconfig_parse (xml.data (), xml.size (), "%EMAILDOMAIN%@example.org", nullptr);
  ASSERT_NE (config, nullptr);
  found = static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (config->incoming, 0));
  EXPECT_STREQ (found->user, "%EMAILDOMAIN%@example.org");
}

TEST_F (Autoconfig, SocketTypesDecideHowTlsStarts)
{
  EXPECT_EQ (parse_server (server ("", "ssl"))->endpoint->start, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (parse_server (server ("", "StartTLS"))->endpoint->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_EQ (parse_server (server ("", "quantum")), nullptr);
  EXPECT_EQ (config_->n_in_clear, 0u);

  EXPECT_EQ (parse_server (server ("", "plain") + server ("", "PLAIN")), nullptr);
  EXPECT_EQ (config_->n_in_clear, 2u);
  ASSERT_NE (config_->in_clear, nullptr);
  EXPECT_STREQ (config_->in_clear->host, "imap.example.org");
}

TEST_F (Autoconfig, AuthenticationValuesOfAllTimesAreKnown)
{
  struct
  {
    const char *xml;
    bool password, oauth, none;
  } values[] = {
    { "", true, false, false },
    { "<authentication>password-cleartext</authentication>", true, false, false },
    { "<authentication>password-encrypted</authentication>", true, false, false },
    { "<authentication>plain</authentication>", true, false, false },
    { "<authentication>secure</authentication>", true, false, false },
    { "<authentication>OAuth2</authentication>", false, true, false },
    { "<authentication>OAuth</authentication>", false, true, false },
    { "<authentication>none</authentication>", false, false, true },
    { "<authentication>client-IP-address</authentication>", false, false, true },
    { "<authentication>OAuth2</authentication><authentication>password-cleartext</authentication>",
      true, true, false },
    { "<authentication system=\"sasl\">SCRAM-SHA-256</authentication>", true, false, false },
    { "<authentication system=\"sasl\">XOAUTH2</authentication>", false, true, false },
    { "<authentication>GSSAPI</authentication><authentication>plain</authentication>", true, false,
      false },
  };

  for (const auto &value : values)
    {
      const PostsealAutoconfigServer *found = parse_server (server (value.xml));

      ASSERT_NE (found, nullptr) << value.xml;
      EXPECT_EQ (found->has_password, value.password) << value.xml;
      EXPECT_EQ (found->has_oauth, value.oauth) << value.xml;
      EXPECT_EQ (found->has_none, value.none) << value.xml;
    }
  for (const char *unknown : { "NTLM", "GSSAPI", "TLS-client-cert", "telepathy" })
    EXPECT_EQ (
        parse_server (server (std::string ("<authentication>") + unknown + "</authentication>")),
        nullptr)
        << unknown;
}

TEST_F (Autoconfig, CdataMixedCaseAndByteOrderMarkAreRead)
{
  const PostsealAutoconfigServer *found = nullptr;

  parse ("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- <a> -->"
         "<CLIENTCONFIG><EmailProvider><IncomingServer TYPE=\"IMAP\"><HostName><![CDATA[ "
         "imap.example.org ]]></HostName><Port> 993 </Port><SocketType>ssl</SocketType>"
         "</IncomingServer></EmailProvider></CLIENTCONFIG>");
  ASSERT_NE (config_, nullptr) << error_->message;
  ASSERT_EQ (config_->incoming->len, 1u);
  found = static_cast<PostsealAutoconfigServer *> (g_ptr_array_index (config_->incoming, 0));
  EXPECT_STREQ (found->endpoint->host, "imap.example.org");
}

TEST_F (Autoconfig, HelpIsHttpsOnly)
{
  for (const char *url : { "http://example.org/", "javascript:alert(1)", "https://u:p@example.org/",
                           "file:///etc/passwd", "https:///x" })
    {
      parse (file (std::string ("<documentation url=\"") + url + "\"/>"));
      ASSERT_NE (config_, nullptr);
      EXPECT_EQ (config_->help, nullptr) << url;
    }
}

TEST_F (Autoconfig, TitlesAreMadePrintable)
{
  parse (file ("<displayName>Good&#x202e;live</displayName>"));
  ASSERT_NE (config_, nullptr);
  EXPECT_EQ (strstr (config_->title, "\xE2\x80\xAE"), nullptr) << config_->title;
}

TEST_F (Autoconfig, ExternalEntitiesAreRefused)
{
  expect_refused ("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                  "<clientConfig><emailProvider><displayName>&f;</displayName></emailProvider>"
                  "</clientConfig>",
                  "document type");
  expect_refused (file ("<displayName>&f;</displayName>"), "");
}

TEST_F (Autoconfig, EntitiesThatGrowAreRefused)
{
  expect_refused ("<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
                  "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><clientConfig>&c;</clientConfig>",
                  "document type");
}

TEST_F (Autoconfig, WhatIsTooLargeOrTooDeepIsRefused)
{
  std::string deep;

  for (int i = 0; i < 1000; i++)
    deep += "<a>";
  expect_refused (file (deep), "nested");
  expect_refused (file ("<displayName>" + std::string (300 * 1024, 'x') + "</displayName>"),
                  "too long");
}

TEST_F (Autoconfig, WhatIsNoDescriptionIsRefused)
{
  expect_refused ("", "empty");
  expect_refused ("<html><body>Not found</body></html>", "no description");
  expect_refused ("{\"json\": true}", "");
  expect_refused ("<clientConfig><emailProvider>", "");
  expect_refused (std::string ("<clientConfig>\0</clientConfig>", 30), "");
  expect_refused ("<clientConfig>\xff\xfe</clientConfig>", "");
}

TEST_F (Autoconfig, ManyServersAreBounded)
{
  std::string many;

  for (int i = 0; i < 200; i++)
    many += server ("");
  parse (file (many));
  ASSERT_NE (config_, nullptr);
  EXPECT_LE (config_->incoming->len, 32u);
}
