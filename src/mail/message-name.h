/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names of message files: unique on this machine, without "/" and ":", and telling what they hold.

   staged: TIME.MUSECPpidQn_postseal-OWNER.HOST
   final:  TIME.MUSECPpidQn_ID_CONTENT.HOST, ID and CONTENT 16 hexadecimal digits each */

#define POSTSEAL_MESSAGE_NAME_OWNER_LENGTH 16

/* Whose staged files they are: an account in a state directory. Returns: (transfer full) */
char *_postseal_message_name_owner (const char *account, const char *state_dir);

/* Returns: (transfer full) */
char *_postseal_message_name_make_staged (const char *owner);
gboolean _postseal_message_name_is_staged_by (const char *name, const char *owner);

/**
 * _postseal_message_name_make:
 * @mailbox: what the ledger knows it by
 * @uidl: (nullable): POP3; NULL: @uid counts
 * @content: SHA-256 of the delivered bytes
 *
 * Returns: (transfer full)
 */
char *_postseal_message_name_make (const char *account,
                                   const char *mailbox,
                                   guint32 uid_validity,
                                   guint32 uid,
                                   const char *uidl,
                                   guint32 occurrence,
                                   const guint8 *content);
/* Another final name with the same ID and CONTENT. Returns: (transfer full) */
char *_postseal_message_name_make_other (const char *name);

/* The part "_ID_CONTENT." of a final name, which stays when mail readers move the file or put flags
   behind it. Returns: (transfer full) (nullable): NULL when @name is not one of ours */
char *_postseal_message_name_get_key (const char *name);

/* What CONTENT in a final name says, wherever the file has gone since: the beginning of the digest
   of what was delivered. @ret_content: (array fixed-size=8). Returns: FALSE when @name is not one
   of ours */
gboolean postseal_message_name_read_content (const char *name, guint8 *ret_content);

G_END_DECLS
