/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal check ACCOUNT" where the DNS has a say: a zone of its own on this machine. */
#include "scenario/check-account-fixture.h"

#include "support/dns-zone.h"

namespace postseal_test
{

class CheckAccountDane : public CheckAccount
{
protected:
  CheckAccountDane () { host = "imap.example.localhost"; }

  /* Of its key. Returns: "3 1 1 HASH" */
  static std::string
  name_key (const TestIdentity &identity)
  {
    gsize length = 0;
    g_autofree guchar *digest
        = g_base64_decode (identity.pin.c_str () + strlen ("sha256:"), &length);
    std::string text = "3 1 1 ";

    for (gsize i = 0; i < length; i++)
      {
        g_autofree char *octet = g_strdup_printf ("%02x", digest[i]);

        text += octet;
      }
    return text;
  }

  CertOptions
  options ()
  {
    CertOptions all;

    all.dns = { host };
    return all;
  }

  /* Serves with this certificate, publishes @record, and checks. @more: further lines of the
   * account
   */
  int
  check_with (const ServerTls &tls,
              DnsZone *zone,
              const std::string &record,
              const std::string &more = "")
  {
    ScriptedServer server (honest_imap (tls));

    if (!record.empty ())
      zone->add ("_" + std::to_string (server.port ()) + "._tcp.imap IN TLSA " + record);
    zone->start ();
    sandbox.write ("config/postseal/discovery.conf",
                   "[discovery]\ntimeout=20s\n" + zone->settings () + "\n");
    configure ("imap", server.port (), more);
    int status = check ();
    server.stop ();
    expect_no_credentials (server);
    return status;
  }
};

TEST_F (CheckAccountDane, RaisesNoAlarmWhereTheDnsVouchesForWhatNobodyElseDoes)
{
  CertOptions own = options ();
  own.self_signed = true;
  own.valid_until = -1800;
  ServerTls tls = with (own);
  DnsZone zone;

  EXPECT_EQ (check_with (tls, &zone, name_key (tls.identity)), 0) << outcome_.out << outcome_.err;
  EXPECT_EQ (ids ("bad"), Ids ()) << outcome_.out;
  EXPECT_EQ (steps ("failed"), Ids ()) << outcome_.out;
  EXPECT_TRUE (has (text ("dane"), "3 1 1")) << text ("dane");
  EXPECT_TRUE (has (text ("trust"), "DANE")) << text ("trust");
  EXPECT_TRUE (has_id ("good", "dane-expired-ok")) << outcome_.out;
}

TEST_F (CheckAccountDane, TellsAKeyThatTheDnsDoesNotName)
{
  ServerTls tls = with (options ());
  DnsZone zone;

  EXPECT_EQ (check_with (tls, &zone, "3 1 1 " + std::string (64, 'a')), 76);
  EXPECT_EQ (steps ("failed"), (Ids{ "dane" }));
  EXPECT_EQ (ids ("bad"), (Ids{ "account-refused", "dane-mismatch" })) << outcome_.out;
}

TEST_F (CheckAccountDane, TellsThatAnUnsignedRecordProtectsNothing)
{
  ServerTls tls = with (options ());
  DnsZone zone ("example.localhost", false);

  EXPECT_EQ (check_with (tls, &zone, name_key (tls.identity)), 0) << outcome_.out;
  EXPECT_EQ (result ("dane"), "none");
  EXPECT_EQ (ids ("warn"), (Ids{ "dane-insecure" })) << outcome_.out;
}

TEST_F (CheckAccountDane, TellsWrongSignatures)
{
  ServerTls tls = with (options ());
  DnsZone zone;

  zone.expire_signatures ();
  EXPECT_EQ (check_with (tls, &zone, name_key (tls.identity)), 76) << outcome_.out;
  EXPECT_EQ (result ("dane"), "unknown");
  EXPECT_EQ (ids ("bad"), (Ids{ "dane-bogus" })) << outcome_.out;
  EXPECT_TRUE (has_id ("good", "account-ok")) << "the account demands no DANE";
}

TEST_F (CheckAccountDane, NamesWhatIsMissingWhereItIsRequired)
{
  ServerTls tls = with (options ());
  DnsZone zone;

  EXPECT_EQ (check_with (tls, &zone, "", "dane=require\n"), 76) << outcome_.out;
  EXPECT_EQ (steps ("failed"), (Ids{ "dane" }));
  EXPECT_EQ (ids ("bad"), (Ids{ "account-refused" })) << outcome_.out;
}

} // namespace postseal_test
