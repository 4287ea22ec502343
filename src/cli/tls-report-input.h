/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "check/tls-report.h"

G_BEGIN_DECLS

/* A report that somebody else has written, out of whatever it came in. */
typedef struct
{
  PostsealTlsReport *report; /* owned */
  char *submitter; /* owned, nullable: as the mail around it says */
} PostsealTlsReportInput;

/**
 * postseal_tls_report_input_read:
 * @path: a file, or "-" for standard input
 *
 * Reads JSON, the same packed by gzip, or a mail that carries either of them. Neither a file nor
 * what comes out of it takes more than some megabytes of memory.
 *
 * Errors: %G_FILE_ERROR, %POSTSEAL_TLS_REPORT_ERROR; the message names the file.
 */
PostsealTlsReportInput *postseal_tls_report_input_read (const char *path, GError **error);
void postseal_tls_report_input_free (PostsealTlsReportInput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTlsReportInput, postseal_tls_report_input_free)

G_END_DECLS
