/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/mail-domain-private.h"

#include <gtest/gtest.h>

TEST (MailDomain, BaseIsTwoLabelsOrThreeBelowARegistry)
{
  EXPECT_STREQ (_postseal_domain_get_base ("example.org"), "example.org");
  EXPECT_STREQ (_postseal_domain_get_base ("mx.mail.example.org"), "example.org");
  EXPECT_STREQ (_postseal_domain_get_base ("mx.example.co.uk"), "example.co.uk");
  EXPECT_STREQ (_postseal_domain_get_base ("mail.me.com"), "me.com");
  EXPECT_STREQ (_postseal_domain_get_base ("localhost"), "localhost");
}

TEST (MailDomain, WithinIsByWholeLabels)
{
  EXPECT_TRUE (_postseal_domain_is_within ("example.org", "example.org"));
  EXPECT_TRUE (_postseal_domain_is_within ("a.b.example.org", "example.org"));
  EXPECT_FALSE (_postseal_domain_is_within ("badexample.org", "example.org"));
  EXPECT_FALSE (_postseal_domain_is_within ("org", "example.org"));
  EXPECT_FALSE (_postseal_domain_is_within ("example.org.evil.net", "example.org"));
}

TEST (MailDomain, RelatedAreThoseOfOneRegistration)
{
  EXPECT_TRUE (_postseal_domain_is_related ("mail.example.org", "lists.example.org"));
  EXPECT_TRUE (_postseal_domain_is_related ("mail.example.co.uk", "example.co.uk"));
  EXPECT_FALSE (_postseal_domain_is_related ("mail.other.co.uk", "example.co.uk"));
  EXPECT_FALSE (_postseal_domain_is_related ("mail.example.com", "example.org"));
}

TEST (MailDomain, HostsBelowTheSameRegistryAreStrangers)
{
  EXPECT_FALSE (_postseal_domain_is_related ("mail.other.id.au", "jane.id.au"));
  EXPECT_FALSE (_postseal_domain_is_related ("mail.other.adv.br", "jane.adv.br"));
  EXPECT_FALSE (_postseal_domain_is_related ("mail.other.school.nz", "jane.school.nz"));
  EXPECT_TRUE (_postseal_domain_is_related ("mail.jane.id.au", "jane.id.au"));
  EXPECT_TRUE (_postseal_domain_is_related ("imap.gmx.de", "gmx.de"));
  EXPECT_TRUE (_postseal_domain_is_related ("mail.example.de", "staff.example.de"));
}

TEST (MailDomain, HostsAreNamesOrAddresses)
{
  struct
  {
    const char *typed, *host;
  } hosts[] = {
    { "IMAP.Example.ORG", "imap.example.org" },
    { "imap.example.org.", "imap.example.org" },
    { "m\303\274nchen.example", "xn--mnchen-3ya.example" },
    { "192.0.2.1", "192.0.2.1" },
    { "[2001:DB8::1]", "2001:db8::1" },
    { "", nullptr },
    { ".", nullptr },
    { "a b", nullptr },
    { "a/b", nullptr },
    { "a:25", nullptr },
    { "1.2.3", nullptr },
    { "-x.example", nullptr },
    { "x_y.example", nullptr },
  };

  for (const auto &host : hosts)
    {
      g_autofree char *found = _postseal_domain_normalize_host (host.typed);

      EXPECT_STREQ (found, host.host) << host.typed;
    }
  std::string label (64, 'a');
  EXPECT_EQ (_postseal_domain_normalize_host ((label + ".example").c_str ()), nullptr);
}
