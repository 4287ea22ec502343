/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/mbox-lock.h"
#include "mail/sink-private.h"
#include "support/scripted-server.h"
#include "temp-dir.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace postseal_test;
using Strings = std::vector<std::string>;

namespace
{

std::string
problem (const char *spec)
{
  g_autofree char *text = postseal_sink_check_spec (spec);

  return text != nullptr ? text : "";
}

/* What became of one message. */
struct Result
{
  bool is_delivered;
  bool is_usable; /* the sink as a whole */
  int code; /* PostsealSinkError, -1: none */
  std::string message;
  bool has_file; /* the staged one is still there */
};

class Sink : public testing::Test
{
protected:
  ~Sink () override
  {
    _postseal_sink_command_set_limit (0);
    _postseal_mbox_lock_set_limit (0);
  }

  PostsealSink *
  make (const std::string &spec,
        const char *mailbox = nullptr,
        PostsealLayout layout = POSTSEAL_LAYOUT_MAILDIRPP)
  {
    g_autoptr (GError) error = nullptr;
    PostsealSink *sink
        = postseal_sink_new (spec.c_str (), layout, mailbox, '/', "jane@example.org", &error);

    EXPECT_NE (sink, nullptr) << (error != nullptr ? error->message : "");
    return sink;
  }

  std::vector<Result>
  deliver (PostsealSink *sink, const Strings &messages)
  {
    std::vector<PostsealSinkItem> items (messages.size ());
    Strings paths (messages.size ());
    std::vector<Result> results;
    gboolean is_usable;

    for (size_t i = 0; i < messages.size (); i++)
      {
        paths[i] = dir / ("spool/" + std::to_string (n_++));
        spill (paths[i], messages[i]);
        items[i] = {};
        items[i].staged_path = paths[i].c_str ();
        items[i].name = "unused";
        items[i].length = messages[i].size ();
      }
    is_usable = postseal_sink_deliver (sink, items.data (), items.size (), nullptr);
    for (size_t i = 0; i < messages.size (); i++)
      {
        results.push_back ({ items[i].error == nullptr && items[i].place != nullptr,
                             is_usable != FALSE, items[i].error ? items[i].error->code : -1,
                             items[i].error ? items[i].error->message : "",
                             g_file_test (paths[i].c_str (), G_FILE_TEST_EXISTS) != FALSE });
        EXPECT_TRUE (items[i].error == nullptr || items[i].error->domain == POSTSEAL_SINK_ERROR);
        g_clear_error (&items[i].error);
        g_free (items[i].place);
      }
    return results;
  }

  Result
  deliver_one (const std::string &spec, const std::string &message)
  {
    g_autoptr (PostsealSink) sink = make (spec);

    return deliver (sink, { message })[0];
  }

  /* A program that does what the shell lines say. */
  std::string
  program (const std::string &lines)
  {
    std::string path = dir / "mda";

    spill (path, "#!/bin/sh\n" + lines + "\n");
    g_chmod (path.c_str (), 0700);
    return "command:" + path;
  }

  /* RFC 4155 appendix A: the separator, with the time as asctime() has it. */
  static std::string
  without_separators (const std::string &box)
  {
    g_autoptr (GRegex) separator
        = g_regex_new ("From MAILER-DAEMON [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]\\d "
                       "\\d\\d:\\d\\d:\\d\\d \\d{4}\n",
                       G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, nullptr);
    g_autofree char *result = g_regex_replace_literal (separator, box.c_str (), -1, 0, "@\n",
                                                       G_REGEX_MATCH_DEFAULT, nullptr);

    return result;
  }

  TempDir dir;

private:
  int n_ = 0;
};

} // namespace

TEST_F (Sink, SpecsAreChecked)
{
  EXPECT_EQ (problem ("maildir:/a/b"), "");
  EXPECT_EQ (problem ("maildir:~/Mail"), "");
  EXPECT_EQ (problem ("mbox:~/mbox"), "");
  EXPECT_EQ (problem ("command:/usr/bin/procmail -d jane 'a b'"), "");
  EXPECT_EQ (problem ("lmtp:/run/lmtp"), "");
  EXPECT_EQ (problem ("lmtp:[::1]:24"), "");
  EXPECT_NE (problem ("maildir:Mail"), "");
  EXPECT_NE (problem ("maildir:"), "");
  EXPECT_NE (problem ("maildir:~jane/Mail"), "");
  EXPECT_NE (problem ("mdir:/a"), "");
  EXPECT_NE (problem (""), "");
  EXPECT_NE (problem ("command:"), "");
  EXPECT_NE (problem ("command:'open"), "");
  EXPECT_NE (problem ("lmtp:localhost"), "");
  EXPECT_NE (problem ("lmtp:localhost:0"), "");
  EXPECT_NE (problem ("lmtp:localhost:99999"), "");
  EXPECT_NE (problem ("lmtp::24"), "");
  EXPECT_NE (problem ("lmtp:localhost:25"), ""); /* RFC 2033 section 5 */
}

TEST_F (Sink, ThePlaceIsThePathWithoutItsDisguises)
{
  g_autofree char *plain = postseal_sink_spec_place ("mbox:/a/b");
  g_autofree char *disguised = postseal_sink_spec_place ("mbox:/a/./c/../b/");

  EXPECT_STREQ (plain, disguised);
}

/* --- mbox --- */

TEST_F (Sink, AnMboxQuotesFromLinesAsMboxrd)
{
  Strings messages
      = { "A: b\n\nFrom me\n>From you\n>>From\n>>From us\nFro\n F", "From first\n", "" };
  Result result = deliver_one ("mbox:" + (dir / "box"), messages[0]);
  std::string box;

  EXPECT_TRUE (result.is_delivered) << result.message;
  EXPECT_FALSE (result.has_file);
  deliver_one ("mbox:" + (dir / "box"), messages[1]);
  deliver_one ("mbox:" + (dir / "box"), messages[2]);
  box = slurp (dir / "box");
  /* RFC 4155 appendix A: the separator, with the time as asctime() has it. */
  EXPECT_EQ (without_separators (box),
             "@\nA: b\n\n>From me\n>>From you\n>>From\n>>>From us\nFro\n F\n\n"
             "@\n>From first\n\n"
             "@\n\n");
  EXPECT_FALSE (g_file_test ((dir / "box.lock").c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (Sink, LongLinesAndBufferEdgesSurviveInAnMbox)
{
  for (size_t n : { 65500, 65530, 65535, 65536, 65537, 131072 })
    {
      std::string message = std::string (n, '>') + "From x\n" + std::string (n, 'x') + "\nFrom y\n";
      std::string box_path = dir / ("box" + std::to_string (n));
      std::string box;

      deliver_one ("mbox:" + box_path, message);
      box = slurp (box_path);
      box = box.substr (box.find ('\n') + 1);
      EXPECT_TRUE (
          box == ">" + std::string (n, '>') + "From x\n" + std::string (n, 'x') + "\n>From y\n\n")
          << n;
    }
}

TEST_F (Sink, WhatOthersLeftWithoutAnEmptyLineIsSeparated)
{
  spill (dir / "box", "From x Thu Jan  1 00:00:00 1970\n\nno end");
  deliver_one ("mbox:" + (dir / "box"), "A: b\n");
  EXPECT_NE (slurp (dir / "box").find ("no end\n\nFrom MAILER-DAEMON "), std::string::npos);
}

TEST_F (Sink, ManyWritersOfOneMboxDoNotMixMessages)
{
  std::vector<std::thread> writers;
  std::string spec = "mbox:" + (dir / "box");

  for (int t = 0; t < 4; t++)
    writers.emplace_back ([&, t] {
      g_autoptr (PostsealSink) sink = postseal_sink_new (spec.c_str (), POSTSEAL_LAYOUT_SINGLE,
                                                         NULL, 0, "jane@example.org", nullptr);

      for (int i = 0; i < 5; i++)
        {
          std::string path = dir / (std::to_string (t) + "-" + std::to_string (i));
          PostsealSinkItem item = {};

          spill (path, std::string (30000, static_cast<char> ('a' + t)) + "\n");
          item.staged_path = path.c_str ();
          EXPECT_TRUE (postseal_sink_deliver (sink, &item, 1, nullptr));
          EXPECT_EQ (item.error, nullptr);
          g_free (item.place);
        }
    });
  for (auto &writer : writers)
    writer.join ();

  std::string box = slurp (dir / "box");
  size_t n = 0;
  for (size_t at = 0; at < box.size (); n++)
    {
      size_t body = box.find ('\n', at) + 1;
      ASSERT_EQ (box.compare (at, 19, "From MAILER-DAEMON "), 0);
      EXPECT_TRUE (box.substr (body, 30002) == std::string (30000, box[body]) + "\n\n");
      at = body + 30002;
    }
  EXPECT_EQ (n, 20u);
}

TEST_F (Sink, EachOfTheThreeLocksKeepsUsOut)
{
  std::string path = dir / "box";
  struct flock whole = {};
  int fd = open (path.c_str (), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  _postseal_mbox_lock_set_limit (1);
  whole.l_type = F_WRLCK;
  for (int which = 0; which < 3; which++)
    {
      if (which == 0)
        spill (path + ".lock", "");
      else if (which == 1)
        ASSERT_EQ (flock (fd, LOCK_EX), 0);
      else
        ASSERT_EQ (fcntl (fd, F_OFD_SETLK, &whole), 0);

      Result result = deliver_one ("mbox:" + path, "x\n");
      EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_TEMPORARY) << which;
      EXPECT_TRUE (result.is_usable);
      EXPECT_TRUE (result.has_file);
      EXPECT_NE (result.message.find ("is locked by another program"), std::string::npos);

      if (which == 0)
        unlink ((path + ".lock").c_str ());
      else if (which == 1)
        flock (fd, LOCK_UN);
      EXPECT_FALSE (g_file_test ((path + ".lock").c_str (), G_FILE_TEST_EXISTS));
    }
  close (fd);
  EXPECT_TRUE (deliver_one ("mbox:" + path, "x\n").is_delivered);
}

TEST_F (Sink, AFailedAppendLeavesTheMboxAsItWas)
{
  std::string path = dir / "box";
  g_autoptr (PostsealSink) sink = make ("mbox:" + path);
  std::string before;
  struct rlimit limit;
  struct rlimit small;

  deliver (sink, { "first\n" });
  before = slurp (path);
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 1 << 20;
  /* The files are there before the limit is. */
  spill (dir / "big", std::string (3 << 20, 'x'));
  setrlimit (RLIMIT_FSIZE, &small);
  std::string big = dir / "big";
  PostsealSinkItem item = {};
  g_autoptr (GError) error = nullptr;
  item.staged_path = big.c_str ();
  EXPECT_FALSE (postseal_sink_deliver (sink, &item, 1, &error));
  setrlimit (RLIMIT_FSIZE, &limit);

  EXPECT_TRUE (g_error_matches (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK));
  EXPECT_NE (item.error, nullptr);
  EXPECT_TRUE (slurp (path) == before);
  EXPECT_TRUE (g_file_test (big.c_str (), G_FILE_TEST_EXISTS));
  g_clear_error (&item.error);
}

TEST_F (Sink, FoldersOfAnMboxAreFilesOfTheirOwn)
{
  g_autoptr (PostsealSink) flat = make ("mbox:" + (dir / "box"), "A/B");
  g_autoptr (PostsealSink) deep = make ("mbox:" + (dir / "box"), "A/B", POSTSEAL_LAYOUT_FS);
  g_autoptr (PostsealSink) above = make ("mbox:" + (dir / "box"), "A", POSTSEAL_LAYOUT_FS);

  EXPECT_EQ (postseal_sink_get_path (flat), dir / "box.A.B");
  EXPECT_EQ (postseal_sink_get_path (deep), dir / "box.sbd/A.sbd/B");
  EXPECT_EQ (postseal_sink_get_path (above), dir / "box.sbd/A");
}

/* --- command --- */

TEST_F (Sink, AProgramGetsTheMessageAndTheRecipient)
{
  Result result = deliver_one (
      program ("cat > " + (dir / "got") + "; printf %s \"$RECIPIENT\" > " + (dir / "recipient")),
      std::string ("A: b\n\nc\0d\n", 10));

  EXPECT_TRUE (result.is_delivered) << result.message;
  EXPECT_FALSE (result.has_file);
  EXPECT_EQ (slurp (dir / "got"), std::string ("A: b\n\nc\0d\n", 10));
  EXPECT_EQ (slurp (dir / "recipient"), "jane@example.org");
}

TEST_F (Sink, ArgumentsAreNoShellCommands)
{
  std::string spec = program ("printf '%s|' \"$@\" > " + (dir / "argv"));

  EXPECT_TRUE (deliver_one (spec + " 'a b' $HOME ';' `id`", "x").is_delivered);
  EXPECT_EQ (slurp (dir / "argv"), "a b|$HOME|;|`id`|");
}

TEST_F (Sink, ExitStatusesMeanWhatSysexitsSays)
{
  struct
  {
    const char *lines;
    int code;
    const char *says;
  } cases[] = {
    { "exit 75", POSTSEAL_SINK_ERROR_TEMPORARY, "tried again later" },
    { "echo 'over quota' >&2; echo more >&2; exit 75", POSTSEAL_SINK_ERROR_TEMPORARY,
      "later: “over quota”" },
    { "exit 1", POSTSEAL_SINK_ERROR_REJECTED, "exit status 1" },
    { "exit 77", POSTSEAL_SINK_ERROR_REJECTED, "exit status 77" },
    { "kill -9 $$", POSTSEAL_SINK_ERROR_TEMPORARY, "signal 9" },
  };

  for (const auto &one : cases)
    {
      Result result = deliver_one (program (one.lines), "x");

      EXPECT_FALSE (result.is_delivered) << one.lines;
      EXPECT_TRUE (result.is_usable);
      EXPECT_EQ (result.code, one.code) << one.lines;
      EXPECT_TRUE (result.has_file);
      EXPECT_NE (result.message.find (one.says), std::string::npos) << result.message;
    }
}

TEST_F (Sink, AProgramThatHangsIsEndedWithAllItStarted)
{
  std::string spec = program ("(sleep 1000; echo no > " + (dir / "late") + ") & echo $! > "
                              + (dir / "pid") + "; sleep 1000");
  Result result;

  _postseal_sink_command_set_limit (500);
  result = deliver_one (spec, "x");
  EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_TEMPORARY);
  EXPECT_NE (result.message.find ("took longer"), std::string::npos);
  if (!slurp (dir / "pid").empty ())
    {
      /* Killed is not gone at once; its line is empty as soon as it is, reaped or not. */
      std::string line = "/proc/" + std::to_string (std::stoi (slurp (dir / "pid"))) + "/cmdline";

      for (int i = 0; i < 1000 && !slurp (line).empty (); i++)
        g_usleep (10000);
      EXPECT_EQ (slurp (line), "");
    }
}

TEST_F (Sink, ATalkativeProgramAndOneThatDoesNotReadAreFine)
{
  EXPECT_TRUE (deliver_one (program ("head -c 300000 /dev/zero >&2; exit 0"), "x").is_delivered);
  EXPECT_TRUE (deliver_one (program ("exit 0"), std::string (1 << 20, 'x')).is_delivered);
}

TEST_F (Sink, WhatAProgramLeavesInTheBackgroundIsNotWaitedFor)
{
  _postseal_sink_command_set_limit (20000);
  EXPECT_TRUE (deliver_one (program ("sleep 60 & exit 0"), "x").is_delivered);
}

TEST_F (Sink, AProgramThatIsNotThereStopsTheAccount)
{
  Result result = deliver_one ("command:" + (dir / "nothing here"), "x");

  EXPECT_FALSE (result.is_usable);
  EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_CANNOT_WRITE);
  EXPECT_TRUE (result.has_file);
}

TEST_F (Sink, ARefusedMessageDoesNotCostItsNeighbours)
{
  g_autoptr (PostsealSink) sink = make (program ("grep -q bad && exit 69; exit 0"));
  auto results = deliver (sink, { "good", "bad", "good" });

  EXPECT_TRUE (results[0].is_delivered);
  EXPECT_EQ (results[1].code, POSTSEAL_SINK_ERROR_REJECTED);
  EXPECT_TRUE (results[2].is_delivered);
}

/* --- LMTP --- */

namespace
{

/* Serves one connection; @answer gives the reply after the dot, "" to cut the connection. */
void
serve_lmtp (Peer &peer, const std::function<std::string (const std::string &)> &answer)
{
  peer.send ("220 ready\r\n");
  while (auto line = peer.read_line ())
    {
      if (*line == "LHLO localhost")
        peer.send ("250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
      else if (*line == "DATA")
        {
          std::string data;

          peer.send ("354 go on\r\n");
          while ((line = peer.read_line ()) && *line != ".")
            data += *line + "\n";
          std::string reply = line ? answer (data) : "";
          if (reply.empty ())
            return peer.cut ();
          peer.send (reply + "\r\n");
        }
      else if (*line == "QUIT")
        return;
      else
        peer.send ("250 ok\r\n");
    }
}

} // namespace

TEST_F (Sink, LmtpDeliversSeveralMessagesOverOneConnection)
{
  ScriptedServer server ([] (Peer &peer) {
    serve_lmtp (peer, [] (const std::string &) { return "250 2.0.0 delivered"; });
  });
  {
    g_autoptr (PostsealSink) sink = make ("lmtp:localhost:" + std::to_string (server.port ()));
    auto results = deliver (sink, { "A: b\n\n.dot\n..\n.\nend\n", "no newline" });

    EXPECT_TRUE (results[0].is_delivered) << results[0].message;
    EXPECT_TRUE (results[1].is_delivered) << results[1].message;
    EXPECT_FALSE (results[0].has_file);
  }
  server.stop ();
  EXPECT_EQ (server.connections (), 1u);
  EXPECT_EQ (server.record ().clear,
             "LHLO localhost\r\n"
             "MAIL FROM:<>\r\nRCPT TO:<jane@example.org>\r\nDATA\r\n"
             "A: b\r\n\r\n..dot\r\n...\r\n..\r\nend\r\n.\r\n"
             "NOOP\r\n"
             "MAIL FROM:<>\r\nRCPT TO:<jane@example.org>\r\nDATA\r\nno newline\r\n.\r\nQUIT\r\n");
}

TEST_F (Sink, OnlyTheReplyAfterTheDotMeansDelivered)
{
  ScriptedServer server ([] (Peer &peer) {
    serve_lmtp (peer, [] (const std::string &data) {
      if (data == "full\n")
        return "452 4.2.2 over quota";
      if (data == "bad\n")
        return "550-5.7.1 no\r\n550 5.7.1 way";
      if (data == "cut\n")
        return "";
      return data == "odd\n" ? "what?" : "250 ok";
    });
  });
  g_autoptr (PostsealSink) sink = make ("lmtp:localhost:" + std::to_string (server.port ()));
  auto results
      = deliver (sink, { "full\n", "bad\n", "good\n", "cut\n", "good\n", "odd\n", "good\n" });

  /* RFC 2033 section 4.2: 4yz another time, 5yz refused, no reply another time. */
  EXPECT_EQ (results[0].code, POSTSEAL_SINK_ERROR_TEMPORARY);
  EXPECT_NE (results[0].message.find ("“452 4.2.2 over quota”"), std::string::npos);
  EXPECT_TRUE (results[0].has_file);
  EXPECT_EQ (results[1].code, POSTSEAL_SINK_ERROR_REJECTED);
  EXPECT_TRUE (results[2].is_delivered);
  EXPECT_EQ (results[3].code, POSTSEAL_SINK_ERROR_TEMPORARY);
  EXPECT_TRUE (results[4].is_delivered) << results[4].message;
  EXPECT_EQ (results[5].code, POSTSEAL_SINK_ERROR_TEMPORARY);
  EXPECT_TRUE (results[6].is_delivered);
  EXPECT_TRUE (results[6].is_usable);
}

TEST_F (Sink, ARefusedRecipientRefusesTheMessage)
{
  ScriptedServer server ([] (Peer &peer) {
    peer.send ("220 ready\r\n");
    while (auto line = peer.read_line ())
      peer.send (line->rfind ("RCPT", 0) == 0 ? "550 5.1.1 nobody\r\n" : "250 ok\r\n");
  });
  Result result = deliver_one ("lmtp:localhost:" + std::to_string (server.port ()), "x\n");

  EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_REJECTED);
  EXPECT_EQ (server.record ().clear.find ("DATA"), std::string::npos);
}

TEST_F (Sink, NobodyThereIsTemporary)
{
  Result result = deliver_one ("lmtp:localhost:" + std::to_string (unused_port ()), "x\n");

  EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_TEMPORARY);
  EXPECT_TRUE (result.is_usable);
  EXPECT_TRUE (result.has_file);
}

TEST_F (Sink, AnotherMachineNeverGetsMailUnsealed)
{
  Result result = deliver_one ("lmtp:192.0.2.1:2424", "x\n");

  EXPECT_EQ (result.code, POSTSEAL_SINK_ERROR_NOT_LOOPBACK) << result.message;
}

TEST_F (Sink, ARecipientCannotInjectCommands)
{
  for (const char *recipient : { "a>\r\nDATA", "a b@c", "<x@y>", "" })
    {
      g_autoptr (GError) error = nullptr;

      EXPECT_EQ (
          postseal_sink_new ("lmtp:/run/x", POSTSEAL_LAYOUT_SINGLE, nullptr, 0, recipient, &error),
          nullptr);
      EXPECT_TRUE (g_error_matches (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE));
    }
}
