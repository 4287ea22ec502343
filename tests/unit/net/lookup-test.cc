/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/lookup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/main-loop.h"
#include "support/sandbox.h"

using namespace postseal_test;

namespace
{

struct Closer
{
  void
  operator() (PostsealLookup *lookup) const
  {
    postseal_lookup_unref (lookup);
  }
};

/* What became of one question. */
struct Fate
{
  bool is_known = false;
  GQuark domain = 0;
  int code = -1;
  std::string text; /* of the error; else what came */
  std::string host;
  bool is_secure = false;
};

class Lookup : public testing::Test
{
protected:
  Lookup ()
  {
    g_setenv ("XDG_CONFIG_HOME", sandbox.home ().c_str (), TRUE);
    open ();
  }

  ~Lookup () override
  {
    lookup.reset ();
    g_unsetenv ("POSTSEAL_LOOKUP_PROGRAM");
    g_unsetenv ("XDG_CONFIG_HOME");
  }

  void
  open (unsigned limit_ms = 20000)
  {
    lookup.reset (postseal_lookup_new (limit_ms));
  }

  /* A shell script is the program. It has "orders" in its way: the lines before the first question.
   */
  void
  script (const std::string &text)
  {
    std::string path = sandbox.write ("program", "#!/bin/sh\n" + text);

    chmod (path.c_str (), 0700);
    g_setenv ("POSTSEAL_LOOKUP_PROGRAM", path.c_str (), TRUE);
  }

  /* Reads as far as @n questions, so that the answers need not come in their order. */
  static std::string
  read_questions (int n)
  {
    return "n=0; while test $n -lt " + std::to_string (n)
           + "; do read -r word rest || exit 9; case $word in srv|mx|get|tlsa|txt) n=$((n+1));; "
             "esac; "
             "done\n";
  }

  static std::string
  describe (const PostsealLookupAnswer *answer)
  {
    std::string text;

    for (guint i = 0; i < answer->records->len; i++)
      {
        auto *record = static_cast<PostsealLookupRecord *> (answer->records->pdata[i]);

        text += std::to_string (record->priority) + " " + std::to_string (record->weight) + " "
                + std::to_string (record->port) + " " + record->target + "\n";
      }
    return text;
  }

  static void
  on_records (GObject *, GAsyncResult *result, gpointer user_data)
  {
    auto *fate = static_cast<Fate *> (user_data);
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealLookupAnswer) answer
        = postseal_lookup_records_finish (nullptr, result, &error);

    EXPECT_FALSE (fate->is_known) << "called twice";
    note (fate, error);
    if (answer == nullptr)
      return;
    fate->text = describe (answer);
    fate->is_secure = answer->is_secure;
  }

  static void
  on_body (GObject *, GAsyncResult *result, gpointer user_data)
  {
    auto *fate = static_cast<Fate *> (user_data);
    g_autoptr (GError) error = nullptr;
    g_autofree char *host = nullptr;
    g_autoptr (GBytes) body = postseal_lookup_get_finish (nullptr, result, &host, &error);

    EXPECT_FALSE (fate->is_known) << "called twice";
    note (fate, error);
    if (body == nullptr)
      return;
    fate->text.assign (static_cast<const char *> (g_bytes_get_data (body, nullptr)),
                       g_bytes_get_size (body));
    fate->host = host;
  }

  static void
  note (Fate *fate, const GError *error)
  {
    fate->is_known = true;
    if (error == nullptr)
      return;
    fate->domain = error->domain;
    fate->code = error->code;
    fate->text = error->message;
  }

  void
  srv (Fate &fate,
       const char *name = "_imaps._tcp.example.org",
       GCancellable *cancellable = nullptr)
  {
    postseal_lookup_srv_async (lookup.get (), name, cancellable, on_records, &fate);
    EXPECT_FALSE (fate.is_known) << "called back before it has returned";
  }

  void
  get (Fate &fate, const char *uri = "https://autoconfig.example.org/x")
  {
    postseal_lookup_get_async (lookup.get (), uri, nullptr, on_body, &fate);
    EXPECT_FALSE (fate.is_known) << "called back before it has returned";
  }

  static void
  on_tlsa (GObject *, GAsyncResult *result, gpointer user_data)
  {
    auto *fate = static_cast<Fate *> (user_data);
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealTlsaAnswer) tlsa = postseal_lookup_tlsa_finish (nullptr, result, &error);

    EXPECT_FALSE (fate->is_known) << "called twice";
    note (fate, error);
    if (tlsa == nullptr)
      return;
    fate->is_secure = tlsa->is_secure;
    for (guint i = 0; i < tlsa->records->len; i++)
      {
        auto *record = static_cast<PostsealTlsaRecord *> (tlsa->records->pdata[i]);

        fate->text += std::string (record->base) + " " + std::to_string (record->usage)
                      + std::to_string (record->selector) + std::to_string (record->matching) + " "
                      + std::to_string (g_bytes_get_size (record->data)) + "\n";
      }
  }

  static void
  on_texts (GObject *, GAsyncResult *result, gpointer user_data)
  {
    auto *fate = static_cast<Fate *> (user_data);
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealLookupTexts) texts = postseal_lookup_texts_finish (nullptr, result, &error);

    EXPECT_FALSE (fate->is_known) << "called twice";
    note (fate, error);
    if (texts == nullptr)
      return;
    fate->is_secure = texts->is_secure;
    for (guint i = 0; i < texts->texts->len; i++)
      fate->text += std::string (static_cast<char *> (texts->texts->pdata[i])) + "\n";
  }

  /* The same of a question for TXT records. */
  Fate
  answer_texts (const std::string &lines)
  {
    Fate fate;

    open ();
    script (read_questions (1) + "printf '" + lines + "'\nread -r rest\n");
    postseal_lookup_texts_async (lookup.get (), "example.org", nullptr, on_texts, &fate);
    wait (fate);
    return fate;
  }

  /* The same of a question for TLSA records. */
  Fate
  answer_tlsa (const std::string &lines)
  {
    Fate fate;

    open ();
    script (read_questions (1) + "printf '" + lines + "'\nread -r rest\n");
    postseal_lookup_tlsa_async (lookup.get (), "_993._tcp.imap.example.org", nullptr, on_tlsa,
                                &fate);
    wait (fate);
    return fate;
  }

  void
  wait (const Fate &fate)
  {
    loop.wait_for ([&] { return fate.is_known; });
  }

  void
  expect_error (const Fate &fate, PostsealLookupError code, const std::string &words)
  {
    EXPECT_TRUE (fate.is_known);
    EXPECT_EQ (fate.domain, POSTSEAL_LOOKUP_ERROR) << fate.text;
    EXPECT_EQ (fate.code, code) << fate.text;
    EXPECT_NE (fate.text.find (words), std::string::npos) << fate.text;
  }

  /* One question, answered by these lines. */
  Fate
  answer (const std::string &lines, bool is_get = false)
  {
    Fate fate;

    open ();
    script (read_questions (1) + "printf '" + lines + "'\nread -r rest\n");
    if (is_get)
      get (fate);
    else
      srv (fate);
    wait (fate);
    return fate;
  }

  Sandbox sandbox;
  AsyncLoop loop;
  std::unique_ptr<PostsealLookup, Closer> lookup;
};

TEST_F (Lookup, SortsRecordsByPriorityThenByWeightFalling)
{
  Fate fate = answer ("record 1 20 0 993 c.example.org\\nrecord 1 10 5 993 b.example.org\\n"
                      "record 1 10 60 1993 a.example.org\\nend 1 secure\\n");

  EXPECT_EQ (fate.text,
             "10 60 1993 a.example.org\n10 5 993 b.example.org\n20 0 993 c.example.org\n");
  EXPECT_TRUE (fate.is_secure);
}

TEST_F (Lookup, TellsInsecureAnswersAndServicesThatAreNotOffered)
{
  Fate fate = answer ("record 1 0 0 0 .\\nend 1 insecure\\n");

  EXPECT_EQ (fate.text, "0 0 0 \n");
  EXPECT_FALSE (fate.is_secure);
}

TEST_F (Lookup, TellsWhoHasSentTheFile)
{
  Fate fate = answer ("body 1 www.example.org PHg+CjwveD4K\\n", true);

  EXPECT_EQ (fate.text, "<x>\n</x>\n");
  EXPECT_EQ (fate.host, "www.example.org");
}

TEST_F (Lookup, TellsTlsaRecordsAndThatThereAreNone)
{
  Fate fate = answer_tlsa ("tlsa 1 imap.example.org 3 1 1 00ff10\\n"
                           "tlsa 1 mx.example.net 255 0 2 -\\nend 1 secure\\n");

  EXPECT_EQ (fate.text, "imap.example.org 311 3\nmx.example.net 25502 0\n");
  EXPECT_TRUE (fate.is_secure);
  fate = answer_tlsa ("end 1 insecure\\n");
  EXPECT_EQ (fate.domain, 0u);
  EXPECT_EQ (fate.text, "");
  EXPECT_FALSE (fate.is_secure);
  expect_error (answer_tlsa ("error 1 bogus A sentence\\n"), POSTSEAL_LOOKUP_ERROR_BOGUS,
                "A sentence");
}

TEST_F (Lookup, TlsaRecordsThatMakeNoSenseAreGarbage)
{
  for (const char *line :
       { "tlsa 1 imap.example.org 3 1 1 00f", "tlsa 1 imap.example.org 3 1 1 00FF",
         "tlsa 1 imap.example.org 3 1 1 zz", "tlsa 1 imap.example.org 3 1 256 00",
         "tlsa 1 imap.example.org 3 1 1", "tlsa 1 imap.example.org 3 1 1 ",
         "tlsa 1 imap.example.org 3 1 1 00 00", "tlsa 1 . 3 1 1 00", "tlsa 1 I 3 1 1 00",
         "record 1 1 1 1 a.example.org", "body 1 a.example.org eHg=" })
    expect_error (answer_tlsa (std::string (line) + "\\nend 1 secure\\n"),
                  POSTSEAL_LOOKUP_ERROR_PROGRAM, "no sense");
  expect_error (answer ("tlsa 1 imap.example.org 3 1 1 00\\nend 1 secure\\n"),
                POSTSEAL_LOOKUP_ERROR_PROGRAM, "no sense");
}

TEST_F (Lookup, TellsTextsInTheirOrderEmptyOnesToo)
{
  Fate fate = answer_texts ("text 1 dj1zcGYxIC1hbGw=\\ntext 1 -\\ntext 1 eA==\\nend 1 secure\\n");

  EXPECT_EQ (fate.text, "v=spf1 -all\n\nx\n");
  EXPECT_TRUE (fate.is_secure);
  for (const char *line : { "text 1", "text 1 ", "text 1 a b", "text 1 <>", "record 1 1 1 1 a.b",
                            "tlsa 1 imap.example.org 3 1 1 00" })
    expect_error (answer_texts (std::string (line) + "\\nend 1 secure\\n"),
                  POSTSEAL_LOOKUP_ERROR_PROGRAM, "no sense");
  expect_error (answer ("text 1 eA==\\nend 1 secure\\n"), POSTSEAL_LOOKUP_ERROR_PROGRAM,
                "no sense");
}

TEST_F (Lookup, PassesEachErrorOnWithItsSentence)
{
  expect_error (answer ("error 1 redirected It is elsewhere\\n", true),
                POSTSEAL_LOOKUP_ERROR_REDIRECTED, "It is elsewhere");
  expect_error (answer ("error 1 nothing There is nothing\\n"), POSTSEAL_LOOKUP_ERROR_NOTHING,
                "There is nothing");
  expect_error (answer ("error 1 unreachable It is gone\\n"), POSTSEAL_LOOKUP_ERROR_UNREACHABLE,
                "It is gone");
  expect_error (answer ("error 1 bogus It is signed wrongly\\n"), POSTSEAL_LOOKUP_ERROR_BOGUS,
                "It is signed wrongly");
  expect_error (answer ("error 1 unproven It is a stranger\\n", true),
                POSTSEAL_LOOKUP_ERROR_UNPROVEN, "It is a stranger");
}

TEST_F (Lookup, ShowsNothingUnprintableOfAnError)
{
  Fate fate = answer ("error 1 nothing A\\033[1mB\\n");

  EXPECT_EQ (fate.text.find ('\033'), std::string::npos);
}

TEST_F (Lookup, TakesAnswersInPiecesAndInAnyOrder)
{
  Fate first, second, third, fourth;

  script (read_questions (3) + "printf 'error 3 nothing x\\nrecord 2 1 2 3 b.exam'\n"
          + read_questions (1)
          + "printf 'ple.org\\nend 2 secure\\nbody 1 h eA==\\nerror 4 nothing x\\n'\n"
            "read -r rest\n");
  get (first);
  srv (second);
  srv (third);
  wait (third);
  EXPECT_FALSE (second.is_known);
  srv (fourth);
  wait (fourth);

  EXPECT_TRUE (second.is_known);
  EXPECT_EQ (second.text, "1 2 3 b.example.org\n");
  EXPECT_TRUE (second.is_secure);
  EXPECT_EQ (first.text, "x");
}

TEST_F (Lookup, SaysWhatItAsksAndHowLongItMayTake)
{
  Fate fate;

  sandbox.write ("postseal/discovery.conf",
                 "[discovery]\ndns-server=127.0.0.1@5\ndns-anchor=/a\nca-file=/c\n");
  open (8000);
  script ("for i in 1 2 3 4 5; do read -r line; all=\"$all,$line\"; done\n"
          "echo error 1 nothing \"$all\"\nread -r rest\n");
  srv (fate);
  wait (fate);

  expect_error (fate, POSTSEAL_LOOKUP_ERROR_NOTHING,
                ",limit 7000,dns-server 127.0.0.1@5,dns-anchor /a,ca-file /c,"
                "srv 1 _imaps._tcp.example.org");
}

TEST_F (Lookup, ReadsNoFileWhereItIsToldWhatIsInIt)
{
  Fate fate;
  g_autoptr (PostsealDiscoverySettings) settings = nullptr;

  sandbox.write ("postseal/discovery.conf", "[discovery]\ndns-server=127.0.0.1@5\nca-file=/c\n");
  settings = postseal_discovery_settings_load ();
  sandbox.write ("postseal/discovery.conf", "[discovery]\nca-file=/other\n");
  open (8000);
  postseal_lookup_set_settings (lookup.get (), settings);
  script ("for i in 1 2 3 4; do read -r line; all=\"$all,$line\"; done\n"
          "echo error 1 nothing \"$all\"\nread -r rest\n");
  srv (fate);
  wait (fate);

  expect_error (fate, POSTSEAL_LOOKUP_ERROR_NOTHING,
                ",limit 7000,dns-server 127.0.0.1@5,ca-file /c,srv 1 _imaps._tcp.example.org");
}

TEST_F (Lookup, GivesTheProgramNoTerminalAndNoDescriptors)
{
  Fate fate;
  int spare = fcntl (STDERR_FILENO, F_DUPFD, 77); /* inherited unless somebody sees to it */

  script (read_questions (1)
          + "cd /proc/$$/fd; echo error 1 nothing $(ls | sort -n | tr '\\n' ' ')"
            " session $(test \"$(cut -d' ' -f6 ../stat)\" = $$ && echo own)\n"
            "read -r rest\n");
  srv (fate);
  wait (fate);

  EXPECT_EQ (fate.text.find (" " + std::to_string (spare) + " "), std::string::npos) << fate.text;
  EXPECT_NE (fate.text.find ("session own"), std::string::npos) << fate.text;
  close (spare);
}

TEST_F (Lookup, WithoutTheProgramSaysWhatIsMissing)
{
  Fate fate, another;

  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", "/none/such", TRUE);
  srv (fate);
  wait (fate);
  srv (another);
  wait (another);

  expect_error (fate, POSTSEAL_LOOKUP_ERROR_PROGRAM, "/none/such");
  expect_error (another, POSTSEAL_LOOKUP_ERROR_PROGRAM, "/none/such");
}

TEST_F (Lookup, AnEarlyEndFailsAllQuestionsWithTheProgramsWords)
{
  Fate one, two, late;

  script (read_questions (2) + "echo 'out of order' >&2\nexit 3\n");
  srv (one);
  get (two);
  wait (two);

  expect_error (one, POSTSEAL_LOOKUP_ERROR_PROGRAM, "out of order");
  expect_error (two, POSTSEAL_LOOKUP_ERROR_PROGRAM, "out of order");
  srv (late);
  wait (late);
  expect_error (late, POSTSEAL_LOOKUP_ERROR_PROGRAM, "out of order");
}

TEST_F (Lookup, AProgramThatReadsNothingEndsNobody)
{
  Fate fate;

  script ("exec <&-\necho >&2 gone\nexit 1\n");
  for (int i = 0; i < 3; i++)
    {
      srv (fate);
      wait (fate);
      expect_error (fate, POSTSEAL_LOOKUP_ERROR_PROGRAM, "");
      fate = Fate ();
    }
}

TEST_F (Lookup, GarbageFailsAllQuestions)
{
  for (const char *lines :
       { "what?\\n", "record 1\\n", "record 1 65536 0 0 a\\n", "record 1 0 0 0 A\\n",
         "record 1 0 0 0 a b\\n", "end 1 maybe\\n", "end 2 secure\\n", "body 1 h eA==\\n",
         "error 1 other text\\n", "error 1 nothing\\n", "record x 0 0 0 a\\n", "\\n", "\\0\\n",
         "record 1 0 0 0 a..\\nend 1\\n" })
    expect_error (answer (lines), POSTSEAL_LOOKUP_ERROR_PROGRAM, "makes no sense");
  for (const char *lines : { "record 1 0 0 0 a\\n", "end 1 secure\\n", "body 1 h\\n",
                             "body 1 h =\\n", "body 1 h x y\\n", "body 1 h/x eA==\\n" })
    expect_error (answer (lines, true), POSTSEAL_LOOKUP_ERROR_PROGRAM, "makes no sense");
}

TEST_F (Lookup, NothingIsTakenWithoutABound)
{
  Fate fate;

  script (read_questions (1) + "exec cat /dev/zero | tr '\\0' x\n");
  get (fate);
  wait (fate);
  expect_error (fate, POSTSEAL_LOOKUP_ERROR_PROGRAM, "makes no sense");

  Fate many;
  open ();
  script (read_questions (1)
          + "for i in $(seq 65); do echo record 1 $i 0 993 a; done\necho end 1 secure\n"
            "read -r rest\n");
  srv (many);
  wait (many);
  expect_error (many, POSTSEAL_LOOKUP_ERROR_PROGRAM, "makes no sense");
}

TEST_F (Lookup, NoRecordThatMakesSenseIsNothing)
{
  expect_error (answer ("end 1 secure\\n"), POSTSEAL_LOOKUP_ERROR_NOTHING,
                "_imaps._tcp.example.org");
}

TEST_F (Lookup, NoQuestionTakesLongerThanTheLimit)
{
  Fate fate;

  open (30);
  script ("read -r never; read -r never; read -r never; read -r never\n");
  srv (fate);
  wait (fate);

  expect_error (fate, POSTSEAL_LOOKUP_ERROR_UNREACHABLE, "_imaps._tcp.example.org");
}

TEST_F (Lookup, OneCancelledQuestionLeavesTheOthers)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Fate cancelled, other;

  script (read_questions (2)
          + "printf 'record 1 0 0 0 a\\nend 1 secure\\nrecord 2 0 0 0 b\\nend 2 secure\\n'\n"
            "read -r rest\n");
  srv (cancelled, "_imaps._tcp.example.org", cancellable);
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (cancelled.is_known);
  wait (cancelled);
  EXPECT_EQ (cancelled.domain, G_IO_ERROR);
  EXPECT_EQ (cancelled.code, G_IO_ERROR_CANCELLED);

  /* What comes for it nevertheless is no garbage. */
  srv (other);
  wait (other);
  EXPECT_EQ (other.text, "0 0 0 b\n");
}

TEST_F (Lookup, WhatIsCancelledBeforehandIsNotAsked)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Fate fate;

  g_setenv ("POSTSEAL_LOOKUP_PROGRAM", "/none/such", TRUE);
  g_cancellable_cancel (cancellable);
  srv (fate, "_imaps._tcp.example.org", cancellable);
  wait (fate);
  EXPECT_EQ (fate.domain, G_IO_ERROR);
  EXPECT_EQ (fate.code, G_IO_ERROR_CANCELLED);
}

TEST_F (Lookup, TheLastReferenceCancelsQuestionsAndEndsTheProgram)
{
  Fate own, one, two;

  script (read_questions (3) + "echo error 1 nothing $$\nwhile read -r line; do :; done\n");
  srv (own);
  srv (one);
  get (two);
  wait (own);
  int pid = std::stoi (own.text);
  EXPECT_EQ (kill (pid, 0), 0);
  lookup.reset ();
  wait (two);

  for (const Fate &fate : { one, two })
    {
      EXPECT_EQ (fate.domain, G_IO_ERROR);
      EXPECT_EQ (fate.code, G_IO_ERROR_CANCELLED);
    }
  for (int i = 0; i < 20000 && kill (pid, 0) == 0; i++)
    g_usleep (500);
  EXPECT_NE (kill (pid, 0), 0);
}

TEST_F (Lookup, ACallbackMayDropTheLastReference)
{
  struct Both
  {
    std::unique_ptr<PostsealLookup, Closer> *lookup;
    bool is_known = false;
  } both{ &lookup };
  Fate other;

  script (read_questions (2)
          + "printf 'record 1 0 0 0 a\\nend 1 secure\\nrecord 2 0 0 0 b\\nend 2 secure\\n'\n"
            "read -r rest\n");
  postseal_lookup_srv_async (
      lookup.get (), "a.example.org", nullptr,
      [] (GObject *, GAsyncResult *result, gpointer user_data) {
        auto *self = static_cast<Both *> (user_data);
        g_autoptr (PostsealLookupAnswer) answer
            = postseal_lookup_records_finish (nullptr, result, nullptr);

        EXPECT_NE (answer, nullptr);
        self->is_known = true;
        self->lookup->reset ();
      },
      &both);
  srv (other, "b.example.org");
  wait (other);
  EXPECT_TRUE (both.is_known);
}

TEST_F (Lookup, OnlyNamesAndHttpsAddressesAreAsked)
{
  script ("echo asked >&2\nexit 1\n");
  for (const char *name : { "", "a b", "a\nsrv 9 b", "j\303\244ne.example", "a/b" })
    {
      Fate fate;

      srv (fate, name);
      wait (fate);
      expect_error (fate, POSTSEAL_LOOKUP_ERROR_NOTHING, "");
    }
  for (const char *uri : { "http://example.org/", "ftp://example.org/", "example.org" })
    {
      Fate fate;

      get (fate, uri);
      wait (fate);
      expect_error (fate, POSTSEAL_LOOKUP_ERROR_UNPROVEN, "https://");
    }
  Fate fate;

  get (fate, "https://example.org/\nget 2 https://x/");
  wait (fate);
  expect_error (fate, POSTSEAL_LOOKUP_ERROR_NOTHING, "no address");
}

TEST_F (Lookup, MoreQuestionsThanTheLimitAreRefused)
{
  Fate fates[65];

  script ("while read -r line; do :; done\n");
  for (Fate &fate : fates)
    srv (fate);
  wait (fates[64]);
  expect_error (fates[64], POSTSEAL_LOOKUP_ERROR_PROGRAM, "too many");
  EXPECT_FALSE (fates[0].is_known);
  lookup.reset ();
  wait (fates[63]);
}

} // namespace
