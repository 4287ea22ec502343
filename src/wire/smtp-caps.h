/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the answer to EHLO offers (RFC 5321 section 4.1.1.1 and the RFC of each extension). Unknown
   keywords and bad parameters are ignored. */
typedef struct
{
  gboolean has_pipelining; /* RFC 2920 */
  gboolean has_8bitmime; /* RFC 6152 */
  gboolean has_smtputf8; /* RFC 6531 */
  gboolean has_chunking; /* RFC 3030 */
  gboolean has_binarymime; /* RFC 3030; never without CHUNKING */
  gboolean has_dsn; /* RFC 3461 */
  gboolean has_enhanced_status; /* RFC 2034 */
  gboolean has_requiretls; /* RFC 8689 */
  gboolean has_starttls; /* RFC 3207; means nothing on a sealed link */
  gboolean has_size; /* RFC 1870 */
  guint64 size; /* largest message in octets; 0: not told */
  gboolean has_futurerelease; /* RFC 4865 */
  guint64 futurerelease_max_seconds;
  gboolean has_deliverby; /* RFC 2852 */
  guint64 deliverby_min_seconds; /* 0: none told */
  guint recipients_max; /* LIMITS, RFC 9422: RCPTMAX; 0: not told, as for the next two */
  guint messages_max; /* MAILMAX */
  guint recipient_domains_max; /* RCPTDOMAINMAX */
  char **mechanisms; /* owned: AUTH, RFC 4954: upper case, NULL terminated, never NULL after parse;
                        "AUTH=" of old servers counts, too */
} PostsealSmtpCaps;

/* @text: of the 250 reply to EHLO, lines parted by "\n"; the first is the greeting. Frees what was
   in @self before. Initialise @self with { 0 }. */
void postseal_smtp_caps_parse (PostsealSmtpCaps *self, const char *text, gsize length);
void postseal_smtp_caps_clear (PostsealSmtpCaps *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealSmtpCaps, postseal_smtp_caps_clear)

G_END_DECLS
