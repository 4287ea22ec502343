/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "outbox/envelope.h"
#include "support/postseal-instance.h"

namespace postseal_test
{

namespace fs = std::filesystem;

using Strings = std::vector<std::string>;

inline const std::string WHOLE
    = "From: jane@example.org\nTo: bob@example.com\nSubject: Hello\n"
      "Date: Mon, 05 Jan 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n\n"
      "text\n";

inline std::string
on_the_wire (const std::string &text)
{
  std::string out;

  for (char letter : text)
    out += letter == '\n' ? "\r\n" : std::string (1, letter);
  return out;
}

inline bool
has (const std::string &text, const std::string &piece)
{
  return text.find (piece) != std::string::npos;
}

/* One file of the queue. */
struct Queued
{
  std::string id;
  std::string account;
  std::string sender;
  Strings recipients;
  std::vector<guint> notify;
  PostsealSmtpReturn ret = POSTSEAL_SMTP_RETURN_UNSET;
  std::string envid;
  std::string text;
};

/* postseal-sendmail with an outbox of its own. Nothing is sent: it wakes a stub. */
class SendmailProgram : public testing::Test
{
protected:
  void
  SetUp () override
  {
    ASSERT_NE (getenv ("POSTSEAL_SENDMAIL"), nullptr);
    postseal_.configure ("[account work]\naddress=jane@example.org\nname=Jane Doe\n"
                         "send=submission://smtp.example.org\n"
                         "[account lists]\naddress=jd@example.net\nsend-as=*@lists.example.net\n"
                         "send=submissions://smtp.example.net\n"
                         "[account inbox]\naddress=only@example.com\n"
                         "receive=imap://imap.example.com\n");
    /* What postseal-sendmail takes for the program postseal. */
    write_file (postseal_.path ("stub"), "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"" + log_path ()
                                             + "\"\necho said by the stub\n[ ! -e \"" + log_path ()
                                             + ".fail\" ] || exit 75\n");
    fs::permissions (postseal_.path ("stub"), fs::perms::owner_all);
  }

  std::string
  log_path () const
  {
    return postseal_.path ("calls");
  }

  /* The calls of the stub, once there are @count of them: it is woken in the background. */
  Strings
  calls (size_t count)
  {
    Strings lines;

    for (int i = 0; i < 500 && lines.size () < count; i++)
      {
        std::string text = fs::exists (log_path ()) ? read_file (log_path ()) : "";

        lines.clear ();
        for (size_t at = 0, end; (end = text.find ('\n', at)) != std::string::npos; at = end + 1)
          lines.push_back (text.substr (at, end - at));
        if (lines.size () < count)
          std::this_thread::sleep_for (std::chrono::milliseconds (10));
      }
    return lines;
  }

  Outcome
  run (const Strings &arguments, const std::string &input = WHOLE, Environment environment = {})
  {
    if (environment.count ("POSTSEAL") == 0)
      environment["POSTSEAL"] = "/bin/true";
    return postseal_.run_sendmail (arguments, input, environment);
  }

  Outcome
  run_with_stub (const Strings &arguments, const std::string &input = WHOLE)
  {
    return run (arguments, input, { { "POSTSEAL", postseal_.path ("stub") } });
  }

  /* "$1" is the program. */
  Outcome
  run_in_shell (const std::string &script, const std::string &input = WHOLE)
  {
    return run_program ({ "/bin/sh", "-c", script, "sh", getenv ("POSTSEAL_SENDMAIL") },
                        postseal_.complete ({ { "POSTSEAL", "/bin/true" } }), input);
  }

  /* Called as @name. */
  Outcome
  run_as (const std::string &name, const Strings &arguments = {})
  {
    Strings all = arguments;

    if (!fs::exists (postseal_.path (name)))
      fs::create_symlink (getenv ("POSTSEAL_SENDMAIL"), postseal_.path (name));
    all.insert (all.begin (), postseal_.path (name));
    return run_program (all, postseal_.complete ({ { "POSTSEAL", postseal_.path ("stub") } }), "");
  }

  std::string
  outbox () const
  {
    return postseal_.path ("state/postseal/outbox");
  }

  static Strings
  names (const std::string &folder)
  {
    Strings all;
    std::error_code ignored;

    for (const auto &entry : fs::directory_iterator (folder, ignored))
      all.push_back (entry.path ().filename ());
    std::sort (all.begin (), all.end ());
    return all;
  }

  static Queued
  read_entry (const std::string &path)
  {
    std::string file = read_file (path);
    g_autoptr (GError) error = nullptr;
    gsize length = 0;
    g_autoptr (PostsealEnvelope) envelope
        = postseal_envelope_parse (file.data (), file.size (), &length, &error);
    Queued one;

    if (envelope == nullptr)
      {
        ADD_FAILURE () << error->message;
        return one;
      }
    one.id = fs::path (path).filename ();
    one.account = envelope->account;
    one.sender = envelope->sender;
    one.ret = envelope->ret;
    one.envid = envelope->envid != nullptr ? envelope->envid : "";
    one.text = file.substr (length);
    EXPECT_EQ (envelope->length, one.text.size ());
    for (guint i = 0; i < envelope->recipients->len; i++)
      {
        auto *known = (PostsealEnvelopeRecipient *)g_ptr_array_index (envelope->recipients, i);

        one.recipients.push_back (known->address);
        one.notify.push_back (known->notify);
      }
    return one;
  }

  std::vector<Queued>
  queued ()
  {
    std::vector<Queued> all;

    for (const auto &name : names (outbox () + "/queue"))
      all.push_back (read_entry (outbox () + "/queue/" + name));
    EXPECT_EQ (names (outbox () + "/tmp"), Strings{});
    return all;
  }

  /* The only one. */
  Queued
  taken ()
  {
    auto all = queued ();

    EXPECT_EQ (all.size (), 1u);
    all.resize (1);
    return all[0];
  }

  void
  expect_refused (const Outcome &outcome, int status)
  {
    EXPECT_EQ (outcome.status, status) << outcome.err;
    EXPECT_EQ (outcome.err.substr (0, 19), "postseal-sendmail: ") << outcome.err;
    EXPECT_EQ (outcome.out, "");
    EXPECT_TRUE (g_utf8_validate (outcome.err.c_str (), -1, nullptr));
    EXPECT_EQ (queued ().size (), 0u);
  }

  void
  forget ()
  {
    fs::remove_all (outbox ());
  }

  PostsealInstance postseal_;
};

} // namespace postseal_test
