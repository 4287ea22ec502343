/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/server-input.h"

#include <gtest/gtest.h>

#include <string>

namespace
{

PostsealServerInput
make_input (const std::string &host, const char *port = "")
{
  PostsealServerInput input = {};

  input.protocol = POSTSEAL_PROTOCOL_IMAP;
  input.start = POSTSEAL_TLS_START_IMPLICIT;
  input.host = g_strdup (host.c_str ());
  input.port = g_strdup (port);
  input.user = g_strdup ("");
  return input;
}

/* What is wrong: "host", "port", or "" and a sentence. */
std::string
find_mistake (const std::string &host, const char *port = "")
{
  g_auto (PostsealServerInput) input = make_input (host, port);
  PostsealServerPart part;
  g_autofree char *mistake = nullptr;
  g_autoptr (PostsealEndpoint) endpoint = postseal_server_input_check (&input, &part, &mistake);

  EXPECT_EQ (endpoint == nullptr, mistake != nullptr);
  if (endpoint != nullptr)
    return "";
  return part == POSTSEAL_SERVER_PART_HOST ? "host" : "port";
}

TEST (ServerInput, TakesNamesAndAddresses)
{
  for (const char *host : { "localhost", "imap.example.org", "imap.example.org.", "a_b.example.org",
                            "192.0.2.1", "2001:db8::1", "b\u00fccher.example" })
    EXPECT_EQ (find_mistake (host), "") << host;
}

TEST (ServerInput, RefusesWhatIsNoServer)
{
  for (const std::string &host :
       { std::string (), std::string (254, 'a'), std::string (64, 'a') + ".org",
         std::string ("jane@example.org"), std::string ("a b"), std::string ("a/b"),
         std::string ("a..b"), std::string (".a"), std::string ("-a"),
         std::string ("https://example.org"), std::string ("a\tb"), std::string ("1:2:3:z") })
    EXPECT_EQ (find_mistake (host), "host") << host;
}

TEST (ServerInput, RefusesWhatIsNoPort)
{
  for (const char *port : { "0", "65536", "99999999999999999999", "imap", "-1", "1.5", "0x10" })
    EXPECT_EQ (find_mistake ("example.org", port), "port") << port;
  EXPECT_EQ (find_mistake ("example.org", "65535"), "");
}

TEST (ServerInput, TakesApartAHostWithItsPort)
{
  g_auto (PostsealServerInput) input = make_input ("imap.example.org:1993");

  EXPECT_TRUE (postseal_server_input_take_apart (&input));
  EXPECT_STREQ (input.host, "imap.example.org");
  EXPECT_STREQ (input.port, "1993");
  EXPECT_FALSE (postseal_server_input_take_apart (&input));
}

TEST (ServerInput, NeedsNoPortThatIsTheUsualOne)
{
  g_auto (PostsealServerInput) input = make_input ("[2001:db8::1]:993");

  EXPECT_TRUE (postseal_server_input_take_apart (&input));
  EXPECT_STREQ (input.host, "2001:db8::1");
  EXPECT_STREQ (input.port, "");
}

TEST (ServerInput, TakesApartAUrl)
{
  g_auto (PostsealServerInput) input
      = make_input ("pop3://jane%40example.org@pop.example.org:110/");

  EXPECT_TRUE (postseal_server_input_take_apart (&input));
  EXPECT_EQ (input.protocol, POSTSEAL_PROTOCOL_POP3);
  EXPECT_EQ (input.start, POSTSEAL_TLS_START_UPGRADE);
  EXPECT_STREQ (input.host, "pop.example.org");
  EXPECT_STREQ (input.port, "");
  EXPECT_STREQ (input.user, "jane@example.org");
}

TEST (ServerInput, LeavesAUrlOfAnotherKindAlone)
{
  g_auto (PostsealServerInput) input = make_input ("submissions://smtp.example.org");

  EXPECT_FALSE (postseal_server_input_take_apart (&input));
  EXPECT_STREQ (input.host, "submissions://smtp.example.org");
}

} // namespace
