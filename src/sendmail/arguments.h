/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "wire/smtp-command.h"

G_BEGIN_DECLS

/* The command line of sendmail, as programs have written it for forty years: options of one letter,
   in clusters ("-ti"), with their argument attached ("-fjane@example.org") or behind them, before,
   between and behind the recipients; "--" ends them. Many are accepted and mean nothing here. */

typedef enum
{
  POSTSEAL_SENDMAIL_SEND, /* -bm: the default */
  POSTSEAL_SENDMAIL_SPEAK_SMTP, /* -bs */
  POSTSEAL_SENDMAIL_LIST_QUEUE, /* -bp, mailq */
  POSTSEAL_SENDMAIL_RUN_QUEUE, /* -q */
  POSTSEAL_SENDMAIL_VERIFY, /* -bv */
  POSTSEAL_SENDMAIL_NEW_ALIASES, /* -bi, -I, newaliases */
  POSTSEAL_SENDMAIL_HELP, /* --help */
  POSTSEAL_SENDMAIL_VERSION, /* --version */
} PostsealSendmailMode;

typedef struct
{
  PostsealSendmailMode mode;
  char *config; /* owned: -C, --config; NULL: the usual file */
  char *account; /* owned: --account; NULL: chosen by the sender */
  char *sender; /* owned: -f, -r; "" the null sender; NULL: not given */
  char *full_name; /* owned: -F, UTF-8; or NULL */
  char *envid; /* owned: -V; or NULL */
  char *queue_id; /* owned: -qI; NULL: all */
  gboolean reads_recipients; /* -t */
  gboolean ignores_dots; /* -i, -oi */
  gboolean undoes_dots; /* --undo-dots, which implies -i */
  gboolean is_binary; /* -B binarymime */
  gboolean is_verbose; /* -v */
  guint notify; /* -N: PostsealSmtpNotify; 0: not given */
  PostsealSmtpReturn ret; /* -R */
  GPtrArray *recipients; /* owned (element-type utf8): in order, taken out of lists and brackets;
                            what cannot be understood as it is */
} PostsealSendmailArguments;

/**
 * postseal_sendmail_arguments_parse:
 * @self: to be filled; cleared by the caller, also after failure
 * @argv: (array length=argc): bytes, in no encoding that is known; the first is what the program
 * was called as
 *
 * Errors: %POSTSEAL_OUTBOX_ERROR_USAGE
 */
gboolean postseal_sendmail_arguments_parse (PostsealSendmailArguments *self,
                                            int argc,
                                            char **argv,
                                            GError **error);
void postseal_sendmail_arguments_clear (PostsealSendmailArguments *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealSendmailArguments, postseal_sendmail_arguments_clear)

G_END_DECLS
