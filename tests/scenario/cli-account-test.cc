/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <json-glib/json-glib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "support/sandbox.h"

using postseal_test::Outcome;
using postseal_test::read_file;
using postseal_test::Sandbox;

static const char good[] = "[account work]\n"
                           "address=jane@example.org\n"
                           "receive=imaps://imap.example.org\n"
                           "deliver=maildir:~/Mail/work\n";

static bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

class CliAccount : public testing::Test
{
protected:
  std::string
  read_config ()
  {
    return read_file (sandbox.home () + "/config/postseal/accounts.conf");
  }

  Sandbox sandbox;
};

/* --- what files of others say --- */

TEST_F (CliAccount, TerminalsObeyNothingThatAnImportedFileSays)
{
  const std::string path = std::string (300, 'x') + "\033[31m\u202Eevil";
  const std::string file
      = sandbox.write ("mpoprc", "account work\033[2J\nhost pop.example.org\nuser "
                                 "jane@example.org\ntls on\npassword x\ndelivery maildir ~/"
                                     + path + "\n");

  ASSERT_EQ (chmod (file.c_str (), 0600), 0);
  Outcome outcome = sandbox.run ({ "account", "import", "mpop", file, "--dry-run" });
  EXPECT_FALSE (has (outcome.out + outcome.err, "\033")) << outcome.out << outcome.err;
  EXPECT_FALSE (has (outcome.out + outcome.err, "\u202E")) << outcome.out << outcome.err;
  EXPECT_TRUE (has (outcome.out, "evil\n")) << outcome.out << "all of it is shown";
}

/* --- usage --- */

TEST_F (CliAccount, WrongUsageIsStatus64WithTheNearestSpelling)
{
  struct
  {
    std::vector<std::string> arguments;
    const char *words;
  } mistakes[] = {
    { {}, "a command is missing" },
    { { "acount" }, "did you mean “account”" },
    { { "frobnicate" }, "unknown command “frobnicate”" },
    { { "account" }, "a command is missing" },
    { { "account", "lst" }, "did you mean “list”" },
    { { "account", "list", "--jsn" }, "did you mean “--json”" },
    { { "account", "list", "work" }, "unexpected argument “work”" },
    { { "account", "show" }, "name one account" },
    { { "account", "show", "a", "b" }, "name one account" },
    { { "account", "folders" }, "name one account" },
    { { "account", "folders", "old" }, "only accounts that receive by IMAP have folders" },
    { { "account", "add" }, "one name" },
    { { "account", "add", "work", "--recieve", "x" }, "did you mean “--receive”" },
    { { "account", "edit", "work" }, "nothing to change" },
    { { "account", "edit", "work", "keep" }, "not of the form key=value" },
    { { "password", "set" }, "name one account" },
    { { "password", "set", "work", "hunter2" }, "never an argument" },
  };

  sandbox.configure (std::string (good)
                     + "[account old]\naddress=jane@example.net\n"
                       "receive=pop3s://pop.example.net\ndeliver=maildir:~/Mail/old\n");
  for (const auto &mistake : mistakes)
    {
      SCOPED_TRACE (mistake.words);
      Outcome outcome = sandbox.run (mistake.arguments);

      EXPECT_EQ (outcome.status, 64) << outcome.err;
      EXPECT_TRUE (has (outcome.err, mistake.words)) << outcome.err;
      EXPECT_TRUE (has (outcome.err, "--help")) << outcome.err;
      EXPECT_FALSE (has (outcome.err, "hunter2")) << outcome.err;
      EXPECT_EQ (outcome.out, "");
    }
}

TEST_F (CliAccount, HelpAndVersionGoToStandardOutput)
{
  for (const std::vector<std::string> &arguments : { std::vector<std::string>{ "--help" },
                                                     { "account", "--help" },
                                                     { "account", "add", "--help" } })
    {
      Outcome outcome = sandbox.run (arguments);

      EXPECT_EQ (outcome.status, 0);
      EXPECT_TRUE (has (outcome.out, "Usage:")) << outcome.out;
      EXPECT_EQ (outcome.err, "");
    }
  EXPECT_EQ (sandbox.run ({ "--version" }).out.substr (0, 9), "postseal ");
}

TEST_F (CliAccount, OptionsMayStandBeforeTheCommand)
{
  std::string path = sandbox.write ("elsewhere.conf", good);

  for (const std::vector<std::string> &arguments :
       { std::vector<std::string>{ "--config", path, "account", "list", "--names" },
         { "account", "--config=" + path, "list", "--names" },
         { "--no-daemon", "account", "list", "--names", "--config", path } })
    EXPECT_EQ (sandbox.run (arguments).out, "work\n");
}

TEST_F (CliAccount, UnwrittenOutputIsAnError)
{
  sandbox.configure (good);
  Outcome outcome = sandbox.run ({ "account", "list" });
  ASSERT_EQ (outcome.status, 0) << outcome.err;

  const char *program = g_getenv ("POSTSEAL");
  g_autofree char *line
      = g_strdup_printf ("XDG_CONFIG_HOME='%s/config' '%s' account list >/dev/full",
                         sandbox.home ().c_str (), program);
  EXPECT_EQ (WEXITSTATUS (system (line)), 74);
}

/* --- configuration errors --- */

TEST_F (CliAccount, MissingFileIsStatus78AndTellsWhatToDo)
{
  Outcome outcome = sandbox.run ({ "account", "list" });

  EXPECT_EQ (outcome.status, 78);
  EXPECT_TRUE (has (outcome.err, "accounts.conf does not exist")) << outcome.err;
  EXPECT_TRUE (has (outcome.err, "postseal account add")) << outcome.err;
}

TEST_F (CliAccount, BadAccountIsStatus78AndGoodOnesAreListedAllTheSame)
{
  sandbox.configure (std::string ("[account bad]\nreceive-tls=off\npassword=hunter2\n") + good);
  Outcome list = sandbox.run ({ "account", "list", "--names" });
  Outcome show = sandbox.run ({ "account", "show", "bad" });
  Outcome other = sandbox.run ({ "account", "show", "work" });

  EXPECT_EQ (list.status, 78);
  EXPECT_EQ (list.out, "work\n");
  EXPECT_TRUE (has (list.err, "accounts.conf:2: ")) << list.err;
  EXPECT_TRUE (has (list.err, "accounts.conf:3: ")) << list.err;
  EXPECT_FALSE (has (list.err, "hunter2")) << list.err;
  EXPECT_EQ (show.status, 78);
  EXPECT_EQ (other.status, 0) << other.err;
}

/* --- add, edit, show, remove --- */

TEST_F (CliAccount, AddEditShowAndRemoveMakeARoundTrip)
{
  Outcome add
      = sandbox.run ({ "account", "add", "work", "--address", "jane@example.org", "--receive",
                       "imaps://imap.example.org", "--deliver=maildir:~/Mail/work" });
  EXPECT_EQ (add.status, 0) << add.err;
  EXPECT_TRUE (has (add.out, "postseal password set work")) << add.out;
  EXPECT_EQ (read_config (), good);

  Outcome edit = sandbox.run (
      { "account", "edit", "work", "keep=14d", "folders=INBOX;Lists/*", "--unset", "name" });
  EXPECT_EQ (edit.status, 0) << edit.err;
  EXPECT_EQ (read_config (), std::string (good) + "keep=14d\nfolders=INBOX;Lists/*\n");

  Outcome show = sandbox.run ({ "account", "show", "work" });
  EXPECT_EQ (show.status, 0) << show.err;
  EXPECT_TRUE (has (show.out, "keep          14d\n")) << show.out;
  EXPECT_TRUE (has (show.out, "receive-tls   enforced\n")) << show.out;
  EXPECT_TRUE (has (show.out, "maildir:" + sandbox.home () + "/Mail/work")) << show.out;

  Outcome remove = sandbox.run ({ "account", "remove", "work", "--yes" });
  EXPECT_EQ (remove.status, 0) << remove.err;
  EXPECT_TRUE (has (remove.out, "password clear work")) << remove.out;
  EXPECT_TRUE (has (remove.out, "state/postseal/accounts/work")) << remove.out;
  EXPECT_EQ (read_config (), "");
}

TEST_F (CliAccount, RefusedChangesLeaveTheFileAlone)
{
  sandbox.configure (good);
  for (const std::vector<std::string> &arguments : {
           std::vector<std::string>{ "account", "edit", "work", "keep=14" },
           { "account", "edit", "work", "--unset", "address" },
           { "account", "edit", "wrok", "keep=no" },
           { "account", "add", "work", "--address", "x@example.org" },
           { "account", "add", "club", "--address", "x@example.org" },
           { "account", "remove", "club", "--yes" },
       })
    {
      Outcome outcome = sandbox.run (arguments);

      EXPECT_EQ (outcome.status, 78) << outcome.err;
      EXPECT_EQ (read_config (), good);
    }
}

TEST_F (CliAccount, RemoveAsksAndWithoutATerminalWantsYes)
{
  sandbox.configure (good);
  Outcome outcome = sandbox.run ({ "account", "remove", "work" }, "y\n");

  EXPECT_EQ (outcome.status, 64);
  EXPECT_TRUE (has (outcome.err, "--yes")) << outcome.err;
  EXPECT_EQ (read_config (), good);
}

TEST_F (CliAccount, RemovesABadAccount)
{
  sandbox.configure (std::string ("[account bad]\nfoo=bar\n\n") + good);
  Outcome outcome = sandbox.run ({ "account", "remove", "bad", "--yes" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (read_config (), "\n" + std::string (good));
}

TEST_F (CliAccount, ForgetsLatchesOfOneAccountOnly)
{
  sandbox.configure (std::string (good)
                     + "[account club]\naddress=a@b.example\nsend=smtp://b.example\n");
  std::string mine = sandbox.write ("state/postseal/accounts/work/latches", "[x]\ntls=1.3\n");
  std::string others = sandbox.write ("state/postseal/accounts/club/latches", "[x]\ntls=1.3\n");
  Outcome outcome = sandbox.run ({ "account", "edit", "work", "--forget-latches" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_FALSE (has (read_file (mine), "1.3")) << read_file (mine);
  EXPECT_TRUE (has (read_file (others), "1.3"));
  EXPECT_EQ (read_config ().find ("forget"), std::string::npos);

  /* Nothing known yet: nothing to forget. */
  sandbox.configure (good);
  EXPECT_EQ (sandbox.run ({ "account", "edit", "work", "--forget-latches" }).status, 0);
}

/* --- for programs --- */

TEST_F (CliAccount, JsonHasEverySettingAsItIsWritten)
{
  sandbox.configure (good);
  Outcome outcome = sandbox.run ({ "--json", "account", "show", "work" });
  g_autoptr (JsonParser) parser = json_parser_new ();
  ASSERT_TRUE (json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      << outcome.out;
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));

  EXPECT_STREQ (json_object_get_string_member (object, "account"), "work");
  EXPECT_STREQ (json_object_get_string_member (object, "receive"),
                "imaps://jane%40example.org@imap.example.org:993");
  EXPECT_STREQ (json_object_get_string_member (object, "keep"), "yes");
  EXPECT_STREQ (json_object_get_string_member (object, "password"), "secret-service");

  outcome = sandbox.run ({ "account", "list", "--json" });
  ASSERT_TRUE (json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      << outcome.out;
  JsonArray *array = json_node_get_array (json_parser_get_root (parser));
  ASSERT_EQ (json_array_get_length (array), 1u);
  object = json_array_get_object_element (array, 0);
  EXPECT_STREQ (json_object_get_string_member (object, "address"), "jane@example.org");
  EXPECT_TRUE (json_object_get_null_member (object, "send"));
}
