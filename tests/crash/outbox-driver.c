/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What programs do with the outbox, step by step, for a test that stops them in the middle.

   put             standard input as a message to joe@example.com; says its ID
   send            marks all that is due, says "sending", then settles it all, says "settled"
   remove ID
   check           says of each entry its ID, state, attempts and whether it may come twice

   Ends with 0, or with 1 and a sentence. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "outbox/outbox.h"
#include "outbox/submission.h"

#define NOW 1900000000

static int
fail (const GError *error)
{
  fprintf (stderr, "%s\n", error->message);
  return 1;
}

/* Not through a buffer that dies with the process. */
static void
say (const char *word)
{
  g_autofree char *line = g_strdup_printf ("%s\n", word);

  if (write (STDOUT_FILENO, line, strlen (line)) < 0)
    _exit (2);
}

static int
put (const char *accounts)
{
  static const char *const recipients[] = { "joe@example.com", NULL };
  PostsealSubmission submission = { .recipients = recipients };
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealSenders) senders = postseal_senders_load (accounts, &error);
  g_autofree char *id = NULL;

  if (senders == NULL || !postseal_submission_run (&submission, senders, STDIN_FILENO, &id, &error))
    return fail (error);
  say (id);
  return 0;
}

/* Returns: (transfer full) (element-type PostsealOutboxEntry): what is due, or NULL */
static GPtrArray *
load_due (PostsealOutbox *outbox, GError **error)
{
  g_autoptr (GPtrArray) entries
      = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_outbox_entry_free);
  g_auto (GStrv) ids = postseal_outbox_list (outbox, "work", POSTSEAL_OUTBOX_DUE, NOW, NULL, error);

  for (gsize i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      PostsealOutboxEntry *entry = postseal_outbox_load (outbox, ids[i], error);

      if (entry == NULL)
        return NULL;
      g_ptr_array_add (entries, entry);
    }
  return ids != NULL ? g_steal_pointer (&entries) : NULL;
}

/* Of three one stays queued, the others are sent. */
static gboolean
settle (PostsealOutbox *outbox, GPtrArray *entries, GError **error)
{
  g_autofree PostsealOutboxOutcome *outcomes = g_new0 (PostsealOutboxOutcome, entries->len);

  for (guint i = 0; i < entries->len; i++)
    {
      PostsealOutboxEntry *entry = g_ptr_array_index (entries, i);

      outcomes[i].id = entry->id;
      outcomes[i].counts_as_attempt = TRUE;
      outcomes[i].time = NOW;
      outcomes[i].state = i % 3 == 0 ? POSTSEAL_OUTBOX_QUEUED : POSTSEAL_OUTBOX_SENT;
      outcomes[i].recipients = entry->recipients;
      outcomes[i].n_recipients = entry->n_recipients;
    }
  return postseal_outbox_commit (outbox, outcomes, entries->len, NULL, 0, NULL, error);
}

static int
send_all (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealLockFile) lock = postseal_outbox_lock ("work", &error);
  g_autoptr (PostsealOutbox) outbox = lock != NULL ? postseal_outbox_open (&error) : NULL;
  g_autoptr (GPtrArray) entries = outbox != NULL ? load_due (outbox, &error) : NULL;

  if (entries == NULL
      || !postseal_outbox_commit (outbox, NULL, 0,
                                  (const PostsealOutboxEntry *const *)entries->pdata, entries->len,
                                  NULL, &error))
    return fail (error);
  say ("sending");
  if (!settle (outbox, entries, &error))
    return fail (error);
  say ("settled");
  return 0;
}

static int
remove_one (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (&error);

  if (outbox == NULL || !postseal_outbox_remove (outbox, id, &error))
    return fail (error);
  say ("removed");
  return 0;
}

static int
check (void)
{
  static const PostsealOutboxFilter filters[] = { POSTSEAL_OUTBOX_ALL, POSTSEAL_OUTBOX_DONE };
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealOutbox) outbox = postseal_outbox_open (&error);

  for (gsize i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autoptr (GPtrArray) problems = NULL;
      g_auto (GStrv) ids
          = outbox != NULL ? postseal_outbox_list (outbox, NULL, filters[i], NOW, &problems, &error)
                           : NULL;

      if (ids == NULL)
        return fail (error);
      for (guint j = 0; j < problems->len; j++)
        printf ("problem: %s\n", (const char *)problems->pdata[j]);
      for (gsize j = 0; ids[j] != NULL; j++)
        {
          g_autoptr (PostsealOutboxEntry) entry = postseal_outbox_load (outbox, ids[j], &error);

          if (entry == NULL)
            return fail (error);
          printf ("%s %s %u %s\n", entry->id, postseal_outbox_state_name (entry->state),
                  entry->attempts, entry->is_doubtful ? "doubtful" : "sure");
        }
    }
  return 0;
}

int
main (int argc, char **argv)
{
  const char *word = argc > 1 ? argv[1] : "";

  if (strcmp (word, "put") == 0 && argc == 3)
    return put (argv[2]);
  if (strcmp (word, "send") == 0)
    return send_all ();
  if (strcmp (word, "remove") == 0 && argc == 3)
    return remove_one (argv[2]);
  if (strcmp (word, "check") == 0)
    return check ();
  fprintf (stderr, "usage: outbox-driver put ACCOUNTS|send|remove ID|check\n");
  return 2;
}
