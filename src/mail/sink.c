/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mail/sink-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

#include "base/paths.h"

G_DEFINE_QUARK (postseal - sink - error - quark, postseal_sink_error)

static const char *const prefixes[] = {
  [POSTSEAL_SINK_MAILDIR] = "maildir:",
  [POSTSEAL_SINK_MBOX] = "mbox:",
  [POSTSEAL_SINK_COMMAND] = "command:",
  [POSTSEAL_SINK_LMTP] = "lmtp:",
};

static gboolean
find_kind (const char *spec, PostsealSinkKind *ret_kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (spec, prefixes[i]))
      {
        *ret_kind = (PostsealSinkKind)i;
        return TRUE;
      }
  return FALSE;
}

static const char *
get_value (const char *spec)
{
  return strchr (spec, ':') + 1;
}

static char *
check_path (const char *path)
{
  if (*path == '\0')
    return g_strdup (_ ("has no path"));
  if (*path != '/' && !g_str_has_prefix (path, "~/"))
    return g_strdup (_ ("has a relative path; it must begin with “/” or “~/”"));
  return NULL;
}

static char *
check_command (const char *command_line)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;

  if (g_shell_parse_argv (command_line, NULL, &argv, &error))
    return NULL;
  return g_strdup_printf (_ ("is not a command line: %s"), error->message);
}

static char *
check_lmtp_address (const char *address)
{
  const char *colon = strrchr (address, ':');
  guint64 port = 0;

  if (*address == '/')
    return NULL;
  if (colon == NULL || colon == address
      || !g_ascii_string_to_unsigned (colon + 1, 10, 1, 65535, &port, NULL))
    return g_strdup (_ ("must name a socket (“/path”) or “HOST:PORT”"));
  if (port == 25) /* RFC 2033 section 5 */
    return g_strdup (_ ("names port 25, which is for SMTP; LMTP must use another"));
  return NULL;
}

char *
postseal_sink_check_spec (const char *spec)
{
  PostsealSinkKind kind;

  g_return_val_if_fail (spec != NULL, NULL);

  if (!find_kind (spec, &kind))
    return g_strdup (_ ("must begin with “maildir:”, “mbox:”, “command:” or “lmtp:”"));
  if (kind == POSTSEAL_SINK_COMMAND)
    return check_command (get_value (spec));
  if (kind == POSTSEAL_SINK_LMTP)
    return check_lmtp_address (get_value (spec));
  return check_path (get_value (spec));
}

PostsealSinkKind
postseal_sink_spec_kind (const char *spec)
{
  PostsealSinkKind kind = POSTSEAL_SINK_MAILDIR;

  g_return_val_if_fail (spec != NULL, kind);

  find_kind (spec, &kind);
  return kind;
}

char *
postseal_sink_spec_place (const char *spec)
{
  PostsealSinkKind kind;
  g_autofree char *path = NULL;

  g_return_val_if_fail (spec != NULL, NULL);

  if (!find_kind (spec, &kind))
    return g_strdup (spec);
  if (kind == POSTSEAL_SINK_COMMAND || kind == POSTSEAL_SINK_LMTP)
    return g_strdup (get_value (spec));
  path = postseal_paths_expand_home (get_value (spec));
  return g_canonicalize_filename (path, "/");
}

/* RFC 9051 section 5.1: INBOX is case-insensitive. */
static const char *
drop_inbox (const char *mailbox)
{
  return mailbox != NULL && *mailbox != '\0' && g_ascii_strcasecmp (mailbox, "INBOX") != 0 ? mailbox
                                                                                           : NULL;
}

PostsealSink *
postseal_sink_new (const char *spec,
                   PostsealLayout layout,
                   const char *mailbox,
                   char delimiter,
                   const char *recipient,
                   GError **error)
{
  g_autofree char *problem = NULL;
  g_autofree char *place = NULL;

  g_return_val_if_fail (spec != NULL, NULL);
  g_return_val_if_fail (recipient != NULL, NULL);

  problem = postseal_sink_check_spec (spec);
  if (problem != NULL)
    {
      g_set_error (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE, "“%s” %s", spec,
                   problem);
      return NULL;
    }
  place = postseal_sink_spec_place (spec);
  mailbox = layout == POSTSEAL_LAYOUT_SINGLE ? NULL : drop_inbox (mailbox);
  switch (postseal_sink_spec_kind (spec))
    {
    case POSTSEAL_SINK_MAILDIR:
      return _postseal_sink_maildir_new (place, layout, mailbox, delimiter, error);
    case POSTSEAL_SINK_MBOX:
      return _postseal_sink_mbox_new (place, layout, mailbox, delimiter, error);
    case POSTSEAL_SINK_COMMAND:
      return _postseal_sink_command_new (place, recipient, error);
    case POSTSEAL_SINK_LMTP:
      return _postseal_sink_lmtp_new (place, recipient, error);
    default:
      g_assert_not_reached ();
    }
}

void
postseal_sink_free (PostsealSink *self)
{
  if (self == NULL)
    return;
  self->klass->clear (self);
  g_free (self->path);
  g_free (self->stage_dir);
  g_free (self);
}

PostsealSinkKind
postseal_sink_get_kind (PostsealSink *self)
{
  return self->kind;
}

const char *
postseal_sink_get_path (PostsealSink *self)
{
  return self->path;
}

const char *
postseal_sink_get_stage_dir (PostsealSink *self)
{
  return self->stage_dir;
}

gboolean
postseal_sink_deliver (PostsealSink *self, PostsealSinkItem *items, gsize n_items, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->klass->deliver (self, items, n_items, error);
}

static gboolean
is_disk_trouble (int saved_errno)
{
  return saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == EIO
         || saved_errno == EFBIG;
}

static const char *
get_remedy (int saved_errno)
{
  switch (saved_errno)
    {
    case ENOSPC:
    case EDQUOT:
      return _ ("; make room there and fetch again");
    case EACCES:
    case EPERM:
    case EROFS:
      return _ ("; make it writable for you, or deliver elsewhere");
    default:
      return "";
    }
}

gboolean
_postseal_sink_fail (GError **error, int saved_errno, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, POSTSEAL_SINK_ERROR,
               is_disk_trouble (saved_errno) ? POSTSEAL_SINK_ERROR_DISK
                                             : POSTSEAL_SINK_ERROR_CANNOT_WRITE,
               "%s: %s%s", what, g_strerror (saved_errno), get_remedy (saved_errno));
  return FALSE;
}

gboolean
_postseal_sink_error_is_fatal (const GError *error)
{
  return g_error_matches (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_DISK)
         || g_error_matches (error, POSTSEAL_SINK_ERROR, POSTSEAL_SINK_ERROR_CANNOT_WRITE);
}

void
_postseal_sink_fail_rest (PostsealSinkItem *items, gsize n_items, const GError *error)
{
  for (gsize i = 0; i < n_items; i++)
    if (items[i].place == NULL && items[i].error == NULL)
      items[i].error = g_error_copy (error);
}
