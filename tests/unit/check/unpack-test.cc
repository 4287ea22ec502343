/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/unpack.h"

#include <gio/gio.h>
#include <gtest/gtest.h>

#include <string>

#include "check/tls-report.h"

namespace
{

constexpr gsize kLimit = 1 << 20;

std::string
pack (const std::string &text)
{
  GZlibCompressor *packer = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  std::string packed (text.size () / 2 + 1000, '\0');
  gsize n_read = 0, n_written = 0;

  EXPECT_EQ (g_converter_convert (G_CONVERTER (packer), text.data (), text.size (), packed.data (),
                                  packed.size (), G_CONVERTER_INPUT_AT_END, &n_read, &n_written,
                                  nullptr),
             G_CONVERTER_FINISHED);
  g_object_unref (packer);
  packed.resize (n_written);
  return packed;
}

/* What it holds, or "!" and a message about a damaged one. */
std::string
unpack (const std::string &packed)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (GBytes) bytes = postseal_unpack (packed.data (), packed.size (), kLimit, &error);
  gsize length = 0;

  EXPECT_EQ (bytes == nullptr, error != nullptr);
  if (bytes == nullptr)
    {
      EXPECT_TRUE (
          g_error_matches (error, POSTSEAL_TLS_REPORT_ERROR, POSTSEAL_TLS_REPORT_ERROR_PACKED));
      return std::string ("!") + error->message;
    }
  auto data = static_cast<const char *> (g_bytes_get_data (bytes, &length));
  return std::string (data != nullptr ? data : "", length);
}

TEST (Unpack, WhatWasPackedComesBack)
{
  const std::string long_text (300000, 'x');

  EXPECT_EQ (unpack (pack ("{}")), "{}");
  EXPECT_EQ (unpack (pack ("")), "");
  EXPECT_EQ (unpack (pack (long_text)), long_text);
  EXPECT_TRUE (postseal_unpack_is_packed (pack ("").data (), 2));
  EXPECT_FALSE (postseal_unpack_is_packed ("{}", 2));
  EXPECT_FALSE (postseal_unpack_is_packed ("\x1F", 1));
}

/* RFC 1952 section 2.2 */
TEST (Unpack, MembersFollowEachOtherAndPaddingIsNone)
{
  EXPECT_EQ (unpack (pack ("a") + pack ("b")), "ab");
  EXPECT_EQ (unpack (pack ("a") + std::string (100, '\0')), "a");
}

TEST (Unpack, WhatIsCutOrDamagedIsTold)
{
  const std::string packed = pack ("a text that is long enough to be cut somewhere");

  for (size_t length = 0; length < packed.size (); length++)
    EXPECT_EQ (unpack (packed.substr (0, length))[0], '!') << length;
  std::string damaged = packed;
  damaged[damaged.size () - 6] ^= 1;
  EXPECT_EQ (unpack (damaged)[0], '!') << "the checksum";
  EXPECT_EQ (unpack (pack ("a") + packed.substr (0, 15))[0], '!') << "a second member, cut";
}

TEST (Unpack, ABombDoesNotGoOff)
{
  EXPECT_EQ (unpack (pack (std::string (kLimit, 'x'))).size (), kLimit);
  EXPECT_NE (unpack (pack (std::string (kLimit + 1, 'x'))).find ("larger than any report"),
             std::string::npos);
  EXPECT_NE (unpack (pack (std::string (kLimit, 'x')) + pack ("x")).find ("larger"),
             std::string::npos);
  std::string many;
  for (int i = 0; i < 10000; i++)
    many += pack ("");
  EXPECT_EQ (unpack (many), "") << "members without end";
}

} // namespace
