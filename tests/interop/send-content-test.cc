/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of real, large and odd messages on their way: they arrive as they are, or not at
   all. */

#include "send-fixture.h"

#include <sstream>

using namespace postseal_test;

namespace
{

bool
begins_with (const std::string &text, const std::string &beginning)
{
  return text.compare (0, beginning.size (), beginning) == 0;
}

/* A "From " line of an mbox; "From : jane" is a field. */
bool
begins_with_separator (const std::string &text)
{
  return begins_with (text, "From ") && text[text.find_first_not_of (' ', 4)] != ':';
}

bool
has_long_line (const std::string &text)
{
  std::istringstream lines (text);
  for (std::string line; std::getline (lines, line);)
    if (line.size () > 999)
      return true;
  return false;
}

/* Octets over 127 where only SMTPUTF8 allows them (RFC 6531 section 3.1). */
bool
has_international_header (const std::string &text)
{
  std::string head = text.substr (0, text.find ("\r\n\r\n"));
  return std::any_of (head.begin (), head.end (), [] (char c) { return (c & 0x80) != 0; });
}

/* Without what may not go on the wire: a "From " line or Return-Path in front. */
std::string
expected_text (const std::string &message)
{
  std::string text = to_wire_form (message);
  if (begins_with_separator (text))
    text.erase (0, text.find ("\r\n") + 2);
  if (begins_with (text, "Return-Path:"))
    text.erase (0, text.find ("\r\n") + 2);
  return text;
}

/* Says what is wrong with @found, "" when it is @expected: whole fields may have been added in
   front where they were absent, an empty line after the header, and a line end at the end. */
std::string
judge (const std::string &expected, const std::string &found)
{
  static const std::vector<std::string> fields = { "From: ", "Date: ", "Message-ID: " };
  std::string head = "\r\n" + expected.substr (0, expected.find ("\r\n\r\n"));
  for (const std::string &tail : { std::string (), std::string ("\r\n"), std::string ("\r\n\r\n") })
    {
      std::string text = expected + tail;
      if (found.size () < text.size ()
          || found.compare (found.size () - text.size (), text.size (), text) != 0)
        continue;
      std::istringstream added (found.substr (0, found.size () - text.size ()));
      std::string wrong;
      for (std::string line; std::getline (added, line);)
        {
          bool is_known = line == "\r";
          for (const auto &field : fields)
            is_known
                = is_known
                  || (begins_with (line, field) && head.find ("\r\n" + field) == std::string::npos);
          if (!is_known)
            wrong += "added “" + line + "” ";
        }
      return wrong;
    }
  return "altered: " + found.substr (0, 200);
}

class SendContentTest : public SendTest, public testing::WithParamInterface<const char *>
{
protected:
  void
  SetUp () override
  {
    use_server (GetParam ());
    if (server_)
      configure ("submission");
  }

  struct Result
  {
    unsigned n_taken = 0, n_refused = 0;
  };

  /* SMTPUTF8 (RFC 6531) */
  bool
  takes_international () const
  {
    return server ().kind () != "dovecot";
  }

  /* Queues each, sends all, compares. */
  Result
  pass_through (const std::vector<CorpusMessage> &corpus, bool is_mending = false)
  {
    Result result;
    std::vector<const CorpusMessage *> taken;
    unsigned n_international = 0;
    for (const auto &message : corpus)
      {
        Outcome outcome = send ({ "-a", "main", "-f", "jane@example.org", "bob@example.net" },
                                message.text, asleep);
        EXPECT_TRUE (outcome.status == 0 || outcome.status == 65)
            << message.name << ": " << outcome.status << " " << outcome.err;
        if (outcome.status != 0)
          EXPECT_FALSE (outcome.err.empty ()) << message.name;
        else if (has_international_header (message.text) && !takes_international ())
          n_international++;
        else
          taken.push_back (&message);
      }
    Outcome outcome = postseal_.run ({ "queue", "flush" });
    EXPECT_EQ (outcome.status, n_international > 0 ? 65 : 0) << outcome.out << outcome.err;
    compare (taken, is_mending);
    result.n_taken = unsigned (taken.size ());
    result.n_refused = unsigned (corpus.size () - taken.size ()) - n_international;
    return result;
  }

  /* Whatever the order in which they arrive. @is_mending: the server alters them, so that they are
     only counted */
  void
  compare (const std::vector<const CorpusMessage *> &taken, bool is_mending = false)
  {
    auto found = server ().take ();
    EXPECT_EQ (found.size (), taken.size ());
    if (is_mending)
      return;
    for (const auto *message : taken)
      {
        std::string complaint = "missing", expected = expected_text (message->text);
        for (size_t i = 0; i < found.size () && !complaint.empty (); i++)
          {
            std::string verdict = judge (expected, found[i].text);
            if (verdict.empty ())
              found.erase (found.begin () + long (i));
            if (verdict.empty () || begins_with (verdict, "added"))
              complaint = verdict;
          }
        EXPECT_EQ (complaint, "") << message->name;
      }
    for (const auto &left : found)
      ADD_FAILURE () << "nobody sent this: " << left.text.substr (0, 300);
  }
};

TEST_P (SendContentTest, CarriesEverydayMailAsItIs)
{
  auto corpus = make_corpus ("demo", 60, 5);
  auto is_long = [] (const CorpusMessage &message) { return has_long_line (message.text); };
  Result result = pass_through (corpus);
  EXPECT_EQ (result.n_refused, std::count_if (corpus.begin (), corpus.end (), is_long));
}

TEST_P (SendContentTest, CarriesOddMailAsItIsOrRefusesIt)
{
  /* Postfix puts an empty line where it thinks that a header has ended. */
  Result result = pass_through (make_corpus ("odd", 0), server ().kind () == "postfix");
  EXPECT_GT (result.n_taken, 60u);
  EXPECT_GT (result.n_refused, 10u);
}

TEST_P (SendContentTest, TakesTheSameFromStandardInputOfSendmail)
{
  auto corpus = make_corpus ("demo", 20, 6);
  std::vector<const CorpusMessage *> taken;
  for (const auto &message : corpus)
    {
      Outcome outcome = postseal_.run_sendmail (
          { "-oi", "-f", "jane@example.org", "bob@example.net" }, message.text, asleep);
      EXPECT_EQ (outcome.status, has_long_line (message.text) ? 65 : 0)
          << message.name << outcome.err;
      if (outcome.status == 0
          && (takes_international () || !has_international_header (message.text)))
        taken.push_back (&message);
    }
  EXPECT_NE (postseal_.run ({ "queue", "flush" }).status, 75);
  compare (taken);
}

TEST_P (SendContentTest, RefusesWhatWouldBeAHazardOnTheWay)
{
  std::string head = "From: jane@example.org\nSubject: odd\n\n";
  for (const std::string &body :
       { std::string (999, 'x') + "\n", std::string ("one\rtwo\n"), std::string ("nul\0nul\n", 8),
         std::string ("\r\n.\rMAIL FROM:<x>\n"), std::string ("ends with\r") })
    {
      Outcome outcome = send ({ "--wait", "bob@example.net" }, head + body);
      EXPECT_EQ (outcome.status, 65) << outcome.out << outcome.err;
    }
  EXPECT_TRUE (is_queue_empty ()) << queue ();
  EXPECT_TRUE (server ().take ().empty ());
}

TEST_P (SendContentTest, SmugglesNothing)
{
  /* Whatever somebody somewhere takes for the end of the data, followed by commands. */
  std::string head = "From: jane@example.org\r\nSubject: smuggler\r\n\r\n";
  std::string tail = "MAIL FROM:<mallory@example.com>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
                     "Subject: smuggled\r\n\r\nhello\r\n.\r\n";
  const std::vector<std::string> ends = { "\r", "\n", "\r\n", "\r\r\n", "\n\r" };
  std::vector<const CorpusMessage *> taken;
  std::vector<CorpusMessage> corpus;
  for (const auto &before : ends)
    for (const auto &after : ends)
      for (const std::string dots : { ".", ".." })
        corpus.push_back ({ "smuggler", head + before + dots + after + tail });
  Result result = pass_through (corpus);
  EXPECT_EQ (result.n_taken + result.n_refused, corpus.size ());
}

TEST_P (SendContentTest, NeedsAServerThatKnowsInternationalAddresses)
{
  Outcome outcome = send ({ "--wait", "b\xc3\xbc"
                                      "cher@example.net" },
                          whole_message ("international"));
  if (!takes_international ())
    {
      EXPECT_EQ (outcome.status, 65) << outcome.out << outcome.err;
      EXPECT_TRUE (server ().take ().empty ());
      return;
    }
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  auto all = arrived (1);
  EXPECT_EQ (all[0].recipients, std::vector<std::string>{ "b\xc3\xbc"
                                                          "cher@example.net" });
  EXPECT_NE (std::find (all[0].options.begin (), all[0].options.end (), "SMTPUTF8"),
             all[0].options.end ());
}

TEST_P (SendContentTest, SaysBeforeSendingThatAMessageIsTooLarge)
{
  std::string line (77, 'x');
  line += '\n';
  std::string message = whole_message ("huge");
  message.reserve (66u << 20);
  while (message.size () < (65u << 20))
    message += line;
  server ().take_log ();
  Outcome outcome = send ({ "--wait", "bob@example.net" }, message);
  EXPECT_EQ (outcome.status, 65) << outcome.out << outcome.err;
  EXPECT_TRUE (server ().take ().empty ());
}

INSTANTIATE_TEST_SUITE_P (Servers,
                          SendContentTest,
                          testing::Values ("postfix", "dovecot", "aiosmtpd"),
                          [] (const auto &about) { return std::string (about.param); });

} // namespace
