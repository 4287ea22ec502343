/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mbsyncrc: what mbsync(1) pulls from each IMAP store becomes an account. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "import/import-map.h"
#include "import/mbsync-file.h"
#include "import/mbsync-state.h"

typedef struct
{
  PostsealImportDraft *draft; /* borrowed */
  const GPtrArray *sections; /* borrowed */
  const PostsealRcSection *store; /* borrowed: the IMAP store */
  PostsealRcSection *server; /* owned: the account's settings with the store's own */
  PostsealDraftServer endpoint;
  GPtrArray *folders; /* owned (element-type utf8) */
  const PostsealRcSection *near; /* borrowed, nullable: the Maildir store */
  gboolean is_possible;
  guint n_found; /* mailboxes with a state */
} Entry;

static const char *const mapped[] = { "host",
                                      "port",
                                      "timeout",
                                      "user",
                                      "pass",
                                      "passcmd",
                                      "authmechs",
                                      "tlstype",
                                      "tlsversions",
                                      "systemcertificates",
                                      "certificatefile",
                                      "clientcertificate",
                                      "clientkey",
                                      "far",
                                      "near",
                                      "patterns",
                                      "sync",
                                      "path",
                                      "inbox",
                                      "subfolders",
                                      "syncstate",
                                      "account",
                                      "tunnel",
                                      "usercmd",
                                      "mapinbox",
                                      "requiressl",
                                      "useimaps",
                                      "fielddelimiter",
                                      NULL };

#define ONE_WAY                                                                                    \
  N_ ("Mail is only fetched: what you read, move or delete here does not change on the server")
#define ALL_OF_IT N_ ("There is no such limit: mail of any size and age is fetched")
#define WIRE N_ ("The connection finds out what the server can do")

static const PostsealDraftRule rules[] = {
  { "usekeychain", POSTSEAL_IMPORT_IMPOSSIBLE,
    N_ ("Store the password with “postseal password set”") },
  { "cipherstring", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
  { "pipelinedepth", POSTSEAL_IMPORT_CHANGED, WIRE },
  { "disableextension", POSTSEAL_IMPORT_CHANGED, WIRE },
  { "disableextensions", POSTSEAL_IMPORT_CHANGED, WIRE },
  { "usenamespace", POSTSEAL_IMPORT_CARRIED,
    N_ ("Folders are found below the server's prefix, too") },
  { "pathdelimiter", POSTSEAL_IMPORT_CHANGED, WIRE },
  { "subscribedonly", POSTSEAL_IMPORT_CHANGED,
    N_ ("“folders” says which; subscriptions are not asked for") },
  { "maxsize", POSTSEAL_IMPORT_CHANGED, ALL_OF_IT },
  { "maxmessages", POSTSEAL_IMPORT_CHANGED, ALL_OF_IT },
  { "expireunread", POSTSEAL_IMPORT_CHANGED, ALL_OF_IT },
  { "expireside", POSTSEAL_IMPORT_CHANGED, ALL_OF_IT },
  { "create", POSTSEAL_IMPORT_CHANGED,
    N_ ("Folders are made here as mail comes, never on the server") },
  { "remove", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "expunge", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "expungesolo", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "trash", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "trashnewonly", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "trashremotenew", POSTSEAL_IMPORT_IMPOSSIBLE, ONE_WAY },
  { "copyarrivaldate", POSTSEAL_IMPORT_IMPOSSIBLE, N_ ("Files bear the time of their delivery") },
  { "flatten", POSTSEAL_IMPORT_CHANGED, N_ ("“layout” says how folders are laid out") },
  { "infodelimiter", POSTSEAL_IMPORT_CHANGED, N_ ("As all mail programs expect it: “:”") },
  { "altmap", POSTSEAL_IMPORT_CHANGED, N_ ("File names hold no numbers of the server") },
  { "fsync", POSTSEAL_IMPORT_CARRIED, N_ ("Mail is on the disk before it counts as delivered") },
  { "bufferlimit", POSTSEAL_IMPORT_CHANGED, N_ ("Little memory is used in any case") },
  { "channels", POSTSEAL_IMPORT_CHANGED, N_ ("“postseal fetch ACCOUNT…” names accounts") },
  { "channel", POSTSEAL_IMPORT_CHANGED, N_ ("“postseal fetch ACCOUNT…” names accounts") },
  { "requirecram", POSTSEAL_IMPORT_CHANGED,
    N_ ("The strongest way to sign in that the server offers") },
  { "usetlsv1", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
  { "usesslv2", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
  { "usesslv3", POSTSEAL_IMPORT_CHANGED, N_ ("TLS 1.2 or later, always") },
};

static const PostsealRcSection *
find_section (const GPtrArray *sections, const char *kind, const char *name)
{
  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (g_str_equal (section->kind, kind) && g_strcmp0 (section->name, name) == 0)
        return section;
    }
  return NULL;
}

static const PostsealRcSetting *
find (const Entry *self, const char *name)
{
  return postseal_rc_section_find (self->server, name);
}

static const char *
get (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = find (self, name);

  return setting != NULL ? postseal_rc_setting_get (setting) : "";
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
  const char *name = get (self, "host");

  self->is_possible = *name != '\0';
  if (g_str_has_prefix (name, "imaps:")) /* isync 1.0 */
    name += strlen ("imaps:");
  self->endpoint.protocol = POSTSEAL_PROTOCOL_IMAP;
  self->endpoint.host = g_strdup (self->is_possible ? name : "localhost");
  self->endpoint.user = *get (self, "user") != '\0' ? g_strdup (get (self, "user")) : NULL;
  self->endpoint.line = host != NULL ? host->line : self->store->line;
  self->endpoint.port = postseal_import_parse_port (get (self, "port"));
  note (self, POSTSEAL_IMPORT_CARRIED, "port", NULL);
  note (self, POSTSEAL_IMPORT_CARRIED, "user", NULL);
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "usercmd",
        _ ("The command is not run: write your user name into “receive”"));
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "tunnel",
        _ ("Connections are made directly to the server"));
  if (!self->is_possible)
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, self->store->line,
                                _ ("no host"), NULL, _ ("The account names no server"));
}

static gboolean
is_no (const char *value)
{
  return g_ascii_strcasecmp (value, "no") == 0 || g_ascii_strcasecmp (value, "off") == 0
         || g_ascii_strcasecmp (value, "false") == 0;
}

/* STARTTLS is the default, but behind a tunnel. */
static void
map_tls_start (Entry *self)
{
  const PostsealRcSetting *type = find (self, "tlstype");
  const char *value = get (self, "tlstype");
  gboolean is_old = g_str_has_prefix (get (self, "host"), "imaps:")
                    || (find (self, "useimaps") != NULL && !is_no (get (self, "useimaps")));

  self->endpoint.tls = POSTSEAL_DRAFT_TLS_UPGRADE;
  if (g_ascii_strcasecmp (value, "imaps") == 0 || (*value == '\0' && is_old))
    self->endpoint.tls = POSTSEAL_DRAFT_TLS_IMPLICIT;
  else if (g_ascii_strcasecmp (value, "none") == 0)
    self->endpoint.tls = POSTSEAL_DRAFT_TLS_NONE;
  if (type != NULL && self->endpoint.tls == POSTSEAL_DRAFT_TLS_NONE)
    {
      self->endpoint.tls_line = type->line;
      self->endpoint.tls_setting = postseal_import_draft_show (type);
    }
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "tlstype", NULL);
  self->endpoint.may_be_plain
      = find (self, "requiressl") != NULL && is_no (get (self, "requiressl"));
  note (self, POSTSEAL_IMPORT_CHANGED, "requiressl", _ ("TLS is always demanded"));
  note (self, POSTSEAL_IMPORT_CARRIED, "useimaps", NULL);
}

static gboolean
has_only_newest (const PostsealRcSetting *versions)
{
  for (guint i = 0; i < versions->values->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (versions->values, i), "TLSv1.3") != 0
        && g_ascii_strcasecmp (g_ptr_array_index (versions->values, i), "+1.3") != 0)
      return FALSE;
  return versions->values->len > 0;
}

static void
map_trust (Entry *self)
{
  const PostsealRcSetting *versions = find (self, "tlsversions");
  const char *file = get (self, "certificatefile");

  if (versions != NULL && has_only_newest (versions))
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, versions, "tls-min", "1.3",
                                 NULL);
  else
    note (self, POSTSEAL_IMPORT_CHANGED, "tlsversions", _ ("TLS 1.2 or later, always"));
  if (g_str_equal (file, "/etc/ssl/certs/ca-certificates.crt"))
    note (self, POSTSEAL_IMPORT_CARRIED, "certificatefile", _ ("The system's authorities"));
  else
    postseal_import_carry_path (self->draft, find (self, "certificatefile"), "ca-file");
  note (self, *file != '\0' ? POSTSEAL_IMPORT_CHANGED : POSTSEAL_IMPORT_CARRIED,
        "systemcertificates",
        _ ("Either the system's authorities or those in “ca-file”, which must be issuers"));
  postseal_import_carry_client (self->draft, find (self, "clientcertificate"),
                                find (self, "clientkey"));
}

/* --- the log-in --- */

static void
map_login (Entry *self)
{
  const PostsealRcSetting *mechanisms = find (self, "authmechs");
  const PostsealRcSetting *password = find (self, "pass");
  const PostsealRcSetting *command = find (self, "passcmd");

  if (mechanisms != NULL)
    postseal_import_carry_auth (self->draft, mechanisms,
                                mechanisms->values->len == 1 ? postseal_rc_setting_get (mechanisms)
                                                             : "*");
  if (command != NULL)
    postseal_import_draft_carry_password_command (self->draft, command,
                                                  postseal_rc_setting_get (command));
  if (password != NULL && password->secret != NULL)
    postseal_import_draft_take_secret (self->draft, password);
  else if (command == NULL)
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->store->line,
                                _ ("no password"), "password=secret-service",
                                _ ("It was asked for; store it with “postseal password set”"));
  postseal_import_carry_timeout (self->draft, find (self, "timeout"));
}

/* --- channels --- */

/* ":store:box". Returns: whether it names @store */
static gboolean
names_store (const char *side, const char *store, const char **ret_box)
{
  gsize length = strlen (store);

  if (*side != ':' || strncmp (side + 1, store, length) != 0 || side[length + 1] != ':')
    return FALSE;
  *ret_box = side + length + 2;
  return TRUE;
}

static void
add_folder (Entry *self, const char *folder)
{
  if (!g_ptr_array_find_with_equal_func (self->folders, folder, g_str_equal, NULL))
    g_ptr_array_add (self->folders, g_strdup (folder));
}

/* Patterns are below the box; "!…" takes away what another one has named. */
static void
add_patterns (Entry *self, const PostsealRcSetting *patterns, const char *box)
{
  gboolean leaves_out = FALSE;

  for (guint i = 0; i < patterns->values->len; i++)
    {
      const char *pattern = g_ptr_array_index (patterns->values, i);
      g_autofree char *full
          = *box != '\0' ? g_strdup_printf ("%s/%s", box, pattern) : g_strdup (pattern);

      if (*pattern == '!')
        leaves_out = TRUE;
      else
        add_folder (self, full);
    }
  postseal_import_draft_note_setting (
      self->draft, leaves_out ? POSTSEAL_IMPORT_IMPOSSIBLE : POSTSEAL_IMPORT_CARRIED, patterns,
      NULL,
      leaves_out ? _ ("“folders” only names what is wanted: list the folders instead") : NULL);
}

static void
map_sync (Entry *self, const PostsealRcSection *channel)
{
  const PostsealRcSetting *sync = postseal_rc_section_find (channel, "sync");
  gboolean pulls_only = sync != NULL;

  for (guint i = 0; sync != NULL && i < sync->values->len; i++)
    if (g_ascii_strncasecmp (g_ptr_array_index (sync->values, i), "pull", 4) != 0)
      pulls_only = FALSE;
  if (sync != NULL)
    postseal_import_draft_note_setting (
        self->draft, pulls_only ? POSTSEAL_IMPORT_CARRIED : POSTSEAL_IMPORT_IMPOSSIBLE, sync, NULL,
        pulls_only ? NULL : _ (ONE_WAY));
  else
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, channel->line, "Sync All",
                                NULL, _ (ONE_WAY));
}

static void
collect_state (Entry *self,
               const PostsealRcSection *channel,
               const char *far_box,
               const PostsealRcSection *near)
{
  const PostsealRcSection *globals = g_ptr_array_index (self->sections, 0);
  const PostsealRcSetting *own = postseal_rc_section_find (channel, "syncstate");
  const PostsealRcSetting *common = postseal_rc_section_find (globals, "syncstate");
  const PostsealRcSetting *delimiter = postseal_rc_section_find (globals, "fielddelimiter");
  const PostsealRcSetting *path = near != NULL ? postseal_rc_section_find (near, "path") : NULL;
  const PostsealRcSetting *inbox = near != NULL ? postseal_rc_section_find (near, "inbox") : NULL;
  const PostsealMbsyncPlace place = {
    .sync_state = own != NULL      ? postseal_rc_setting_get (own)
                  : common != NULL ? postseal_rc_setting_get (common)
                                   : NULL,
    .is_global = own == NULL,
    .delimiter = delimiter != NULL ? *postseal_rc_setting_get (delimiter) : ':',
    .far_store = self->store->name,
    .far_box = far_box,
    .near_store = near != NULL ? near->name : "",
    .near_path = path != NULL ? postseal_rc_setting_get (path) : NULL,
    .near_inbox = inbox != NULL ? postseal_rc_setting_get (inbox) : NULL,
  };

  self->n_found += postseal_mbsync_state_collect (&place, self->draft);
  if (own != NULL)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, own, NULL,
                                        _ ("Read to know what has been retrieved"));
}

static const PostsealRcSection *
find_near (const Entry *self, const PostsealRcSection *channel, const char *side)
{
  const PostsealRcSetting *setting = postseal_rc_section_find (channel, side);
  const char *value = setting != NULL ? postseal_rc_setting_get (setting) : "";
  g_auto (GStrv) parts = g_strsplit (value, ":", 3);

  return parts[0] != NULL && parts[1] != NULL
             ? find_section (self->sections, "maildirstore", parts[1])
             : NULL;
}

static void
map_channel (Entry *self, const PostsealRcSection *channel)
{
  const PostsealRcSetting *far = postseal_rc_section_find (channel, "far");
  const PostsealRcSetting *near = postseal_rc_section_find (channel, "near");
  const PostsealRcSetting *patterns = postseal_rc_section_find (channel, "patterns");
  const char *box = "";
  gboolean is_far
      = far != NULL && names_store (postseal_rc_setting_get (far), self->store->name, &box);
  const PostsealRcSection *maildir;

  if (!is_far
      && (near == NULL || !names_store (postseal_rc_setting_get (near), self->store->name, &box)))
    return;
  maildir = find_near (self, channel, is_far ? "near" : "far");
  if (maildir == NULL)
    postseal_import_draft_note_setting (
        self->draft, POSTSEAL_IMPORT_IMPOSSIBLE, is_far ? (near != NULL ? near : far) : far, NULL,
        _ ("From one server to another nothing is copied; mail goes into a Maildir"));
  else if (self->near == NULL)
    self->near = maildir;
  else if (self->near != maildir)
    postseal_import_draft_note_setting (
        self->draft, POSTSEAL_IMPORT_CHANGED, is_far ? near : far, NULL,
        _ ("An account delivers to one place: that of its first channel"));
  if (patterns != NULL)
    add_patterns (self, patterns, box);
  else
    add_folder (self, *box != '\0' ? box : "INBOX");
  map_sync (self, channel);
  if (is_far)
    collect_state (self, channel, box, maildir);
  postseal_import_draft_apply_rules (self->draft, channel, rules, G_N_ELEMENTS (rules), mapped);
}

/* --- where mail goes --- */

static void
map_layout (Entry *self, gboolean has_others)
{
  const PostsealRcSetting *setting = postseal_rc_section_find (self->near, "subfolders");
  gboolean is_flat
      = setting != NULL && g_ascii_strcasecmp (postseal_rc_setting_get (setting), "Maildir++") == 0;

  if (setting != NULL && is_flat)
    postseal_import_draft_note_setting (self->draft, POSTSEAL_IMPORT_CARRIED, setting,
                                        "layout=maildir++", NULL);
  else if (setting != NULL)
    postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CHANGED, setting, "layout", "fs",
                                 _ ("Folders are directories below that of INBOX"));
  else if (has_others)
    {
      postseal_account_form_set (self->draft->account.form, "layout", "fs");
      postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->near->line,
                                  "SubFolders", "layout=fs",
                                  _ ("Folders are directories below that of INBOX"));
    }
}

static void
map_place (Entry *self)
{
  const PostsealRcSetting *inbox;
  const PostsealRcSetting *path;
  gboolean has_others = self->folders->len > 1
                        || (self->folders->len == 1
                            && !g_str_equal (g_ptr_array_index (self->folders, 0), "INBOX"));

  if (self->near == NULL)
    return;
  inbox = postseal_rc_section_find (self->near, "inbox");
  path = postseal_rc_section_find (self->near, "path");
  if (inbox != NULL)
    postseal_import_draft_carry_place (self->draft, inbox, "maildir",
                                       postseal_rc_setting_get (inbox));
  else if (path != NULL)
    postseal_import_draft_carry_place (self->draft, path, "maildir",
                                       postseal_rc_setting_get (path));
  else
    postseal_account_form_set (self->draft->account.form, "deliver", "maildir:~/Maildir");
  if (inbox != NULL && path != NULL)
    postseal_import_draft_note_setting (
        self->draft, has_others ? POSTSEAL_IMPORT_CHANGED : POSTSEAL_IMPORT_CARRIED, path, NULL,
        has_others
            ? _ ("New mail of other folders goes below the directory of INBOX; what is there "
                 "stays where it is")
            : NULL);
  map_layout (self, has_others);
  postseal_import_draft_apply_rules (self->draft, self->near, rules, G_N_ELEMENTS (rules), mapped);
}

static void
map_folders (Entry *self)
{
  g_autofree char *list = postseal_import_draft_join_list (self->folders);
  g_autofree char *becomes = g_strdup_printf ("folders=%s", list);

  if (self->folders->len == 0)
    return;
  postseal_account_form_set (self->draft->account.form, "folders", list);
  postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CARRIED, self->store->line,
                              _ ("channels"), becomes, NULL);
}

/* --- one store after the other --- */

static void
say_seen (Entry *self)
{
  if (self->n_found > 0)
    postseal_import_draft_say_seen (
        self->draft,
        _ ("What mbsync remembers of each folder tells what has been retrieved already; "
           "that is not fetched again, and stays on the server"));
  else
    postseal_import_draft_say_seen (
        self->draft, _ ("No state of mbsync was found: the first fetch brings all that is on the "
                        "server"));
}

static PostsealRcSection *
join_server (const GPtrArray *sections, const PostsealRcSection *store)
{
  const PostsealRcSetting *name = postseal_rc_section_find (store, "account");
  const PostsealRcSection *account
      = name != NULL ? find_section (sections, "imapaccount", postseal_rc_setting_get (name))
                     : NULL;
  PostsealRcSection *joined = postseal_rc_section_new ("server", store->name, store->line);

  if (account != NULL)
    postseal_rc_section_append (joined, account);
  postseal_rc_section_append (joined, store);
  return joined;
}

static void
map_entry (Entry *self)
{
  map_host (self);
  map_tls_start (self);
  map_trust (self);
  map_login (self);
  for (guint i = 0; i < self->sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (self->sections, i);

      if (g_str_equal (section->kind, "channel"))
        map_channel (self, section);
      else if (g_str_equal (section->kind, "group") || g_str_equal (section->kind, "global"))
        postseal_import_draft_apply_rules (self->draft, section, rules, G_N_ELEMENTS (rules),
                                           mapped);
    }
  map_folders (self);
  map_place (self);
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "path", _ ("Write the whole names into “folders”"));
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "mapinbox", _ ("Folders keep the server's names"));
  say_seen (self);
  postseal_import_draft_apply_rules (self->draft, self->server, rules, G_N_ELEMENTS (rules),
                                     mapped);
  postseal_import_draft_finish (self->draft, self->store->name, NULL, &self->endpoint, NULL);
  if (!self->is_possible)
    postseal_import_draft_give_up (self->draft, FALSE);
}

gboolean
postseal_map_mbsync (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  g_autoptr (GPtrArray) sections = postseal_mbsync_file_parse (text, length, error);

  if (sections == NULL)
    return FALSE;
  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);
      Entry entry = { .sections = sections, .store = section };

      if (!g_str_equal (section->kind, "imapstore"))
        continue;
      entry.draft = postseal_import_draft_new ();
      entry.server = join_server (sections, section);
      entry.folders = g_ptr_array_new_with_free_func (g_free);
      map_entry (&entry);
      g_ptr_array_add (drafts, entry.draft);
      postseal_draft_server_clear (&entry.endpoint);
      postseal_rc_section_free (entry.server);
      g_ptr_array_unref (entry.folders);
    }
  return TRUE;
}
