/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The data of DNS records as they come from the wire, uncompressed. */

#define POSTSEAL_DNS_A 1
#define POSTSEAL_DNS_MX 15
#define POSTSEAL_DNS_AAAA 28
#define POSTSEAL_DNS_SRV 33
#define POSTSEAL_DNS_DNSKEY 48
#define POSTSEAL_DNS_TLSA 52

typedef struct
{
  guint priority;
  guint weight;
  guint port;
  char target[256]; /* lower case, without the last dot; "." for the root: no server at all */
} PostsealDnsRecord;

/**
 * postseal_dns_record_read:
 * @type: POSTSEAL_DNS_SRV (RFC 2782) or POSTSEAL_DNS_MX (RFC 1035 section 3.3.9)
 *
 * Returns: FALSE when it is no such record, or its target no name of a host
 */
gboolean postseal_dns_record_read (PostsealDnsRecord *self, int type, GBytes *data);

G_END_DECLS
