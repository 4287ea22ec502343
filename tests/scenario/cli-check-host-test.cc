/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "postseal check HOST:PORT" as a whole, against servers with one fault each. */

#include <gtest/gtest.h>

#include <json-glib/json-glib.h>

#include <algorithm>

#include "support/json-schema.h"
#include "support/sandbox.h"
#include "support/talking-server.h"

using namespace postseal_test;

namespace
{

using Ids = std::vector<std::string>;
using Kind = TalkingServer::Kind;

class CliCheckHost : public testing::Test
{
protected:
  Outcome
  check (std::vector<std::string> arguments)
  {
    arguments.insert (arguments.begin (), { "check", "--ca-file=" + test_ca ().ca_file () });
    return sandbox.run (arguments);
  }

  /* The IDs that are found and are neither good nor of no weight. @ret_status: its exit status. */
  Ids
  find (const std::vector<std::string> &arguments, int *ret_status = nullptr)
  {
    std::vector<std::string> all = arguments;
    Ids ids;
    g_autoptr (JsonParser) parser = json_parser_new ();

    all.insert (all.begin (), "--json");
    Outcome outcome = check (all);
    if (ret_status != nullptr)
      *ret_status = outcome.status;
    last = outcome.out + outcome.err;
    EXPECT_LT (outcome.seconds, 12);
    if (!json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      {
        ADD_FAILURE () << last;
        return ids;
      }
    EXPECT_EQ (find_schema_fault ("check.json", outcome.out), "");
    JsonArray *findings = json_object_get_array_member (
        json_node_get_object (json_parser_get_root (parser)), "findings");
    for (guint i = 0; i < json_array_get_length (findings); i++)
      {
        JsonObject *finding = json_array_get_object_element (findings, i);
        std::string level = json_object_get_string_member (finding, "level");

        if (level == "warn" || level == "bad" || level == "unknown")
          ids.push_back (json_object_get_string_member (finding, "id"));
      }
    std::sort (ids.begin (), ids.end ());
    return ids;
  }

  /* Of a server that behaves as @talk says. */
  Ids
  find (const TalkingServer::Talk &talk,
        const std::vector<std::string> &more = {},
        int *ret_status = nullptr)
  {
    TalkingServer server (talk);
    std::vector<std::string> arguments = more;

    arguments.push_back (server.url ());
    Ids ids = find (arguments, ret_status);
    server.stop ();
    clear = server.all_clear ();
    return ids;
  }

  Ids
  find_certificate (const CertOptions &options)
  {
    TalkingServer::Talk talk;

    talk.tls.identity = test_ca ().issue (options);
    return find (talk);
  }

  Sandbox sandbox;
  std::string last; /* what the last run has said */
  std::string clear; /* what the last server has heard in clear */
};

/* --- no false alarm --- */

TEST_F (CliCheckHost, NothingIsSaidAgainstAnHonestServer)
{
  for (Kind kind : { Kind::Imap, Kind::Pop3, Kind::Smtp })
    for (bool is_implicit : { true, false })
      {
        TalkingServer::Talk talk;
        int status = -1;

        talk.kind = kind;
        talk.is_implicit = is_implicit;
        EXPECT_EQ (find (talk, {}, &status), Ids ()) << last;
        EXPECT_EQ (status, 0) << last;
      }
}

TEST_F (CliCheckHost, WhatIsSpokenIsHeardFromTheGreeting)
{
  for (Kind kind : { Kind::Imap, Kind::Pop3, Kind::Smtp })
    for (bool is_implicit : { true, false })
      {
        TalkingServer::Talk talk;

        talk.kind = kind;
        talk.is_implicit = is_implicit;
        TalkingServer server (talk);
        int status = -1;

        find ({ "localhost:" + std::to_string (server.port ()) }, &status);
        EXPECT_NE (last.find (kind == Kind::Imap   ? "\"imap\""
                              : kind == Kind::Pop3 ? "\"pop3\""
                                                   : "\"smtp\""),
                   std::string::npos)
            << last;
        EXPECT_NE (last.find ("TLS 1.3"), std::string::npos) << last;
      }
}

TEST_F (CliCheckHost, PeopleGetWordsAndAdvice)
{
  TalkingServer::Talk talk;
  CertOptions options;

  options.dns = { "other.example" };
  talk.tls.identity = test_ca ().issue (options);
  TalkingServer server (talk);
  Outcome outcome = check ({ server.url () });

  EXPECT_EQ (outcome.status, 76) << outcome.out << outcome.err;
  for (const char *words : { "TLS 1.3", "Who the server is", "bad", "other.example", "→" })
    EXPECT_NE (outcome.out.find (words), std::string::npos) << words << " in\n" << outcome.out;
}

/* --- certificates --- */

TEST_F (CliCheckHost, EachFaultOfACertificateIsNamed)
{
  CertOptions soon, expired, early, other, own, chain, common, sha1, weak;

  soon.valid_from = -80 * 24 * 3600;
  soon.valid_until = 5 * 24 * 3600 + 600;
  EXPECT_EQ (find_certificate (soon), Ids ({ "cert-soon" })) << last;
  expired.valid_from = -90 * 24 * 3600;
  expired.valid_until = -10 * 24 * 3600;
  EXPECT_EQ (find_certificate (expired), Ids ({ "cert-expired" })) << last;
  early.valid_from = 24 * 3600;
  EXPECT_EQ (find_certificate (early), Ids ({ "cert-not-yet" })) << last;
  other.dns = { "other.example" };
  EXPECT_EQ (find_certificate (other), Ids ({ "cert-name" })) << last;
  own.self_signed = true;
  EXPECT_EQ (find_certificate (own), Ids ({ "cert-self-signed" })) << last;
  chain.via_intermediate = true;
  EXPECT_EQ (find_certificate (chain), Ids ()) << last;
  chain.omit_intermediate = true;
  EXPECT_EQ (find_certificate (chain), Ids ({ "cert-chain" })) << last;
  common.dns = {};
  common.common_name = "localhost";
  EXPECT_EQ (find_certificate (common), Ids ({ "cert-cn-only" })) << last;
  sha1.digest = GNUTLS_DIG_SHA1;
  EXPECT_EQ (find_certificate (sha1), Ids ({ "cert-sha1" })) << last;
  weak.key = CertOptions::Key::Rsa1024;
  weak.key_usage |= GNUTLS_KEY_KEY_ENCIPHERMENT;
  EXPECT_EQ (find_certificate (weak), Ids ({ "cert-rsa1024" })) << last;
}

TEST_F (CliCheckHost, AllFaultsAreToldAtOnce)
{
  CertOptions options;

  options.dns = { "other.example" };
  options.valid_from = -90 * 24 * 3600;
  options.valid_until = -10 * 24 * 3600;
  options.key = CertOptions::Key::Rsa1024;
  EXPECT_EQ (find_certificate (options), Ids ({ "cert-expired", "cert-name", "cert-rsa1024" }))
      << last;
}

/* --- versions and suites --- */

TEST_F (CliCheckHost, OldVersionsAndWeakSuitesAreFound)
{
  const struct
  {
    const char *priority;
    Ids ids;
  } faults[] = {
    { "NORMAL:-RSA:+VERS-TLS1.0:+VERS-TLS1.1", { "tls-old" } },
    { "NORMAL:-RSA:-VERS-ALL:+VERS-TLS1.0", { "tls-only-old" } },
    { "NORMAL:-RSA:-VERS-ALL:+VERS-TLS1.2", {} },
    { "NORMAL:-RSA:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH", { "no-ems" } },
    { "NORMAL:-RSA:-VERS-TLS1.0:-VERS-TLS1.1:+NULL", { "ciphers-weak" } },
  };

  for (const auto &fault : faults)
    {
      TalkingServer::Talk talk;

      talk.tls.priority = fault.priority;
      EXPECT_EQ (find (talk), fault.ids) << fault.priority << "\n" << last;
    }
}

TEST_F (CliCheckHost, ASmallGroupAndAServerWithoutAFaceAreFound)
{
  TalkingServer::Talk group, anonymous;
  CertOptions rsa;

  rsa.key = CertOptions::Key::Rsa2048;
  group.tls.identity = test_ca ().issue (rsa);
  /* GnuTLS uses a group of its own only where it knows none of RFC 7919. */
  group.tls.priority
      = "NORMAL:-RSA:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519:%PROFILE_VERY_WEAK";
  group.tls.has_small_group = true;
  EXPECT_EQ (find (group), Ids ({ "dh-weak" })) << last;
  anonymous.tls.priority += ":+ANON-ECDH";
  anonymous.tls.is_anonymous = true;
  EXPECT_EQ (find (anonymous), Ids ({ "ciphers-anonymous" })) << last;
}

/* --- how TLS starts --- */

TEST_F (CliCheckHost, FaultsOfTheUpgradeAreFound)
{
  for (Kind kind : { Kind::Imap, Kind::Pop3, Kind::Smtp })
    {
      TalkingServer::Talk missing, refused, injected;
      int status = -1;

      missing.kind = refused.kind = injected.kind = kind;
      missing.is_implicit = refused.is_implicit = injected.is_implicit = false;
      missing.has_upgrade = false;
      EXPECT_EQ (find (missing, {}, &status), Ids ({ "starttls-missing" })) << last;
      EXPECT_EQ (status, 76);
      refused.refuses_upgrade = true;
      EXPECT_EQ (find (refused), Ids ({ "starttls-refused" })) << last;
      injected.injects = true;
      EXPECT_EQ (find (injected), Ids ({ "resp-injection" })) << last;
    }
}

TEST_F (CliCheckHost, PasswordsInClearAreFound)
{
  for (Kind kind : { Kind::Imap, Kind::Pop3, Kind::Smtp })
    {
      TalkingServer::Talk talk;

      talk.kind = kind;
      talk.is_implicit = false;
      talk.takes_clear_passwords = true;
      find (talk);
      EXPECT_NE (last.find ("\"clear-auth-local\""), std::string::npos) << last;
      EXPECT_EQ (clear.find ("AUTH "), std::string::npos) << clear;
      EXPECT_EQ (clear.find ("LOGIN"), std::string::npos) << clear;
      EXPECT_EQ (clear.find ("USER"), std::string::npos) << clear;
    }
}

TEST_F (CliCheckHost, ACommandThatGetsPastTheUpgradeIsFoundWhereItIsAskedFor)
{
  TalkingServer::Talk talk;

  talk.is_implicit = false;
  talk.keeps_clear_commands = true;
  EXPECT_EQ (find (talk), Ids ()) << last;
  EXPECT_EQ (find (talk, { "--probe-injection" }), Ids ({ "injection" })) << last;
  talk.keeps_clear_commands = false;
  EXPECT_EQ (find (talk, { "--probe-injection" }), Ids ()) << last;
}

TEST_F (CliCheckHost, APortInTheWrongModeIsFound)
{
  TalkingServer::Talk plain, sealed;

  plain.is_implicit = false;
  TalkingServer plain_server (plain), sealed_server (sealed);

  EXPECT_EQ (find ({ "imaps://localhost:" + std::to_string (plain_server.port ()) }),
             Ids ({ "mode-plain-on-tls" }))
      << last;
  EXPECT_EQ (find ({ "imap://localhost:" + std::to_string (sealed_server.port ()) }),
             Ids ({ "mode-tls-on-plain" }))
      << last;
}

TEST_F (CliCheckHost, AServerThatNeedsNobodyToSignInIsFound)
{
  TalkingServer::Talk talk;

  talk.is_implicit = false;
  talk.is_preauth = true;
  EXPECT_EQ (find (talk), Ids ({ "preauth" })) << last;
}

/* --- no mail --- */

TEST_F (CliCheckHost, OtherServicesAreShownForWhatTheySay)
{
  int status = -1;
  ScriptedServer ssh ([] (Peer &peer) {
    peer.send ("SSH-2.0-OpenSSH_9.2p1\x1b[31m\r\n");
    peer.read_all ();
  });
  ScriptedServer endless ([] (Peer &peer) {
    for (int i = 0; i < 16; i++)
      peer.send (std::string (65536, 'x'));
    peer.read_all ();
  });
  ScriptedServer rude ([] (Peer &peer) { peer.close (); });

  EXPECT_EQ (find ({ "imap://localhost:" + std::to_string (ssh.port ()) }, &status),
             Ids ({ "not-mail" }))
      << last;
  EXPECT_EQ (status, 75);
  EXPECT_NE (last.find ("SSH-2.0-OpenSSH_9.2p1"), std::string::npos) << last;
  EXPECT_EQ (last.find ('\x1b'), std::string::npos);
  EXPECT_EQ (find ({ "imap://localhost:" + std::to_string (endless.port ()) }, &status),
             Ids ({ "not-mail" }))
      << last.substr (0, 2000);
  EXPECT_LT (last.size (), 20000u);
  find ({ "localhost:" + std::to_string (rude.port ()) }, &status);
  EXPECT_EQ (status, 75) << last;
}

TEST_F (CliCheckHost, ASilentPortEndsInTime)
{
  ScriptedServer silent ([] (Peer &peer) { peer.stall (); });
  int status = -1;

  EXPECT_EQ (find ({ "imap://localhost:" + std::to_string (silent.port ()) }, &status),
             Ids ({ "silent" }))
      << last;
  EXPECT_EQ (status, 75);
}

TEST_F (CliCheckHost, AClosedPortIsNeitherGoodNorBad)
{
  int status = -1;

  find ({ "localhost:" + std::to_string (unused_port ()) }, &status);
  EXPECT_EQ (status, 75) << last;
  EXPECT_NE (last.find ("\"closed\""), std::string::npos) << last;
  Outcome page = check ({ "localhost:" + std::to_string (unused_port ()) });
  EXPECT_EQ (page.out.find ("nothing to complain of"), std::string::npos) << page.out;
}

TEST_F (CliCheckHost, NonsenseIsAClearError)
{
  for (const char *text : { "host:0", "host:65536", "host:imap", "[::1", "[::1]x", "a b:25", ":25",
                            "..:25", "imaps://", "ftp://host", "" })
    {
      Outcome outcome = check ({ "--as=host", text });

      EXPECT_EQ (outcome.status, 64) << text << outcome.out << outcome.err;
      EXPECT_NE (outcome.err.find ("is no host"), std::string::npos) << outcome.err;
      EXPECT_EQ (outcome.out, "");
    }
  Outcome nobody = check ({ "nobody.invalid:993" });
  EXPECT_EQ (nobody.status, 75) << nobody.out << nobody.err;
  EXPECT_NE (nobody.err.find ("nobody.invalid"), std::string::npos) << nobody.err;
}

TEST_F (CliCheckHost, AnInternationalNameIsLookedForAsTheDnsKnowsIt)
{
  TalkingServer::Talk talk;
  CertOptions options;

  options.dns = { "xn--bcher-kva.localhost" };
  talk.tls.identity = test_ca ().issue (options);
  TalkingServer server (talk);

  EXPECT_EQ (find ({ "imaps://b\u00fccher.localhost:" + std::to_string (server.port ()) }), Ids ())
      << last;
  EXPECT_EQ (find ({ "b\u00fccher.localhost:" + std::to_string (server.port ()) }), Ids ()) << last;
}

TEST_F (CliCheckHost, AnAddressIsAHostToo)
{
  TalkingServer::Talk talk;
  CertOptions options;

  options.ip = { "127.0.0.1" };
  talk.tls.identity = test_ca ().issue (options);
  TalkingServer server (talk);

  EXPECT_EQ (find ({ "imaps://127.0.0.1:" + std::to_string (server.port ()) }), Ids ()) << last;
  EXPECT_EQ (find ({ "127.0.0.1:" + std::to_string (server.port ()) }), Ids ()) << last;
}

} // namespace
