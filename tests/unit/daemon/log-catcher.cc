/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-catcher.h"

#include <mutex>

static LogCatcher *current;
static std::mutex mutex;

static GLogWriterOutput
catch_entry (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer)
{
  LogCatcher::Entry entry{ level, "", "", "" };

  for (gsize i = 0; i < n_fields; i++)
    {
      std::string key = fields[i].key;
      auto *value = static_cast<const char *> (fields[i].value);

      if (key == "POSTSEAL_ACCOUNT")
        entry.account = value;
      else if (key == "POSTSEAL_EVENT")
        entry.event = value;
      else if (key == "MESSAGE")
        entry.message = value;
    }
  std::lock_guard<std::mutex> guard (mutex);
  if (current == nullptr || entry.event.empty ())
    return g_log_writer_default (level, fields, n_fields, nullptr);
  current->entries.push_back (entry);
  return G_LOG_WRITER_HANDLED;
}

LogCatcher::LogCatcher ()
{
  static bool is_set;

  if (!is_set)
    g_log_set_writer_func (catch_entry, nullptr, nullptr);
  is_set = true;
  std::lock_guard<std::mutex> guard (mutex);
  current = this;
}

LogCatcher::~LogCatcher ()
{
  std::lock_guard<std::mutex> guard (mutex);
  current = nullptr;
}

std::vector<std::string>
LogCatcher::lines () const
{
  std::vector<std::string> found;

  for (const Entry &entry : entries)
    found.push_back (entry.account + " " + entry.event + ": " + entry.message);
  return found;
}

bool
LogCatcher::has (const std::string &piece) const
{
  for (const std::string &line : lines ())
    if (line.find (piece) != std::string::npos)
      return true;
  return false;
}

void
LogCatcher::clear ()
{
  entries.clear ();
}
