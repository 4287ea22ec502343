/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "check/finding.h"
#include "support/test-ca.h"

namespace
{

const char *const kDomain = "example.org";

/* Zones without a DNS: what is not put there does not exist. */
class Judge : public testing::Test
{
protected:
  using Function = std::function<void (PostsealFactBoard *, const char *, GPtrArray *)>;

  ~Judge () override
  {
    postseal_fact_board_free (board);
    g_ptr_array_unref (findings);
  }

  void
  put_text (const char *name, std::initializer_list<const char *> texts)
  {
    PostsealFact *fact = postseal_fact_new ();

    for (const char *text : texts)
      g_ptr_array_add (fact->texts, g_strdup (text));
    postseal_fact_board_put (board, POSTSEAL_FACT_TXT, name, fact);
  }

  void
  put_hosts (PostsealFactKind kind, const char *name, std::initializer_list<const char *> targets)
  {
    PostsealFact *fact = postseal_fact_new ();

    for (const char *target : targets)
      postseal_fact_add_host (fact, 10, 0, target);
    postseal_fact_board_put (board, kind, name, fact);
  }

  void
  put_state (PostsealFactKind kind, const char *name, PostsealFactState state)
  {
    PostsealFact *fact = postseal_fact_new ();

    fact->state = state;
    postseal_fact_board_put (board, kind, name, fact);
  }

  /* The IDs, sorted, when nothing is wished for any more. */
  std::vector<std::string>
  judge (const Function &function, const char *domain = kDomain)
  {
    std::vector<std::string> ids;
    PostsealFactKind kind;
    char *name = nullptr;

    for (bool is_done = false; !is_done;)
      {
        g_ptr_array_set_size (findings, 0);
        function (board, domain, findings);
        is_done = true;
        while (postseal_fact_board_take_wish (board, &kind, &name))
          {
            put_state (kind, name, POSTSEAL_FACT_ABSENT);
            g_free (name);
            is_done = false;
          }
      }
    for (guint i = 0; i < findings->len; i++)
      ids.push_back (static_cast<PostsealFinding *> (findings->pdata[i])->id);
    std::sort (ids.begin (), ids.end ());
    return ids;
  }

  std::string
  first_text () const
  {
    return static_cast<PostsealFinding *> (findings->pdata[0])->text;
  }

  using Ids = std::vector<std::string>;
  PostsealFactBoard *board = postseal_fact_board_new ();
  GPtrArray *findings = postseal_findings_new ();
};

/* RFC 7208 section 4.6.4: ten questions are allowed, not one more. */
TEST_F (Judge, SpfMayAskTenTimesAndNoMore)
{
  put_text (kDomain, { "v=spf1 a a a a a a a a a a -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-ok" }));
  put_text (kDomain, { "v=spf1 a a a a a a a a a a a -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-lookups" }));
}

TEST_F (Judge, SpfThatLeadsInACircleComesToAnEnd)
{
  put_text (kDomain, { "v=spf1 include:a.example include:b.example -all" });
  put_text ("a.example", { "v=spf1 include:b.example include:example.org -all" });
  put_text ("b.example", { "v=spf1 include:a.example redirect=example.org" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-lookups" }));
}

TEST_F (Judge, SpfIsWhatTheRecordItIsRedirectedToSays)
{
  put_text (kDomain, { "v=spf1 redirect=a.example" });
  put_text ("a.example", { "v=spf1 +all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-all" }));
  /* Section 6.1: beside "all" it counts for nothing. */
  put_text (kDomain, { "v=spf1 redirect=a.example -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-ok" }));
}

TEST_F (Judge, SpfOfOthersDoesNotEndOurs)
{
  put_text (kDomain, { "v=spf1 include:a.example -all" });
  put_text ("a.example", { "v=spf1 +all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-ok" }));
}

TEST_F (Judge, SpfThatRefersToNothingIsBroken)
{
  put_text (kDomain, { "v=spf1 include:a.example -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-bad" }));
  put_text ("a.example", { "v=spf1 -all", "v=spf1 -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-bad" }));
  put_state (POSTSEAL_FACT_TXT, "a.example", POSTSEAL_FACT_NO_ANSWER);
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "dns-fail" }));
}

TEST_F (Judge, SpfKnowsWhatElseIsWeak)
{
  put_text (kDomain, { "v=spf1 ptr -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-ok", "spf-ptr" }));
  put_text (kDomain, { "v=spf1 a" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-open" }));
  put_text (kDomain, { "v=spf1 ?all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-open" }));
  put_text (kDomain, { "google-site-verification=x", "v=spf1 -all", "v=spf1 -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-two" }));
  put_text (kDomain, { "v=spf1 al -all" });
  EXPECT_EQ (judge (postseal_judge_spf), Ids ({ "spf-bad" }));
}

/* RFC 7489 section 6.6.3 */
TEST_F (Judge, DmarcOfADomainAboveCountsWithItsSubdomainPolicy)
{
  put_text ("_dmarc.example.org", { "v=DMARC1; p=none; sp=reject" });
  EXPECT_EQ (judge (postseal_judge_dmarc, "a.b.example.org"), Ids ({ "dmarc-ok" }));
  EXPECT_EQ (judge (postseal_judge_dmarc), Ids ({ "dmarc-none" }));
  EXPECT_EQ (judge (postseal_judge_dmarc, "example.net"), Ids ({ "dmarc-absent" }));
}

TEST_F (Judge, DmarcThatIsBrokenIsToldApart)
{
  for (const char *text : { "v=DMARC1; rua=mailto:a@example.org", "v=DMARC1; p=refuse",
                            "v=DMARC1; p=none; sp=x", "v=DMARC1; p", "v=DMARC1" })
    {
      put_text ("_dmarc.example.org", { text });
      EXPECT_EQ (judge (postseal_judge_dmarc), Ids ({ "dmarc-bad" })) << text;
    }
  put_text ("_dmarc.example.org", { "v=DMARC1; p=none", "v=DMARC1; p=reject" });
  EXPECT_EQ (judge (postseal_judge_dmarc), Ids ({ "dmarc-bad" }));
}

TEST_F (Judge, TlsReportsNeedAnAddressThatCanBeUsed)
{
  const char *name = "_smtp._tls.example.org";

  put_text (name, { "v=TLSRPTv1; rua=mailto:a@example.org,https://example.org/x" });
  EXPECT_EQ (judge (postseal_judge_tlsrpt), Ids ({ "tlsrpt-ok" }));
  for (const char *text : { "v=TLSRPTv1", "v=TLSRPTv1 rua=mailto:a@example.org", "v=TLSRPTv1;",
                            "rua=mailto:a@example.org", "v=TLSRPTv1; rua=ftp://example.org" })
    {
      put_text (name, { text });
      EXPECT_EQ (judge (postseal_judge_tlsrpt), Ids ({ "tlsrpt-bad" })) << text;
    }
  put_text (name, { "v=TLSRPTv1; rua=mailto:a@b", "v=TLSRPTv1; rua=mailto:a@b" });
  EXPECT_EQ (judge (postseal_judge_tlsrpt), Ids ({ "tlsrpt-bad" }));
}

TEST_F (Judge, StsRecordsAreCountedBeforeTheyAreRead)
{
  put_text ("_mta-sts.example.org", { "v=STSv1; id=1", "v=STSv1; id=2" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-two" }));
  put_text ("_mta-sts.example.org", { "v=STSv1; id=a-b" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-syntax" }));
  put_text ("_mta-sts.example.org", { "v=STSv1;" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-syntax" }));
  /* RFC 8461 section 3.1: others are none. */
  put_text ("_mta-sts.example.org", { "v=STSv2; id=1", "v=STSv1; id=1" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-fetch" }));
}

TEST_F (Judge, EachServerIsHeldAgainstTheStsPolicy)
{
  PostsealFact *file = postseal_fact_new ();

  put_text ("_mta-sts.example.org", { "v=STSv1; id=1" });
  g_ptr_array_add (file->texts, g_strdup ("version: STSv1\nmode: enforce\nmx: *.example.org\n"
                                          "max_age: 3600\n"));
  postseal_fact_board_put (board, POSTSEAL_FACT_FILE, "mta-sts.example.org/.well-known/mta-sts.txt",
                           file);
  put_hosts (POSTSEAL_FACT_MX, kDomain, { "a.example.org", "a.example.net", "b.c.example.org" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-mx", "sts-mx", "sts-short" }));
  put_hosts (POSTSEAL_FACT_MX, kDomain, { "a.example.org" });
  EXPECT_EQ (judge (postseal_judge_sts), Ids ({ "sts-ok", "sts-short" }));
}

TEST_F (Judge, WithoutAnExchangerTheDomainItselfTakesMail)
{
  EXPECT_EQ (judge (postseal_judge_mx), Ids ({ "mx-none" }));
  put_hosts (POSTSEAL_FACT_ADDRESS, kDomain, { "192.0.2.1" });
  EXPECT_EQ (judge (postseal_judge_mx), Ids ({ "mx-implicit" }));
}

TEST_F (Judge, ABogusAnswerIsNoAbsence)
{
  put_state (POSTSEAL_FACT_MX, kDomain, POSTSEAL_FACT_BOGUS);
  EXPECT_EQ (judge (postseal_judge_mx), Ids ({ "dns-bogus" }));
  put_state (POSTSEAL_FACT_MX, kDomain, POSTSEAL_FACT_NO_ANSWER);
  EXPECT_EQ (judge (postseal_judge_mx), Ids ({ "dns-fail" }));
}

/* RFC 6186 section 3.4 */
TEST_F (Judge, AServiceThatIsSaidNotToBeThereIsNoFault)
{
  put_hosts (POSTSEAL_FACT_SRV, "_imap._tcp.example.org", { "" });
  put_hosts (POSTSEAL_FACT_SRV, "_imaps._tcp.example.org", { "imap.example.org" });
  EXPECT_EQ (judge (postseal_judge_srv), Ids ({ "srv-ok" }));
  put_hosts (POSTSEAL_FACT_SRV, "_pop3._tcp.example.org", { "pop.example.org" });
  EXPECT_EQ (judge (postseal_judge_srv), Ids ({ "srv-plain" }));
  EXPECT_NE (first_text ().find ("_pop3"), std::string::npos);
}

TEST_F (Judge, WithoutASelectorNothingIsSaidOfDkim)
{
  const auto judge_dkim = [] (PostsealFactBoard *facts, const char *domain, GPtrArray *found) {
    postseal_judge_dkim (facts, domain, nullptr, found);
  };

  EXPECT_EQ (judge (judge_dkim), Ids ({ "dkim-unasked" }));
}

TEST_F (Judge, EachSelectorIsAKeyOfItsOwn)
{
  const auto judge_dkim = [] (PostsealFactBoard *facts, const char *domain, GPtrArray *found) {
    const char *const selectors[] = { "a", "b", "c", nullptr };
    postseal_judge_dkim (facts, domain, selectors, found);
  };

  put_text ("a._domainkey.example.org", { "p=" });
  put_text ("b._domainkey.example.org", { "v=DKIM1; p=AAAA" });
  EXPECT_EQ (judge (judge_dkim), Ids ({ "dkim-absent", "dkim-bad", "dkim-revoked" }));
}

/* --- those who take the mail --- */

class JudgeExchanges : public Judge
{
protected:
  ~JudgeExchanges () override { postseal_tls_trust_unref (trust); }

  void
  put_exchange (const std::string &host, PostsealPortState state)
  {
    PostsealFact *fact = postseal_fact_new ();

    fact->port = postseal_port_facts_new (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
    fact->port->state = state;
    postseal_fact_board_put (board, POSTSEAL_FACT_EXCHANGE, host.c_str (), fact);
    put_hosts (POSTSEAL_FACT_ADDRESS, host.c_str (), { "192.0.2.1" });
  }

  Ids
  judge_exchanges ()
  {
    return judge ([this] (PostsealFactBoard *all, const char *domain, GPtrArray *found) {
      postseal_judge_exchanges (all, domain, trust, 0, found);
    });
  }

  PostsealTlsTrust *trust
      = postseal_tls_trust_load (postseal_test::test_ca ().ca_file ().c_str (), nullptr);
};

TEST_F (JudgeExchanges, OutOfReachIsSaidOnceForAll)
{
  put_hosts (POSTSEAL_FACT_MX, kDomain, { "a.example", "b.example", "c.example" });
  put_exchange ("a.example", POSTSEAL_PORT_CLOSED);
  put_exchange ("b.example", POSTSEAL_PORT_UNREACHABLE);
  put_exchange ("c.example", POSTSEAL_PORT_BUSY);
  EXPECT_EQ (judge_exchanges (), Ids ({ "mx-unreached", "port-busy" }));
  for (guint i = 0; i < findings->len; i++)
    {
      const auto *finding = static_cast<PostsealFinding *> (findings->pdata[i]);

      if (std::string (finding->id) == "mx-unreached")
        {
          EXPECT_STREQ (finding->evidence, "a.example, b.example");
          EXPECT_NE (std::string (finding->text).find ("2 of 3"), std::string::npos);
        }
    }
}

TEST_F (JudgeExchanges, NoMoreThanTenAreTried)
{
  PostsealFact *mx = postseal_fact_new ();

  for (int i = 0; i < 30; i++)
    {
      const std::string host = "mx" + std::to_string (i) + ".example";

      postseal_fact_add_host (mx, 10, 0, host.c_str ());
      put_exchange (host, POSTSEAL_PORT_CLOSED);
    }
  postseal_fact_board_put (board, POSTSEAL_FACT_MX, kDomain, mx);
  EXPECT_EQ (judge_exchanges (), Ids ({ "mx-unreached" }));
  EXPECT_NE (first_text ().find ("10 of 10"), std::string::npos) << first_text ();
}

TEST_F (JudgeExchanges, WhoTakesNoMailIsNotTried)
{
  put_hosts (POSTSEAL_FACT_MX, kDomain, { "" });
  EXPECT_EQ (judge_exchanges (), Ids ());
  put_state (POSTSEAL_FACT_MX, kDomain, POSTSEAL_FACT_NO_ANSWER);
  EXPECT_EQ (judge_exchanges (), Ids ());
}

TEST_F (JudgeExchanges, AnAddressThatNobodyKnowsIsNoMissingOne)
{
  put_hosts (POSTSEAL_FACT_MX, kDomain, { "a.example" });
  put_state (POSTSEAL_FACT_ADDRESS, "a.example", POSTSEAL_FACT_NO_ANSWER);
  EXPECT_EQ (judge_exchanges (), Ids ({ "dns-fail" }));
  put_state (POSTSEAL_FACT_ADDRESS, "a.example", POSTSEAL_FACT_ABSENT);
  EXPECT_EQ (judge_exchanges (), Ids ({ "mx-no-address" }));
}

/* --- the settings of programs --- */

TEST_F (Judge, TheFirstSettingsFileCounts)
{
  const char *second = "example.org/.well-known/autoconfig/mail/config-v1.1.xml";
  PostsealFact *file = postseal_fact_new ();

  EXPECT_EQ (judge (postseal_judge_autoconfig), Ids ({ "autoconfig-absent" }));
  g_ptr_array_add (file->texts, g_strdup ("<clientConfig/>"));
  postseal_fact_board_put (board, POSTSEAL_FACT_PAGE, second, file);
  EXPECT_EQ (judge (postseal_judge_autoconfig), Ids ({ "autoconfig-bad" }));
  file = postseal_fact_new ();
  g_ptr_array_add (
      file->texts,
      g_strdup ("<clientConfig><emailProvider><incomingServer type='imap'><hostname>a.example"
                "</hostname><port>993</port><socketType>SSL</socketType></incomingServer>"
                "</emailProvider></clientConfig>"));
  postseal_fact_board_put (board, POSTSEAL_FACT_PAGE, "autoconfig.example.org/mail/config-v1.1.xml",
                           file);
  EXPECT_EQ (judge (postseal_judge_autoconfig), Ids ({ "autoconfig-ok" }));
}

} // namespace
