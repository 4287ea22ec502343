/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the program is asked: lines on standard input. At first, and each at most once,
   "dns-server ADDRESS@PORT", "dns-anchor PATH", "ca-file PATH", "limit MILLISECONDS"; then
   questions, each with a number of the asker's: "srv ID NAME" and the same with "mx", "cname", "a",
   "aaaa" and "txt"; "tlsa ID _PORT._tcp.HOST"; "get ID URI", and "file ID URI", which follows
   nobody elsewhere. */

#define POSTSEAL_QUESTION_ERROR (postseal_question_error_quark ())
GQuark postseal_question_error_quark (void);
/* How a question can end without what was asked for. The message is a sentence for people. */
typedef enum
{
  POSTSEAL_QUESTION_ERROR_NOTHING, /* an answer: there is no such thing */
  POSTSEAL_QUESTION_ERROR_UNREACHABLE, /* no answer, or none that can be used */
  POSTSEAL_QUESTION_ERROR_BOGUS, /* DNSSEC signatures that are wrong */
  POSTSEAL_QUESTION_ERROR_UNPROVEN, /* nobody vouches for who would answer */
  POSTSEAL_QUESTION_ERROR_REDIRECTED, /* it is said to be elsewhere, where nobody was to look */
} PostsealQuestionError;

typedef enum
{
  POSTSEAL_QUESTION_RECORDS,
  POSTSEAL_QUESTION_TEXTS,
  POSTSEAL_QUESTION_TLSA,
  POSTSEAL_QUESTION_GET,
  POSTSEAL_QUESTION_FILE,
} PostsealQuestionKind;

typedef struct
{
  PostsealQuestionKind kind;
  int type; /* RECORDS, TEXTS: of lookup/dns-records.h */
  guint id;
  char *subject; /* owned: a DNS name, or a URI that is not yet looked at */
} PostsealQuestion;

void postseal_question_free (PostsealQuestion *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealQuestion, postseal_question_free)

/* The host of "_993._tcp.imap.example.org". Returns: (transfer none) (nullable) */
const char *postseal_question_find_host (const char *service);

typedef struct
{
  char *dns_server; /* owned, nullable: the system's */
  char *dns_anchor; /* owned, nullable: the system's */
  char *ca_file; /* owned, nullable */
  guint limit_ms; /* for each question */
} PostsealOrders;

/* Frees what it holds. */
void postseal_orders_clear (PostsealOrders *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealOrders, postseal_orders_clear)

/**
 * postseal_question_read:
 * @line: without its end
 * @orders: changed by a line that is no question
 * @ret_question: (out) (transfer full) (nullable): NULL when it is none
 *
 * Returns: (nullable): what is wrong with the line (untranslated, for a programmer)
 */
const char *
postseal_question_read (const char *line, PostsealOrders *orders, PostsealQuestion **ret_question);

G_END_DECLS
