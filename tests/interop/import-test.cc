/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other programs fetch mail; then their accounts are imported. Nothing that they have fetched comes
   again, and what comes later does, once. */
#include "interop/fetch-fixture.h"

#include <sys/stat.h>

namespace
{

using namespace postseal_test;

class ImportTest : public FetchTest
{
protected:
  ImportTest () { fill (some_messages (0, 5)); }

  static std::vector<CorpusMessage>
  some_messages (size_t first, size_t n)
  {
    return { some_mail ().begin () + first, some_mail ().begin () + first + n };
  }

  void
  write_rc (const std::string &name, const std::string &text)
  {
    write_file (postseal_.path (name), text);
    chmod (postseal_.path (name).c_str (), 0600);
  }

  std::string
  port (const std::string &scheme) const
  {
    return std::to_string (server ().port (scheme));
  }

  /* A program of others, which may say what it likes, and hang once (getmail did), but must not
     fail. */
  void
  run_other (const std::vector<std::string> &arguments)
  {
    ChildProcess process (arguments, postseal_.complete ());
    Outcome outcome = process.ended_within (50) ? process.wait ()
                                                : run_program (arguments, postseal_.complete ());
    ASSERT_EQ (outcome.status, 0) << arguments[0] << outcome.out << outcome.err;
  }

  /* Takes the one account over, to deliver to where the test looks. */
  void
  import (const std::string &program, const std::string &file = {})
  {
    std::vector<std::string> arguments = { "account", "import", program };
    if (!file.empty ())
      arguments.push_back (postseal_.path (file));
    arguments.push_back ("--yes");
    Outcome outcome = postseal_.run (arguments);
    ASSERT_EQ (outcome.status, 0) << outcome.out << outcome.err;
    EXPECT_EQ (outcome.out.find (server ().password ()), std::string::npos);
    EXPECT_EQ (
        read_file (postseal_.path ("config/postseal/accounts.conf")).find (server ().password ()),
        std::string::npos);
    names_ = postseal_.run ({ "account", "list", "--names" }).out;
    names_.erase (names_.find ('\n'));
    outcome = postseal_.run ({ "account", "edit", names_, "deliver=" + postseal_.deliver (),
                               "password=file:" + server ().password_file () });
    ASSERT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  }

  /* What the other program has is not fetched; what comes now is, once. */
  void
  expect_only_new ()
  {
    fetch_well ();
    EXPECT_EQ (delivered ().size (), 0u);
    fill (some_messages (5, 1));
    fetch_well ();
    fetch_well ();
    EXPECT_EQ (difference (some_messages (5, 1)), "");
    EXPECT_EQ (on_server (), 6u);
  }

  std::string names_;
};

/* fetchmail wants a common name, which a certificate has not any more (RFC 9525 section 2). */
TEST_F (ImportTest, WhatFetchmailHasByPop3IsNotFetchedAgain)
{
  write_rc (".fetchmailrc", "poll localhost proto pop3 service " + port ("pop3s")
                                + " uidl auth password user \"" + user_ + "\" password \""
                                + server ().password () + "\" ssl no sslcertck sslcertfile \""
                                + server ().ca_file ()
                                + "\" mda \"/bin/dd of=/dev/null status=none\" keep\n");
  run_other ({ "fetchmail", "-s" });
  import ("fetchmail");
  expect_only_new ();
}

TEST_F (ImportTest, WhatFetchmailHasByImapIsNotFetchedAgain)
{
  write_rc (".fetchmailrc",
            "poll localhost proto imap service " + port ("imap") + " auth password user \"" + user_
                + "\" password \"" + server ().password ()
                + "\" sslproto tls1.2+ no sslcertck sslcertfile \"" + server ().ca_file ()
                + "\" mda \"/bin/dd of=/dev/null status=none\" keep\n");
  run_other ({ "fetchmail", "-s" });
  import ("fetchmail");
  expect_only_new ();
}

TEST_F (ImportTest, WhatMpopHasIsNotFetchedAgain)
{
  write_rc (".mpoprc", "defaults\ntls on\ntls_trust_file " + server ().ca_file ()
                           + "\naccount mine\nhost localhost\nport " + port ("pop3s")
                           + "\ntls_starttls off\nuser " + user_ + "\npassword "
                           + server ().password ()
                           + "\nauth user\nkeep on\ndelivery mda /bin/dd of=/dev/null "
                             "status=none\naccount default : "
                             "mine\n");
  run_other ({ "mpop", "-q" });
  import ("mpop");
  EXPECT_EQ (names_, "mine");
  expect_only_new ();
}

std::string
getmailrc (const std::string &type, const std::string &user, const std::string &port)
{
  Dovecot &server = Dovecot::shared ();

  return "[retriever]\ntype = " + type + "\nserver = localhost\nport = " + port + "\nusername = "
         + user + "\npassword = " + server.password () + "\nca_certs = " + server.ca_file ()
         + "\n\n[destination]\ntype = MDA_external\npath = /bin/dd\narguments = (\"of=/dev/null\", "
           "\"status=none\")\nallow_root_commands = "
           "true\n\n"
           "[options]\nread_all = false\n";
}

TEST_F (ImportTest, WhatGetmailHasByPop3IsNotFetchedAgain)
{
  write_rc (".getmail/getmailrc", getmailrc ("SimplePOP3SSLRetriever", user_, port ("pop3s")));
  run_other ({ "getmail", "-q" });
  import ("getmail");
  expect_only_new ();
}

TEST_F (ImportTest, WhatGetmailHasByImapIsNotFetchedAgain)
{
  write_rc (".getmail/getmailrc", getmailrc ("SimpleIMAPSSLRetriever", user_, port ("imaps")));
  run_other ({ "getmail", "-q" });
  import ("getmail");
  expect_only_new ();
}

class MbsyncImportTest : public ImportTest, public testing::WithParamInterface<const char *>
{
};

TEST_P (MbsyncImportTest, WhatMbsyncHasIsNotFetchedAgain)
{
  write_rc (".mbsyncrc", "IMAPAccount mine\nHost localhost\nPort " + port ("imaps") + "\nUser "
                             + user_ + "\nPass " + server ().password ()
                             + "\nTLSType IMAPS\nSystemCertificates no\nCertificateFile "
                             + server ().ca_file ()
                             + "\n\nIMAPStore mine-far\nAccount mine\n\nMaildirStore mine-near\n"
                               "Path ~/near/\nInbox ~/near/INBOX\nSubFolders Verbatim\n\n"
                               "Channel mine\nFar :mine-far:\nNear :mine-near:\nSync Pull\n"
                               "Patterns INBOX Lists\nCreate Near\n"
                             + GetParam () + "\n");
  mkdir (postseal_.path ("near").c_str (), 0700);
  server ().admin (user_)->create ("Lists");
  fill (some_messages (6, 2), "Lists");
  /* Debian 12 has isync 1.4, which knows this by its old name only. */
  std::string text = read_file (postseal_.path (".mbsyncrc"));
  text.replace (text.find ("TLSType"), 3, "SSL");
  write_rc (".mbsyncrc", text);
  run_other ({ "mbsync", "-q", "mine" });
  import ("mbsync");
  expect_only_new ();
  EXPECT_EQ (read_maildir (postseal_.maildir () + "/Lists").size (), 0u);
  fill (some_messages (8, 1), "Lists");
  fetch_well ();
  EXPECT_EQ (read_maildir (postseal_.maildir () + "/Lists").size (), 1u);
}

INSTANTIATE_TEST_SUITE_P (BySyncState,
                          MbsyncImportTest,
                          testing::Values ("SyncState *", "SyncState ~/near/.state-", ""));

TEST_F (ImportTest, ImportingTwiceIsTheSameAsOnce)
{
  write_rc (".mpoprc",
            "account mine\ntls on\ntls_trust_file " + server ().ca_file ()
                + "\nhost localhost\nport " + port ("pop3s") + "\ntls_starttls off\nuser " + user_
                + "\npassword " + server ().password ()
                + "\nauth user\nkeep on\ndelivery mda /bin/dd of=/dev/null status=none\n");
  run_other ({ "mpop", "-q", "-a" });
  import ("mpop");
  std::string before = read_file (postseal_.path ("config/postseal/accounts.conf"));
  Outcome outcome = postseal_.run ({ "account", "import", "mpop", "--yes" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_EQ (read_file (postseal_.path ("config/postseal/accounts.conf")), before);
  expect_only_new ();
}

TEST_F (ImportTest, WhatIsFoundIsListed)
{
  write_rc (".mpoprc", "account a\nhost h.example\nuser j@h.example\naccount b : a\nuser k\n");
  write_rc (".getmail/work", getmailrc ("SimplePOP3SSLRetriever", user_, port ("pop3s")));
  Outcome outcome = postseal_.run ({ "account", "import" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find (".mpoprc"), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find ("2 accounts"), std::string::npos) << outcome.out;
  EXPECT_NE (outcome.out.find (".getmail/work"), std::string::npos) << outcome.out;
}

TEST_F (ImportTest, ADryRunWritesNothing)
{
  write_rc (".mpoprc", "account a\nhost h.example\nuser j@h.example\npassword s3cret\n"
                       "account b : a\nuser k\n");
  Outcome outcome = postseal_.run ({ "account", "import", "--dry-run", "--account", "b", "mpop" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("receive=pop3s://k@h.example"), std::string::npos) << outcome.out;
  EXPECT_EQ (outcome.out.find ("[account a]"), std::string::npos) << outcome.out;
  EXPECT_EQ (outcome.out.find ("s3cret"), std::string::npos) << outcome.out;
  outcome = postseal_.run ({ "account", "import", "--dry-run", "--json", "mpop" });
  EXPECT_EQ (outcome.status, 0) << outcome.err;
  EXPECT_NE (outcome.out.find ("\"state\" : \"found\""), std::string::npos) << outcome.out;
  EXPECT_EQ (outcome.out.find ("s3cret"), std::string::npos) << outcome.out;
  EXPECT_EQ (postseal_.run ({ "account", "list", "--names" }).out, "");
}

TEST_F (ImportTest, MistakesHaveTheirExitStatus)
{
  write_rc (".mpoprc", "account a\nhost h.example\nuser j@h.example\npassword s3cret\n");
  EXPECT_EQ (postseal_.run ({ "account", "import", "mutt" }).status, 64);
  EXPECT_EQ (postseal_.run ({ "account", "import", "mpop" }).status, 64);
  EXPECT_EQ (postseal_.run ({ "account", "import", "msmtp", "--yes" }).status, 78);
  EXPECT_EQ (postseal_.run ({ "account", "import", "mpop", "--yes", "--account", "b" }).status, 78);
  Outcome outcome = postseal_.run ({ "account", "import", "mpop", "--yes", "--passwords" });
  EXPECT_EQ (outcome.status, 77) << outcome.err;
  EXPECT_EQ (postseal_.run ({ "account", "list", "--names" }).out, "");
}

/* The password goes from the file into the keyring, and signs in from there. */
TEST_F (ImportTest, APasswordGoesIntoTheKeyring)
{
  write_rc (".mpoprc", "account mine\ntls on\ntls_trust_file " + server ().ca_file ()
                           + "\nhost localhost\nport " + port ("pop3s")
                           + "\ntls_starttls off\nuser " + user_ + "\npassword "
                           + server ().password () + "\nkeep on\ndelivery maildir "
                           + postseal_.maildir () + "\n");
  Environment environment = postseal_.complete ();
  environment["XDG_RUNTIME_DIR"] = postseal_.path ("run");
  environment["XDG_DATA_HOME"] = postseal_.path ("data");
  environment.erase ("DBUS_SESSION_BUS_ADDRESS");
  mkdir (postseal_.path ("run").c_str (), 0700);
  Outcome outcome = run_program (
      { "dbus-run-session", "--", "sh", "-ec",
        "printf %s testpw | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n"
        "gdbus wait --session --timeout 10 org.freedesktop.secrets\n"
        "\"$POSTSEAL\" account import mpop --yes --passwords --no-daemon\n"
        "\"$POSTSEAL\" fetch --no-daemon\n" },
      environment);
  EXPECT_EQ (outcome.status, 0) << outcome.out << outcome.err;
  EXPECT_EQ (delivered ().size (), 5u);
  EXPECT_EQ ((outcome.out + outcome.err).find (server ().password ()), std::string::npos);
  EXPECT_EQ (read_file (postseal_.path ("config/postseal/accounts.conf")).find ("password"),
             std::string::npos);
}

/* What was delivered by another program stays on the server, whatever "keep" says now. */
TEST_F (ImportTest, WhatWasImportedIsNeverDeleted)
{
  write_rc (".mpoprc",
            "account mine\ntls on\ntls_trust_file " + server ().ca_file ()
                + "\nhost localhost\nport " + port ("pop3s") + "\ntls_starttls off\nuser " + user_
                + "\npassword " + server ().password ()
                + "\nauth user\nkeep on\ndelivery mda /bin/dd of=/dev/null status=none\n");
  run_other ({ "mpop", "-q", "-a" });
  import ("mpop");
  ASSERT_EQ (postseal_.run ({ "account", "edit", names_, "keep=no" }).status, 0);
  fill (some_messages (5, 1));
  fetch_well ();
  fetch_well ();
  EXPECT_EQ (difference (some_messages (5, 1)), "");
  EXPECT_EQ (on_server (), 5u);
}

/* Claws Mail itself wants a display; its record is two columns. */
TEST_F (ImportTest, WhatClawsMailHasIsNotFetchedAgain)
{
  write_rc (".mpoprc", "account mine\ntls on\ntls_trust_file " + server ().ca_file ()
                           + "\nhost localhost\nport " + port ("pop3s")
                           + "\ntls_starttls off\nuser " + user_ + "\npassword "
                           + server ().password ()
                           + "\nauth user\nkeep on\nuidls_file ~/uidls\ndelivery mda /bin/dd "
                             "of=/dev/null status=none\n");
  run_other ({ "mpop", "-q", "-a" });
  std::string uidls = read_file (postseal_.path ("uidls"));
  std::string claws;
  for (size_t at = 0, end; at < uidls.size (); at = end + 1)
    {
      end = uidls.find ('\n', at);
      std::string line = uidls.substr (at, end - at);
      if (!line.empty () && line[0] != '#' && line[0] != ' ')
        claws += line + "\t1700000000\t0\n";
    }
  write_rc (".claws-mail/uidl/localhost-" + user_, claws);
  write_rc (".claws-mail/accountrc",
            "[Account: 1]\naccount_name=mine\nname=Jane Doe\naddress=" + user_
                + "@example.org\nprotocol=0\nreceive_server=localhost\nuser_id=" + user_
                + "\nremove_mail=1\nmessage_leave_time=7\nssl_pop=1\nset_popport=1\npop_port="
                + port ("pop3s") + "\nsmtp_server=\n");
  import ("claws-mail");
  ASSERT_EQ (
      postseal_.run ({ "account", "edit", names_, "ca-file=" + server ().ca_file () }).status, 0);
  expect_only_new ();
}

} // namespace
