/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/folder-choice.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "setup/account-form.h"

namespace
{

/* A server with these mailboxes; what an entry finds is told one by one. */
class FolderChoice : public ::testing::Test
{
protected:
  ~FolderChoice () override
  {
    g_clear_object (&choice);
    g_ptr_array_unref (mailboxes);
  }

  static PostsealImapMailbox *
  make (const std::string &name, PostsealImapUse use = POSTSEAL_IMAP_USE_NONE)
  {
    PostsealImapMailbox *mailbox = g_new0 (PostsealImapMailbox, 1);

    mailbox->name = g_strdup (name.c_str ());
    mailbox->title = g_strdup (name.c_str ());
    mailbox->delimiter = '/';
    mailbox->is_selectable = TRUE;
    mailbox->is_nameable = name.find_first_of ("*%") == std::string::npos;
    mailbox->use = use;
    return mailbox;
  }

  static GPtrArray *
  make_list (const std::vector<std::string> &names)
  {
    GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);

    for (const std::string &name : names)
      g_ptr_array_add (list, make (name));
    return list;
  }

  void
  has (const std::string &name, PostsealImapUse use = POSTSEAL_IMAP_USE_NONE)
  {
    g_ptr_array_add (mailboxes, make (name, use));
  }

  /* @found: what an entry finds; by default the mailbox of that name, or one that is not there. */
  void
  choose (const std::vector<std::string> &entries,
          const std::map<std::string, std::vector<std::string>> &found = {})
  {
    g_autoptr (GPtrArray) matches
        = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
    std::vector<const char *> list;

    for (const std::string &entry : entries)
      {
        GPtrArray *one;

        list.push_back (entry.c_str ());
        if (found.count (entry) > 0)
          one = make_list (found.at (entry));
        else
          {
            one = make_list ({ entry });
            static_cast<PostsealImapMailbox *> (one->pdata[0])->is_selectable = has_mailbox (entry);
          }
        g_ptr_array_add (matches, one);
      }
    list.push_back (nullptr);
    choice = postseal_folder_choice_new (list.data (), mailboxes, matches);
  }

  bool
  has_mailbox (const std::string &name)
  {
    for (guint i = 0; i < mailboxes->len; i++)
      if (name == static_cast<PostsealImapMailbox *> (mailboxes->pdata[i])->title)
        return true;
    return false;
  }

  PostsealFolder *
  folder (const std::string &name)
  {
    GListModel *folders = postseal_folder_choice_get_folders (choice);

    for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
      {
        g_autoptr (PostsealFolder) one = POSTSEAL_FOLDER (g_list_model_get_item (folders, i));

        if (name == postseal_folder_get_name (one))
          return one; /* the list holds it */
      }
    return nullptr;
  }

  /* "[x] INBOX", "[-] Lists/a" where a pattern fetches it, "[ ] Junk" */
  std::string
  show ()
  {
    GListModel *folders = postseal_folder_choice_get_folders (choice);
    std::string text;

    for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
      {
        g_autoptr (PostsealFolder) one = POSTSEAL_FOLDER (g_list_model_get_item (folders, i));

        text += postseal_folder_get_cover (one) != nullptr ? "[-] "
                : postseal_folder_is_chosen (one)          ? "[x] "
                                                           : "[ ] ";
        text += std::string (postseal_folder_get_name (one)) + "\n";
      }
    return text;
  }

  std::string
  value ()
  {
    g_autofree char *text = postseal_folder_choice_get_value (choice);

    return text != nullptr ? text : "(nothing)";
  }

  GPtrArray *mailboxes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_imap_mailbox_free);
  PostsealFolderChoice *choice = nullptr;
};

} // namespace

TEST_F (FolderChoice, ShowsTheServerAsATreeWithTheInboxFirst)
{
  for (const char *name : { "Work/b", "Ärger", "Work-2", "Work", "Work/a", "INBOX", "archive" })
    has (name);
  choose ({ "INBOX" });
  EXPECT_EQ (show (), "[ ] *\n[x] INBOX\n[ ] Work\n[ ] Work/a\n[ ] Work/b\n[ ] Work-2\n"
                      "[ ] archive\n[ ] Ärger\n");
}

TEST_F (FolderChoice, WritesWhatIsPicked)
{
  for (const char *name : { "INBOX", "Work", "Lists/gtk" })
    has (name);
  choose ({ "Work", "INBOX" });
  EXPECT_EQ (value (), "Work;INBOX");
  postseal_folder_set_picked (folder ("Lists/gtk"), TRUE);
  EXPECT_EQ (value (), "Work;INBOX;Lists/gtk");
  postseal_folder_set_picked (folder ("Work"), FALSE);
  EXPECT_EQ (value (), "INBOX;Lists/gtk");
  postseal_folder_set_picked (folder ("INBOX"), FALSE);
  postseal_folder_set_picked (folder ("Lists/gtk"), FALSE);
  EXPECT_EQ (value (), "(nothing)");
}

TEST_F (FolderChoice, KeepsPatternsAndWhatTheyWillFetch)
{
  for (const char *name : { "INBOX", "Lists/a", "Lists/b", "Work" })
    has (name);
  choose ({ "INBOX", "Lists/*" }, { { "Lists/*", { "Lists/a", "Lists/b" } } });
  EXPECT_EQ (show (), "[ ] *\n[x] Lists/*\n[x] INBOX\n[-] Lists/a\n[-] Lists/b\n[ ] Work\n");
  EXPECT_STREQ (postseal_folder_get_name (postseal_folder_get_cover (folder ("Lists/a"))),
                "Lists/*");
  postseal_folder_set_picked (folder ("Work"), TRUE);
  EXPECT_EQ (value (), "INBOX;Lists/*;Work");
  /* Without the pattern the same is fetched, but nothing that is made later. */
  postseal_folder_set_picked (folder ("Lists/*"), FALSE);
  EXPECT_EQ (value (), "INBOX;Lists/a;Lists/b;Work");
  EXPECT_EQ (show (), "[ ] *\n[ ] Lists/*\n[x] INBOX\n[x] Lists/a\n[x] Lists/b\n[x] Work\n");
}

TEST_F (FolderChoice, EverythingMakesAllElseNeedless)
{
  for (const char *name : { "INBOX", "Lists/a", "Work" })
    has (name);
  choose ({ "INBOX", "Lists/*" }, { { "Lists/*", { "Lists/a" } } });
  postseal_folder_set_picked (folder ("*"), TRUE);
  EXPECT_EQ (value (), "*");
  EXPECT_EQ (show (), "[x] *\n[-] Lists/*\n[-] INBOX\n[-] Lists/a\n[-] Work\n");
  postseal_folder_set_picked (folder ("*"), FALSE);
  EXPECT_EQ (value (), "INBOX;Lists/*");
}

TEST_F (FolderChoice, AllButJunkIsOneClickAway)
{
  has ("INBOX");
  has ("Bin", POSTSEAL_IMAP_USE_TRASH);
  has ("Spam", POSTSEAL_IMAP_USE_JUNK);
  has ("All Mail", POSTSEAL_IMAP_USE_ALL);
  has ("Starred", POSTSEAL_IMAP_USE_FLAGGED);
  has ("Sent", POSTSEAL_IMAP_USE_SENT);
  has ("Work");
  choose ({ "*" }, { { "*", { "INBOX", "Bin", "Spam", "All Mail", "Starred", "Sent", "Work" } } });
  EXPECT_EQ (value (), "*");
  postseal_folder_set_picked (folder ("*"), FALSE);
  EXPECT_EQ (value (), "INBOX;Sent;Work");
}

/* What the server finds below its prefix is the same mailbox. */
TEST_F (FolderChoice, KeepsTheSpellingOfTheSettings)
{
  has ("INBOX");
  has ("INBOX.Work");
  choose ({ "inbox", "Work" }, { { "inbox", { "INBOX" } }, { "Work", { "INBOX.Work" } } });
  EXPECT_EQ (show (), "[ ] *\n[x] INBOX\n[x] INBOX.Work\n");
  EXPECT_EQ (value (), "inbox;Work");
  postseal_folder_set_picked (folder ("INBOX"), FALSE);
  EXPECT_EQ (value (), "Work");
}

TEST_F (FolderChoice, ForgetsNoNameThatTheServerHasNot)
{
  has ("INBOX");
  choose ({ "Gone", "INBOX" });
  EXPECT_EQ (postseal_folder_get_kind (folder ("Gone")), POSTSEAL_FOLDER_MISSING);
  EXPECT_EQ (show (), "[ ] *\n[x] Gone\n[x] INBOX\n");
  postseal_folder_set_picked (folder ("INBOX"), FALSE);
  EXPECT_EQ (value (), "Gone");
}

/* Mailboxes of others are often found by their own names only. */
TEST_F (FolderChoice, EverythingIsOnlyWhatItFinds)
{
  has ("INBOX");
  choose ({ "INBOX", "#shared/news", "#shared/%" },
          { { "#shared/news", { "#shared/news" } }, { "#shared/%", { "#shared/a" } } });
  EXPECT_EQ (show (), "[ ] *\n[x] #shared/%\n[x] INBOX\n[-] #shared/a\n[x] #shared/news\n");
  postseal_folder_set_picked (folder ("*"), TRUE);
  EXPECT_EQ (value (), "#shared/news;#shared/%;*");
}

TEST_F (FolderChoice, OffersNothingThatCannotBeOpened)
{
  has ("INBOX");
  has ("Top");
  static_cast<PostsealImapMailbox *> (mailboxes->pdata[1])->is_selectable = FALSE;
  choose ({ "INBOX" });
  EXPECT_EQ (folder ("Top"), nullptr);
}

/* No name that would be read as something else gets into the settings. */
TEST_F (FolderChoice, NamesThatTheSettingsCannotHoldAreFetchedByPatternsOnly)
{
  const std::vector<std::string> names = { "a*b", "a%b", " a", "a ", "a\tb", "INBOX" };

  for (const std::string &name : names)
    has (name);
  choose ({ "INBOX" });
  for (const std::string &name : names)
    if (name != "INBOX")
      {
        EXPECT_FALSE (postseal_folder_is_nameable (folder (name))) << name;
        postseal_folder_set_picked (folder (name), TRUE);
        EXPECT_FALSE (postseal_folder_is_chosen (folder (name))) << name;
      }
  EXPECT_EQ (value (), "INBOX");
  postseal_folder_set_picked (folder ("*"), TRUE);
  EXPECT_TRUE (postseal_folder_is_chosen (folder ("a*b")));
}

/* Written, and read as the file's reader reads it. */
TEST_F (FolderChoice, EscapesWhatHasAMeaningInTheSettings)
{
  const std::vector<std::string> names
      = { "a;b", "a\\b", "\\", ";", "a b", "#x", "[x]", "a=b", "Entwürfe/日本語" };
  g_autoptr (PostsealAccountForm) form = postseal_account_form_new ();
  g_autoptr (GError) error = nullptr;

  for (const std::string &name : names)
    has (name);
  choose ({ "a;b" });
  for (const std::string &name : names)
    postseal_folder_set_picked (folder (name), TRUE);
  postseal_account_form_set_name (form, "work");
  postseal_account_form_set (form, "address", "jane@example.org");
  postseal_account_form_set (form, "receive", "imaps://imap.example.org");
  postseal_account_form_set (form, "deliver", "maildir:~/Mail");
  postseal_account_form_set (form, "folders", value ().c_str ());
  g_autoptr (PostsealAccount) account = postseal_account_form_make_account (form, &error);
  ASSERT_NE (account, nullptr) << error->message;
  ASSERT_EQ (g_strv_length (account->folders), names.size ()) << value ();
  for (const std::string &name : names)
    EXPECT_TRUE (g_strv_contains (account->folders, name.c_str ())) << name << " " << value ();
}

TEST_F (FolderChoice, TellsWhenARowLooksOtherwise)
{
  std::vector<std::string> told;

  for (const char *name : { "INBOX", "Lists/a" })
    has (name);
  choose ({ "INBOX", "Lists/*" }, { { "Lists/*", { "Lists/a" } } });
  GListModel *folders = postseal_folder_choice_get_folders (choice);
  for (guint i = 0; i < g_list_model_get_n_items (folders); i++)
    {
      g_autoptr (PostsealFolder) one = POSTSEAL_FOLDER (g_list_model_get_item (folders, i));

      g_signal_connect (one, "notify::chosen",
                        G_CALLBACK (+[] (PostsealFolder *changed, GParamSpec *, gpointer data) {
                          static_cast<std::vector<std::string> *> (data)->push_back (
                              postseal_folder_get_name (changed));
                        }),
                        &told);
    }
  postseal_folder_set_picked (folder ("Lists/*"), TRUE);
  EXPECT_TRUE (told.empty ());
  postseal_folder_set_picked (folder ("Lists/*"), FALSE);
  EXPECT_EQ (told, (std::vector<std::string>{ "Lists/*", "Lists/a" }));
}
