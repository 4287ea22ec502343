/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <json-glib/json-glib.h>

#include <filesystem>

#include "engine/last-run.h"
#include "mail/ledger.h"
#include "net/latches.h"
#include "net/seal.h"
#include "support/sandbox.h"

using postseal_test::Outcome;
using postseal_test::Sandbox;

static bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

class CliStatus : public testing::Test
{
protected:
  void
  SetUp () override
  {
    sandbox.configure ("[account work]\naddress=jane@example.org\nreceive=imap://imap.example.org\n"
                       "deliver=maildir:~/Mail/work\n");
    state = sandbox.home () + "/state/postseal/accounts/work";
    std::filesystem::create_directories (state);
  }

  void
  write_run (int status, const char *error_text)
  {
    g_autoptr (PostsealSeal) seal = postseal_seal_new ();
    g_autoptr (GError) error = nullptr;

    seal->voucher = POSTSEAL_VOUCHER_CA;
    seal->endpoint = g_strdup ("imap.example.org:143");
    seal->protocol = POSTSEAL_PROTOCOL_IMAP;
    seal->start = POSTSEAL_TLS_START_UPGRADE;
    seal->address = g_strdup ("192.0.2.1:143");
    seal->tls_version = g_strdup ("TLS 1.3");
    seal->cipher = g_strdup ("AES-256-GCM");
    seal->name = g_strdup ("imap.example.org");
    seal->issuer = g_strdup ("CN=Example CA");
    seal->not_after = 4102444800;
    seal->spki = g_strdup ("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    seal->mechanism = g_strdup ("SCRAM-SHA-256");
    g_autofree char *text = postseal_seal_serialize (seal);
    PostsealLastRun run = {};
    run.time = 1700000000;
    run.status = status;
    run.error = const_cast<char *> (error_text);
    run.delivered = 12;
    run.deleted = 3;
    run.failed = 1;
    run.bytes = 123456;
    run.seal = text;
    ASSERT_TRUE (postseal_last_run_save (&run, state.c_str (), &error)) << error->message;
  }

  void
  write_latches ()
  {
    g_autoptr (PostsealLatches) latches = postseal_latches_new ();

    postseal_latches_set (latches, "imap.example.org:143", "tls", "1.3");
    postseal_latches_set (latches, "imap.example.org:143", "mechanism", "SCRAM-SHA-256");
    ASSERT_TRUE (postseal_latches_save (latches, (state + "/latches").c_str (), nullptr));
  }

  Sandbox sandbox;
  std::string state;
};

TEST_F (CliStatus, OfANewAccountIsThatNothingHappened)
{
  Outcome outcome = sandbox.run ({ "status" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "work  jane@example.org")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "never")) << outcome.out;
  EXPECT_EQ (outcome.err, "");
}

TEST_F (CliStatus, MakesNothing)
{
  std::filesystem::remove_all (sandbox.home () + "/state");
  EXPECT_EQ (sandbox.run ({ "status" }).status, 0);
  EXPECT_FALSE (std::filesystem::exists (sandbox.home () + "/state"));
}

TEST_F (CliStatus, ShowsTheLastRunItsErrorTheSealAndTheLatches)
{
  write_run (76, "The server is not who it says");
  write_latches ();
  Outcome outcome = sandbox.run ({ "status", "work" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  for (const char *words :
       { "12 delivered", "3 deleted", "1 failed", "exit status 76", "The server is not who it says",
         "TLS 1.3", "CN=Example CA", "imap.example.org:143, tls 1.3, mechanism SCRAM-SHA-256" })
    EXPECT_TRUE (has (outcome.out, words)) << words << " in\n" << outcome.out;
}

TEST_F (CliStatus, JsonHasTheFacts)
{
  write_run (0, nullptr);
  write_latches ();
  Outcome outcome = sandbox.run ({ "status", "--json" });
  g_autoptr (JsonParser) parser = json_parser_new ();
  ASSERT_TRUE (json_parser_load_from_data (parser, outcome.out.c_str (), -1, nullptr))
      << outcome.out;
  JsonArray *array = json_node_get_array (json_parser_get_root (parser));
  ASSERT_EQ (json_array_get_length (array), 1u);
  JsonObject *account = json_array_get_object_element (array, 0);
  JsonObject *run = json_object_get_object_member (account, "last-run");
  JsonObject *seal = json_object_get_object_member (account, "seal");
  JsonObject *delivered = json_object_get_object_member (account, "delivered");
  JsonObject *latches = json_object_get_object_member (account, "latches");

  EXPECT_STREQ (json_object_get_string_member (account, "account"), "work");
  EXPECT_EQ (json_object_get_int_member (run, "time"), 1700000000);
  EXPECT_EQ (json_object_get_int_member (run, "status"), 0);
  EXPECT_EQ (json_object_get_int_member (run, "bytes"), 123456);
  EXPECT_TRUE (json_object_get_null_member (run, "error"));
  EXPECT_STREQ (json_object_get_string_member (seal, "mechanism"), "SCRAM-SHA-256");
  EXPECT_EQ (json_object_get_int_member (delivered, "messages"), 0);
  EXPECT_TRUE (json_object_get_null_member (delivered, "last"));
  JsonObject *latch = json_object_get_object_member (latches, "imap.example.org:143");
  ASSERT_NE (latch, nullptr);
  EXPECT_STREQ (json_object_get_string_member (latch, "tls"), "1.3");
}

TEST_F (CliStatus, CountsWhatTheLedgerHoldsAlsoBesideARunningFetch)
{
  g_autoptr (GError) error = nullptr;
  guint8 digest[32] = {};
  PostsealLedgerMailbox mailbox;
  gboolean is_changed = FALSE;

  {
    g_autoptr (PostsealLedger) ledger
        = postseal_ledger_open ((state + "/ledger.sqlite").c_str (), &error);
    ASSERT_NE (ledger, nullptr) << error->message;
    ASSERT_TRUE (postseal_ledger_open_mailbox (ledger, "INBOX", 7, &mailbox, &is_changed, &error));
    PostsealLedgerMessage message = {};
    message.mailbox = mailbox.id;
    message.uid = 1;
    message.size = 100;
    message.digest = digest;
    message.name = "name";
    message.staged = "/m/tmp/name";
    message.path = "/m";
    message.seal = postseal_ledger_add_seal (ledger, "x", &error);
    ASSERT_TRUE (postseal_ledger_begin (ledger, &error)) << error->message;
    ASSERT_TRUE (postseal_ledger_add_intent (ledger, &message, &error)) << error->message;
    ASSERT_TRUE (postseal_ledger_mark_delivered (ledger, &message, 1700000000, &error))
        << error->message;
    ASSERT_TRUE (postseal_ledger_commit (ledger, &error)) << error->message;

    ASSERT_TRUE (postseal_ledger_begin (ledger, &error)) << error->message;
    Outcome outcome = sandbox.run ({ "status" });
    EXPECT_TRUE (has (outcome.out, "1 message on record")) << outcome.out;
    postseal_ledger_rollback (ledger);
  }
  Outcome outcome = sandbox.run ({ "status", "--json" });
  EXPECT_TRUE (has (outcome.out, "\"messages\" : 1,")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "\"last\" : 1700000000")) << outcome.out;
}

TEST_F (CliStatus, DamagedStateIsTroubleNotSilence)
{
  sandbox.write ("state/postseal/accounts/work/latches", "\x01\x02 nothing\n");
  sandbox.write ("state/postseal/accounts/work/ledger.sqlite", "this is no ledger at all, sorry\n");
  Outcome outcome = sandbox.run ({ "status" });

  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_TRUE (has (outcome.out, "latches")) << outcome.out;
  EXPECT_TRUE (has (outcome.out, "ledger.sqlite")) << outcome.out;
}

TEST_F (CliStatus, UnknownAccountIsStatus78)
{
  EXPECT_EQ (sandbox.run ({ "status", "wrok" }).status, 78);
}
