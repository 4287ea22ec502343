// SPDX-License-Identifier: LGPL-2.1-or-later
#include "wire/received.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wire/mail-date.h"

using std::string;

namespace
{

string
text (const char *value)
{
  return value != nullptr ? value : "-";
}

string
name_way (PostsealReceivedWay way)
{
  static const char *const names[] = { "unknown", "clear", "encrypted", "local" };

  return names[way];
}

// "from|name|address|by|with|id|for|way|version|cipher|time", with "?" behind when not all of it
// was understood.
string
read (const string &value)
{
  std::vector<char> bytes (value.begin (), value.end ());
  g_autoptr (PostsealReceived) self = postseal_received_parse (bytes.data (), bytes.size ());

  return text (self->from) + "|" + text (self->from_name) + "|" + text (self->from_address) + "|"
         + text (self->by) + "|" + text (self->with) + "|" + text (self->id) + "|"
         + text (self->recipient) + "|" + name_way (self->way) + "|" + text (self->tls_version)
         + "|" + text (self->cipher) + "|" + (self->has_time ? std::to_string (self->time) : "-")
         + (self->is_whole ? "" : "?");
}

gint64
read_date (const string &date)
{
  gint64 time = -1;

  EXPECT_TRUE (postseal_mail_date_parse (date.data (), date.size (), &time)) << date;
  return time;
}

bool
is_date (const string &date)
{
  gint64 time = 0;

  return postseal_mail_date_parse (date.data (), date.size (), &time);
}

const char kDate[] = "Tue, 3 Nov 2026 10:11:12 +0100";
const char kTime[] = "1793697072";

} // namespace

TEST (Received, PostfixSaysTlsInACommentOfFrom)
{
  EXPECT_EQ (read (" from mail.example.com (mail.example.com [192.0.2.1])\r\n"
                   "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
                   "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest "
                   "SHA256)\r\n"
                   "\t(No client certificate requested)\r\n"
                   "\tby mx.example.org (Postfix) with ESMTPS id 4Fabc1\r\n"
                   "\tfor <jane@example.org>; Tue,  3 Nov 2026 10:11:12 +0100 (CET)"),
             "mail.example.com|mail.example.com|192.0.2.1|mx.example.org|ESMTPS|4Fabc1|"
             "jane@example.org|encrypted|TLS 1.3|TLS_AES_256_GCM_SHA384|"
                 + string (kTime));
  EXPECT_EQ (read ("from laptop (unknown [203.0.113.9]) by mx.example.org (Postfix) with ESMTP id "
                   "1; "
                   + string (kDate)),
             "laptop|-|203.0.113.9|mx.example.org|ESMTP|1|-|clear|-|-|" + string (kTime));
  EXPECT_EQ (read ("by mx.example.org (Postfix, from userid 1000) id 2; " + string (kDate)),
             "-|-|-|mx.example.org|-|2|-|local|-|-|" + string (kTime));
}

TEST (Received, EximSaysWhatTheClientCalledItselfInAComment)
{
  EXPECT_EQ (read ("from mail.example.com ([192.0.2.1]:4711 helo=shop.example.com)\n"
                   "\tby mx.example.org with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\n"
                   "\t(Exim 4.96)\n\t(envelope-from <alice@example.com>)\n"
                   "\tid 1rabcd-000000-12\n\tfor jane@example.org;\n\t"
                   + string (kDate)),
             "shop.example.com|mail.example.com|192.0.2.1|mx.example.org|esmtps|"
             "1rabcd-000000-12|jane@example.org|encrypted|TLS 1.3|TLS_AES_256_GCM_SHA384|"
                 + string (kTime));
  EXPECT_EQ (read ("from [192.0.2.1] (helo=mx.example.org) by mx.example.org with esmtp (Exim "
                   "4.96) id 1; "
                   + string (kDate)),
             "mx.example.org|-|192.0.2.1|mx.example.org|esmtp|1|-|clear|-|-|" + string (kTime));
  EXPECT_EQ (read ("from jane by mx.example.org with local (Exim 4.96) id 1; " + string (kDate)),
             "jane|-|-|mx.example.org|local|1|-|local|-|-|" + string (kTime));
  EXPECT_EQ (read ("from a.example ([192.0.2.1]) by b.example with esmtps "
                   "(TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256) (Exim 4.84) id 1; "
                   + string (kDate)),
             "a.example|-|192.0.2.1|b.example|esmtps|1|-|encrypted|TLS 1.2|"
             "ECDHE-RSA-AES256-GCM-SHA384|"
                 + string (kTime));
}

TEST (Received, SendmailDoubtsANameThatMayBeForged)
{
  EXPECT_EQ (
      read ("from a.example.com (a.example.com [192.0.2.1])\n\tby mx.example.org (8.17.1/8.17.1) "
            "with ESMTPS id 1A\n\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 "
            "verify=NOT)\n\tfor <jane@example.org>; "
            + string (kDate)),
      "a.example.com|a.example.com|192.0.2.1|mx.example.org|ESMTPS|1A|jane@example.org|encrypted|"
      "TLS 1.3|TLS_AES_256_GCM_SHA384|"
          + string (kTime));
  EXPECT_EQ (read ("from x (mx.example.org [192.0.2.1] (may be forged)) by mx.example.org with "
                   "SMTP id 1; "
                   + string (kDate)),
             "x|-|192.0.2.1|mx.example.org|SMTP|1|-|clear|-|-|" + string (kTime));
}

TEST (Received, GmailSaysTlsBehindTheRecipient)
{
  EXPECT_EQ (read ("from mail-sor-f41.example.com (mail-sor-f41.example.com. [209.85.220.41])\r\n"
                   "        by mx.example.org with ESMTPS id d2e1a72fcca58\r\n"
                   "        for <jane@example.org>\r\n"
                   "        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n"
                   "        Tue, 03 Nov 2026 01:11:12 -0800 (PST)"),
             "mail-sor-f41.example.com|mail-sor-f41.example.com|209.85.220.41|mx.example.org|"
             "ESMTPS|d2e1a72fcca58|jane@example.org|encrypted|TLS 1.3|TLS_AES_128_GCM_SHA256|"
                 + string (kTime));
  EXPECT_EQ (read ("by 2002:a05:6402:3c5:b0:1 with SMTP id t5csp1; " + string (kDate)),
             "-|-|-|2002:a05:6402:3c5:b0:1|SMTP|t5csp1|-|unknown|-|-|" + string (kTime));
  EXPECT_EQ (read ("from a.example (a.example. [192.0.2.1]) by mx.example.org with SMTPS id 1 for "
                   "<jane@example.org> (Google Transport Security); "
                   + string (kDate)),
             "a.example|a.example|192.0.2.1|mx.example.org|SMTPS|1|jane@example.org|encrypted|-|-|"
                 + string (kTime));
}

TEST (Received, MicrosoftHasAProtocolOfThreeWords)
{
  EXPECT_EQ (read ("from AM0PR01.eurprd01.example.com (2603:10a6:208:c7::14) by\r\n"
                   " DB7PR02.eurprd02.example.com (2603:10a6:10:5b::21) with Microsoft SMTP "
                   "Server\r\n"
                   " (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\r\n"
                   " 15.20.7025.22; Tue, 3 Nov 2026 09:11:12 +0000"),
             "AM0PR01.eurprd01.example.com|-|2603:10a6:208:c7::14|DB7PR02.eurprd02.example.com|"
             "Microsoft SMTP Server|15.20.7025.22|-|encrypted|TLS 1.2|"
             "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384|"
                 + string (kTime));
  EXPECT_EQ (read ("from A.example ([fe80::1]) by A.example ([fe80::1%4]) with mapi id "
                   "15.20.1; "
                   + string (kDate)),
             "A.example|-|fe80::1|A.example|mapi|15.20.1|-|unknown|-|-|" + string (kTime));
}

TEST (Received, QmailAndDovecot)
{
  EXPECT_EQ (read ("from mail.example.com (HELO shop) (alice@192.0.2.1)\n  by mx.example.org with "
                   "(TLS_AES_256_GCM_SHA384 encrypted) SMTP; 3 Nov 2026 09:11:12 -0000"),
             "shop|mail.example.com|192.0.2.1|mx.example.org|SMTP|-|-|encrypted|-|"
             "TLS_AES_256_GCM_SHA384|"
                 + string (kTime));
  EXPECT_EQ (read ("from unknown (HELO mx.example.org) (192.0.2.1) by mx.example.org with SMTP; "
                   + string (kDate)),
             "mx.example.org|-|192.0.2.1|mx.example.org|SMTP|-|-|clear|-|-|" + string (kTime));
  EXPECT_EQ (read ("(qmail 12345 invoked by uid 1000); 3 Nov 2026 09:11:12 -0000"),
             "-|-|-|-|-|-|-|local|-|-|" + string (kTime) + "?");
  EXPECT_EQ (read ("from mx.example.org ([127.0.0.1])\n\tby imap.example.org with LMTP\n\tid "
                   "kGz/Az\n\t(envelope-from <alice@example.com>)\n\tfor <jane@example.org>; "
                   + string (kDate)),
             "mx.example.org|-|127.0.0.1|imap.example.org|LMTP|kGz/Az|jane@example.org|clear|-|-|"
                 + string (kTime));
}

TEST (Received, OurOwnNamesTheSeal)
{
  string value = " from imap.example.org by localhost with IMAP\n"
                 "\t(TLS 1.3, AES-256-GCM, imap.example.org vouched for by CN=R3 \\(new\\), 71 "
                 "days left, PLAIN)\n\tfor <jane@example.org>; "
                 + string (kDate);
  g_autoptr (PostsealReceived) self = postseal_received_parse (value.data (), value.size ());

  EXPECT_EQ (read (value), "imap.example.org|-|-|localhost|IMAP|-|jane@example.org|encrypted|"
                           "TLS 1.3|AES-256-GCM|"
                               + string (kTime));
  EXPECT_STREQ (self->comment, "TLS 1.3, AES-256-GCM, imap.example.org vouched for by CN=R3 "
                               "(new), 71 days left, PLAIN");
}

TEST (Received, TheTlsClauseOfRfc8314)
{
  EXPECT_EQ (read ("from a.example ([192.0.2.1]) by b.example with ESMTPSA tls "
                   "TLS_AES_128_GCM_SHA256 group X25519 id 1; "
                   + string (kDate)),
             "a.example|-|192.0.2.1|b.example|ESMTPSA|1|-|encrypted|-|TLS_AES_128_GCM_SHA256|"
                 + string (kTime));
}

// A client chooses what it calls itself, and what its address resolves to.
TEST (Received, AClientCannotSayThatItWasEncrypted)
{
  for (const string from : { "TLSv1.3 (unknown [192.0.2.1])", "x (TLS1.3 [192.0.2.1])",
                             "x ([192.0.2.1] helo=TLS1.3)", "x (version=TLS1_3 [192.0.2.1])",
                             "unknown (HELO using TLSv1.3) (192.0.2.1)", "x (helo=TLSv1.3:AES)" })
    EXPECT_NE (
        read ("from " + from + " by mx.example.org with ESMTP id 1; " + kDate).find ("|clear|-|-|"),
        string::npos)
        << from << ": " << read ("from " + from + " by mx.example.org with ESMTP id 1");
}

TEST (Received, WhatIsNotUnderstoodIsSaidToBeSo)
{
  EXPECT_EQ (read (""), "-|-|-|-|-|-|-|unknown|-|-|-?");
  EXPECT_EQ (read (";"), "-|-|-|-|-|-|-|unknown|-|-|-?");
  EXPECT_EQ (read ("what is this"), "-|-|-|-|-|-|-|unknown|-|-|-?");
  EXPECT_EQ (read ("from a by b with ESMTP id 1; yesterday"), "a|-|-|b|ESMTP|1|-|clear|-|-|-?");
  EXPECT_EQ (read ("from a (b [192.0.2.1 by c with ESMTP"), "a|-|-|-|-|-|-|unknown|-|-|-?");
  EXPECT_EQ (read ("from by by from with id id with; " + string (kDate)),
             "by|-|-|from|id|with|-|unknown|-|-|" + string (kTime));
  EXPECT_EQ (read (string ("from a\0b by c", 13)), "a\\x00b|-|-|c|-|-|-|unknown|-|-|-?");
}

TEST (Received, TellsAddressesOfTheSameComputerAndOfPrivateNetworks)
{
  for (const auto &[address, is_loopback, is_private] :
       std::vector<std::tuple<string, bool, bool>>{ { "127.0.0.1", true, false },
                                                    { "IPv6:::1", true, false },
                                                    { "::ffff:127.0.0.1", true, false },
                                                    { "10.1.2.3", false, true },
                                                    { "172.16.0.1", false, true },
                                                    { "172.32.0.1", false, false },
                                                    { "192.168.1.1", false, true },
                                                    { "IPv6:fd00::1", false, true },
                                                    { "fe80::1", false, true },
                                                    { "192.0.2.1", false, false },
                                                    { "2001:db8::1", false, false },
                                                    { "2001:db8::10.0.0.1", false, false } })
    {
      string value = "from a (b.example [" + address + "]) by c";
      g_autoptr (PostsealReceived) self = postseal_received_parse (value.data (), value.size ());

      EXPECT_EQ (bool (postseal_received_is_loopback (self)), is_loopback) << address;
      EXPECT_EQ (bool (postseal_received_is_private (self)), is_private) << address;
    }
}

TEST (MailDate, ReadsWhatServersWrite) // RFC 5322 sections 3.3 and 4.3
{
  const gint64 time = 1793697072;

  EXPECT_EQ (read_date (kDate), time);
  EXPECT_EQ (read_date ("3 Nov 2026 09:11:12 GMT"), time);
  EXPECT_EQ (read_date ("Tue,3 nov 2026 09:11:12"), time);
  EXPECT_EQ (read_date ("Tuesday 03 November 26 04:11:12 EST"), time);
  EXPECT_EQ (read_date ("Tue, 3 (third) Nov 2026 09:11:12 -0000 (UTC)"), time);
  EXPECT_EQ (read_date ("3 Nov 2026 09:11 Z"), time - 12);
  EXPECT_EQ (read_date ("1 Jan 1970 00:00:00 +0000"), 0);
  EXPECT_EQ (read_date ("1 Jan 70 00:00:00 +0100"), -3600);
}

TEST (MailDate, RefusesWhatIsNone)
{
  for (const string date :
       { "", "Tue", "3 Nov 2026", "31 Feb 2026 09:11:12 +0000", "3 Nov 2026 24:00:00 +0000",
         "3 Nov 2026 9:60 +0000", "0 Nov 2026 09:11:12", "3 Nvo 2026 09:11:12", "2026-11-03",
         "3 Nov 99999 09:11:12", "3 Nov 2026 09:11:12:13", "-3 Nov 2026 09:11:12" })
    EXPECT_FALSE (is_date (date)) << date;
}
