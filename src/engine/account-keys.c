/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-keys-private.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

#include "auth/sasl.h"
#include "auth/vault.h"
#include "base/paths.h"
#include "base/printable.h"
#include "base/suggest.h"
#include "engine/account-span.h"
#include "engine/account-text.h"
#include "engine/account-url.h"

#define LONGEST_ADDRESS 320 /* RFC 5321 section 4.5.3.1: 64 octets, "@", 255 octets */
#define LONGEST_TIMEOUT_SECONDS 3600
#define LONGEST_INTERVAL_SECONDS (30 * 86400)
#define LONGEST_RETRY_SECONDS (30 * 86400)

void
postseal_account_draft_complain_at (PostsealAccountDraft *self,
                                    guint line,
                                    PostsealConfigError code,
                                    char *message)
{
  g_ptr_array_add (self->problems, postseal_account_problem_new (line, code, message));
}

void
postseal_account_draft_complain (PostsealAccountDraft *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  postseal_account_draft_complain_at (self, self->line, POSTSEAL_CONFIG_ERROR_VALUE,
                                      g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

char *
postseal_account_keys_suggest (const char *word, const char *const *choices)
{
  const char *nearest = postseal_suggest (word, choices);

  return nearest != NULL ? g_strdup_printf (_ ("; did you mean “%s”?"), nearest) : g_strdup ("");
}

static void
complain_word (PostsealAccountDraft *self,
               const char *key,
               const char *value,
               const char *const *choices)
{
  g_autofree char *shown = postseal_printable (value, -1);
  g_autofree char *list = g_strjoinv (", ", (char **)choices);
  g_autofree char *suggestion = postseal_account_keys_suggest (value, choices);

  postseal_account_draft_complain (self, _ ("“%s” is no value for “%s”; valid: %s%s"), shown, key,
                                   list, suggestion);
}

int
_postseal_account_keys_read_word (PostsealAccountDraft *self,
                                  const char *key,
                                  const char *value,
                                  const char *const *choices)
{
  for (int i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], value) == 0)
      return i;
  complain_word (self, key, value, choices);
  return -1;
}

static gboolean
read_yes_no (PostsealAccountDraft *self, const char *key, const char *value, gboolean *ret_value)
{
  static const char *const words[] = { "yes", "no", NULL };
  int index = _postseal_account_keys_read_word (self, key, value, words);

  if (index < 0)
    return FALSE;
  *ret_value = index == 0;
  return TRUE;
}

char *
_postseal_account_keys_read_path (PostsealAccountDraft *self, const char *key, const char *value)
{
  g_autofree char *path = postseal_paths_expand_home (value);
  g_autofree char *shown = NULL;

  if (g_path_is_absolute (path))
    return g_steal_pointer (&path);
  shown = postseal_printable (value, -1);
  postseal_account_draft_complain (
      self, _ ("the path “%s” of “%s” is relative; begin it with “/” or “~/”"), shown, key);
  return NULL;
}

static void
read_address (PostsealAccountDraft *self, const char *value)
{
  const char *at = strrchr (value, '@');

  /* Light on purpose: the server knows best which addresses it has (RFC 5321 section 4.1.2). */
  if (at == NULL || at == value || at[1] == '\0' || strlen (value) > LONGEST_ADDRESS
      || strpbrk (value, " \t\r\n<>,") != NULL)
    {
      postseal_account_draft_complain (
          self, _ ("“address” is not one mail address; it looks like jane@example.org"));
      return;
    }
  self->account->address = g_strdup (value);
}

static void
read_name (PostsealAccountDraft *self, const char *value)
{
  self->account->full_name = g_strdup (value);
}

static void
read_receive (PostsealAccountDraft *self, const char *value)
{
  g_autofree char *complaint = NULL;

  if (!postseal_account_url_parse (value, POSTSEAL_ACCOUNT_URL_RECEIVE, &self->account->receive,
                                   &self->receive_user, &complaint))
    postseal_account_draft_complain (self, "%s", complaint);
}

static void
read_send (PostsealAccountDraft *self, const char *value)
{
  g_autofree char *complaint = NULL;

  if (!postseal_account_url_parse (value, POSTSEAL_ACCOUNT_URL_SEND, &self->account->send,
                                   &self->send_user, &complaint))
    postseal_account_draft_complain (self, "%s", complaint);
}

/* What other programs call it: the words people will try. */
static gboolean
is_foreign_tls_word (const char *value)
{
  static const char *const words[]
      = { "off",    "none",     "no",    "false", "plain",   "never", "ssl",
          "tls",    "starttls", "stls",  "on",    "yes",     "true",  "implicit",
          "always", "auto",     "smtps", "imaps", "ssl/tls", NULL };
  g_autofree char *lower = g_ascii_strdown (value, -1);

  return g_strv_contains (words, lower);
}

static gboolean
complain_foreign_tls (PostsealAccountDraft *self,
                      const char *key,
                      const char *url_key,
                      const char *example)
{
  postseal_account_draft_complain (self,
                                   _ ("“%s” says how strict to be, not how TLS starts: that is in "
                                      "the scheme of “%s” (%s); TLS cannot be "
                                      "turned off, except by “loopback” to a server on this "
                                      "machine; remove this line for “enforced”"),
                                   key, url_key, example);
  return FALSE;
}

static void
read_receive_tls (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "enforced", "loopback", NULL };
  int index;

  if (is_foreign_tls_word (value))
    {
      complain_foreign_tls (self, "receive-tls", "receive",
                            _ ("imaps and pop3s from the first byte, imap and pop3 by STARTTLS"));
      return;
    }
  if (strcmp (value, "opportunistic") == 0)
    {
      postseal_account_draft_complain (
          self, _ ("“opportunistic” would show the password to anybody who meddles with the "
                   "connection; it "
                   "exists for “send-tls” with “auth=none” only; valid: enforced, loopback"));
      return;
    }
  index = _postseal_account_keys_read_word (self, "receive-tls", value, words);
  if (index >= 0)
    self->receive_level = index == 0 ? POSTSEAL_TLS_ENFORCED : POSTSEAL_TLS_LOOPBACK;
}

static void
read_send_tls (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "enforced", "opportunistic", "loopback", NULL };
  static const PostsealTlsLevel levels[]
      = { POSTSEAL_TLS_ENFORCED, POSTSEAL_TLS_OPPORTUNISTIC, POSTSEAL_TLS_LOOPBACK };
  int index;

  if (is_foreign_tls_word (value))
    {
      complain_foreign_tls (self, "send-tls", "send",
                            _ ("submissions from the first byte, submission and smtp by STARTTLS"));
      return;
    }
  index = _postseal_account_keys_read_word (self, "send-tls", value, words);
  if (index >= 0)
    self->send_level = levels[index];
}

static void
read_tls_min (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "1.2", "1.3", NULL };
  int index;

  if (strcmp (value, "1.0") == 0 || strcmp (value, "1.1") == 0)
    {
      postseal_account_draft_complain (
          self, _ ("TLS %s is broken and not supported (RFC 8996); valid: 1.2, 1.3"), value);
      return;
    }
  index = _postseal_account_keys_read_word (self, "tls-min", value, words);
  if (index >= 0)
    self->common->min = index == 0 ? POSTSEAL_TLS_MIN_1_2 : POSTSEAL_TLS_MIN_1_3;
}

static void
read_ca_file (PostsealAccountDraft *self, const char *value)
{
  self->common->ca_file = _postseal_account_keys_read_path (self, "ca-file", value);
}

static void
read_crl_file (PostsealAccountDraft *self, const char *value)
{
  self->common->crl_file = _postseal_account_keys_read_path (self, "crl-file", value);
}

static gboolean
has_control (const char *value)
{
  for (const char *p = value; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return TRUE;
  return FALSE;
}

char **
_postseal_account_keys_read_list (PostsealAccountDraft *self, const char *key, const char *value)
{
  g_auto (GStrv) list = postseal_account_text_split (value);

  if (list == NULL)
    postseal_account_draft_complain (
        self, _ ("“%s” holds an unknown escape; a backslash is written “\\\\”"), key);
  else if (list[0] == NULL)
    postseal_account_draft_complain (self, _ ("“%s” is empty; remove the line for the default"),
                                     key);
  else
    {
      for (gsize i = 0; list[i] != NULL; i++)
        if (has_control (list[i]))
          {
            postseal_account_draft_complain (self, _ ("“%s” holds a control character"), key);
            return NULL;
          }
      return g_steal_pointer (&list);
    }
  return NULL;
}

static void
read_pin (PostsealAccountDraft *self, const char *value)
{
  g_auto (GStrv) pins = _postseal_account_keys_read_list (self, "pin", value);

  if (pins == NULL)
    return;
  for (gsize i = 0; pins[i] != NULL; i++)
    if (!postseal_tls_pin_is_valid (pins[i]))
      {
        g_autofree char *shown = postseal_printable (pins[i], -1);

        postseal_account_draft_complain (self,
                                         _ ("“%s” is not a pin; a pin is “sha256:” and the base64 "
                                            "of the key's 32-byte SHA-256 hash, 44 "
                                            "characters"),
                                         shown);
        return;
      }
  self->common->pins = g_steal_pointer (&pins);
}

static void
read_dane (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "auto", "require", "off", NULL }; /* as PostsealDane */
  int word = _postseal_account_keys_read_word (self, "dane", value, words);

  if (word >= 0)
    self->account->dane = (PostsealDane)word;
}

static char *
read_key_material (PostsealAccountDraft *self, const char *key, const char *value)
{
  if (g_str_has_prefix (value, "pkcs11:"))
    return g_strdup (value);
  return _postseal_account_keys_read_path (self, key, value);
}

static void
read_client_certificate (PostsealAccountDraft *self, const char *value)
{
  self->common->client_certificate = read_key_material (self, "client-certificate", value);
}

static void
read_client_key (PostsealAccountDraft *self, const char *value)
{
  self->common->client_key = read_key_material (self, "client-key", value);
}

static void
read_auth (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "auto",
                                       "none",
                                       "SCRAM-SHA-256-PLUS",
                                       "SCRAM-SHA-1-PLUS",
                                       "SCRAM-SHA-256",
                                       "SCRAM-SHA-1",
                                       "PLAIN",
                                       "LOGIN",
                                       "XOAUTH2",
                                       "OAUTHBEARER",
                                       "EXTERNAL",
                                       "CRAM-MD5",
                                       NULL };
  g_auto (GStrv) list = NULL;

  if (strcmp (value, "auto") == 0)
    return;
  if (strcmp (value, "none") == 0)
    {
      self->account->auth_none = TRUE;
      return;
    }
  list = _postseal_account_keys_read_list (self, "auth", value);
  if (list == NULL)
    return;
  for (gsize i = 0; list[i] != NULL; i++)
    {
      char *upper = g_ascii_strup (list[i], -1);

      g_free (list[i]);
      list[i] = upper;
      if (!postseal_sasl_is_known (upper))
        {
          complain_word (self, "auth", upper, words);
          return;
        }
    }
  self->account->auth = g_steal_pointer (&list);
}

/* The value may be the password itself: nothing of it is repeated. */
static void
read_password (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[]
      = { "secret-service", "goa", "command:", "credential:", "file:", "goa:", "oauth:", NULL };
  gboolean is_spec = strcmp (value, words[0]) == 0 || strcmp (value, words[1]) == 0;
  g_autofree char *complaint = NULL;

  for (gsize i = 2; words[i] != NULL; i++)
    is_spec = is_spec || g_str_has_prefix (value, words[i]);
  if (!is_spec)
    {
      g_autofree char *suggestion = postseal_account_keys_suggest (value, words);

      postseal_account_draft_complain (self,
                                       _ ("“password” says where the password is kept; the "
                                          "password itself never belongs in this file. "
                                          "Write “password=secret-service” here (change the "
                                          "password if others could read it), and store it "
                                          "with “postseal password set %s”; valid: secret-service, "
                                          "command:ARGV, credential:NAME, "
                                          "file:PATH, goa, oauth:PROVIDER:CLIENT-ID%s"),
                                       self->account->name, suggestion);
      return;
    }

  complaint = postseal_vault_check_spec (value);
  if (complaint != NULL)
    {
      postseal_account_draft_complain (self, _ ("“password” is wrong: %s"), complaint);
      return;
    }
  g_free (self->account->password);
  self->account->password = NULL;
  if (g_str_has_prefix (value, "file:"))
    {
      g_autofree char *path = postseal_paths_expand_home (value + strlen ("file:"));

      self->account->password = g_strconcat ("file:", path, NULL);
    }
  else
    self->account->password = g_strdup (value);
}

static void
read_folders (PostsealAccountDraft *self, const char *value)
{
  g_auto (GStrv) folders = _postseal_account_keys_read_list (self, "folders", value);

  if (folders == NULL)
    return;
  g_strfreev (self->account->folders);
  self->account->folders = g_steal_pointer (&folders);
}

static void
read_layout (PostsealAccountDraft *self, const char *value)
{
  static const char *const words[] = { "maildir++", "fs", "single", NULL };
  static const PostsealLayout layouts[]
      = { POSTSEAL_LAYOUT_MAILDIRPP, POSTSEAL_LAYOUT_FS, POSTSEAL_LAYOUT_SINGLE };
  int index = _postseal_account_keys_read_word (self, "layout", value, words);

  if (index >= 0)
    self->account->layout = layouts[index];
}

static void
read_keep (PostsealAccountDraft *self, const char *value)
{
  if (strcmp (value, "yes") == 0)
    self->account->keep = POSTSEAL_KEEP_FOREVER;
  else if (strcmp (value, "no") == 0)
    self->account->keep = POSTSEAL_KEEP_NOT;
  else if (postseal_account_span_parse (value, &self->account->keep_seconds))
    self->account->keep = POSTSEAL_KEEP_TIME;
  else
    {
      g_autofree char *shown = postseal_printable (value, -1);

      postseal_account_draft_complain (self,
                                       _ ("“%s” is no value for “keep”; valid: yes, no, or a time "
                                          "with one of the units s, m, h, d, w, e.g. "
                                          "14d"),
                                       shown);
    }
}

static void
read_trace_header (PostsealAccountDraft *self, const char *value)
{
  read_yes_no (self, "trace-header", value, &self->account->trace_header);
}

static void
read_compress (PostsealAccountDraft *self, const char *value)
{
  read_yes_no (self, "compress", value, &self->account->compress);
}

static void
read_push (PostsealAccountDraft *self, const char *value)
{
  read_yes_no (self, "push", value, &self->account->push);
}

static gboolean
read_span (PostsealAccountDraft *self,
           const char *key,
           const char *value,
           gint64 longest,
           gint64 *ret_seconds)
{
  g_autofree char *shown = NULL;
  g_autofree char *limit = NULL;

  if (postseal_account_span_parse (value, ret_seconds) && *ret_seconds <= longest)
    return TRUE;
  shown = postseal_printable (value, -1);
  limit = postseal_account_span_format (longest);
  postseal_account_draft_complain (self,
                                   _ ("“%s” is no value for “%s”; valid: a time from 1s to %s with "
                                      "one of the units s, m, h, d, w, e.g. 5m"),
                                   shown, key, limit);
  return FALSE;
}

static void
read_interval (PostsealAccountDraft *self, const char *value)
{
  gint64 seconds = 0;

  if (read_span (self, "interval", value, LONGEST_INTERVAL_SECONDS, &seconds))
    self->account->interval_seconds = seconds;
}

static void
read_timeout (PostsealAccountDraft *self, const char *value)
{
  gint64 seconds = 0;

  if (read_span (self, "timeout", value, LONGEST_TIMEOUT_SECONDS, &seconds))
    self->account->timeout_ms = seconds * 1000;
}

static void
read_send_as (PostsealAccountDraft *self, const char *value)
{
  g_auto (GStrv) globs = _postseal_account_keys_read_list (self, "send-as", value);

  if (globs == NULL)
    return;
  for (gsize i = 0; globs[i] != NULL; i++)
    if (strchr (globs[i], '@') == NULL)
      {
        g_autofree char *shown = postseal_printable (globs[i], -1);

        postseal_account_draft_complain (self,
                                         _ ("“%s” in “send-as” is no address; valid: addresses, "
                                            "with “*” for any text, e.g. *@example.org;jane@*"),
                                         shown);
        return;
      }
  self->account->send_as = g_steal_pointer (&globs);
}

static void
read_retry_for (PostsealAccountDraft *self, const char *value)
{
  gint64 seconds = 0;

  if (read_span (self, "retry-for", value, LONGEST_RETRY_SECONDS, &seconds))
    self->account->retry_seconds = seconds;
}

typedef void (*ReadFunc) (PostsealAccountDraft *draft, const char *value);

typedef struct
{
  ReadFunc read;
  PostsealAccountKeyFlags flags;
} Rule;

static const Rule rules[POSTSEAL_N_ACCOUNT_KEYS] = {
  [POSTSEAL_ACCOUNT_KEY_ADDRESS] = { read_address, 0 },
  [POSTSEAL_ACCOUNT_KEY_NAME] = { read_name, 0 },
  [POSTSEAL_ACCOUNT_KEY_RECEIVE] = { read_receive, 0 },
  [POSTSEAL_ACCOUNT_KEY_RECEIVE_TLS] = { read_receive_tls, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_FOLDERS]
  = { read_folders, POSTSEAL_ACCOUNT_KEY_IS_LIST | POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_LAYOUT] = { read_layout, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_KEEP] = { read_keep, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_DELIVER]
  = { _postseal_account_keys_read_deliver, 0 }, /* without "receive": of reports */
  [POSTSEAL_ACCOUNT_KEY_TRACE_HEADER] = { read_trace_header, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_AUTHSERV_IDS]
  = { _postseal_account_keys_read_authserv_ids,
      POSTSEAL_ACCOUNT_KEY_IS_LIST | POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_COMPRESS] = { read_compress, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_PUSH] = { read_push, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_INTERVAL] = { read_interval, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_CONNECTIONS]
  = { _postseal_account_keys_read_connections, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_NOTIFY]
  = { _postseal_account_keys_read_notify, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_ON_MAIL]
  = { _postseal_account_keys_read_on_mail, POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE },
  [POSTSEAL_ACCOUNT_KEY_SEND] = { read_send, 0 },
  [POSTSEAL_ACCOUNT_KEY_SEND_TLS] = { read_send_tls, POSTSEAL_ACCOUNT_KEY_NEEDS_SEND },
  [POSTSEAL_ACCOUNT_KEY_SEND_AS]
  = { read_send_as, POSTSEAL_ACCOUNT_KEY_IS_LIST | POSTSEAL_ACCOUNT_KEY_NEEDS_SEND },
  [POSTSEAL_ACCOUNT_KEY_RETRY_FOR] = { read_retry_for, POSTSEAL_ACCOUNT_KEY_NEEDS_SEND },
  [POSTSEAL_ACCOUNT_KEY_TLS_MIN] = { read_tls_min, POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_CA_FILE] = { read_ca_file, POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_CRL_FILE] = { read_crl_file, POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_PIN]
  = { read_pin, POSTSEAL_ACCOUNT_KEY_IS_LIST | POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_DANE] = { read_dane, 0 },
  [POSTSEAL_ACCOUNT_KEY_CLIENT_CERTIFICATE]
  = { read_client_certificate, POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_CLIENT_KEY] = { read_client_key, POSTSEAL_ACCOUNT_KEY_NEEDS_TLS },
  [POSTSEAL_ACCOUNT_KEY_AUTH] = { read_auth, POSTSEAL_ACCOUNT_KEY_IS_LIST },
  [POSTSEAL_ACCOUNT_KEY_PASSWORD] = { read_password, 0 },
  [POSTSEAL_ACCOUNT_KEY_TIMEOUT] = { read_timeout, 0 },
};

static const char *const keys[POSTSEAL_N_ACCOUNT_KEYS + 1] = {
  [POSTSEAL_ACCOUNT_KEY_ADDRESS] = "address",
  [POSTSEAL_ACCOUNT_KEY_NAME] = "name",
  [POSTSEAL_ACCOUNT_KEY_RECEIVE] = "receive",
  [POSTSEAL_ACCOUNT_KEY_RECEIVE_TLS] = "receive-tls",
  [POSTSEAL_ACCOUNT_KEY_FOLDERS] = "folders",
  [POSTSEAL_ACCOUNT_KEY_LAYOUT] = "layout",
  [POSTSEAL_ACCOUNT_KEY_KEEP] = "keep",
  [POSTSEAL_ACCOUNT_KEY_DELIVER] = "deliver",
  [POSTSEAL_ACCOUNT_KEY_TRACE_HEADER] = "trace-header",
  [POSTSEAL_ACCOUNT_KEY_AUTHSERV_IDS] = "authserv-ids",
  [POSTSEAL_ACCOUNT_KEY_COMPRESS] = "compress",
  [POSTSEAL_ACCOUNT_KEY_PUSH] = "push",
  [POSTSEAL_ACCOUNT_KEY_INTERVAL] = "interval",
  [POSTSEAL_ACCOUNT_KEY_CONNECTIONS] = "connections",
  [POSTSEAL_ACCOUNT_KEY_NOTIFY] = "notify",
  [POSTSEAL_ACCOUNT_KEY_ON_MAIL] = "on-mail",
  [POSTSEAL_ACCOUNT_KEY_SEND] = "send",
  [POSTSEAL_ACCOUNT_KEY_SEND_TLS] = "send-tls",
  [POSTSEAL_ACCOUNT_KEY_SEND_AS] = "send-as",
  [POSTSEAL_ACCOUNT_KEY_RETRY_FOR] = "retry-for",
  [POSTSEAL_ACCOUNT_KEY_TLS_MIN] = "tls-min",
  [POSTSEAL_ACCOUNT_KEY_CA_FILE] = "ca-file",
  [POSTSEAL_ACCOUNT_KEY_CRL_FILE] = "crl-file",
  [POSTSEAL_ACCOUNT_KEY_PIN] = "pin",
  [POSTSEAL_ACCOUNT_KEY_DANE] = "dane",
  [POSTSEAL_ACCOUNT_KEY_CLIENT_CERTIFICATE] = "client-certificate",
  [POSTSEAL_ACCOUNT_KEY_CLIENT_KEY] = "client-key",
  [POSTSEAL_ACCOUNT_KEY_AUTH] = "auth",
  [POSTSEAL_ACCOUNT_KEY_PASSWORD] = "password",
  [POSTSEAL_ACCOUNT_KEY_TIMEOUT] = "timeout",
  [POSTSEAL_N_ACCOUNT_KEYS] = NULL,
};

const char *const *
postseal_account_store_get_keys (void)
{
  return keys;
}

int
postseal_account_keys_find (const char *name)
{
  for (int i = 0; i < POSTSEAL_N_ACCOUNT_KEYS; i++)
    if (strcmp (keys[i], name) == 0)
      return i;
  return -1;
}

PostsealAccountKeyFlags
postseal_account_keys_get_flags (PostsealAccountKey key)
{
  return rules[key].flags;
}

void
postseal_account_keys_read (PostsealAccountDraft *draft, PostsealAccountKey key, const char *value)
{
  /* Control characters are in no value's grammar, and what a person is shown must not move the
   * cursor. */
  if ((rules[key].flags & POSTSEAL_ACCOUNT_KEY_IS_LIST) == 0 && has_control (value))
    postseal_account_draft_complain (draft, _ ("“%s” holds a control character"), keys[key]);
  else
    rules[key].read (draft, value);
}
