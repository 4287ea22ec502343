/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 6698 section 2.1.1, by the names of RFC 7218 */
#define POSTSEAL_TLSA_PKIX_TA 0
#define POSTSEAL_TLSA_PKIX_EE 1
#define POSTSEAL_TLSA_DANE_TA 2
#define POSTSEAL_TLSA_DANE_EE 3

/* A TLSA record (RFC 6698 section 2.1). All values are as they came. */
typedef struct
{
  guint8 usage;
  guint8 selector;
  guint8 matching;
  GBytes *data; /* owned; empty for what nobody would put there */
  char *base; /* owned: the host whose record it is: the configured one, or, where that is an alias
                 and all of that is signed, what it stands for */
} PostsealTlsaRecord;

/* @base: lower case. Returns: (transfer full) */
PostsealTlsaRecord *postseal_tlsa_record_new (
    guint usage, guint selector, guint matching, const char *base, GBytes *data);
void postseal_tlsa_record_free (PostsealTlsaRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsaRecord, postseal_tlsa_record_free)

/* What the DNS says of a service, and how far that is proven. */
typedef struct
{
  gboolean is_secure; /* signed, and the signatures are right, up to the root (RFC 4035) */
  GPtrArray *records; /* owned (element-type PostsealTlsaRecord): none: there are none */
} PostsealTlsaAnswer;

PostsealTlsaAnswer *postseal_tlsa_answer_new (void);
void postseal_tlsa_answer_free (PostsealTlsaAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsaAnswer, postseal_tlsa_answer_free)

G_END_DECLS
