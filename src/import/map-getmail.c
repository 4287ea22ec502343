/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* getmailrc: what each parameter of getmail's documentation becomes. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "import/draft-command.h"
#include "import/import-map.h"
#include "import/ini-file.h"
#include "import/seen-file.h"

#define STRIPPED "/\\:;<>|" /* what getmail takes out of the names of its files */

typedef struct
{
  PostsealImportDraft *draft; /* borrowed */
  const GPtrArray *sections; /* borrowed */
  const PostsealRcSection *retriever; /* borrowed */
  const PostsealRcSection *destination; /* borrowed, nullable */
  const PostsealRcSection *options; /* borrowed, nullable */
  const char *path; /* borrowed */
  PostsealDraftServer endpoint;
  GPtrArray *folders; /* owned (element-type utf8) */
} Entry;

static const char *const mapped[] = {
  "type",      "server",       "port",         "username",    "password",     "password_command",
  "mailboxes", "timeout",      "ca_certs",     "certfile",    "keyfile",      "ssl_fingerprints",
  "use_apop",  "use_cram_md5", "use_kerberos", "use_xoauth2", "path",         "arguments",
  "host",      "delete",       "delete_after", "default",     "destinations", NULL,
};

#define ONE_PLACE N_ ("Mail goes to one place; a filter behind “deliver=command:…” can sort it")
#define AS_SENT N_ ("Mail is delivered byte for byte as the server has it")
#define SERVICE N_ ("That is up to the service that runs in the background")
#define NO_LIMIT N_ ("There is no such limit: mail of any size streams to the disk")

static const PostsealDraftRule rules[] = {
  { "ssl_cert_hostname", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("The certificate must name the server that is connected to; write that name as the "
        "server") },
  { "ssl_version", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
  { "ssl_ciphers", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
  { "envelope_recipient", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_PLACE },
  { "move_on_delete", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Mail is kept or deleted on the server, not moved there") },
  { "imap_on_delete", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Mail is kept or deleted on the server, not moved there") },
  { "imap_search", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("All that is new in a folder is fetched") },
  { "use_peek", POSTSEAL_IMPORT_CARRIED, N_ ("Fetching never marks mail as read") },
  { "record_mailbox", POSTSEAL_IMPORT_CHANGED, AS_SENT },
  { "delete_dup_msgids", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Messages are told apart by UIDL and content, never thrown away by Message-ID") },
  { "read_all", POSTSEAL_IMPORT_CHANGED, N_ ("What was retrieved is never retrieved again") },
  { "delete_bigger_than", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("“keep” is the same for all sizes") },
  { "max_message_size", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "max_messages_per_session", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "max_bytes_per_session", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "skip_imap_fetch_size", POSTSEAL_IMPORT_CHANGED, NO_LIMIT },
  { "delivered_to", POSTSEAL_IMPORT_CHANGED, AS_SENT },
  { "received", POSTSEAL_IMPORT_CHANGED, AS_SENT },
  { "message_log", POSTSEAL_IMPORT_CHANGED, SERVICE },
  { "message_log_syslog", POSTSEAL_IMPORT_CHANGED, SERVICE },
  { "message_log_verbose", POSTSEAL_IMPORT_CHANGED, SERVICE },
  { "logfile", POSTSEAL_IMPORT_CHANGED, SERVICE },
  { "verbose", POSTSEAL_IMPORT_CHANGED, SERVICE },
  { "fingerprint", POSTSEAL_IMPORT_CHANGED,
    N_ ("“postseal check” shows the server's certificate") },
  { "to_oldmail_on_each_mail", POSTSEAL_IMPORT_CARRIED,
    N_ ("Each message is recorded as it is delivered") },
  { "use_netrc", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Store the password with “postseal password set”") },
  { "netrc_file", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Store the password with “postseal password set”") },
  { "unixfrom", POSTSEAL_IMPORT_IMPOSSIBLE, AS_SENT },
  { "user", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is delivered as you, never as another user") },
  { "group", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Mail is delivered as you, never as another user") },
  { "filemode", POSTSEAL_IMPORT_CHANGED, N_ ("Files are yours alone (0600)") },
  { "locktype", POSTSEAL_IMPORT_CHANGED, N_ ("An mbox is locked by dot file, fcntl and flock") },
  { "allow_root_commands", POSTSEAL_IMPORT_IMPOSSIBLE, "" },
  { "ignore_stderr", POSTSEAL_IMPORT_CHANGED, N_ ("The exit status tells whether it was taken") },
  { "pipe_stdout", POSTSEAL_IMPORT_CHANGED, "" },
};

static const PostsealRcSetting *
find (const PostsealRcSection *section, const char *name)
{
  return section != NULL ? postseal_rc_section_find (section, name) : NULL;
}

static const char *
get (const PostsealRcSection *section, const char *name)
{
  const PostsealRcSetting *setting = find (section, name);

  return setting != NULL ? postseal_rc_setting_get (setting) : "";
}

static gboolean
is_on (const PostsealRcSection *section, const char *name)
{
  const PostsealRcSetting *setting = find (section, name);

  return setting != NULL && postseal_import_parse_bool (postseal_rc_setting_get (setting));
}

static void
note (Entry *self,
      PostsealImportVerdict verdict,
      const PostsealRcSection *section,
      const char *name,
      const char *text)
{
  postseal_import_draft_note_setting (self->draft, verdict, find (section, name), NULL, text);
}

/* --- the server --- */

static void
map_type (Entry *self)
{
  const char *type = get (self->retriever, "type");

  self->endpoint.protocol
      = strstr (type, "IMAP") != NULL ? POSTSEAL_PROTOCOL_IMAP : POSTSEAL_PROTOCOL_POP3;
  self->endpoint.tls
      = strstr (type, "SSL") != NULL ? POSTSEAL_DRAFT_TLS_IMPLICIT : POSTSEAL_DRAFT_TLS_NONE;
  self->endpoint.tls_line = find (self->retriever, "type")->line;
  self->endpoint.tls_setting = g_strdup_printf ("type %s", type);
  if (g_str_has_prefix (type, "Multidrop"))
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, self->retriever, "type",
          _ ("One mailbox for many people is not taken apart here"));
  else if (g_str_has_prefix (type, "BrokenUIDL"))
    note (self, POSTSEAL_IMPORT_CHANGED, self->retriever, "type",
          _ ("Messages are told apart by UIDL, size and content"));
  else
    note (self, POSTSEAL_IMPORT_CARRIED, self->retriever, "type", NULL);
}

static void
map_server (Entry *self)
{
  const PostsealRcSetting *server = find (self->retriever, "server");
  gint64 port = 0;

  self->endpoint.host = g_strdup (postseal_rc_setting_get (server));
  self->endpoint.line = server->line;
  if (*get (self->retriever, "username") != '\0')
    self->endpoint.user = g_strdup (get (self->retriever, "username"));
  note (self, POSTSEAL_IMPORT_CARRIED, self->retriever, "username", NULL);
  if (postseal_import_parse_number (get (self->retriever, "port"), &port) && port <= G_MAXUINT16)
    self->endpoint.port = (guint)port;
  note (self, POSTSEAL_IMPORT_CARRIED, self->retriever, "port", NULL);
}

static gboolean
is_system_bundle (const char *path)
{
  static const char *const bundles[]
      = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
          "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", NULL };

  return g_strv_contains (bundles, path);
}

/* getmail checks nothing unless it is given authorities. */
static void
map_trust (Entry *self)
{
  const PostsealRcSetting *ca = find (self->retriever, "ca_certs");

  self->endpoint.is_unchecked = ca == NULL;
  self->endpoint.check_line = self->retriever->line;
  self->endpoint.check_setting = g_strdup (_ ("without “ca_certs”"));
  if (ca != NULL && is_system_bundle (postseal_rc_setting_get (ca)))
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, ca, NULL,
                                        _ ("The system's authorities"));
  else
    postseal_import_carry_path (self->draft, ca, "ca-file");
  postseal_import_carry_client (self->draft, find (self->retriever, "certfile"),
                                find (self->retriever, "keyfile"));
  if (find (self->retriever, "ssl_fingerprints") == NULL)
    return;
  self->endpoint.is_pinned = TRUE;
  note (
      self, POSTSEAL_IMPORT_WEAKER, self->retriever, "ssl_fingerprints",
      _ ("The fingerprint is of the certificate; here a pin is of its key, and comes on top of the "
         "check: “postseal check” shows what may be put into “pin”"));
}

/* --- the log-in --- */

static void
map_password (Entry *self)
{
  const PostsealRcSetting *password = find (self->retriever, "password");
  const PostsealRcSetting *command = find (self->retriever, "password_command");

  if (password != NULL && password->secret != NULL)
    postseal_import_draft_take_secret (self->draft, password);
  else if (command != NULL)
    {
      g_autoptr (GPtrArray) argv = postseal_ini_python_strings (postseal_rc_setting_get (command));

      g_ptr_array_add (argv, NULL);
      postseal_import_draft_carry_password_argv (self->draft, command,
                                                 (const char *const *)argv->pdata);
    }
  else
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->retriever->line,
                                _ ("no password"), "password=secret-service",
                                _ ("It came from Python's keyring, from ~/.netrc, or was asked "
                                   "for; store it with “postseal "
                                   "password set”"));
}

static void
map_login (Entry *self)
{
  static const struct
  {
    const char *name;
    const char *auth;
  } ways[] = { { "use_apop", "apop" },
               { "use_cram_md5", "cram-md5" },
               { "use_kerberos", "gssapi" },
               { "use_xoauth2", "xoauth2" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const PostsealRcSetting *way = find (self->retriever, ways[i].name);

      if (way != NULL && is_on (self->retriever, ways[i].name))
        postseal_import_carry_auth (self->draft, way, ways[i].auth);
      else if (way != NULL)
        postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, way, NULL, NULL);
    }
  map_password (self);
  postseal_import_carry_timeout (self->draft, find (self->retriever, "timeout"));
}

/* --- folders and keeping --- */

static void
map_folders (Entry *self)
{
  const PostsealRcSetting *mailboxes = find (self->retriever, "mailboxes");
  g_autofree char *list = NULL;

  self->folders = mailboxes != NULL
                      ? postseal_ini_python_strings (postseal_rc_setting_get (mailboxes))
                      : g_ptr_array_new_with_free_func (g_free);
  if (self->folders->len == 0)
    g_ptr_array_add (self->folders, g_strdup ("INBOX"));
  if (mailboxes == NULL)
    return;
  if (g_ptr_array_find_with_equal_func (self->folders, "ALL", g_str_equal, NULL))
    {
      postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, mailboxes, "folders", "*",
                                   NULL);
      return;
    }
  list = postseal_import_draft_join_list (self->folders);
  postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, mailboxes, "folders", list,
                               NULL);
}

static void
map_keep (Entry *self)
{
  const PostsealRcSetting *delete = find (self->options, "delete");
  const PostsealRcSetting *after = find (self->options, "delete_after");
  gint64 days = 0;
  g_autofree char *span = NULL;

  if (after != NULL)
    postseal_import_parse_number (postseal_rc_setting_get (after), &days);
  if (delete != NULL && is_on (self->options, "delete"))
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, delete, "keep", "no", NULL);
  else if (delete != NULL)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, delete,
                                        days > 0 ? NULL : "keep=yes", NULL);
  if (after == NULL)
    return;
  span = g_strdup_printf ("%" G_GINT64_FORMAT "d", days);
  if (days > 0 && !is_on (self->options, "delete"))
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, after, "keep", span,
                                 _ ("What getmail has retrieved stays on the server"));
  else
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, after, NULL, NULL);
}

/* --- where mail goes --- */

static void map_destination (Entry *self, const PostsealRcSection *section, guint depth);

/* "-f %(sender)" goes; the sender stands in Return-Path. Returns: whether the rest can be used */
static gboolean
clean_arguments (GPtrArray *argv)
{
  for (guint i = argv->len; i > 1; i--)
    {
      const char *argument = g_ptr_array_index (argv, i - 1);

      if (g_str_equal (argument, "-f%(sender)"))
        g_ptr_array_remove_index (argv, i - 1);
      else if (g_str_equal (argument, "%(sender)")
               && (g_str_equal (g_ptr_array_index (argv, i - 2), "-f")
                   || g_str_equal (g_ptr_array_index (argv, i - 2), "-r")))
        {
          g_ptr_array_remove_range (argv, i - 2, 2);
          i--;
        }
      else if (strstr (argument, "%(") != NULL)
        return FALSE;
    }
  return TRUE;
}

static void
map_command (Entry *self, const PostsealRcSection *section)
{
  const PostsealRcSetting *path = find (section, "path");
  g_autoptr (GPtrArray) argv = postseal_ini_python_strings (get (section, "arguments"));
  g_autofree char *line = NULL;
  g_autofree char *value = NULL;

  if (path == NULL)
    return;
  g_ptr_array_insert (argv, 0, g_strdup (postseal_rc_setting_get (path)));
  if (!clean_arguments (argv))
    {
      note (self, POSTSEAL_IMPORT_IMPOSSIBLE, section, "arguments",
            _ ("Names of sender and recipient are not written into a command; RECIPIENT is in its "
               "environment: write deliver=command:… by hand"));
      return;
    }
  g_ptr_array_add (argv, NULL);
  line = postseal_draft_command_join ((const char *const *)argv->pdata);
  value = g_strdup_printf ("command:%s", line);
  postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, path, "deliver", value, NULL);
  note (self, POSTSEAL_IMPORT_CARRIED, section, "arguments", NULL);
}

static void
map_lmtp (Entry *self, const PostsealRcSection *section)
{
  const PostsealRcSetting *host = find (section, "host");
  const char *port = *get (section, "port") != '\0' ? get (section, "port") : "24";
  g_autofree char *value = NULL;

  if (host == NULL)
    return;
  value = *postseal_rc_setting_get (host) == '/'
              ? g_strdup_printf ("lmtp:%s", postseal_rc_setting_get (host))
              : g_strdup_printf ("lmtp:%s:%s", postseal_rc_setting_get (host), port);
  postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, host, "deliver", value, NULL);
}

static const PostsealRcSection *
find_section (const Entry *self, const char *kind)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (self->sections, i);

      if (g_ascii_strcasecmp (section->kind, kind) == 0)
        return section;
    }
  return NULL;
}

/* "[section]", "~/Maildir/" or "~/mbox" */
static void
map_reference (Entry *self, const PostsealRcSetting *setting, const char *reference, guint depth)
{
  gsize length = strlen (reference);
  g_autofree char *kind = length > 2 ? g_strndup (reference + 1, length - 2) : g_strdup ("");
  const PostsealRcSection *section = find_section (self, kind);

  if (*reference == '[' && section != NULL)
    map_destination (self, section, depth + 1);
  else if (*reference != '[' && length > 0)
    postseal_import_draft_carry_place (
        self->draft, setting, g_str_has_suffix (reference, "/") ? "maildir" : "mbox", reference);
}

/* One of many places: the first, or the default. */
static void
map_many (Entry *self, const PostsealRcSection *section, guint depth)
{
  const PostsealRcSetting *usual = find (section, "default");
  const PostsealRcSetting *setting = find (section, "destinations");
  g_autoptr (GPtrArray) list = NULL;

  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, section, "type", _ (ONE_PLACE));
  if (depth > 4)
    return;
  if (usual != NULL)
    map_reference (self, usual, postseal_rc_setting_get (usual), depth);
  if (usual != NULL || setting == NULL)
    return;
  list = postseal_ini_python_strings (postseal_rc_setting_get (setting));
  if (list->len > 0)
    map_reference (self, setting, g_ptr_array_index (list, 0), depth);
}

static void
map_destination (Entry *self, const PostsealRcSection *section, guint depth)
{
  const char *type = get (section, "type");
  const PostsealRcSetting *path = find (section, "path");

  if (g_str_equal (type, "Maildir") && path != NULL)
    postseal_import_draft_carry_place (self->draft, path, "maildir",
                                       postseal_rc_setting_get (path));
  else if (g_str_equal (type, "Mboxrd") && path != NULL)
    postseal_import_draft_carry_place (self->draft, path, "mbox", postseal_rc_setting_get (path));
  else if (g_str_equal (type, "MDA_external"))
    map_command (self, section);
  else if (g_str_equal (type, "MDA_lmtp"))
    map_lmtp (self, section);
  else if (g_str_has_prefix (type, "Multi"))
    {
      map_many (self, section, depth);
      return;
    }
  else
    {
      note (self, POSTSEAL_IMPORT_IMPOSSIBLE, section, "type",
            _ ("There is no such place to deliver to"));
      return;
    }
  note (self, POSTSEAL_IMPORT_CARRIED, section, "type", NULL);
}

/* --- what has been retrieved --- */

static void
strip (char *name, char with)
{
  char *to = name;

  for (const char *from = name; *from != '\0'; from++)
    if (strchr (STRIPPED, *from) == NULL)
      *to++ = *from;
    else if (to == name || strchr (STRIPPED, from[-1]) == NULL)
      *to++ = with;
  *to = '\0';
}

static char *
get_oldmail_path (const Entry *self)
{
  gboolean is_tls = self->endpoint.tls == POSTSEAL_DRAFT_TLS_IMPLICIT;
  guint usual = self->endpoint.protocol == POSTSEAL_PROTOCOL_IMAP ? (is_tls ? 993 : 143)
                                                                  : (is_tls ? 995 : 110);
  g_autofree char *dir = g_path_get_dirname (self->path);
  g_autofree char *name = g_strdup_printf ("oldmail-%s-%u-%s", self->endpoint.host,
                                           self->endpoint.port != 0 ? self->endpoint.port : usual,
                                           self->endpoint.user != NULL ? self->endpoint.user : "");

  strip (name, '-');
  return g_build_filename (dir, name, NULL);
}

/* Returns: (transfer none) (nullable): what it has taken */
static const PostsealPriorMailbox *
take_oldmail (Entry *self, const char *path, const char *mailbox)
{
  gsize length = 0;
  char *text = postseal_import_load_state (path, &length);
  g_autoptr (GPtrArray) ids = NULL;
  PostsealPriorMailbox *prior;

  if (text == NULL)
    return NULL;
  ids = postseal_seen_file_read_getmail (text, length);
  g_free (text);
  prior = postseal_prior_mailbox_new (mailbox);
  if (self->endpoint.protocol == POSTSEAL_PROTOCOL_POP3)
    {
      g_ptr_array_unref (prior->uidls);
      prior->uidls = g_steal_pointer (&ids);
    }
  else
    {
      g_array_unref (prior->uids);
      prior->uids = postseal_seen_file_split_getmail (ids, &prior->uid_validity);
    }
  postseal_import_draft_take_prior (self->draft, prior);
  return prior;
}

/* All folders: what they are called is in the files' names, but for "/", which became ".". */
static void
take_all_oldmail (Entry *self, const char *base)
{
  g_autofree char *dir_path = g_path_get_dirname (base);
  g_autofree char *prefix = g_path_get_basename (base);
  g_autoptr (GDir) dir = g_dir_open (dir_path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix) && name[strlen (prefix)] == '-')
      {
        g_autofree char *path = g_build_filename (dir_path, name, NULL);
        g_autofree char *mailbox = g_utf8_make_valid (name + strlen (prefix) + 1, -1);

        const PostsealPriorMailbox *prior = take_oldmail (self, path, mailbox);

        if (prior != NULL && strchr (mailbox, '.') != NULL)
          postseal_import_draft_take_prior_as (self->draft, prior,
                                               g_strdelimit (mailbox, ".", '/'));
      }
}

static void
map_seen (Entry *self)
{
  g_autofree char *base = get_oldmail_path (self);

  if (self->endpoint.protocol == POSTSEAL_PROTOCOL_POP3)
    take_oldmail (self, base, "");
  else if (g_ptr_array_find_with_equal_func (self->folders, "ALL", g_str_equal, NULL))
    take_all_oldmail (self, base);
  else
    for (guint i = 0; i < self->folders->len; i++)
      {
        const char *folder = g_ptr_array_index (self->folders, i);
        g_autofree char *stripped = g_strdup (folder);
        g_autofree char *path = NULL;

        strip (stripped, '.');
        path = g_strdup_printf ("%s-%s", base, stripped);
        take_oldmail (self, path, folder);
      }
  postseal_import_say_known (self->draft, base);
}

/* --- all of it --- */

static void
note_others (Entry *self)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (self->sections, i);

      if (g_str_has_prefix (section->kind, "filter"))
        {
          g_autofree char *shown = g_strdup_printf ("[%s]", section->kind);

          postseal_import_draft_note (
              self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, section->line, shown, NULL,
              _ ("There are no filters; a program behind “deliver=command:…” can be one"));
          continue;
        }
      postseal_import_draft_apply_rules (self->draft, section, rules, G_N_ELEMENTS (rules), mapped);
    }
}

static gboolean
check (const Entry *self, GError **error)
{
  if (self->retriever == NULL)
    return postseal_rc_fail (error, 1, _ ("there is no section “%s”"), "[retriever]");
  if (find (self->retriever, "type") == NULL)
    return postseal_rc_fail (error, self->retriever->line, _ ("“%s” is missing"), "type");
  if (*get (self->retriever, "server") == '\0')
    return postseal_rc_fail (error, self->retriever->line, _ ("“%s” is missing"), "server");
  return TRUE;
}

static void
map_entry (Entry *self)
{
  g_autofree char *name = g_path_get_basename (self->path);

  map_type (self);
  map_server (self);
  map_trust (self);
  map_login (self);
  map_folders (self);
  map_keep (self);
  if (self->destination != NULL)
    map_destination (self, self->destination, 0);
  map_seen (self);
  note_others (self);
  postseal_import_draft_finish (self->draft, g_str_equal (name, "getmailrc") ? NULL : name, NULL,
                                &self->endpoint, NULL);
}

gboolean
postseal_map_getmail (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  g_autoptr (GPtrArray) sections
      = postseal_ini_file_parse (text, length, POSTSEAL_INI_GETMAIL, error);
  Entry entry = { .sections = sections, .path = path };

  if (sections == NULL)
    return FALSE;
  entry.retriever = find_section (&entry, "retriever");
  entry.destination = find_section (&entry, "destination");
  entry.options = find_section (&entry, "options");
  if (!check (&entry, error))
    return FALSE;
  entry.draft = postseal_import_draft_new ();
  map_entry (&entry);
  g_ptr_array_add (drafts, entry.draft);
  g_ptr_array_unref (entry.folders);
  postseal_draft_server_clear (&entry.endpoint);
  return TRUE;
}
