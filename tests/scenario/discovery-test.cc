/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A search with the real postseal-lookup, against a DNS server with signed zones, https servers and
   mail servers of this machine. */

#include <gtest/gtest.h>

#include "discover/discovery.h"
#include "support/dns-zone.h"
#include "support/https-server.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

using namespace postseal_test;

namespace
{

const char *const kAddress = "jane.secret@example.localhost";

CertOptions
for_name (const std::string &name)
{
  CertOptions options;

  options.dns = { name };
  return options;
}

/* TLS from the first byte, and no word after it. */
class SealedServer
{
public:
  explicit SealedServer (const std::string &name)
      : tls_{ test_ca ().issue (for_name (name)) }, server_ ([this] (Peer &peer) {
          if (peer.start_tls (tls_))
            peer.read_all ();
        })
  {
  }

  std::string
  port () const
  {
    return std::to_string (server_.port ());
  }

  /* All that has come, as it was on the wire and inside TLS. */
  std::string
  learnt ()
  {
    std::string all;

    server_.stop ();
    for (unsigned i = 0; i < server_.connections (); i++)
      all += server_.record (i).raw + server_.record (i).tls;
    return all;
  }

private:
  ServerTls tls_;
  ScriptedServer server_;
};

class DiscoveryByProgram : public testing::Test
{
protected:
  DiscoveryByProgram ()
  {
    g_setenv ("XDG_CONFIG_HOME", sandbox.home ().c_str (), TRUE);
    g_setenv ("POSTSEAL_DATA_DIR", sandbox.home ().c_str (), TRUE);
    g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  }

  ~DiscoveryByProgram () override
  {
    g_clear_pointer (&found, g_ptr_array_unref);
    g_unsetenv ("POSTSEAL_DATA_DIR");
    g_unsetenv ("XDG_CONFIG_HOME");
  }

  void
  publish_in_dns ()
  {
    zone.add ("_imaps._tcp IN SRV 0 1 " + imap.port () + " imap");
    zone.add ("_submissions._tcp IN SRV 0 1 " + smtp.port () + " smtp");
  }

  /* Returns: the best proposal */
  const PostsealProposal *
  run (bool may_ask_list = false)
  {
    g_autoptr (GError) error = nullptr;

    zone.start ();
    sandbox.write ("postseal/discovery.conf",
                   "[discovery]\ntimeout=20s\n" + zone.settings () + https.settings () + keys);
    g_autoptr (PostsealDiscovery) discovery = postseal_discovery_new (kAddress, may_ask_list);
    postseal_discovery_run_async (discovery, nullptr, AsyncLoop::on_ready, &loop);
    found = postseal_discovery_run_finish (discovery, loop.wait (), &error);
    EXPECT_EQ (error, nullptr);
    return found != nullptr && found->len > 0
               ? static_cast<const PostsealProposal *> (found->pdata[0])
               : nullptr;
  }

  /* What everybody who was asked has learnt. */
  std::string
  learnt ()
  {
    std::string all = https.learnt () + imap.learnt () + smtp.learnt ();

    for (const std::string &question : zone.questions ())
      all += question + "\n";
    return all;
  }

  Sandbox sandbox;
  AsyncLoop loop;
  DnsZone zone;
  HttpsServer https{ "autoconfig.example.localhost", "list.localhost" };
  SealedServer imap{ "imap.example.localhost" };
  SealedServer smtp{ "smtp.example.localhost" };
  std::string keys;
  GPtrArray *found = nullptr;
};

TEST_F (DiscoveryByProgram, SignedRecordsLeadToProvenServers)
{
  publish_in_dns ();
  const PostsealProposal *best = run ();

  ASSERT_NE (best, nullptr);
  EXPECT_EQ (best->source, POSTSEAL_SOURCE_DNS);
  EXPECT_TRUE (best->is_authentic);
  EXPECT_EQ (best->foreign_host, nullptr);
  EXPECT_TRUE (postseal_proposal_is_proven (best));
}

TEST_F (DiscoveryByProgram, TheProvidersOwnFileComesBeforeTheDns)
{
  publish_in_dns ();
  https.serve ("autoconfig.example.localhost/mail/config-v1.1.xml",
               "<clientConfig version=\"1.1\"><emailProvider id=\"example.localhost\">"
               "<incomingServer type=\"imap\"><hostname>imap.example.localhost</hostname><port>"
                   + imap.port ()
                   + "</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username>"
                     "<authentication>password-cleartext</authentication></incomingServer>"
                     "<outgoingServer type=\"smtp\"><hostname>smtp.example.localhost</hostname>"
                     "<port>"
                   + smtp.port ()
                   + "</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username>"
                     "<authentication>password-cleartext</authentication></outgoingServer>"
                     "</emailProvider></clientConfig>\n");
  const PostsealProposal *best = run ();

  ASSERT_NE (best, nullptr);
  EXPECT_EQ (best->source, POSTSEAL_SOURCE_PROVIDER);
  EXPECT_TRUE (best->is_authentic);
  EXPECT_TRUE (postseal_proposal_is_proven (best));
}

TEST_F (DiscoveryByProgram, RecordsSignedWronglyAreNotUsed)
{
  publish_in_dns ();
  zone.break_signature ("_imaps._tcp", "SRV");
  const PostsealProposal *best = run ();

  if (best != nullptr)
    {
      EXPECT_NE (best->source, POSTSEAL_SOURCE_DNS);
    }
  EXPECT_EQ (imap.learnt (), "");
}

/* RFC 8314 section 7 */
TEST_F (DiscoveryByProgram, OnlyTheDomainLeavesThisMachine)
{
  publish_in_dns ();
  keys = "list=https://list.localhost:" + std::to_string (https.port ()) + "/\n";
  run (true);
  std::string all = learnt ();

  EXPECT_NE (all.find ("_imaps._tcp.example.localhost"), std::string::npos);
  EXPECT_NE (all.find ("/mail/config-v1.1.xml"), std::string::npos);
  for (const char *what : { kAddress, "jane.secret", "jane", "secret" })
    {
      EXPECT_EQ (all.find (what), std::string::npos) << what;
      for (GChecksumType type : { G_CHECKSUM_MD5, G_CHECKSUM_SHA1, G_CHECKSUM_SHA256 })
        {
          g_autofree char *hash = g_compute_checksum_for_string (type, what, -1);

          EXPECT_EQ (all.find (hash), std::string::npos) << what;
        }
    }
}

TEST_F (DiscoveryByProgram, TheListIsNotAskedWithoutConsent)
{
  keys = "list=https://list.localhost:" + std::to_string (https.port ()) + "/\n";
  run (false);

  EXPECT_EQ (https.learnt ().find ("list.localhost"), std::string::npos);
}

} // namespace
