/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/onlooker.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "claws/claws-host.h"

namespace postseal_test
{

Onlooker::Onlooker (pid_t pid, const std::string &socket, const Environment &environment)
    : socket_ (socket),
      process_ ({ getenv ("CLAWS_ONLOOKER"), std::to_string (pid), socket }, environment)
{
}

std::string
Onlooker::ask (const std::string &question) const
{
  auto end = std::chrono::steady_clock::now () + std::chrono::seconds (30);

  /* Things come and go while they are looked at. */
  for (;;)
    {
      std::string answer = ask_socket (socket_, question);

      if (answer != "again" || std::chrono::steady_clock::now () > end)
        return answer;
      std::this_thread::sleep_for (std::chrono::milliseconds (20));
    }
}

bool
Onlooker::is_ready () const
{
  return std::filesystem::exists (socket_);
}

std::string
Onlooker::windows () const
{
  return ask ("windows");
}

std::string
Onlooker::tell (const std::string &title) const
{
  return ask ("tell\t" + title);
}

std::string
Onlooker::press (const std::string &title, const std::string &name) const
{
  return ask ("press\t" + title + "\t" + name);
}

std::string
Onlooker::select (const std::string &title, const std::string &name) const
{
  return ask ("select\t" + title + "\t" + name);
}

std::string
Onlooker::choose (const std::string &title, const std::string &now, const std::string &item) const
{
  return ask ("choose\t" + title + "\t" + now + "\t" + item);
}

} // namespace postseal_test
