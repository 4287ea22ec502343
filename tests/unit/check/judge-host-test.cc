/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judged-port.h"

namespace postseal_test
{

namespace
{

/* Several ports; each is made by be(), changed, and added. */
class JudgeHost : public JudgedPort
{
protected:
  ~JudgeHost () override
  {
    for (PostsealPortFacts *port : ports)
      postseal_port_facts_free (port);
  }

  PostsealPortFacts *
  add (PostsealProtocol protocol, guint16 port, PostsealTlsStart usual)
  {
    be (protocol, port, usual);
    ports.push_back (std::exchange (facts, nullptr));
    return ports.back ();
  }

  PostsealPortFacts *
  add_shut (guint16 port, PostsealPortState state)
  {
    ports.push_back (
        postseal_port_facts_new (POSTSEAL_PROTOCOL_SMTP, port, POSTSEAL_TLS_START_UPGRADE));
    ports.back ()->state = state;
    return ports.back ();
  }

  static void
  lose_tls (PostsealPortFacts *port, PostsealPortUpgrade upgrade)
  {
    port->upgrade = upgrade;
    port->has_tls = POSTSEAL_SEEN_UNKNOWN;
    g_clear_pointer (&port->chain, g_ptr_array_unref);
    g_clear_pointer (&port->caps_after, g_strfreev);
  }

  Ids
  judge_all ()
  {
    g_ptr_array_set_size (findings, 0);
    for (const PostsealPortFacts *port : ports)
      postseal_judge_port (port, &context, findings);
    postseal_judge_host (ports.data (), ports.size (), &context, findings);
    return list_ids (false);
  }

  std::vector<PostsealPortFacts *> ports;
};

TEST_F (JudgeHost, ClosedPortsBesideOpenOnesAreNoFault)
{
  add (POSTSEAL_PROTOCOL_IMAP, 993, POSTSEAL_TLS_START_IMPLICIT);
  add_shut (25, POSTSEAL_PORT_UNREACHABLE);
  add_shut (110, POSTSEAL_PORT_CLOSED);
  add_shut (995, POSTSEAL_PORT_CLOSED);
  EXPECT_EQ (judge_all (), Ids ());
  EXPECT_NE (std::string (find ("port-closed").text).find ("110, 995"), std::string::npos);
  EXPECT_NE (std::string (find ("port-filtered").text).find ("25"), std::string::npos);
}

TEST_F (JudgeHost, WhereNothingAnswersNothingIsKnown)
{
  add_shut (587, POSTSEAL_PORT_UNREACHABLE);
  EXPECT_EQ (judge_all (), Ids ({ "port-unreachable" }));
  add_shut (143, POSTSEAL_PORT_CLOSED);
  EXPECT_EQ (judge_all (), Ids ({ "port-unreachable" }));
}

TEST_F (JudgeHost, AHostWithoutAnyServiceIsTold)
{
  add_shut (143, POSTSEAL_PORT_CLOSED);
  add_shut (587, POSTSEAL_PORT_CLOSED);
  EXPECT_EQ (judge_all (), Ids ({ "no-service" }));
}

TEST_F (JudgeHost, WhatIsRefusedOnOnePortIsNamedOnAnother)
{
  lose_tls (add (POSTSEAL_PROTOCOL_SMTP, 587, POSTSEAL_TLS_START_UPGRADE),
            POSTSEAL_PORT_UPGRADE_REFUSED);
  add (POSTSEAL_PROTOCOL_IMAP, 993, POSTSEAL_TLS_START_IMPLICIT);
  add (POSTSEAL_PROTOCOL_SMTP, 25, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_EQ (judge_all (), Ids ({ "starttls-refused" }));
  EXPECT_EQ (std::string (find ("starttls-refused").advice).find ("use port"), std::string::npos);
  add (POSTSEAL_PROTOCOL_SMTP, 465, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (judge_all (), Ids ({ "starttls-refused" }));
  EXPECT_NE (std::string (find ("starttls-refused").advice).find ("use port 465"),
             std::string::npos);
}

TEST_F (JudgeHost, PlainTextOnTheTlsPortLeadsToTheOneThatUpgrades)
{
  PostsealPortFacts *plain = add (POSTSEAL_PROTOCOL_IMAP, 993, POSTSEAL_TLS_START_IMPLICIT);

  plain->start = POSTSEAL_TLS_START_UPGRADE;
  plain->greeting = g_strdup ("* OK");
  lose_tls (plain, POSTSEAL_PORT_UPGRADE_MISSING);
  add (POSTSEAL_PROTOCOL_IMAP, 143, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_EQ (judge_all (), Ids ({ "mode-plain-on-tls" }));
  EXPECT_NE (std::string (find ("mode-plain-on-tls").advice).find ("port 143 with STARTTLS"),
             std::string::npos);
}

TEST_F (JudgeHost, NothingButPlainTextIsBad)
{
  lose_tls (add (POSTSEAL_PROTOCOL_SMTP, 587, POSTSEAL_TLS_START_UPGRADE),
            POSTSEAL_PORT_UPGRADE_MISSING);
  lose_tls (add (POSTSEAL_PROTOCOL_IMAP, 143, POSTSEAL_TLS_START_UPGRADE),
            POSTSEAL_PORT_UPGRADE_MISSING);
  EXPECT_EQ (judge_all (), Ids ({ "no-tls", "starttls-missing", "starttls-missing" }));
  add (POSTSEAL_PROTOCOL_POP3, 995, POSTSEAL_TLS_START_IMPLICIT);
  EXPECT_EQ (judge_all (), Ids ({ "starttls-missing", "starttls-missing" }));
}

/* --- addresses --- */

TEST_F (JudgeHost, AnIpv6AddressWithoutAServerIsTold)
{
  PostsealAddressFact addresses[]
      = { { "192.0.2.1", FALSE, POSTSEAL_SEEN_YES }, { "2001:db8::1", TRUE, POSTSEAL_SEEN_NO } };

  postseal_judge_addresses (addresses, 2, context.host, findings);
  EXPECT_EQ (list_ids (true), Ids ({ "v6-dead" }));
  EXPECT_STREQ (find ("v6-dead").evidence, "2001:db8::1");
}

TEST_F (JudgeHost, AnIpv6AddressIsNotDeadWhereNobodyCouldKnow)
{
  PostsealAddressFact addresses[] = { { "192.0.2.1", FALSE, POSTSEAL_SEEN_YES },
                                      { "2001:db8::1", TRUE, POSTSEAL_SEEN_UNKNOWN } };

  postseal_judge_addresses (addresses, 2, context.host, findings);
  EXPECT_EQ (list_ids (false), Ids ());
  addresses[1].answers = POSTSEAL_SEEN_YES;
  g_ptr_array_set_size (findings, 0);
  postseal_judge_addresses (addresses, 2, context.host, findings);
  EXPECT_EQ (list_ids (true), Ids ());
  /* With all dead it is no matter of the family. */
  addresses[0].answers = addresses[1].answers = POSTSEAL_SEEN_NO;
  postseal_judge_addresses (addresses, 2, context.host, findings);
  EXPECT_EQ (list_ids (true), Ids ());
}

} // namespace

} // namespace postseal_test
