/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "outbox/outbox-error.h"
#include "outbox/sender-choice-private.h"
#include "wire/smtp-path.h"

#define SECTION "account "

struct _PostsealSenders
{
  char *path; /* owned */
  GPtrArray *senders; /* owned (element-type PostsealSender): at least one */
};

static void
free_sender (gpointer data)
{
  PostsealSender *sender = data;

  g_free (sender->account);
  g_free (sender->address);
  g_free (sender->full_name);
  g_strfreev (sender->send_as);
  g_free (sender);
}

void
postseal_senders_free (PostsealSenders *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_ptr_array_unref (self->senders);
  g_free (self);
}

/* --- reading --- */

/* Text without space around it, or NULL. */
static char *
read_value (GKeyFile *file, const char *group, const char *key)
{
  g_autofree char *value = g_key_file_get_string (file, group, key, NULL);

  if (value == NULL || *g_strstrip (value) == '\0')
    return NULL;
  return g_steal_pointer (&value);
}

static char **
read_globs (GKeyFile *file, const char *group)
{
  g_auto (GStrv) globs = g_key_file_get_string_list (file, group, "send-as", NULL, NULL);
  GPtrArray *kept = g_ptr_array_new ();

  for (gsize i = 0; globs != NULL && globs[i] != NULL; i++)
    if (*g_strstrip (globs[i]) != '\0')
      g_ptr_array_add (kept, g_strdup (globs[i]));
  g_ptr_array_add (kept, NULL);
  return (char **)g_ptr_array_free (kept, FALSE);
}

static void
read_sender (PostsealSenders *self, GKeyFile *file, const char *group)
{
  g_autofree char *address = NULL;
  PostsealSender *sender;

  if (!g_str_has_prefix (group, SECTION) || !g_key_file_has_key (file, group, "send", NULL))
    return;
  address = read_value (file, group, "address");
  if (address == NULL)
    return;
  sender = g_new0 (PostsealSender, 1);
  sender->account = g_strstrip (g_strdup (group + strlen (SECTION)));
  sender->address = g_steal_pointer (&address);
  sender->full_name = read_value (file, group, "name");
  sender->send_as = read_globs (file, group);
  g_ptr_array_add (self->senders, sender);
}

static gboolean
fail_loading (const char *path, const GError *cause, GError **error)
{
  g_autofree char *display = g_filename_display_name (path);

  if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT,
                 _ ("There is no account to send with: “%s” does not exist; make one with "
                    "“postseal account add ADDRESS”"),
                 display);
  else
    g_set_error (error, POSTSEAL_OUTBOX_ERROR,
                 cause->domain == G_KEY_FILE_ERROR ? POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT
                                                   : POSTSEAL_OUTBOX_ERROR_INPUT,
                 _ ("Cannot read the accounts in “%s”: %s; “postseal account list” says more"),
                 display, cause->message);
  return FALSE;
}

PostsealSenders *
postseal_senders_load (const char *path, GError **error)
{
  g_autoptr (PostsealSenders) self = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) groups = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &local))
    {
      fail_loading (path, local, error);
      return NULL;
    }
  self = g_new0 (PostsealSenders, 1);
  self->path = g_strdup (path);
  self->senders = g_ptr_array_new_with_free_func (free_sender);
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    read_sender (self, file, groups[i]);
  if (self->senders->len == 0)
    {
      g_autofree char *display = g_filename_display_name (path);

      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT,
                   _ ("No account in “%s” sends; add e.g. send=submissions://smtp.example.org to "
                      "one, or make one with “postseal account add ADDRESS”"),
                   display);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* --- choosing --- */

/* Lower case, the domain as A-labels. */
static char *
fold (const char *address)
{
  g_autofree char *ascii = postseal_smtp_path_to_ascii (address);

  return g_utf8_validate (ascii != NULL ? ascii : address, -1, NULL)
             ? g_utf8_strdown (ascii != NULL ? ascii : address, -1)
             : g_ascii_strdown (address, -1);
}

/* "jane+lists@example.org" to "jane@example.org", or NULL without a sub-address. */
static char *
strip_detail (const char *address)
{
  const char *at = strrchr (address, '@');
  const char *plus = strchr (address, '+');

  if (at == NULL || plus == NULL || plus > at || plus == address || *address == '"')
    return NULL;
  return g_strdup_printf ("%.*s%s", (int)(plus - address), address, at);
}

/* @address is folded. */
static const PostsealSender *
find_address (PostsealSenders *self, const char *address)
{
  for (guint i = 0; address != NULL && i < self->senders->len; i++)
    {
      const PostsealSender *sender = g_ptr_array_index (self->senders, i);
      g_autofree char *own = fold (sender->address);

      if (strcmp (own, address) == 0)
        return sender;
    }
  return NULL;
}

static const PostsealSender *
find_exact (PostsealSenders *self, const char *address)
{
  for (guint i = 0; i < self->senders->len; i++)
    {
      const PostsealSender *sender = g_ptr_array_index (self->senders, i);

      if (strcmp (sender->address, address) == 0)
        return sender;
    }
  return NULL;
}

static const PostsealSender *
find_glob (PostsealSenders *self, const char *address)
{
  for (guint i = 0; i < self->senders->len; i++)
    {
      const PostsealSender *sender = g_ptr_array_index (self->senders, i);

      for (gsize j = 0; sender->send_as[j] != NULL; j++)
        {
          g_autofree char *glob = fold (sender->send_as[j]);

          if (g_pattern_match_simple (glob, address))
            return sender;
        }
    }
  return NULL;
}

const PostsealSender *
_postseal_senders_match (PostsealSenders *self, const char *address)
{
  g_autofree char *folded = fold (address);
  g_autofree char *stripped = strip_detail (folded);
  const PostsealSender *sender;

  if (strchr (address, '@') == NULL)
    return NULL;
  sender = find_exact (self, address);
  if (sender == NULL)
    sender = find_address (self, folded);
  if (sender == NULL)
    sender = find_address (self, stripped);
  return sender != NULL ? sender : find_glob (self, folded);
}

const PostsealSender *
_postseal_senders_get_first (PostsealSenders *self)
{
  return g_ptr_array_index (self->senders, 0);
}

gboolean
postseal_senders_is_local_name (const char *address)
{
  const char *at;

  g_return_val_if_fail (address != NULL, FALSE);

  at = strrchr (address, '@');
  if (at == NULL)
    return TRUE;
  return at[1] == '\0' || g_ascii_strcasecmp (at + 1, "localhost") == 0
         || g_ascii_strcasecmp (at + 1, g_get_host_name ()) == 0
         || (strlen (at) > strlen (".localdomain")
             && g_ascii_strcasecmp (at + strlen (at) - strlen (".localdomain"), ".localdomain")
                    == 0);
}

const PostsealSender *
postseal_senders_choose (PostsealSenders *self, const char *address, GError **error)
{
  const PostsealSender *sender = NULL;
  g_autofree char *shown = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (address != NULL)
    sender = _postseal_senders_match (self, address);
  if (sender == NULL && (address == NULL || postseal_senders_is_local_name (address)))
    sender = _postseal_senders_get_first (self);
  if (sender != NULL)
    return sender;
  shown = postseal_printable (address, -1);
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT,
               _ ("No account sends as “%s”; add it to “send-as” of the one that may, in “%s”"),
               shown, self->path);
  return NULL;
}

const PostsealSender *
postseal_senders_lookup (PostsealSenders *self, const char *account, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *shown = NULL;
  const char *nearest;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (account != NULL, NULL);

  for (guint i = 0; i < self->senders->len; i++)
    {
      const PostsealSender *sender = g_ptr_array_index (self->senders, i);

      if (strcmp (sender->account, account) == 0)
        return sender;
      g_ptr_array_add (names, sender->account);
    }
  g_ptr_array_add (names, NULL);
  nearest = postseal_suggest (account, (const char *const *)names->pdata);
  shown = postseal_printable (account, -1);
  if (nearest != NULL)
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT,
                 _ ("There is no account “%s” that sends; did you mean “%s”?"), shown, nearest);
  else
    g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_NO_ACCOUNT,
                 _ ("There is no account “%s” that sends; “postseal account list” shows all"),
                 shown);
  return NULL;
}
