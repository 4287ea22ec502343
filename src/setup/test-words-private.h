/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/live-test.h"
#include "smtp/smtp-session.h"

G_BEGIN_DECLS

/* What the steps of a test say. All strings: (transfer full) */

/* "Find imap.example.org", "Sign in" */
char *
_postseal_test_words_title (PostsealTestKind kind, PostsealAccount *account, gboolean sending);

/* "TLS 1.3, vouched for by R3, 71 days left". @now: Unix time */
char *_postseal_test_words_seal (const PostsealSeal *seal, gint64 now);
char *_postseal_test_words_messages (guint64 count);

/* What a server said to the envelope, where it is not an error: "" when it took all. */
char *_postseal_test_words_envelope (const PostsealSmtpRehearsal *answers);
/* (nullable): the server does not let the account send from its address. Some servers ask who the
   sender is only when they hear of a recipient. */
GError *
_postseal_test_words_sender_error (const PostsealSmtpRehearsal *answers, PostsealAccount *account);

G_END_DECLS
