/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server has to choose from, where all is well and where it is not. */
#include "setup/folder-search.h"

#include <filesystem>

#include "scenario/live-test-fixture.h"
#include "scenario/toy-imap.h"

namespace postseal_test
{

class FolderSearch : public LiveTest
{
protected:
  ~FolderSearch () override
  {
    g_clear_object (&choice);
    postseal_trouble_free (found);
  }

  void
  begin ()
  {
    postseal_folder_search_async (account, nullptr, cancellable, AsyncLoop::on_ready, &loop);
  }

  void
  end ()
  {
    choice = postseal_folder_search_finish (loop.wait (), &found, &error);
  }

  void
  search (unsigned short port)
  {
    receive (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT, port);
    begin ();
    end ();
  }

  /* "INBOX 0, " with what each is for */
  std::string
  show ()
  {
    std::string text;

    for (guint i = 0; i < g_list_model_get_n_items (postseal_folder_choice_get_folders (choice));
         i++)
      {
        g_autoptr (PostsealFolder) folder = POSTSEAL_FOLDER (
            g_list_model_get_item (postseal_folder_choice_get_folders (choice), i));

        text += std::string (postseal_folder_get_name (folder)) + " "
                + std::to_string (postseal_folder_get_use (folder)) + ", ";
      }
    return text;
  }

  PostsealFolderChoice *choice = nullptr;
  PostsealTrouble *found = nullptr;
};

TEST_F (FolderSearch, AsksOnceAndTouchesNothing)
{
  ToyImap imap;

  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb == "LIST")
      call.peer.send ("* LIST () \"/\" Work\r\n* LIST () \"/\" INBOX\r\n" + call.tag
                      + " OK done\r\n");
    return call.verb == "LIST";
  };
  search (imap.port ());
  ASSERT_NE (choice, nullptr) << error->message;
  EXPECT_EQ (show (), "* 0, INBOX 0, Work 0, ");
  see_off ([&] { imap.settle (); });
  EXPECT_EQ (imap.count ("LIST"), 1u);
  EXPECT_EQ (imap.count ("EXAMINE") + imap.count ("SELECT"), 0u);
  EXPECT_EQ (imap.count ("AUTHENTICATE"), 1u);
  EXPECT_FALSE (std::filesystem::exists (sandbox.home () + "/state")) << "nothing learned";
}

TEST_F (FolderSearch, AsksWhatFoldersAreFor)
{
  ToyImap imap;

  imap.capabilities += " LIST-EXTENDED SPECIAL-USE";
  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb != "LIST" || call.words.find ("RETURN (SPECIAL-USE)") == std::string::npos)
      return false;
    call.peer.send ("* LIST (\\Noselect) \"/\" Top\r\n* LIST (\\Junk) \"/\" Spam\r\n"
                    "* LIST () \"/\" INBOX\r\n"
                    + call.tag + " OK done\r\n");
    return true;
  };
  search (imap.port ());
  ASSERT_NE (choice, nullptr) << error->message;
  EXPECT_EQ (show (), "* 0, INBOX 0, Spam 5, ");
}

TEST_F (FolderSearch, TellsThatTheServerWillNot)
{
  ToyImap imap;

  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb == "LIST")
      call.peer.send (call.tag + " NO [NOPERM] not for you\r\n");
    return call.verb == "LIST";
  };
  search (imap.port ());
  EXPECT_EQ (choice, nullptr);
  ASSERT_NE (error, nullptr);
  EXPECT_NE (std::string (error->message).find ("not for you"), std::string::npos);
  ASSERT_NE (found, nullptr);
  EXPECT_FALSE (found->is_sending);
}

TEST_F (FolderSearch, TellsThatThePasswordIsRefused)
{
  ToyImap imap;

  imap.hook = [] (const ToyImap::Call &call) {
    if (call.verb == "AUTHENTICATE")
      call.peer.send (call.tag + " NO [AUTHENTICATIONFAILED] no\r\n");
    return call.verb == "AUTHENTICATE";
  };
  search (imap.port ());
  EXPECT_EQ (choice, nullptr);
  ASSERT_NE (found, nullptr);
  EXPECT_EQ (found->kind, POSTSEAL_TROUBLE_PASSWORD);
  see_off ([&] { imap.settle (); });
  EXPECT_EQ (imap.count ("AUTHENTICATE"), 1u);
}

TEST_F (FolderSearch, TellsThatThereIsNoPassword)
{
  ToyImap imap;

  g_free (account->password);
  account->password = g_strdup (("file:" + sandbox.home () + "/none").c_str ());
  search (imap.port ());
  EXPECT_EQ (choice, nullptr);
  ASSERT_NE (found, nullptr);
  see_off ([&] { imap.settle (); });
  EXPECT_EQ (imap.count ("AUTHENTICATE"), 0u);
}

/* At any moment: here while the server thinks about the list. */
TEST_F (FolderSearch, IsCancelledWithoutATrouble)
{
  ToyImap imap;

  imap.hook = [this] (const ToyImap::Call &call) {
    if (call.verb == "LIST")
      g_cancellable_cancel (cancellable);
    return call.verb == "LIST";
  };
  search (imap.port ());
  EXPECT_EQ (choice, nullptr);
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  EXPECT_EQ (found, nullptr);
}

} // namespace postseal_test
