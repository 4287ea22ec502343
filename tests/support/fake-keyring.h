/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace postseal_test
{

/* A desktop's keyring on the session bus, with one collection at most, as far as its users see it
   (Secret Service API 0.2), and the person in front of its prompts. It answers on a thread of its
   own. */
class FakeKeyring
{
public:
  enum class Person
  {
    Types, /* the right password, at once */
    Dismisses, /* the prompt, at once */
    Waits, /* until answer() */
  };

  FakeKeyring ();
  ~FakeKeyring ();
  FakeKeyring (const FakeKeyring &) = delete;
  FakeKeyring &operator= (const FakeKeyring &) = delete;

  /* There is no keyring before the first of these. */
  void appear (bool is_locked, Person person = Person::Types);
  /* The service is there, but no keyring: the first one is made by a prompt. */
  void appear_empty (Person person);
  void vanish ();
  /* What the person does after all. */
  void answer (Person person);

  bool is_locked ();
  /* How often a prompt was shown, and taken back. */
  unsigned prompts ();
  unsigned dismissals ();
  /* What is stored for @account; "" for nothing. */
  std::string
  secret (const std::string &account, const std::string &schema = "org.postseal.Account");
  void store (const std::string &account, const std::string &secret);
  /* Everything is gone, and nobody has asked yet. */
  void reset ();

private:
  struct Item
  {
    std::map<std::string, std::string> attributes;
    std::string secret;
  };

  static GDBusMessage *
  on_message (GDBusConnection *bus, GDBusMessage *message, gboolean is_incoming, gpointer data);
  GVariant *respond (const std::string &path, const std::string &method, GVariant *body);
  GVariant *get_all (const std::string &path, const char *interface);
  GVariant *get_secrets (GVariant *body);
  GVariant *search (GVariant *body);
  void create_item (GVariant *body, std::string *ret_path);
  void appear (bool has_collection, bool is_locked, Person person);
  void end_prompt (Person person);

  GDBusConnection *bus_ = nullptr;
  guint filter_ = 0;
  std::mutex mutex_; /* all below */
  std::map<std::string, Item> items_; /* by path */
  bool is_locked_ = false;
  bool has_collection_ = true;
  Person person_ = Person::Types;
  unsigned prompts_ = 0, dismissals_ = 0, last_item_ = 0;
};

} // namespace postseal_test
