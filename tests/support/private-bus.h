/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <string>

namespace postseal_test
{

/* A message bus of this test's own, on which nothing can be started; it ends with the object, or
   with the test program. */
class PrivateBus
{
public:
  PrivateBus ();
  ~PrivateBus ();
  PrivateBus (const PrivateBus &) = delete;
  PrivateBus &operator= (const PrivateBus &) = delete;

  const std::string &
  address () const
  {
    return address_;
  }

  /* One more connection, owned by the bus; signals go to the thread-default context. */
  GDBusConnection *connect ();

  /* Ends the bus under its clients. */
  void stop ();

  static void own_name (GDBusConnection *connection, const char *name);
  static void disown_name (GDBusConnection *connection, const char *name);

  /* A round trip: what the bus was told before is in effect. */
  static void sync (GDBusConnection *connection);

  /* @parameters: in GVariant's text format */
  static void emit (GDBusConnection *connection,
                    const char *path,
                    const char *interface,
                    const char *member,
                    const char *parameters);

private:
  GSubprocess *daemon_ = nullptr;
  GPtrArray *connections_;
  std::string address_;
};

} // namespace postseal_test
