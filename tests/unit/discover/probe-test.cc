/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/probe.h"

#include <gtest/gtest.h>

#include "net/net-error.h"
#include "support/mail-server.h"
#include "support/main-loop.h"

using namespace postseal_test;

using Kind = MailServer::Kind;
using Start = MailServer::Start;

class Probe : public testing::Test
{
protected:
  Probe () { policy_->ca_file = g_strdup (test_ca ().ca_file ().c_str ()); }
  ~Probe () override
  {
    g_clear_pointer (&probe_, postseal_probe_free);
    postseal_tls_policy_unref (policy_);
    loop_.settle ();
  }

  const PostsealProbe *
  probe (PostsealProtocol protocol,
         PostsealTlsStart start,
         unsigned short port,
         unsigned limit_ms = 2500)
  {
    gint64 begin = g_get_monotonic_time ();
    g_autoptr (PostsealEndpoint) endpoint
        = postseal_endpoint_new (protocol, start, "localhost", port);

    g_clear_pointer (&probe_, postseal_probe_free);
    postseal_probe_async (endpoint, policy_, limit_ms, nullptr, AsyncLoop::on_ready, &loop_);
    probe_ = postseal_probe_finish (loop_.wait (), nullptr);
    seconds_ = (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
    return probe_;
  }

  void
  expect_error (GQuark domain, int code)
  {
    ASSERT_NE (probe_, nullptr);
    ASSERT_NE (probe_->error, nullptr);
    EXPECT_EQ (probe_->seal, nullptr);
    EXPECT_TRUE (g_error_matches (probe_->error, domain, code)) << probe_->error->message;
  }

  AsyncLoop loop_;
  PostsealTlsPolicy *policy_ = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  PostsealProbe *probe_ = nullptr;
  double seconds_ = 0;
};

/* Of each protocol: whether the other way of the same port is found. */
struct Mix
{
  Kind kind;
  PostsealProtocol protocol;
};

class ProbeMix : public Probe, public testing::WithParamInterface<Mix>
{
};

INSTANTIATE_TEST_SUITE_P (Each,
                          ProbeMix,
                          testing::Values (Mix{ Kind::Imap, POSTSEAL_PROTOCOL_IMAP },
                                           Mix{ Kind::Pop3, POSTSEAL_PROTOCOL_POP3 },
                                           Mix{ Kind::Smtp, POSTSEAL_PROTOCOL_SMTP }));

TEST_P (ProbeMix, GoodServersAreSealedWithoutALookAside)
{
  MailServer implicit (GetParam ().kind, Start::Implicit, { "localhost" });
  MailServer upgrade (GetParam ().kind, Start::Upgrade, { "localhost" });

  for (auto *server : { &implicit, &upgrade })
    {
      probe (GetParam ().protocol,
             server == &implicit ? POSTSEAL_TLS_START_IMPLICIT : POSTSEAL_TLS_START_UPGRADE,
             server->port ());
      ASSERT_NE (probe_->seal, nullptr) << probe_->error->message;
      EXPECT_EQ (probe_->error, nullptr);
      EXPECT_EQ (probe_->better, nullptr);
      EXPECT_EQ ((*server)->connections (), 1u);
      (*server)->stop ();
      EXPECT_EQ ((*server)->record ().tls, "") << "nothing is said where nobody signs in";
    }
}

TEST_P (ProbeMix, StarttlsOnATlsPortIsToldAndMended)
{
  MailServer server (GetParam ().kind, Start::Implicit, { "localhost" });

  probe (GetParam ().protocol, POSTSEAL_TLS_START_UPGRADE, server.port (), 60000);
  expect_error (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START);
  ASSERT_NE (probe_->better, nullptr);
  EXPECT_EQ (probe_->better->start, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (probe_->better->port, server.port ());
  EXPECT_LT (seconds_, 30) << "the silence is not waited for";
}

TEST_P (ProbeMix, TlsOnAPlainPortIsToldAndMended)
{
  MailServer server (GetParam ().kind, Start::Upgrade, { "localhost" });

  probe (GetParam ().protocol, POSTSEAL_TLS_START_IMPLICIT, server.port ());
  expect_error (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START);
  ASSERT_NE (probe_->better, nullptr);
  EXPECT_EQ (probe_->better->start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_EQ (probe_->better->port, server.port ());
}

TEST_P (ProbeMix, ServerWithoutTlsIsNeverTaken)
{
  MailServer server (GetParam ().kind, Start::Clear, { "localhost" });

  probe (GetParam ().protocol, POSTSEAL_TLS_START_UPGRADE, server.port ());
  ASSERT_NE (probe_->error, nullptr);
  EXPECT_EQ (probe_->error->domain, POSTSEAL_TLS_ERROR);
  EXPECT_EQ (probe_->better, nullptr);
}

TEST_F (Probe, CertificateFaultsLeadNowhereElse)
{
  TestCa stranger ("Nobody");
  MailServer unknown (Kind::Imap, Start::Implicit, { "localhost" }, stranger);
  MailServer misnamed (Kind::Imap, Start::Implicit, { "other.example.org" });

  probe (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unknown.port ());
  expect_error (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_UNTRUSTED);
  EXPECT_EQ (probe_->better, nullptr);
  EXPECT_EQ (unknown->connections (), 1u) << "no second, weaker try";

  probe (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, misnamed.port ());
  expect_error (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_IDENTITY);
  EXPECT_EQ (misnamed->connections (), 1u);
}

TEST_F (Probe, NameThatDoesNotExistLeadsNowhereElse)
{
  g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
      POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, "imap..invalid", 0);

  postseal_probe_async (endpoint, policy_, 2500, nullptr, AsyncLoop::on_ready, &loop_);
  probe_ = postseal_probe_finish (loop_.wait (), nullptr);
  expect_error (POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_RESOLVE);
}

TEST_F (Probe, NobodyThereIsToldAsSuch)
{
  probe (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, unused_port ());
  ASSERT_NE (probe_->error, nullptr);
  EXPECT_EQ (probe_->error->domain, POSTSEAL_NET_ERROR);
}

TEST_F (Probe, SilenceEndsInTime)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });

  probe (POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE, server.port ());
  ASSERT_NE (probe_->error, nullptr);
  EXPECT_LT (seconds_, 30);
}

TEST_F (Probe, CancellationIsHeardAtOnce)
{
  ScriptedServer server ([] (Peer &peer) { peer.stall (); });
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealEndpoint) endpoint = postseal_endpoint_new (
      POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, "localhost", server.port ());

  postseal_probe_async (endpoint, policy_, 2500, cancellable, AsyncLoop::on_ready, &loop_);
  ASSERT_TRUE (loop_.wait_for ([&] { return server.connections () > 0; }));
  g_cancellable_cancel (cancellable);
  EXPECT_EQ (postseal_probe_finish (loop_.wait (), &error), nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST_F (Probe, TellsFactsOfCertificatesThatFail)
{
  MailServer server (Kind::Imap, Start::Implicit, { "one.example.org", "two.example.org" });

  probe (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, server.port ());
  ASSERT_NE (probe_->facts, nullptr);
  EXPECT_STREQ (static_cast<const char *> (g_hash_table_lookup (probe_->facts, "cert-name")),
                "one.example.org, two.example.org");
}
