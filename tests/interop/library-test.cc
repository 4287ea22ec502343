/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The installed library, from the outside: its headers, its pkg-config file, and the example. */

#include "fetch-fixture.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace postseal_test;

namespace
{

namespace fs = std::filesystem;

class LibraryTest : public FetchTest
{
protected:
  static std::string
  built (const char *variable)
  {
    const char *value = std::getenv (variable);

    return value != nullptr ? value : "";
  }

  /* Installed below a folder of its own, with a pkg-config file that knows where. */
  void
  install ()
  {
    Outcome outcome = run_program ({ "meson", "install", "--no-rebuild", "--quiet", "-C",
                                     built ("BUILDDIR"), "--destdir", root_ });

    ASSERT_EQ (outcome.status, 0) << outcome.out << outcome.err;
    for (const auto &entry : fs::recursive_directory_iterator (root_))
      if (entry.path ().filename () == "postseal.pc")
        pkgconfig_ = entry.path ();
      else if (entry.path ().filename () == "libpostseal.so")
        library_ = entry.path ().parent_path ();
    ASSERT_FALSE (pkgconfig_.empty ());
    ASSERT_FALSE (library_.empty ());

    std::ifstream in (pkgconfig_);
    std::stringstream text;

    text << in.rdbuf ();
    in.close ();
    std::ofstream (pkgconfig_) << std::regex_replace (text.str (), std::regex ("^prefix=/"),
                                                      "prefix=" + root_ + "/");
  }

  Environment
  environment () const
  {
    return { { "PKG_CONFIG_PATH", pkgconfig_.parent_path () },
             { "LD_LIBRARY_PATH", library_.string () },
             { "DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent" } };
  }

  Outcome
  compile (const std::string &source, const std::string &program)
  {
    return run_program ({ "sh", "-c",
                          "${CC:-cc} -Wall -Wextra -Wno-unused-parameter -Werror '" + source
                              + "' -o '" + program + "' $(pkg-config --cflags --libs postseal)" },
                        environment ());
  }

  TemporaryFolder folder_;
  std::string root_ = folder_ / "root";
  fs::path pkgconfig_;
  fs::path library_;
};

TEST_F (LibraryTest, TheExampleCompilesAgainstItAndFetches)
{
  std::string program = folder_ / "fetch-account";
  Outcome outcome;

  install ();
  outcome = compile (built ("SRCDIR") + "/../data/example/fetch-account.c", program);
  ASSERT_EQ (outcome.status, 0) << outcome.out << outcome.err;

  fill (some_mail ());
  configure ("imap");
  outcome = run_program ({ program, "main" }, postseal_.complete (environment ()));
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find (std::to_string (some_mail ().size ()) + " new messages"),
             std::string::npos)
      << outcome.out;
  EXPECT_NE (outcome.out.find ("TLS 1.3"), std::string::npos) << outcome.out;
  EXPECT_EQ (difference (some_mail ()), "");

  outcome = run_program ({ program, "nobody" }, postseal_.complete (environment ()));
  EXPECT_EQ (outcome.status, 78) << outcome.err;
}

/* A header that needs another one that is not installed would not compile. */
TEST_F (LibraryTest, EveryInstalledHeaderCompilesByItself)
{
  install ();
  for (const auto &entry : fs::recursive_directory_iterator (root_))
    {
      std::string path = entry.path ();
      auto at = path.find ("/postseal-0/");
      std::string source = folder_ / "one.c";
      Outcome outcome;

      if (entry.path ().extension () != ".h" || at == std::string::npos)
        continue;
      std::ofstream (source) << "#include \"" << path.substr (at + 12)
                             << "\"\nint main (void) { return 0; }\n";
      outcome = compile (source, folder_ / "one");
      EXPECT_EQ (outcome.status, 0) << path << "\n" << outcome.err;
    }
}

} // namespace
