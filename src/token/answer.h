/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_answer_print:
 * @json: what the token endpoint has sent (RFC 6749 sections 5.1 and 5.2), not trusted
 * @status: of HTTP
 *
 * Prints lines "NAME VALUE" of what matters: access_token, refresh_token, expires_in; or of a
 * device code (RFC 8628 section 3.2) device_code, user_code, verification_uri,
 * verification_uri_complete, expires_in, interval; or http_status, error, error_description. A
 * token counts only with status 200 and the type "Bearer" (RFC 6750), and nothing with a control
 * character in it is printed.
 */
void postseal_answer_print (const char *json, gsize length, guint status);

/* What it means that no answer came, or none that counts. */
typedef enum
{
  POSTSEAL_FAILURE_TEMPORARY, /* it may next time */
  POSTSEAL_FAILURE_LASTING,
  POSTSEAL_FAILURE_UNPROVEN, /* the endpoint has not proven who it is: nothing was sent */
} PostsealFailure;

/* error_description, and "temporary 1" or "unproven 1". */
void postseal_answer_print_failure (const char *sentence, PostsealFailure failure);

G_END_DECLS
