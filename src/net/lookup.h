/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "net/discovery-settings.h"
#include "net/tlsa-record.h"

G_BEGIN_DECLS

/* Questions to the DNS and to https servers, asked by a program of its own (postseal-lookup), so
   that neither a resolver nor an HTTP library is in the process that holds secrets, and what a
   stranger answers is taken apart elsewhere. All questions run at the same time. Plain http is
   never spoken, no redirect leads out of https, and nothing but what the caller names leaves the
   machine. */
typedef struct _PostsealLookup PostsealLookup;

#define POSTSEAL_LOOKUP_ERROR (postseal_lookup_error_quark ())
GQuark postseal_lookup_error_quark (void);
typedef enum
{
  POSTSEAL_LOOKUP_ERROR_NOTHING, /* no such name or record, 404 and the like: an answer */
  POSTSEAL_LOOKUP_ERROR_UNREACHABLE, /* no answer: network, server, time */
  POSTSEAL_LOOKUP_ERROR_BOGUS, /* DNSSEC signatures that are wrong: somebody meddles, or a mistake
                                */
  POSTSEAL_LOOKUP_ERROR_UNPROVEN, /* https with a certificate that proves nothing */
  POSTSEAL_LOOKUP_ERROR_PROGRAM, /* postseal-lookup is not installed or failed */
  POSTSEAL_LOOKUP_ERROR_REDIRECTED, /* https: it is said to be elsewhere */
} PostsealLookupError;

typedef struct
{
  guint16 priority; /* SRV: lower first; MX: preference */
  guint16 weight; /* SRV */
  guint16 port; /* SRV */
  char *target; /* owned: lower case, A-labels, without the last dot; "" for "." (RFC 2782: not
                   offered) */
} PostsealLookupRecord;

typedef struct
{
  gboolean is_secure; /* signed, and the signatures are right, up to the root (RFC 4035) */
  GPtrArray
      *records; /* owned (element-type PostsealLookupRecord): by priority, then weight falling */
} PostsealLookupAnswer;

void postseal_lookup_answer_free (PostsealLookupAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLookupAnswer, postseal_lookup_answer_free)

/**
 * postseal_lookup_new:
 * @limit_ms: no question takes longer
 *
 * What else there is to say is in discovery.conf (net/discovery-settings.h). Nothing is
 * started before the first question. Returns: (transfer full)
 */
PostsealLookup *postseal_lookup_new (guint limit_ms);
/* What there is to say, so that no file is read with the first question, which would block. Before
   that question. */
void postseal_lookup_set_settings (PostsealLookup *self, const PostsealDiscoverySettings *settings);
PostsealLookup *postseal_lookup_ref (PostsealLookup *self);
/* The program ends with the last reference; questions without an answer end with
   %G_IO_ERROR_CANCELLED. */
void postseal_lookup_unref (PostsealLookup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLookup, postseal_lookup_unref)

/* @name: of the record, "_imaps._tcp.example.org". Errors: %POSTSEAL_LOOKUP_ERROR. */
void postseal_lookup_srv_async (PostsealLookup *self,
                                const char *name,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
void postseal_lookup_mx_async (PostsealLookup *self,
                               const char *domain,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
/* The hosts that an alias stands for; the addresses of a host, IPv4 or IPv6, as the targets. */
void postseal_lookup_alias_async (PostsealLookup *self,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void postseal_lookup_addresses_async (PostsealLookup *self,
                                      const char *host,
                                      gboolean v6,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* Of all of them. Returns: (transfer full) */
PostsealLookupAnswer *
postseal_lookup_records_finish (PostsealLookup *self, GAsyncResult *result, GError **error);

typedef struct
{
  gboolean is_secure;
  GPtrArray *texts; /* owned (element-type utf8): each record's strings in one, cut at a NUL; may be
                       no UTF-8 */
} PostsealLookupTexts;

void postseal_lookup_texts_free (PostsealLookupTexts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealLookupTexts, postseal_lookup_texts_free)

/* TXT records. Errors: %POSTSEAL_LOOKUP_ERROR */
void postseal_lookup_texts_async (PostsealLookup *self,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Returns: (transfer full) */
PostsealLookupTexts *
postseal_lookup_texts_finish (PostsealLookup *self, GAsyncResult *result, GError **error);

/* @service: "_993._tcp.imap.example.org". That there are no records is an answer, secure or not.
   Errors: %POSTSEAL_LOOKUP_ERROR but _NOTHING */
void postseal_lookup_tlsa_async (PostsealLookup *self,
                                 const char *service,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns: (transfer full) */
PostsealTlsaAnswer *
postseal_lookup_tlsa_finish (PostsealLookup *self, GAsyncResult *result, GError **error);

/* @uri: https only. At most POSTSEAL_LIMIT_AUTOCONFIG bytes, three redirects. Errors:
   %POSTSEAL_LOOKUP_ERROR */
void postseal_lookup_get_async (PostsealLookup *self,
                                const char *uri,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* The same, but without any redirect: that is %POSTSEAL_LOOKUP_ERROR_REDIRECTED. */
void postseal_lookup_file_async (PostsealLookup *self,
                                 const char *uri,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Of both. @ret_host: (out) (optional) (transfer full): who has answered in the end. Returns:
 * (transfer full)
 */
GBytes *postseal_lookup_get_finish (PostsealLookup *self,
                                    GAsyncResult *result,
                                    char **ret_host,
                                    GError **error);

G_END_DECLS
