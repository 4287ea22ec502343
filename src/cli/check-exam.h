/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/fact-board.h"
#include "check/port-facts.h"
#include "net/tls-policy.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* The server of an account, looked at by somebody who has no secret and refuses nothing: what the
   account's own connection does not tell, since it ends at the first fault. */

typedef struct
{
  PostsealPortFacts *facts; /* owned */
  PostsealTlsaAnswer *tlsa; /* owned, nullable */
  PostsealFactState tlsa_state;
  char *tlsa_reason; /* owned, nullable */
  gboolean is_local; /* it is on this machine */
} PostsealCheckExam;

void postseal_check_exam_free (PostsealCheckExam *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealCheckExam, postseal_check_exam_free)

/**
 * postseal_check_exam_async:
 * @address: where the account's own connection came to: "192.0.2.1:993", "[2001:db8::1]:993"
 * @dane: (nullable): what the DNS said to it, in the words of base/transcript.h: it is asked again
 *   only where there is something to be held against the certificate
 *
 * Brief, and ends within five seconds. Fails never: what was not seen is unknown.
 */
void postseal_check_exam_async (const PostsealEndpoint *endpoint,
                                const char *address,
                                const char *dane,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* Returns: (transfer full) */
PostsealCheckExam *postseal_check_exam_finish (GAsyncResult *result);

/* Judges by what the account trusts, each fault for itself, and adds to @findings (element-type
   PostsealFinding). Blocks while the authorities are read. */
void postseal_check_exam_judge (const PostsealCheckExam *self,
                                const PostsealEndpoint *endpoint,
                                const PostsealTlsPolicy *policy,
                                GPtrArray *findings);

G_END_DECLS
