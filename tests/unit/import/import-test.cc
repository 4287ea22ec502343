/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/import.h"

#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

#include "auth/vault.h"
#include "base/lock-file.h"
#include "base/paths.h"
#include "engine/account-store.h"
#include "mail/ledger.h"
#include "support/main-loop.h"

using namespace postseal_test;

namespace
{

/* A home with the files of other programs. */
class Import : public testing::Test
{
protected:
  Import ()
  {
    g_autofree char *made = g_dir_make_tmp ("postseal-import-XXXXXX", nullptr);
    home = made;
    config = home + "/accounts.conf";
    g_setenv ("XDG_STATE_HOME", (home + "/state").c_str (), TRUE);
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", ("unix:path=" + home + "/no-bus").c_str (), TRUE);
  }

  ~Import () override
  {
    if (import != nullptr)
      postseal_import_unref (import);
    g_autofree char *command = g_strdup_printf ("rm -r '%s'", home.c_str ());
    EXPECT_TRUE (g_spawn_command_line_sync (command, nullptr, nullptr, nullptr, nullptr));
  }

  std::string
  write (const std::string &name, const std::string &text, int mode = 0600)
  {
    std::string path = home + "/" + name;
    g_autofree char *dir = g_path_get_dirname (path.c_str ());

    g_mkdir_with_parents (dir, 0700);
    EXPECT_TRUE (g_file_set_contents (path.c_str (), text.data (), text.size (), nullptr));
    chmod (path.c_str (), mode);
    return path;
  }

  /* Returns: what went wrong, or "" */
  std::string
  read (PostsealImportProgram program, const std::string &path)
  {
    AsyncLoop loop;
    g_autoptr (GError) error = nullptr;

    g_clear_pointer (&import, postseal_import_unref);
    postseal_import_read_async (program, path.c_str (), config.c_str (), nullptr,
                                AsyncLoop::on_ready, &loop);
    import = postseal_import_read_finish (loop.wait (), &error);
    return error != nullptr ? error->message : "";
  }

  /* Writes @text, and reads it. */
  void
  take (PostsealImportProgram program, const std::string &text, const std::string &name = "rc")
  {
    ASSERT_EQ (read (program, write (name, text)), "");
  }

  const PostsealImportAccount *
  account (guint index = 0)
  {
    const GPtrArray *accounts = postseal_import_get_accounts (import);

    return static_cast<const PostsealImportAccount *> (g_ptr_array_index (accounts, index));
  }

  guint
  count ()
  {
    return postseal_import_get_accounts (import)->len;
  }

  std::string
  get (const char *key, guint index = 0)
  {
    const char *value = postseal_account_form_get (account (index)->form, key);

    return value != nullptr ? value : "";
  }

  std::string
  name (guint index = 0)
  {
    return postseal_account_form_get_name (account (index)->form);
  }

  /* Everything that is told of the accounts, for people and machines. */
  std::string
  all_words ()
  {
    std::string text;

    for (guint i = 0; i < count (); i++)
      {
        g_autofree char *section = postseal_account_form_to_text (account (i)->form);

        text += section + notes (i);
        text += account (i)->seen_text != nullptr ? account (i)->seen_text : "";
      }
    return text;
  }

  /* "w 3: sslproto '' -> receive=…" */
  std::string
  notes (guint index = 0)
  {
    const GPtrArray *list = account (index)->notes;
    std::string text;

    for (guint i = 0; i < list->len; i++)
      {
        auto note = static_cast<const PostsealImportNote *> (g_ptr_array_index (list, i));

        text += std::string (1, "cxiw"[note->verdict]) + " " + std::to_string (note->line) + ": "
                + note->setting + " -> " + note->becomes + "; " + note->text + "\n";
      }
    return text;
  }

  bool
  has_note (const std::string &beginning, guint index = 0)
  {
    std::string text = "\n" + notes (index);

    return text.find ("\n" + beginning) != std::string::npos;
  }

  std::string
  apply (guint index = 0, int flags = 0)
  {
    AsyncLoop loop;
    g_autoptr (GError) error = nullptr;

    postseal_import_apply_async (import, index, static_cast<PostsealImportFlags> (flags), nullptr,
                                 AsyncLoop::on_ready, &loop);
    postseal_import_apply_finish (import, loop.wait (), &error);
    return error != nullptr ? error->message : "";
  }

  std::string home;
  std::string config;
  PostsealImport *import = nullptr;
};

#define EXPECT_NOTE(...) EXPECT_TRUE (has_note (__VA_ARGS__)) << notes ()

/* --- programs --- */

TEST (ImportProgram, NamesAreParsed)
{
  for (int i = 0; i < POSTSEAL_N_IMPORT_PROGRAMS; i++)
    EXPECT_EQ (postseal_import_program_parse (
                   postseal_import_program_name (static_cast<PostsealImportProgram> (i))),
               i);
  EXPECT_EQ (postseal_import_program_parse ("mutt"), -1);
}

/* --- fetchmail --- */

TEST_F (Import, AFetchmailUserBecomesAnAccount)
{
  take (POSTSEAL_IMPORT_FETCHMAIL,
        "set daemon 600\npoll mail.example.org proto imap user jane@example.org pass x ssl keep "
        "timeout 90 folder INBOX \"Lists/a\"\n");
  ASSERT_EQ (count (), 1u);
  EXPECT_EQ (name (), "jane@example.org");
  EXPECT_EQ (get ("receive"), "imaps://mail.example.org");
  EXPECT_EQ (get ("interval"), "10m");
  EXPECT_EQ (get ("folders"), "INBOX;Lists/a");
  EXPECT_EQ (get ("timeout"), "90s");
  EXPECT_EQ (get ("keep"), "");
  EXPECT_EQ (get ("deliver"), "maildir:~/Mail/jane@example.org");
  EXPECT_TRUE (account ()->is_usable);
  EXPECT_TRUE (account ()->has_secret);
  EXPECT_FALSE (account ()->exists);
}

TEST_F (Import, SeveralUsersOfOnePollAreSeveralAccounts)
{
  take (POSTSEAL_IMPORT_FETCHMAIL, "defaults proto pop3 keep\n"
                                   "poll pop.example.org user a pass x ssl user b pass y ssl\n"
                                   "poll other.example.org user a@pop.example.org pass z ssl\n"
                                   "poll third.example.org user a@pop.example.org pass z ssl\n");
  ASSERT_EQ (count (), 4u);
  EXPECT_EQ (name (0), "a@example.org");
  EXPECT_EQ (name (1), "b@example.org");
  EXPECT_EQ (name (2), "a@pop.example.org");
  EXPECT_EQ (name (3), "a@pop.example.org-fetchmail");
  EXPECT_EQ (get ("receive", 1), "pop3s://b@pop.example.org");
}

TEST_F (Import, FetchmailDeletesUnlessItIsToldNotTo)
{
  take (POSTSEAL_IMPORT_FETCHMAIL, "poll a.example proto pop3 user j@a.example pass x ssl");
  EXPECT_EQ (get ("keep"), "no");
}

TEST_F (Import, TlsThatFetchmailCouldDoWithoutIsDemanded)
{
  take (POSTSEAL_IMPORT_FETCHMAIL,
        "defaults proto imap keep\n"
        "poll a.example user j@a.example pass x sslproto ''\n"
        "poll b.example user j@b.example pass x\n"
        "poll c.example user j@c.example pass x sslproto 'tls1.3+' no sslcertck\n"
        "poll localhost port 1143 user j@d.example pass x sslproto ''\n");
  EXPECT_EQ (get ("receive", 0), "imaps://a.example");
  EXPECT_TRUE (has_note ("w 2: sslproto '' -> receive=imaps://a.example", 0)) << notes (0);
  EXPECT_EQ (get ("receive", 1), "imap://b.example");
  EXPECT_TRUE (has_note ("w 0: without TLS -> receive=imap://b.example", 1)) << notes (1);
  EXPECT_EQ (get ("receive", 2), "imap://c.example");
  EXPECT_EQ (get ("tls-min", 2), "1.3");
  EXPECT_TRUE (has_note ("w 4: no sslcertck", 2)) << notes (2);
  EXPECT_EQ (get ("receive", 3), "imap://localhost:1143");
  EXPECT_EQ (get ("receive-tls", 3), "loopback");
  for (guint i = 0; i < count (); i++)
    EXPECT_TRUE (account (i)->is_usable) << i;
}

TEST_F (Import, ProtocolsOutOfUseAreRefused)
{
  take (POSTSEAL_IMPORT_FETCHMAIL, "poll a.example proto etrn user j@a.example pass x");
  EXPECT_FALSE (account ()->is_usable);
  EXPECT_NOTE ("i 1: protocol etrn");
}

TEST_F (Import, AnMdaLosesWhatOnlyTheShellUnderstands)
{
  take (POSTSEAL_IMPORT_FETCHMAIL,
        "defaults proto pop3 keep ssl\n"
        "poll a.example user j@a.example pass x is jane here mda '/usr/bin/procmail -d %T -f %F'\n"
        "poll b.example user j@b.example pass x mda 'cat >> ~/mail'\n"
        "poll c.example user j@c.example pass x lmtp smtphost /run/lmtp\n"
        "poll d.example user j@d.example pass x lmtp smtphost localhost/2400\n");
  EXPECT_EQ (get ("deliver", 0), "command:/usr/bin/procmail -d jane");
  EXPECT_EQ (get ("deliver", 1), "maildir:~/Mail/j@b.example");
  EXPECT_TRUE (has_note ("i 3: mda", 1)) << notes (1);
  EXPECT_EQ (get ("deliver", 2), "lmtp:/run/lmtp");
  EXPECT_EQ (get ("deliver", 3), "lmtp:localhost:2400");
}

TEST_F (Import, EveryKeywordOfFetchmailIsToldOf)
{
  const char *words[] = { "uidl",
                          "aka a.b",
                          "localdomains x",
                          "dns",
                          "checkalias",
                          "envelope X-To",
                          "qvirtual q",
                          "interface eth0",
                          "monitor eth0",
                          "plugin nc",
                          "plugout nc",
                          "interval 2",
                          "tracepolls",
                          "principal p",
                          "esmtpname n",
                          "esmtppassword w",
                          "bad-header accept" };
  const char *user_words[]
      = { "fetchdomains x", "smtpaddress x",  "smtpname x",        "antispam 571",
          "bsmtp f",        "preconnect c",   "postconnect c",     "flush",
          "limitflush",     "fetchall",       "rewrite",           "stripcr",
          "forcecr",        "pass8bits",      "dropstatus",        "dropdelivered",
          "mimedecode",     "idle",           "limit 5",           "warnings 5",
          "batchlimit 5",   "fetchlimit 5",   "fetchsizelimit 5",  "fastuidl 4",
          "expunge 5",      "properties p",   "sslfingerprint AA", "sslcommonname n",
          "sslcertpath /p", "sslcertfile /f", "sslcert /c",        "sslkey /k",
          "smtphost h" };
  std::string text = "poll a.example proto imap ";
  for (const char *word : words)
    text += std::string (word) + " ";
  text += "user j@a.example pass x ssl ";
  for (const char *word : user_words)
    text += std::string (word) + "\n";
  take (POSTSEAL_IMPORT_FETCHMAIL, text);
  for (const char *word : words)
    {
      std::string keyword (word, strcspn (word, " "));
      EXPECT_NE (notes ().find (": " + keyword), std::string::npos) << keyword;
      EXPECT_EQ (notes ().find (keyword + " -> ; This setting is not known"), std::string::npos);
    }
  for (const char *word : user_words)
    {
      std::string keyword (word, strcspn (word, " "));
      EXPECT_NE (notes ().find (": " + keyword), std::string::npos) << keyword;
    }
  EXPECT_EQ (notes ().find ("not known here"), std::string::npos) << notes ();
}

/* --- mpop and msmtp --- */

TEST_F (Import, AnMpopAccountKeepsItsName)
{
  take (POSTSEAL_IMPORT_MPOP, "defaults\ntls on\ntls_starttls off\n\naccount work\n"
                              "host pop.example.org\nuser jane@example.org\npasswordeval pass show "
                              "mail/work | head -n1\ndelivery mbox ~/mail/work\n");
  EXPECT_EQ (name (), "work");
  EXPECT_EQ (get ("receive"), "pop3s://pop.example.org");
  EXPECT_EQ (get ("password"), "command:pass show mail/work");
  EXPECT_EQ (get ("deliver"), "mbox:~/mail/work");
  EXPECT_EQ (get ("keep"), "no");
  EXPECT_FALSE (account ()->has_secret);
  EXPECT_TRUE (account ()->is_usable);
}

TEST_F (Import, PasswordCommandsThatNeedAShellAreNotCarried)
{
  std::string base = "host h.example\nuser j@h.example\ntls on\n";
  take (POSTSEAL_IMPORT_MPOP, "account a\n" + base + "passwordeval gpg -d ~/.x | grep work\n"
                                  + "account b\n" + base + "passwordeval \"gpg -d ~/.x\"\n"
                                  + "account c\n" + base + "passwordeval echo 's3cret w'\n"
                                  + "account d\n" + base + "passwordeval \"PW=1 pass x\"\n");
  EXPECT_EQ (get ("password", 0), "");
  EXPECT_TRUE (has_note ("i 5: passwordeval …", 0)) << notes (0);
  EXPECT_EQ (get ("password", 1), std::string ("command:gpg -d ") + g_get_home_dir () + "/.x");
  EXPECT_EQ (get ("password", 2), "");
  EXPECT_TRUE (account (2)->has_secret);
  EXPECT_EQ (get ("password", 3), "");
}

TEST_F (Import, APasswordThatACommandEchoesTakesThePlaceOfAnotherCommand)
{
  take (POSTSEAL_IMPORT_MPOP,
        "defaults\npasswordeval pass work\naccount a\nhost h.example\nuser j@h.example\ntls on\n"
        "passwordeval echo s3cret\n");
  EXPECT_EQ (get ("password"), "");
  EXPECT_TRUE (account ()->has_secret);
}

TEST_F (Import, AnMsmtpAccountSends)
{
  take (POSTSEAL_IMPORT_MSMTP,
        "account work\nhost smtp.example.org\nport 587\ntls on\nauth on\nuser jd\nfrom "
        "jane@example.org\npassword x\n"
        "account relay\nhost relay.example.org\nfrom jane@example.org\n"
        "account local\nhost localhost\nport 2525\nfrom jane@example.org\n"
        "account implicit\nhost smtp.example.com\ntls on\ntls_starttls off\nauth plain\nuser "
        "jane@example.com\ntls_certcheck off\n"
        "account default : work\n");
  ASSERT_EQ (count (), 4u);
  EXPECT_EQ (get ("send", 0), "submission://jd@smtp.example.org");
  EXPECT_EQ (get ("address", 0), "jane@example.org");
  EXPECT_EQ (get ("deliver", 0), "");
  EXPECT_TRUE (has_note ("x 23: account default", 0)) << notes (0);
  EXPECT_EQ (get ("send", 1), "smtp://relay.example.org");
  EXPECT_EQ (get ("send-tls", 1), "opportunistic");
  EXPECT_EQ (get ("auth", 1), "none");
  EXPECT_EQ (get ("send-tls", 2), "loopback");
  EXPECT_EQ (get ("send", 3), "submissions://smtp.example.com");
  EXPECT_TRUE (has_note ("w 22: tls_certcheck off", 3)) << notes (3);
  for (guint i = 0; i < count (); i++)
    EXPECT_TRUE (account (i)->is_usable) << i << notes (i);
}

TEST_F (Import, PlainSubmissionWithALogInGoesToTheTlsPort)
{
  take (POSTSEAL_IMPORT_MSMTP, "account a\nhost smtp.example.org\nauth on\nuser j@example.org\n");
  EXPECT_EQ (get ("send"), "submissions://smtp.example.org");
  EXPECT_NE (notes ().find ("w 0: without TLS"), std::string::npos) << notes ();
}

TEST_F (Import, AnMsmtpAccountBesideOneOfMpopGetsAnotherName)
{
  take (POSTSEAL_IMPORT_MPOP,
        "account work\nhost p.example.org\nuser j@example.org\ntls on\npassword x\n", "mpoprc");
  ASSERT_EQ (apply (), "");
  take (POSTSEAL_IMPORT_MSMTP,
        "account work\nhost s.example.org\nuser j@example.org\nauth on\ntls on\n", "msmtprc");
  EXPECT_EQ (name (), "work-msmtp");
  EXPECT_FALSE (account ()->exists);
  ASSERT_EQ (apply (), "");
  ASSERT_EQ (read (POSTSEAL_IMPORT_MSMTP, home + "/msmtprc"), "");
  EXPECT_TRUE (account ()->exists);
}

/* 48 letters are more bytes than that, and a letter cut in two is no text. */
TEST_F (Import, AnAccountWithALongForeignNameGetsAnotherName)
{
  std::string foreign = "a";

  for (int i = 0; i < 40; i++)
    foreign += "ü";
  take (POSTSEAL_IMPORT_MPOP,
        "account " + foreign + "\nhost p.example.org\nuser j@example.org\ntls on\npassword x\n",
        "mpoprc");
  ASSERT_EQ (apply (), "");
  take (POSTSEAL_IMPORT_MSMTP,
        "account " + foreign + "\nhost s.example.org\nuser j@example.org\nauth on\ntls on\n",
        "msmtprc");
  EXPECT_EQ (name (), foreign + "-msmtp");
  EXPECT_EQ (apply (), "");
}

/* --- getmail --- */

TEST_F (Import, AGetmailrcBecomesAnAccount)
{
  take (POSTSEAL_IMPORT_GETMAIL,
        "[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = imap.example.org\nusername = "
        "jane\npassword_command = (\"pass\", \"show\", \"my mail\")\nmailboxes = (\"INBOX\", "
        "'a;b')\n[destination]\ntype = MDA_external\npath = /usr/bin/maildrop\narguments = "
        "('-d', 'jane', '-f', '%(sender)')\n[options]\ndelete_after = 30\nread_all = "
        "false\n[filter-1]\ntype = Filter_external\n",
        "work");
  EXPECT_EQ (name (), "work");
  EXPECT_EQ (get ("receive"), "imaps://jane@imap.example.org");
  EXPECT_EQ (get ("password"), "command:pass show 'my mail'");
  EXPECT_EQ (get ("folders"), "INBOX;a\\;b");
  EXPECT_EQ (get ("deliver"), "command:/usr/bin/maildrop -d jane");
  EXPECT_EQ (get ("keep"), "30d");
  EXPECT_NOTE ("w 1: without “ca_certs”");
  EXPECT_NOTE ("i 14: [filter-1]");
  EXPECT_TRUE (account ()->is_usable) << notes ();
}

TEST_F (Import, GetmailsSortersGiveTheirDefault)
{
  take (POSTSEAL_IMPORT_GETMAIL,
        "[retriever]\ntype = SimplePOP3Retriever\nserver = pop.example.org\nusername = "
        "j@example.org\npassword = x\n[destination]\ntype = MultiSorter\ndefault = [box]\n[box]\n"
        "type = Maildir\npath = ~/Maildir/\n");
  EXPECT_EQ (get ("deliver"), "maildir:~/Maildir");
  EXPECT_EQ (get ("receive"), "pop3s://pop.example.org");
  EXPECT_NOTE ("w 2: type SimplePOP3Retriever");
}

/* What is a folder in a folder to the server is a dot in the file's name, or the dot is one. */
TEST_F (Import, AFolderOfTwoPossibleNamesIsCountedOnce)
{
  using namespace std::string_literals;

  write ("oldmail-imap.example.org-993-jane-Lists.a", "7/1\0"
                                                      "1\n7/2\0"
                                                      "1\n"s);
  write ("oldmail-imap.example.org-993-jane-INBOX", "8/1\0"
                                                    "1\n"s);
  take (POSTSEAL_IMPORT_GETMAIL,
        "[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = imap.example.org\nusername = jane\n"
        "password = x\nmailboxes = ALL\n");
  EXPECT_EQ (account ()->n_seen, 3u);
}

TEST_F (Import, AGetmailrcWithoutAServerIsAMistake)
{
  std::string path = write ("rc", "[retriever]\ntype = SimplePOP3Retriever\n");

  EXPECT_EQ (read (POSTSEAL_IMPORT_GETMAIL, path), path + ":1: “server” is missing");
}

/* --- mbsync --- */

TEST_F (Import, AnMbsyncStoreBecomesAnAccount)
{
  take (POSTSEAL_IMPORT_MBSYNC,
        "IMAPAccount work\nHost imap.example.org\nUser jane@example.org\nPassCmd \"pass work\"\n"
        "SSLType IMAPS\n\nIMAPStore work-remote\nAccount work\n\nMaildirStore local\nPath ~/Mail/\n"
        "Inbox ~/Mail/INBOX\nSubFolders Maildir++\n\nChannel in\nMaster :work-remote:\nSlave "
        ":local:\n"
        "Patterns INBOX Lists/* !Junk\nExpunge Both\nSync All\n\n"
        "Channel sent\nFar :work-remote:Sent\nNear :local:sent\nSync Pull\n");
  ASSERT_EQ (count (), 1u);
  EXPECT_EQ (name (), "work-remote");
  EXPECT_EQ (get ("receive"), "imaps://imap.example.org");
  EXPECT_EQ (get ("folders"), "INBOX;Lists/*;Sent");
  EXPECT_EQ (get ("deliver"), "maildir:~/Mail/INBOX");
  EXPECT_EQ (get ("layout"), "");
  EXPECT_EQ (get ("password"), "command:pass work");
  EXPECT_NOTE ("i 20: sync All");
  EXPECT_NOTE ("c 25: sync Pull");
  EXPECT_NOTE ("i 18: patterns INBOX Lists/* !Junk");
  EXPECT_TRUE (account ()->is_usable) << notes ();
}

TEST_F (Import, AStoreBehindATunnelCannotBeUsed)
{
  take (POSTSEAL_IMPORT_MBSYNC, "IMAPStore a\nTunnel \"ssh -q host imapd\"\n");
  EXPECT_FALSE (account ()->is_usable);
  EXPECT_NOTE ("i 2: tunnel …");
}

/* --- Claws Mail --- */

TEST_F (Import, AClawsAccountReceivesAndSends)
{
  take (POSTSEAL_IMPORT_CLAWS,
        "[Account: 1]\naccount_name=work\nname=Jane Doe\naddress=jane@example.org\nprotocol=0\n"
        "receive_server=pop.example.org\nsmtp_server=smtp.example.org\nuser_id=jane\n"
        "use_smtp_auth=1\nremove_mail=1\nmessage_leave_time=7\nmessage_leave_hour=0\nssl_pop=1\n"
        "ssl_smtp=2\nset_smtpport=1\nsmtp_port=587\npassword=!c2VjcmV0\nsignature_path=/x\n\n"
        "[Account: 2]\naccount_name=news\nprotocol=4\naddress=j@example.org\n\n"
        "[Account: 3]\nprotocol=1\nreceive_server=i.example\nssl_imap=1\nconfig_version=4\n");
  ASSERT_EQ (count (), 3u);
  EXPECT_EQ (name (), "work");
  EXPECT_EQ (get ("name"), "Jane Doe");
  EXPECT_EQ (get ("receive"), "pop3s://jane@pop.example.org");
  EXPECT_EQ (get ("send"), "submission://jane@smtp.example.org");
  EXPECT_EQ (get ("keep"), "7d");
  EXPECT_FALSE (account ()->has_secret);
  EXPECT_TRUE (account ()->is_usable) << notes ();
  EXPECT_FALSE (account (1)->is_usable);
  EXPECT_STREQ (account (1)->section, "Account: 2");
  EXPECT_EQ (get ("receive", 2), "imaps://i.example");
}

/* --- secrets --- */

struct Sample
{
  PostsealImportProgram program;
  const char *text;
};

TEST_F (Import, NoSecretIsEverTold)
{
  const Sample samples[] = {
    { POSTSEAL_IMPORT_FETCHMAIL,
      "poll a.example proto imap esmtppassword s3cret preconnect 'x s3cret' plugin 's3cret' user "
      "j@a.example pass 's3cret' ssl properties s3cret" },
    { POSTSEAL_IMPORT_MPOP,
      "account a\nhost h.example\nuser j@h.example\npassword s3cret\neval echo s3cret\n" },
    { POSTSEAL_IMPORT_MSMTP,
      "account a\nhost h.example\nuser j@h.example\nauth on\npasswordeval echo s3cret\n" },
    { POSTSEAL_IMPORT_MSMTP,
      "account a\nhost h.example\nuser j@h.example\nauth on\npasswordeval x=1 echo s3cret|cat\n" },
    { POSTSEAL_IMPORT_GETMAIL,
      "[retriever]\ntype=SimplePOP3SSLRetriever\nserver=h.example\nusername=j@h.example\npassword="
      "s3cret\n" },
    { POSTSEAL_IMPORT_GETMAIL,
      "[retriever]\ntype=SimplePOP3SSLRetriever\nserver=h.example\nusername=j@h.example\npassword_"
      "command=('echo', 's3cret')\n" },
    { POSTSEAL_IMPORT_MBSYNC, "IMAPStore a\nHost h.example\nUser j@h.example\nPass s3cret\nTunnel "
                              "s3cret\nUserCmd s3cret\n" },
    { POSTSEAL_IMPORT_CLAWS,
      "[Account: 1]\naddress=j@h.example\nprotocol=3\nreceive_server=h.example\npassword=s3cret\n"
      "smtp_password=s3cret\ntunnelcmd=s3cret\nset_tunnelcmd=1\nssl_imap=1\n" },
  };

  for (const Sample &sample : samples)
    {
      take (sample.program, sample.text);
      EXPECT_EQ (all_words ().find ("s3cret"), std::string::npos) << all_words ();
    }
}

TEST_F (Import, MistakesNeverRepeatWhatMayBeASecret)
{
  const Sample samples[] = {
    { POSTSEAL_IMPORT_FETCHMAIL, "poll a user u pass my s3cret" },
    { POSTSEAL_IMPORT_FETCHMAIL, "poll a user u pass 's3cret" },
    { POSTSEAL_IMPORT_MPOP, "account a\npassword x\nS3cret s3cret\n" },
    { POSTSEAL_IMPORT_GETMAIL, "[retriever]\npassword=s3cret\n  s3cret\n" },
    { POSTSEAL_IMPORT_GETMAIL, "[retriever]\ns3cret\n" },
    { POSTSEAL_IMPORT_MBSYNC, "IMAPStore a\nPass \"s3cret\n" },
    { POSTSEAL_IMPORT_CLAWS, "[Account: 1]\ns3cret\n" },
  };

  for (const Sample &sample : samples)
    {
      std::string message = read (sample.program, write ("rc", sample.text));
      EXPECT_NE (message, "") << sample.text;
      EXPECT_EQ (message.find ("s3cret"), std::string::npos) << message;
    }
}

/* --- files --- */

TEST_F (Import, AFileThatOthersMayWriteIsRefused)
{
  std::string path = write ("rc", "poll a proto imap user u pass x ssl", 0620);
  std::string message = read (POSTSEAL_IMPORT_FETCHMAIL, path);

  EXPECT_NE (message.find ("others may write it"), std::string::npos) << message;
}

TEST_F (Import, AFileThatIsNotThereOrEmptyIsAnError)
{
  EXPECT_NE (read (POSTSEAL_IMPORT_MPOP, home + "/none"), "");
  EXPECT_NE (read (POSTSEAL_IMPORT_MPOP, write ("rc", "# nothing\n")), "");
  EXPECT_NE (read (POSTSEAL_IMPORT_MPOP, home), "");
}

/* --- taking over --- */

const char mpoprc[] = "account work\nhost pop.example.org\nuser jane@example.org\ntls on\n"
                      "tls_starttls off\npassword s3cret\nkeep on\nuidls_file %s\n";

class ImportApply : public Import
{
protected:
  void
  SetUp () override
  {
    std::string uidls = write ("uidls", " 2 pop.example.org jane@example.org\nu1\nu2\n");
    g_autofree char *text = g_strdup_printf (mpoprc, uidls.c_str ());

    take (POSTSEAL_IMPORT_MPOP, text);
  }

  std::string
  state (const char *file)
  {
    g_autofree char *dir = postseal_paths_account_state_dir ("work");

    return std::string (dir) + "/" + file;
  }

  /* UIDLs that the ledger would have fetched of u1, u2, u3. */
  size_t
  count_new ()
  {
    g_autoptr (PostsealLedger) ledger
        = postseal_ledger_open (state ("ledger.sqlite").c_str (), nullptr);
    const PostsealLedgerListed listed[] = { { "u1", 0, 5 }, { "u2", 0, 6 }, { "u3", 0, 7 } };
    PostsealLedgerMailbox mailbox = {};
    gboolean is_changed;
    g_autoptr (GArray) fresh = nullptr;
    g_autoptr (GArray) due = nullptr;

    EXPECT_TRUE (postseal_ledger_open_mailbox (ledger, "POP3 jane@example.org@pop.example.org/", 0,
                                               &mailbox, &is_changed, nullptr));
    EXPECT_TRUE (
        postseal_ledger_compare (ledger, mailbox.id, listed, 3, G_MAXINT64, &fresh, &due, nullptr));
    EXPECT_EQ (due->len, 0u);
    return fresh->len;
  }

  std::string
  written ()
  {
    g_autofree char *text = nullptr;

    return g_file_get_contents (config.c_str (), &text, nullptr, nullptr) ? text : "";
  }
};

TEST_F (ImportApply, WritesLedgerAndSection)
{
  EXPECT_EQ (account ()->n_seen, 2u);
  ASSERT_EQ (apply (), "");
  EXPECT_EQ (count_new (), 1u);
  EXPECT_NE (written ().find ("[account work]\n"), std::string::npos);
  EXPECT_EQ (written ().find ("s3cret"), std::string::npos);
}

TEST_F (ImportApply, ASecondTimeIsAnErrorAndChangesNothing)
{
  ASSERT_EQ (apply (), "");
  std::string before = written ();
  EXPECT_NE (apply (), "");
  ASSERT_EQ (read (POSTSEAL_IMPORT_MPOP, home + "/rc"), "");
  EXPECT_TRUE (account ()->exists);
  EXPECT_NE (apply (), "");
  EXPECT_EQ (written (), before);
  EXPECT_EQ (count_new (), 1u);
}

TEST_F (ImportApply, AfterACrashBeforeTheSectionItIsDoneAgain)
{
  ASSERT_EQ (apply (), "");
  ASSERT_EQ (remove (config.c_str ()), 0);
  ASSERT_EQ (read (POSTSEAL_IMPORT_MPOP, home + "/rc"), "");
  ASSERT_EQ (apply (), "");
  EXPECT_EQ (count_new (), 1u);
}

TEST_F (ImportApply, ALockedAccountIsLeftAlone)
{
  g_autofree char *dir = postseal_paths_account_state_dir ("work");
  g_mkdir_with_parents (dir, 0700);
  g_autoptr (PostsealLockFile) lock
      = postseal_lock_file_acquire (state ("lock").c_str (), "a test", nullptr);

  EXPECT_NE (apply ().find ("a test"), std::string::npos);
  EXPECT_EQ (written (), "");
}

TEST_F (ImportApply, WithoutAKeyringNothingIsWritten)
{
  EXPECT_NE (apply (0, POSTSEAL_IMPORT_STORE_SECRETS), "");
  EXPECT_EQ (written (), "");
  EXPECT_FALSE (g_file_test (state ("ledger.sqlite").c_str (), G_FILE_TEST_EXISTS));
}

} // namespace
