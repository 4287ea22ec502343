/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/submission.h"

#include <json-glib/json-glib.h>

namespace postseal_test
{

namespace
{

/* In place of the program that works in the background. */
const std::map<std::string, std::string> kNoBackground = { { "POSTSEAL", "/bin/true" } };

std::string
get_string (JsonObject *object, const char *name)
{
  const char *text = json_object_get_string_member_with_default (object, name, nullptr);

  return text != nullptr ? text : "";
}

QueueEntry
read_entry (JsonObject *object)
{
  JsonArray *recipients = json_object_get_array_member (object, "recipients");
  QueueEntry entry;

  entry.id = get_string (object, "id");
  entry.state = get_string (object, "state");
  entry.reason = get_string (object, "reason");
  entry.message_id = get_string (object, "message-id");
  entry.attempts = json_object_get_int_member_with_default (object, "attempts", -1);
  entry.next_attempt = json_object_get_int_member_with_default (object, "next-attempt", 0);
  entry.is_in_clear = json_object_get_boolean_member (object, "in-clear");
  entry.may_be_doubled = json_object_get_boolean_member (object, "may-be-doubled");
  entry.has_seal = !json_object_get_null_member (object, "seal");
  for (guint i = 0; i < json_array_get_length (recipients); i++)
    {
      JsonObject *recipient = json_array_get_object_element (recipients, i);

      entry.recipients.push_back (
          { get_string (recipient, "address"), get_string (recipient, "state"),
            get_string (recipient, "status"), get_string (recipient, "text"),
            json_object_get_int_member_with_default (recipient, "code", 0) });
    }
  return entry;
}

std::vector<QueueEntry>
read_entries (const Outcome &outcome)
{
  g_autoptr (JsonNode) node = json_from_string (outcome.out.c_str (), nullptr);
  std::vector<QueueEntry> entries;

  EXPECT_TRUE (node != nullptr && JSON_NODE_HOLDS_ARRAY (node)) << outcome.out << outcome.err;
  if (node == nullptr || !JSON_NODE_HOLDS_ARRAY (node))
    return entries;
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    entries.push_back (read_entry (json_array_get_object_element (array, i)));
  return entries;
}

} // namespace

void
Submission::SetUp ()
{
  configure ();
}

void
Submission::TearDown ()
{
  server.stop ();
  if (!expects_violations)
    {
      EXPECT_EQ (server.violations (), std::vector<std::string> ());
    }
}

void
Submission::configure (const std::string &extra)
{
  configure ("submissions", server.port (), extra);
}

void
Submission::configure (const std::string &scheme, unsigned short port, const std::string &extra)
{
  std::string secret = sandbox.write ("secret", std::string (kPassword) + "\n");
  std::string text = "[account work]\n"
                     "address=jane@example.org\n"
                     "send="
                     + scheme + "://" + kUser + "@localhost:" + std::to_string (port) + "\n";
  const std::pair<std::string, std::string> keys[] = {
    { "ca-file", test_ca ().ca_file () },
    { "timeout", "2s" },
    { "password", "file:" + secret },
    { "deliver", "maildir:" + sandbox.home () + "/Mail" },
  };

  /* A key of the test stands for the usual one; with nothing behind it there is none. */
  for (const auto &[name, value] : keys)
    if (("\n" + extra).find ("\n" + name + "=") == std::string::npos)
      text += name + "=" + value + "\n";
  for (size_t start = 0, end = 0; (end = extra.find ('\n', start)) != std::string::npos;
       start = end + 1)
    if (extra[end - 1] != '=')
      text += extra.substr (start, end - start) + "\n";
  sandbox.configure (text);
}

std::string
Submission::message (const std::string &name, const std::string &body)
{
  return "From: Jane <jane@example.org>\nTo: bob@example.net\nSubject: " + name
         + "\nDate: Thu, 1 Jan 2026 12:00:00 +0000\nMessage-ID: <" + name + "@example.org>\n\n"
         + body;
}

std::string
Submission::enqueue (const std::string &text, const std::vector<std::string> &arguments)
{
  std::vector<std::string> all = { "send", "--json" };

  all.insert (all.end (), arguments.begin (), arguments.end ());
  Outcome outcome = sandbox.run (all, text, kNoBackground);
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  g_autoptr (JsonNode) node = json_from_string (outcome.out.c_str (), nullptr);

  return node != nullptr ? get_string (json_node_get_object (node), "id") : "";
}

Outcome
Submission::send (const std::string &text, const std::vector<std::string> &arguments)
{
  std::vector<std::string> all = { "send", "--wait" };

  all.insert (all.end (), arguments.begin (), arguments.end ());
  Outcome outcome = sandbox.run (all, text, kNoBackground, 30);
  server.settle ();
  return outcome;
}

Outcome
Submission::queue (const std::vector<std::string> &arguments)
{
  std::vector<std::string> all = { "queue" };

  all.insert (all.end (), arguments.begin (), arguments.end ());
  Outcome outcome = sandbox.run (all, "", kNoBackground, 60);
  server.settle ();
  return outcome;
}

std::vector<QueueEntry>
Submission::list ()
{
  return read_entries (sandbox.run ({ "queue", "list", "--json" }));
}

QueueEntry
Submission::show (const std::string &id)
{
  std::vector<QueueEntry> entries = read_entries (sandbox.run ({ "queue", "show", "--json", id }));

  return entries.empty () ? QueueEntry () : entries[0];
}

std::string
Submission::states ()
{
  std::string all;

  for (const QueueEntry &entry : list ())
    all += (all.empty () ? "" : " ") + entry.state;
  return all;
}

std::string
Submission::taken ()
{
  std::string all;

  for (const ToySubmission::Delivery &delivery : server.deliveries ())
    all += (all.empty () ? "" : " ") + delivery.field ("Subject");
  return all;
}

void
Submission::expect_outcome (const Outcome &outcome, int status, const std::string &words)
{
  EXPECT_EQ (outcome.status, status) << outcome.err << outcome.out;
  EXPECT_NE (outcome.err.find (words), std::string::npos)
      << "“" << words << "” is not in: " << outcome.err << "(" << outcome.out << ")";
  EXPECT_EQ ((outcome.err + outcome.out).find (kPassword), std::string::npos) << outcome.err;
}

void
Submission::expect_sent (const Outcome &outcome)
{
  EXPECT_EQ (outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_EQ (outcome.err, "");
  EXPECT_EQ (server.deliveries ().size (), 1u);
  EXPECT_EQ (states (), "");
}

std::vector<std::string>
Submission::reports ()
{
  return sandbox.messages ("Mail");
}

} // namespace postseal_test
