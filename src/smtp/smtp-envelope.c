/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-transaction-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "base/printable.h"
#include "wire/smtp-path.h"

/* Refuses the whole. @text: (transfer full). Returns: FALSE */
static gboolean
refuse_all (PostsealSmtpTransaction *self, const char *status, char *text)
{
  g_autofree char *owned = text;

  for (gsize i = 0; i < self->result->n_recipients; i++)
    _postseal_smtp_answer_refuse (&self->result->recipients[i], POSTSEAL_SMTP_PERMANENT, status,
                                  g_strdup (owned));
  return FALSE;
}

static void
refuse_recipient (PostsealSmtpTransaction *self, gsize index, const char *status, char *text)
{
  _postseal_smtp_answer_refuse (&self->result->recipients[index], POSTSEAL_SMTP_PERMANENT, status,
                                text);
}

/* --- what the message needs, and the server has --- */

static gboolean
check_body (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;
  const PostsealSmtpCaps *caps = &session->caps;
  const PostsealSmtpMessage *message = self->message;

  if (caps->has_size && caps->size > 0 && message->length > caps->size)
    return refuse_all (
        self, "5.3.4",
        g_strdup_printf (_ ("The message has %" PRIu64 " bytes, and server “%s” takes at most "
                            "%" PRIu64),
                         message->length, session->host, caps->size));
  if (message->mail.body == POSTSEAL_SMTP_BODY_8BIT && !caps->has_8bitmime)
    return refuse_all (self, "5.6.3",
                       g_strdup_printf (_ ("The message has characters beyond ASCII as they are, "
                                           "which server “%s” does not take (no 8BITMIME)"),
                                        session->host));
  if (message->mail.body == POSTSEAL_SMTP_BODY_BINARY
      && (!caps->has_binarymime || !caps->has_chunking))
    return refuse_all (self, "5.6.1",
                       g_strdup_printf (_ ("The message is binary, which server “%s” does not "
                                           "take (no BINARYMIME)"),
                                        session->host));
  return TRUE;
}

/* RFC 8689 section 4.2.1 */
static gboolean
check_requiretls (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;
  const PostsealSeal *seal = session->seal;
  gboolean is_verified = postseal_seal_is_verified (seal);

  if (!self->message->mail.requiretls)
    return TRUE;
  if (!is_verified)
    return refuse_all (self, "5.7.10",
                       g_strdup_printf (_ ("The message requires TLS, and the connection to "
                                           "server “%s” has none that is verified"),
                                        session->host));
  if (!session->caps.has_requiretls)
    return refuse_all (self, "5.7.30",
                       g_strdup_printf (_ ("The message requires TLS on all of its way, which "
                                           "server “%s” does not promise (no REQUIRETLS)"),
                                        session->host));
  return TRUE;
}

/* RFC 4865 section 4, RFC 2852 section 4 */
static gboolean
check_times (PostsealSmtpTransaction *self)
{
  PostsealSmtpSession *session = self->base.session;
  const PostsealSmtpCaps *caps = &session->caps;
  const PostsealSmtpMailParameters *mail = &self->message->mail;
  gboolean is_too_soon
      = mail->deliver_by_mode == 'R'
        && (mail->deliver_by <= 0 || (guint64)mail->deliver_by < caps->deliverby_min_seconds);

  if (mail->hold_for > 0
      && (!caps->has_futurerelease || mail->hold_for > caps->futurerelease_max_seconds))
    return refuse_all (self, "5.3.3",
                       g_strdup_printf (_ ("Server “%s” does not hold messages back so long "
                                           "(FUTURERELEASE)"),
                                        session->host));
  if (mail->deliver_by_mode != '\0' && (!caps->has_deliverby || is_too_soon))
    return refuse_all (self, "5.3.3",
                       g_strdup_printf (_ ("Server “%s” does not promise delivery in that time "
                                           "(DELIVERBY)"),
                                        session->host));
  return TRUE;
}

/* --- addresses --- */

/* Returns: (transfer full) (nullable): NULL when @address is to be used as it is. Domains go out as
   A-labels, which every server understands. */
static char *
convert_address (const char *address)
{
  return postseal_smtp_path_is_international (address) ? postseal_smtp_path_to_ascii (address)
                                                       : NULL;
}

/* Whether it needs SMTPUTF8 even with its domain converted. */
static gboolean
is_international (const char *address)
{
  g_autofree char *converted = convert_address (address);

  return converted != NULL && !g_str_is_ascii (converted);
}

static char *
explain_address (const char *address)
{
  g_autofree char *shown = postseal_printable (address, -1);

  return g_strdup_printf (_ ("“%s” is no address that mail can be sent to or from"), shown);
}

static char *
explain_no_utf8 (PostsealSmtpTransaction *self)
{
  return g_strdup_printf (_ ("Server “%s” does not take international addresses and headers (no "
                             "SMTPUTF8)"),
                          self->base.session->host);
}

/* @ret_is_needed: whether the transaction needs SMTPUTF8, which is there then. Returns: FALSE when
   the whole is refused */
static gboolean
look_for_international (PostsealSmtpTransaction *self, gboolean *ret_is_needed)
{
  const PostsealSmtpMessage *message = self->message;
  gboolean is_offered = self->base.session->caps.has_smtputf8;
  gboolean is_needed = message->mail.smtputf8 || is_international (message->sender);

  if (is_needed && !is_offered)
    return refuse_all (self, "5.6.7", explain_no_utf8 (self));
  for (gsize i = 0; i < message->n_recipients; i++)
    if (is_international (message->recipients[i].address))
      {
        if (is_offered)
          is_needed = TRUE;
        else
          refuse_recipient (self, i, "5.6.7", explain_no_utf8 (self));
      }
  *ret_is_needed = is_needed;
  return TRUE;
}

/* --- lines --- */

static gboolean
write_mail (PostsealSmtpTransaction *self, gboolean is_utf8)
{
  const PostsealSmtpMessage *message = self->message;
  const PostsealSmtpCaps *caps = &self->base.session->caps;
  PostsealSmtpMailParameters parameters = message->mail;
  g_autofree char *converted = convert_address (message->sender);
  const char *sender = converted != NULL ? converted : message->sender;

  if (*sender != '\0' && postseal_smtp_path_check (sender) != POSTSEAL_SMTP_PATH_OK)
    return refuse_all (self, "5.1.7", explain_address (message->sender));
  parameters.has_size = caps->has_size;
  parameters.size = message->length;
  parameters.smtputf8 = is_utf8;
  if (!caps->has_dsn)
    {
      parameters.ret = POSTSEAL_SMTP_RETURN_UNSET;
      parameters.envid = NULL;
    }
  if (!postseal_smtp_command_append_mail (self->envelope, sender, &parameters))
    return refuse_all (self, "5.5.4",
                       g_strdup (_ ("What was wished for the message cannot be said in SMTP")));
  return TRUE;
}

static void
write_recipient (PostsealSmtpTransaction *self, gsize index)
{
  const PostsealSmtpRecipient *recipient = &self->message->recipients[index];
  gboolean has_dsn = self->base.session->caps.has_dsn;
  guint notify = has_dsn ? recipient->notify : 0;
  const char *original = has_dsn ? recipient->original : NULL;
  g_autofree char *converted = convert_address (recipient->address);
  const char *address = converted != NULL ? converted : recipient->address;

  /* A strange ORCPT is no reason not to send. */
  if (postseal_smtp_command_append_rcpt (self->envelope, address, notify, original)
      || (original != NULL
          && postseal_smtp_command_append_rcpt (self->envelope, address, notify, NULL)))
    self->n_recipients++;
  else
    refuse_recipient (self, index, "5.1.3", explain_address (recipient->address));
}

/* RFC 9422 section 4.1: who is too many is for another transaction. @domains: (nullable): those
   that have been written, lower case; @address is added */
static gboolean
is_too_many (PostsealSmtpTransaction *self, GHashTable *domains, const char *address)
{
  const PostsealSmtpCaps *caps = &self->base.session->caps;
  const char *at = strrchr (address, '@');
  g_autofree char *domain = NULL;

  if (caps->recipients_max > 0 && self->n_recipients >= caps->recipients_max)
    return TRUE;
  if (domains == NULL || at == NULL)
    return FALSE;
  domain = g_ascii_strdown (at + 1, -1);
  if (!g_hash_table_contains (domains, domain)
      && g_hash_table_size (domains) >= caps->recipient_domains_max)
    return TRUE;
  g_hash_table_add (domains, g_steal_pointer (&domain));
  return FALSE;
}

static void
put_off_recipient (PostsealSmtpTransaction *self, gsize index)
{
  _postseal_smtp_answer_refuse (
      &self->result->recipients[index], POSTSEAL_SMTP_TEMPORARY, "4.5.3",
      g_strdup_printf (_ ("Server “%s” does not take so many recipients at a time"),
                       self->base.session->host));
}

static void
write_recipients (PostsealSmtpTransaction *self)
{
  const PostsealSmtpMessage *message = self->message;
  g_autoptr (GHashTable) domains
      = self->base.session->caps.recipient_domains_max > 0
            ? g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)
            : NULL;

  for (gsize i = 0; i < message->n_recipients; i++)
    {
      if (self->result->recipients[i].verdict != POSTSEAL_SMTP_UNDECIDED)
        continue;
      if (is_too_many (self, domains, message->recipients[i].address))
        put_off_recipient (self, i);
      else
        write_recipient (self, i);
    }
}

gboolean
_postseal_smtp_transaction_prepare (PostsealSmtpTransaction *self)
{
  gboolean is_utf8 = FALSE;

  if (!check_body (self) || !check_requiretls (self) || !check_times (self)
      || !look_for_international (self, &is_utf8))
    return FALSE;
  self->envelope = g_string_sized_new (256);
  if (!write_mail (self, is_utf8))
    return FALSE;
  write_recipients (self);
  return self->n_recipients > 0;
}
