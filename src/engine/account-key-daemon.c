/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys for whoever works unattended: how many connections, and whom to tell of new mail. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "engine/account-keys-private.h"

#define MOST_CONNECTIONS 50

void
_postseal_account_keys_read_connections (PostsealAccountDraft *self, const char *value)
{
  g_autofree char *shown = NULL;
  guint64 number;

  if (g_ascii_string_to_unsigned (value, 10, 1, MOST_CONNECTIONS, &number, NULL))
    {
      self->account->connections = (guint)number;
      return;
    }
  shown = postseal_printable (value, -1);
  postseal_account_draft_complain (
      self, _ ("“%s” is no value for “connections”; valid: a number from 1 to %d"), shown,
      MOST_CONNECTIONS);
}

void
_postseal_account_keys_read_notify (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "count", "details", "no", NULL };
  static const PostsealNotify levels[]
      = { POSTSEAL_NOTIFY_COUNT, POSTSEAL_NOTIFY_DETAILS, POSTSEAL_NOTIFY_NO };
  int index = _postseal_account_keys_read_word (self, "notify", value, words);

  if (index >= 0)
    self->account->notify = levels[index];
}

void
_postseal_account_keys_read_on_mail (PostsealAccountDraft *self, const char *value)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_str_has_prefix (value, "command:"))
    postseal_account_draft_complain (
        self, _ ("“on-mail” is no command; it looks like command:PROGRAM ARGUMENT…"));
  else if (!g_shell_parse_argv (value + strlen ("command:"), NULL, &argv, &error))
    postseal_account_draft_complain (self, _ ("the command in “on-mail” cannot be used: %s"),
                                     error->message);
  else
    self->account->on_mail = g_steal_pointer (&argv);
}
