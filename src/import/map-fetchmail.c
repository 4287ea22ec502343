/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fetchmailrc: what each keyword of fetchmail(1) becomes. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-span.h"
#include "import/fetchmail-file.h"
#include "import/import-map.h"
#include "import/seen-file.h"

/* One user on one server. */
typedef struct
{
  PostsealImportDraft *draft; /* owned until it is handed over */
  const PostsealRcSection *globals; /* borrowed */
  const char *poll_name; /* borrowed */
  PostsealRcSection *server; /* owned: with the defaults */
  PostsealRcSection *user; /* owned: likewise */
  PostsealDraftServer endpoint;
  gboolean is_possible;
} Entry;

static const char *const mapped[] = {
  "via",         "protocol",       "service",  "auth",     "timeout",
  "interval",    "password",       "ssl",      "sslproto", "sslcertck",
  "sslcertfile", "sslcert",        "sslkey",   "folder",   "keep",
  "mda",         "lmtp",           "smtphost", "is",       "daemon",
  "idle",        "sslfingerprint", "idfile",   "fetchall", "esmtppassword",
  NULL,
};

#define MULTIDROP                                                                                       \
  N_ ("One mailbox for many people is not taken apart here; a filter behind “deliver=command:…” " \
      "can")
#define NO_FILTER N_ ("Mail is delivered as the server has it")
#define NO_LIMIT N_ ("There is no such limit: mail of any size streams to the disk")
#define OWN_SERVICE N_ ("That is up to the service that runs in the background")

static const PostsealDraftRule rules[] = {
  { "uidl", POSTSEAL_IMPORT_CARRIED, N_ ("Messages are always told apart by their UIDL") },
  { "fastuidl", POSTSEAL_IMPORT_CHANGED, N_ ("Not needed: all UIDLs are asked for at once") },
  { "localdomains", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "envelope", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "qvirtual", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "aka", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "dns", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "checkalias", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "fetchdomains", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "interface", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Connections are not tied to a network; TLS proves the server on every one") },
  { "monitor", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Connections are not tied to a network; TLS proves the server on every one") },
  { "plugin", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Connections are made directly, without a program") },
  { "plugout", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Connections are made directly, without a program") },
  { "tracepolls", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("trace-header=yes writes who vouched for the server into a Received line instead") },
  { "principal", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Kerberos is not built in") },
  { "esmtpname", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "bad-header", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "sslcertpath", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("A directory cannot be named; put the certificates into one file, and name it in "
        "“ca-file”") },
  { "sslcommonname", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("The certificate must name the server that is connected to; write that name as the "
        "server") },
  { "smtpaddress", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "smtpname", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "antispam", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "bsmtp", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "batchlimit", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is not handed on by SMTP") },
  { "preconnect", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("No command is run before a connection; “on-mail” runs one when mail has come") },
  { "postconnect", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("No command is run after a connection; “on-mail” runs one when mail has come") },
  { "flush", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Only what was delivered from here is ever deleted on the server") },
  { "limitflush", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Only what was delivered from here is ever deleted on the server") },
  { "rewrite", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "stripcr", POSTSEAL_IMPORT_CHANGED, N_ ("Files have plain line ends") },
  { "forcecr", POSTSEAL_IMPORT_CHANGED, N_ ("Files have plain line ends") },
  { "pass8bits", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "dropstatus", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "dropdelivered", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "mimedecode", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "limit", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "warnings", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "fetchlimit", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "fetchsizelimit", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "expunge", POSTSEAL_IMPORT_CHANGED, N_ ("What was delivered is deleted once it is safe") },
  { "properties", POSTSEAL_IMPORT_IMPOSSIBLE, "" },
  { "postmaster", POSTSEAL_IMPORT_IMPOSSIBLE, MULTIDROP },
  { "bouncemail", POSTSEAL_IMPORT_CHANGED, N_ ("Retrieved mail is never bounced, but kept") },
  { "spambounce", POSTSEAL_IMPORT_CHANGED, N_ ("Retrieved mail is never bounced, but kept") },
  { "softbounce", POSTSEAL_IMPORT_CARRIED, N_ ("What cannot be delivered stays on the server") },
  { "logfile", POSTSEAL_IMPORT_CHANGED, OWN_SERVICE },
  { "syslog", POSTSEAL_IMPORT_CHANGED, OWN_SERVICE },
  { "pidfile", POSTSEAL_IMPORT_CHANGED, OWN_SERVICE },
  { "nodetach", POSTSEAL_IMPORT_CHANGED, OWN_SERVICE },
  { "invisible", POSTSEAL_IMPORT_CHANGED, NO_FILTER },
  { "showdots", POSTSEAL_IMPORT_CHANGED, OWN_SERVICE },
};

static const PostsealRcSetting *
find (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = postseal_rc_section_find (self->user, name);

  return setting != NULL ? setting : postseal_rc_section_find (self->server, name);
}

static gboolean
is_on (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = find (self, name);

  return setting != NULL && !setting->is_negated;
}

static void
note (Entry *self, PostsealImportVerdict verdict, const char *name, const char *text)
{
  postseal_import_draft_note_setting (self->draft, verdict, find (self, name), NULL, text);
}

/* --- the server --- */

static gboolean
is_pop3_port (guint port)
{
  return port == 110 || port == 995;
}

static void
map_protocol (Entry *self)
{
  const PostsealRcSetting *setting = find (self, "protocol");
  g_autofree char *name
      = g_ascii_strdown (setting != NULL ? postseal_rc_setting_get (setting) : "auto", -1);

  self->endpoint.protocol = POSTSEAL_PROTOCOL_IMAP;
  if (g_str_equal (name, "pop3") || g_str_equal (name, "apop")
      || (g_str_equal (name, "auto") && is_pop3_port (self->endpoint.port)))
    self->endpoint.protocol = POSTSEAL_PROTOCOL_POP3;
  else if (!g_str_equal (name, "imap") && !g_str_equal (name, "auto"))
    self->is_possible = FALSE;

  if (!self->is_possible)
    note (
        self, POSTSEAL_IMPORT_IMPOSSIBLE, "protocol",
        _ ("Mail is retrieved by IMAP or POP3; this protocol is out of use or has no encryption"));
  else if (g_str_equal (name, "apop"))
    note (self, POSTSEAL_IMPORT_CHANGED, "protocol",
          _ ("POP3; the password travels encrypted instead of hashed by MD5"));
  else if (g_str_equal (name, "auto"))
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->server->line,
                                "protocol auto", NULL,
                                _ ("The protocol is not tried out: IMAP, or POP3 by its port"));
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "protocol", NULL);
}

static void
map_port (Entry *self)
{
  const PostsealRcSetting *service = find (self, "service");

  if (service == NULL)
    return;
  self->endpoint.port = postseal_import_parse_port (postseal_rc_setting_get (service));
  if (self->endpoint.port == 0)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, service, NULL,
                                        _ ("This service is not known; the usual port is taken"));
  else
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, service, NULL, NULL);
}

/* fetchmail 6.4: without "ssl" and "sslproto" TLS is used where it is offered. */
static void
map_tls_start (Entry *self)
{
  const PostsealRcSetting *ssl = find (self, "ssl");
  const PostsealRcSetting *version = find (self, "sslproto");
  const char *value
      = version != NULL && !version->is_negated ? postseal_rc_setting_get (version) : NULL;

  self->endpoint.tls = POSTSEAL_DRAFT_TLS_UPGRADE;
  if (is_on (self, "ssl"))
    self->endpoint.tls = POSTSEAL_DRAFT_TLS_IMPLICIT;
  else if (value != NULL && *value == '\0')
    self->endpoint.tls = POSTSEAL_DRAFT_TLS_NONE;
  else
    self->endpoint.may_be_plain = value == NULL || g_ascii_strcasecmp (value, "auto") == 0;

  if (self->endpoint.tls == POSTSEAL_DRAFT_TLS_IMPLICIT)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, ssl, NULL, NULL);
  if (value != NULL && self->endpoint.tls != POSTSEAL_DRAFT_TLS_IMPLICIT)
    {
      self->endpoint.tls_line = version->line;
      self->endpoint.tls_setting = postseal_import_draft_show (version);
    }
  if (value == NULL || *value == '\0')
    return;
  if (g_ascii_strncasecmp (value, "tls1.3", 6) == 0)
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, version, "tls-min", "1.3",
                                 NULL);
  else
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CHANGED, version, NULL,
                                        _ ("TLS 1.2 or later, always"));
}

static void
map_trust (Entry *self)
{
  const PostsealRcSetting *check = find (self, "sslcertck");

  self->endpoint.is_unchecked = check != NULL && check->is_negated;
  if (self->endpoint.is_unchecked)
    {
      self->endpoint.check_line = check->line;
      self->endpoint.check_setting = postseal_import_draft_show (check);
    }
  else if (check != NULL)
    note (self, POSTSEAL_IMPORT_CARRIED, "sslcertck", NULL);

  if (is_on (self, "sslfingerprint"))
    note (
        self, POSTSEAL_IMPORT_WEAKER, "sslfingerprint",
        _ ("A fingerprint by MD5 can be forged, and is not carried: the certificate is checked by "
           "its issuer; “postseal check” shows what may be put into “pin”"));
  postseal_import_carry_path (self->draft, find (self, "sslcertfile"), "ca-file");
  postseal_import_carry_client (self->draft, find (self, "sslcert"), find (self, "sslkey"));
}

/* --- how often, how much --- */

static void
map_interval (Entry *self)
{
  const PostsealRcSetting *daemon = postseal_rc_section_find (self->globals, "daemon");
  const PostsealRcSetting *times = find (self, "interval");
  gint64 seconds = 0;
  gint64 factor = 1;
  g_autofree char *span = NULL;

  if (times != NULL && !postseal_import_parse_number (postseal_rc_setting_get (times), &factor))
    factor = 1;
  if (daemon != NULL)
    postseal_import_parse_number (postseal_rc_setting_get (daemon), &seconds);
  if (seconds > 0)
    {
      span = postseal_account_span_format (seconds * CLAMP (factor, 1, 1000));
      postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CHANGED, daemon, "interval", span,
                                   _ ("New mail comes by push where the server can; it is asked in "
                                      "these intervals where it cannot"));
    }
  if (times != NULL)
    note (self, seconds > 0 ? POSTSEAL_IMPORT_CARRIED : POSTSEAL_IMPORT_IMPOSSIBLE, "interval",
          seconds > 0 ? NULL : _ ("The key “interval” is a time: interval=10m"));
}

/* fetchmail deletes unless it is told not to. */
static void
map_keep (Entry *self)
{
  const PostsealRcSetting *keep = find (self, "keep");

  if (is_on (self, "keep"))
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, keep, "keep=yes",
                                        NULL);
  else if (keep != NULL)
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, keep, "keep", "no", NULL);
  else
    {
      postseal_account_form_set (self->draft->account.form, "keep", "no");
      postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CARRIED, self->user->line,
                                  _ ("without “keep”"), "keep=no",
                                  _ ("Deleted on the server once it is safely delivered"));
    }
  note (self, is_on (self, "fetchall") ? POSTSEAL_IMPORT_CHANGED : POSTSEAL_IMPORT_CARRIED,
        "fetchall", _ ("What was not retrieved is retrieved, read or not, and never twice"));
  note (self, POSTSEAL_IMPORT_CARRIED, "idle", _ ("Push, for all folders and accounts"));
}

/* --- where mail goes --- */

static const char *
get_local_name (const Entry *self)
{
  const PostsealRcSetting *is = find (self, "is");
  const char *name = is != NULL ? postseal_rc_setting_get (is) : "";

  return *name != '\0' && strchr (name, '=') == NULL ? name : g_get_user_name ();
}

/* The sender is in the message's Return-Path, and needs no argument. */
static char *
drop_sender (const char *command)
{
  static const char *const forms[]
      = { "-f '%F'", "-f \"%F\"", "-f %F", "-f'%F'", "-f%F", "-r %F", "-a %F" };
  g_autoptr (GString) text = g_string_new (command);

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    g_string_replace (text, forms[i], "", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
map_mda (Entry *self, const PostsealRcSetting *setting)
{
  g_autofree char *without = drop_sender (postseal_rc_setting_get (setting));
  g_autoptr (GString) command = g_string_new (without);

  g_string_replace (command, "'%T'", "%T", 0);
  g_string_replace (command, "\"%T\"", "%T", 0);
  g_string_replace (command, "%T", get_local_name (self), 0);
  if (strstr (command->str, "%F") != NULL)
    {
      postseal_import_draft_note_setting (
          self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, setting, NULL,
          _ ("The sender (%F) is not given to a command; it stands in the message's Return-Path"));
      return;
    }
  if (postseal_import_draft_carry_delivery_command (self->draft, setting, command->str)
      && strchr (postseal_rc_setting_get (setting), '%') != NULL)
    postseal_import_draft_note (
        self->draft, POSTSEAL_IMPORT_CHANGED, setting->line, "%T, %F", NULL,
        _ ("The local user's name is written out; the sender stands in the message's Return-Path"));
}

/* "localhost/24", "/run/dovecot/lmtp" */
static void
map_lmtp (Entry *self, const PostsealRcSetting *host)
{
  const char *name = host != NULL ? postseal_rc_setting_get (host) : "localhost";
  g_auto (GStrv) parts = *name != '/' ? g_strsplit (name, "/", 2) : NULL;
  g_autofree char *value
      = parts == NULL ? g_strdup_printf ("lmtp:%s", name)
                      : g_strdup_printf ("lmtp:%s:%s", parts[0],
                                         parts[0] != NULL && parts[1] != NULL ? parts[1] : "24");
  const PostsealRcSetting *lmtp = find (self, "lmtp");

  postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, lmtp, "deliver", value, NULL);
  if (host != NULL)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, host, value,
                                        host->values->len > 1 ? _ ("The first of them") : NULL);
}

static void
map_smtp (Entry *self, const PostsealRcSetting *host)
{
  g_autofree char *text = g_strdup_printf (
      _ ("fetchmail handed mail to an SMTP server; it goes into a Maildir now. For as before write "
         "deliver=command:/usr/sbin/sendmail -i -- %s"),
      get_local_name (self));

  if (host != NULL)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CHANGED, host, NULL, text);
  else
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->user->line,
                                "smtphost localhost", NULL, text);
}

static void
map_place (Entry *self)
{
  const PostsealRcSetting *mda = find (self, "mda");
  const PostsealRcSetting *host = find (self, "smtphost");
  const PostsealRcSetting *is = find (self, "is");

  if (mda != NULL)
    map_mda (self, mda);
  else if (is_on (self, "lmtp"))
    map_lmtp (self, host);
  else
    map_smtp (self, host);
  if (mda != NULL && host != NULL)
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "smtphost", _ ("The command counts"));
  if (is != NULL
      && (is->values->len > 1 || strchr (postseal_rc_setting_get (is), '=') != NULL
          || strchr (postseal_rc_setting_get (is), '*') != NULL))
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "is", _ (MULTIDROP));
  else
    note (self, POSTSEAL_IMPORT_CHANGED, "is", _ ("Mail is yours; where it goes says “deliver”"));
}

static void
map_folders (Entry *self)
{
  const PostsealRcSetting *folder = find (self, "folder");
  g_autofree char *list = NULL;

  if (folder == NULL)
    return;
  list = postseal_import_draft_join_list (folder->values);
  if (self->endpoint.protocol == POSTSEAL_PROTOCOL_IMAP)
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, folder, "folders", list,
                                 NULL);
  else
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "folder", _ ("POP3 has one folder only"));
}

/* --- the log-in --- */

static void
map_login (Entry *self)
{
  const PostsealRcSetting *auth = find (self, "auth");
  const PostsealRcSetting *password = find (self, "password");
  const PostsealRcSetting *other = find (self, "esmtppassword");

  if (auth != NULL)
    postseal_import_carry_auth (self->draft, auth, postseal_rc_setting_get (auth));
  if (password != NULL && password->secret != NULL)
    postseal_import_draft_take_secret (self->draft, password);
  else
    postseal_import_draft_note (
        self->draft, POSTSEAL_IMPORT_CHANGED, self->user->line, _ ("no password"),
        "password=secret-service",
        _ ("It came from ~/.netrc or was asked for; store it with “postseal password set”"));
  postseal_import_carry_timeout (self->draft, find (self, "timeout"));
  if (other != NULL)
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "esmtppassword", _ ("Mail is not handed on by SMTP"));
}

/* --- what has been retrieved --- */

/* Returns: (transfer full) */
static GPtrArray *
read_uidls (const Entry *self, const char *text, gsize length)
{
  const char *user = self->endpoint.user;
  GPtrArray *uidls = postseal_seen_file_read_fetchids (text, length, user, self->endpoint.host);

  if (uidls->len > 0)
    return uidls;
  g_ptr_array_unref (uidls);
  return postseal_seen_file_read_fetchids (text, length, user, self->poll_name);
}

static char *
get_id_file (const Entry *self)
{
  const PostsealRcSetting *setting = postseal_rc_section_find (self->globals, "idfile");
  const char *home = g_getenv ("FETCHMAILHOME");

  if (setting != NULL)
    {
      postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, setting, NULL,
                                          _ ("Read to know what has been retrieved"));
      return g_strdup (postseal_rc_setting_get (setting));
    }
  return home != NULL ? g_build_filename (home, ".fetchids", NULL) : g_strdup ("~/.fetchids");
}

static void
map_seen_imap (Entry *self)
{
  const PostsealRcSetting *folder = find (self, "folder");
  g_autoptr (GPtrArray) inbox = g_ptr_array_new ();

  if (is_on (self, "fetchall"))
    {
      postseal_import_draft_say_seen (
          self->draft,
          _ ("fetchmail was told to fetch everything each time: the first fetch brings "
             "all that is on the server"));
      return;
    }
  g_ptr_array_add (inbox, "INBOX");
  postseal_import_draft_count_seen (self->draft, folder != NULL ? folder->values : inbox);
  postseal_import_draft_say_seen (
      self->draft, _ ("fetchmail has no memory but the server's: what is marked as read there when "
                      "it is first looked at counts as retrieved, and is not fetched"));
}

static void
map_seen (Entry *self)
{
  g_autofree char *path = get_id_file (self);
  gsize length = 0;
  g_autofree char *text = NULL;

  if (self->endpoint.protocol == POSTSEAL_PROTOCOL_IMAP)
    {
      map_seen_imap (self);
      return;
    }
  text = postseal_import_load_state (path, &length);
  if (text != NULL)
    postseal_import_take_uidls (self->draft, read_uidls (self, text, length));
  postseal_import_say_known (self->draft, path);
}

/* --- one after the other --- */

static void
map_entry (Entry *self, gboolean is_skipped)
{
  const PostsealRcSetting *via = find (self, "via");

  self->is_possible = TRUE;
  self->endpoint.host = g_strdup (via != NULL ? postseal_rc_setting_get (via) : self->poll_name);
  self->endpoint.user = g_strdup (self->user->name != NULL ? self->user->name : g_get_user_name ());
  self->endpoint.line = self->server->line;
  if (is_skipped)
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->server->line, "skip",
                                NULL,
                                _ ("Only on request in fetchmail; an account is always used"));
  if (via != NULL)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, via, NULL, NULL);
  map_port (self);
  map_protocol (self);
  map_tls_start (self);
  map_trust (self);
  map_folders (self);
  map_keep (self);
  map_interval (self);
  map_place (self);
  map_login (self);
  if (self->is_possible)
    map_seen (self);
  postseal_import_draft_apply_rules (self->draft, self->server, rules, G_N_ELEMENTS (rules),
                                     mapped);
  postseal_import_draft_apply_rules (self->draft, self->user, rules, G_N_ELEMENTS (rules), mapped);
  postseal_import_draft_apply_rules (self->draft, self->globals, rules, G_N_ELEMENTS (rules),
                                     mapped);
  postseal_import_draft_finish (self->draft, NULL, NULL, &self->endpoint, NULL);
  if (!self->is_possible)
    postseal_import_draft_give_up (self->draft, FALSE);
}

static PostsealRcSection *
merge (const PostsealRcSection *defaults,
       const PostsealRcSection *own,
       const char *name,
       guint line)
{
  PostsealRcSection *merged = postseal_rc_section_new ("merged", name, line);

  if (defaults != NULL)
    postseal_rc_section_append (merged, defaults);
  if (own != NULL)
    postseal_rc_section_append (merged, own);
  return merged;
}

typedef struct
{
  const PostsealRcSection *globals; /* all borrowed */
  const PostsealRcSection *server_defaults;
  const PostsealRcSection *user_defaults;
  GPtrArray *drafts;
} Mapping;

static void
add_entry (Mapping *self, const PostsealRcSection *poll, const PostsealRcSection *user)
{
  Entry entry = {
    .draft = postseal_import_draft_new (),
    .globals = self->globals,
    .poll_name = poll->name,
    .server = merge (self->server_defaults, poll, poll->name, poll->line),
    .user = merge (self->user_defaults, user, user != NULL ? user->name : NULL,
                   user != NULL ? user->line : poll->line),
  };

  if (entry.user->name == NULL && self->user_defaults != NULL)
    entry.user->name = g_strdup (self->user_defaults->name);
  map_entry (&entry, g_str_equal (poll->kind, "skip"));
  g_ptr_array_add (self->drafts, entry.draft);
  postseal_draft_server_clear (&entry.endpoint);
  postseal_rc_section_free (entry.server);
  postseal_rc_section_free (entry.user);
}

static gboolean
is_user (const GPtrArray *sections, guint index)
{
  return index < sections->len
         && g_str_equal (((PostsealRcSection *)g_ptr_array_index (sections, index))->kind, "user");
}

gboolean
postseal_map_fetchmail (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  g_autoptr (GPtrArray) sections = postseal_fetchmail_file_parse (text, length, error);
  Mapping mapping = { .drafts = drafts };

  if (sections == NULL)
    return FALSE;
  mapping.globals = g_ptr_array_index (sections, 0);
  for (guint i = 1; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (g_str_equal (section->kind, "defaults"))
        {
          mapping.server_defaults = section;
          mapping.user_defaults
              = is_user (sections, i + 1) ? g_ptr_array_index (sections, ++i) : NULL;
          continue;
        }
      if (!is_user (sections, i + 1))
        add_entry (&mapping, section, NULL);
      while (is_user (sections, i + 1))
        add_entry (&mapping, section, g_ptr_array_index (sections, ++i));
    }
  return TRUE;
}
