/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include "auth/keyring-watch.h"
#include "support/main-loop.h"
#include "support/private-bus.h"

using postseal_test::AsyncLoop;
using postseal_test::PrivateBus;

namespace
{

const char secrets[] = "org.freedesktop.secrets";
const char secrets_path[] = "/org/freedesktop/secrets";
const char login_path[] = "/org/freedesktop/secrets/collection/login";
const char collection[] = "org.freedesktop.Secret.Collection";
const char online[] = "org.gnome.OnlineAccounts";
const char account_path[] = "/org/gnome/OnlineAccounts/Accounts/account_1";
const char properties[] = "org.freedesktop.DBus.Properties";

/* A watch on one connection, the secret service and the online accounts on another. */
class KeyringWatch : public testing::Test
{
public:
  AsyncLoop loop;
  PrivateBus bus;
  GDBusConnection *ours = bus.connect ();
  GDBusConnection *theirs = bus.connect ();
  PostsealKeyringWatch *watch = nullptr;
  int told = 0;

  void
  SetUp () override
  {
    PrivateBus::own_name (theirs, secrets);
    PrivateBus::own_name (theirs, online);
    watch = postseal_keyring_watch_new (
        ours, [] (gpointer data) { static_cast<KeyringWatch *> (data)->told++; }, this);
    /* Also the name's owner, which GDBus asks for. */
    PrivateBus::sync (ours);
    loop.settle ();
  }
  void
  TearDown () override
  {
    g_clear_pointer (&watch, postseal_keyring_watch_free);
  }
  void
  emit (const char *path, const char *interface, const char *member, const char *parameters)
  {
    PrivateBus::emit (theirs, path, interface, member, parameters);
  }
  bool
  is_told ()
  {
    told = 0;
    bool came = loop.wait_for ([this] { return told > 0; }, 5000);
    return came && told == 1;
  }
  /* All that was emitted has been heard, and no timer runs that would tell it. */
  bool
  is_silent (gpointer of = nullptr)
  {
    PrivateBus::sync (ours);
    loop.settle ();
    return g_main_context_find_source_by_user_data (loop.context (), of == nullptr ? watch : of)
           == nullptr;
  }
};

TEST_F (KeyringWatch, TellsThatACollectionWasUnlocked)
{
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', {'Locked': <false>}, @as [])");
  EXPECT_TRUE (is_told ());
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', @a{sv} {}, ['Locked'])");
  EXPECT_TRUE (is_told ());
}

TEST_F (KeyringWatch, TellsWhatHappensToCollectionsAndItems)
{
  for (const char *member : { "CollectionCreated", "CollectionChanged" })
    {
      emit (secrets_path, "org.freedesktop.Secret.Service", member, "(objectpath '/x',)");
      EXPECT_TRUE (is_told ()) << member;
    }
  for (const char *member : { "ItemCreated", "ItemChanged" })
    {
      emit (login_path, collection, member, "(objectpath '/x',)");
      EXPECT_TRUE (is_told ()) << member;
    }
}

TEST_F (KeyringWatch, TellsThatTheSecretServiceCame)
{
  PrivateBus::disown_name (theirs, secrets);
  PrivateBus::own_name (theirs, secrets);
  EXPECT_TRUE (is_told ());
}

TEST_F (KeyringWatch, TellsThatAnOnlineAccountIsWellAgain)
{
  emit (account_path, properties, "PropertiesChanged",
        "('org.gnome.OnlineAccounts.Account', {'AttentionNeeded': <false>}, @as [])");
  EXPECT_TRUE (is_told ());
  emit ("/org/gnome/OnlineAccounts", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
        "(objectpath '/x', @a{sa{sv}} {})");
  EXPECT_TRUE (is_told ());
}

TEST_F (KeyringWatch, IsSilentOnWhatBringsNoSecret)
{
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', {'Locked': <true>}, @as [])");
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', {'Label': <'x'>}, ['Items'])");
  emit (login_path, collection, "ItemDeleted", "(objectpath '/x',)");
  emit (secrets_path, "org.freedesktop.Secret.Service", "CollectionDeleted", "(objectpath '/x',)");
  emit (account_path, properties, "PropertiesChanged",
        "('org.gnome.OnlineAccounts.Account', {'AttentionNeeded': <true>}, @as [])");
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringWatch, IsSilentWhenTheSecretServiceGoes)
{
  PrivateBus::disown_name (theirs, secrets);
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringWatch, SurvivesSignalsOfAnotherShape)
{
  emit (login_path, properties, "PropertiesChanged", "('org.freedesktop.Secret.Collection', 1)");
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', {'Locked': <'no'>}, @as [])");
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringWatch, DoesNotHearOthers)
{
  GDBusConnection *stranger = bus.connect ();
  PrivateBus::emit (stranger, login_path, collection, "ItemCreated", "(objectpath '/x',)");
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringWatch, TellsABurstOnce)
{
  for (int i = 0; i < 50; i++)
    emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  EXPECT_TRUE (is_told ());
  EXPECT_TRUE (is_silent ());
}

TEST_F (KeyringWatch, TellsNothingOnceFreed)
{
  gpointer freed = watch;
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  EXPECT_FALSE (is_silent ());
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  g_clear_pointer (&watch, postseal_keyring_watch_free);

  EXPECT_TRUE (is_silent (freed));
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  EXPECT_TRUE (is_silent (freed));
}

TEST_F (KeyringWatch, MayBeFreedByWhatItTells)
{
  g_clear_pointer (&watch, postseal_keyring_watch_free);
  watch = postseal_keyring_watch_new (
      ours,
      [] (gpointer data) {
        auto *self = static_cast<KeyringWatch *> (data);
        self->told++;
        g_clear_pointer (&self->watch, postseal_keyring_watch_free);
      },
      this);
  PrivateBus::sync (ours);
  loop.settle ();
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  EXPECT_TRUE (is_told ());
}

TEST_F (KeyringWatch, OutlivesTheBus)
{
  bus.stop ();
  loop.wait_for ([this] { return g_dbus_connection_is_closed (ours); });
  loop.settle ();
  EXPECT_EQ (told, 0);
}

/* A provider may give out a new refresh token with each access token (RFC 6749 section 6). */
TEST_F (KeyringWatch, IsSilentOnItemsThatWeChangeOurselves)
{
  postseal_keyring_watch_begin_own ();
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  EXPECT_TRUE (is_silent ());
  postseal_keyring_watch_end_own ();
  emit (login_path, collection, "ItemChanged", "(objectpath '/x',)");
  emit (secrets_path, "org.freedesktop.Secret.Service", "CollectionChanged", "(objectpath '/x',)");
  EXPECT_TRUE (is_silent ()) << "a moment later it is ours still";
  emit (login_path, properties, "PropertiesChanged",
        "('org.freedesktop.Secret.Collection', {'Locked': <false>}, @as [])");
  EXPECT_TRUE (is_told ()) << "this is not";
}

}
