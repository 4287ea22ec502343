/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/envelope.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "outbox/outbox-error.h"

#define FIRST_LINE "Postseal-Outbox: 1\n"

/* What stands in the file for PostsealSmtpBody and PostsealSmtpReturn: of one width each. */
static const char *const bodies[] = { "7bit", "8bit", "bin " };
static const char *const returns[] = { "unset", "full", "headers" };

static void
free_recipient (gpointer data)
{
  PostsealEnvelopeRecipient *recipient = data;

  g_free (recipient->address);
  g_free (recipient->original);
  g_free (recipient);
}

PostsealEnvelope *
postseal_envelope_new (void)
{
  PostsealEnvelope *self = g_new0 (PostsealEnvelope, 1);

  self->account = g_strdup ("");
  self->sender = g_strdup ("");
  self->recipients = g_ptr_array_new_with_free_func (free_recipient);
  self->origin = g_strdup ("");
  self->message_id = g_strdup ("");
  self->subject = g_strdup ("");
  return self;
}

void
postseal_envelope_free (PostsealEnvelope *self)
{
  if (self == NULL)
    return;
  g_free (self->account);
  g_free (self->sender);
  g_ptr_array_unref (self->recipients);
  g_free (self->origin);
  g_free (self->message_id);
  g_free (self->subject);
  g_free (self->envid);
  g_clear_pointer (&self->known, g_hash_table_unref);
  g_free (self);
}

/* The local part is its host's business alone (RFC 5321 section 2.4), the domain has no case. */
static char *
fold_address (const char *address)
{
  char *folded = g_strdup (address);
  char *at = strrchr (folded, '@');

  for (char *p = at; p != NULL && *p != '\0'; p++)
    *p = g_ascii_tolower (*p);
  return folded;
}

static PostsealEnvelopeRecipient *
append_new_recipient (PostsealEnvelope *self, guint notify)
{
  PostsealEnvelopeRecipient *recipient = g_new0 (PostsealEnvelopeRecipient, 1);

  recipient->notify = notify;
  g_ptr_array_add (self->recipients, recipient);
  return recipient;
}

void
postseal_envelope_add_recipient (PostsealEnvelope *self,
                                 const char *address,
                                 guint notify,
                                 const char *original)
{
  g_autofree char *folded = NULL;
  PostsealEnvelopeRecipient *recipient;

  g_return_if_fail (self != NULL);
  g_return_if_fail (address != NULL);

  if (self->known == NULL)
    self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  folded = fold_address (address);
  recipient = g_hash_table_lookup (self->known, folded);
  if (recipient != NULL)
    {
      /* "Never" gives way to whoever wants to know: it stands alone (RFC 3461 section 4.1). */
      recipient->notify |= notify;
      if (recipient->notify != POSTSEAL_SMTP_NOTIFY_NEVER)
        recipient->notify &= ~(guint)POSTSEAL_SMTP_NOTIFY_NEVER;
      return;
    }

  recipient = append_new_recipient (self, notify);
  recipient->address = g_strdup (address);
  recipient->original = g_strdup (original);
  g_hash_table_insert (self->known, g_steal_pointer (&folded), recipient);
}

/* --- writing --- */

/* Spaces separate the parts of a line of several. */
static void
append_escaped (GString *out, const char *text, gboolean is_part)
{
  for (const guint8 *p = (const guint8 *)text; *p != '\0'; p++)
    if (*p < ' ' || *p == 127 || *p == '%' || (is_part && *p == ' '))
      g_string_append_printf (out, "%%%02X", *p);
    else
      g_string_append_c (out, (char)*p);
}

static void
append_line (GString *out, const char *key, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  g_string_append_printf (out, "%s: ", key);
  append_escaped (out, value, FALSE);
  g_string_append_c (out, '\n');
}

static void
append_options (GString *out, const PostsealEnvelope *self)
{
  if (self->ret != POSTSEAL_SMTP_RETURN_UNSET)
    append_line (out, "Return", returns[self->ret]);
  append_line (out, "Envelope-ID", self->envid);
  if (self->requiretls)
    append_line (out, "Require-TLS", "yes");
  if (self->hold_until != 0)
    g_string_append_printf (out, "Hold-Until: %" G_GINT64_FORMAT "\n", self->hold_until);
  if (self->deliver_by_mode != 0)
    g_string_append_printf (out, "Deliver-By: %" G_GINT64_FORMAT " %c%s\n", self->deliver_by,
                            self->deliver_by_mode, self->deliver_by_trace ? "T" : "");
}

static void
append_recipient (GString *out, const PostsealEnvelopeRecipient *recipient)
{
  g_string_append_printf (out, "Recipient: %u ", recipient->notify);
  append_escaped (out, recipient->address, TRUE);
  if (recipient->original != NULL)
    {
      g_string_append_c (out, ' ');
      append_escaped (out, recipient->original, TRUE);
    }
  g_string_append_c (out, '\n');
}

char *
postseal_envelope_serialize (const PostsealEnvelope *self)
{
  GString *out;

  g_return_val_if_fail (self != NULL, NULL);

  out = g_string_new (FIRST_LINE);
  /* A length has at most twenty digits. */
  g_string_append_printf (out, "Length: %020" G_GUINT64_FORMAT "\nBody: %s\nInternational: %s\n",
                          self->length, bodies[self->body], self->is_international ? "yes" : "no ");
  append_line (out, "Account", self->account);
  g_string_append_printf (out, "Arrived: %" G_GINT64_FORMAT "\n", self->arrived);
  append_line (out, "Origin", self->origin);
  append_line (out, "Message-ID", self->message_id);
  append_line (out, "Subject", self->subject);
  append_options (out, self);
  append_line (out, "Sender", self->sender);
  for (guint i = 0; i < self->recipients->len; i++)
    append_recipient (out, g_ptr_array_index (self->recipients, i));
  g_string_append_c (out, '\n');
  return g_string_free (out, FALSE);
}

/* --- reading --- */

/* Returns: (transfer full) (nullable): NULL for what append_escaped() does not write */
static char *
unescape (const char *text, gsize length)
{
  GString *out = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    {
      int high = text[i] == '%' && length - i > 2 ? g_ascii_xdigit_value (text[i + 1]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (text[i + 2]) : -1;

      if (text[i] == '%' && (low < 0 || (high == 0 && low == 0)))
        {
          g_string_free (out, TRUE);
          return NULL;
        }
      g_string_append_c (out, low < 0 ? text[i] : (char)(high * 16 + low));
      i += low < 0 ? 0 : 2;
    }
  return g_string_free (out, FALSE);
}

static gboolean
read_text (const char *value, gsize length, char **field)
{
  char *text = unescape (value, length);

  if (text == NULL)
    return FALSE;
  g_free (*field);
  *field = text;
  return TRUE;
}

static gboolean
read_number (const char *value, gsize length, gint64 *field)
{
  g_autofree char *text = g_strndup (value, length);

  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, field, NULL);
}

/* Returns: the place of the value in @words, or -1 */
static int
read_word (const char *value, gsize length, const char *const *words, gsize n_words)
{
  for (gsize i = 0; i < n_words; i++)
    if (strlen (words[i]) == length && memcmp (words[i], value, length) == 0)
      return (int)i;
  return -1;
}

static gboolean
read_length (PostsealEnvelope *self, const char *value, gsize length)
{
  g_autofree char *text = g_strndup (value, length);

  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &self->length, NULL);
}

static gboolean
read_body (PostsealEnvelope *self, const char *value, gsize length)
{
  int index = read_word (value, length, bodies, G_N_ELEMENTS (bodies));

  self->body = index >= 0 ? (PostsealSmtpBody)index : POSTSEAL_SMTP_BODY_7BIT;
  return index >= 0;
}

static gboolean
read_international (PostsealEnvelope *self, const char *value, gsize length)
{
  static const char *const words[] = { "no ", "yes" };
  int index = read_word (value, length, words, G_N_ELEMENTS (words));

  self->is_international = index > 0;
  return index >= 0;
}

static gboolean
read_account (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->account);
}

static gboolean
read_arrived (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_number (value, length, &self->arrived);
}

static gboolean
read_origin (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->origin);
}

static gboolean
read_message_id (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->message_id);
}

static gboolean
read_subject (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->subject);
}

static gboolean
read_return (PostsealEnvelope *self, const char *value, gsize length)
{
  int index = read_word (value, length, returns, G_N_ELEMENTS (returns));

  self->ret = index >= 0 ? (PostsealSmtpReturn)index : POSTSEAL_SMTP_RETURN_UNSET;
  return index >= 0;
}

static gboolean
read_envelope_id (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->envid);
}

static gboolean
read_require_tls (PostsealEnvelope *self, const char *value, gsize length)
{
  self->requiretls = TRUE;
  return length == 3 && memcmp (value, "yes", 3) == 0;
}

static gboolean
read_hold_until (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_number (value, length, &self->hold_until);
}

static gboolean
read_deliver_by (PostsealEnvelope *self, const char *value, gsize length)
{
  const char *space = memchr (value, ' ', length);
  gsize rest = space != NULL ? length - (gsize)(space - value) - 1 : 0;

  if (rest < 1 || rest > 2 || (space[1] != 'R' && space[1] != 'N')
      || (rest == 2 && space[2] != 'T'))
    return FALSE;
  self->deliver_by_mode = space[1];
  self->deliver_by_trace = rest == 2;
  return read_number (value, (gsize)(space - value), &self->deliver_by);
}

static gboolean
read_sender (PostsealEnvelope *self, const char *value, gsize length)
{
  return read_text (value, length, &self->sender);
}

static gboolean
read_recipient (PostsealEnvelope *self, const char *value, gsize length)
{
  const char *end = value + length;
  const char *address = memchr (value, ' ', length);
  const char *original = address != NULL ? memchr (address + 1, ' ', end - address - 1) : NULL;
  const char *address_end = original != NULL ? original : end;
  PostsealEnvelopeRecipient *recipient;
  gint64 notify = -1;

  if (address == NULL || address + 1 == address_end || original == end - 1
      || !read_number (value, (gsize)(address - value), &notify) || notify < 0 || notify > 15)
    return FALSE;

  recipient = append_new_recipient (self, (guint)notify);
  return self->recipients->len <= POSTSEAL_LIMIT_RECIPIENTS
         && read_text (address + 1, (gsize)(address_end - address - 1), &recipient->address)
         && (original == NULL
             || read_text (original + 1, (gsize)(end - original - 1), &recipient->original));
}

static const struct
{
  const char *key;
  gboolean (*read) (PostsealEnvelope *self, const char *value, gsize length);
  gboolean is_needed;
  gboolean may_repeat;
} lines[] = {
  { "Length", read_length, TRUE, FALSE },
  { "Body", read_body, TRUE, FALSE },
  { "International", read_international, TRUE, FALSE },
  { "Account", read_account, TRUE, FALSE },
  { "Arrived", read_arrived, TRUE, FALSE },
  { "Origin", read_origin, FALSE, FALSE },
  { "Message-ID", read_message_id, FALSE, FALSE },
  { "Subject", read_subject, FALSE, FALSE },
  { "Return", read_return, FALSE, FALSE },
  { "Envelope-ID", read_envelope_id, FALSE, FALSE },
  { "Require-TLS", read_require_tls, FALSE, FALSE },
  { "Hold-Until", read_hold_until, FALSE, FALSE },
  { "Deliver-By", read_deliver_by, FALSE, FALSE },
  { "Sender", read_sender, FALSE, FALSE },
  { "Recipient", read_recipient, TRUE, TRUE },
};

/* @seen: one bit for each of the lines above. */
static gboolean
read_line (PostsealEnvelope *self, const char *line, gsize length, guint *seen)
{
  const char *colon = memchr (line, ':', length);
  gsize key_length = colon != NULL ? (gsize)(colon - line) : 0;

  if (colon == NULL || length < key_length + 3 || colon[1] != ' '
      || memchr (line, '\0', length) != NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (strlen (lines[i].key) == key_length && memcmp (lines[i].key, line, key_length) == 0)
      {
        gboolean is_first = (*seen & (1u << i)) == 0;

        *seen |= 1u << i;
        return (is_first || lines[i].may_repeat)
               && lines[i].read (self, colon + 2, length - key_length - 2);
      }
  return FALSE;
}

static gboolean
has_all_needed (guint seen)
{
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (lines[i].is_needed && (seen & (1u << i)) == 0)
      return FALSE;
  return TRUE;
}

PostsealEnvelope *
postseal_envelope_parse (const char *text, gsize length, gsize *ret_length, GError **error)
{
  g_autoptr (PostsealEnvelope) self = postseal_envelope_new ();
  const char *end = text + length;
  const char *line = text + strlen (FIRST_LINE);
  guint seen = 0;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (ret_length != NULL, NULL);

  if (length < strlen (FIRST_LINE) || memcmp (text, FIRST_LINE, strlen (FIRST_LINE)) != 0)
    {
      g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED,
                           _ ("It does not begin as a message in the outbox does"));
      return NULL;
    }
  while (line < end)
    {
      const char *line_end = memchr (line, '\n', (gsize)(end - line));

      if (line_end == line && has_all_needed (seen))
        {
          *ret_length = (gsize)(line + 1 - text);
          return g_steal_pointer (&self);
        }
      if (line_end == NULL || !read_line (self, line, (gsize)(line_end - line), &seen))
        break;
      line = line_end + 1;
    }
  g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_DAMAGED,
                       _ ("The lines that tell who sends it to whom are damaged or cut off"));
  return NULL;
}
