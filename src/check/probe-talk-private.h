/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "net/endpoint.h"

G_BEGIN_DECLS

/* What is asked of a server that is examined, and how its answers read: IMAP, POP3 and SMTP, line
   by line, without I/O. Nothing else than these questions is ever said to such a server. */
typedef struct _PostsealProbeTalk PostsealProbeTalk;

typedef enum
{
  POSTSEAL_PROBE_QUESTION_GREETING, /* nothing is said */
  POSTSEAL_PROBE_QUESTION_CAPABILITIES, /* CAPABILITY, CAPA, EHLO */
  POSTSEAL_PROBE_QUESTION_HELO, /* of SMTP, where EHLO was refused */
  POSTSEAL_PROBE_QUESTION_UPGRADE, /* STARTTLS, STLS */
  POSTSEAL_PROBE_QUESTION_GOODBYE, /* LOGOUT, QUIT */
} PostsealProbeQuestion;

typedef enum
{
  POSTSEAL_PROBE_ANSWER_MORE, /* further lines belong to it */
  POSTSEAL_PROBE_ANSWER_YES,
  POSTSEAL_PROBE_ANSWER_NO,
  POSTSEAL_PROBE_ANSWER_BUSY, /* not now, or not to us: BYE, 421, a greeting of -ERR, 4yz or 5yz */
  POSTSEAL_PROBE_ANSWER_PREAUTH, /* RFC 9051 section 7.1.4 */
  POSTSEAL_PROBE_ANSWER_STRANGE, /* not of the protocol, or without end */
  /* of a PostsealProbeLink only: */
  POSTSEAL_PROBE_ANSWER_ENDED, /* the server ended the connection */
  POSTSEAL_PROBE_ANSWER_STALLED, /* it said nothing, or not all, in the time it had */
} PostsealProbeAnswer;

PostsealProbeTalk *_postseal_probe_talk_new (PostsealProtocol protocol);
void _postseal_probe_talk_free (PostsealProbeTalk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProbeTalk, _postseal_probe_talk_free)

/**
 * _postseal_probe_talk_ask:
 * @own_literal: for EHLO and HELO
 *
 * Returns: (transfer full) (nullable): the line to send, without its end; NULL for the greeting
 */
char *_postseal_probe_talk_ask (PostsealProbeTalk *self,
                                PostsealProbeQuestion question,
                                const char *own_literal);

/* One line of the answer, without LF; after another answer than MORE, ask first.
   @line: (array length=length): trusted in nothing */
PostsealProbeAnswer
_postseal_probe_talk_hear (PostsealProbeTalk *self, const char *line, gsize length);

/* A harmless command to be sent in clear behind the upgrade, where a server should pass it over.
   Returns: (transfer none): without line end */
const char *_postseal_probe_talk_get_stowaway (PostsealProbeTalk *self);
/* Whether @line answers it. */
gboolean
_postseal_probe_talk_is_for_stowaway (PostsealProbeTalk *self, const char *line, gsize length);

/* Of the answer: the first line of a greeting, the one that decides of others. Returns: (transfer
   none): printable, "" when there is none */
const char *_postseal_probe_talk_get_line (PostsealProbeTalk *self);
/* What the last answer to CAPABILITIES has listed. Returns: (transfer full): printable, NULL
   terminated, never NULL */
char **_postseal_probe_talk_get_caps (PostsealProbeTalk *self);
/* The last answer to CAPABILITIES offers an upgrade. */
gboolean _postseal_probe_talk_offers_upgrade (PostsealProbeTalk *self);

G_END_DECLS
