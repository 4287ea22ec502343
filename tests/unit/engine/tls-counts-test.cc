/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gtest/gtest.h>

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/lock-file.h"
#include "engine/tls-counts.h"
#include "net/net-error.h"

namespace
{

constexpr gint64 kDay = 86400;
constexpr gint64 kNoon = 20000 * kDay + kDay / 2; /* 2024-10-04 12:00 UTC */
const char *const kServer = "imap.example.org:993";

class TlsCounts : public testing::Test
{
protected:
  void
  SetUp () override
  {
    g_autofree char *made = g_dir_make_tmp ("tls-counts-XXXXXX", nullptr);
    directory = made;
    path = directory + "/tls-counts";
    policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  }

  void
  TearDown () override
  {
    postseal_tls_counts_free (counts);
    postseal_tls_policy_unref (policy);
    for (const char *name : { "", ".lock", ".new" })
      g_remove ((path + name).c_str ());
    g_rmdir (directory.c_str ());
  }

  void
  add_sealed (gint64 now = kNoon,
              const char *server = kServer,
              PostsealVoucher voucher = POSTSEAL_VOUCHER_CA,
              const char *tls = "TLS 1.3")
  {
    g_autoptr (PostsealSeal) seal = postseal_seal_new ();

    seal->voucher = voucher;
    if (voucher == POSTSEAL_VOUCHER_DANE || voucher == POSTSEAL_VOUCHER_DANE_PIN)
      seal->dane = g_strdup ("3 1 1");
    seal->tls_version = g_strdup (tls);
    postseal_tls_counts_add (counts, server, FALSE, policy, seal, nullptr, now);
  }

  void
  add_refused (int code, gint64 now = kNoon, GQuark domain = POSTSEAL_TLS_ERROR)
  {
    g_autoptr (GError) error = g_error_new_literal (domain, code, "x");

    postseal_tls_counts_add (counts, kServer, FALSE, policy, nullptr, error, now);
  }

  bool
  keep ()
  {
    g_autoptr (GError) error = nullptr;
    const bool is_kept = postseal_tls_counts_keep (counts, path.c_str (), &error);

    EXPECT_EQ (is_kept, error == nullptr);
    return is_kept;
  }

  /* "DAY DIRECTION SERVER POLICY REASON CONNECTIONS" of each line. */
  static std::vector<std::string>
  describe (const PostsealTlsCounts *of)
  {
    g_autoptr (GPtrArray) list = postseal_tls_counts_list (of);
    std::vector<std::string> lines;

    for (guint i = 0; i < list->len; i++)
      {
        auto count = static_cast<const PostsealTlsCount *> (g_ptr_array_index (list, i));

        lines.push_back (std::string (count->day) + (count->is_sending ? " send " : " receive ")
                         + count->server + " " + postseal_tls_count_policy_name (count->policy)
                         + " " + (count->reason != nullptr ? count->reason : "sealed") + " "
                         + std::to_string (count->connections));
      }
    return lines;
  }

  std::vector<std::string>
  loaded ()
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (PostsealTlsCounts) there = postseal_tls_counts_load (path.c_str (), &error);

    EXPECT_EQ (error, nullptr) << error->message;
    return there != nullptr ? describe (there) : std::vector<std::string> ();
  }

  using Lines = std::vector<std::string>;
  std::string directory, path;
  PostsealTlsPolicy *policy = nullptr;
  PostsealTlsCounts *counts = postseal_tls_counts_new ();
};

TEST_F (TlsCounts, WhatIsTheSameIsCountedTogether)
{
  add_sealed ();
  add_sealed (kNoon + 5);
  add_refused (POSTSEAL_TLS_ERROR_EXPIRED);
  add_sealed (kNoon + kDay);
  EXPECT_EQ (describe (counts), Lines ({ "2024-10-04 receive imap.example.org:993 ca expired 1",
                                         "2024-10-04 receive imap.example.org:993 ca sealed 2",
                                         "2024-10-05 receive imap.example.org:993 ca sealed 1" }));
  g_autoptr (GPtrArray) list = postseal_tls_counts_list (counts);
  EXPECT_EQ (static_cast<PostsealTlsCount *> (list->pdata[1])->last, kNoon + 5);
}

TEST_F (TlsCounts, WhatTheNetworkOrOurOwnSettingsPreventIsNotCounted)
{
  add_refused (POSTSEAL_NET_ERROR_CONNECT, kNoon, POSTSEAL_NET_ERROR);
  add_refused (POSTSEAL_TLS_ERROR_SETTINGS);
  add_refused (G_IO_ERROR_CANCELLED, kNoon, G_IO_ERROR);
  policy->level = POSTSEAL_TLS_LOOPBACK;
  add_sealed (kNoon, "localhost:143", POSTSEAL_VOUCHER_LOOPBACK, nullptr);
  EXPECT_TRUE (postseal_tls_counts_is_empty (counts));
  EXPECT_TRUE (keep ());
  EXPECT_FALSE (g_file_test (path.c_str (), G_FILE_TEST_EXISTS));
}

TEST_F (TlsCounts, ThePolicyIsWhatDecided)
{
  add_sealed (kNoon, "a:1", POSTSEAL_VOUCHER_DANE);
  add_refused (POSTSEAL_TLS_ERROR_DANE_MISMATCH);
  policy->pins = g_strsplit ("sha256:A", ";", -1);
  add_sealed (kNoon, "b:1", POSTSEAL_VOUCHER_CA_PIN);
  add_sealed (kNoon, "c:1", POSTSEAL_VOUCHER_DANE_PIN);
  g_clear_pointer (&policy->pins, g_strfreev);
  policy->level = POSTSEAL_TLS_OPPORTUNISTIC;
  add_sealed (kNoon, "d:1", POSTSEAL_VOUCHER_CA);
  add_sealed (kNoon, "e:1", POSTSEAL_VOUCHER_NONE, nullptr);
  policy->level = POSTSEAL_TLS_ENFORCED;
  policy->dane = POSTSEAL_DANE_REQUIRE;
  add_refused (POSTSEAL_TLS_ERROR_DANE_MISSING);
  EXPECT_EQ (describe (counts),
             Lines ({ "2024-10-04 receive a:1 dane sealed 1", "2024-10-04 receive b:1 pin sealed 1",
                      "2024-10-04 receive c:1 dane sealed 1",
                      "2024-10-04 receive d:1 opportunistic sealed 1",
                      "2024-10-04 receive e:1 opportunistic in-clear 1",
                      "2024-10-04 receive imap.example.org:993 dane tlsa-mismatch 1",
                      "2024-10-04 receive imap.example.org:993 dane tlsa-missing 1" }));
}

TEST_F (TlsCounts, AreAddedToWhatIsThere)
{
  add_sealed (kNoon, "[::1]:993");
  ASSERT_TRUE (keep ());
  EXPECT_TRUE (postseal_tls_counts_is_empty (counts));
  add_sealed (kNoon, "[::1]:993");
  add_refused (POSTSEAL_TLS_ERROR_IDENTITY);
  ASSERT_TRUE (keep ());
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive [::1]:993 ca sealed 2",
                                 "2024-10-04 receive imap.example.org:993 ca identity 1" }));
}

TEST_F (TlsCounts, WhatTwoWriteAtOnceIsThereInTheEnd)
{
  constexpr int kTimes = 25;
  std::vector<std::thread> writers;

  for (int i = 0; i < 2; i++)
    writers.emplace_back ([this] {
      for (int k = 0; k < kTimes; k++)
        {
          g_autoptr (PostsealTlsCounts) own = postseal_tls_counts_new ();
          g_autoptr (PostsealSeal) seal = postseal_seal_new ();

          seal->tls_version = g_strdup ("TLS 1.3");
          postseal_tls_counts_add (own, kServer, FALSE, policy, seal, nullptr, kNoon);
          while (!postseal_tls_counts_keep (own, path.c_str (), nullptr))
            continue;
        }
    });
  for (std::thread &writer : writers)
    writer.join ();
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive imap.example.org:993 ca sealed 50" }));
}

TEST_F (TlsCounts, WaitForNobodyForLong)
{
  g_autoptr (PostsealLockFile) held
      = postseal_lock_file_acquire ((path + ".lock").c_str (), "test", nullptr);
  g_autoptr (GError) error = nullptr;

  add_sealed ();
  EXPECT_FALSE (postseal_tls_counts_keep (counts, path.c_str (), &error));
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_LOCK_ERROR, POSTSEAL_LOCK_ERROR_BUSY));
  EXPECT_FALSE (postseal_tls_counts_is_empty (counts)) << "they can be kept later";
}

TEST_F (TlsCounts, OnlyTheLastSixtyDaysAreKept)
{
  for (int day = 0; day < 70; day++)
    add_sealed (kNoon + day * kDay);
  EXPECT_EQ (describe (counts).size (), 60u);
  EXPECT_EQ (describe (counts)[0], "2024-10-14 receive imap.example.org:993 ca sealed 1");
  ASSERT_TRUE (keep ());
  add_sealed (kNoon + 70 * kDay);
  ASSERT_TRUE (keep ());
  EXPECT_EQ (loaded ().size (), 60u);
  EXPECT_EQ (loaded ()[0], "2024-10-15 receive imap.example.org:993 ca sealed 1");
}

TEST_F (TlsCounts, NeverTakeMoreThanSomeHundredLines)
{
  for (int i = 0; i < 1000; i++)
    add_sealed (kNoon + i / 100 * kDay, ("host" + std::to_string (i) + ":1").c_str ());
  EXPECT_EQ (describe (counts).size (), 600u);
  ASSERT_TRUE (keep ());
  EXPECT_EQ (loaded ().size (), 600u);
}

/* What a server is called comes from the settings; a line stays a line. */
TEST_F (TlsCounts, ANameCannotBreakTheFile)
{
  add_sealed (kNoon, "a b\nend\n%41ü:1");
  ASSERT_TRUE (keep ());
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive a b\nend\n%41ü:1 ca sealed 1" }));
}

TEST_F (TlsCounts, ADamagedFileIsToldOfAndBegunAnew)
{
  const std::string whole = "postseal-tls-counts 1\n2024-10-04 receive a:1 ca sealed 1 5\nend\n";

  g_file_set_contents (path.c_str (), whole.c_str (), -1, nullptr);
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive a:1 ca sealed 1" }));
  for (const std::string &damaged :
       { whole.substr (0, whole.size () - 4), whole.substr (0, 40), "rubbish" + whole,
         std::string (whole).replace (22, 4, "20x4"),
         std::string (whole).replace (33, 7, "ascends"), std::string (whole).replace (45, 2, "xy"),
         std::string (whole).replace (48, 6, "healed"), std::string (whole).replace (55, 1, "0"),
         std::string (whole).replace (55, 1, "-1"), std::string (whole).replace (57, 1, "5 6") })
    {
      g_autoptr (GError) error = nullptr;

      g_file_set_contents (path.c_str (), damaged.c_str (), -1, nullptr);
      EXPECT_EQ (postseal_tls_counts_load (path.c_str (), &error), nullptr) << damaged;
      EXPECT_TRUE (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_INVAL)) << damaged;
    }
  add_sealed ();
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*damaged*");
  EXPECT_TRUE (keep ());
  g_test_assert_expected_messages ();
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive imap.example.org:993 ca sealed 1" }));
}

/* A file that was not written out before a power cut has no content. */
TEST_F (TlsCounts, AnEmptyFileHasNoCounts)
{
  g_file_set_contents (path.c_str (), "", 0, nullptr);
  EXPECT_TRUE (loaded ().empty ());
  add_sealed ();
  EXPECT_TRUE (keep ());
  EXPECT_EQ (loaded ().size (), 1u);
}

TEST_F (TlsCounts, WithoutAPlaceToWriteTheyStayWhereTheyAre)
{
  path = directory + "/missing/tls-counts";
  add_sealed ();
  EXPECT_FALSE (keep ());
  EXPECT_FALSE (postseal_tls_counts_is_empty (counts));
}

TEST_F (TlsCounts, ANumberStaysAtTheLargestThereIs)
{
  g_file_set_contents (path.c_str (),
                       "postseal-tls-counts 1\n2024-10-04 receive imap.example.org:993 ca sealed "
                       "18446744073709551615 5\nend\n",
                       -1, nullptr);
  add_sealed ();
  ASSERT_TRUE (keep ());
  EXPECT_EQ (loaded (), Lines ({ "2024-10-04 receive imap.example.org:993 ca sealed "
                                 "18446744073709551615" }));
}

} // namespace
