/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/submission-address-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"
#include "outbox/outbox-error.h"
#include "outbox/sender-choice-private.h"
#include "wire/address-list.h"
#include "wire/smtp-path.h"

static gboolean
check_address (const char *address, GError **error)
{
  g_autofree char *shown = postseal_printable (address, -1);
  const char *format = NULL;

  switch (postseal_smtp_path_check (address))
    {
    case POSTSEAL_SMTP_PATH_OK:
      return TRUE;
    case POSTSEAL_SMTP_PATH_EMPTY:
      format = _ ("is empty");
      break;
    case POSTSEAL_SMTP_PATH_CONTROL:
      format = _ ("holds a line break or another control character");
      break;
    case POSTSEAL_SMTP_PATH_NO_DOMAIN:
      format = _ ("has no domain; write e.g. jane@example.org");
      break;
    case POSTSEAL_SMTP_PATH_TOO_LONG:
      format = _ ("is too long");
      break;
    case POSTSEAL_SMTP_PATH_SYNTAX:
      format = _ ("is no mail address; write e.g. jane@example.org");
      break;
    }
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_ADDRESS, "“%s” %s", shown,
               format);
  return FALSE;
}

/* --- from whom --- */

/* "<jane@example.org>" as some programs give it. */
static char *
strip_brackets (const char *address)
{
  gsize length = strlen (address);

  if (length >= 2 && address[0] == '<' && address[length - 1] == '>')
    return g_strndup (address + 1, length - 2);
  return g_strdup (address);
}

/* The account of the sender given, else of the author. Names that only this machine understands
   say nothing. */
static const PostsealSender *
find_account (PostsealSenders *senders, const char *given, const GPtrArray *authors, GError **error)
{
  const PostsealSender *sender = NULL;

  if (given != NULL && *given != '\0')
    {
      sender = _postseal_senders_match (senders, given);
      if (sender != NULL || !postseal_senders_is_local_name (given))
        return sender != NULL ? sender : postseal_senders_choose (senders, given, error);
    }
  for (guint i = 0; sender == NULL && i < authors->len; i++)
    sender = _postseal_senders_match (senders, g_ptr_array_index (authors, i));
  for (guint i = 0; sender == NULL && i < authors->len; i++)
    if (!postseal_senders_is_local_name (g_ptr_array_index (authors, i)))
      return postseal_senders_choose (senders, g_ptr_array_index (authors, i), error);
  return sender != NULL ? sender : _postseal_senders_get_first (senders);
}

/* What stands in the envelope: the sender given, unless only this machine understands it. */
static const char *
choose_address (PostsealSenders *senders, const PostsealSender *sender, const char *given)
{
  if (given == NULL)
    return sender->address;
  if (*given == '\0' || _postseal_senders_match (senders, given) != NULL
      || !postseal_senders_is_local_name (given))
    return given;
  return sender->address;
}

const PostsealSender *
_postseal_submission_choose_sender (const PostsealSubmission *self,
                                    PostsealSenders *senders,
                                    const GPtrArray *authors,
                                    PostsealEnvelope *envelope,
                                    GError **error)
{
  g_autofree char *given = self->sender != NULL ? strip_brackets (self->sender) : NULL;
  const PostsealSender *sender;
  const char *address;

  /* Not after a choice: what has a control character in it is nobody's, whatever stands behind it.
   */
  if (given != NULL && *given != '\0'
      && postseal_smtp_path_check (given) == POSTSEAL_SMTP_PATH_CONTROL
      && !check_address (given, error))
    return NULL;
  sender = self->account != NULL ? postseal_senders_lookup (senders, self->account, error)
                                 : find_account (senders, given, authors, error);
  if (sender == NULL)
    return NULL;
  address = choose_address (senders, sender, given);
  if (*address != '\0' && !check_address (address, error))
    return NULL;
  g_free (envelope->account);
  envelope->account = g_strdup (sender->account);
  g_free (envelope->sender);
  envelope->sender = g_strdup (address);
  return sender;
}

/* --- to whom --- */

gboolean
_postseal_submission_collect_given (const PostsealSubmission *self,
                                    GPtrArray *addresses,
                                    GError **error)
{
  for (gsize i = 0; self->recipients != NULL && self->recipients[i] != NULL; i++)
    {
      const char *given = self->recipients[i];
      guint before = addresses->len;

      /* White space in a field, but not on a command line. */
      if (postseal_smtp_path_check (given) == POSTSEAL_SMTP_PATH_CONTROL)
        return check_address (given, error);
      if (!postseal_address_list_parse (given, strlen (given), addresses)
          || addresses->len == before)
        {
          g_autofree char *shown = postseal_printable (given, -1);

          g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_ADDRESS,
                       _ ("“%s” is no mail address; write e.g. jane@example.org"), shown);
          return FALSE;
        }
    }
  return TRUE;
}

/* To the user of this machine, as cron and its like write: that is whoever has the account. */
static gboolean
is_own_name (const char *address)
{
  const char *at = strrchr (address, '@');
  g_autofree char *name
      = at != NULL ? g_strndup (address, (gsize)(at - address)) : g_strdup (address);

  return g_ascii_strcasecmp (name, "root") == 0 || g_ascii_strcasecmp (name, "postmaster") == 0
         || strcmp (name, g_get_user_name ()) == 0;
}

static gboolean
add_recipient (const PostsealSubmission *self,
               const PostsealSender *sender,
               const char *address,
               PostsealEnvelope *envelope,
               GError **error)
{
  if (*address != '\0' && postseal_senders_is_local_name (address) && is_own_name (address))
    address = sender->address;
  if (!check_address (address, error))
    return FALSE;
  postseal_envelope_add_recipient (envelope, address, self->notify, NULL);
  return TRUE;
}

gboolean
_postseal_submission_add_recipients (const PostsealSubmission *self,
                                     const PostsealSender *sender,
                                     const GPtrArray *addresses,
                                     PostsealEnvelope *envelope,
                                     GError **error)
{
  for (guint i = 0; i < addresses->len; i++)
    if (!add_recipient (self, sender, g_ptr_array_index (addresses, i), envelope, error))
      return FALSE;

  if (envelope->recipients->len > POSTSEAL_LIMIT_RECIPIENTS)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                 _ ("The message has %u recipients; more than %u need a mailing list"),
                 envelope->recipients->len, POSTSEAL_LIMIT_RECIPIENTS);
  else if (envelope->recipients->len == 0 && self->reads_recipients)
    g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                         _ ("The message names no recipient in To, Cc or Bcc; add one"));
  else if (envelope->recipients->len == 0)
    g_set_error_literal (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE,
                         _ ("There is no recipient; name one, or take them from the message "
                            "with -t"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
has_raw_local_part (const char *address)
{
  const char *at = strrchr (address, '@');

  for (const char *p = address; *p != '\0' && p != at; p++)
    if ((guint8)*p >= 0x80)
      return TRUE;
  return FALSE;
}

gboolean
_postseal_submission_is_international (const PostsealEnvelope *envelope)
{
  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      const PostsealEnvelopeRecipient *recipient = g_ptr_array_index (envelope->recipients, i);

      if (has_raw_local_part (recipient->address))
        return TRUE;
    }
  return has_raw_local_part (envelope->sender);
}
