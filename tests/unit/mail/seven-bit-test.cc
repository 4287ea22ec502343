/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "mail/quoted-printable.h"
#include "mail/seven-bit.h"
#include "mime-fixture.h"
#include "outbox/outbox-error.h"

using namespace postseal_test;

namespace
{

constexpr const char *PREFIX
    = "Postseal-Outbox: 1\nFür: wen\n\n"; /* 8 bit, and none of its business */

class SevenBit : public testing::Test
{
protected:
  /* Returns what became of @message; "" when it was refused. */
  std::string
  Convert (const std::string &message)
  {
    std::string path = dir_ / "entry";
    int in;
    int out = -1;
    guint64 length = 0;
    std::string converted;

    spill (path, PREFIX + message + "behind it \xff");
    in = open (path.c_str (), O_RDONLY | O_CLOEXEC);
    g_clear_error (&error_);
    if (postseal_seven_bit_convert (in, strlen (PREFIX), message.size (), &out, &length, &error_))
      {
        converted.resize (length);
        EXPECT_EQ (read (out, converted.data (), length + 1), (gssize)length);
        close (out);
        CheckForm (converted);
      }
    close (in);
    return converted;
  }

  void
  CheckForm (const std::string &text)
  {
    gsize column = 0;

    for (gsize i = 0; i < text.size (); i++)
      {
        ASSERT_LT ((guint8)text[i], 0x80);
        ASSERT_NE (text[i], '\0');
        ASSERT_EQ (text[i] == '\n', i > 0 && text[i - 1] == '\r') << i;
        column = text[i] == '\n' ? 0 : column + 1;
        ASSERT_LE (column, 999u);
      }
  }

  void
  Compare (const std::string &before, const std::string &after)
  {
    files_.push_back (dir_ / ("before" + std::to_string (files_.size ())));
    spill (files_.back (), before);
    files_.push_back (dir_ / ("after" + std::to_string (files_.size ())));
    spill (files_.back (), after);
  }

  /* What Python's email package makes of each leaf is the same before and after. */
  void
  ExpectSameContents ()
  {
    EXPECT_EQ (ask_python ("import email, sys\n"
                           "def leaves(path):\n"
                           "    message = email.message_from_bytes(open(path, 'rb').read())\n"
                           "    return [(p.get_content_type(), p.get_payload(decode=True))\n"
                           "            for p in message.walk() if not p.is_multipart()]\n"
                           "for one, two in zip(sys.argv[1::2], sys.argv[2::2]):\n"
                           "    if leaves(one) == [] or leaves(one) != leaves(two):\n"
                           "        print(leaves(one), 'became', leaves(two))\n",
                           files_),
               "");
  }

  void
  ExpectRefused (const std::string &message, const char *words)
  {
    EXPECT_EQ (Convert (message), "");
    ASSERT_TRUE (g_error_matches (error_, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE));
    EXPECT_NE (strstr (error_->message, words), nullptr) << error_->message;
  }

  void
  TearDown () override
  {
    g_clear_error (&error_);
  }

  TempDir dir_;
  std::vector<std::string> files_;
  GError *error_ = nullptr;
};

const std::string HEADER = "From: jane@example.org\r\nSubject:   odd  spacing\r\n\tand folding\r\n"
                           "MIME-Version: 1.0\r\n";
const std::string TEXT = "Content-Type: text/plain; charset=utf-8\r\n";

TEST_F (SevenBit, LeavesWhatIsSevenBitAsItIs)
{
  std::string message = HEADER + TEXT + "Content-Transfer-Encoding: 8bit\r\n\r\nHello =\r\n.\r\n";

  EXPECT_EQ (Convert (message), message);
}

TEST_F (SevenBit, WritesTextAsQuotedPrintable)
{
  EXPECT_EQ (Convert (HEADER + TEXT + "Content-Transfer-Encoding:\r\n 8bit\r\nX-Last: 1\r\n\r\n"
                      + "Gr\xc3\xbc\xc3\x9f"
                        "e = x \r\n-- \r\nand so on, in plain letters\r\n"),
             HEADER + TEXT + "Content-Transfer-Encoding: quoted-printable\r\nX-Last: 1\r\n\r\n"
                 + "Gr=C3=BC=C3=9Fe =3D x=20\r\n--=20\r\nand so on, in plain letters\r\n");
}

TEST_F (SevenBit, WritesWhatIsMostlyForeignAsBase64)
{
  std::string message = HEADER + TEXT + "\r\n";

  for (int i = 0; i < 100; i++)
    message += "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\r\n";
  std::string converted = Convert (message);

  EXPECT_NE (converted.find (TEXT + "Content-Transfer-Encoding: base64\r\n\r\n0J/RgNC40LLQtdGC"),
             std::string::npos)
      << converted;
  EXPECT_EQ (converted.substr (converted.size () - 2), "\r\n");
  Compare (message, converted);
  ExpectSameContents ();
}

/* RFC 2045 section 4: without MIME-Version there is no encoding either. */
TEST_F (SevenBit, MakesAMimeMessageOfOneThatIsNone)
{
  EXPECT_EQ (Convert ("Subject: x\r\n\r\nna\xc3\xafve\r\n"),
             "MIME-Version: 1.0\r\nSubject: x\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve\r\n");
  EXPECT_EQ (Convert ("Subject: x\r\n\r\nna\xefve\r\n"),
             "MIME-Version: 1.0\r\nSubject: x\r\n"
             "Content-Type: text/plain; charset=unknown-8bit\r\n"
             "Content-Transfer-Encoding: quoted-printable\r\n\r\nna=EFve\r\n");
  EXPECT_EQ (Convert ("\r\n\xc3\xaf\r\n"),
             "MIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=AF\r\n");
}

TEST_F (SevenBit, ChangesThePartsThatNeedItAndWhatHoldsThem)
{
  std::string start = HEADER + "Content-Type: multipart/mixed; boundary=\"b  1\"\r\n";
  std::string plain = "\r\nPreamble\r\n--b  1 \r\n" + TEXT + "\r\nplain\r\n\r\n--b  1\r\n";
  std::string tail = "\r\n--b  1\r\nContent-Type: text/html\r\n\r\n\r\n--b  1--\r\nEpilogue\r\n";

  EXPECT_EQ (Convert (start + "Content-Transfer-Encoding: 8bit\r\n" + plain + TEXT + "\r\n\xc3\xa4"
                      + tail),
             start + "Content-Transfer-Encoding: 7bit\r\n" + plain + TEXT
                 + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4" + tail);
}

TEST_F (SevenBit, ReachesIntoMessagesWithinMessages)
{
  std::string outer = HEADER
                      + "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
                        "Content-Type: message/rfc822\r\n";
  std::string inner = "\r\nSubject: inner\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: multipart/alternative; boundary=i\r\n\r\n"
                      "--i\r\n"
                      + TEXT;
  std::string end = "\r\n--i--\r\n\r\n--o--\r\n";

  EXPECT_EQ (Convert (outer + "Content-Transfer-Encoding: 8bit\r\n" + inner + "\r\n\xc3\xa4" + end),
             outer + "Content-Transfer-Encoding: 7bit\r\n" + inner
                 + "Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4" + end);
}

TEST_F (SevenBit, BreaksLongLinesAndKeepsLoneLineEnds)
{
  std::string message = HEADER + TEXT + "Content-Transfer-Encoding: binary\r\n\r\n"
                        + std::string (5000, 'x') + "\r\nlone\rand\nlone " + '\0' + "\r\r\n\r";
  std::string converted = Convert (message);

  Compare (message, converted);
  ExpectSameContents ();
  EXPECT_NE (converted.find ("lone=0Dand=0Alone =00=0D\r\n=0D=\r\n"), std::string::npos)
      << converted;
}

/* RFC 1847 section 2.1. */
TEST_F (SevenBit, BreaksNoSignature)
{
  for (const char *type : { "signed", "encrypted" })
    {
      std::string start = HEADER + "Content-Type: multipart/" + type + "; boundary=b\r\n\r\n--b\r\n"
                          + TEXT + "Content-Transfer-Encoding: 8bit\r\n\r\n";
      std::string end = "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n";

      ExpectRefused (start + "\xc3\xa4" + end, "signed or encrypted");
      EXPECT_EQ (Convert (start + "a" + end), start + "a" + end);
    }
}

/* RFC 6376 section 3.7: the body is hashed. */
TEST_F (SevenBit, BreaksNoDkimSignature)
{
  std::string message = "DKIM-Signature: v=1\r\n" + HEADER + TEXT + "\r\n";

  ExpectRefused (message + "\xc3\xa4\r\n", "DKIM");
  EXPECT_EQ (Convert (message + "a\r\n"), message + "a\r\n");
}

TEST_F (SevenBit, RefusesWhatCannotBeEncoded)
{
  ExpectRefused ("Subject: \xc3\xa4\r\n\r\na\r\n", "in a header");
  ExpectRefused (HEADER
                     + "Content-Type: multipart/mixed; boundary=b\r\n\r\n\xc3\xa4\r\n--b\r\n\r\n"
                       "a\r\n--b--\r\n",
                 "between its parts");
  ExpectRefused (HEADER
                     + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                       "Content-Disposition: attachment; filename=\xc3\xa4\r\n\r\n"
                       "a\r\n--b--\r\n",
                 "in a header");
  ExpectRefused (HEADER + TEXT + "Content-Transfer-Encoding: base64\r\n\r\n\xc3\xa4\r\n",
                 "not encoded in the way");
  ExpectRefused (HEADER + TEXT + "Content-Transfer-Encoding: x-own\r\n\r\n\xc3\xa4\r\n",
                 "not encoded in the way");
  ExpectRefused (HEADER + "Content-Type: message/partial\r\n\r\n\xc3\xa4\r\n",
                 "must not be encoded");
  ExpectRefused (HEADER + TEXT
                     + "Content-Transfer-Encoding: 8bit\r\ncontent-transfer-encoding: 7bit\r\n\r\n"
                       "\xc3\xa4\r\n",
                 "structure");
}

TEST_F (SevenBit, RefusesPartsNestedTooDeeply)
{
  std::string message = HEADER;
  std::string end;

  for (int i = 0; i < 40; i++)
    {
      std::string boundary = "b" + std::to_string (i) + "b";

      message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary
                 + "\r\n";
      end = "\r\n--" + boundary + "--\r\n" + end;
    }
  ExpectRefused (message + TEXT + "\r\n\xc3\xa4" + end, "too deeply");
}

/* Whatever the content is, it is the same afterwards. */
TEST_F (SevenBit, KeepsTheContentOfEveryPart)
{
  std::mt19937 random (7);

  for (int round = 0; round < 60; round++)
    {
      std::string boundary = "=_x" + std::to_string (round);
      std::string message
          = HEADER + "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
      int n_parts = 1 + (int)(random () % 4);

      for (int part = 0; part < n_parts; part++)
        {
          static const char *const pieces[] = { "\r\n",
                                                "\r\n",
                                                " ",
                                                "\t",
                                                "=",
                                                "\xc3\xa4",
                                                "word",
                                                ".",
                                                "From ",
                                                "--",
                                                "\xff",
                                                "a",
                                                "long-ish-run-of-letters",
                                                "\r\n\r\n" };
          int n = (int)(random () % 400);

          message += "--" + boundary + "\r\n" + (random () % 2 ? TEXT : "") + "\r\n";
          for (int i = 0; i < n; i++)
            message += pieces[random () % G_N_ELEMENTS (pieces)];
          message += "\r\n";
        }
      message += "--" + boundary + "--\r\n";
      std::string converted = Convert (message);
      ASSERT_NE (converted, "") << error_->message;
      Compare (message, converted);
    }
  ExpectSameContents ();
}

TEST_F (SevenBit, NeedsNoMoreMemoryForALargeMessage)
{
  std::string path = dir_ / "entry";
  std::string message = HEADER + TEXT + "\r\n\xc3\xa4";
  guint64 length = 32 << 20;
  int out = -1;
  int in;

  spill (path, message);
  ASSERT_EQ (truncate (path.c_str (), (off_t)length), 0);
  in = open (path.c_str (), O_RDONLY | O_CLOEXEC);
  reset_peak_memory ();
  long before = peak_memory ();
  ASSERT_TRUE (postseal_seven_bit_convert (in, 0, length, &out, &length, nullptr));
  EXPECT_TRUE (!CAN_MEASURE_MEMORY || peak_memory () < before + 8 * 1024);
  EXPECT_GT (length, 32u << 20);
  close (out);
  close (in);
}

TEST_F (SevenBit, LeavesNothingBehind)
{
  struct stat status;
  int out = -1;
  guint64 length;
  int in;

  spill (dir_ / "entry", "\r\na\r\n");
  in = open ((dir_ / "entry").c_str (), O_RDONLY | O_CLOEXEC);
  ASSERT_TRUE (postseal_seven_bit_convert (in, 0, 5, &out, &length, nullptr));
  ASSERT_EQ (fstat (out, &status), 0);
  EXPECT_EQ (status.st_nlink, 0u);
  EXPECT_EQ (status.st_mode & 0777, 0600u);
  EXPECT_EQ (lseek (out, 0, SEEK_CUR), 0);
  close (out);
  close (in);
}

TEST_F (SevenBit, TellsOfAMessageThatIsCut)
{
  g_autoptr (GError) error = nullptr;
  int out = -1;
  guint64 length;
  int in;

  spill (dir_ / "entry", "\r\na\r\n");
  in = open ((dir_ / "entry").c_str (), O_RDONLY | O_CLOEXEC);
  EXPECT_FALSE (postseal_seven_bit_convert (in, 0, 50, &out, &length, &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_INPUT));
  EXPECT_EQ (out, -1);
  close (in);
}

/* A boundary begins a line; text that only stands in one must not come to do so (RFC 2046 section
   5.1.1). */
TEST (QuotedPrintable, MakesNoBoundaryOfTextWithinALine)
{
  PostsealQuotedPrintable encoder = {};
  std::string text = std::string (75, 'a') + "--boundary";
  GString *out = g_string_new (nullptr);

  _postseal_quoted_printable_append (&encoder, (const guint8 *)text.data (), text.size (), out);
  _postseal_quoted_printable_finish (&encoder, TRUE, out);
  EXPECT_EQ (std::string (out->str), std::string (75, 'a') + "=\r\n=2D-boundary=\r\n");
  g_string_free (out, TRUE);
}

TEST (QuotedPrintable, IsTheSameInPieces)
{
  std::string text = " \t\r\n \r \n=\r\r\n\xff" + std::string (200, 'b') + " \t ";
  PostsealQuotedPrintable whole = {};
  PostsealQuotedPrintable pieces = {};
  GString *one = g_string_new (nullptr);
  GString *two = g_string_new (nullptr);

  _postseal_quoted_printable_append (&whole, (const guint8 *)text.data (), text.size (), one);
  _postseal_quoted_printable_finish (&whole, TRUE, one);
  for (char octet : text)
    _postseal_quoted_printable_append (&pieces, (const guint8 *)&octet, 1, two);
  _postseal_quoted_printable_finish (&pieces, TRUE, two);
  EXPECT_STREQ (one->str, two->str);
  g_string_free (one, TRUE);
  g_string_free (two, TRUE);
}

} // namespace
