/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "daemon/mail-news.h"
#include "engine/account.h"

G_BEGIN_DECLS

/* What is shown on the desktop about each account: new mail, messages that cannot be sent, and
   trouble that only the user can end. What comes in a burst is one notification, and replaces the
   last one of its kind as long as that is still there. Lives on the thread-default main context of
   its maker. */
typedef struct _PostsealNotifier PostsealNotifier;

/* Returns: (transfer full) */
PostsealNotifier *postseal_notifier_new (GDBusConnection *session_bus);
void postseal_notifier_free (PostsealNotifier *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealNotifier, postseal_notifier_free)

/* How long is waited for more of a burst. */
void postseal_notifier_set_pause (PostsealNotifier *self, guint pause_ms);

/* @notify: what the user wants to see of it; sender and subject are read from the files */
void postseal_notifier_mail_arrived (PostsealNotifier *self,
                                     const char *account,
                                     PostsealNotify notify,
                                     const PostsealMailNews *news);

typedef enum
{
  POSTSEAL_NOTIFIER_BOUNCED, /* a report is in the account's mailbox */
  POSTSEAL_NOTIFIER_FAILED, /* it stays in the outbox */
} PostsealNotifierFailure;

/* A message will not be sent. @id: its ID in the outbox */
void postseal_notifier_message_failed (PostsealNotifier *self,
                                       const char *account,
                                       const char *id,
                                       PostsealNotifierFailure failure);

/* @sentence: (nullable): why the account waits for the user; NULL when it does not, or no more. The
   same sentence is shown once. */
void
postseal_notifier_set_trouble (PostsealNotifier *self, const char *account, const char *sentence);

G_END_DECLS
