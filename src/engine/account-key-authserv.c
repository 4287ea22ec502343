/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom to believe about how a message came. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "engine/account-keys-private.h"

/* A name of two labels at least: all that is below it is believed, too. RFC 8601 section 2.2 would
   allow any text, of which none has been seen. */
static gboolean
is_server_name (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_.", text[i]) == NULL)
      return FALSE;
  return length > 0 && *text != '.' && text[length - 1] != '.' && strchr (text, '.') != NULL
         && strstr (text, "..") == NULL && !g_hostname_is_ip_address (text);
}

void
_postseal_account_keys_read_authserv_ids (PostsealAccountDraft *self, const char *value)
{
  g_auto (GStrv) names = _postseal_account_keys_read_list (self, "authserv-ids", value);

  if (names == NULL)
    return;
  for (gsize i = 0; names[i] != NULL; i++)
    if (!is_server_name (names[i]))
      {
        g_autofree char *shown = postseal_printable (names[i], -1);

        postseal_account_draft_complain (
            self,
            _ ("“%s” in “authserv-ids” is no name of a server; valid: names as they stand in "
               "Authentication-Results, “;” between, e.g. mx.example.org"),
            shown);
        return;
      }
  self->account->authserv_ids = g_steal_pointer (&names);
}
