/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What was said on a connection, line by line, for --verbose and for reports. Secrets never get
   here: the sender says which bytes to hide. Message content is summed up ("[1234 bytes]").
   Reference counted, used on one thread. A NULL transcript is valid everywhere and records nothing.
 */
typedef struct _PostsealTranscript PostsealTranscript;

typedef enum
{
  POSTSEAL_TRANSCRIPT_NOTE, /* "*" connected, sealed, closed */
  POSTSEAL_TRANSCRIPT_SENT, /* ">" */
  POSTSEAL_TRANSCRIPT_RECEIVED, /* "<" */
} PostsealTranscriptKind;

/* @line is printable (see postseal_printable()) and has no line end. */
typedef void (*PostsealTranscriptFunc) (PostsealTranscriptKind kind,
                                        const char *line,
                                        gpointer user_data);

PostsealTranscript *
postseal_transcript_new (PostsealTranscriptFunc func, gpointer user_data, GDestroyNotify destroy);
PostsealTranscript *postseal_transcript_ref (PostsealTranscript *self);
void postseal_transcript_unref (PostsealTranscript *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealTranscript, postseal_transcript_unref)

/* While nobody hears it, nothing is recorded and little time is spent; heard when made. */
void postseal_transcript_set_heard (PostsealTranscript *self, gboolean is_heard);

/* Something that happened, in words of ours; never with a secret. */
void
postseal_transcript_note (PostsealTranscript *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* One protocol line without its CR LF. */
void postseal_transcript_line (PostsealTranscript *self,
                               PostsealTranscriptKind kind,
                               const char *line,
                               gssize length);

/* --- facts: what a program wants to know of a connection, also of one that fails --- */

/* @name: untranslated, one of
     stage               what is begun: "resolve", "connect", "upgrade", "handshake", "verify",
                         "sign-in", "mailbox", "envelope"
     address             "192.0.2.1:993", once connected
     offer               before TLS: "yes", "no" or "unknown": whether the server has offered the
                         upgrade by the time it is asked for it
     ticket              of a session to be resumed: "offered" or "none": none is held, or its
                         certificate passes no more, or "dane" is not known yet
     tls-version, cipher, key-exchange   of a handshake that was completed
     cert-name           a name in the server's certificate; once for each, at most 20
     cert-subject, cert-issuer   distinguished names
     cert-behind         distinguished name of a certificate sent behind the server's, once for each
     cert-not-before, cert-not-after   Unix seconds
     cert-key            "sha256:BASE64" of its key: what a pin would hold
     cert-fingerprint    SHA-256 of the certificate, in hexadecimal with colons
     cert-self-signed    "yes"
     mechanism           how the user signs in: "SCRAM-SHA-256"
     dane                what the DNS says of the server's key: "keys", "none", "unusable",
                         "insecure", "bogus", "unreachable", "not-asked"
     said                the server's own words in a refusal, the last such line; never from before
                         TLS, where anybody may have said it
   The certificate is told before it is judged. @value: printable, one line; never a secret. */
typedef void (*PostsealTranscriptFactFunc) (const char *name,
                                            const char *value,
                                            gpointer user_data);

/* @func gets the same user data as the lines do. */
void postseal_transcript_set_fact_func (PostsealTranscript *self, PostsealTranscriptFactFunc func);
void postseal_transcript_fact (PostsealTranscript *self, const char *name, const char *value);
/* Keeps a fact in @facts (element-type utf8 utf8), a table that owns both: the latest of each, and
   of "cert-name" all, with ", " between them. */
void postseal_transcript_keep_fact (GHashTable *facts, const char *name, const char *value);
/* FALSE when facts would be found out for nobody. NULL-safe. */
gboolean postseal_transcript_wants_facts (PostsealTranscript *self);

G_END_DECLS
