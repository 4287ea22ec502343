/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/test-report-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Shorter ones would be found everywhere by chance. */
#define SECRET_MIN 3
#define INNER_MIN 6 /* letters of BASE64 */

/* --- parts --- */

static void
add_versions (GString *out)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H:%M UTC");
  g_autofree char *system = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);

  g_string_append_printf (out, "Postseal %s, GLib %u.%u.%u, %s\n%s\n", POSTSEAL_VERSION,
                          glib_major_version, glib_minor_version, glib_micro_version,
                          system != NULL ? system : "?", time);
}

/* As in accounts.conf. */
static void
add_setting (GString *out, PostsealAccount *account, const char *key)
{
  g_autofree char *value = postseal_account_get_setting (account, key);

  if (value != NULL)
    g_string_append_printf (out, "  %s=%s\n", key, value);
}

static void
add_settings (GString *out, PostsealAccount *account, gboolean sending)
{
  static const char *const keys[] = { "tls-min", "ca-file", "crl-file", "pin", "auth", "timeout" };

  add_setting (out, account, sending ? "send" : "receive");
  add_setting (out, account, sending ? "send-tls" : "receive-tls");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    add_setting (out, account, keys[i]);
}

static const char *
describe_state (PostsealTestState state)
{
  switch (state)
    {
    case POSTSEAL_TEST_WAITING:
      return _ ("waiting");
    case POSTSEAL_TEST_RUNNING:
      return _ ("running");
    case POSTSEAL_TEST_PASSED:
      return _ ("passed");
    case POSTSEAL_TEST_FAILED:
      return _ ("failed");
    case POSTSEAL_TEST_SKIPPED:
    default:
      return _ ("skipped");
    }
}

/* @text and blanks, in columns of letters, not of bytes. */
static void
add_padded (GString *out, const char *text, glong width)
{
  glong blanks = width - g_utf8_strlen (text, -1);

  g_string_append (out, text);
  for (; blanks > 0; blanks--)
    g_string_append_c (out, ' ');
}

static void
add_steps (GString *out, GPtrArray *steps)
{
  glong state_width = 0;
  glong title_width = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const char *title = postseal_test_step_get_title (steps->pdata[i]);
      const char *state = describe_state (postseal_test_step_get_state (steps->pdata[i]));

      title_width = MAX (title_width, g_utf8_strlen (title, -1));
      state_width = MAX (state_width, g_utf8_strlen (state, -1));
    }
  for (guint i = 0; i < steps->len; i++)
    {
      PostsealTestStep *step = steps->pdata[i];

      g_string_append (out, "  ");
      add_padded (out, describe_state (postseal_test_step_get_state (step)), state_width + 2);
      add_padded (out, postseal_test_step_get_title (step), title_width + 2);
      g_string_append_printf (out, "%7.3f s  %s", postseal_test_step_get_seconds (step),
                              postseal_test_step_get_detail (step));
      g_strchomp (out->str);
      g_string_truncate (out, strlen (out->str));
      g_string_append_c (out, '\n');
    }
}

static void
add_trouble (GString *out, const PostsealTrouble *trouble)
{
  const char *const parts[] = { trouble->title, trouble->text, trouble->said, trouble->advice };

  g_string_append_printf (out, "\n%s\n", _ ("What went wrong"));
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i] != NULL)
      g_string_append_printf (out, "  %s\n", parts[i]);
}

static void
add_facts (GString *out, GHashTable *facts)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (facts), (GCompareFunc)strcmp);

  g_string_append_printf (out, "\n%s\n", _ ("Facts"));
  for (GList *link = names; link != NULL; link = link->next)
    {
      g_string_append (out, "  ");
      add_padded (out, link->data, 18);
      g_string_append_printf (out, "%s\n", (char *)g_hash_table_lookup (facts, link->data));
    }
}

static void
add_side (GString *out, PostsealAccount *account, PostsealTestSide *side, gboolean sending)
{
  const PostsealTrouble *trouble = _postseal_test_side_get_trouble (side);
  const PostsealTestRecord *record = _postseal_test_side_get_record (side);

  g_string_append_printf (out, "\n== %s ==\n", sending ? _ ("Sending") : _ ("Receiving"));
  add_settings (out, account, sending);
  g_string_append_c (out, '\n');
  add_steps (out, _postseal_test_side_get_steps (side));
  if (trouble != NULL)
    add_trouble (out, trouble);
  if (record == NULL)
    return;
  add_facts (out, record->facts);
  g_string_append_printf (out, "\n%s\n%s", _ ("Conversation"), record->text->str);
}

/* --- nothing secret --- */

/* What BASE64 has of @bytes at @offset of something longer, whatever stands around it. Returns:
   (transfer full) (nullable): NULL when that is too little */
static char *
encode_at (const char *bytes, gsize length, gsize offset)
{
  gsize first = (offset * 8 + 5) / 6;
  gsize last = (offset + length) * 8 / 6;
  char *whole = g_malloc0 (offset + length);
  g_autofree char *encoded = NULL;
  char *inner = NULL;

  memcpy (whole + offset, bytes, length);
  encoded = g_base64_encode ((const guchar *)whole, offset + length);
  if (last >= first + INNER_MIN)
    inner = g_strndup (encoded + first, last - first);
  postseal_wipe (encoded, strlen (encoded));
  postseal_wipe (whole, offset + length);
  g_free (whole);
  return inner;
}

static void
hide_inside (GString *out, const char *bytes, gsize length)
{
  for (gsize offset = 0; offset < 3; offset++)
    {
      g_autofree char *inner = encode_at (bytes, length, offset);

      if (inner == NULL)
        continue;
      g_string_replace (out, inner, "***", 0);
      postseal_wipe (inner, strlen (inner));
    }
}

/* A server may repeat what it has been told. */
static void
hide (GString *out, const char *bytes, gsize length)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *)bytes, length);

  g_string_replace (out, encoded, "***", 0);
  postseal_wipe (encoded, strlen (encoded));
}

static void
hide_plain_response (GString *out, const char *user, PostsealCredential *secret)
{
  gsize n_user = strlen (user);
  gsize n_secret = postseal_credential_get_length (secret);
  gsize length = n_user + n_secret + 2;
  char *response = g_malloc0 (length);

  /* RFC 4616: NUL user NUL secret */
  memcpy (response + 1, user, n_user);
  memcpy (response + n_user + 2, postseal_credential_get (secret), n_secret);
  hide (out, response, length);
  postseal_wipe (response, length);
  g_free (response);
}

static void
hide_secret (GString *out, PostsealAccount *account, PostsealCredential *secret)
{
  const char *bytes = postseal_credential_get (secret);
  gsize length = postseal_credential_get_length (secret);

  if (length < SECRET_MIN)
    return;
  /* First what may hold the others. */
  if (account->receive_user != NULL)
    hide_plain_response (out, account->receive_user, secret);
  if (account->send_user != NULL)
    hide_plain_response (out, account->send_user, secret);
  hide (out, bytes, length);
  hide_inside (out, bytes, length);
  g_string_replace (out, bytes, "***", 0);
}

char *
_postseal_test_report_make (PostsealAccount *account,
                            PostsealTestSide *const *sides,
                            PostsealCredential *secret)
{
  GString *out = g_string_new (NULL);

  add_versions (out);
  for (int sending = 0; sending < 2; sending++)
    if (sides[sending] != NULL)
      add_side (out, account, sides[sending], sending);
  if (secret != NULL)
    hide_secret (out, account, secret);
  /* What one server was told, the other may know. */
  for (int sending = 0; sending < 2; sending++)
    {
      const GPtrArray *secrets
          = sides[sending] != NULL ? _postseal_test_side_get_secrets (sides[sending]) : NULL;

      for (guint i = 0; secrets != NULL && i < secrets->len; i++)
        hide_secret (out, account, g_ptr_array_index (secrets, i));
    }
  return g_string_free (out, FALSE);
}
