/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "imap-peer.h"

#include "net/net-error.h"

using std::string;

namespace
{

class ImapLogin : public ImapTest
{
};

} // namespace

/* The whole price of a poll: greeting, sign-in, and one flight of all the rest (RFC 9051
 * section 5.5). */
TEST_F (ImapLogin, PollTakesTwoFlights)
{
  open ();
  ASSERT_TRUE (login ()) << error->message;
  g_autoptr (GError) none = nullptr;
  Waiter waiter;
  postseal_imap_session_select_async (session, "INBOX", FALSE, nullptr, nullptr, Waiter::on_done,
                                      &waiter);
  ASSERT_TRUE (peer->run_until ([&] { return waiter.is_done (); }));
  postseal_imap_status_free (postseal_imap_session_select_finish (session, waiter.result, &error));
  ASSERT_EQ (error, nullptr);

  ASSERT_EQ (peer->flights.size (), 2u);
  EXPECT_EQ (peer->flights[0], "AUTHENTICATE PLAIN AGphbmUAc2VjcmV0");
  EXPECT_EQ (peer->flights[1],
             "ID (\"name\" \"Postseal\" \"version\" \"" POSTSEAL_VERSION "\")\nSELECT INBOX");
}
