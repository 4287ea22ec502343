/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLSA records by way of postseal-lookup, from a DNS server of this machine. */

#include <gtest/gtest.h>

#include "net/lookup.h"
#include "support/black-hole.h"
#include "support/dns-zone.h"
#include "support/main-loop.h"
#include "support/sandbox.h"

using namespace postseal_test;

namespace
{

const std::string kService = "_993._tcp.imap.example.localhost";
const std::string kKey (64, 'a');
const std::string kOtherKey (64, 'b');

class LookupTlsa : public testing::Test
{
protected:
  LookupTlsa () { g_setenv ("XDG_CONFIG_HOME", sandbox.home ().c_str (), TRUE); }

  ~LookupTlsa () override { g_unsetenv ("XDG_CONFIG_HOME"); }

  /* Returns: "secure" or "insecure" and the records, one a line; or "ERROR: sentence" */
  std::string
  ask (const std::string &settings, const std::string &service = kService)
  {
    static const char *const names[]
        = { "nothing", "unreachable", "bogus", "unproven", "program", "redirected" };
    g_autoptr (GError) error = nullptr;

    sandbox.write ("postseal/discovery.conf", "[discovery]\n" + settings);
    g_autoptr (PostsealLookup) lookup = postseal_lookup_new (limit_ms);
    postseal_lookup_tlsa_async (lookup, service.c_str (), nullptr, AsyncLoop::on_ready, &loop);
    g_autoptr (PostsealTlsaAnswer) answer
        = postseal_lookup_tlsa_finish (lookup, loop.wait (), &error);
    if (answer == nullptr)
      return (error->domain == POSTSEAL_LOOKUP_ERROR ? names[error->code] : "other")
             + std::string (": ") + error->message;
    return describe (answer);
  }

  static std::string
  describe (const PostsealTlsaAnswer *answer)
  {
    std::string text = answer->is_secure ? "secure\n" : "insecure\n";

    for (guint i = 0; i < answer->records->len; i++)
      {
        auto *record = static_cast<PostsealTlsaRecord *> (answer->records->pdata[i]);
        gsize length = 0;
        auto *bytes = static_cast<const guint8 *> (g_bytes_get_data (record->data, &length));

        text += std::string (record->base) + " " + std::to_string (record->usage) + " "
                + std::to_string (record->selector) + " " + std::to_string (record->matching) + " ";
        for (gsize j = 0; j < length; j++)
          {
            g_autofree char *hex = g_strdup_printf ("%02x", bytes[j]);
            text += hex;
          }
        text += "\n";
      }
    return text;
  }

  static void
  expect_error (const std::string &answer, const std::string &name)
  {
    EXPECT_EQ (answer.substr (0, name.size () + 2), name + ": ") << answer;
    EXPECT_NE (answer.find ("imap.example.localhost"), std::string::npos) << answer;
  }

  Sandbox sandbox;
  AsyncLoop loop;
  unsigned limit_ms = 20000;
};

} // namespace

TEST_F (LookupTlsa, ASignedRecordIsSecure)
{
  DnsZone zone;

  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "secure\nimap.example.localhost 3 1 1 " + kKey + "\n");
}

TEST_F (LookupTlsa, ThatThereIsNoneIsAnAnswerSignedOrNot)
{
  DnsZone zone;

  zone.add_zone ("unsigned.test", false);
  zone.add ("imap IN A 127.0.0.1");
  zone.add ("imap.unsigned.test. IN A 127.0.0.1");
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "secure\n");
  EXPECT_EQ (ask (zone.settings (), "_993._tcp.imap.unsigned.test"), "insecure\n");
}

TEST_F (LookupTlsa, ARecordOfAnUnsignedZoneIsInsecure)
{
  DnsZone zone ("example.localhost", false);

  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "insecure\nimap.example.localhost 3 1 1 " + kKey + "\n");
}

TEST_F (LookupTlsa, WrongAndExpiredSignaturesAreBogus)
{
  DnsZone wrong, expired;

  for (DnsZone *zone : { &wrong, &expired })
    {
      zone->add ("imap IN A 127.0.0.1");
      zone->add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
    }
  wrong.break_signature ("_993._tcp.imap", "TLSA");
  expired.expire_signatures ();
  wrong.start ();
  expired.start ();

  expect_error (ask (wrong.settings ()), "bogus");
  expect_error (ask (expired.settings ()), "bogus");
}

/* RFC 7673 section 3.4: whoever forges the address makes the server, not only the record. */
TEST_F (LookupTlsa, ABogusAddressIsBogus)
{
  DnsZone zone;

  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.break_signature ("imap", "A");
  zone.start ();

  expect_error (ask (zone.settings ()), "bogus");
}

TEST_F (LookupTlsa, NoAnswerIsNotNone)
{
  DnsZone zone;

  zone.add ("imap IN A 127.0.0.1");
  zone.refuse ("refused.test");
  zone.start ();

  EXPECT_EQ (ask (zone.settings (), "_993._tcp.imap.refused.test").substr (0, 12), "unreachable:");
  BlackHole hole;
  limit_ms = 300;
  expect_error (ask (hole.settings ()), "unreachable");
}

/* RFC 7671 section 7 */
TEST_F (LookupTlsa, WhatASecureAliasStandsForComesFirst)
{
  DnsZone zone;

  zone.add_zone ("hoster.test", true);
  zone.add ("imap IN CNAME Mx.hoster.test.");
  zone.add ("pop IN CNAME bare.hoster.test.");
  zone.add ("mx.hoster.test. IN A 127.0.0.1");
  zone.add ("bare.hoster.test. IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.add ("_993._tcp.mx.hoster.test. IN TLSA 2 0 1 " + kOtherKey);
  zone.add ("_993._tcp.pop IN TLSA 3 1 1 " + kKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "secure\nmx.hoster.test 2 0 1 " + kOtherKey + "\n");
  EXPECT_EQ (ask (zone.settings (), "_993._tcp.pop.example.localhost"),
             "secure\npop.example.localhost 3 1 1 " + kKey + "\n")
      << "none there: those of the alias itself";
}

TEST_F (LookupTlsa, AnAliasThatIsNotSecureLeadsNowhere)
{
  DnsZone zone;

  zone.add_zone ("unsigned.test", false);
  zone.add_zone ("hoster.test", true);
  zone.add ("imap IN CNAME mx.unsigned.test.");
  zone.add ("mx.unsigned.test. IN CNAME mx.hoster.test.");
  zone.add ("mx.hoster.test. IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.add ("_993._tcp.mx.hoster.test. IN TLSA 3 1 1 " + kOtherKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "secure\nimap.example.localhost 3 1 1 " + kKey + "\n");
}

TEST_F (LookupTlsa, AnAliasOfAHostWithoutIpv4IsFollowed)
{
  DnsZone zone;

  zone.add ("imap IN CNAME six");
  zone.add ("six IN AAAA ::1");
  zone.add ("_993._tcp.six IN TLSA 3 1 1 " + kKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()), "secure\nsix.example.localhost 3 1 1 " + kKey + "\n");
}

TEST_F (LookupTlsa, BogusBehindAnAliasIsBogus)
{
  DnsZone zone;

  zone.add ("imap IN CNAME mx");
  zone.add ("mx IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.add ("_993._tcp.mx IN TLSA 3 1 1 " + kOtherKey);
  zone.break_signature ("_993._tcp.mx", "TLSA");
  zone.start ();

  EXPECT_EQ (ask (zone.settings ()).substr (0, 6), "bogus:");
}

TEST_F (LookupTlsa, WhatIsNoServiceIsNotAsked)
{
  DnsZone zone;

  zone.start ();
  EXPECT_EQ (ask (zone.settings (), "no name").substr (0, 8), "nothing:");
  EXPECT_EQ (ask (zone.settings (), "localhost").substr (0, 8), "program:");
}

TEST_F (LookupTlsa, OtherPortsOfTheHostHaveNone)
{
  DnsZone zone;

  zone.add ("imap IN A 127.0.0.1");
  zone.add ("_993._tcp.imap IN TLSA 3 1 1 " + kKey);
  zone.start ();

  EXPECT_EQ (ask (zone.settings (), "_143._tcp.imap.example.localhost"), "secure\n");
  EXPECT_EQ (ask (zone.settings (), "_995._tcp.imap.example.localhost"), "secure\n");
}
