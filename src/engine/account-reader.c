/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "auth/vault.h"
#include "base/printable.h"
#include "engine/account-keys.h"
#include "engine/account-text.h"

#define LONGEST_NAME 64

PostsealAccountProblem *
postseal_account_problem_new (guint line, PostsealConfigError code, char *message)
{
  PostsealAccountProblem *self = g_new0 (PostsealAccountProblem, 1);

  self->line = line;
  self->code = code;
  self->message = message;
  return self;
}

void
postseal_account_problem_free (PostsealAccountProblem *self)
{
  g_free (self->message);
  g_free (self);
}

gboolean
postseal_account_reader_is_list (const char *key)
{
  int index = postseal_account_keys_find (key);

  return index >= 0
         && (postseal_account_keys_get_flags (index) & POSTSEAL_ACCOUNT_KEY_IS_LIST) != 0;
}

char *
postseal_account_reader_check_name (const char *name)
{
  const char *complaint = NULL;

  if (!g_utf8_validate (name, -1, NULL))
    complaint = _ ("an account's name is UTF-8 text");
  else if (*name == '\0' || g_utf8_strlen (name, -1) > LONGEST_NAME)
    complaint = _ ("an account's name has 1 to 64 characters");
  else if (*name == '.' || *name == '-')
    complaint = _ ("an account's name does not begin with a dot or a hyphen");
  else if (strpbrk (name, "/[]") != NULL)
    complaint = _ ("an account's name holds no “/” and no brackets");
  else if (g_ascii_isspace (*name) || g_ascii_isspace (name[strlen (name) - 1]))
    complaint = _ ("an account's name does not begin or end with a space");
  for (const char *p = name; complaint == NULL && *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      complaint = _ ("an account's name holds no control characters");
  return g_strdup (complaint);
}

char *
postseal_account_reader_spell_name (const char *text)
{
  g_autofree char *valid = g_strstrip (g_utf8_make_valid (text, -1));
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *p = valid; *p != '\0' && g_utf8_strlen (name->str, -1) < LONGEST_NAME;
       p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean is_fit = !g_unichar_iscntrl (c) && strchr ("/[]", *p) == NULL
                        && (p > valid || strchr (".-", *p) == NULL);

      g_string_append_unichar (name, is_fit ? c : '_');
    }
  return *valid != '\0' ? g_strchomp (g_string_free (g_steal_pointer (&name), FALSE))
                        : g_strdup ("_");
}

static void
read_entry (PostsealAccountDraft *self, const PostsealAccountLine *entry)
{
  int key = postseal_account_keys_find (entry->name);
  g_autofree char *value = NULL;

  if (key < 0)
    {
      g_autofree char *shown = postseal_printable (entry->name, -1);
      g_autofree char *suggestion
          = postseal_account_keys_suggest (entry->name, postseal_account_store_get_keys ());

      postseal_account_draft_complain_at (
          self, self->line, POSTSEAL_CONFIG_ERROR_UNKNOWN,
          g_strdup_printf (_ ("unknown key “%s”%s"), shown, suggestion));
      return;
    }
  if (self->lines[key] != 0)
    {
      postseal_account_draft_complain (
          self, _ ("“%s” is set twice, first in line %u; keep one of the two"), entry->name,
          self->lines[key]);
      return;
    }
  self->lines[key] = self->line;

  value = postseal_account_keys_get_flags (key) & POSTSEAL_ACCOUNT_KEY_IS_LIST
              ? g_strdup (entry->value)
              : postseal_account_text_unescape (entry->value);
  if (value == NULL)
    postseal_account_draft_complain (
        self, _ ("the value of “%s” holds an unknown escape; a backslash is written “\\\\”"),
        entry->name);
  else if (*value == '\0')
    postseal_account_draft_complain (self, _ ("“%s” has no value; remove the line for the default"),
                                     entry->name);
  else
    postseal_account_keys_read (self, key, value);
}

static void
check_needed (PostsealAccountDraft *self)
{
  const PostsealAccount *account = self->account;
  guint line = self->section_line;

  if (self->lines[POSTSEAL_ACCOUNT_KEY_ADDRESS] == 0)
    postseal_account_draft_complain_at (
        self, line, POSTSEAL_CONFIG_ERROR_VALUE,
        g_strdup_printf (_ ("the account “%s” has no “address”; add e.g. address=jane@example.org"),
                         account->name));
  if (self->lines[POSTSEAL_ACCOUNT_KEY_RECEIVE] == 0 && self->lines[POSTSEAL_ACCOUNT_KEY_SEND] == 0)
    postseal_account_draft_complain_at (
        self, line, POSTSEAL_CONFIG_ERROR_VALUE,
        g_strdup_printf (_ ("the account “%s” has neither “receive” nor “send”; add e.g. "
                            "receive=imaps://imap.example.org"),
                         account->name));
  if (self->lines[POSTSEAL_ACCOUNT_KEY_RECEIVE] != 0
      && self->lines[POSTSEAL_ACCOUNT_KEY_DELIVER] == 0)
    postseal_account_draft_complain_at (
        self, line, POSTSEAL_CONFIG_ERROR_VALUE,
        g_strdup_printf (_ ("the account “%s” receives but has no “deliver”; add e.g. "
                            "deliver=maildir:~/Mail/%s"),
                         account->name, account->name));
}

/* A setting that would be ignored is an error: somebody relies on it. */
static void
check_useless (PostsealAccountDraft *self)
{
  const char *const *names = postseal_account_store_get_keys ();
  gboolean receives = self->lines[POSTSEAL_ACCOUNT_KEY_RECEIVE] != 0;
  gboolean sends = self->lines[POSTSEAL_ACCOUNT_KEY_SEND] != 0;
  gboolean has_tls = (receives && self->receive_level != POSTSEAL_TLS_LOOPBACK)
                     || (sends && self->send_level != POSTSEAL_TLS_LOOPBACK);

  for (int key = 0; key < POSTSEAL_N_ACCOUNT_KEYS && (receives || sends); key++)
    {
      PostsealAccountKeyFlags flags = postseal_account_keys_get_flags (key);

      self->line = self->lines[key];
      if (self->line == 0)
        continue;
      if ((flags & POSTSEAL_ACCOUNT_KEY_NEEDS_RECEIVE) && !receives)
        postseal_account_draft_complain (self, _ ("“%s” is of no use without “receive”"),
                                         names[key]);
      else if ((flags & POSTSEAL_ACCOUNT_KEY_NEEDS_SEND) && !sends)
        postseal_account_draft_complain (self, _ ("“%s” is of no use without “send”"), names[key]);
      else if ((flags & POSTSEAL_ACCOUNT_KEY_NEEDS_TLS) && !has_tls)
        postseal_account_draft_complain (
            self, _ ("“%s” is of no use with “loopback”, which means no TLS at all"), names[key]);
    }
}

static void
check_loopback (PostsealAccountDraft *self,
                PostsealAccountKey tls_key,
                PostsealTlsLevel level,
                const PostsealEndpoint *endpoint)
{
  self->line = self->lines[tls_key];
  if (level == POSTSEAL_TLS_LOOPBACK && endpoint != NULL
      && endpoint->start == POSTSEAL_TLS_START_IMPLICIT)
    postseal_account_draft_complain (
        self,
        _ ("“%s=loopback” means no TLS at all, but the URL's scheme means TLS from the first byte; "
           "use the scheme without the final “s”"),
        postseal_account_store_get_keys ()[tls_key]);
}

/* What would be ignored: a token is never sent as a password. */
static void
check_tokens (PostsealAccountDraft *self)
{
  static const char *const token_mechanisms[] = { "OAUTHBEARER", "XOAUTH2", "EXTERNAL", NULL };
  const PostsealAccount *account = self->account;

  self->line = self->lines[POSTSEAL_ACCOUNT_KEY_AUTH];
  if (account->auth == NULL || account->password == NULL
      || postseal_vault_get_spec_kind (account->password) != POSTSEAL_VAULT_TOKEN)
    return;
  for (gsize i = 0; account->auth[i] != NULL; i++)
    if (!g_strv_contains (token_mechanisms, account->auth[i]))
      {
        postseal_account_draft_complain (
            self,
            _ ("“auth” names %s, which cannot carry the access token of “password=%s”; remove the "
               "line, or use OAUTHBEARER or XOAUTH2"),
            account->auth[i], account->password);
        return;
      }
}

static void
check_dane_of (PostsealAccountDraft *self, const PostsealEndpoint *endpoint, PostsealTlsLevel level)
{
  if (endpoint != NULL && level != POSTSEAL_TLS_LOOPBACK
      && g_hostname_is_ip_address (endpoint->host))
    postseal_account_draft_complain (
        self, _ ("“dane=require” needs the name of a server, and %s is an address"),
        endpoint->host);
}

/* What can never be met is no setting. */
static void
check_dane (PostsealAccountDraft *self)
{
  const PostsealAccount *account = self->account;

  self->line = self->lines[POSTSEAL_ACCOUNT_KEY_DANE];
  if (account->dane != POSTSEAL_DANE_REQUIRE)
    return;
  check_dane_of (self, account->receive, self->receive_level);
  check_dane_of (self, account->send, self->send_level);
  if ((account->receive == NULL || self->receive_level == POSTSEAL_TLS_LOOPBACK)
      && (account->send == NULL || self->send_level == POSTSEAL_TLS_LOOPBACK))
    postseal_account_draft_complain (
        self, _ ("“%s” is of no use with “loopback”, which means no TLS at all"), "dane=require");
}

static void
check_contradictions (PostsealAccountDraft *self)
{
  const PostsealAccount *account = self->account;

  check_loopback (self, POSTSEAL_ACCOUNT_KEY_RECEIVE_TLS, self->receive_level, account->receive);
  check_loopback (self, POSTSEAL_ACCOUNT_KEY_SEND_TLS, self->send_level, account->send);

  self->line = self->lines[POSTSEAL_ACCOUNT_KEY_SEND_TLS];
  if (self->send_level == POSTSEAL_TLS_OPPORTUNISTIC && !account->auth_none)
    postseal_account_draft_complain (
        self, _ ("“send-tls=opportunistic” would show credentials to anybody who meddles with the "
                 "connection; "
                 "use “enforced”, or add “auth=none” for a relay that wants no credentials"));
  if (self->send_level == POSTSEAL_TLS_OPPORTUNISTIC && account->send != NULL
      && account->send->start == POSTSEAL_TLS_START_IMPLICIT)
    postseal_account_draft_complain (
        self,
        _ ("“send-tls=opportunistic” has no meaning with TLS from the first byte; use “enforced”"));

  self->line = self->lines[POSTSEAL_ACCOUNT_KEY_AUTH];
  if (account->auth_none && self->lines[POSTSEAL_ACCOUNT_KEY_RECEIVE] != 0)
    postseal_account_draft_complain (
        self, _ ("“auth=none” is for sending only; put the relay into an account of its own"));

  check_tokens (self);
  check_dane (self);

  self->line = self->lines[POSTSEAL_ACCOUNT_KEY_CLIENT_KEY];
  if (self->line != 0 && self->lines[POSTSEAL_ACCOUNT_KEY_CLIENT_CERTIFICATE] == 0)
    postseal_account_draft_complain (self,
                                     _ ("“client-key” is of no use without “client-certificate”"));
}

static PostsealTlsPolicy *
make_policy (const PostsealAccountDraft *self, PostsealTlsLevel level)
{
  PostsealTlsPolicy *policy = postseal_tls_policy_new (level);

  policy->min = self->common->min;
  policy->dane = self->account->dane;
  policy->ca_file = g_strdup (self->common->ca_file);
  policy->crl_file = g_strdup (self->common->crl_file);
  policy->pins = g_strdupv (self->common->pins);
  policy->client_certificate = g_strdup (self->common->client_certificate);
  policy->client_key = g_strdup (self->common->client_key);
  return policy;
}

static void
finish_account (PostsealAccountDraft *self)
{
  PostsealAccount *account = self->account;

  if (account->receive != NULL)
    {
      account->receive_policy = make_policy (self, self->receive_level);
      account->receive_user
          = g_strdup (self->receive_user != NULL ? self->receive_user : account->address);
    }
  if (account->send != NULL)
    {
      account->send_policy = make_policy (self, self->send_level);
      account->send_user = g_strdup (self->send_user != NULL ? self->send_user : account->address);
    }
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const PostsealAccountProblem *first = *(const PostsealAccountProblem *const *)a;
  const PostsealAccountProblem *second = *(const PostsealAccountProblem *const *)b;

  return (first->line > second->line) - (first->line < second->line);
}

static void
read_lines (PostsealAccountDraft *self, const GPtrArray *lines, guint first, guint end)
{
  for (guint i = first + 1; i < end; i++)
    {
      const PostsealAccountLine *line = g_ptr_array_index (lines, i);

      self->line = i + 1;
      if (line->kind == POSTSEAL_ACCOUNT_LINE_ENTRY)
        read_entry (self, line);
      else if (line->kind == POSTSEAL_ACCOUNT_LINE_BAD)
        postseal_account_draft_complain_at (self, self->line, POSTSEAL_CONFIG_ERROR_SYNTAX,
                                            g_strdup (line->value));
    }
}

PostsealAccount *
postseal_account_reader_read (
    const char *name, const GPtrArray *lines, guint first, guint end, GPtrArray *problems)
{
  g_autoptr (PostsealAccount) account = postseal_account_new ();
  g_autoptr (PostsealTlsPolicy) common = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  guint n_before = problems->len;
  PostsealAccountDraft reader = {
    .account = account,
    .problems = problems,
    .section_line = first + 1,
    .receive_level = POSTSEAL_TLS_ENFORCED,
    .send_level = POSTSEAL_TLS_ENFORCED,
    .common = common,
  };

  account->name = g_strdup (name);
  read_lines (&reader, lines, first, end);
  check_needed (&reader);
  check_useless (&reader);
  check_contradictions (&reader);
  if (problems->len == n_before)
    finish_account (&reader);
  g_free (reader.receive_user);
  g_free (reader.send_user);
  if (problems->len == n_before)
    return g_steal_pointer (&account);
  g_ptr_array_sort (problems, compare_lines);
  return NULL;
}
