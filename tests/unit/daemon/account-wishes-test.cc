/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/account-wishes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/main-loop.h"
#include "support/sandbox.h"

namespace
{

class AccountWishes : public testing::Test
{
protected:
  AccountWishes ()
  {
    wishes = postseal_account_wishes_new ((sandbox.home () + "/accounts.conf").c_str ());
  }
  ~AccountWishes () override { postseal_account_wishes_free (wishes); }

  void
  write (const std::string &extra)
  {
    sandbox.write ("accounts.conf", "[account work]\naddress=jane@example.org\n"
                                    "receive=imaps://imap.example.org\ndeliver=maildir:/nowhere\n"
                                        + extra);
  }

  void
  ask (const char *account)
  {
    postseal_account_wishes_ask (
        wishes, account,
        [] (PostsealAccount *found, gpointer data) {
          auto *self = static_cast<AccountWishes *> (data);

          if (found == nullptr)
            self->answers.push_back ("nobody");
          else
            self->answers.push_back (std::to_string (found->notify) + " "
                                     + (found->on_mail != nullptr ? found->on_mail[0] : "-"));
        },
        this, nullptr);
  }

  std::string
  ask_and_wait (const char *account)
  {
    size_t before = answers.size ();

    ask (account);
    EXPECT_EQ (answers.size (), before) << "answered at once";
    loop.wait_for ([&] { return answers.size () > before; });
    return answers.back ();
  }

  postseal_test::AsyncLoop loop;
  postseal_test::Sandbox sandbox;
  PostsealAccountWishes *wishes;
  std::vector<std::string> answers;
};

} // namespace

TEST_F (AccountWishes, AreThoseOfTheFileAsItIsNow)
{
  EXPECT_EQ (ask_and_wait ("work"), "nobody");
  write ("notify=details\non-mail=command:beep twice\n");
  EXPECT_EQ (ask_and_wait ("work"), "1 beep");
  EXPECT_EQ (ask_and_wait ("club"), "nobody");
  EXPECT_EQ (ask_and_wait ("work"), "1 beep");
  write ("notify=no\n");
  EXPECT_EQ (ask_and_wait ("work"), "2 -");
}

TEST_F (AccountWishes, AreToldInOrder)
{
  write ("");
  ask ("work");
  ask ("club");
  ask ("work");
  loop.wait_for ([&] { return answers.size () == 3; });
  EXPECT_EQ (answers, (std::vector<std::string>{ "0 -", "nobody", "0 -" }));
}

TEST_F (AccountWishes, NobodyIsToldAfterTheEnd)
{
  write ("");
  ask ("work");
  postseal_account_wishes_free (wishes);
  wishes = nullptr;
  loop.settle ();
  EXPECT_TRUE (answers.empty ());
}
