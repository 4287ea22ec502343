/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/submission.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "outbox/outbox.h"
#include "outbox/submission-address-private.h"
#include "outbox/submission-fields-private.h"
#include "outbox/submission-header-private.h"
#include "outbox/submission-input-private.h"
#include "wire/header-fields.h"
#include "wire/text-canon.h"

#define LONGEST_ENVID 100 /* RFC 3461 section 4.4 */

/* One message on its way. */
typedef struct
{
  const PostsealSubmission *submission; /* borrowed */
  PostsealSubmissionInput *input; /* owned */
  PostsealTextCanon canon;
  GByteArray *begin; /* owned: what has been read until all of the header was there */
  gsize scanned; /* of it: whole lines without the end of the header */
  gsize header_length; /* of it */
  gsize body_start; /* of it */
  gboolean has_no_header; /* it begins with text */
  PostsealSubmissionHeader *header; /* owned */
  char *buffer; /* owned: what the conversion writes into */
  gsize buffer_size;
  PostsealEnvelope *envelope; /* owned */
  PostsealOutboxDraft *draft; /* owned, or NULL */
} Passage;

static void
clear_passage (Passage *self)
{
  g_free (self->input);
  g_byte_array_unref (self->begin);
  _postseal_submission_header_free (self->header);
  g_free (self->buffer);
  postseal_envelope_free (self->envelope);
  postseal_outbox_draft_abandon (self->draft);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Passage, clear_passage)

static gboolean
fail_message (GError **error, const char *sentence)
{
  g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE, sentence);
  return FALSE;
}

static gboolean
fail_usage (GError **error, const char *sentence)
{
  g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE, sentence);
  return FALSE;
}

/* --- what was asked for --- */

static gboolean
is_envid (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (text[i] < ' ' || text[i] > '~')
      return FALSE;
  return length > 0 && length <= LONGEST_ENVID;
}

static gboolean
check_options (const PostsealSubmission *self, GError **error)
{
  if ((self->notify & POSTSEAL_SMTP_NOTIFY_NEVER) != 0
      && self->notify != POSTSEAL_SMTP_NOTIFY_NEVER)
    return fail_usage (error, _ ("“never” stands alone: no other notification goes with it"));
  if (self->envid != NULL && !is_envid (self->envid))
    return fail_usage (error, _ ("The envelope ID is 1 to 100 printable ASCII characters"));
  /* RFC 2852 section 4. */
  if (self->deliver_by_mode == 'R' && self->deliver_by <= 0)
    return fail_usage (error, _ ("A time to deliver by or return is more than 0 seconds"));
  return TRUE;
}

static PostsealEnvelope *
make_envelope (const PostsealSubmission *self)
{
  PostsealEnvelope *envelope = postseal_envelope_new ();

  if (self->origin != NULL)
    {
      g_free (envelope->origin);
      envelope->origin = g_strdup (self->origin);
    }
  envelope->arrived = g_get_real_time () / G_USEC_PER_SEC;
  envelope->ret = self->ret;
  envelope->envid = g_strdup (self->envid);
  envelope->requiretls = self->requiretls;
  envelope->hold_until = self->hold_until;
  envelope->deliver_by = self->deliver_by;
  envelope->deliver_by_mode = self->deliver_by_mode;
  envelope->deliver_by_trace = self->deliver_by_trace;
  return envelope;
}

/* --- the header comes in --- */

/* Reads on behind what is there. Returns: FALSE at the end, or with @error set */
static gboolean
read_more (Passage *self, GError **error)
{
  guint before = self->begin->len;
  gssize length;

  g_byte_array_set_size (self->begin, before + POSTSEAL_SUBMISSION_CHUNK + 3);
  length = _postseal_submission_input_read (self->input, (char *)self->begin->data + before, error);
  g_byte_array_set_size (self->begin, before + (guint)MAX (length, 0));
  return length > 0;
}

/* The first line, behind an mbox line, is known. @ret_start: where it begins.
   Returns: FALSE when more has to be read */
static gboolean
find_first_line (const Passage *self, gsize *ret_start, gsize *ret_length)
{
  const char *text = (const char *)self->begin->data;
  gsize length = self->begin->len;
  const char *feed = memchr (text, '\n', length);

  *ret_start = 0;
  if (feed != NULL && _postseal_submission_header_is_mbox_line (text, length))
    {
      *ret_start = (gsize)(feed + 1 - text);
      feed = memchr (feed + 1, '\n', length - *ret_start);
    }
  *ret_length = (feed != NULL ? (gsize)(feed + 1 - text) : length) - *ret_start;
  return feed != NULL || length > 2 * POSTSEAL_LIMIT_TEXT_LINE;
}

/* A message that begins with anything but a field or an empty line is all text. */
static gboolean
begins_with_text (const char *line, gsize length)
{
  g_autoptr (GArray) fields = NULL;

  if (length == 0 || line[0] == '\n' || (length > 1 && line[0] == '\r' && line[1] == '\n'))
    return FALSE;
  fields = postseal_header_fields_split (line, length);
  return g_array_index (fields, PostsealHeaderField, 0).name_length == 0;
}

/* Returns: TRUE when it is known where the header ends */
static gboolean
find_header (Passage *self, gboolean is_end)
{
  const char *text = (const char *)self->begin->data;
  gsize length = self->begin->len;
  gsize start;
  gsize first;
  gsize header = 0;
  gsize body = 0;
  const char *feed;

  if (!find_first_line (self, &start, &first) && !is_end)
    return FALSE;
  self->has_no_header = begins_with_text (text + start, first);
  if (self->has_no_header)
    {
      self->header_length = self->body_start = start;
      return TRUE;
    }
  self->scanned = MAX (self->scanned, start);
  if (postseal_header_fields_find_end (text + self->scanned, length - self->scanned, &header,
                                       &body))
    {
      self->header_length = self->scanned + header;
      self->body_start = self->scanned + body;
      return TRUE;
    }
  self->header_length = self->body_start = length;
  feed = memrchr (text + self->scanned, '\n', length - self->scanned);
  if (feed != NULL)
    self->scanned = (gsize)(feed + 1 - text);
  return is_end;
}

static gboolean
read_header (Passage *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  while (read_more (self, &local))
    {
      if (find_header (self, FALSE))
        return TRUE;
      if (self->begin->len > POSTSEAL_LIMIT_HEADER)
        return fail_message (error, _ ("The header of the message is longer than 1 MiB; an empty "
                                       "line ends it"));
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (self->begin->len == 0)
    return fail_message (error, _ ("The message is empty; nothing was sent"));
  find_header (self, TRUE);
  return TRUE;
}

/* --- as it may travel --- */

static gboolean
check_problem (const Passage *self, GError **error)
{
  unsigned long line = (unsigned long)self->canon.line + 1;

  switch (self->canon.problem)
    {
    case POSTSEAL_TEXT_CANON_OK:
      return TRUE;
    case POSTSEAL_TEXT_CANON_LONE_CR:
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                   _ ("Line %lu of the message has a carriage return in it, which mail cannot "
                      "carry; convert its line ends, or send it as an attachment"),
                   line);
      break;
    case POSTSEAL_TEXT_CANON_NUL:
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                   _ ("Line %lu of the message has a zero byte in it, which mail cannot carry; "
                      "send it as an attachment"),
                   line);
      break;
    case POSTSEAL_TEXT_CANON_LONG_LINE:
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                   _ ("Line %lu of the message is longer than %d bytes, which mail cannot carry; "
                      "break it, or encode the text as quoted-printable"),
                   line, POSTSEAL_LIMIT_TEXT_LINE);
      break;
    }
  return FALSE;
}

/* Returns: the length of what is in the buffer then, or -1 */
static gssize
convert (Passage *self, const char *data, gsize length, gboolean is_end, GError **error)
{
  gsize needed = 2 * length + 4;
  gsize written;

  if (self->buffer_size < needed)
    {
      self->buffer = g_realloc (self->buffer, needed);
      self->buffer_size = needed;
    }
  written = postseal_text_canon (&self->canon, data, length, self->buffer);
  if (is_end)
    written += postseal_text_canon_finish (&self->canon, self->buffer + written);
  return check_problem (self, error) ? (gssize)written : -1;
}

/* Binary content is not converted, so that its header has to be right from the beginning. */
static gboolean
check_binary (const Passage *self, gsize written, GError **error)
{
  return !self->submission->is_binary
         || (written == self->body_start && memcmp (self->buffer, self->begin->data, written) == 0)
         || fail_message (error, _ ("The header of a message with binary content has lines that do "
                                    "not end with CR LF; write them so"));
}

static gboolean
convert_header (Passage *self, GError **error)
{
  gboolean is_end = self->body_start == self->begin->len && self->input->is_over;
  gssize all = convert (self, (const char *)self->begin->data, self->body_start, is_end, error);
  gsize separator;

  if (all < 0 || !check_binary (self, (gsize)all, error))
    return FALSE;
  /* The empty line is not the header's. */
  separator = self->body_start > self->header_length ? 2 : 0;
  self->header = _postseal_submission_header_new (
      g_string_new_len (self->buffer, (gssize)((gsize)all - separator)));
  return _postseal_submission_header_check (self->header, error);
}

/* --- from whom, to whom, and what is missing --- */

static gboolean
add_missing_fields (Passage *self, const PostsealSender *sender, GError **error)
{
  const char *own = *self->envelope->sender != '\0' ? self->envelope->sender : sender->address;
  const char *full_name
      = self->submission->full_name != NULL ? self->submission->full_name : sender->full_name;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = _postseal_submission_format_date (now);
  g_autofree char *message_id = _postseal_submission_make_message_id (own);
  g_autofree char *author = _postseal_submission_format_author (full_name, own);

  g_free (self->envelope->message_id);
  self->envelope->message_id = _postseal_submission_header_describe (self->header, "Message-ID");
  if (*self->envelope->message_id == '\0')
    {
      g_free (self->envelope->message_id);
      self->envelope->message_id
          = _postseal_submission_header_describe (self->header, "Resent-Message-ID");
    }
  if (*self->envelope->message_id == '\0')
    {
      g_free (self->envelope->message_id);
      self->envelope->message_id = g_strdup (message_id);
    }
  g_free (self->envelope->subject);
  self->envelope->subject = _postseal_submission_header_describe (self->header, "Subject");
  return _postseal_submission_header_add (self->header, "From", author, error)
         && _postseal_submission_header_add (self->header, "Date", date, error)
         && _postseal_submission_header_add (self->header, "Message-ID", message_id, error);
}

static gboolean
prepare_envelope (Passage *self, PostsealSenders *senders, GError **error)
{
  g_autoptr (GPtrArray) authors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  const PostsealSender *sender;

  _postseal_submission_header_collect_authors (self->header, authors);
  if (!_postseal_submission_collect_given (self->submission, addresses, error)
      || (self->submission->reads_recipients
          && !_postseal_submission_header_collect_recipients (self->header, addresses, error)))
    return FALSE;
  sender = _postseal_submission_choose_sender (self->submission, senders, authors, self->envelope,
                                               error);
  return sender != NULL
         && _postseal_submission_add_recipients (self->submission, sender, addresses,
                                                 self->envelope, error)
         && add_missing_fields (self, sender, error);
}

/* --- into the outbox --- */

static gboolean
write_out (Passage *self, const char *data, gsize length, GError **error)
{
  self->envelope->length += length;
  if (self->envelope->length > POSTSEAL_LIMIT_MESSAGE)
    return fail_message (error, _ ("The message is larger than 4 GiB; no server takes that"));
  return postseal_outbox_draft_write (self->draft, data, length, error);
}

static gboolean
has_8bit (const GString *text)
{
  for (gsize i = 0; i < text->len; i++)
    if ((guint8)text->str[i] >= 0x80)
      return TRUE;
  return FALSE;
}

static gboolean
write_header (Passage *self, GError **error)
{
  g_autoptr (GString) text = _postseal_submission_header_write (self->header);

  self->envelope->is_international
      = has_8bit (text) || _postseal_submission_is_international (self->envelope);
  /* What was taken out does not count. */
  self->canon.has_8bit = has_8bit (text);
  if (self->has_no_header || self->body_start > self->header_length)
    g_string_append (text, "\r\n");
  return write_out (self, text->str, text->len, error);
}

static gboolean
write_text (Passage *self, const char *data, gsize length, gboolean is_end, GError **error)
{
  gssize written;

  if (self->submission->is_binary)
    return write_out (self, data, length, error);
  written = convert (self, data, length, is_end, error);
  return written >= 0 && write_out (self, self->buffer, (gsize)written, error);
}

static gboolean
write_body (Passage *self, GError **error)
{
  g_autofree char *chunk = g_malloc (POSTSEAL_SUBMISSION_CHUNK + 3);
  gssize length;

  if (!write_text (self, (const char *)self->begin->data + self->body_start,
                   self->begin->len - self->body_start, FALSE, error))
    return FALSE;
  while ((length = _postseal_submission_input_read (self->input, chunk, error)) > 0)
    if (!write_text (self, chunk, (gsize)length, FALSE, error))
      return FALSE;
  return length == 0 && write_text (self, NULL, 0, TRUE, error);
}

static void
note_body_kind (Passage *self)
{
  if (self->submission->is_binary)
    self->envelope->body = POSTSEAL_SMTP_BODY_BINARY;
  else
    self->envelope->body = self->canon.has_8bit ? POSTSEAL_SMTP_BODY_8BIT : POSTSEAL_SMTP_BODY_7BIT;
}

gboolean
postseal_submission_run (
    const PostsealSubmission *self, PostsealSenders *senders, int fd, char **ret_id, GError **error)
{
  g_auto (Passage) passage = { .submission = self };
  char *id;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (senders != NULL, FALSE);
  g_return_val_if_fail (ret_id != NULL, FALSE);

  passage.input = g_new0 (PostsealSubmissionInput, 1);
  passage.input->fd = fd;
  passage.input->dot_ends = self->dot_ends;
  passage.input->undoes_dots = self->undoes_dots;
  passage.begin = g_byte_array_new ();
  passage.envelope = make_envelope (self);
  if (!check_options (self, error) || !read_header (&passage, error)
      || !convert_header (&passage, error) || !prepare_envelope (&passage, senders, error))
    return FALSE;
  passage.draft = postseal_outbox_draft_open (passage.envelope, error);
  if (passage.draft == NULL || !write_header (&passage, error) || !write_body (&passage, error))
    return FALSE;
  note_body_kind (&passage);
  id = postseal_outbox_draft_commit (g_steal_pointer (&passage.draft), passage.envelope, error);
  if (id == NULL)
    return FALSE;
  *ret_id = id;
  return TRUE;
}

char **
postseal_submission_resolve (const PostsealSubmission *self,
                             PostsealSenders *senders,
                             const char **ret_account,
                             GError **error)
{
  g_autoptr (PostsealEnvelope) envelope = postseal_envelope_new ();
  g_autoptr (GPtrArray) authors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *checked;
  const PostsealSender *sender;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (senders != NULL, NULL);

  sender = _postseal_submission_choose_sender (self, senders, authors, envelope, error);
  if (sender == NULL || !_postseal_submission_collect_given (self, addresses, error)
      || !_postseal_submission_add_recipients (self, sender, addresses, envelope, error))
    return NULL;
  checked = g_ptr_array_new ();
  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      const PostsealEnvelopeRecipient *recipient = g_ptr_array_index (envelope->recipients, i);

      g_ptr_array_add (checked, g_strdup (recipient->address));
    }
  g_ptr_array_add (checked, NULL);
  if (ret_account != NULL)
    *ret_account = sender->account;
  return (char **)g_ptr_array_free (checked, FALSE);
}
