/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/outbox-place-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/durable-file.h"
#include "base/paths.h"

#define BASE 36

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

void
_postseal_outbox_format_id (PostsealOutboxNumber number, char *ret_id)
{
  for (int i = POSTSEAL_OUTBOX_ID_LENGTH - 1; i >= 0; i--)
    {
      ret_id[i] = digits[number % BASE];
      number /= BASE;
    }
  ret_id[POSTSEAL_OUTBOX_ID_LENGTH] = '\0';
}

gboolean
_postseal_outbox_parse_prefix (const char *prefix,
                               PostsealOutboxNumber *ret_first,
                               PostsealOutboxNumber *ret_last)
{
  gsize length = strlen (prefix);
  PostsealOutboxNumber first = 0;
  PostsealOutboxNumber last = 0;

  if (length == 0 || length > POSTSEAL_OUTBOX_ID_LENGTH)
    return FALSE;
  for (gsize i = 0; i < POSTSEAL_OUTBOX_ID_LENGTH; i++)
    {
      const char *digit = i < length ? memchr (digits, prefix[i], BASE) : NULL;

      if (i < length && digit == NULL)
        return FALSE;
      first = first * BASE + (digit != NULL ? (guint)(digit - digits) : 0);
      last = last * BASE + (digit != NULL ? (guint)(digit - digits) : BASE - 1);
    }
  *ret_first = first;
  *ret_last = last;
  return TRUE;
}

gboolean
_postseal_outbox_parse_id (const char *id, PostsealOutboxNumber *ret_number)
{
  PostsealOutboxNumber last;

  return strlen (id) == POSTSEAL_OUTBOX_ID_LENGTH
         && _postseal_outbox_parse_prefix (id, ret_number, &last);
}

char *
_postseal_outbox_build_path (const char *name)
{
  g_autofree char *outbox = postseal_paths_outbox_dir ();

  return g_build_filename (outbox, name, NULL);
}

char *
_postseal_outbox_build_entry_path (const char *id)
{
  g_autofree char *outbox = postseal_paths_outbox_dir ();

  return g_build_filename (outbox, "queue", id, NULL);
}

PostsealOutboxError
_postseal_outbox_judge_errno (int code)
{
  switch (code)
    {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return POSTSEAL_OUTBOX_ERROR_DISK;
    default:
      return POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE;
    }
}

static const char *
advise (PostsealOutboxError code)
{
  return code == POSTSEAL_OUTBOX_ERROR_DISK ? _ ("make room and try again")
                                            : _ ("see who may write there");
}

gboolean
_postseal_outbox_fail_errno (int code, const char *action, const char *path, GError **error)
{
  PostsealOutboxError judged = _postseal_outbox_judge_errno (code);
  g_autofree char *display = g_filename_display_name (path);

  g_set_error (error, POSTSEAL_OUTBOX_ERROR, judged, "%s %s: %s; %s", action, display,
               g_strerror (code), advise (judged));
  return FALSE;
}

/* The directory could not be made or synced: the same judgement of another kind of error. */
static gboolean
fail_file_error (const GError *cause, GError **error)
{
  gboolean is_disk = g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC)
                     || g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_IO)
                     || g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_FAILED);
  PostsealOutboxError code
      = is_disk ? POSTSEAL_OUTBOX_ERROR_DISK : POSTSEAL_OUTBOX_ERROR_CANNOT_WRITE;

  g_set_error (error, POSTSEAL_OUTBOX_ERROR, code, "%s; %s", cause->message, advise (code));
  return FALSE;
}

gboolean
_postseal_outbox_make_directories (GError **error)
{
  /* In this order: who finds tmp/ relies on both. */
  static const char *const names[] = { "queue", "tmp" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = _postseal_outbox_build_path (names[i]);
      g_autoptr (GError) local = NULL;

      if (!postseal_durable_make_directory (path, &local))
        return fail_file_error (local, error);
    }
  return TRUE;
}

gboolean
_postseal_outbox_sync_queue (GError **error)
{
  g_autofree char *path = _postseal_outbox_build_path ("queue");
  g_autoptr (GError) local = NULL;

  return postseal_durable_sync_directory (path, &local) || fail_file_error (local, error);
}
