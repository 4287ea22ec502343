/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/seal.h"
#include "net/tls-policy.h"

G_BEGIN_DECLS

/* How often the connections of one account were sealed, or refused and why: the file "tls-counts"
   in its state directory, which never leaves this computer. What the network as such prevented is
   not counted, nor what goes to this machine without TLS. */
typedef struct _PostsealTlsCounts PostsealTlsCounts;

/* What the server had to prove. */
typedef enum
{
  POSTSEAL_TLS_COUNT_CA,
  POSTSEAL_TLS_COUNT_PIN,
  POSTSEAL_TLS_COUNT_DANE,
  POSTSEAL_TLS_COUNT_OPPORTUNISTIC,
} PostsealTlsCountPolicy;

/* The connections that agree in all of this. */
typedef struct
{
  char *day; /* owned: "2026-11-22", UTC */
  gboolean is_sending;
  char *server; /* owned: "imap.example.org:993" */
  PostsealTlsCountPolicy policy;
  const char *reason; /* static: postseal_tls_result_get_reason(), or NULL: sealed */
  guint64 connections;
  gint64 last; /* Unix time of the last of them */
} PostsealTlsCount;

PostsealTlsCounts *postseal_tls_counts_new (void);
void postseal_tls_counts_free (PostsealTlsCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsCounts, postseal_tls_counts_free)

/**
 * postseal_tls_counts_add:
 * @server: postseal_endpoint_to_string()
 * @policy: what was asked of it
 * @seal: (nullable): of a connection that came about
 * @error: (nullable): why there is none
 * @now: Unix time
 *
 * Counts the outcome of one dial, if it says anything of the server's TLS.
 */
void postseal_tls_counts_add (PostsealTlsCounts *self,
                              const char *server,
                              gboolean is_sending,
                              const PostsealTlsPolicy *policy,
                              const PostsealSeal *seal,
                              const GError *error,
                              gint64 now);

/* TRUE when nothing has been counted. */
gboolean postseal_tls_counts_is_empty (const PostsealTlsCounts *self);

/* All of them, by day, direction, server, policy and reason. Returns: (transfer container)
   (element-type PostsealTlsCount): what it holds belongs to @self */
GPtrArray *postseal_tls_counts_list (const PostsealTlsCounts *self);

/* Reads @path; where it is missing, nothing was counted. Blocks. Errors: %G_FILE_ERROR; its
   %G_FILE_ERROR_INVAL: the file is damaged */
PostsealTlsCounts *postseal_tls_counts_load (const char *path, GError **error);

/* Adds @self to what @path holds, under a lock of its own ("PATH.lock"), so that no other program's
   counts are lost, and empties it. The file holds the last 60 days that have any, and some hundred
   lines; one that is damaged is begun anew, with a warning. Blocks, but not for the disk: what was
   counted last may be gone after a power cut. After failure @self is as it was. Errors: those of
   loading, %POSTSEAL_LOCK_ERROR_BUSY */
gboolean postseal_tls_counts_keep (PostsealTlsCounts *self, const char *path, GError **error);

/* "ca", "pin", "dane", "opportunistic" */
const char *postseal_tls_count_policy_name (PostsealTlsCountPolicy policy);

G_END_DECLS
