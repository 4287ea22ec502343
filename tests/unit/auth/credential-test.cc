/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "auth/credential-private.h"

using namespace std::string_literals;

namespace
{

PostsealCredential *
fill (const std::string &text, gsize room)
{
  PostsealCredential *credential = _postseal_credential_new_sized (room);
  memcpy (_postseal_credential_peek (credential), text.data (), text.size ());
  return credential;
}

/* The "VmFlags" of the mapping that holds @address (proc(5)). */
std::string
read_flags (const void *address)
{
  std::ifstream maps ("/proc/self/smaps");
  const auto wanted = reinterpret_cast<guintptr> (address);
  bool is_here = false;

  for (std::string line; std::getline (maps, line);)
    {
      guint64 from = 0, to = 0;
      if (sscanf (line.c_str (), "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x ", &from, &to)
          == 2)
        is_here = wanted >= from && wanted < to;
      else if (is_here && line.rfind ("VmFlags:", 0) == 0)
        return line + " ";
    }
  return "";
}

TEST (Credential, HoldsACopyWithANulBehind)
{
  g_autoptr (PostsealCredential) whole = postseal_credential_new ("sesame", -1);
  EXPECT_STREQ (postseal_credential_get (whole), "sesame");
  EXPECT_EQ (postseal_credential_get_length (whole), 6u);
  g_autoptr (PostsealCredential) part = postseal_credential_new ("sesame", 3);
  EXPECT_STREQ (postseal_credential_get (part), "ses");
  g_autoptr (PostsealCredential) empty = postseal_credential_new ("", 0);
  EXPECT_STREQ (postseal_credential_get (empty), "");
}

TEST (Credential, FillsItsPagesToTheLastByte)
{
  const gsize page = (gsize)sysconf (_SC_PAGESIZE);
  for (gsize length : { page - 1, page, page + 1 })
    {
      std::string text (length, 'x');
      g_autoptr (PostsealCredential) one
          = postseal_credential_new (text.data (), (gssize)text.size ());
      EXPECT_EQ (postseal_credential_get (one), text);
    }
}

TEST (Credential, LivesAsLongAsItsLastReference)
{
  PostsealCredential *one = postseal_credential_new ("sesame", -1);
  PostsealCredential *two = postseal_credential_ref (one);
  postseal_credential_unref (one);
  EXPECT_STREQ (postseal_credential_get (two), "sesame");
  postseal_credential_unref (two);
}

TEST (Credential, StaysOutOfCoreDumps)
{
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("sesame", -1);
  EXPECT_NE (read_flags (postseal_credential_get (secret)).find (" dd "), std::string::npos);
}

TEST (Credential, IsEmptyInAChild)
{
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("sesame", -1);
  pid_t child = fork ();
  if (child == 0)
    _exit (postseal_credential_get (secret)[0] == '\0' ? 0 : 1);
  int status = 0;
  ASSERT_EQ (waitpid (child, &status, 0), child);
  EXPECT_EQ (status, 0);
}

TEST (Credential, WipesTheTailThatIsCutOff)
{
  g_autoptr (PostsealCredential) secret = postseal_credential_new ("sesame", -1);
  _postseal_credential_truncate (secret, 2);
  EXPECT_EQ (std::string (_postseal_credential_peek (secret), 6), "se\0\0\0\0"s);
}

TEST (Credential, KeepsTheFirstLine)
{
  const struct
  {
    std::string text;
    std::string line;
  } cases[] = {
    { "sesame\n", "sesame" }, { "sesame", "sesame" }, { "sesame\r\nmore\n", "sesame" },
    { "a\nb", "a" },          { "\nb", "" },          { "", "" },
    { " a b \n", " a b " },   { "\r\n", "" },
  };
  for (const auto &one : cases)
    {
      g_autoptr (PostsealCredential) secret = fill (one.text, 32);
      EXPECT_TRUE (_postseal_credential_keep_first_line (secret, one.text.size ()));
      EXPECT_EQ (postseal_credential_get (secret), one.line);
      EXPECT_EQ (postseal_credential_get_length (secret), one.line.size ());
    }
}

TEST (Credential, RefusesALineWithoutEndOrWithANul)
{
  g_autoptr (PostsealCredential) full = fill ("abcd", 4);
  EXPECT_FALSE (_postseal_credential_keep_first_line (full, 4));
  g_autoptr (PostsealCredential) nul = fill ("a\0b\n"s, 32);
  EXPECT_FALSE (_postseal_credential_keep_first_line (nul, 4));
}

TEST (Wipe, LeavesNothing)
{
  char text[] = "sesame";
  postseal_wipe (text, sizeof text);
  EXPECT_EQ (std::string (text, sizeof text), std::string (sizeof text, '\0'));
  postseal_wipe (nullptr, 0);
}

}
