/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* An aggregate report on TLS, RFC 8460 section 4.4: what somebody who sends tells of the
   connections to a domain's servers. Whatever comes from outside is a claim and fit for printing,
   no more. */

#define POSTSEAL_TLS_REPORT_ERROR (postseal_tls_report_error_quark ())
GQuark postseal_tls_report_error_quark (void);
typedef enum
{
  POSTSEAL_TLS_REPORT_ERROR_PACKED, /* cannot be unpacked */
  POSTSEAL_TLS_REPORT_ERROR_SYNTAX, /* no JSON */
  POSTSEAL_TLS_REPORT_ERROR_SHAPE, /* JSON, but no report */
} PostsealTlsReportError;

/* Connections that failed in the same way. */
typedef struct
{
  char *type; /* owned: one of section 4.3, or any other word */
  char *reason; /* owned, nullable: "failure-reason-code", in the reporter's words */
  char *host; /* owned, nullable: "receiving-mx-hostname" */
  char *receiving_ip; /* owned, nullable */
  char *sending_ip; /* owned, nullable */
  char *information; /* owned, nullable: "additional-information" */
  guint64 sessions;
} PostsealTlsReportFailure;

/* What became of the connections under one policy. */
typedef struct
{
  char *type; /* owned: "tlsa", "sts", "no-policy-found", or any other word */
  char **strings; /* owned: the policy itself, line by line */
  char *domain; /* owned */
  char **mx_hosts; /* owned: patterns */
  guint64 successful;
  guint64 failed;
  GPtrArray *failures; /* owned (element-type PostsealTlsReportFailure) */
} PostsealTlsReportPolicy;

typedef struct
{
  char *organization; /* owned, nullable: who reports */
  char *contact; /* owned, nullable */
  char *id; /* owned, nullable */
  gint64 start; /* Unix time */
  gint64 end;
  GPtrArray *policies; /* owned (element-type PostsealTlsReportPolicy) */
} PostsealTlsReport;

PostsealTlsReport *postseal_tls_report_new (void);
void postseal_tls_report_free (PostsealTlsReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsReport, postseal_tls_report_free)

/**
 * postseal_tls_report_parse:
 * @data: (array length=length): any bytes
 *
 * Reads JSON. What is unknown is left out, what may be missing is NULL, a single host stands for a
 * list of one.
 *
 * Errors: %POSTSEAL_TLS_REPORT_ERROR_SYNTAX, with the place; SHAPE, with the member and what it has
 * to be.
 */
PostsealTlsReport *postseal_tls_report_parse (const char *data, gsize length, GError **error);

/* The inverse: adds an object with the members that the RFC names. */
void postseal_tls_report_write (const PostsealTlsReport *self, JsonBuilder *builder);

/* A policy at the end of @self, without any connections. Returns: (transfer none) */
PostsealTlsReportPolicy *
postseal_tls_report_add_policy (PostsealTlsReport *self, const char *type, const char *domain);

/* @sessions more that failed so, in what is counted in detail; the policy's own numbers stay.
   @reason, @host: (nullable). Returns: (transfer none) */
PostsealTlsReportFailure *postseal_tls_report_add_failure (PostsealTlsReportPolicy *policy,
                                                           const char *type,
                                                           const char *reason,
                                                           const char *host,
                                                           guint64 sessions);

/* The mode that a policy of MTA-STS says it is in, or NULL. Returns: (transfer none) */
const char *postseal_tls_report_get_mode (const PostsealTlsReportPolicy *policy);

/**
 * postseal_tls_report_sum:
 * @reports: (element-type PostsealTlsReport)
 *
 * All policies of all of them, those that agree in domain, type and mode in one, and in each of
 * these what failed in the same way at the same host: the worst first, which is what failed most
 * often.
 *
 * Returns: (transfer full): a report by nobody, from the first to the last day
 */
PostsealTlsReport *postseal_tls_report_sum (const GPtrArray *reports);

G_END_DECLS
