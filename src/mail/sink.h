/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where retrieved mail goes: maildir:PATH | mbox:PATH | command:ARGV | lmtp:SOCKET-OR-HOST:PORT.
   Used by the delivery's worker thread only; every call blocks. */
typedef struct _PostsealSink PostsealSink;

#define POSTSEAL_SINK_ERROR (postseal_sink_error_quark ())
GQuark postseal_sink_error_quark (void);
typedef enum
{
  POSTSEAL_SINK_ERROR_CANNOT_WRITE, /* read only, no permission, no such place (73) */
  POSTSEAL_SINK_ERROR_DISK, /* full, over quota, input or output error (74): stop this account */
  POSTSEAL_SINK_ERROR_TEMPORARY, /* MDA said 75, LMTP 4yz, lock held by others (75): keep it, go on
                                  */
  POSTSEAL_SINK_ERROR_REJECTED, /* MDA or LMTP refused this message for good (69): keep it, go on */
  POSTSEAL_SINK_ERROR_NOT_LOOPBACK, /* LMTP to another machine would travel unsealed (76) */
} PostsealSinkError;

typedef enum
{
  POSTSEAL_SINK_MAILDIR,
  POSTSEAL_SINK_MBOX,
  POSTSEAL_SINK_COMMAND,
  POSTSEAL_SINK_LMTP,
} PostsealSinkKind;

typedef enum
{
  POSTSEAL_LAYOUT_MAILDIRPP, /* INBOX at the path, others as .A.B below it */
  POSTSEAL_LAYOUT_FS, /* as folders */
  POSTSEAL_LAYOUT_SINGLE, /* all into one */
} PostsealLayout;

/* NULL when @spec (the account key "deliver") is well formed, else a sentence fragment. Paths must
   be absolute or begin with "~/". Returns: (transfer full) (nullable) */
char *postseal_sink_check_spec (const char *spec);
PostsealSinkKind postseal_sink_spec_kind (const char *spec);
/* The absolute path or address that two accounts must not share for mbox. Returns: (transfer full)
 */
char *postseal_sink_spec_place (const char *spec);

/**
 * postseal_sink_new:
 * @spec: value of "deliver"
 * @layout: where other mailboxes than INBOX go (Maildir and mbox; ignored otherwise)
 * @mailbox: (nullable): UTF-8 title of the mailbox; NULL or "INBOX" for the path itself
 * @delimiter: hierarchy delimiter of @mailbox, 0: flat
 * @recipient: the account's address: envelope recipient for LMTP, and RECIPIENT in an MDA's
 * environment
 *
 * Makes the directories. Mailbox names cannot leave the path ("..", "/", control characters are
 * escaped).
 */
PostsealSink *postseal_sink_new (const char *spec,
                                 PostsealLayout layout,
                                 const char *mailbox,
                                 char delimiter,
                                 const char *recipient,
                                 GError **error);
void postseal_sink_free (PostsealSink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealSink, postseal_sink_free)

/* What it is. */
PostsealSinkKind postseal_sink_get_kind (PostsealSink *self);
/* Maildir: the Maildir's path; mbox: the file; else NULL */
const char *postseal_sink_get_path (PostsealSink *self);
/* Where message files are staged: the Maildir's own tmp/ (same file system), else NULL (account's
 * spool). */
const char *postseal_sink_get_stage_dir (PostsealSink *self);

/* A staged, complete message. */
typedef struct
{
  const char *staged_path; /* the file in the stage directory, LF line ends */
  const char *name; /* Maildir: name in new/ */
  guint64 length;
  char *place; /* out, (transfer full): where it went, for people and the ledger */
  GError *error; /* out, (transfer full): why it did not, NULL when delivered */
} PostsealSinkItem;

/**
 * postseal_sink_deliver:
 *
 * Delivers @items, in order. When this returns, each item without error is durable (Maildir:
 * renamed without ever replacing a file, new/ synced; mbox: appended and synced under dot, fcntl
 * and flock locks). The staged files are gone for delivered items, except that a failing item keeps
 * its file.
 *
 * Returns: FALSE with @error when going on makes no sense (POSTSEAL_SINK_ERROR_CANNOT_WRITE,
 * _DISK); items without error and with a place are delivered all the same.
 */
gboolean
postseal_sink_deliver (PostsealSink *self, PostsealSinkItem *items, gsize n_items, GError **error);

G_END_DECLS
