/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/sighting.h"

#include <string.h>

#include "base/paths.h"
#include "mail/ledger.h"
#include "mail/message-name.h"

void
postseal_sighting_free (PostsealSighting *self)
{
  if (self == NULL)
    return;
  g_free (self->account);
  g_free (self->mailbox);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_free (self);
}

/* The record has "IMAP jane@imap.example.org/Lists/orchard". Returns: (transfer full): what it has,
   where the server is called another way */
static char *
read_mailbox (const char *name, const PostsealSeal *seal)
{
  const char *port = seal != NULL ? strrchr (seal->endpoint, ':') : NULL;
  g_autofree char *mark = NULL;
  const char *found = NULL;

  if (port != NULL)
    {
      mark = g_strdup_printf ("@%.*s/", (int)(port - seal->endpoint), seal->endpoint);
      found = strstr (name, mark);
    }
  return g_strdup (found != NULL ? found + strlen (mark) : name);
}

static void
add_found (GPtrArray *sightings,
           const char *account,
           const GPtrArray *found,
           gboolean is_by_name,
           gboolean has_own_field)
{
  for (guint i = 0; i < found->len; i++)
    {
      const PostsealLedgerSighting *row = g_ptr_array_index (found, i);
      PostsealSighting *sighting = g_new0 (PostsealSighting, 1);

      sighting->account = g_strdup (account);
      sighting->time = row->delivered_at;
      sighting->seal = postseal_seal_parse (row->seal);
      sighting->mailbox = read_mailbox (row->mailbox, sighting->seal);
      sighting->is_by_name = is_by_name;
      sighting->has_own_field = has_own_field;
      g_ptr_array_add (sightings, sighting);
    }
}

static gboolean
find_by_content (PostsealLedger *ledger,
                 const char *account,
                 const PostsealMessageFile *file,
                 GPtrArray *sightings,
                 GError **error)
{
  const guint n_before = sightings->len;

  for (guint i = 0; i < file->n_contents && sightings->len == n_before; i++)
    {
      const PostsealMessageContent *content = &file->contents[i];
      g_autoptr (GPtrArray) found = postseal_ledger_find_content (ledger, content->digest, error);

      if (found == NULL)
        return FALSE;
      add_found (sightings, account, found, FALSE, content->is_without_first);
    }
  return TRUE;
}

static gboolean
find_by_name (PostsealLedger *ledger,
              const char *account,
              const PostsealMessageFile *file,
              GPtrArray *sightings,
              GError **error)
{
  guint8 content[POSTSEAL_LEDGER_CONTENT_LENGTH];
  g_autoptr (GPtrArray) found = NULL;

  if (file->name == NULL || !postseal_message_name_read_content (file->name, content))
    return TRUE;
  found = postseal_ledger_find_content (ledger, content, error);
  if (found == NULL)
    return FALSE;
  add_found (sightings, account, found, TRUE, FALSE);
  return TRUE;
}

static void
look_into (const char *account,
           const PostsealMessageFile *file,
           gboolean is_by_name,
           GPtrArray *sightings,
           GPtrArray *troubles)
{
  g_autofree char *directory = postseal_paths_account_state_dir (account);
  g_autofree char *path = g_build_filename (directory, POSTSEAL_PATHS_LEDGER, NULL);
  g_autoptr (PostsealLedger) ledger = NULL;
  g_autoptr (GError) error = NULL;

  /* Opening it would make it. */
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return;
  ledger = postseal_ledger_open (path, &error);
  if (ledger != NULL && is_by_name)
    find_by_name (ledger, account, file, sightings, &error);
  else if (ledger != NULL)
    find_by_content (ledger, account, file, sightings, &error);
  if (error != NULL && !is_by_name)
    g_ptr_array_add (troubles, g_strdup (error->message));
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const PostsealSighting *first = *(const PostsealSighting *const *)a;
  const PostsealSighting *second = *(const PostsealSighting *const *)b;

  return (second->time > first->time) - (second->time < first->time);
}

GPtrArray *
postseal_sightings_find (const PostsealMessageFile *file,
                         const char *const *accounts,
                         GPtrArray *troubles)
{
  GPtrArray *sightings = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_sighting_free);

  g_return_val_if_fail (file != NULL, sightings);

  for (guint by_name = 0; by_name < 2 && sightings->len == 0; by_name++)
    for (gsize i = 0; accounts[i] != NULL; i++)
      look_into (accounts[i], file, by_name == 1, sightings, troubles);
  g_ptr_array_sort (sightings, compare_times);
  return sightings;
}
