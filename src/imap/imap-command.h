/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "wire/imap-parser.h"

G_BEGIN_DECLS

/* One IMAP command on its way: its words, how it may share the line with others, and who is told
   what the server answers. Made by an operation, then owned by the queue (imap/imap-queue.h). */
typedef struct _PostsealImapCommand PostsealImapCommand;

typedef enum
{
  POSTSEAL_IMAP_COMMAND_PIPELINED, /* leaves while others are under way */
  POSTSEAL_IMAP_COMMAND_HOLDS, /* so, but later ones wait for its end: they depend on it (SELECT) */
  POSTSEAL_IMAP_COMMAND_ALONE, /* nothing is under way with it (RFC 9051 section 5.5, RFC 4978
                                  section 3) */
} PostsealImapCommandKind;

/* All are called from the queue, none while a command is being made. */
typedef struct
{
  /* (nullable): an untagged response while this is under way. Returns: TRUE when it is for this
   * command only */
  gboolean (*on_untagged) (const PostsealImapResponse *response, gpointer user_data);
  /* (nullable): "+" that is not about a literal (AUTHENTICATE) */
  void (*on_continuation) (const PostsealImapResponse *response, gpointer user_data);
  /* (nullable): a later command waits for the end of this one, which is alone; may be told again */
  void (*on_wanted) (gpointer user_data);
  /* (nullable): once, last. @verb: of the command. @tagged: OK, NO or BAD; or NULL with @error when
     the session died before */
  void (*on_done) (const char *verb,
                   const PostsealImapResponse *tagged,
                   const GError *error,
                   gpointer user_data);
} PostsealImapCommandHandler;

/**
 * postseal_imap_command_new:
 * @verb: the first words, e.g. "UID FETCH"
 * @handler: (nullable): static
 * @destroy: (nullable): frees @user_data with the command
 *
 * Returns: (transfer full)
 */
PostsealImapCommand *postseal_imap_command_new (PostsealImapCommandKind kind,
                                                const char *verb,
                                                const PostsealImapCommandHandler *handler,
                                                gpointer user_data,
                                                GDestroyNotify destroy);
void postseal_imap_command_free (PostsealImapCommand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealImapCommand, postseal_imap_command_free)

/* " " and @words, which are known to be plain protocol text. */
void postseal_imap_command_add (PostsealImapCommand *self, const char *words);

/* " " and a string of any bytes: quoted when it can be, else a literal. */
void postseal_imap_command_add_string (PostsealImapCommand *self, const char *bytes, gssize length);

/* " " and a list of such strings. @strings: (array zero-terminated=1): at least one */
void postseal_imap_command_add_list (PostsealImapCommand *self, const char *const *strings);

/* A string, never shown in a transcript and wiped with the command. */
void postseal_imap_command_add_secret (PostsealImapCommand *self, const char *bytes, gssize length);

/* " " and @words, secret but plain protocol text: a SASL initial response. */
void
postseal_imap_command_add_secret_words (PostsealImapCommand *self, const char *words, gsize length);

/* --- for the queue --- */

typedef struct
{
  char *bytes; /* owned */
  gsize length;
  gboolean is_secret;
  gboolean is_literal;
} PostsealImapCommandPart;

/* How it shares the line. */
PostsealImapCommandKind postseal_imap_command_get_kind (PostsealImapCommand *self);
/* Returns: (transfer none) (nullable): the part at @index, NULL behind the last. Every part that is
   not a literal is sent as it stands; the line end is not among them. */
const PostsealImapCommandPart *
postseal_imap_command_get_part (PostsealImapCommand *self, guint index);
const char *postseal_imap_command_get_tag (PostsealImapCommand *self);
/* Unique by its number. One that is alone gets a tag that nobody can answer before it was read. */
void postseal_imap_command_set_tag (PostsealImapCommand *self, guint number);
/* One printable line for the transcript. Returns: (transfer full) */
char *postseal_imap_command_to_string (PostsealImapCommand *self);

/* Offers an untagged response. Returns: TRUE when it was for this command only */
gboolean
postseal_imap_command_untagged (PostsealImapCommand *self, const PostsealImapResponse *response);
/* Returns: FALSE when the command takes no continuation */
gboolean postseal_imap_command_continuation (PostsealImapCommand *self,
                                             const PostsealImapResponse *response);
/* Tells that a later command waits for its end. */
void postseal_imap_command_wanted (PostsealImapCommand *self);
/* Tells the end and frees. */
void postseal_imap_command_done (PostsealImapCommand *self,
                                 const PostsealImapResponse *tagged,
                                 const GError *error);

G_END_DECLS
