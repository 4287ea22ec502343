/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/discovery-settings.h"

#include <gtest/gtest.h>

#include "support/sandbox.h"

using postseal_test::Sandbox;

namespace
{

class DiscoverySettings : public testing::Test
{
protected:
  DiscoverySettings ()
  {
    for (const char *variable : { "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS" })
      g_setenv (variable, (sandbox.home () + "/" + variable).c_str (), TRUE);
    g_unsetenv ("POSTSEAL_DATA_DIR");
    handler_ = g_log_set_handler ("postseal", G_LOG_LEVEL_WARNING, note, &warnings);
  }

  ~DiscoverySettings () override
  {
    g_log_remove_handler ("postseal", handler_);
    for (const char *variable : { "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS" })
      g_unsetenv (variable);
  }

  void
  write (const std::string &variable, const std::string &keys)
  {
    sandbox.write (variable + "/postseal/discovery.conf", "[discovery]\n" + keys);
  }

  PostsealDiscoverySettings *
  load ()
  {
    g_clear_pointer (&settings_, postseal_discovery_settings_free);
    warnings.clear ();
    settings_ = postseal_discovery_settings_load ();
    return settings_;
  }

  void
  TearDown () override
  {
    g_clear_pointer (&settings_, postseal_discovery_settings_free);
  }

  Sandbox sandbox;
  std::string warnings;

private:
  static void
  note (const char *, GLogLevelFlags, const char *message, gpointer user_data)
  {
    *static_cast<std::string *> (user_data) += std::string (message) + "\n";
  }

  guint handler_ = 0;
  PostsealDiscoverySettings *settings_ = nullptr;
};

TEST_F (DiscoverySettings, WithoutAnyFileAsksNobodyElse)
{
  PostsealDiscoverySettings *settings = load ();

  EXPECT_STREQ (settings->list, "");
  EXPECT_FALSE (settings->ask_list);
  EXPECT_EQ (settings->https_port, 443u);
  EXPECT_EQ (settings->smtp_port, 25u);
  EXPECT_EQ (settings->timeout_ms, 3000u);
  EXPECT_EQ (settings->list_copy, nullptr);
  EXPECT_EQ (settings->ca_file, nullptr);
  EXPECT_EQ (settings->dns_server, nullptr);
  EXPECT_EQ (settings->dns_anchor, nullptr);
  EXPECT_EQ (warnings, "");
}

TEST_F (DiscoverySettings, TheInstalledFileNamesTheListAndAsksFirst)
{
  g_setenv ("POSTSEAL_DATA_DIR", (std::string (g_getenv ("SRCDIR")) + "/../data").c_str (), TRUE);
  PostsealDiscoverySettings *settings = load ();
  g_unsetenv ("POSTSEAL_DATA_DIR");

  EXPECT_STREQ (settings->list, "https://v1.ispdb.net/");
  EXPECT_FALSE (settings->ask_list);
  EXPECT_EQ (warnings, "");
}

TEST_F (DiscoverySettings, TheUsersKeysWinOverTheSitesAndThoseOverTheInstallations)
{
  write ("XDG_DATA_DIRS", "list=https://a.example/\nhttps-port=1\nask-list=yes\n");
  write ("XDG_CONFIG_DIRS", "list=https://b.example/x\nhttps-port=2\n");
  write ("XDG_CONFIG_HOME", "https-port=3\n");
  PostsealDiscoverySettings *settings = load ();

  EXPECT_STREQ (settings->list, "https://b.example/x/");
  EXPECT_EQ (settings->https_port, 3u);
  EXPECT_TRUE (settings->ask_list);
}

TEST_F (DiscoverySettings, AnEmptyValueTakesBackWhatAnotherFileSays)
{
  write ("XDG_DATA_DIRS", "list=https://a.example/\ndns-server=192.0.2.1\nca-file=/x\n");
  write ("XDG_CONFIG_HOME", "list=\ndns-server=\nca-file=\n");
  PostsealDiscoverySettings *settings = load ();

  EXPECT_STREQ (settings->list, "");
  EXPECT_EQ (settings->dns_server, nullptr);
  EXPECT_EQ (settings->ca_file, nullptr);
  EXPECT_EQ (warnings, "");
}

TEST_F (DiscoverySettings, TakesWhatTestsAndClosedNetworksNeed)
{
  write ("XDG_CONFIG_HOME", "dns-server=::1@5355\ndns-anchor=~/anchor\nlist-copy=/srv/list\n");
  PostsealDiscoverySettings *settings = load ();

  EXPECT_STREQ (settings->dns_server, "::1@5355");
  EXPECT_EQ (settings->dns_anchor, std::string (g_get_home_dir ()) + "/anchor");
  EXPECT_STREQ (settings->list_copy, "/srv/list");
  EXPECT_EQ (warnings, "");
}

TEST_F (DiscoverySettings, MistakesAreWarnedOfAndIgnored)
{
  for (const char *line :
       { "list=http://a.example/", "list=https://user@a.example/", "list=https://a.example/?q",
         "list=nonsense", "ask-list=maybe", "https-port=0", "https-port=65536", "smtp-port=x",
         "ca-file=here.pem", "timeout=3", "timeout=0s", "timeout=601s", "timeout=-1s",
         "dns-server=dns.example", "dns-server=127.0.0.1@x", "dns-server=127.0.0.1@0" })
    {
      write ("XDG_CONFIG_HOME", std::string (line) + "\n");
      PostsealDiscoverySettings *settings = load ();

      EXPECT_STREQ (settings->list, "") << line;
      EXPECT_FALSE (settings->ask_list) << line;
      EXPECT_EQ (settings->https_port, 443u) << line;
      EXPECT_EQ (settings->timeout_ms, 3000u) << line;
      EXPECT_EQ (settings->ca_file, nullptr) << line;
      EXPECT_EQ (settings->dns_server, nullptr) << line;
      EXPECT_NE (warnings.find ("XDG_CONFIG_HOME/postseal/discovery.conf"), std::string::npos)
          << line;
    }
}

TEST_F (DiscoverySettings, AMisspeltKeyIsToldWithTheRightOne)
{
  write ("XDG_CONFIG_HOME", "asklist=yes\nhttps-port=8443\ntimeout=20s\n");

  PostsealDiscoverySettings *settings = load ();
  EXPECT_EQ (settings->https_port, 8443u);
  EXPECT_EQ (settings->timeout_ms, 20000u);
  EXPECT_NE (warnings.find ("“ask-list”"), std::string::npos) << warnings;
}

TEST_F (DiscoverySettings, AFileThatIsNoKeyFileIsWarnedOf)
{
  sandbox.write ("XDG_CONFIG_HOME/postseal/discovery.conf", "what?\n");

  EXPECT_STREQ (load ()->list, "");
  EXPECT_NE (warnings.find ("Cannot read"), std::string::npos) << warnings;
}

TEST_F (DiscoverySettings, TheStampChangesWithEachOfTheFiles)
{
  std::vector<std::string> stamps;
  auto take = [&] {
    g_autofree char *stamp = postseal_discovery_settings_stamp ();
    g_autofree char *again = postseal_discovery_settings_stamp ();

    EXPECT_STREQ (stamp, again);
    for (const std::string &other : stamps)
      EXPECT_NE (other, stamp);
    stamps.push_back (stamp);
  };

  take ();
  for (const char *variable : { "XDG_DATA_DIRS", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME" })
    {
      write (variable, "https-port=1\n");
      take ();
      write (variable, "https-port=1234\n");
      take ();
    }
}

} // namespace
