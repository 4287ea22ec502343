/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"
#include "setup/trouble.h"

G_BEGIN_DECLS

/* The test of an account, both sides, step by step, exactly as it will be used: nothing is written
   but in the report, no message is fetched or sent, no latch taught. A password is tried once:
   where the first side refuses it, the other does not see it. */

typedef enum
{
  POSTSEAL_TEST_RESOLVE, /* the name */
  POSTSEAL_TEST_CONNECT, /* TCP */
  POSTSEAL_TEST_SEAL, /* upgrade, handshake, certificate */
  POSTSEAL_TEST_SIGN_IN,
  POSTSEAL_TEST_MAILBOX, /* receiving: open INBOX, read only; POP3: STAT */
  POSTSEAL_TEST_ENVELOPE, /* sending: MAIL FROM the address, RCPT TO the same, RSET; no DATA */
} PostsealTestKind;

typedef enum
{
  POSTSEAL_TEST_WAITING,
  POSTSEAL_TEST_RUNNING,
  POSTSEAL_TEST_PASSED,
  POSTSEAL_TEST_FAILED,
  POSTSEAL_TEST_SKIPPED,
} PostsealTestState;

/* One step of one side, with properties that notify:
     kind i, sending b, state i
     title s    "Sign in", "Send as jane@example.org"
     detail s   when passed or running: "192.0.2.1", "TLS 1.3, vouched for by R3, 71 days left",
                "SCRAM-SHA-256", "1204 messages"; when failed the sentence of what went wrong
     seconds d  how long it took, 0 before its end */
#define POSTSEAL_TYPE_TEST_STEP (postseal_test_step_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTestStep, postseal_test_step, POSTSEAL, TEST_STEP, GObject)

PostsealTestKind postseal_test_step_get_kind (PostsealTestStep *self); /* as the property */
gboolean postseal_test_step_is_sending (PostsealTestStep *self); /* as the property */
PostsealTestState postseal_test_step_get_state (PostsealTestStep *self); /* as the property */
const char *postseal_test_step_get_title (PostsealTestStep *self); /* (transfer none) */
const char *postseal_test_step_get_detail (PostsealTestStep *self); /* (transfer none) */
double postseal_test_step_get_seconds (PostsealTestStep *self); /* as the property */

#define POSTSEAL_TYPE_LIVE_TEST (postseal_live_test_get_type ())
G_DECLARE_FINAL_TYPE (PostsealLiveTest, postseal_live_test, POSTSEAL, LIVE_TEST, GObject)

/**
 * postseal_live_test_new:
 * @secret: (nullable): the password as typed, not stored anywhere yet; NULL: from the account's own
 * place
 *
 * Returns: (transfer full)
 */
PostsealLiveTest *postseal_live_test_new (PostsealAccount *account, PostsealCredential *secret);

/* (element-type PostsealTestStep): receiving first, then sending; fixed from the beginning.
   Returns: (transfer none) */
GListModel *postseal_live_test_get_steps (PostsealLiveTest *self);

/* Once. Errors: %G_IO_ERROR_CANCELLED only. */
void postseal_live_test_run_async (PostsealLiveTest *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Returns: TRUE when every step of every side passed */
gboolean
postseal_live_test_run_finish (PostsealLiveTest *self, GAsyncResult *result, GError **error);

/* The first thing that went wrong, and of the other side, too. Returns: (transfer none) (nullable)
 */
const PostsealTrouble *postseal_live_test_get_trouble (PostsealLiveTest *self, gboolean sending);
/* The evidence of a side. Returns: (transfer none) (nullable) */
PostsealSeal *postseal_live_test_get_seal (PostsealLiveTest *self, gboolean sending);

/* Everything for somebody who is to help, as plain text: versions, steps, times, what was said,
   what went wrong; no secret. Returns: (transfer full) */
char *postseal_live_test_get_report (PostsealLiveTest *self);

G_END_DECLS
