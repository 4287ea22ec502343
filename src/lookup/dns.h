/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The DNS, with its signatures looked at here (RFC 4035 section 4.9.3): what another resolver says
   of them is its word only. In the main loop of the thread that makes it. */
typedef struct _PostsealDns PostsealDns;

typedef struct
{
  gboolean is_secure; /* signed, and rightly so, from the trust anchor on */
  GPtrArray *data; /* owned (element-type GBytes): of each record */
  char *canonical; /* owned, nullable: the name that aliases (CNAME) led to, lower case, without the
                     last dot; is_secure is about them, too */
} PostsealDnsAnswer;

void postseal_dns_answer_free (PostsealDnsAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDnsAnswer, postseal_dns_answer_free)

/**
 * postseal_dns_new:
 * @server: (nullable): "ADDRESS@PORT"; NULL for those of the system
 * @anchor: (nullable): a file; NULL for that of the system. Without one nothing is secure
 */
PostsealDns *postseal_dns_new (const char *server, const char *anchor);
void postseal_dns_free (PostsealDns *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealDns, postseal_dns_free)

/* What becomes of the answer that there is no such record. */
typedef enum
{
  POSTSEAL_DNS_DENIAL_IS_ERROR, /* %POSTSEAL_QUESTION_ERROR_NOTHING */
  POSTSEAL_DNS_DENIAL_IS_ANSWER, /* without data: its signatures count */
} PostsealDnsDenial;

/* @type: of lookup/dns-records.h. Errors: %POSTSEAL_QUESTION_ERROR, %G_IO_ERROR_CANCELLED. */
void postseal_dns_ask_async (PostsealDns *self,
                             const char *name,
                             int type,
                             PostsealDnsDenial denial,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
PostsealDnsAnswer *postseal_dns_ask_finish (GAsyncResult *result, GError **error);

G_END_DECLS
