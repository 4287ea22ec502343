/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/sender-choice.h"
#include "outbox-fixture.h"

namespace
{

class SenderChoice : public OutboxFixture
{
protected:
  void
  TearDown () override
  {
    g_clear_pointer (&senders, postseal_senders_free);
    OutboxFixture::TearDown ();
  }

  int
  load_failure (const std::string &text)
  {
    g_autoptr (GError) error = nullptr;
    std::string path = home + "/accounts.conf";

    std::ofstream (path) << text;
    g_clear_pointer (&senders, postseal_senders_free);
    senders = postseal_senders_load (path.c_str (), &error);
    EXPECT_EQ (senders == nullptr, error != nullptr);
    if (error != nullptr)
      message = error->message;
    return error != nullptr ? error->code : -1;
  }

  void
  load (const std::string &text)
  {
    ASSERT_EQ (load_failure (text), -1) << message;
  }

  std::string
  choose (const char *address)
  {
    g_autoptr (GError) error = nullptr;
    const PostsealSender *sender = postseal_senders_choose (senders, address, &error);

    if (sender != nullptr)
      return sender->account;
    EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT));
    message = error->message;
    return "";
  }

  PostsealSenders *senders = nullptr;
  std::string message;
};

const char accounts[] = "# comment\n"
                        "[account news]\naddress=news@example.org\nreceive=imaps://x\n"
                        "[account work]\naddress=Jane.Doe@Example.org\nname=Jane Doe\n"
                        "send=submissions://x\nsend-as=*@lists.example.org; jane@* ;\n"
                        "[account home]\naddress=jane@bücher.example\nsend=smtp://x\n"
                        "unknown=ignored here\n"
                        "[account tagged]\naddress=bob+home@example.net\nsend=smtp://x\n"
                        "[other]\nsend=x\naddress=a@b\n";

} // namespace

TEST_F (SenderChoice, ReadsWhatItNeeds)
{
  load (accounts);
  const PostsealSender *sender = postseal_senders_lookup (senders, "work", nullptr);
  ASSERT_NE (sender, nullptr);
  EXPECT_STREQ (sender->address, "Jane.Doe@Example.org");
  EXPECT_STREQ (sender->full_name, "Jane Doe");
  ASSERT_EQ (g_strv_length (sender->send_as), 2u);
  EXPECT_STREQ (sender->send_as[1], "jane@*");
  sender = postseal_senders_lookup (senders, "home", nullptr);
  ASSERT_NE (sender, nullptr);
  EXPECT_EQ (sender->full_name, nullptr);
  EXPECT_EQ (g_strv_length (sender->send_as), 0u);
}

TEST_F (SenderChoice, ChoosesByAddressThenSubAddressThenGlob)
{
  load (accounts);
  EXPECT_EQ (choose ("Jane.Doe@Example.org"), "work");
  EXPECT_EQ (choose ("jane.doe@EXAMPLE.ORG"), "work");
  EXPECT_EQ (choose ("jane.doe+lists@example.org"), "work");
  EXPECT_EQ (choose ("anybody@lists.example.org"), "work");
  EXPECT_EQ (choose ("jane@example.com"), "work");
  EXPECT_EQ (choose ("jane@bücher.example"), "home") << "before the glob of another account";
  EXPECT_EQ (choose ("jane@xn--bcher-kva.example"), "home");
  EXPECT_EQ (choose ("bob+home@example.net"), "tagged");
  EXPECT_EQ (choose ("bob+work@example.net"), "") << "a tag of one's own is not anybody's";
  EXPECT_EQ (choose ("bob@example.net"), "");
}

TEST_F (SenderChoice, NobodySendsThroughAnAccountThatIsNotTheirs)
{
  load (accounts);
  for (const char *address : { "news@example.org", "joe@example.org", "jane.doe@example.com", "a@b",
                               "+x@example.org", "@example.org" })
    {
      EXPECT_EQ (choose (address), "") << address;
      EXPECT_NE (message.find ("send-as"), std::string::npos);
    }
}

TEST_F (SenderChoice, ANameOfThisMachineIsTheFirstThatSends)
{
  std::string here = std::string ("root@") + g_get_host_name ();

  load (accounts);
  for (const char *address :
       { (const char *)nullptr, "", "root", "root@localhost", "jane@LOCALHOST",
         "root@localhost.localdomain", "root@box.localdomain", "root@", here.c_str () })
    EXPECT_EQ (choose (address), "work") << (address ? address : "NULL");
  EXPECT_FALSE (postseal_senders_is_local_name ("jane@example.org"));
  EXPECT_FALSE (postseal_senders_is_local_name ("jane@localhost.example.org"));
  EXPECT_FALSE (postseal_senders_is_local_name ("jane@notlocaldomain"));
}

TEST_F (SenderChoice, LookupNamesTheNearest)
{
  g_autoptr (GError) error = nullptr;

  load (accounts);
  EXPECT_EQ (postseal_senders_lookup (senders, "wrok", &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT));
  EXPECT_NE (strstr (error->message, "“work”"), nullptr) << error->message;
  g_clear_error (&error);
  EXPECT_EQ (postseal_senders_lookup (senders, "news", &error), nullptr) << "it does not send";
  EXPECT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT));
}

TEST_F (SenderChoice, SaysHowToMakeAnAccount)
{
  g_autoptr (GError) error = nullptr;

  EXPECT_EQ (postseal_senders_load ((home + "/missing").c_str (), &error), nullptr);
  ASSERT_TRUE (g_error_matches (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT));
  EXPECT_NE (strstr (error->message, "postseal account add"), nullptr);
  EXPECT_EQ (load_failure (""), POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
  EXPECT_NE (message.find ("send="), std::string::npos);
  EXPECT_EQ (load_failure ("[account news]\naddress=a@example.org\nreceive=imaps://x\n"),
             POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
  EXPECT_EQ (load_failure ("nonsense"), POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT);
}
