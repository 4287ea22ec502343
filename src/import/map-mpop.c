/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mpop and msmtp: what each command of mpop(1) and msmtp(1) becomes. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-span.h"
#include "import/import-map.h"
#include "import/mpop-file.h"
#include "import/seen-file.h"

typedef struct
{
  PostsealImportDraft *draft; /* borrowed */
  const PostsealRcSection *section; /* borrowed */
  PostsealDraftServer endpoint;
  gboolean is_possible;
} Entry;

static const char *const mapped[] = { "host",           "port",          "timeout",
                                      "delivery",       "uidls_file",    "keep",
                                      "auth",           "user",          "password",
                                      "passwordeval",   "tls",           "tls_starttls",
                                      "tls_trust_file", "tls_crl_file",  "tls_fingerprint",
                                      "tls_key_file",   "tls_cert_file", "tls_certcheck",
                                      "from",           "protocol",      NULL };

#define DIRECT N_ ("Connections are made directly to the server")
#define AS_IT_IS N_ ("A message is sent as it was written; what it lacks is added")
#define OWN_LOG N_ ("“postseal queue” and the system's journal tell what became of each message")
#define ANY_SIZE N_ ("There is no such limit: mail of any size streams to the disk")

static const PostsealDraftRule rules[] = {
  { "account", POSTSEAL_IMPORT_CARRIED, N_ ("What is inherited is written out") },
  { "eval", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("The command is not run: what it would have set is missing here") },
  { "socket", POSTSEAL_IMPORT_IMPOSSIBLE, DIRECT },
  { "source_ip", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("The system chooses the address to connect from") },
  { "proxy_host", POSTSEAL_IMPORT_IMPOSSIBLE, DIRECT },
  { "proxy_port", POSTSEAL_IMPORT_IMPOSSIBLE, DIRECT },
  { "ntlmdomain", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("NTLM is not built in") },
  { "tls_min_dh_prime_bits", POSTSEAL_IMPORT_CHANGED,
    N_ ("TLS 1.2 or later with strong keys, always") },
  { "tls_priorities", POSTSEAL_IMPORT_CHANGED,
    N_ ("TLS 1.2 or later, always; “tls-min=1.3” for more") },
  { "tls_host_override", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("The certificate must name the server that is connected to; write that name as the "
        "server") },
  /* mpop */
  { "pipelining", POSTSEAL_IMPORT_CARRIED, N_ ("Used where the server offers it") },
  { "only_new", POSTSEAL_IMPORT_CHANGED, N_ ("What was retrieved is never retrieved again") },
  { "killsize", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Nothing is deleted that was not delivered") },
  { "skipsize", POSTSEAL_IMPORT_CHANGED, ANY_SIZE },
  { "filter", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Mail is not filtered before it is fetched; a filter behind “deliver=command:…” can") },
  { "received_header", POSTSEAL_IMPORT_CHANGED,
    N_ ("trace-header=yes writes who vouched for the server into a Received line") },
  /* msmtp */
  { "domain", POSTSEAL_IMPORT_CHANGED,
    N_ ("The greeting names no host, which nobody needs to know") },
  { "maildomain", POSTSEAL_IMPORT_CHANGED, N_ ("The sender is the account's address") },
  { "auto_from", POSTSEAL_IMPORT_CHANGED, N_ ("The sender is the account's address") },
  { "from_full_name", POSTSEAL_IMPORT_CHANGED, N_ ("The key “name”") },
  { "allow_from_override", POSTSEAL_IMPORT_CHANGED,
    N_ ("The key “send-as” says who else may be the sender") },
  { "set_from_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "add_missing_from_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "set_date_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "add_missing_date_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "set_msgid_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "set_to_header", POSTSEAL_IMPORT_CHANGED, AS_IT_IS },
  { "remove_bcc_headers", POSTSEAL_IMPORT_CARRIED, N_ ("Bcc never leaves this machine") },
  { "undisclosed_recipients", POSTSEAL_IMPORT_IMPOSSIBLE, AS_IT_IS },
  { "aliases", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Recipients are taken as they are; there are no aliases") },
  { "dsn_notify", POSTSEAL_IMPORT_CHANGED,
    N_ ("Asked for message by message: the options -N and -R of postseal-sendmail") },
  { "dsn_return", POSTSEAL_IMPORT_CHANGED,
    N_ ("Asked for message by message: the options -N and -R of postseal-sendmail") },
  { "logfile", POSTSEAL_IMPORT_CHANGED, OWN_LOG },
  { "logfile_time_format", POSTSEAL_IMPORT_CHANGED, OWN_LOG },
  { "syslog", POSTSEAL_IMPORT_CHANGED, OWN_LOG },
};

static const PostsealRcSetting *
find (const Entry *self, const char *name)
{
  return postseal_rc_section_find (self->section, name);
}

/* Returns: (nullable): NULL when it is not there or empty */
static const char *
get (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = find (self, name);
  const char *value = setting != NULL ? postseal_rc_setting_get (setting) : "";

  return *value != '\0' ? value : NULL;
}

static gboolean
is_on (const Entry *self, const char *name, gboolean usually)
{
  const PostsealRcSetting *setting = find (self, name);

  return setting != NULL ? postseal_import_parse_bool (postseal_rc_setting_get (setting)) : usually;
}

static void
note (Entry *self, PostsealImportVerdict verdict, const char *name, const char *text)
{
  postseal_import_draft_note_setting (self->draft, verdict, find (self, name), NULL, text);
}

/* --- the server --- */

static void
map_host (Entry *self)
{
  const PostsealRcSetting *host = find (self, "host");
  const PostsealRcSetting *port = find (self, "port");

  self->endpoint.host = g_strdup (get (self, "host"));
  self->endpoint.user = g_strdup (get (self, "user"));
  self->endpoint.line = host != NULL ? host->line : self->section->line;
  note (self, POSTSEAL_IMPORT_CARRIED, "user", NULL);
  if (self->endpoint.host == NULL)
    {
      self->is_possible = FALSE;
      postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, self->section->line,
                                  _ ("no host"), NULL, _ ("The account names no server"));
      self->endpoint.host = g_strdup ("localhost");
    }
  if (port == NULL)
    return;
  self->endpoint.port = postseal_import_parse_port (postseal_rc_setting_get (port));
  note (self, self->endpoint.port != 0 ? POSTSEAL_IMPORT_CARRIED : POSTSEAL_IMPORT_IMPOSSIBLE,
        "port", self->endpoint.port != 0 ? NULL : _ ("The usual port is taken"));
}

static void
set_tls_setting (Entry *self)
{
  const PostsealRcSetting *setting = find (self, "tls");

  if (setting == NULL)
    return;
  self->endpoint.tls_line = setting->line;
  self->endpoint.tls_setting = postseal_import_draft_show (setting);
}

static void
map_tls_start (Entry *self)
{
  gboolean is_tls = is_on (self, "tls", FALSE);

  self->endpoint.tls = !is_tls                              ? POSTSEAL_DRAFT_TLS_NONE
                       : is_on (self, "tls_starttls", TRUE) ? POSTSEAL_DRAFT_TLS_UPGRADE
                                                            : POSTSEAL_DRAFT_TLS_IMPLICIT;
  if (!is_tls)
    set_tls_setting (self);
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "tls", _ ("TLS is always demanded here"));
  note (self, POSTSEAL_IMPORT_CARRIED, "tls_starttls", NULL);
}

static void
map_trust (Entry *self)
{
  gboolean is_tls = self->endpoint.tls != POSTSEAL_DRAFT_TLS_NONE;
  const char *trust = get (self, "tls_trust_file");
  const PostsealRcSetting *check = find (self, "tls_certcheck");

  self->endpoint.is_unchecked = !is_on (self, "tls_certcheck", TRUE);
  if (self->endpoint.is_unchecked && is_tls)
    {
      self->endpoint.check_line = check->line;
      self->endpoint.check_setting = postseal_import_draft_show (check);
    }
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "tls_certcheck", _ ("The certificate is always checked"));
  if (g_strcmp0 (trust, "system") == 0)
    note (self, POSTSEAL_IMPORT_CARRIED, "tls_trust_file", NULL);
  else
    postseal_import_carry_path (self->draft, find (self, "tls_trust_file"), "ca-file");
  postseal_import_carry_path (self->draft, find (self, "tls_crl_file"), "crl-file");
  postseal_import_carry_client (self->draft, find (self, "tls_cert_file"),
                                find (self, "tls_key_file"));
  if (get (self, "tls_fingerprint") == NULL)
    return;
  self->endpoint.is_pinned = TRUE;
  note (
      self, POSTSEAL_IMPORT_WEAKER, "tls_fingerprint",
      _ ("The fingerprint is of the certificate, and took the place of its check; here a pin is of "
         "the key, and comes on top: “postseal check” shows what may be put into “pin”, and "
         "“ca-file” names the issuer if nobody else knows it"));
}

/* --- the log-in --- */

static void
map_login (Entry *self)
{
  const PostsealRcSetting *auth = find (self, "auth");
  const PostsealRcSetting *password = find (self, "password");
  const PostsealRcSetting *command = find (self, "passwordeval");

  if (auth != NULL && !self->endpoint.is_anonymous)
    postseal_import_carry_auth (self->draft, auth, postseal_rc_setting_get (auth));
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "auth", NULL);
  if (command != NULL && *postseal_rc_setting_get (command) != '\0')
    postseal_import_draft_carry_password_command (self->draft, command,
                                                  postseal_rc_setting_get (command));
  if (password != NULL && postseal_credential_get_length (password->secret) > 0)
    postseal_import_draft_take_secret (self->draft, password);
  else if (get (self, "passwordeval") == NULL && !self->endpoint.is_anonymous)
    postseal_import_draft_note (
        self->draft, POSTSEAL_IMPORT_CHANGED, self->section->line, _ ("no password"),
        "password=secret-service",
        _ ("It came from another entry of the keyring, from ~/.netrc, or was asked for; store it "
           "with “postseal password set”"));
  postseal_import_carry_timeout (self->draft, find (self, "timeout"));
}

/* --- mpop --- */

static void
map_delivery (Entry *self)
{
  const PostsealRcSetting *setting = find (self, "delivery");
  g_auto (GStrv) words = NULL;

  if (setting == NULL)
    return;
  words = g_strsplit_set (postseal_rc_setting_get (setting), " \t", 2);
  if (words[0] == NULL || words[1] == NULL)
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "delivery", NULL);
  else if (g_str_equal (words[0], "maildir") || g_str_equal (words[0], "mbox"))
    postseal_import_draft_carry_place (self->draft, setting, words[0], g_strstrip (words[1]));
  else if (g_str_equal (words[0], "mda") && strstr (words[1], "%F") == NULL)
    postseal_import_draft_carry_delivery_command (self->draft, setting, g_strstrip (words[1]));
  else
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "delivery",
          g_str_equal (words[0], "mda")
              ? _ ("The sender (%F) is not given to a command; it stands in the message's "
                   "Return-Path: write deliver=command:… without it")
              : _ ("There is no such place to deliver to"));
}

/* mpop deletes unless it is told not to; since 1.4.23 "keep" may be a time. */
static void
map_keep (Entry *self)
{
  const PostsealRcSetting *keep = find (self, "keep");
  gint64 seconds;

  if (keep != NULL && postseal_account_span_parse (postseal_rc_setting_get (keep), &seconds))
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, keep, "keep",
                                 postseal_rc_setting_get (keep), NULL);
  else if (keep != NULL && is_on (self, "keep", FALSE))
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, keep, "keep=yes",
                                        NULL);
  else if (keep != NULL)
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, keep, "keep", "no", NULL);
  else
    {
      postseal_account_form_set (self->draft->account.form, "keep", "no");
      postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CARRIED, self->section->line,
                                  _ ("without “keep”"), "keep=no",
                                  _ ("Deleted on the server once it is safely delivered"));
    }
}

static void
map_uidls (Entry *self)
{
  const char *pattern = get (self, "uidls_file");
  g_autoptr (GString) path = g_string_new (pattern != NULL ? pattern : "~/.mpop_uidls/%U_at_%H");
  const char *user = self->endpoint.user != NULL ? self->endpoint.user : "";
  gsize length = 0;
  g_autofree char *text = NULL;

  note (self, POSTSEAL_IMPORT_CARRIED, "uidls_file", _ ("Read to know what has been retrieved"));
  g_string_replace (path, "%U", user, 0);
  g_string_replace (path, "%H", self->endpoint.host, 0);
  text = postseal_import_load_state (path->str, &length);
  if (text != NULL)
    postseal_import_take_uidls (
        self->draft, postseal_seen_file_read_mpop (text, length, user, self->endpoint.host));
  postseal_import_say_known (self->draft, path->str);
}

static void
map_mpop (Entry *self)
{
  self->endpoint.protocol = POSTSEAL_PROTOCOL_POP3;
  map_host (self);
  map_tls_start (self);
  map_trust (self);
  map_login (self);
  map_delivery (self);
  map_keep (self);
  if (self->is_possible)
    map_uidls (self);
}

/* --- msmtp --- */

/* Globs name more senders than one; %U and the like are the user's and host's names. Returns:
   (transfer full) (nullable) */
static char *
map_from (Entry *self)
{
  const char *from = get (self, "from");
  const PostsealRcSetting *setting = find (self, "from");
  g_autofree char *list = NULL;
  g_autoptr (GPtrArray) senders = g_ptr_array_new ();

  if (from == NULL)
    return NULL;
  if (strchr (from, '%') != NULL)
    {
      g_autoptr (GString) text = g_string_new (from);

      g_string_replace (text, "%U", g_get_user_name (), 0);
      g_string_replace (text, "%H", g_get_host_name (), 0);
      g_string_replace (text, "%C", g_get_host_name (), 0);
      note (self, POSTSEAL_IMPORT_CHANGED, "from", _ ("The names are written out"));
      return strchr (text->str, '%') == NULL ? g_string_free (g_steal_pointer (&text), FALSE)
                                             : NULL;
    }
  if (strpbrk (from, "*?[") == NULL)
    {
      g_autofree char *becomes = g_strdup_printf ("address=%s", from);

      postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, setting, becomes,
                                          NULL);
      return g_strdup (from);
    }
  g_ptr_array_add (senders, (gpointer)from);
  list = postseal_import_draft_join_list (senders);
  postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, setting, "send-as", list,
                               NULL);
  return NULL;
}

static char *
map_msmtp (Entry *self)
{
  const PostsealRcSetting *auth = find (self, "auth");
  const char *protocol = get (self, "protocol");
  const char *method = auth != NULL ? postseal_rc_setting_get (auth) : "off";

  self->endpoint.protocol = POSTSEAL_PROTOCOL_SMTP;
  self->endpoint.is_anonymous = g_str_equal (method, "off");
  map_host (self);
  if (g_strcmp0 (protocol, "lmtp") == 0)
    {
      self->is_possible = FALSE;
      note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "protocol", _ ("Mail is sent by SMTP"));
    }
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "protocol", NULL);
  map_tls_start (self);
  map_trust (self);
  map_login (self);
  postseal_import_draft_say_seen (
      self->draft,
      _ ("msmtp only sends. What msmtpq holds is not touched: send it with “msmtp-queue "
         "-r” first"));
  return map_from (self);
}

/* --- both --- */

static PostsealImportDraft *
map_account (const PostsealRcSection *section, gboolean sends)
{
  Entry entry = { .draft = postseal_import_draft_new (), .section = section, .is_possible = TRUE };
  gboolean is_default = g_str_equal (section->name, "default");
  g_autofree char *address = NULL;

  if (sends)
    address = map_msmtp (&entry);
  else
    map_mpop (&entry);
  postseal_import_draft_apply_rules (entry.draft, section, rules, G_N_ELEMENTS (rules), mapped);
  postseal_import_draft_finish (entry.draft, is_default ? NULL : section->name, address,
                                sends ? NULL : &entry.endpoint, sends ? &entry.endpoint : NULL);
  if (!entry.is_possible)
    postseal_import_draft_give_up (entry.draft, sends);
  postseal_draft_server_clear (&entry.endpoint);
  return entry.draft;
}

/* "account default : work" is no account of its own. */
static void
note_alias (const GPtrArray *sections, const PostsealRcSection *alias, const GPtrArray *drafts)
{
  const PostsealRcSetting *names = postseal_rc_section_find (alias, "account");
  guint n = 0;

  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (!g_str_equal (section->kind, "account"))
        continue;
      if (names != NULL && g_str_equal (section->name, postseal_rc_setting_get (names)))
        postseal_import_draft_note (
            g_ptr_array_index (drafts, n), POSTSEAL_IMPORT_CHANGED, alias->line, "account default",
            NULL, _ ("Unless another account fits the sender, the first in accounts.conf is used"));
      n++;
    }
}

static gboolean
map_file (const char *text, gsize length, gboolean sends, GPtrArray *drafts, GError **error)
{
  g_autoptr (GPtrArray) sections = postseal_mpop_file_parse (text, length, error);
  g_autoptr (GPtrArray) own = g_ptr_array_new ();

  if (sections == NULL)
    return FALSE;
  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (!g_str_equal (section->kind, "account"))
        continue;
      g_ptr_array_add (own, map_account (section, sends));
      g_ptr_array_add (drafts, g_ptr_array_index (own, own->len - 1));
    }
  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (g_str_equal (section->kind, "alias"))
        note_alias (sections, section, own);
    }
  return TRUE;
}

gboolean
postseal_map_mpop (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  return map_file (text, length, FALSE, drafts, error);
}

gboolean
postseal_map_msmtp (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  return map_file (text, length, TRUE, drafts, error);
}
