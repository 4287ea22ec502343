/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/prior-mail.h"
#include "import/rc-section.h"

G_BEGIN_DECLS

/* An account on its way from another program's words into ours: what the mappings of all programs
   share. What is not mapped gets a note. */

typedef enum
{
  POSTSEAL_DRAFT_TLS_NONE,
  POSTSEAL_DRAFT_TLS_IMPLICIT,
  POSTSEAL_DRAFT_TLS_UPGRADE,
} PostsealDraftTls;

/* One server in the other program's terms. */
typedef struct
{
  PostsealProtocol protocol;
  char *host; /* owned, nullable */
  guint port; /* 0: the default */
  char *user; /* owned, nullable */
  PostsealDraftTls tls;
  gboolean may_be_plain; /* TLS was used only where it was offered */
  gboolean is_unchecked; /* the server's certificate was not checked */
  gboolean is_pinned; /* it was held against a fingerprint instead */
  gboolean is_anonymous; /* no log-in: sending only */
  guint line; /* where the server stands */
  guint tls_line; /* where TLS is turned off, or on; 0: nowhere */
  char *tls_setting; /* owned, nullable: how: "sslproto ''" */
  guint check_line; /* where the check is turned off */
  char *check_setting; /* owned, nullable: "no sslcertck" */
} PostsealDraftServer;

/* Frees what it owns. */
void postseal_draft_server_clear (PostsealDraftServer *self);

typedef struct
{
  PostsealImportAccount account; /* the public part */
  PostsealCredential *secret; /* owned, nullable */
  GPtrArray *prior; /* owned (element-type PostsealPriorMailbox) */
} PostsealImportDraft;

/* Returns: (transfer full) */
PostsealImportDraft *postseal_import_draft_new (void);
void postseal_import_draft_free (PostsealImportDraft *self);
/* @data: a PostsealImportNote */
void postseal_import_draft_free_note (gpointer data);

/* --- notes --- */

/**
 * postseal_import_draft_note:
 * @setting: as it stood there, without secrets
 * @becomes: (nullable)
 * @text: (nullable): translated
 */
void postseal_import_draft_note (PostsealImportDraft *self,
                                 PostsealImportVerdict verdict,
                                 guint line,
                                 const char *setting,
                                 const char *becomes,
                                 const char *text);
/* The same about @setting, spelled "name value"; its values are shown. @setting: (nullable): there
   is nothing to say then */
void postseal_import_draft_note_setting (PostsealImportDraft *self,
                                         PostsealImportVerdict verdict,
                                         const PostsealRcSetting *setting,
                                         const char *becomes,
                                         const char *text);
/* "no keep", "mda /usr/bin/procmail"; of a secret "password …". Returns: (transfer full) */
char *postseal_import_draft_show (const PostsealRcSetting *setting);

/* --- keys --- */

/* Sets @key, and notes "key=value" as what @setting becomes. */
void postseal_import_draft_carry (PostsealImportDraft *self,
                                  PostsealImportVerdict verdict,
                                  const PostsealRcSetting *setting,
                                  const char *key,
                                  const char *value,
                                  const char *text);
/* For a path: "~/…" is as good, a relative one is below the home directory. */
void postseal_import_draft_carry_path (PostsealImportDraft *self,
                                       const PostsealRcSetting *setting,
                                       const char *key,
                                       const char *path);

/* "password=command:…" of a command line for the shell, if it needs none; else a note. Nothing is
   run. */
void postseal_import_draft_carry_password_command (PostsealImportDraft *self,
                                                   const PostsealRcSetting *setting,
                                                   const char *command_line);
/* The same of words that are run without a shell there, too. */
void postseal_import_draft_carry_password_argv (PostsealImportDraft *self,
                                                const PostsealRcSetting *setting,
                                                const char *const *argv);
/* The password itself, which stays out of accounts.conf. */
void
postseal_import_draft_take_secret (PostsealImportDraft *self, const PostsealRcSetting *setting);
/* "deliver=command:…", likewise. Returns: whether it could be carried */
gboolean postseal_import_draft_carry_delivery_command (PostsealImportDraft *self,
                                                       const PostsealRcSetting *setting,
                                                       const char *command_line);
/* "deliver=maildir:…" or "mbox:…" */
void postseal_import_draft_carry_place (PostsealImportDraft *self,
                                        const PostsealRcSetting *setting,
                                        const char *kind,
                                        const char *path);

/* A list as the keys "folders" and "auth" want it. @list: (element-type utf8). Returns: (transfer
   full) */
char *postseal_import_draft_join_list (const GPtrArray *list);

/* --- the end --- */

/**
 * postseal_import_draft_finish:
 * @name: (nullable): NULL: the address
 * @address: (nullable): NULL: found from user and server, and said so
 * @receive: (nullable)
 * @send: (nullable)
 *
 * Name, address, servers with what has to be said about TLS, and for who receives a place to
 * deliver to; and whether the account can be used.
 */
void postseal_import_draft_finish (PostsealImportDraft *self,
                                   const char *name,
                                   const char *address,
                                   const PostsealDraftServer *receive,
                                   const PostsealDraftServer *send);

/* There is no server that could be used: the account without its URL. */
void postseal_import_draft_give_up (PostsealImportDraft *self, gboolean sending);

/* What is known as retrieved. @mailbox: (transfer full) */
void postseal_import_draft_take_prior (PostsealImportDraft *self, PostsealPriorMailbox *mailbox);
/* The same messages, in case that the server calls their mailbox @title. */
void postseal_import_draft_take_prior_as (PostsealImportDraft *self,
                                          const PostsealPriorMailbox *mailbox,
                                          const char *title);
/* The same for "what is \Seen counts", of all of @folders */
void postseal_import_draft_count_seen (PostsealImportDraft *self, const GPtrArray *folders);
/* @text: translated */
void postseal_import_draft_say_seen (PostsealImportDraft *self, const char *text);

/* --- settings that a program has --- */

typedef struct
{
  const char *name;
  PostsealImportVerdict verdict;
  const char *text; /* for translation; "" where nothing needs be said */
} PostsealDraftRule;

/* Notes each setting of @section with the rule of its name. @is_mapped: those that were mapped
   already are passed over. Without a rule: IMPOSSIBLE */
void postseal_import_draft_apply_rules (PostsealImportDraft *self,
                                        const PostsealRcSection *section,
                                        const PostsealDraftRule *rules,
                                        gsize n_rules,
                                        const char *const *mapped);

G_END_DECLS
