/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/queue-folder.h"

#include <compose.h>
#include <folder.h>
#include <procmsg.h>
#include <string.h>

#include <common/log.h>

#include "claws/filing.h"

gboolean
postseal_claws_queue_folder_must_wait (void)
{
  return g_main_depth () > 1 || postseal_claws_filing_must_wait ();
}

/* --- finding --- */

/* The host knows messages without the brackets. Returns: (transfer full) */
static char *
strip_brackets (const char *message_id)
{
  gsize length = strlen (message_id);

  if (length >= 2 && message_id[0] == '<' && message_id[length - 1] == '>')
    return g_strndup (message_id + 1, length - 2);
  return g_strdup (message_id);
}

/* Returns: (transfer full) (nullable): for procmsg_msginfo_free() */
static MsgInfo *
find_message (FolderItem *item, int number, const char *message_id)
{
  MsgInfo *info = number > 0 ? folder_item_get_msginfo (item, number) : NULL;

  if (info != NULL && *message_id != '\0' && g_strcmp0 (info->msgid, message_id) != 0)
    procmsg_msginfo_free (&info);
  if (info == NULL && *message_id != '\0')
    info = folder_item_get_msginfo_by_msgid (item, message_id);
  return info;
}

static MsgInfo *
find_queued (PostsealClawsSentRecord *record)
{
  FolderItem *item = folder_find_item_from_identifier (record->folder);
  g_autofree char *message_id = strip_brackets (record->message_id);
  MsgInfo *info = item != NULL ? find_message (item, record->number, message_id) : NULL;

  if (info != NULL)
    record->number = info->msgnum;
  return info;
}

void
postseal_claws_queue_folder_scan (const PostsealClawsSentRecord *record)
{
  FolderItem *item = folder_find_item_from_identifier (record->folder);

  if (item != NULL)
    folder_item_scan (item);
}

char *
postseal_claws_queue_folder_find (PostsealClawsSentRecord *record)
{
  MsgInfo *info = find_queued (record);
  char *path = info != NULL ? folder_item_fetch_msg (info->folder, info->msgnum) : NULL;

  procmsg_msginfo_free (&info);
  return path;
}

char *
postseal_claws_queue_folder_get_subject (PostsealClawsSentRecord *record)
{
  MsgInfo *info = find_queued (record);
  char *subject
      = g_utf8_make_valid (info != NULL && info->subject != NULL ? info->subject : "", -1);

  procmsg_msginfo_free (&info);
  return subject;
}

/* Not with comments and the like, of which the host knows less. */
static gboolean
is_plain_id (const char *message_id)
{
  return *message_id == '<' && strpbrk (message_id + 1, " \t()<") == NULL
         && g_str_has_suffix (message_id, ">");
}

gboolean
postseal_claws_queue_folder_is_gone (PostsealClawsSentRecord *record)
{
  FolderItem *item = folder_find_item_from_identifier (record->folder);
  MsgInfo *info = item != NULL ? find_queued (record) : NULL;
  gboolean is_there = info != NULL;

  procmsg_msginfo_free (&info);
  return item != NULL && !is_there && is_plain_id (record->message_id);
}

/* Returns: (transfer none) (nullable): what the window that edits @info has of it */
static MsgInfo *
find_edited (const MsgInfo *info)
{
  for (const GList *each = compose_get_compose_list (); each != NULL; each = each->next)
    {
      const Compose *compose = each->data;

      if (compose->mode == COMPOSE_REEDIT && compose->targetinfo != NULL
          && compose->targetinfo->folder == info->folder
          && compose->targetinfo->msgnum == info->msgnum)
        return compose->targetinfo;
    }
  return NULL;
}

gboolean
postseal_claws_queue_folder_is_edited (PostsealClawsSentRecord *record)
{
  MsgInfo *info = find_queued (record);
  gboolean is_edited = info != NULL && find_edited (info) != NULL;

  procmsg_msginfo_free (&info);
  return is_edited;
}

/* --- changing --- */

void
postseal_claws_queue_folder_lock (PostsealClawsSentRecord *record, gboolean is_locked)
{
  MsgInfo *info = find_queued (record);
  MsgInfo *edited = info != NULL ? find_edited (info) : NULL;

  if (info == NULL)
    return;
  if (is_locked)
    procmsg_msginfo_change_flags (info, MSG_LOCKED, 0, MSG_NEW | MSG_UNREAD, 0);
  else
    procmsg_msginfo_unset_flags (info, MSG_LOCKED, 0);
  /* The window has the flags as they were when it was opened, and leaves behind what is locked. */
  if (edited != NULL && !is_locked)
    MSG_UNSET_PERM_FLAGS (edited->flags, MSG_LOCKED);
  procmsg_msginfo_free (&info);
}

void
postseal_claws_queue_folder_save (const PostsealClawsSentRecord *record)
{
  FolderItem *item = folder_find_item_from_identifier (record->folder);

  if (item != NULL)
    folder_item_write_cache (item);
}

static void
mark (const PostsealClawsReference *reference, MsgPermFlags set, MsgPermFlags unset)
{
  FolderItem *item
      = reference->folder != NULL ? folder_find_item_from_identifier (reference->folder) : NULL;
  g_autofree char *message_id = NULL;
  MsgInfo *info;

  if (item == NULL)
    return;
  message_id = strip_brackets (reference->message_id);
  info = find_message (item, reference->number, message_id);
  if (info != NULL)
    procmsg_msginfo_change_flags (info, set, 0, unset, 0);
  procmsg_msginfo_free (&info);
}

/* Returns: (nullable): where no copy is kept */
static FolderItem *
find_sent_folder (const PostsealClawsQueueFile *facts)
{
  FolderItem *item;

  if (facts->sent_folder == NULL)
    return NULL;
  item = folder_find_item_from_identifier (facts->sent_folder);
  return item != NULL ? item : folder_get_default_outbox ();
}

static gboolean
has_copy (FolderItem *sent, const PostsealClawsSentRecord *record)
{
  g_autofree char *message_id = strip_brackets (record->message_id);
  MsgInfo *copy;

  folder_item_scan (sent);
  copy = *message_id != '\0' ? folder_item_get_msginfo_by_msgid (sent, message_id) : NULL;
  if (copy == NULL)
    return FALSE;
  /* What is found after a crash passes for new mail. */
  procmsg_msginfo_unset_flags (copy, MSG_NEW | MSG_UNREAD | MSG_LOCKED, 0);
  procmsg_msginfo_free (&copy);
  return TRUE;
}

void
postseal_claws_queue_folder_file (PostsealClawsSentRecord *record,
                                  const PostsealClawsQueueFile *facts,
                                  gboolean may_be_there)
{
  FolderItem *sent = find_sent_folder (facts);
  MsgInfo *info = find_queued (record);
  gboolean is_filed = sent == NULL;

  mark (&facts->replied, MSG_REPLIED, MSG_FORWARDED);
  mark (&facts->forwarded, MSG_FORWARDED, MSG_REPLIED);
  if (info == NULL)
    return;
  procmsg_msginfo_unset_flags (info, MSG_LOCKED, 0);
  if (may_be_there && sent != NULL)
    is_filed = has_copy (sent, record);
  if (is_filed)
    folder_item_remove_msg (info->folder, info->msgnum);
  else
    folder_item_move_msg (sent, info);
  procmsg_msginfo_free (&info);
}

void
postseal_claws_queue_folder_send_by_host (PostsealClawsSentRecord *record)
{
  MsgInfo *info = find_queued (record);
  g_autofree char *path = info != NULL ? folder_item_fetch_msg (info->folder, info->msgnum) : NULL;
  g_autofree char *trouble = NULL;
  gboolean is_removed = FALSE;

  if (path != NULL)
    {
      if (procmsg_send_message_queue_with_lock (path, &trouble, info->folder, info->msgnum,
                                                &is_removed)
          != 0)
        log_error (LOG_PROTOCOL, "%s\n", trouble != NULL ? trouble : path);
      else if (!is_removed)
        folder_item_remove_msg (info->folder, info->msgnum);
    }
  procmsg_msginfo_free (&info);
}
