/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/fake-keyring.h"

#include <gtest/gtest.h>

#include "support/private-bus.h"

namespace postseal_test
{

namespace
{

const char kName[] = "org.freedesktop.secrets";
const char kCollection[] = "/org/freedesktop/secrets/collection/login";
const char kPrompt[] = "/org/freedesktop/secrets/prompt/p1";
const char kSession[] = "/org/freedesktop/secrets/session/s1";

std::map<std::string, std::string>
read_attributes (GVariant *value)
{
  std::map<std::string, std::string> attributes;
  GVariantIter iter;
  const char *name = nullptr, *text = nullptr;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
    attributes[name] = text;
  return attributes;
}

GVariant *
make_attributes (const std::map<std::string, std::string> &attributes)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (const auto &[name, text] : attributes)
    g_variant_builder_add (&builder, "{ss}", name.c_str (), text.c_str ());
  return g_variant_builder_end (&builder);
}

GVariant *
make_secret (const std::string &secret)
{
  return g_variant_new (
      "(o@ay@ays)", kSession, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, "", 0, 1),
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, secret.data (), secret.size (), 1),
      "text/plain");
}

} // namespace

FakeKeyring::FakeKeyring ()
{
  bus_ = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      (GDBusConnectionFlags)(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, nullptr, nullptr);
  filter_ = g_dbus_connection_add_filter (bus_, on_message, this, nullptr);
}

FakeKeyring::~FakeKeyring ()
{
  g_dbus_connection_remove_filter (bus_, filter_);
  g_dbus_connection_close_sync (bus_, nullptr, nullptr);
  g_object_unref (bus_);
}

void
FakeKeyring::appear (bool is_locked, Person person)
{
  appear (true, is_locked, person);
}

void
FakeKeyring::appear_empty (Person person)
{
  appear (false, true, person);
}

void
FakeKeyring::appear (bool has_collection, bool is_locked, Person person)
{
  {
    std::lock_guard<std::mutex> guard (mutex_);

    has_collection_ = has_collection;
    is_locked_ = is_locked;
    person_ = person;
  }
  PrivateBus::own_name (bus_, kName);
}

void
FakeKeyring::vanish ()
{
  PrivateBus::disown_name (bus_, kName);
}

void
FakeKeyring::reset ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  items_.clear ();
  prompts_ = dismissals_ = 0;
}

bool
FakeKeyring::is_locked ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return is_locked_;
}

unsigned
FakeKeyring::prompts ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return prompts_;
}

unsigned
FakeKeyring::dismissals ()
{
  std::lock_guard<std::mutex> guard (mutex_);

  return dismissals_;
}

std::string
FakeKeyring::secret (const std::string &account, const std::string &schema)
{
  std::lock_guard<std::mutex> guard (mutex_);

  for (const auto &[path, item] : items_)
    if (item.attributes.at ("account") == account && item.attributes.at ("xdg:schema") == schema)
      return item.secret;
  return "";
}

void
FakeKeyring::store (const std::string &account, const std::string &secret)
{
  std::lock_guard<std::mutex> guard (mutex_);

  items_[std::string (kCollection) + "/" + std::to_string (++last_item_)]
      = { { { "account", account }, { "xdg:schema", "org.postseal.Account" } }, secret };
}

/* --- the person --- */

/* Under the lock. */
void
FakeKeyring::end_prompt (Person person)
{
  const bool is_dismissed = person != Person::Types;
  g_autoptr (GVariant) body = g_variant_ref_sink (g_variant_new (
      "(bv)", gboolean (is_dismissed),
      has_collection_ ? g_variant_new_objv (nullptr, 0) : g_variant_new_object_path (kCollection)));

  if (!is_dismissed)
    {
      has_collection_ = true;
      is_locked_ = false;
    }
  EXPECT_TRUE (g_dbus_connection_emit_signal (
      bus_, nullptr, kPrompt, "org.freedesktop.Secret.Prompt", "Completed", body, nullptr));
}

void
FakeKeyring::answer (Person person)
{
  std::lock_guard<std::mutex> guard (mutex_);

  end_prompt (person);
}

/* --- the service --- */

GVariant *
FakeKeyring::get_all (const std::string &path, const char *interface)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (nullptr);
  auto item = items_.find (path);

  g_variant_dict_insert (&dict, "Label", "s", "Login");
  g_variant_dict_insert (&dict, "Locked", "b", gboolean (is_locked_));
  g_variant_dict_insert (&dict, "Created", "t", guint64{ 1 });
  g_variant_dict_insert (&dict, "Modified", "t", guint64{ 1 });
  if (item != items_.end ())
    g_variant_dict_insert_value (&dict, "Attributes", make_attributes (item->second.attributes));
  if (g_str_has_suffix (interface, "Service"))
    g_variant_dict_insert_value (&dict, "Collections", g_variant_new_parsed ("[%o]", kCollection));
  if (g_str_has_suffix (interface, "Collection"))
    g_variant_dict_insert_value (&dict, "Items", g_variant_new_parsed ("@ao []"));
  return g_variant_new ("(@a{sv})", g_variant_dict_end (&dict));
}

GVariant *
FakeKeyring::search (GVariant *body)
{
  g_autoptr (GVariant) wanted = g_variant_get_child_value (body, 0);
  const auto attributes = read_attributes (wanted);
  GVariantBuilder unlocked, locked;

  g_variant_builder_init (&unlocked, G_VARIANT_TYPE ("ao"));
  g_variant_builder_init (&locked, G_VARIANT_TYPE ("ao"));
  for (const auto &[path, item] : items_)
    if (item.attributes == attributes)
      g_variant_builder_add (is_locked_ ? &locked : &unlocked, "o", path.c_str ());
  return g_variant_new ("(aoao)", &unlocked, &locked);
}

GVariant *
FakeKeyring::get_secrets (GVariant *body)
{
  g_autoptr (GVariantIter) paths = nullptr;
  const char *path = nullptr;
  GVariantBuilder builder;

  g_variant_get (body, "(aoo)", &paths, nullptr);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{o(oayays)}"));
  while (g_variant_iter_next (paths, "&o", &path))
    if (!is_locked_ && items_.count (path) != 0)
      g_variant_builder_add (&builder, "{o@(oayays)}", path, make_secret (items_[path].secret));
  return g_variant_new ("(a{o(oayays)})", &builder);
}

/* Replaces what has the same attributes, as those who store here want it. */
void
FakeKeyring::create_item (GVariant *body, std::string *ret_path)
{
  g_autoptr (GVariant) properties = g_variant_get_child_value (body, 0);
  g_autoptr (GVariant) wanted = g_variant_lookup_value (
      properties, "org.freedesktop.Secret.Item.Attributes", G_VARIANT_TYPE ("a{ss}"));
  g_autoptr (GVariant) secret = g_variant_get_child_value (body, 1);
  g_autoptr (GVariant) bytes = g_variant_get_child_value (secret, 2);
  gsize length = 0;
  const char *data = static_cast<const char *> (g_variant_get_fixed_array (bytes, &length, 1));
  Item item{ read_attributes (wanted), std::string (data, length) };

  *ret_path = std::string (kCollection) + "/" + std::to_string (++last_item_);
  for (const auto &[path, other] : items_)
    if (other.attributes == item.attributes)
      *ret_path = path;
  items_[*ret_path] = item;
}

/* NULL: it cannot be done while it is locked, or at all. */
GVariant *
FakeKeyring::respond (const std::string &path, const std::string &method, GVariant *body)
{
  const char *text = nullptr;
  std::string made;

  if (method == "OpenSession")
    {
      g_variant_get (body, "(&sv)", &text, nullptr);
      return std::string (text) == "plain"
                 ? g_variant_new ("(vo)", g_variant_new_string (""), kSession)
                 : nullptr;
    }
  if (method == "ReadAlias")
    return g_variant_new ("(o)", has_collection_ ? kCollection : "/");
  if (method == "GetAll")
    {
      g_variant_get (body, "(&s)", &text);
      return get_all (path, text);
    }
  if (method == "Get")
    return g_variant_new ("(v)", g_variant_new_boolean (is_locked_));
  if (method == "SearchItems")
    return search (body);
  if (method == "GetSecrets")
    return get_secrets (body);
  if (method == "Unlock")
    return g_variant_new_parsed ("(@ao [], %o)", is_locked_ ? kPrompt : "/");
  if (method == "CreateCollection")
    return g_variant_new ("(oo)", "/", kPrompt);
  if (method == "Prompt" || method == "Dismiss")
    return g_variant_new ("()");
  if (is_locked_)
    return nullptr;
  if (method == "CreateItem")
    {
      create_item (body, &made);
      return g_variant_new ("(oo)", made.c_str (), "/");
    }
  if (method == "Delete")
    {
      items_.erase (path);
      return g_variant_new ("(o)", "/");
    }
  return nullptr;
}

GDBusMessage *
FakeKeyring::on_message (GDBusConnection *bus,
                         GDBusMessage *message,
                         gboolean is_incoming,
                         gpointer data)
{
  FakeKeyring *self = static_cast<FakeKeyring *> (data);

  if (!is_incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  std::lock_guard<std::mutex> guard (self->mutex_);
  const std::string method = g_dbus_message_get_member (message);
  GVariant *answer = self->respond (g_dbus_message_get_path (message), method,
                                    g_dbus_message_get_body (message));
  g_autoptr (GDBusMessage) reply = nullptr;

  if (answer == nullptr)
    reply = g_dbus_message_new_method_error (message,
                                             self->is_locked_ && method != "OpenSession"
                                                 ? "org.freedesktop.Secret.Error.IsLocked"
                                                 : "org.freedesktop.DBus.Error.NotSupported",
                                             "%s", method.c_str ());
  else
    {
      reply = g_dbus_message_new_method_reply (message);
      g_dbus_message_set_body (reply, answer);
    }
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, nullptr, nullptr);
  self->prompts_ += method == "Prompt";
  self->dismissals_ += method == "Dismiss";
  if (method == "Dismiss" || (method == "Prompt" && self->person_ != Person::Waits))
    self->end_prompt (method == "Dismiss" ? Person::Dismisses : self->person_);
  g_object_unref (message);
  return nullptr;
}

} // namespace postseal_test
