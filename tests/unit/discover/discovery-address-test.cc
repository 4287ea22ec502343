/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/discovery.h"

#include <gtest/gtest.h>

#include <string>

TEST (DiscoveryAddress, IsTrimmedAndItsDomainMadeAscii)
{
  struct
  {
    const char *typed, *address;
  } good[] = {
    { "jane@example.org", "jane@example.org" },
    { "  Jane.Doe+x@Example.ORG \n", "Jane.Doe+x@example.org" },
    { "jane@b\303\274cher.example", "jane@xn--bcher-kva.example" },
    { "jane@example.org.", "jane@example.org" },
  };

  for (const auto &each : good)
    {
      g_autoptr (GError) error = nullptr;
      g_autofree char *address = postseal_discovery_check_address (each.typed, &error);

      EXPECT_STREQ (address, each.address) << (error != nullptr ? error->message : "");
    }
}

TEST (DiscoveryAddress, EachMistakeHasItsOwnSentence)
{
  std::string long_local = std::string (65, 'a') + "@example.org";
  std::string long_label = std::string (60, 'b') + ".";
  std::string long_all
      = "jane@" + long_label + long_label + long_label + long_label + "example.org";
  struct
  {
    std::string typed;
    const char *words;
  } bad[] = {
    { "", "Type a mail address" },
    { "   ", "Type a mail address" },
    { "jane", "no @" },
    { "jane doe@example.org", "a space" },
    { "jane@exam ple.org", "a space" },
    { "jane@doe@example.org", "two @" },
    { "@example.org", "before the @" },
    { "jane@", "after the @" },
    { "Jane <jane@example.org>", "without a name" },
    { "jane@example", "no whole domain" },
    { "jane@[192.0.2.1]", "is no domain" },
    { "jane@192.0.2.1", "is no domain" },
    { "jane@exa_mple.org", "is no domain" },
    { "jane@.org", "is no domain" },
    { "j\303\274rgen@example.org", "beyond a to z" },
    { long_local, "64 characters" },
    { long_all, "254 characters" },
    { "jane\x07@example.org", "cannot be seen" },
    { "jane\xff@example.org", "cannot be seen" },
    { "jane..doe@example.org", "wrong place" },
    { "jane,doe@example.org", "has a character there" },
  };

  for (const auto &each : bad)
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_EQ (postseal_discovery_check_address (each.typed.c_str (), &error), nullptr)
          << each.typed;
      ASSERT_NE (error, nullptr) << each.typed;
      EXPECT_TRUE (
          g_error_matches (error, POSTSEAL_DISCOVERY_ERROR, POSTSEAL_DISCOVERY_ERROR_ADDRESS));
      EXPECT_NE (strstr (error->message, each.words), nullptr) << error->message;
    }
}
