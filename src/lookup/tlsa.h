/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lookup/dns.h"

G_BEGIN_DECLS

typedef struct
{
  char *base; /* owned: the host whose records they are: where secure aliases led, or as asked */
  PostsealDnsAnswer *records; /* owned: without data where there are none, securely or not */
} PostsealTlsaFinding;

void postseal_tlsa_finding_free (PostsealTlsaFinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsaFinding, postseal_tlsa_finding_free)

/**
 * postseal_tlsa_find_async:
 * @service: "_993._tcp.imap.example.org"
 *
 * The TLSA records of a service (RFC 6698). Where the host is an alias, and all of that is signed,
 * those of what it stands for come first (RFC 7671 section 7). Bogus signatures anywhere on the way
 * are an error, and so is no answer (RFC 7673 section 3.4): neither is "no records".
 *
 * Errors: those of postseal_dns_ask_async(), but _NOTHING.
 */
void postseal_tlsa_find_async (PostsealDns *dns,
                               const char *service,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
PostsealTlsaFinding *postseal_tlsa_find_finish (GAsyncResult *result, GError **error);

G_END_DECLS
