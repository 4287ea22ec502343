/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/outbox-fixture.h"

#include "net/seal.h"

namespace postseal_test
{

Json::Json (const std::string &text) : parser_ (json_parser_new (), g_object_unref)
{
  g_autoptr (GError) error = nullptr;

  if (!json_parser_load_from_data (parser_.get (), text.c_str (), -1, &error))
    ADD_FAILURE () << "no JSON: " << error->message << "\n" << text;
}

unsigned
Json::size () const
{
  JsonNode *root = json_parser_get_root (parser_.get ());

  return root != nullptr && JSON_NODE_HOLDS_ARRAY (root)
             ? json_array_get_length (json_node_get_array (root))
             : 0;
}

std::string
Json::operator[] (const std::string &path) const
{
  g_auto (GStrv) steps = g_strsplit (path.c_str (), ".", -1);
  JsonNode *node = json_parser_get_root (parser_.get ());

  for (gsize i = 0; steps[i] != nullptr; i++)
    if (node != nullptr && JSON_NODE_HOLDS_OBJECT (node))
      node = json_object_get_member (json_node_get_object (node), steps[i]);
    else if (node != nullptr && JSON_NODE_HOLDS_ARRAY (node))
      {
        JsonArray *array = json_node_get_array (node);
        guint index = atoi (steps[i]);

        node = index < json_array_get_length (array) ? json_array_get_element (array, index)
                                                     : nullptr;
      }
    else
      node = nullptr;
  if (node == nullptr)
    return "(absent)";
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  g_autofree char *text = json_to_string (node, FALSE);
  return text;
}

OutboxTest::OutboxTest ()
{
  const char *state = g_getenv ("XDG_STATE_HOME");

  old_state_ = state != nullptr ? state : "";
  g_setenv ("XDG_STATE_HOME", (sandbox.home () + "/state").c_str (), TRUE);
  configure (9);
}

OutboxTest::~OutboxTest ()
{
  release_lock ();
  if (old_state_.empty ())
    g_unsetenv ("XDG_STATE_HOME");
  else
    g_setenv ("XDG_STATE_HOME", old_state_.c_str (), TRUE);
}

void
OutboxTest::configure (unsigned short port, const std::string &extra)
{
  std::string send = "send=submission://localhost:" + std::to_string (port) + "\n" + extra;

  sandbox.configure ("[account work]\naddress=jane@example.org\nname=Jane Doe\n" + send
                     + "\n[account club]\naddress=treasurer@club.example\n" + send);
}

Outcome
OutboxTest::postseal (const std::vector<std::string> &arguments, const std::string &input)
{
  return sandbox.run (arguments, input, { { "POSTSEAL", "/bin/true" }, { "TZ", "UTC" } });
}

std::string
OutboxTest::queue (const std::vector<std::string> &arguments, const std::string &input)
{
  std::vector<std::string> all = { "send" };
  const std::string beginning = "Queued as ";

  all.insert (all.end (), arguments.begin (), arguments.end ());
  Outcome outcome = postseal (all, input);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  if (outcome.out.compare (0, beginning.size (), beginning) != 0)
    {
      ADD_FAILURE () << outcome.out;
      return "";
    }
  return outcome.out.substr (beginning.size (), outcome.out.size () - beginning.size () - 1);
}

Json
OutboxTest::list (const std::vector<std::string> &arguments)
{
  std::vector<std::string> all = { "queue", "list", "--json" };

  all.insert (all.end (), arguments.begin (), arguments.end ());
  Outcome outcome = postseal (all);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  return Json (outcome.out);
}

void
OutboxTest::start_sending (const std::string &account, const std::string &id)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (&error);

  ASSERT_NE (outbox, nullptr) << error->message;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), &error);
  ASSERT_NE (entry, nullptr) << error->message;
  lock_ = postseal_outbox_lock (account.c_str (), &error);
  ASSERT_NE (lock_, nullptr) << error->message;
  ASSERT_TRUE (postseal_outbox_commit (outbox, nullptr, 0, &entry, 1, nullptr, &error))
      << error->message;
}

void
OutboxTest::release_lock ()
{
  g_clear_pointer (&lock_, postseal_lock_file_release);
}

static std::string
make_seal (bool is_clear)
{
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();

  seal->voucher = is_clear ? POSTSEAL_VOUCHER_NONE : POSTSEAL_VOUCHER_CA;
  seal->endpoint = g_strdup ("smtp.example.org:587");
  seal->protocol = POSTSEAL_PROTOCOL_SMTP;
  seal->start = POSTSEAL_TLS_START_UPGRADE;
  seal->address = g_strdup ("192.0.2.1:587");
  if (!is_clear)
    {
      seal->tls_version = g_strdup ("TLS 1.3");
      seal->cipher = g_strdup ("AES-256-GCM");
      seal->name = g_strdup ("smtp.example.org");
      seal->issuer = g_strdup ("CN=Example CA");
      seal->not_after = 4102444800;
      seal->spki = g_strdup ("sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
      seal->mechanism = g_strdup ("SCRAM-SHA-256");
    }
  g_autofree char *text = postseal_seal_serialize (seal);
  return text;
}

void
OutboxTest::finish (const std::string &id,
                    PostsealOutboxState state,
                    unsigned code,
                    const char *reason,
                    bool is_clear,
                    bool is_doubtful)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (&error);
  ASSERT_NE (outbox, nullptr) << error->message;
  g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, id.c_str (), &error);
  ASSERT_NE (entry, nullptr) << error->message;
  std::string seal = make_seal (is_clear);
  std::string status = std::to_string (code / 100) + ".7.1";
  std::vector<PostsealOutboxRecipient> recipients (entry->recipients,
                                                   entry->recipients + entry->n_recipients);
  PostsealOutboxOutcome outcome = {};

  for (PostsealOutboxRecipient &recipient : recipients)
    if (code != 0)
      {
        recipient.progress = code < 300   ? POSTSEAL_OUTBOX_DELIVERED
                             : code > 499 ? POSTSEAL_OUTBOX_REFUSED
                                          : POSTSEAL_OUTBOX_PENDING;
        recipient.code = code;
        recipient.status = const_cast<char *> (status.c_str ());
        recipient.text = const_cast<char *> ("server's words");
        recipient.time = 1700000000;
      }
  outcome.id = id.c_str ();
  outcome.state = state;
  outcome.recipients = recipients.data ();
  outcome.n_recipients = recipients.size ();
  outcome.counts_as_attempt = TRUE;
  /* What has left is forgotten after some days. */
  outcome.time = state == POSTSEAL_OUTBOX_SENT ? g_get_real_time () / G_USEC_PER_SEC : 1700000000;
  outcome.next_attempt = 4102444800;
  outcome.reason = reason;
  outcome.seal = seal.c_str ();
  outcome.was_clear = is_clear;
  outcome.is_doubtful = is_doubtful;
  ASSERT_TRUE (postseal_outbox_commit (outbox, &outcome, 1, nullptr, 0, nullptr, &error))
      << error->message;
}

} // namespace postseal_test
