/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "lookup/dns.h"
#include "lookup/tlsa.h"

G_BEGIN_DECLS

/* What the program says: lines on standard output, as the answers come. ID is the question's.

     record ID PRIORITY WEIGHT PORT TARGET      any number of them, then
     tlsa ID HOST USAGE SELECTOR MATCHING HEX   or any number of them, even none, then
     text ID BASE64                             or any number of them ("-": empty), then
     end ID secure|insecure
     body ID HOST BASE64
     error ID nothing|unreachable|bogus|unproven|redirected SENTENCE */

/* @type: one that postseal_dns_record_read() knows. Records that make no sense are left out. */
void postseal_reply_print_records (guint id, int type, const PostsealDnsAnswer *answer);
/* Data that nobody would put there (none, or very much) is "-", so that its record is known. */
void postseal_reply_print_tlsa (guint id, const PostsealTlsaFinding *finding);
void postseal_reply_print_texts (guint id, const PostsealDnsAnswer *answer);
/* @host: who has answered */
void postseal_reply_print_body (guint id, const char *host, GBytes *body);
/* An @error of another domain than POSTSEAL_QUESTION_ERROR means "unreachable". */
void postseal_reply_print_error (guint id, const GError *error);

G_END_DECLS
