/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What only IMAP has: folders, UIDVALIDITY, others at work in the mailbox, compression. */

#include "fetch-fixture.h"

#include <algorithm>
#include <filesystem>

using namespace postseal_test;

namespace
{

class ImapFetchTest : public FetchTest
{
protected:
  /* Everything below the Maildir, by relative path of the Maildir it is in. */
  std::map<std::string, Contents>
  all_maildirs () const
  {
    std::map<std::string, Contents> found;
    namespace fs = std::filesystem;
    std::error_code missing;
    for (const auto &entry : fs::recursive_directory_iterator (postseal_.maildir (), missing))
      if (entry.is_directory () && entry.path ().filename () == "new")
        {
          fs::path maildir = entry.path ().parent_path ();
          found[fs::relative (maildir, postseal_.maildir ())] = read_maildir (maildir);
        }
    return found;
  }

  static std::vector<CorpusMessage>
  part (size_t from, size_t to)
  {
    return { some_mail ().begin () + long (from), some_mail ().begin () + long (to) };
  }

  void
  fill_folders ()
  {
    auto admin = server ().admin (user_);
    admin->append ("INBOX", texts_of (part (0, 10)));
    admin->create ("Lists/orchard");
    admin->append ("Lists/orchard", texts_of (part (10, 15)));
    admin->create ("Lists/old/choir");
    admin->append ("Lists/old/choir", texts_of (part (15, 18)));
    admin->create ("Entw&APw-rfe"); /* Entwürfe */
    admin->append ("Entw&APw-rfe", texts_of (part (18, 22)));
    admin->create ("Spam");
    admin->append ("Spam", texts_of (part (22, 30)));
  }
};

TEST_F (ImapFetchTest, FetchesTheFoldersAskedForIntoMaildirsBelow)
{
  fill_folders ();
  configure ("imap", "folders=INBOX;Lists/*;Entwürfe\n");
  fetch_well ();
  auto found = all_maildirs ();
  EXPECT_EQ (compare_contents (file_forms (part (0, 10)), found["."]), "");
  EXPECT_EQ (compare_contents (file_forms (part (10, 15)), found[".Lists.orchard"]), "");
  EXPECT_EQ (compare_contents (file_forms (part (15, 18)), found[".Lists.old.choir"]), "");
  Contents all;
  for (const auto &[path, contents] : found)
    all.insert (contents.begin (), contents.end ());
  EXPECT_EQ (compare_contents (file_forms (part (0, 22)), all), "");
}

TEST_F (ImapFetchTest, TakesOneLevelForAPercentSign)
{
  fill_folders ();
  configure ("imap", "folders=Lists/%\n");
  fetch_well ();
  auto found = all_maildirs ();
  EXPECT_EQ (compare_contents (file_forms (part (10, 15)), found[".Lists.orchard"]), "");
  EXPECT_EQ (found.count (".Lists.old.choir"), 0u);
}

TEST_F (ImapFetchTest, LaysFoldersOutAsFolders)
{
  fill_folders ();
  configure ("imap", "folders=INBOX;Lists/*\nlayout=fs\n");
  fetch_well ();
  auto found = all_maildirs ();
  EXPECT_EQ (compare_contents (file_forms (part (10, 15)), found["Lists/orchard"]), "");
  EXPECT_EQ (compare_contents (file_forms (part (15, 18)), found["Lists/old/choir"]), "");
}

TEST_F (ImapFetchTest, PutsAllIntoOneMaildir)
{
  fill_folders ();
  configure ("imap", "folders=*\nlayout=single\nkeep=no\n");
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  for (const std::string name :
       { "INBOX", "Lists/orchard", "Lists/old/choir", "Spam", "Entw&APw-rfe" })
    EXPECT_EQ (on_server (name), 0u) << name;
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_F (ImapFetchTest, SaysWhichFolderIsMissingAndFetchesTheOthers)
{
  fill (some_mail ());
  configure ("imap", "folders=INBOX;Nowhere\n");
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 69) << outcome.err;
  EXPECT_NE (outcome.err.find ("Nowhere"), std::string::npos) << outcome.err;
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_F (ImapFetchTest, FetchesAMailboxAnewWhenItsUidValidityHasChanged)
{
  auto later = make_corpus ("demo", 8, 5);
  {
    auto admin = server ().admin (user_);
    admin->create ("Box");
    admin->append ("Box", texts_of (some_mail ()));
  }
  configure ("imap", "folders=Box\nlayout=single\n");
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
  uint32_t before = server ().admin (user_)->uid_validity ("Box");
  {
    auto admin = server ().admin (user_);
    admin->command ("DELETE Box");
    admin->create ("Box");
    admin->append ("Box", texts_of (later));
  }
  ASSERT_NE (server ().admin (user_)->uid_validity ("Box"), before);
  Outcome outcome = fetch ();
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE ((outcome.out + outcome.err).find ("UIDVALIDITY"), std::string::npos)
      << outcome.out << outcome.err;
  Contents wanted = file_forms (some_mail ());
  for (const auto &message : later)
    wanted.insert (to_file_form (message.text));
  EXPECT_EQ (compare_contents (wanted, delivered ()), "");
}

/* With the old UIDs remembered, none of the new messages may be taken for delivered and deleted. */
TEST_F (ImapFetchTest, DeletesNothingByUidsOfAnotherUidValidity)
{
  auto later = make_corpus ("demo", 8, 5);
  {
    auto admin = server ().admin (user_);
    admin->create ("Box");
    admin->append ("Box", texts_of (some_mail ()));
  }
  configure ("imap", "folders=Box\nlayout=single\n");
  fetch_well ();
  {
    auto admin = server ().admin (user_);
    admin->command ("DELETE Box");
    admin->create ("Box");
    admin->append ("Box", texts_of (later));
  }
  std::filesystem::remove_all (postseal_.maildir () + "/new");
  configure ("imap", "folders=Box\nlayout=single\nkeep=no\n");
  fetch_well ();
  EXPECT_EQ (difference (later), "");
  EXPECT_EQ (on_server ("Box"), 0u);
}

TEST_F (ImapFetchTest, LeavesTheFlagsAlone)
{
  fill (some_mail ());
  configure ("imap");
  fetch_well ();
  auto status = server ().admin (user_)->command ("STATUS INBOX (UNSEEN)");
  EXPECT_NE (status.at (0).find ("UNSEEN " + std::to_string (some_mail ().size ())),
             std::string::npos);
}

TEST_F (ImapFetchTest, LeavesWhatOthersHaveMarkedForDeletion)
{
  fill (some_mail ());
  configure ("imap");
  fetch_well ();
  auto later = make_corpus ("demo", 4, 6);
  {
    auto admin = server ().admin (user_);
    admin->command ("SELECT INBOX");
    admin->command ("STORE 1:3 +FLAGS.SILENT (\\Deleted)");
    admin->command ("UNSELECT");
  }
  configure ("imap", "keep=1d\n");
  fill (later);
  fetch_well ();
  EXPECT_EQ (on_server (), some_mail ().size () + later.size ());
}

TEST_F (ImapFetchTest, BearsThatOthersRemoveMessagesInTheMiddle)
{
  auto many = make_corpus ("mixed", 400, 8);
  fill (many);
  NetworkProxy far (server ().port ("imap"), { "--rtt", "40" });
  configure ("imap", "", far.port ());
  auto run = postseal_.start ({ "fetch" });
  /* As soon as some have arrived. */
  while (list_folder (postseal_.maildir () + "/tmp").size () < 3 && delivered ().empty ()
         && !run->ended_within (0.001))
    ;
  server ().admin (user_)->remove ("INBOX", "2:400");
  Outcome outcome = run->wait ();
  EXPECT_TRUE (outcome.status == 0 || outcome.status == 69 || outcome.status == 75)
      << outcome.status << outcome.err;
  Contents wanted = file_forms (many), found = delivered ();
  EXPECT_TRUE (std::includes (wanted.begin (), wanted.end (), found.begin (), found.end ()))
      << compare_contents (wanted, found);
  configure ("imap");
  fetch_well ();
  EXPECT_EQ (delivered ().count (to_file_form (many[0].text)), 1u);
}

TEST_F (ImapFetchTest, GetsBackFromAMailboxThatVanishedInTheMiddle)
{
  auto many = make_corpus ("mixed", 200, 8);
  {
    auto admin = server ().admin (user_);
    admin->append ("INBOX", texts_of (some_mail ()));
    admin->create ("Box");
    admin->append ("Box", texts_of (many));
  }
  NetworkProxy far (server ().port ("imap"), { "--rtt", "40" });
  configure ("imap", "folders=Box;INBOX\nlayout=single\n", far.port ());
  auto run = postseal_.start ({ "fetch" });
  while (list_folder (postseal_.maildir () + "/tmp").size () < 3 && delivered ().empty ()
         && !run->ended_within (0.001))
    ;
  server ().admin (user_)->command ("DELETE Box");
  Outcome outcome = run->wait ();
  EXPECT_TRUE (outcome.status == 0 || outcome.status == 69 || outcome.status == 75)
      << outcome.status << outcome.err;
  configure ("imap", "folders=INBOX\nlayout=single\n");
  fetch_well ();
  Contents found = delivered ();
  for (const auto &message : some_mail ())
    EXPECT_GE (found.count (to_file_form (message.text)), 1u);
}

TEST_F (ImapFetchTest, CompressesWhereThatIsAskedFor)
{
  std::vector<CorpusMessage> airy;
  for (unsigned i = 0; i < 20; i++)
    airy.push_back ({ "airy", "Subject: " + std::to_string (i) + "\r\n\r\n" + [] {
                       std::string text;
                       for (unsigned line = 0; line < 2000; line++)
                         text += "the same line again and again\r\n";
                       return text;
                     }() });
  fill (airy);
  NetworkProxy counter (server ().port ("imap"));
  configure ("imap", "compress=yes\n", counter.port ());
  fetch_well ();
  EXPECT_EQ (difference (airy), "");
  EXPECT_LT (counter.stop (), 400000u) << "1.2 MB of repetitions came uncompressed";
}

TEST_F (ImapFetchTest, DeliversOddMessagesByteForByteThroughCompressionToo)
{
  auto odd = make_corpus ("odd", 0);
  fill (odd);
  Contents wanted;
  for (const auto &[uid, text] : server ().admin (user_)->messages ("INBOX"))
    wanted.insert (to_file_form (text));
  configure ("imap", "compress=yes\n");
  fetch_well ();
  EXPECT_EQ (compare_contents (wanted, delivered ()), "");
}

TEST_F (ImapFetchTest, DoesWithoutCompressionWhereItIsNotOffered)
{
  Dovecot plain;
  plain.admin ("plain")->append ("INBOX", texts_of (some_mail ()));
  postseal_.configure (
      plain.account ("main", "imap", "plain", postseal_.deliver (), "compress=yes\n"));
  fetch_well ();
  EXPECT_EQ (difference (some_mail ()), "");
}

TEST_F (ImapFetchTest, FetchesNamesThatTryToLeaveTheMaildir)
{
  auto admin = server ().admin (user_);
  for (const std::string name : { "a/..hidden", "tmp", "new", "cur/x" })
    {
      admin->create (name);
      admin->append (name, texts_of (part (0, 2)));
    }
  configure ("imap", "folders=*\n");
  fetch_well ();
  EXPECT_TRUE (list_folder (postseal_.path ("")).size ()
               <= 4u); /* Mail, config, state and perhaps cache */
  size_t all = 0;
  for (const auto &[path, contents] : all_maildirs ())
    all += contents.size ();
  EXPECT_EQ (all, 8u);
}

} // namespace
