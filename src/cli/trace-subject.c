/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace-subject.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "cli/outbox-digest.h"
#include "cli/report.h"
#include "mail/sink.h"
#include "trace/message-search.h"
#include "wire/mail-date.h"

#define MOST_FILES 50000 /* looked at for a Message-ID; a minute where the disk is slow */
#define MOST_SENT 10000 /* messages of the outbox that are looked at */

#define STATUS_NO_MESSAGE 65 /* EX_DATAERR */
#define STATUS_NOT_FOUND 69 /* EX_UNAVAILABLE */
#define STATUS_UNREADABLE 74 /* EX_IOERR */

void
postseal_trace_subject_free (PostsealTraceSubject *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->journey, postseal_journey_free);
  g_clear_pointer (&self->file, postseal_message_file_free);
  g_clear_pointer (&self->sightings, g_ptr_array_unref);
  g_clear_pointer (&self->sent, g_ptr_array_unref);
  g_clear_pointer (&self->store, postseal_account_store_free);
  g_free (self->path);
  g_free (self);
}

/* A message can be looked at without any account. */
static gboolean
load_accounts (PostsealTraceSubject *self, const PostsealOptions *options, int *ret_status)
{
  if (!g_file_test (options->config, G_FILE_TEST_EXISTS))
    return TRUE;
  self->store = postseal_options_load_accounts (options, ret_status);
  return self->store != NULL;
}

/* --- where the message is --- */

/* Returns: (transfer full) (nullable): "<id@host>" where @operand is one and no file */
static char *
take_message_id (const char *operand)
{
  gsize length = strlen (operand);
  gboolean has_brackets = length > 2 && operand[0] == '<' && operand[length - 1] == '>';

  if (has_brackets)
    return g_strdup (operand);
  if (strcmp (operand, "-") == 0 || strchr (operand, '/') != NULL || strchr (operand, '@') == NULL
      || g_file_test (operand, G_FILE_TEST_EXISTS))
    return NULL;
  return g_strdup_printf ("<%s>", operand);
}

/* The Maildirs that accounts deliver to. Returns: (transfer full) (array zero-terminated=1) */
static char **
list_maildirs (const PostsealTraceSubject *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) roots = g_ptr_array_new ();
  const GPtrArray *accounts
      = self->store != NULL ? postseal_account_store_get_accounts (self->store) : NULL;

  for (guint i = 0; accounts != NULL && i < accounts->len; i++)
    {
      const PostsealAccount *account = g_ptr_array_index (accounts, i);
      g_autofree char *place = NULL;

      if (account->deliver == NULL
          || postseal_sink_spec_kind (account->deliver) != POSTSEAL_SINK_MAILDIR)
        continue;
      place = postseal_sink_spec_place (account->deliver);
      if (!g_hash_table_contains (seen, place))
        {
          g_hash_table_add (seen, place);
          g_ptr_array_add (roots, g_steal_pointer (&place));
        }
    }
  g_ptr_array_add (roots, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&roots), FALSE);
}

static void
search (PostsealTraceSubject *self, const char *message_id, gboolean *ret_all)
{
  g_auto (GStrv) roots = list_maildirs (self);

  self->path = postseal_message_search ((const char *const *)roots, message_id, MOST_FILES,
                                        &self->n_searched, ret_all);
}

static gboolean
read_file (PostsealTraceSubject *self, int *ret_status)
{
  g_autoptr (GError) error = NULL;

  self->file = postseal_message_file_read (self->path, &error);
  if (self->file != NULL)
    return TRUE;
  *ret_status
      = g_error_matches (error, POSTSEAL_MESSAGE_FILE_ERROR, POSTSEAL_MESSAGE_FILE_ERROR_NO_MESSAGE)
            ? STATUS_NO_MESSAGE
            : STATUS_UNREADABLE;
  g_printerr ("postseal: %s\n", error->message);
  return FALSE;
}

/* --- what the outbox knows --- */

static void
add_sent (PostsealTraceSubject *self,
          PostsealOutbox *outbox,
          PostsealOutboxFilter filter,
          const char *message_id)
{
  g_auto (GStrv) ids = postseal_outbox_list (outbox, NULL, filter,
                                             g_get_real_time () / G_USEC_PER_SEC, NULL, NULL);

  for (gsize i = 0; ids != NULL && ids[i] != NULL && i < MOST_SENT; i++)
    {
      g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[i], NULL);

      if (entry != NULL && g_strcmp0 (entry->message_id, message_id) == 0)
        g_ptr_array_add (self->sent, g_steal_pointer (&entry));
    }
}

static void
look_into_outbox (PostsealTraceSubject *self, const char *message_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_digest_open (&error);

  if (error != NULL)
    postseal_report_error (error);
  if (outbox == NULL || message_id == NULL || *message_id == '\0')
    return;
  add_sent (self, outbox, POSTSEAL_OUTBOX_ALL, message_id);
  add_sent (self, outbox, POSTSEAL_OUTBOX_DONE, message_id);
}

/* --- what the record of delivered mail knows --- */

static void
look_into_ledgers (PostsealTraceSubject *self)
{
  static const char *const none[] = { NULL };
  g_autoptr (GPtrArray) troubles = g_ptr_array_new_with_free_func (g_free);

  self->sightings = postseal_sightings_find (
      self->file, self->store != NULL ? postseal_account_store_get_names (self->store) : none,
      troubles);
  for (guint i = 0; i < troubles->len; i++)
    g_printerr ("postseal: %s\n", (const char *)g_ptr_array_index (troubles, i));
}

/* Who was on the way can be told from what the provider has written, which is on top only if the
   message came from the provider. */
static void
make_journey (PostsealTraceSubject *self)
{
  const PostsealSighting *sighting
      = self->sightings->len > 0 ? g_ptr_array_index (self->sightings, 0) : NULL;

  if (self->account == NULL && sighting != NULL && self->store != NULL)
    self->account = postseal_account_store_lookup (self->store, sighting->account, NULL);
  self->journey = postseal_journey_new (
      self->file, self->account != NULL ? (const char *const *)self->account->authserv_ids : NULL,
      self->account != NULL && self->account->receive != NULL ? self->account->receive->host : NULL,
      sighting != NULL && sighting->has_own_field);
}

static void
report_not_found (const PostsealTraceSubject *self, const char *message_id, gboolean is_all)
{
  g_autofree char *shown = postseal_printable (message_id, -1);

  g_printerr (ngettext ("postseal: No message has the Message-ID %s: neither one of the outbox nor "
                        "the %u that is in Maildirs of the accounts; name its file\n",
                        "postseal: No message has the Message-ID %s: neither one of the outbox nor "
                        "the %u that were looked at in Maildirs of the accounts; name its file\n",
                        self->n_searched),
              shown, self->n_searched);
  if (!is_all)
    g_printerr (_ ("postseal: Older ones were not looked at\n"));
}

/* Returns: FALSE when there is no such message */
static gboolean
find_message (PostsealTraceSubject *self, const char *operand, int *ret_status)
{
  g_autofree char *message_id = take_message_id (operand);
  gboolean is_all = TRUE;

  if (message_id != NULL)
    search (self, message_id, &is_all);
  else if (strcmp (operand, "-") != 0)
    self->path = g_strdup (operand);
  if ((message_id == NULL || self->path != NULL) && !read_file (self, ret_status))
    return FALSE;
  if (message_id == NULL)
    message_id = postseal_message_file_get (self->file, "Message-ID");
  look_into_outbox (self, message_id);
  if (self->file != NULL || self->sent->len > 0)
    return TRUE;
  report_not_found (self, message_id, is_all);
  *ret_status = STATUS_NOT_FOUND;
  return FALSE;
}

PostsealTraceSubject *
postseal_trace_subject_find (const PostsealOptions *options,
                             const char *operand,
                             const char *account,
                             int *ret_status)
{
  g_autoptr (PostsealTraceSubject) self = g_new0 (PostsealTraceSubject, 1);
  g_autoptr (GError) error = NULL;

  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_outbox_entry_free);
  if (!load_accounts (self, options, ret_status))
    return NULL;
  if (account != NULL && self->store == NULL)
    self->store = postseal_options_load_accounts (options, ret_status);
  if (account != NULL && self->store == NULL)
    return NULL;
  if (account != NULL)
    self->account = postseal_account_store_lookup (self->store, account, &error);
  if (error != NULL)
    {
      *ret_status = postseal_report_error (error);
      return NULL;
    }
  if (!find_message (self, operand, ret_status))
    return NULL;
  if (self->file != NULL)
    {
      look_into_ledgers (self);
      make_journey (self);
    }
  return g_steal_pointer (&self);
}

char *
postseal_trace_subject_get_field (const PostsealTraceSubject *self, guint index)
{
  const PostsealHeaderField *field
      = &g_array_index (self->file->fields, PostsealHeaderField, index);
  g_autoptr (GString) line = g_string_new (NULL);

  for (gsize i = field->start; i < field->value_start + field->value_length; i++)
    {
      char character = self->file->header[i];

      if (character == '\0')
        g_string_append (line, "\\x00");
      else if (!g_ascii_isspace (character))
        g_string_append_c (line, character);
      else if (line->len > 0 && line->str[line->len - 1] != ' ')
        g_string_append_c (line, ' ');
    }
  return postseal_report_make_printable (line->str);
}

gint64
postseal_trace_subject_get_date (const PostsealTraceSubject *self)
{
  g_autofree char *date = postseal_message_file_get (self->file, "Date");
  gint64 time = 0;

  return date != NULL && postseal_mail_date_parse (date, strlen (date), &time) ? time : 0;
}
