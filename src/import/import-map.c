/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/import-map.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "engine/account-span.h"

#define LONGEST_STATE (64 * 1024 * 1024)
#define LONGEST_TIMEOUT_S 3600

static gboolean
fail (GError **error, const char *path, const char *reason)
{
  g_set_error (error, POSTSEAL_IMPORT_ERROR, POSTSEAL_IMPORT_ERROR_FILE, _ ("“%s” is not read: %s"),
               path, reason);
  return FALSE;
}

/* Whoever may write the file decides where the password goes. */
static gboolean
check_file (int fd, const char *path, gsize most, gsize *ret_size, GError **error)
{
  struct stat status;

  if (fstat (fd, &status) < 0)
    return fail (error, path, g_strerror (errno));
  if (!S_ISREG (status.st_mode))
    return fail (error, path, _ ("it is no file"));
  if (status.st_uid != getuid () && status.st_uid != 0)
    return fail (error, path, _ ("it belongs to another user"));
  if (status.st_mode & (S_IWGRP | S_IWOTH))
    return fail (error, path,
                 _ ("others may write it, and so decide where your password goes; take that "
                    "permission away (chmod go-w) after looking through it"));
  if ((guint64)status.st_size > most)
    return fail (error, path, _ ("it is too long"));
  *ret_size = (gsize)status.st_size;
  return TRUE;
}

static gboolean
read_all (int fd, char *data, gsize size, gsize *ret_length)
{
  *ret_length = 0;
  while (*ret_length < size)
    {
      gssize n = read (fd, data + *ret_length, size - *ret_length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      if (n == 0)
        break;
      *ret_length += (gsize)n;
    }
  return TRUE;
}

char *
postseal_import_load (const char *path, gsize most, gsize *ret_length, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char *data = NULL;
  gsize size = 0;

  if (fd < 0)
    {
      fail (error, path, g_strerror (errno));
      return NULL;
    }
  if (check_file (fd, path, most, &size, error))
    {
      data = g_malloc0 (size + 1);
      if (!read_all (fd, data, size, ret_length))
        {
          fail (error, path, g_strerror (errno));
          postseal_rc_wipe_text (g_steal_pointer (&data), size);
        }
    }
  close (fd);
  return data;
}

char *
postseal_import_load_state (const char *path, gsize *ret_length)
{
  g_autofree char *expanded = postseal_paths_expand_home (path);

  return postseal_import_load (expanded, LONGEST_STATE, ret_length, NULL);
}

void
postseal_import_say_known (PostsealImportDraft *draft, const char *path)
{
  g_autofree char *text = NULL;

  if (draft->account.n_seen > 0)
    text = g_strdup_printf (_ ("“%s” tells what has been retrieved already; that is not fetched "
                               "again, and stays on the server"),
                            path);
  else
    text
        = g_strdup_printf (_ ("“%s” tells of no message: the first fetch brings all that is on the "
                              "server"),
                           path);
  postseal_import_draft_say_seen (draft, text);
}

gboolean
postseal_import_parse_number (const char *text, gint64 *ret_number)
{
  return g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, ret_number, NULL);
}

gboolean
postseal_import_parse_bool (const char *text)
{
  return *text == '\0' || g_ascii_strcasecmp (text, "on") == 0
         || g_ascii_strcasecmp (text, "yes") == 0 || g_ascii_strcasecmp (text, "true") == 0
         || g_str_equal (text, "1");
}

guint
postseal_import_parse_port (const char *text)
{
  static const struct
  {
    const char *name;
    guint port;
  } services[] = { { "pop3", 110 },       { "pop-3", 110 },      { "pop3s", 995 }, { "imap", 143 },
                   { "imap2", 143 },      { "imaps", 993 },      { "smtp", 25 },   { "smtps", 465 },
                   { "submission", 587 }, { "submissions", 465 } };
  gint64 number;

  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    if (g_ascii_strcasecmp (services[i].name, text) == 0)
      return services[i].port;
  return postseal_import_parse_number (text, &number) && number <= G_MAXUINT16 ? (guint)number : 0;
}

void
postseal_import_carry_path (PostsealImportDraft *draft,
                            const PostsealRcSetting *setting,
                            const char *key)
{
  if (setting != NULL && *postseal_rc_setting_get (setting) != '\0')
    postseal_import_draft_carry_path (draft, setting, key, postseal_rc_setting_get (setting));
  else
    postseal_import_draft_note_setting (draft, POSTSEAL_IMPORT_CARRIED, setting, NULL, NULL);
}

void
postseal_import_carry_client (PostsealImportDraft *draft,
                              const PostsealRcSetting *certificate,
                              const PostsealRcSetting *key)
{
  postseal_import_carry_path (draft, certificate, "client-certificate");
  if (certificate != NULL && *postseal_rc_setting_get (certificate) != '\0')
    postseal_import_carry_path (draft, key, "client-key");
  else
    postseal_import_draft_note_setting (draft, POSTSEAL_IMPORT_IMPOSSIBLE, key, NULL,
                                        _ ("Of no use without a certificate"));
}

void
postseal_import_carry_timeout (PostsealImportDraft *draft, const PostsealRcSetting *setting)
{
  g_autofree char *span = NULL;
  gint64 seconds = 0;

  if (setting == NULL)
    return;
  if (postseal_import_parse_number (postseal_rc_setting_get (setting), &seconds) && seconds >= 1
      && seconds <= LONGEST_TIMEOUT_S)
    {
      span = postseal_account_span_format (seconds);
      postseal_import_draft_carry (draft, POSTSEAL_IMPORT_CARRIED, setting, "timeout", span, NULL);
    }
  else
    postseal_import_draft_note_setting (draft, POSTSEAL_IMPORT_CHANGED, setting, NULL,
                                        _ ("Every wait has a limit here, of one minute"));
}

void
postseal_import_take_uidls (PostsealImportDraft *draft, GPtrArray *uidls)
{
  PostsealPriorMailbox *prior = postseal_prior_mailbox_new ("");

  g_ptr_array_unref (prior->uidls);
  prior->uidls = uidls;
  postseal_import_draft_take_prior (draft, prior);
}

void
postseal_import_carry_auth (PostsealImportDraft *draft,
                            const PostsealRcSetting *setting,
                            const char *name)
{
  static const char *const usual[] = { "",
                                       "on",
                                       "any",
                                       "auto",
                                       "password",
                                       "plain",
                                       "login",
                                       "user",
                                       "*",
                                       "scram-sha-256",
                                       "scram-sha-256-plus",
                                       "scram-sha-1",
                                       "scram-sha-1-plus",
                                       NULL };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  g_autofree char *upper = g_ascii_strup (name, -1);

  if (g_strv_contains (usual, lower))
    postseal_import_draft_note_setting (draft, POSTSEAL_IMPORT_CARRIED, setting, "auth=auto",
                                        _ ("The strongest way to sign in that the server offers"));
  else if (g_str_equal (lower, "cram-md5") || g_str_equal (lower, "apop")
           || g_str_equal (lower, "digest-md5"))
    postseal_import_draft_note_setting (
        draft, POSTSEAL_IMPORT_CHANGED, setting, "auth=auto",
        _ ("Broken today; the strongest way to sign in that the server offers, always encrypted"));
  else if (g_str_equal (lower, "external"))
    postseal_import_draft_carry (draft, POSTSEAL_IMPORT_CARRIED, setting, "auth", upper, NULL);
  else if (g_str_equal (lower, "xoauth2") || g_str_equal (lower, "oauthbearer"))
    postseal_import_draft_note_setting (
        draft, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
        _ ("A token is got in another way here: set password=oauth:PROVIDER, then “postseal "
           "password authorize”"));
  else
    postseal_import_draft_note_setting (
        draft, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
        _ ("This way to sign in is not built in; the strongest that the server offers is used"));
}
