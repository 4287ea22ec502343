/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "sendmail/smtp-input.h"

namespace
{

/* What @text is when it comes all at once, or byte by byte. */
class SmtpInput : public testing::TestWithParam<bool>
{
protected:
  void
  Say (const std::string &text)
  {
    int ends[2];

    ASSERT_EQ (pipe2 (ends, O_CLOEXEC), 0);
    in_ = ends[0];
    input_ = postseal_smtp_input_new (in_);
    writer_ = std::thread ([text, out = ends[1], is_slow = GetParam ()] {
      gsize step = is_slow ? 1 : text.size () + 1;

      for (gsize at = 0; at < text.size (); at += step)
        {
          std::string piece = text.substr (at, step);
          EXPECT_EQ (write (out, piece.data (), piece.size ()), (gssize)piece.size ());
        }
      close (out);
    });
  }

  void
  TearDown () override
  {
    /* Nothing may be left in the pipe that the writer waits for. */
    char rest[4096];

    while (in_ >= 0 && read (in_, rest, sizeof rest) > 0)
      ;
    if (writer_.joinable ())
      writer_.join ();
    postseal_smtp_input_free (input_);
    close (in_);
    g_string_free (line_, TRUE);
  }

  PostsealSmtpInputState
  Line ()
  {
    return postseal_smtp_input_read_line (input_, line_);
  }

  PostsealSmtpInputState
  Data (std::string *ret_text, guint64 largest = 1 << 30)
  {
    int fd = memfd_create ("data", MFD_CLOEXEC);
    PostsealSmtpInputState state = postseal_smtp_input_read_data (input_, fd, largest);

    ret_text->resize ((gsize)lseek (fd, 0, SEEK_END));
    EXPECT_EQ (pread (fd, ret_text->data (), ret_text->size (), 0), (gssize)ret_text->size ());
    close (fd);
    return state;
  }

  PostsealSmtpInput *input_ = nullptr;
  GString *line_ = g_string_new (nullptr);
  std::thread writer_;
  int in_ = -1;
};

TEST_P (SmtpInput, IsLinesThatEndWithCrLf)
{
  using namespace std::string_literals;

  Say ("EHLO x\r\n\r\nbare\nNOOP\r\nA\rB\r\nC\r\r\nD\0E\r\nQUIT\r\nrest"s);
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "EHLO x");
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "");
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_BARE);
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "NOOP");
  for (int i = 0; i < 3; i++)
    EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_BARE);
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "QUIT");
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_END);
}

TEST_P (SmtpInput, EndsLinesThatAreTooLong)
{
  Say ("NOOP " + std::string (5000, 'x') + "\r\nQUIT\r\n");
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_LONG);
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "QUIT");
}

/* RFC 5321 section 4.5.2. */
TEST_P (SmtpInput, TakesTheStuffedDotsAway)
{
  std::string text;

  Say ("..one\r\n.two\r\n...\r\n\r\na.b\r\n.\r\nQUIT\r\n");
  EXPECT_EQ (Data (&text), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_EQ (text, ".one\r\ntwo\r\n..\r\n\r\na.b\r\n");
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "QUIT");
}

TEST_P (SmtpInput, MayBeAnEmptyMessage)
{
  std::string text;

  Say (".\r\nQUIT\r\n");
  EXPECT_EQ (Data (&text), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_EQ (text, "");
}

/* SMTP smuggling: nothing but CR LF . CR LF ends a message, and whatever looks like it spoils it.
 */
TEST_P (SmtpInput, IsSpoiltByEveryOtherLineEndAroundADot)
{
  const std::string ends[] = { "\r", "\n", "\r\n", "\n\r", "\r\r\n", "\n\n", "\r\r", "\n\r\n" };

  for (const auto &before : ends)
    for (const auto &after : ends)
      {
        bool is_end = before.size () >= 2 && before.substr (before.size () - 2) == "\r\n"
                      && after.substr (0, 2) == "\r\n";
        std::string text;

        if (is_end)
          continue;
        Say ("x" + before + "." + after + "MAIL FROM:<a@b>\r\n.\r\nQUIT\r\n");
        EXPECT_EQ (Data (&text), POSTSEAL_SMTP_INPUT_BARE);
        EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
        EXPECT_STREQ (line_->str, "QUIT");
        TearDown ();
        line_ = g_string_new (nullptr);
        input_ = nullptr;
        in_ = -1;
      }
}

TEST_P (SmtpInput, IsSpoiltByNul)
{
  std::string text;

  Say (std::string ("a\0b\r\n.\r\n", 8));
  EXPECT_EQ (Data (&text), POSTSEAL_SMTP_INPUT_BARE);
}

TEST_P (SmtpInput, IsNoMessageWithoutItsEnd)
{
  for (const char *cut : { "", "a", "a\r\n", "a\r\n.", "a\r\n.\r", "a\r\n.\n" })
    {
      std::string text;

      Say (cut);
      EXPECT_EQ (Data (&text), POSTSEAL_SMTP_INPUT_END) << cut;
      TearDown ();
      line_ = g_string_new (nullptr);
      input_ = nullptr;
      in_ = -1;
    }
}

TEST_P (SmtpInput, MayBeTooLarge)
{
  std::string text;

  Say ("12345678\r\n12345678\r\n.\r\nQUIT\r\n");
  EXPECT_EQ (Data (&text, 19), POSTSEAL_SMTP_INPUT_LONG);
  EXPECT_LE (text.size (), 19u);
  EXPECT_EQ (Line (), POSTSEAL_SMTP_INPUT_OK);
  EXPECT_STREQ (line_->str, "QUIT");
}

INSTANTIATE_TEST_SUITE_P (Pieces, SmtpInput, testing::Bool (), [] (const auto &kind) {
  return kind.param ? "ByteByByte" : "AtOnce";
});

} // namespace
