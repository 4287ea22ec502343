/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

/* org.freedesktop.Notifications as a test wants it, on the thread-default main context. */
class FakeNotificationServer
{
public:
  struct Notice
  {
    unsigned id;
    unsigned replaces;
    std::string icon, summary, body, category, desktop_entry;
  };

  /* @address: of the bus */
  FakeNotificationServer (const std::string &address,
                          const std::vector<std::string> &capabilities = { "body", "body-markup" });
  ~FakeNotificationServer ();
  FakeNotificationServer (const FakeNotificationServer &) = delete;
  FakeNotificationServer &operator= (const FakeNotificationServer &) = delete;

  /* As a person who takes it away. */
  void dismiss (unsigned id);

  std::vector<Notice> notices;
  std::vector<unsigned> closed; /* by the one who had them shown */
  unsigned questions = 0; /* about capabilities */

private:
  static void on_call (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *method,
                       GVariant *arguments,
                       GDBusMethodInvocation *invocation,
                       gpointer user_data);
  void notify (GVariant *arguments, GDBusMethodInvocation *invocation);

  GDBusConnection *connection_;
  std::vector<std::string> capabilities_;
  unsigned last_id_ = 0;
};
