/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A mail that carries an aggregate report on TLS (RFC 8460 section 5.3). */
typedef struct
{
  GBytes *content; /* owned: the report, of JSON or packed, its transfer encoding undone */
  char *domain; /* owned, nullable: "TLS-Report-Domain", printable */
  char *submitter; /* owned, nullable: "TLS-Report-Submitter", printable */
} PostsealReportMail;

/* Takes the first part that is of one of the RFC's types, else the first whose name ends as their
   files do. Nothing that it says is proven. Returns: (transfer full) (nullable): NULL when @data is
   no mail, or carries no report, or is built as no report is */
PostsealReportMail *postseal_report_mail_parse (const char *data, gsize length);
void postseal_report_mail_free (PostsealReportMail *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealReportMail, postseal_report_mail_free)

G_END_DECLS
