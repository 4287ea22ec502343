/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which lines of a conversation hold secrets, seen from outside: for a record of what a person or a
   script says to a mail server. LOGIN, PASS, APOP and AUTH or AUTHENTICATE with an initial response
   (RFC 9051 section 6.2, RFC 1939 section 7, RFC 4954), in every protocol, since people mistake
   one for another; and what is said on both sides until the exchange has ended (RFC 4422). Where it
   is not certain, more is hidden, never less. */
typedef struct
{
  gboolean is_tagged; /* IMAP: answers bear the tag of their command */
  gboolean is_exchanging; /* from AUTH to its answer */
  char *tag; /* owned: of the exchange's command; NULL without tags */
  guint n_unanswered; /* commands whose answers come before the next one's */
  guint n_before; /* answers that come before the exchange's own */
} PostsealSecretLines;

/* @awaits_greeting: the server has not greeted yet. Clear it when done. */
void postseal_secret_lines_init (PostsealSecretLines *self,
                                 gboolean is_tagged,
                                 gboolean awaits_greeting);
void postseal_secret_lines_clear (PostsealSecretLines *self); /* frees what it holds */

/* A line that goes to the server, and one that comes from there, in the order in which they are
   seen, without line ends. Returns: how many bytes at its beginning may be shown; all others are
   secret */
gsize postseal_secret_lines_sent (PostsealSecretLines *self, const char *line, gsize length);
gsize postseal_secret_lines_received (PostsealSecretLines *self, const char *line, gsize length);

G_END_DECLS
