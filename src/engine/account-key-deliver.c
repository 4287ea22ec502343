/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key "deliver". */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "engine/account-keys-private.h"

/* Returns: the sink's kind when @value begins with one, and sets @ret_rest; else -1 after a
 * complaint */
static int
read_sink_kind (PostsealAccountDraft *self, const char *value, const char **ret_rest)
{
  static const char *const kinds[] = { "maildir", "mbox", "command", "lmtp", NULL };
  const char *colon = strchr (value, ':');
  g_autofree char *kind = colon != NULL ? g_strndup (value, colon - value) : g_strdup (value);
  g_autofree char *shown = NULL;
  g_autofree char *suggestion = NULL;

  for (int i = 0; colon != NULL && kinds[i] != NULL; i++)
    if (strcmp (kind, kinds[i]) == 0)
      {
        *ret_rest = colon + 1;
        return i;
      }

  shown = postseal_printable (value, -1);
  suggestion = postseal_account_keys_suggest (kind, kinds);
  postseal_account_draft_complain (
      self,
      _ ("“%s” is no place to deliver to; valid: maildir:PATH, mbox:PATH, command:ARGV, "
         "lmtp:SOCKET-OR-HOST:PORT%s"),
      shown, suggestion);
  return -1;
}

void
_postseal_account_keys_read_deliver (PostsealAccountDraft *self, const char *value)
{
  const char *rest = NULL;
  int kind = read_sink_kind (self, value, &rest);
  gboolean is_path = kind == POSTSEAL_SINK_MAILDIR || kind == POSTSEAL_SINK_MBOX;
  g_autofree char *path = NULL;
  g_autofree char *spec = NULL;
  g_autofree char *complaint = NULL;

  if (kind < 0)
    return;
  if (is_path)
    {
      path = _postseal_account_keys_read_path (self, "deliver", rest);
      if (path == NULL)
        return;
      spec = g_strdup_printf ("%s:%s", kind == POSTSEAL_SINK_MAILDIR ? "maildir" : "mbox", path);
    }
  else
    spec = g_strdup (value);

  complaint = postseal_sink_check_spec (spec);
  if (complaint != NULL)
    postseal_account_draft_complain (self, _ ("“deliver” %s"), complaint);
  else
    self->account->deliver = g_steal_pointer (&spec);
}
