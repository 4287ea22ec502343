/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/hand-over.h"

#include <fcntl.h>
#include <filtering.h>
#include <prefs_common.h>
#include <procmsg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "claws/spool.h"

FolderItem *
postseal_claws_find_inbox (const PrefsAccount *account)
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

/* The host can write down the flags of a folder through to the disk after each change, which takes
   as long as the disk likes. That is put off while only links are made. Returns: what was set */
static gboolean
set_flushing (gboolean is_flushing)
{
  PrefsCommon *prefs = prefs_common_get_prefs ();
  gboolean before = prefs->flush_metadata;

  prefs->flush_metadata = is_flushing;
  return before;
}

int
postseal_claws_hand_over (FolderItem *target, const GPtrArray *paths)
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
  last = folder_item_add_msgs (target, list, FALSE);
  g_slist_free (list);
  set_flushing (flushing);
  return last;
}

/* --- what an earlier run has done --- */

/* Returns: (transfer full) */
static char *
make_path (FolderItem *item, guint number)
{
  g_autofree char *folder = folder_item_get_path (item);

  return g_strdup_printf ("%s" G_DIR_SEPARATOR_S "%u", folder, number);
}

static gboolean
is_number (const char *name)
{
  return *name != '\0' && name[strspn (name, "0123456789")] == '\0';
}

static gboolean
is_link_of (const struct stat *info, const struct stat *found)
{
  return found->st_dev == info->st_dev && found->st_ino == info->st_ino;
}

/* TRUE when @other is what has been made of @path: a link, or a copy, which is not older. */
static gboolean
is_made_of (const char *path, const struct stat *info, const char *other, gboolean may_be_copy)
{
  struct stat found;

  if (stat (other, &found) != 0 || found.st_size != info->st_size)
    return FALSE;
  return is_link_of (info, &found)
         || ((may_be_copy || found.st_dev != info->st_dev) && found.st_ctime >= info->st_ctime
             && postseal_claws_spool_is_same (path, other));
}

/* Only for folders that are files on this machine. */
static gboolean
has_arrived (const MsgInfo *message, FolderItem *target, gboolean may_be_copy)
{
  g_autofree char *path = make_path (message->folder, message->msgnum);
  g_autofree char *folder = NULL;
  g_autoptr (GDir) directory = NULL;
  struct stat info;
  const char *name;

  if (FOLDER_TYPE (target->folder) != F_MH || stat (path, &info) != 0)
    return FALSE;
  folder = folder_item_get_path (target);
  directory = g_dir_open (folder, 0, NULL);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *other = g_build_filename (folder, name, NULL);

      if (is_number (name) && is_made_of (path, &info, other, may_be_copy))
        return TRUE;
    }
  return FALSE;
}

/* --- on --- */

/* TRUE when a link is as good as what the host would do: nothing is known of the message that is
   not in its file. */
static gboolean
is_plain (const MsgInfo *message)
{
  return message->tags == NULL && message->flags.perm_flags == (MSG_NEW | MSG_UNREAD)
         && (message->filter_op == IS_NOTHING || message->filter_op == IS_MOVE);
}

/* Where @message goes, if it goes anywhere as a whole. Returns: (nullable) */
static FolderItem *
find_target (const MsgInfo *message, gboolean is_unfiltered, FolderItem *inbox)
{
  if (message->filter_op == IS_MOVE)
    return message->to_filter_folder;
  return is_unfiltered ? inbox : NULL;
}

static gboolean
can_link (FolderItem *processing, FolderItem *target)
{
  g_autofree char *from = folder_item_get_path (processing);
  g_autofree char *to = NULL;
  struct stat a, b;

  if (FOLDER_TYPE (target->folder) != F_MH)
    return FALSE;
  to = folder_item_get_path (target);
  return stat (from, &a) == 0 && stat (to, &b) == 0 && a.st_dev == b.st_dev;
}

/* On file systems without links the host has made a copy. */
static void
sync_copy (const char *path, const char *other)
{
  struct stat a, b;
  int fd;

  if (stat (path, &a) == 0 && stat (other, &b) == 0 && is_link_of (&a, &b))
    return;
  fd = open (other, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* @messages: (element-type MsgInfo): all plain, for @target */
static void
link_on (FolderItem *processing, FolderItem *target, GSList *messages)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  gboolean flushing;
  int last;

  for (GSList *each = messages; each != NULL; each = each->next)
    g_ptr_array_add (paths, make_path (processing, ((MsgInfo *)each->data)->msgnum));
  last = postseal_claws_hand_over (target, paths);
  if (last < 0)
    return;
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *other = make_path (target, (guint)last - (paths->len - 1 - i));

      sync_copy (paths->pdata[i], other);
    }
  flushing = set_flushing (FALSE);
  folder_item_remove_msgs (processing, messages);
  set_flushing (flushing);
}

/* Takes those from @messages that are handed on by links: all of one target in one go. */
static void
link_all_on (FolderItem *processing, GSList **messages, GSList **unfiltered, FolderItem *inbox)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GSList *rest = NULL;
  GHashTableIter iter;
  gpointer target_key, together_value;

  for (GSList *each = *messages; each != NULL; each = each->next)
    {
      MsgInfo *message = each->data;
      gboolean is_unfiltered = g_slist_find (*unfiltered, message) != NULL;
      FolderItem *target = find_target (message, is_unfiltered, inbox);

      if (target == NULL || !is_plain (message) || !can_link (processing, target))
        rest = g_slist_prepend (rest, message);
      else
        {
          GSList *together = g_hash_table_lookup (seen, target);

          g_hash_table_insert (seen, target, g_slist_append (together, message));
          *unfiltered = g_slist_remove (*unfiltered, message);
        }
    }
  g_slist_free (*messages);
  *messages = g_slist_reverse (rest);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &target_key, &together_value))
    {
      prepare (target_key);
      link_on (processing, target_key, together_value);
      g_slist_free (together_value);
    }
}

/* What is wanted and was done before the host was killed is not done again. Returns: TRUE when that
   was all */
static gboolean
settle (MsgInfo *message, gboolean is_unfiltered, FolderItem *inbox)
{
  gboolean may_be_copy = !is_plain (message);
  FolderItem *target;

  if (message->filter_op == IS_COPY && message->to_filter_folder != NULL
      && has_arrived (message, message->to_filter_folder, TRUE))
    message->filter_op = IS_NOTHING;
  target = find_target (message, is_unfiltered, inbox);
  if (target == NULL || !has_arrived (message, target, may_be_copy))
    return FALSE;
  folder_item_remove_msg (message->folder, (int)message->msgnum);
  return TRUE;
}

/* Takes those from both lists that are where they belong. */
static void
settle_all (GSList **messages, GSList **unfiltered, FolderItem *inbox)
{
  GSList *rest = NULL;

  for (GSList *each = *messages; each != NULL; each = each->next)
    {
      gboolean is_unfiltered = g_slist_find (*unfiltered, each->data) != NULL;

      if (settle (each->data, is_unfiltered, inbox))
        *unfiltered = g_slist_remove (*unfiltered, each->data);
      else
        rest = g_slist_prepend (rest, each->data);
    }
  g_slist_free (*messages);
  *messages = g_slist_reverse (rest);
}

/* The host's own way, for all that has more to it. */
static void
move_on (GSList *messages, GSList *unfiltered, FolderItem *inbox)
{
  for (GSList *each = messages; each != NULL; each = each->next)
    {
      MsgInfo *message = each->data;

      if (message->to_filter_folder != NULL && message->filter_op != IS_NOTHING)
        prepare (message->to_filter_folder);
    }
  filtering_move_and_copy_msgs (messages);
  if (unfiltered != NULL)
    folder_item_move_msgs (inbox, unfiltered);
}

void
postseal_claws_hand_on (FolderItem *processing, int id, GSList *messages, gboolean is_adopted)
{
  PrefsAccount *account = account_find_from_id (id);
  FolderItem *inbox = account != NULL ? postseal_claws_find_inbox (account) : NULL;
  GSList *rest = g_slist_copy (messages);
  GSList *filtered = NULL;
  GSList *unfiltered = NULL;

  if (inbox != NULL)
    {
      prepare (inbox);
      procmsg_msglist_filter (rest, account, &filtered, &unfiltered, account->filter_on_recv);
      if (is_adopted)
        settle_all (&rest, &unfiltered, inbox);
      link_all_on (processing, &rest, &unfiltered, inbox);
      if (rest != NULL)
        move_on (rest, unfiltered, inbox);
    }
  g_slist_free (rest);
  g_slist_free (filtered);
  g_slist_free (unfiltered);
}
