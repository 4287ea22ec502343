/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which account sends as whom. Reads of accounts.conf only what this needs (the keys "address",
   "name", "send", "send-as" of each section), so that the sendmail front end needs neither network
   nor secrets; whether the rest of an account is right shows when it sends. Blocking, small. */

typedef struct
{
  char *account; /* owned */
  char *address; /* owned: the account's own */
  char *full_name; /* owned, or NULL */
  char **send_as; /* owned: globs of further senders, "*@example.org", "jane@*" */
} PostsealSender;

typedef struct _PostsealSenders PostsealSenders;

/* Errors: %POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT when the file is missing or no account has "send" (the
   message says how to make one), or it is no key file, %POSTSEAL_OUTBOX_ERROR_INPUT when it cannot
   be read. */
PostsealSenders *postseal_senders_load (const char *path, GError **error);
void postseal_senders_free (PostsealSenders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSenders, postseal_senders_free)

/**
 * postseal_senders_choose:
 * @address: (nullable): the envelope sender, else the author (From)
 *
 * In this order: the account whose "address" is @address (the local part as it is, or without
 * regard to case; the domain always without); with a sub-address taken off ("jane+lists@..." for
 * jane@...); the first with a fitting glob in "send-as". NULL, "" and what can only be this
 * machine's idea of a user (no domain, or the domain is "localhost", this host's name or ends in
 * ".localdomain") is the first account that sends.
 *
 * Errors: %POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT: a sender that belongs to no account is not sent
 * through just any. The message names the key "send-as". Returns: (transfer none)
 */
const PostsealSender *
postseal_senders_choose (PostsealSenders *self, const char *address, GError **error);

/* Errors: %POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT, with the nearest name. Returns: (transfer none) */
const PostsealSender *
postseal_senders_lookup (PostsealSenders *self, const char *account, GError **error);

/* TRUE when @address is one that only this machine understands, as above. */
gboolean postseal_senders_is_local_name (const char *address);

G_END_DECLS
