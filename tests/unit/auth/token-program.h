/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>

#include <glib/gstdio.h>

/* A folder with files of the test's, one of which, "program", stands for the program that asks the
   provider, and with the user's configuration. */
class TokenProgram : public testing::Test
{
protected:
  TokenProgram ()
  {
    g_autofree char *made = g_dir_make_tmp ("postseal-token-XXXXXX", nullptr);

    directory = made;
    g_mkdir ((directory + "/postseal").c_str (), 0700);
    g_setenv ("XDG_CONFIG_HOME", directory.c_str (), TRUE);
    g_setenv ("POSTSEAL_DATA_DIR", directory.c_str (), TRUE);
    g_setenv ("POSTSEAL_TOKEN_PROGRAM", (directory + "/program").c_str (), TRUE);
  }

  ~TokenProgram () override
  {
    g_clear_error (&error);
    for (const char *name : { "XDG_CONFIG_HOME", "POSTSEAL_DATA_DIR", "POSTSEAL_TOKEN_PROGRAM" })
      g_unsetenv (name);
    for (const char *folder : { "/postseal", "" })
      {
        g_autoptr (GDir) entries = g_dir_open ((directory + folder).c_str (), 0, nullptr);

        while (const char *name = g_dir_read_name (entries))
          g_unlink ((directory + folder + "/" + name).c_str ());
        g_rmdir ((directory + folder).c_str ());
      }
  }

  void
  write (const std::string &name, const std::string &text, mode_t mode = 0600)
  {
    std::string path = directory + "/" + name;

    g_unlink (path.c_str ());
    std::ofstream (path, std::ios::binary) << text;
    chmod (path.c_str (), mode);
  }

  std::string
  read (const std::string &name)
  {
    std::ifstream file (directory + "/" + name, std::ios::binary);

    return std::string (std::istreambuf_iterator<char> (file), {});
  }

  void
  program (const std::string &script)
  {
    write ("program", "#!/bin/sh\n" + script, 0700);
  }

  std::string directory;
  GError *error = nullptr; /* owned */
};
