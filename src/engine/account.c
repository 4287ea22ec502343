/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account.h"

#include "base/limits.h"

#define DEFAULT_INTERVAL_SECONDS (5 * 60)
#define DEFAULT_CONNECTIONS                                                                        \
  5 /* the least that a well-known provider bears is 10; others may sit there, too */

PostsealAccount *
postseal_account_new (void)
{
  PostsealAccount *self = g_atomic_rc_box_new0 (PostsealAccount);

  self->password = g_strdup ("secret-service");
  self->folders = g_strsplit ("INBOX", ";", -1);
  self->layout = POSTSEAL_LAYOUT_MAILDIRPP;
  self->keep = POSTSEAL_KEEP_FOREVER;
  self->push = TRUE;
  self->interval_seconds = DEFAULT_INTERVAL_SECONDS;
  self->connections = DEFAULT_CONNECTIONS;
  self->notify = POSTSEAL_NOTIFY_COUNT;
  self->timeout_ms = POSTSEAL_LIMIT_SILENCE_MS;
  self->retry_seconds = POSTSEAL_LIMIT_OUTBOX_LIFE_S;
  return self;
}

PostsealAccount *
postseal_account_ref (PostsealAccount *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear_account (gpointer data)
{
  PostsealAccount *self = data;

  g_free (self->name);
  g_free (self->address);
  g_free (self->full_name);
  g_clear_pointer (&self->receive, postseal_endpoint_unref);
  g_free (self->receive_user);
  g_clear_pointer (&self->receive_policy, postseal_tls_policy_unref);
  g_clear_pointer (&self->send, postseal_endpoint_unref);
  g_free (self->send_user);
  g_clear_pointer (&self->send_policy, postseal_tls_policy_unref);
  g_strfreev (self->send_as);
  g_strfreev (self->auth);
  g_free (self->password);
  g_strfreev (self->folders);
  g_free (self->deliver);
  g_strfreev (self->authserv_ids);
  g_strfreev (self->on_mail);
}

void
postseal_account_unref (PostsealAccount *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear_account);
}
