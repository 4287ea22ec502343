/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include <string>
#include <vector>

/* Catches what is logged while it lives. */
class LogCatcher
{
public:
  struct Entry
  {
    GLogLevelFlags level;
    std::string account;
    std::string event;
    std::string message;
  };

  LogCatcher ();
  ~LogCatcher ();
  LogCatcher (const LogCatcher &) = delete;
  LogCatcher &operator= (const LogCatcher &) = delete;

  /* What has an event. "ACCOUNT EVENT: MESSAGE" each */
  std::vector<std::string> lines () const;
  bool has (const std::string &piece) const;
  void clear ();

  std::vector<Entry> entries;
};
