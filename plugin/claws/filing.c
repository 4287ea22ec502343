/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/filing.h"

#include <account.h>
#include <common/utils.h>
#include <filtering.h>
#include <folder.h>
#include <glib/gi18n-lib.h>
#include <inc.h>
#include <main.h>
#include <prefs_common.h>
#include <procmsg.h>
#include <sys/stat.h>

#include "claws/spool.h"

/* Messages at once: the host does some work for each call, however many they are. */
#define SMALLEST_PORTION 4
#define LARGEST_PORTION 64

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
};

/* --- the host's folders --- */

gboolean
postseal_claws_filing_must_wait (void)
{
  return claws_is_starting () || inc_lock_count > 0 || inc_is_active ();
}

/* Returns: (nullable) */
static FolderItem *
find_inbox (const PrefsAccount *account)
{
  FolderItem *inbox = account->inbox != NULL && *account->inbox != '\0'
                          ? folder_find_item_from_identifier (account->inbox)
                          : NULL;

  return inbox != NULL ? inbox : folder_get_default_inbox ();
}

/* The host counts the first message twice in a folder that it has never looked at. */
static void
prepare (FolderItem *item)
{
  if (item->cache == NULL)
    folder_item_scan (item);
}

static void
freeze (PostsealClawsFiling *self)
{
  if (!self->is_frozen)
    folder_item_update_freeze ();
  self->is_frozen = TRUE;
}

static void
thaw (PostsealClawsFiling *self)
{
  if (self->is_frozen)
    folder_item_update_thaw ();
  self->is_frozen = FALSE;
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

  if (processing == NULL || find_inbox (account) == NULL)
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

/* The host can write down the flags of a folder through to the disk after each change, which takes
   as long as the disk likes; it need not while we work, since what matters here is synced by a
   thread of ours. Returns: what was set */
static gboolean
set_flushing (gboolean is_flushing)
{
  PrefsCommon *prefs = prefs_common_get_prefs ();
  gboolean before = prefs->flush_metadata;

  prefs->flush_metadata = is_flushing;
  return before;
}

/* Returns: the number of the last one, -1: failed */
static int
add_files (PostsealClawsFiling *self, const GPtrArray *paths)
{
  g_autofree MsgFileInfo *infos = g_new0 (MsgFileInfo, paths->len);
  gboolean flushing = set_flushing (FALSE);
  GSList *list = NULL;
  int last;

  for (guint i = paths->len; i > 0; i--)
    {
      infos[i - 1].file = paths->pdata[i - 1];
      list = g_slist_prepend (list, &infos[i - 1]);
    }
  last = folder_item_add_msgs (self->processing, list, FALSE);
  g_slist_free (list);
  set_flushing (flushing);
  return last;
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
      last = add_files (self, portion);
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

static gboolean
is_number (const char *name)
{
  return *name != '\0' && name[strspn (name, "0123456789")] == '\0';
}

/* TRUE when @name in @folder is what the host has made of @path: a link, or, on another file
   system, a copy that is not older. */
static gboolean
is_made_of (const char *path, const struct stat *info, const char *folder, const char *name)
{
  g_autofree char *other = g_build_filename (folder, name, NULL);
  struct stat found;

  if (stat (other, &found) != 0 || found.st_size != info->st_size)
    return FALSE;
  if (found.st_dev == info->st_dev)
    return found.st_ino == info->st_ino;
  return found.st_ctime >= info->st_ctime && postseal_claws_spool_is_same (path, other);
}

/* The host moves a message by making it anew where it belongs, then removing it: TRUE when it was
   killed between the two. Only for folders that are files on this machine. */
static gboolean
has_arrived (PostsealClawsFiling *self, const MsgInfo *message, FolderItem *target)
{
  g_autofree char *path = g_strdup_printf ("%s/%u", self->folder, message->msgnum);
  g_autofree char *folder = NULL;
  g_autoptr (GDir) directory = NULL;
  struct stat info;
  const char *name;

  if (FOLDER_TYPE (target->folder) != F_MH || stat (path, &info) != 0)
    return FALSE;
  folder = folder_item_get_path (target);
  directory = g_dir_open (folder, 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (is_number (name) && is_made_of (path, &info, folder, name))
      return TRUE;
  return FALSE;
}

/* What the filters want and the host has done before it was killed is not done again.
   Returns: TRUE when that was all */
static gboolean
settle_adopted (PostsealClawsFiling *self,
                MsgInfo *message,
                gboolean is_filtered,
                FolderItem *inbox)
{
  FolderItem *target = message->to_filter_folder;

  if (message->filter_op == IS_COPY && target != NULL && has_arrived (self, message, target))
    message->filter_op = IS_NOTHING;
  if (is_filtered && message->filter_op == IS_MOVE)
    {
      if (target == NULL || !has_arrived (self, message, target))
        return FALSE;
      message->filter_op = IS_NOTHING;
    }
  else if (is_filtered || !has_arrived (self, message, inbox))
    return FALSE;
  folder_item_remove_msg (self->processing, (int)message->msgnum);
  return TRUE;
}

/* @messages, *unfiltered: those that have arrived are no more among them. */
static void
settle_all_adopted (PostsealClawsFiling *self,
                    GSList *messages,
                    GSList **unfiltered,
                    FolderItem *inbox)
{
  for (GSList *each = messages; each != NULL; each = each->next)
    {
      gboolean is_unfiltered = g_slist_find (*unfiltered, each->data) != NULL;

      if (settle_adopted (self, each->data, !is_unfiltered, inbox))
        *unfiltered = g_slist_remove (*unfiltered, each->data);
    }
}

static void
prepare_targets (GSList *messages)
{
  for (GSList *each = messages; each != NULL; each = each->next)
    {
      MsgInfo *message = each->data;

      if (message->to_filter_folder != NULL && message->filter_op != IS_NOTHING)
        prepare (message->to_filter_folder);
    }
}

/* @messages: what the host calls a list, (transfer full) */
static void
pass_filters (PostsealClawsFiling *self, GSList *messages, gboolean is_adopted)
{
  PrefsAccount *account = account_find_from_id (self->id);
  FolderItem *inbox = account != NULL ? find_inbox (account) : NULL;
  GSList *filtered = NULL;
  GSList *unfiltered = NULL;

  if (inbox != NULL)
    {
      prepare (inbox);
      procmsg_msglist_filter (messages, account, &filtered, &unfiltered, account->filter_on_recv);
      if (is_adopted)
        settle_all_adopted (self, messages, &unfiltered, inbox);
      prepare_targets (messages);
      filtering_move_and_copy_msgs (messages);
      if (unfiltered != NULL)
        folder_item_move_msgs (inbox, unfiltered);
    }
  g_slist_free (filtered);
  g_slist_free (unfiltered);
  g_slist_free_full (messages, free_message);
}

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
      gboolean flushing = set_flushing (FALSE);

      pass_filters (self, messages, is_adopted);
      set_flushing (flushing);
      self->portion_on = adapt (self->portion_on, g_get_monotonic_time () - before, budget_us);
    }
  if (self->adopted.length + self->added.length > 0)
    return FALSE;
  thaw (self);
  return TRUE;
}

guint
postseal_claws_filing_count_stuck (PostsealClawsFiling *self)
{
  guint total;

  g_return_val_if_fail (self != NULL, 0);

  total = (guint)MAX (0, self->processing->total_msgs);
  return total - MIN (total, self->adopted.length + self->added.length);
}
