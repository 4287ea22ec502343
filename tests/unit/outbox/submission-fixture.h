/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <unistd.h>

#include <regex>
#include <thread>

#include "outbox-fixture.h"
#include "outbox/submission.h"

/* Submits messages, and looks at what is then in the queue. */
class SubmissionFixture : public OutboxFixture
{
protected:
  void
  SetUp () override
  {
    OutboxFixture::SetUp ();
    configure ("[account work]\naddress=jane@example.org\nname=Jane Doe\nsend=submissions://x\n"
               "send-as=*@lists.example.org\n"
               "[account home]\naddress=jane@example.net\nsend=submissions://x\n");
    submission.recipients = to_joe;
  }

  void
  TearDown () override
  {
    g_clear_pointer (&senders, postseal_senders_free);
    g_clear_pointer (&envelope, postseal_envelope_free);
    OutboxFixture::TearDown ();
  }

  void
  configure (const std::string &text)
  {
    std::string path = home + "/accounts.conf";

    std::ofstream (path) << text;
    g_clear_pointer (&senders, postseal_senders_free);
    senders = postseal_senders_load (path.c_str (), nullptr);
    ASSERT_NE (senders, nullptr);
  }

  /* Writes @text into a pipe, @piece bytes at a time. Returns: the error's code, -1 for success;
     sets "out", "envelope", "message" */
  int
  submit (const std::string &text, size_t piece = 65536)
  {
    g_autoptr (GError) error = nullptr;
    g_autofree char *id = nullptr;
    int ends[2];

    EXPECT_EQ (pipe (ends), 0);
    std::thread writer ([&] {
      for (size_t at = 0; at < text.size (); at += piece)
        if (write (ends[1], text.data () + at, std::min (piece, text.size () - at)) < 0)
          break;
      close (ends[1]);
    });
    signal (SIGPIPE, SIG_IGN);
    gboolean is_done = postseal_submission_run (&submission, senders, ends[0], &id, &error);
    close (ends[0]);
    writer.join ();

    EXPECT_EQ (is_done, error == nullptr);
    out = message = "";
    g_clear_pointer (&envelope, postseal_envelope_free);
    if (is_done)
      take (place ("queue/" + std::string (id)));
    else
      {
        message = error->message;
        EXPECT_TRUE (names ("tmp").empty ());
        EXPECT_TRUE (names ("queue").empty ()) << "after failure nothing is left";
        EXPECT_EQ (error->domain, POSTSEAL_OUTBOX_ERROR);
      }
    return is_done ? -1 : error->code;
  }

  /* Takes the entry out of the queue again. */
  void
  take (const std::string &path)
  {
    std::string content = read (path);
    gsize length = 0;

    envelope = postseal_envelope_parse (content.data (), content.size (), &length, nullptr);
    ASSERT_NE (envelope, nullptr);
    out = content.substr (length);
    EXPECT_EQ (envelope->length, out.size ());
    std::filesystem::remove (path);
  }

  std::vector<std::string>
  recipients () const
  {
    std::vector<std::string> found;

    for (guint i = 0; envelope != nullptr && i < envelope->recipients->len; i++)
      found.push_back (
          static_cast<PostsealEnvelopeRecipient *> (envelope->recipients->pdata[i])->address);
    return found;
  }

  static std::string
  to_crlf (const std::string &text)
  {
    return std::regex_replace (text, std::regex ("\n"), "\r\n");
  }

  static constexpr const char *to_joe[] = { "joe@example.com", nullptr };
  static constexpr const char *nobody[] = { nullptr };

  PostsealSubmission submission = {};
  PostsealSenders *senders = nullptr;
  PostsealEnvelope *envelope = nullptr;
  std::string out, message;
};

/* A header that lacks nothing. */
inline const char complete[] = "From: Jane <jane@example.org>\n"
                               "To: joe@example.com\n"
                               "Subject: Test\n"
                               "Date: Thu, 1 Jan 2026 00:00:00 +0000\n"
                               "Message-ID: <1@example.org>\n";
