/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Claws Mail's accountrc. What is about writing and showing mail stays with Claws Mail. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-span.h"
#include "import/import-map.h"
#include "import/ini-file.h"
#include "import/seen-file.h"

/* The numbers of Claws Mail's protocols. With the second version of its file, APOP and RPOP were
   taken out, and the later ones moved up. */
#define CLAWS_POP3 0
#define CLAWS_APOP 1
#define CLAWS_IMAP 3
#define CLAWS_NONE 6
#define N_TAKEN_OUT 2

typedef struct
{
  PostsealImportDraft *draft; /* borrowed */
  const PostsealRcSection *section; /* borrowed */
  const char *path; /* borrowed */
  PostsealDraftServer receive;
  PostsealDraftServer send;
  gboolean receives;
  gboolean sends;
  guint n_mapped;
} Entry;

static const PostsealRcSetting *
find (const Entry *self, const char *name)
{
  return postseal_rc_section_find (self->section, name);
}

static const char *
get (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = find (self, name);

  return setting != NULL ? postseal_rc_setting_get (setting) : "";
}

static gint64
get_number (const Entry *self, const char *name, gint64 usual)
{
  gint64 number;

  return postseal_import_parse_number (get (self, name), &number) ? number : usual;
}

static void
note (Entry *self,
      PostsealImportVerdict verdict,
      const char *name,
      const char *becomes,
      const char *text)
{
  const PostsealRcSetting *setting = find (self, name);

  if (setting == NULL)
    return;
  self->n_mapped++;
  postseal_import_draft_note_setting (self->draft, verdict, setting, becomes, text);
}

/* --- servers --- */

/* 0: none, 1: from the first byte, 2: STARTTLS */
static void
map_tls (Entry *self, PostsealDraftServer *server, const char *name)
{
  static const PostsealDraftTls kinds[]
      = { POSTSEAL_DRAFT_TLS_NONE, POSTSEAL_DRAFT_TLS_IMPLICIT, POSTSEAL_DRAFT_TLS_UPGRADE };
  gint64 kind = get_number (self, name, 0);
  const PostsealRcSetting *setting = find (self, name);

  server->tls = kinds[kind >= 0 && kind < (gint64)G_N_ELEMENTS (kinds) ? kind : 0];
  if (setting != NULL)
    {
      server->tls_line = setting->line;
      server->tls_setting = postseal_import_draft_show (setting);
    }
  if (server->tls != POSTSEAL_DRAFT_TLS_NONE)
    note (self, POSTSEAL_IMPORT_CARRIED, name, NULL, NULL);
}

static void
map_port (Entry *self, PostsealDraftServer *server, const char *flag, const char *name)
{
  if (get_number (self, flag, 0) == 0)
    return;
  server->port = (guint)MIN (get_number (self, name, 0), G_MAXUINT16);
  note (self, POSTSEAL_IMPORT_CARRIED, name, NULL, NULL);
}

static char *
dup_text (const Entry *self, const char *name)
{
  return *get (self, name) != '\0' ? g_strdup (get (self, name)) : NULL;
}

static guint
get_line (const Entry *self, const char *name)
{
  const PostsealRcSetting *setting = find (self, name);

  return setting != NULL ? setting->line : self->section->line;
}

static gint64
get_protocol (const Entry *self)
{
  gint64 protocol = get_number (self, "protocol", CLAWS_POP3);

  return protocol != CLAWS_POP3 && get_number (self, "config_version", 0) >= 2
             ? protocol + N_TAKEN_OUT
             : protocol;
}

static void
map_receiving (Entry *self)
{
  gint64 protocol = get_protocol (self);
  gboolean is_imap = protocol == CLAWS_IMAP;

  self->receives = (protocol == CLAWS_POP3 || protocol == CLAWS_APOP || is_imap)
                   && *get (self, "receive_server") != '\0';
  note (self,
        self->receives || protocol == CLAWS_NONE ? POSTSEAL_IMPORT_CARRIED
                                                 : POSTSEAL_IMPORT_IMPOSSIBLE,
        "protocol", NULL,
        self->receives || protocol == CLAWS_NONE ? NULL
                                                 : _ ("Mail is retrieved by IMAP or POP3 only"));
  if (!self->receives)
    return;
  self->receive.protocol = is_imap ? POSTSEAL_PROTOCOL_IMAP : POSTSEAL_PROTOCOL_POP3;
  self->receive.host = dup_text (self, "receive_server");
  self->n_mapped++;
  self->receive.user = dup_text (self, "user_id");
  self->receive.line = get_line (self, "receive_server");
  note (self, POSTSEAL_IMPORT_CARRIED, "user_id", NULL, NULL);
  map_tls (self, &self->receive, is_imap ? "ssl_imap" : "ssl_pop");
  map_port (self, &self->receive, is_imap ? "set_imapport" : "set_popport",
            is_imap ? "imap_port" : "pop_port");
}

static void
map_sending (Entry *self)
{
  self->sends = *get (self, "smtp_server") != '\0';
  if (!self->sends)
    return;
  self->send.protocol = POSTSEAL_PROTOCOL_SMTP;
  self->send.host = dup_text (self, "smtp_server");
  self->n_mapped++;
  self->send.user = dup_text (self, "smtp_user_id");
  if (self->send.user == NULL)
    self->send.user = dup_text (self, "user_id");
  self->send.line = get_line (self, "smtp_server");
  self->send.is_anonymous = get_number (self, "use_smtp_auth", 0) == 0 && !self->receives;
  map_tls (self, &self->send, "ssl_smtp");
  map_port (self, &self->send, "set_smtpport", "smtp_port");
  note (self, POSTSEAL_IMPORT_CARRIED, "smtp_user_id", NULL, NULL);
  if (get_number (self, "use_smtp_auth", 0) == 0 && self->receives)
    postseal_import_draft_note (
        self->draft, POSTSEAL_IMPORT_CHANGED, get_line (self, "use_smtp_auth"), "use_smtp_auth 0",
        NULL,
        _ ("Sending signs in like receiving; a relay without a log-in wants an account of its "
           "own"));
  else
    note (self, POSTSEAL_IMPORT_CARRIED, "use_smtp_auth", NULL, NULL);
}

/* --- the rest --- */

static void
map_keep (Entry *self)
{
  gint64 hours = get_number (self, "message_leave_time", 0) * 24
                 + get_number (self, "message_leave_hour", 0);
  const PostsealRcSetting *setting = find (self, "remove_mail");
  g_autofree char *span = NULL;

  if (self->receive.protocol == POSTSEAL_PROTOCOL_IMAP || setting == NULL)
    return;
  if (get_number (self, "remove_mail", 1) == 0)
    note (self, POSTSEAL_IMPORT_CARRIED, "remove_mail", "keep=yes", NULL);
  else
    {
      span = hours > 0 ? postseal_account_span_format (hours * 3600) : g_strdup ("no");
      self->n_mapped++;
      postseal_import_draft_carry (self->draft, POSTSEAL_IMPORT_CARRIED, setting, "keep", span,
                                   _ ("What Claws Mail has retrieved stays on the server"));
    }
  note (self, POSTSEAL_IMPORT_CARRIED, "message_leave_time", NULL, NULL);
  note (self, POSTSEAL_IMPORT_CARRIED, "message_leave_hour", NULL, NULL);
}

static void
map_secrets (Entry *self)
{
  postseal_import_draft_note (
      self->draft, POSTSEAL_IMPORT_CHANGED, 0, "passwordstorerc", "password=secret-service",
      _ ("Claws Mail keeps the password encrypted in a file of its own, which is not read; type it "
         "once, with “postseal password set”"));
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "password", NULL, _ ("An old copy, which is not read"));
  note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "smtp_password", NULL,
        _ ("An old copy, which is not read"));
  if (get_number (self, "oauth2_provider", 0) != 0)
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "oauth2_provider", NULL,
          _ ("Sign in anew: set password=oauth:PROVIDER, then “postseal password authorize”"));
  if (get_number (self, "use_apop_auth", 0) != 0)
    note (
        self, POSTSEAL_IMPORT_CHANGED, "use_apop_auth", "auth=auto",
        _ ("Broken today; the strongest way to sign in that the server offers, always encrypted"));
  note (self, POSTSEAL_IMPORT_CHANGED, "imap_auth_method", "auth=auto",
        _ ("The strongest way to sign in that the server offers"));
  note (self, POSTSEAL_IMPORT_CHANGED, "smtp_auth_method", "auth=auto",
        _ ("The strongest way to sign in that the server offers"));
}

static void
map_trust (Entry *self)
{
  const PostsealRcSetting *certificate = find (self, "in_ssl_client_cert_file");

  if (certificate != NULL && *postseal_rc_setting_get (certificate) != '\0')
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "in_ssl_client_cert_file", NULL,
          _ ("A PKCS#12 file; turn it into PEM, and name it in “client-certificate”"));
  if (get_number (self, "set_gnutls_priority", 0) != 0)
    note (self, POSTSEAL_IMPORT_CHANGED, "gnutls_priority", NULL, _ ("TLS 1.2 or later, always"));
  if (get_number (self, "set_tunnelcmd", 0) != 0)
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_IMPOSSIBLE,
                                get_line (self, "tunnelcmd"), "tunnelcmd …", NULL,
                                _ ("Connections are made directly to the server"));
  if (get_number (self, "use_proxy", 0) != 0)
    note (self, POSTSEAL_IMPORT_IMPOSSIBLE, "use_proxy", NULL,
          _ ("Connections are made directly to the server"));
  if (get_number (self, "pop_before_smtp", 0) != 0)
    note (self, POSTSEAL_IMPORT_CHANGED, "pop_before_smtp", NULL, _ ("Sending signs in by itself"));
}

static void
map_place (Entry *self)
{
  if (!self->receives)
    return;
  if (self->receive.protocol == POSTSEAL_PROTOCOL_POP3)
    note (
        self, POSTSEAL_IMPORT_CHANGED, "inbox", NULL,
        _ ("An MH folder of Claws Mail; its Postseal plug-in delivers there, everything else into "
           "a Maildir"));
  note (self, POSTSEAL_IMPORT_CHANGED, "imap_dir", NULL,
        _ ("“folders” names what is retrieved; it is INBOX alone at first"));
}

static void
map_seen (Entry *self)
{
  g_autoptr (GPtrArray) inbox = g_ptr_array_new ();
  g_autofree char *dir = g_path_get_dirname (self->path);
  g_autofree char *user = g_strdelimit (
      g_strdup (self->receive.user != NULL ? self->receive.user : ""), "\t\r\n\\/*", '_');
  g_autofree char *name = g_strdup_printf ("%s-%s", self->receive.host, user);
  g_autofree char *file = g_build_filename (dir, "uidl", name, NULL);
  gsize length = 0;
  g_autofree char *text = NULL;

  if (self->receive.protocol == POSTSEAL_PROTOCOL_IMAP)
    {
      g_ptr_array_add (inbox, "INBOX");
      postseal_import_draft_count_seen (self->draft, inbox);
      postseal_import_draft_say_seen (
          self->draft,
          _ ("Claws Mail reads IMAP folders on the server: what is marked as read there "
             "when it is first looked at counts as retrieved, and is not fetched"));
      return;
    }
  text = postseal_import_load_state (file, &length);
  if (text != NULL)
    postseal_import_take_uidls (self->draft, postseal_seen_file_read_claws (text, length));
  postseal_import_say_known (self->draft, file);
}

/* Hundreds of settings about composing, signing and showing. */
static void
note_others (Entry *self)
{
  guint n = self->section->settings->len;
  guint left = n > self->n_mapped ? n - self->n_mapped : 0;
  g_autofree char *text
      = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u setting about writing and showing mail",
                                      "%u settings about writing and showing mail", left),
                         left);

  if (left > 0)
    postseal_import_draft_note (self->draft, POSTSEAL_IMPORT_CHANGED, self->section->line, text,
                                NULL, _ ("They stay with Claws Mail"));
}

static PostsealImportDraft *
map_account (const PostsealRcSection *section, const char *path)
{
  Entry self = { .draft = postseal_import_draft_new (), .section = section, .path = path };
  const PostsealRcSetting *full_name = find (&self, "name");
  const char *name = get (&self, "account_name");

  self.draft->account.section = g_strdup (section->kind);
  map_receiving (&self);
  map_sending (&self);
  if (full_name != NULL && *postseal_rc_setting_get (full_name) != '\0')
    {
      self.n_mapped++;
      postseal_import_draft_carry (self.draft, POSTSEAL_IMPORT_CARRIED, full_name, "name",
                                   postseal_rc_setting_get (full_name), NULL);
    }
  note (&self, POSTSEAL_IMPORT_CARRIED, "address", NULL, NULL);
  note (&self, POSTSEAL_IMPORT_CARRIED, "account_name", NULL, NULL);
  map_keep (&self);
  map_secrets (&self);
  map_trust (&self);
  map_place (&self);
  if (self.receives)
    map_seen (&self);
  note_others (&self);
  if (self.receives || self.sends)
    postseal_import_draft_finish (self.draft, *name != '\0' ? name : NULL, get (&self, "address"),
                                  self.receives ? &self.receive : NULL,
                                  self.sends ? &self.send : NULL);
  else
    postseal_account_form_set_name (self.draft->account.form, *name != '\0' ? name : "account");
  postseal_draft_server_clear (&self.receive);
  postseal_draft_server_clear (&self.send);
  return self.draft;
}

gboolean
postseal_map_claws (
    const char *text, gsize length, const char *path, GPtrArray *drafts, GError **error)
{
  g_autoptr (GPtrArray) sections
      = postseal_ini_file_parse (text, length, POSTSEAL_INI_CLAWS, error);

  if (sections == NULL)
    return FALSE;
  for (guint i = 0; i < sections->len; i++)
    {
      const PostsealRcSection *section = g_ptr_array_index (sections, i);

      if (g_str_has_prefix (section->kind, "Account"))
        g_ptr_array_add (drafts, map_account (section, path));
    }
  return TRUE;
}
