/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <memory>
#include <string>

#include "support/child-process.h"

namespace postseal_test
{

/* The program postseald on the bus of this desktop, with the home of the test that runs. */
class DesktopDaemon
{
public:
  /* From now on the bus starts it for whoever asks, as long as the object lives. */
  void install ();
  ~DesktopDaemon ();

  /* Does not wait. */
  void start ();
  /* Waits until it is on the bus. */
  void start_and_wait ();
  /* As a crash would, however it was started. */
  void kill ();

private:
  static bool is_there ();
  static std::string service_file ();

  std::unique_ptr<ChildProcess> process_;
};

} // namespace postseal_test
