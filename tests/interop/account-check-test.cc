/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "postseal check ACCOUNT" against Dovecot and the submission servers: what honest servers are told
   of, and that nothing is left behind. */
#include "fetch-fixture.h"
#include "support/submission-server.h"

#include <algorithm>
#include <filesystem>
#include <json-glib/json-glib.h>

using namespace postseal_test;

namespace
{

bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

/* What --json has said. */
class Answer
{
public:
  explicit Answer (const Outcome &outcome)
  {
    EXPECT_TRUE (json_parser_load_from_data (parser_, outcome.out.c_str (), -1, nullptr))
        << outcome.out << outcome.err;
  }
  ~Answer () { g_object_unref (parser_); }
  Answer (const Answer &) = delete;
  Answer &operator= (const Answer &) = delete;

  /* The IDs of the findings of these levels. */
  std::vector<std::string>
  ids (const std::vector<std::string> &levels)
  {
    JsonArray *findings = json_object_get_array_member (root (), "findings");
    std::vector<std::string> found;

    for (guint i = 0; i < json_array_get_length (findings); i++)
      {
        JsonObject *one = json_array_get_object_element (findings, i);

        if (std::count (levels.begin (), levels.end (),
                        json_object_get_string_member (one, "level")))
          found.push_back (json_object_get_string_member (one, "id"));
      }
    return found;
  }

  bool
  has_id (const std::string &level, const std::string &id)
  {
    const auto all = ids ({ level });

    return std::count (all.begin (), all.end (), id) > 0;
  }

  /* @member: of the step @name. */
  std::string
  step (const std::string &side, const std::string &name, const char *member)
  {
    JsonArray *steps = json_object_get_array_member (
        json_object_get_object_member (root (), "steps"), side.c_str ());

    for (guint i = 0; i < json_array_get_length (steps); i++)
      {
        JsonObject *one = json_array_get_object_element (steps, i);
        const char *value = json_object_get_string_member_with_default (one, member, "");

        if (name == json_object_get_string_member (one, "name"))
          return value != nullptr ? value : "";
      }
    return "";
  }

private:
  JsonObject *
  root ()
  {
    return json_node_get_object (json_parser_get_root (parser_));
  }

  JsonParser *parser_ = json_parser_new ();
};

class CheckDovecot : public FetchTest, public testing::WithParamInterface<const char *>
{
protected:
  bool
  has_state () const
  {
    return std::filesystem::exists (postseal_.path ("state/postseal"));
  }
};

TEST_P (CheckDovecot, FindsNothingBad)
{
  configure (GetParam ());
  Outcome outcome = postseal_.run ({ "check", "--json", "main" });
  Answer answer (outcome);

  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ (answer.ids ({ "bad", "unknown" }), std::vector<std::string> ()) << outcome.out;
  EXPECT_TRUE (answer.has_id ("good", "account-ok"));
  /* Another process of Dovecot would not know the session. */
  const std::string resumption = answer.step ("receive", "resumption", "result");
  EXPECT_TRUE (resumption == "ok" || resumption == "none") << outcome.out;
  EXPECT_TRUE (has (answer.step ("receive", "mechanisms", "text"), "SCRAM-SHA-256"));
  EXPECT_EQ (answer.step ("receive", "sign-in", "result"), "skipped");
}

TEST_P (CheckDovecot, SignsInAndLeavesNoTrace)
{
  const bool is_imap = std::string (GetParam ()).rfind ("imap", 0) == 0;

  fill (some_mail ());
  configure (GetParam ());
  Outcome outcome = postseal_.run ({ "check", "--json", "--login", "main" });
  Answer answer (outcome);

  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_TRUE (answer.has_id ("good", "login-ok"));
  EXPECT_TRUE (has (answer.step ("receive", "sign-in", "text"), "SCRAM-SHA-256"));
  EXPECT_TRUE (has (answer.step ("receive", "use", "text"), "30 messages")) << outcome.out;
  EXPECT_EQ (on_server (), some_mail ().size ());
  EXPECT_FALSE (has_state ()) << "no ledger, no lock, nothing learned";
  if (is_imap)
    {
      outcome = postseal_.run ({ "connect", "--login", "main" }, {}, "a SELECT INBOX\nz LOGOUT\n");
      EXPECT_TRUE (has (outcome.out, "* 30 RECENT")) << outcome.out;
    }
}

TEST_P (CheckDovecot, TellsAWrongPasswordAndShowsNone)
{
  const std::string path = postseal_.path ("wrong");
  const std::string wrong = "wrong-horse-55";

  g_file_set_contents_full (path.c_str (), (wrong + "\n").c_str (), -1, G_FILE_SET_CONTENTS_NONE,
                            0600, nullptr);
  for (const auto &[secret, more] : { std::pair (wrong, "password=file:" + path + "\n"),
                                      std::pair (server ().password (), std::string ()) })
    for (const char *option : { "--json", "--verbose" })
      {
        g_autofree char *encoded
            = g_base64_encode (reinterpret_cast<const guchar *> (secret.data ()), secret.size ());

        configure (GetParam (), "auth=PLAIN\n" + more);
        Outcome outcome = postseal_.run ({ "check", option, "--login", "main" });
        EXPECT_EQ (outcome.status, more.empty () ? 0 : 77) << outcome.out << outcome.err;
        EXPECT_FALSE (has (outcome.out + outcome.err, secret));
        EXPECT_FALSE (has (outcome.out + outcome.err, encoded));
        if (std::string (option) == "--json")
          {
            EXPECT_EQ (Answer (outcome).has_id ("bad", "login-refused"), !more.empty ());
          }
        else
          {
            EXPECT_TRUE (has (outcome.err, "main receive > ")) << outcome.err;
            EXPECT_TRUE (has (outcome.err, "***")) << outcome.err;
          }
      }
}

INSTANTIATE_TEST_SUITE_P (Schemes,
                          CheckDovecot,
                          testing::Values ("imap", "pop3", "pop3s", "imaps"),
                          [] (const auto &about) { return std::string (about.param); });

class CheckSubmission : public testing::TestWithParam<const char *>
{
protected:
  PostsealInstance postseal_;
};

TEST_P (CheckSubmission, SignsInAndSendsNothing)
{
  SubmissionServer *server = SubmissionServer::shared (GetParam ());

  if (server == nullptr)
    GTEST_SKIP () << "needs root, and a machine without another mail server";
  server->take ();
  for (const char *scheme : { "submission", "submissions" })
    {
      postseal_.configure (server->account ("main", scheme));
      Outcome outcome = postseal_.run ({ "check", "--json", "--login", "main" });
      Answer answer (outcome);

      SCOPED_TRACE (scheme);
      EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
      EXPECT_EQ (answer.ids ({ "bad" }), std::vector<std::string> ()) << outcome.out;
      EXPECT_TRUE (answer.has_id ("good", "login-ok")) << outcome.out;
      EXPECT_EQ (answer.step ("send", "use", "result"), "ok") << outcome.out;
      EXPECT_TRUE (has (answer.step ("send", "use", "text"), "jane@example.org"));
    }
  EXPECT_TRUE (server->take ().empty ()) << "never DATA";
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          CheckSubmission,
                          testing::Values ("postfix", "aiosmtpd"),
                          [] (const auto &about) { return std::string (about.param); });

} // namespace
