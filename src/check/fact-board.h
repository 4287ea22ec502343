/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "check/port-facts.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* What is known so far, and what is wished for. Whoever judges takes what the board has; what it
   has not yet becomes a wish, to be put there by somebody who asks for it. The judge is called
   again until no wish is left, and needs to know neither of networks nor of time. */
typedef struct _PostsealFactBoard PostsealFactBoard;

typedef enum
{
  POSTSEAL_FACT_TXT, /* by DNS name */
  POSTSEAL_FACT_MX, /* by domain */
  POSTSEAL_FACT_SRV, /* by DNS name */
  POSTSEAL_FACT_ALIAS, /* by host: found when the name is an alias */
  POSTSEAL_FACT_ADDRESS, /* by host: found when it has one */
  POSTSEAL_FACT_TLSA, /* by "_25._tcp.HOST"; its texts are as in a zone file, "3 1 1 HEX" */
  POSTSEAL_FACT_FILE, /* by "HOST/PATH" at an https server, no redirects */
  POSTSEAL_FACT_PAGE, /* the same, wherever it leads within https */
  POSTSEAL_FACT_EXCHANGE, /* by host: what was seen of it where it takes mail; wants its ADDRESS */
} PostsealFactKind;

typedef enum
{
  POSTSEAL_FACT_FOUND,
  POSTSEAL_FACT_ABSENT, /* an answer: there is no such thing */
  POSTSEAL_FACT_NO_ANSWER, /* nobody knows */
  POSTSEAL_FACT_BOGUS, /* DNS: signed wrongly */
  POSTSEAL_FACT_UNPROVEN, /* https: the server has not proven who it is */
  POSTSEAL_FACT_REDIRECTED, /* https: it sends elsewhere */
} PostsealFactState;

/* Of an MX or SRV record. */
typedef struct
{
  guint priority;
  guint port;
  char *target; /* owned: lower case, without the last dot; "" for the root */
} PostsealFactHost;

typedef struct
{
  PostsealFactState state;
  gboolean is_secure; /* DNS: signed, and rightly so */
  GPtrArray *texts; /* owned (element-type utf8): TXT: of each record, its strings joined; FILE,
                       PAGE: its content; UTF-8 */
  GPtrArray *hosts; /* owned (element-type PostsealFactHost): MX, SRV; ADDRESS: as the targets */
  PostsealTlsaAnswer *tlsa; /* owned, nullable: TLSA: the same as the texts */
  PostsealPortFacts *port; /* owned, nullable: EXCHANGE */
  char *reason; /* owned, nullable: a sentence, where nothing was found */
} PostsealFact;

/* Found, with nothing in it yet. Returns: (transfer full) */
PostsealFact *postseal_fact_new (void);
void postseal_fact_free (PostsealFact *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealFact, postseal_fact_free)
void postseal_fact_add_host (PostsealFact *self, guint priority, guint port, const char *target);

/* Returns: (transfer full) */
PostsealFactBoard *postseal_fact_board_new (void);
void postseal_fact_board_free (PostsealFactBoard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealFactBoard, postseal_fact_board_free)

/* Names are compared without regard to case. Returns: (transfer none) (nullable): NULL: not known
   yet, and wished for */
const PostsealFact *
postseal_fact_board_get (PostsealFactBoard *self, PostsealFactKind kind, const char *name);

/* @fact: (transfer full). The wish is fulfilled. */
void postseal_fact_board_put (PostsealFactBoard *self,
                              PostsealFactKind kind,
                              const char *name,
                              PostsealFact *fact);

/* A wish that nobody has taken yet; it is taken now. @ret_name: (out) (transfer full): untouched
   when there is none. Returns: FALSE when there is none */
gboolean postseal_fact_board_take_wish (PostsealFactBoard *self,
                                        PostsealFactKind *ret_kind,
                                        char **ret_name);

G_END_DECLS
