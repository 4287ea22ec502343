/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "wire/smtp-command.h"

G_BEGIN_DECLS

/* Who sends what to whom and how: fixed when a message enters the outbox, written at the head of
   its file, never changed afterwards. */

typedef struct
{
  char *address; /* owned */
  guint notify; /* PostsealSmtpNotify; 0: unset */
  char *original; /* owned: ORCPT when it differs from the address, or NULL */
} PostsealEnvelopeRecipient;

typedef struct
{
  char *account; /* owned */
  char *sender; /* owned: "" for the null sender */
  GPtrArray *recipients; /* owned (element-type PostsealEnvelopeRecipient) in order */
  gint64 arrived; /* Unix seconds */
  char *origin; /* owned: who handed it over, for people: "postseal send", "postseal-sendmail,
                   process 123" */
  char *message_id; /* owned: of the message, with brackets, printable; "" when it has none */
  char *subject; /* owned: printable, at most 200 characters, for lists; "" when it has none */

  PostsealSmtpReturn ret;
  char *envid; /* owned, or NULL */
  gboolean requiretls;
  gint64 hold_until; /* Unix seconds; 0: now. FUTURERELEASE where offered, else it waits here */
  gint64 deliver_by; /* seconds from arrival; with the next two as in PostsealSmtpMailParameters */
  char deliver_by_mode;
  gboolean deliver_by_trace;

  /* known when all of the message has been read */
  PostsealSmtpBody body; /* what it needs */
  gboolean is_international; /* needs SMTPUTF8: raw UTF-8 in its header, or in an address's local
                                part */
  guint64 length; /* octets of the message as it goes out */

  GHashTable *known; /* private: owned, or NULL: what finds doubles */
} PostsealEnvelope;

PostsealEnvelope *postseal_envelope_new (void);
void postseal_envelope_free (PostsealEnvelope *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealEnvelope, postseal_envelope_free)

/* Appends one; doubles (same address, domain without regard to case) are not appended again, their
   notify is. */
void postseal_envelope_add_recipient (PostsealEnvelope *self,
                                      const char *address,
                                      guint notify,
                                      const char *original);

/**
 * postseal_envelope_serialize:
 *
 * "Postseal-Outbox: 1" and "Key: value" lines with percent-escapes, an empty line at the end. The
 * three facts known late have a fixed width, so that writing them again overwrites them exactly:
 * the length of the text does not depend on their values.
 *
 * Returns: (transfer full)
 */
char *postseal_envelope_serialize (const PostsealEnvelope *self);

/* @ret_length: where the message begins. Errors: %POSTSEAL_OUTBOX_ERROR_DAMAGED, also when @text is
   cut. Returns: (transfer full) */
PostsealEnvelope *
postseal_envelope_parse (const char *text, gsize length, gsize *ret_length, GError **error);

G_END_DECLS
