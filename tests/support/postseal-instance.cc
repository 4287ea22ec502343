/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/postseal-instance.h"

#include <cstdlib>
#include <stdexcept>

#include "support/beside-daemon.h"

namespace postseal_test
{

namespace
{

std::vector<std::string>
prepend_program (const std::vector<std::string> &arguments, const char *variable = "POSTSEAL")
{
  const char *program = getenv (variable);
  if (!program)
    throw std::runtime_error (std::string (variable) + " does not name the program");
  std::vector<std::string> all = { program };
  all.insert (all.end (), arguments.begin (), arguments.end ());
  return all;
}

} // namespace

PostsealInstance::PostsealInstance () = default;

void
PostsealInstance::configure (const std::string &accounts)
{
  write_file (home_ / "config/postseal/accounts.conf", accounts);
}

Environment
PostsealInstance::complete (const Environment &environment) const
{
  Environment all = environment;
  all["HOME"] = home_.path ();
  all["XDG_CONFIG_HOME"] = home_ / "config";
  all["XDG_STATE_HOME"] = home_ / "state";
  all["XDG_CACHE_HOME"] = home_ / "cache";
  /* A bus that is not there: no daemon and no keyring of the developer's own. */
  all["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + home_ / "no-bus";
  return all;
}

Outcome
PostsealInstance::run (const std::vector<std::string> &arguments,
                       const Environment &environment,
                       const std::string &input)
{
  Environment all = complete (environment);
  BesideDaemon daemon (all);

  return run_program (prepend_program (arguments), all, input);
}

std::unique_ptr<ChildProcess>
PostsealInstance::start (const std::vector<std::string> &arguments, const Environment &environment)
{
  return std::make_unique<ChildProcess> (prepend_program (arguments), complete (environment));
}

Outcome
PostsealInstance::run_sendmail (const std::vector<std::string> &arguments,
                                const std::string &input,
                                const Environment &environment)
{
  return run_program (prepend_program (arguments, "POSTSEAL_SENDMAIL"), complete (environment),
                      input);
}

} // namespace postseal_test
