/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/filing.h"

#include <account.h>
#include <common/utils.h>
#include <folder.h>
#include <glib/gi18n-lib.h>
#include <inc.h>
#include <main.h>
#include <procmsg.h>

#include "claws/hand-over.h"
#include "claws/spool.h"

/* Messages at once: the host does some work for each call, however many they are. */
#define SMALLEST_PORTION 4
#define LARGEST_PORTION 64
#define SHOW_SHARE 20 /* one part of so many is for the folder list */

G_DEFINE_QUARK (postseal - claws - filing - error - quark, postseal_claws_filing_error)

struct _PostsealClawsFiling
{
  int id;
  FolderItem *processing; /* borrowed: the host keeps it */
  char *folder; /* owned: where that is */
  GQueue adopted; /* owned (element-type MsgInfo): of an earlier run */
  GQueue added; /* owned (element-type MsgInfo) */
  guint portion_in; /* so many at once fit the budget, */
  guint portion_on; /* as earlier ones have told */
  gboolean is_frozen; /* the folder list waits for us */
  gint64 last_shown; /* microseconds: when it was brought up to date, */
  gint64 show_us; /* and how long that took */
};

/* --- the host's folders --- */

gboolean
postseal_claws_filing_must_wait (void)
{
  return claws_is_starting () || inc_lock_count > 0 || inc_is_active ();
}

static void
freeze (PostsealClawsFiling *self)
{
  if (!self->is_frozen)
    folder_item_update_freeze ();
  self->is_frozen = TRUE;
}

/* The host shows an open folder anew as a whole. */
static void
thaw (PostsealClawsFiling *self)
{
  gint64 before = g_get_monotonic_time ();

  if (!self->is_frozen)
    return;
  self->is_frozen = FALSE;
  folder_item_update_thaw ();
  self->last_shown = g_get_monotonic_time ();
  self->show_us = self->last_shown - before;
}

/* TRUE when showing what is there would take more than its share of the time. */
static gboolean
is_shown_too_often (PostsealClawsFiling *self)
{
  return g_get_monotonic_time () - self->last_shown < self->show_us * SHOW_SHARE;
}

static void
free_message (gpointer message)
{
  MsgInfo *info = message;

  procmsg_msginfo_free (&info);
}

PostsealClawsFiling *
postseal_claws_filing_new (int id, GError **error)
{
  PrefsAccount *account = account_find_from_id (id);
  FolderItem *processing = account != NULL ? folder_get_default_processing (id) : NULL;
  PostsealClawsFiling *self;

  if (processing == NULL || postseal_claws_find_inbox (account) == NULL)
    {
      g_set_error (error, POSTSEAL_CLAWS_FILING_ERROR, POSTSEAL_CLAWS_FILING_ERROR_NO_FOLDER,
                   _ ("There is no inbox to put mail in"));
      return NULL;
    }
  self = g_new0 (PostsealClawsFiling, 1);
  self->id = id;
  self->processing = processing;
  self->folder = folder_item_get_path (processing);
  self->portion_in = SMALLEST_PORTION;
  self->portion_on = SMALLEST_PORTION;
  g_queue_init (&self->adopted);
  g_queue_init (&self->added);
  return self;
}

void
postseal_claws_filing_free (PostsealClawsFiling *self)
{
  if (self == NULL)
    return;
  thaw (self);
  g_queue_clear_full (&self->adopted, free_message);
  g_queue_clear_full (&self->added, free_message);
  g_free (self->folder);
  g_free (self);
}

const char *
postseal_claws_filing_get_folder (PostsealClawsFiling *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->folder;
}

/* --- in --- */

/* How many are done at once next time, when the last ones took @taken_us. */
static guint
adapt (guint portion, gint64 taken_us, gint64 budget_us)
{
  if (taken_us > budget_us)
    return MAX (SMALLEST_PORTION, portion / 2);
  if (taken_us * 3 < budget_us)
    return MIN (LARGEST_PORTION, portion * 2);
  return portion;
}

/* Numbers are given in order; whoever drops them looks whether it was so. */
static void
note_added (PostsealClawsFiling *self, const GPtrArray *paths, int last, GPtrArray *filed)
{
  for (guint i = 0; i < paths->len; i++)
    {
      int number = last - (int)(paths->len - 1 - i);
      MsgInfo *info = folder_item_get_msginfo (self->processing, number);
      g_autofree char *file = g_strdup_printf ("%s" G_DIR_SEPARATOR_S "%d", self->folder, number);

      if (info != NULL)
        g_queue_push_tail (&self->added, info);
      g_ptr_array_add (filed, postseal_claws_taken_new (paths->pdata[i], file));
    }
}

gboolean
postseal_claws_filing_add (
    PostsealClawsFiling *self, GQueue *paths, GPtrArray *filed, gint64 budget_us, GError **error)
{
  gint64 begin = g_get_monotonic_time ();

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (paths != NULL, FALSE);
  g_return_val_if_fail (filed != NULL, FALSE);

  freeze (self);
  while (paths->length > 0 && (g_get_monotonic_time () - begin) * 2 <= budget_us)
    {
      g_autoptr (GPtrArray) portion = g_ptr_array_new_with_free_func (g_free);
      gint64 before = g_get_monotonic_time ();
      int last;

      while (portion->len < self->portion_in && paths->length > 0)
        g_ptr_array_add (portion, g_queue_pop_head (paths));
      last = postseal_claws_hand_over (self->processing, portion);
      if (last < 0)
        {
          g_set_error (error, POSTSEAL_CLAWS_FILING_ERROR, POSTSEAL_CLAWS_FILING_ERROR_REFUSED,
                       _ ("Claws Mail cannot put a message into the folder “%s”"), self->folder);
          return FALSE;
        }
      note_added (self, portion, last, filed);
      self->portion_in = adapt (self->portion_in, g_get_monotonic_time () - before, budget_us);
    }
  return TRUE;
}

/* TRUE when @info is one of those that are already waiting. */
static gboolean
is_waiting (PostsealClawsFiling *self, const MsgInfo *info)
{
  for (GList *each = self->added.head; each != NULL; each = each->next)
    if (((MsgInfo *)each->data)->msgnum == info->msgnum)
      return TRUE;
  return FALSE;
}

guint
postseal_claws_filing_adopt (PostsealClawsFiling *self)
{
  GSList *found;

  g_return_val_if_fail (self != NULL, 0);

  g_queue_clear_full (&self->adopted, free_message);
  folder_item_scan (self->processing);
  found = folder_item_get_msg_list (self->processing);
  for (GSList *each = found; each != NULL; each = each->next)
    if (is_waiting (self, each->data))
      free_message (each->data);
    else
      g_queue_push_tail (&self->adopted, each->data);
  g_slist_free (found);
  return self->adopted.length;
}

/* --- on --- */

/* Returns: (transfer full): the next ones, of one kind */
static GSList *
take_portion (PostsealClawsFiling *self, gboolean *is_adopted)
{
  GQueue *queue = self->adopted.length > 0 ? &self->adopted : &self->added;
  GSList *messages = NULL;

  *is_adopted = queue == &self->adopted;
  for (guint i = 0; i < self->portion_on && queue->length > 0; i++)
    messages = g_slist_prepend (messages, g_queue_pop_head (queue));
  return g_slist_reverse (messages);
}

gboolean
postseal_claws_filing_move_on (PostsealClawsFiling *self, gint64 budget_us)
{
  gint64 begin = g_get_monotonic_time ();

  g_return_val_if_fail (self != NULL, TRUE);

  freeze (self);
  while (self->adopted.length + self->added.length > 0
         && (g_get_monotonic_time () - begin) * 2 <= budget_us)
    {
      gint64 before = g_get_monotonic_time ();
      gboolean is_adopted;
      GSList *messages = take_portion (self, &is_adopted);

      postseal_claws_hand_on (self->processing, self->id, messages, is_adopted);
      g_slist_free_full (messages, free_message);
      self->portion_on = adapt (self->portion_on, g_get_monotonic_time () - before, budget_us);
    }
  if (self->adopted.length + self->added.length > 0)
    return FALSE;
  if (!is_shown_too_often (self))
    thaw (self);
  return TRUE;
}

void
postseal_claws_filing_rest (PostsealClawsFiling *self)
{
  g_return_if_fail (self != NULL);

  thaw (self);
}

guint
postseal_claws_filing_count_stuck (PostsealClawsFiling *self)
{
  guint total;

  g_return_val_if_fail (self != NULL, 0);

  total = (guint)MAX (0, self->processing->total_msgs);
  return total - MIN (total, self->adopted.length + self->added.length);
}
