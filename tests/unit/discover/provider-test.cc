/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/provider-table-private.h"

#include <gtest/gtest.h>

#include "support/sandbox.h"

using postseal_test::Sandbox;

/* The installation's file is that of the source tree. */
class Provider : public testing::Test
{
protected:
  Provider ()
  {
    data_ = std::string (g_getenv ("SRCDIR")) + "/../data";
    g_setenv ("POSTSEAL_DATA_DIR", data_.c_str (), TRUE);
    g_setenv ("XDG_CONFIG_HOME", (sandbox_.home () + "/config").c_str (), TRUE);
  }
  ~Provider () override
  {
    g_unsetenv ("POSTSEAL_DATA_DIR");
    g_unsetenv ("XDG_CONFIG_HOME");
  }

  Sandbox sandbox_;
  std::string data_;
};

TEST_F (Provider, IsFoundByTheDomainOfAnAddress)
{
  g_autoptr (PostsealProvider) gmail = postseal_provider_find_by_domain ("GoogleMail.com");

  ASSERT_NE (gmail, nullptr);
  EXPECT_STREQ (gmail->name, "gmail");
  EXPECT_STREQ (gmail->receive, "imaps://imap.gmail.com");
  EXPECT_STREQ (gmail->oauth, "google");
  EXPECT_FALSE (gmail->wants_oauth);
  EXPECT_EQ (postseal_provider_find_by_domain ("example.org"), nullptr);
  EXPECT_EQ (postseal_provider_find_by_domain ("notgmail.com"), nullptr);
}

TEST_F (Provider, IsFoundByServerAndMailExchanger)
{
  struct
  {
    const char *host, *name;
  } hosts[] = {
    { "aspmx.l.google.com", "gmail" },
    { "example-org.mail.protection.outlook.com", "office365" },
    { "mx-aol.mail.gm0.yahoodns.net", "aol" },
    { "mta5.am0.yahoodns.net", "yahoo" },
    { "in1-smtp.messagingengine.com", "fastmail" },
    { "mx00.gmx.net", "gmx" },
  };

  for (const auto &host : hosts)
    {
      g_autoptr (PostsealProvider) provider = postseal_provider_find_by_host (host.host);

      ASSERT_NE (provider, nullptr) << host.host;
      EXPECT_STREQ (provider->name, host.name);
    }
  EXPECT_EQ (postseal_provider_find_by_host ("imap.gmail.com.evil.example"), nullptr);
}

TEST_F (Provider, TheUsersKeysComeFirst)
{
  sandbox_.write ("config/postseal/mail-providers.conf",
                  "[gmail]\nreceive=imaps://imap.example.net:1993\n\n"
                  "[club]\ndomains=club.example;\nreceive=imap://mail.club.example\n");
  g_autoptr (PostsealProvider) gmail = postseal_provider_find_by_domain ("gmail.com");
  g_autoptr (PostsealProvider) club = postseal_provider_find_by_domain ("club.example");

  ASSERT_NE (gmail, nullptr);
  EXPECT_STREQ (gmail->receive, "imaps://imap.example.net:1993");
  EXPECT_STREQ (gmail->send, "submissions://smtp.gmail.com");
  ASSERT_NE (club, nullptr);
  EXPECT_STREQ (club->title, "club");
  EXPECT_EQ (club->send, nullptr);
}

TEST_F (Provider, ValuesThatMakeNoSenseAreLeftOut)
{
  sandbox_.write ("config/postseal/mail-providers.conf",
                  "[club]\ndomains=club.example\nreceive=http://mail.club.example\n"
                  "send=submissions://jane@smtp.club.example\napp-password=http://club.example\n");
  testing::internal::CaptureStderr ();
  g_autoptr (PostsealProvider) club = postseal_provider_find_by_domain ("club.example");
  std::string warnings = testing::internal::GetCapturedStderr ();

  ASSERT_NE (club, nullptr);
  EXPECT_EQ (club->receive, nullptr);
  EXPECT_EQ (club->send, nullptr);
  EXPECT_EQ (club->app_password_uri, nullptr);
  EXPECT_NE (warnings.find ("receive"), std::string::npos) << warnings;
}

/* Every section of the installed file: no warning, hosts in the URLs are its own or known, no
   secret in it, pages are https. */
TEST_F (Provider, InstalledFileIsSound)
{
  testing::internal::CaptureStderr ();
  g_autoptr (PostsealProviderTable) table = _postseal_provider_table_load ();
  EXPECT_EQ (testing::internal::GetCapturedStderr (), "");
  g_autoptr (GKeyFile) file = g_key_file_new ();
  std::string path = data_ + "/mail-providers.conf";

  ASSERT_TRUE (g_key_file_load_from_file (file, path.c_str (), G_KEY_FILE_NONE, nullptr));
  g_auto (GStrv) names = g_key_file_get_groups (file, nullptr);
  EXPECT_GE (g_strv_length (names), 25u);
  for (char **name = names; *name != nullptr; name++)
    for (const char *key : { "receive", "receive-pop3", "send" })
      {
        g_autofree char *url = g_key_file_get_string (file, *name, key, nullptr);

        if (url == nullptr)
          continue;
        g_autoptr (PostsealEndpoint) endpoint = _postseal_provider_read_url (url);
        ASSERT_NE (endpoint, nullptr) << *name << " " << url;
        EXPECT_NE (_postseal_provider_table_find_by_host (table, endpoint->host), nullptr)
            << endpoint->host << " belongs to nobody";
      }
}
