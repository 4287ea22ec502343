/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The data of DNS records as they come from the wire, uncompressed. */

#define POSTSEAL_DNS_A 1
#define POSTSEAL_DNS_CNAME 5
#define POSTSEAL_DNS_MX 15
#define POSTSEAL_DNS_TXT 16
#define POSTSEAL_DNS_AAAA 28
#define POSTSEAL_DNS_SRV 33
#define POSTSEAL_DNS_DNSKEY 48
#define POSTSEAL_DNS_TLSA 52

typedef struct
{
  guint priority;
  guint weight;
  guint port;
  char target[256]; /* lower case, without the last dot; "." for the root: no server at all; of A
                       and AAAA the address */
} PostsealDnsRecord;

/**
 * postseal_dns_record_read:
 * @type: POSTSEAL_DNS_SRV (RFC 2782), or one of RFC 1035 and RFC 3596: POSTSEAL_DNS_MX,
 *   POSTSEAL_DNS_CNAME, POSTSEAL_DNS_A, POSTSEAL_DNS_AAAA
 *
 * Returns: FALSE when it is no such record, or its target no name of a host
 */
gboolean postseal_dns_record_read (PostsealDnsRecord *self, int type, GBytes *data);

/* The strings of a TXT record (RFC 1035 section 3.3.14), joined as everybody does that has more to
   say than one holds. Returns: (transfer full) (nullable): NULL when it is no such record */
GBytes *postseal_dns_text_read (GBytes *data);

G_END_DECLS
