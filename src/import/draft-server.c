/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers, and what is said about TLS: here it is demanded, always. */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "engine/account-reader.h"
#include "import/import-draft.h"

void
postseal_draft_server_clear (PostsealDraftServer *self)
{
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->user, g_free);
  g_clear_pointer (&self->tls_setting, g_free);
  g_clear_pointer (&self->check_setting, g_free);
}

static gboolean
is_this_machine (const char *host)
{
  if (g_hostname_is_ip_address (host))
    return g_str_has_prefix (host, "127.") || g_str_equal (host, "::1");
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

static guint16
get_plain_port (PostsealProtocol protocol)
{
  switch (protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return 143;
    case POSTSEAL_PROTOCOL_POP3:
      return 110;
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      return 25;
    }
}

/* How to reach it. @ret_level: of "receive-tls" or "send-tls", NULL: enforced */
static PostsealEndpoint *
make_endpoint (const PostsealDraftServer *server, const char **ret_level)
{
  gboolean is_plain = server->tls == POSTSEAL_DRAFT_TLS_NONE;
  gboolean is_local = is_plain && is_this_machine (server->host);
  gboolean is_relay = is_plain && server->is_anonymous && !is_local;
  guint16 plain_port = get_plain_port (server->protocol);
  PostsealTlsStart start = server->tls == POSTSEAL_DRAFT_TLS_IMPLICIT ? POSTSEAL_TLS_START_IMPLICIT
                                                                      : POSTSEAL_TLS_START_UPGRADE;
  guint port = server->port;

  *ret_level = is_local ? "loopback" : is_relay ? "opportunistic" : NULL;
  if (is_plain && !is_local && !is_relay && (port == 0 || port == plain_port))
    {
      start = POSTSEAL_TLS_START_IMPLICIT;
      port = 0;
    }
  else if ((is_local || is_relay) && port == 0)
    port = plain_port;
  else if (port == 0 && server->protocol == POSTSEAL_PROTOCOL_SMTP
           && start == POSTSEAL_TLS_START_UPGRADE)
    port = plain_port;
  return postseal_endpoint_new (server->protocol, start, server->host, (guint16)port);
}

static const char *
get_tls_setting (const PostsealDraftServer *server)
{
  return server->tls_setting != NULL ? server->tls_setting : _ ("without TLS");
}

static void
note_tls (PostsealImportDraft *self,
          const PostsealDraftServer *server,
          const char *level,
          const char *url)
{
  gboolean sends = server->protocol == POSTSEAL_PROTOCOL_SMTP;
  g_autofree char *key
      = level != NULL ? g_strdup_printf ("%s=%s", sends ? "send-tls" : "receive-tls", level) : NULL;

  if (server->tls == POSTSEAL_DRAFT_TLS_NONE && g_strcmp0 (level, "loopback") == 0)
    postseal_import_draft_note (
        self, POSTSEAL_IMPORT_CARRIED, server->tls_line, get_tls_setting (server), key,
        _ ("The server is on this machine; nobody else is ever connected to this way"));
  else if (server->tls == POSTSEAL_DRAFT_TLS_NONE && level != NULL)
    postseal_import_draft_note (
        self, POSTSEAL_IMPORT_CHANGED, server->tls_line, get_tls_setting (server), key,
        _ ("Without a log-in TLS is used where the server offers it, and demanded once it did"));
  else if (server->tls == POSTSEAL_DRAFT_TLS_NONE)
    postseal_import_draft_note (
        self, POSTSEAL_IMPORT_WEAKER, server->tls_line, get_tls_setting (server), url,
        _ ("Password and mail could be read on their way; now they are encrypted, and with a "
           "server that cannot do that the account does not work"));
  else if (server->may_be_plain)
    postseal_import_draft_note (
        self, POSTSEAL_IMPORT_WEAKER, server->tls_line, get_tls_setting (server), url,
        _ ("TLS was used only where it was offered, so that anybody on the way could turn it off; "
           "it is demanded now"));
  if (server->tls != POSTSEAL_DRAFT_TLS_NONE && server->is_unchecked && !server->is_pinned)
    postseal_import_draft_note (
        self, POSTSEAL_IMPORT_WEAKER, server->check_line,
        server->check_setting != NULL ? server->check_setting : _ ("no check"), NULL,
        _ ("The server's certificate was not checked, it is now: if no known authority vouches for "
           "it, name its issuer's file in “ca-file”, or the account does not connect"));
}

static void
set_server (PostsealImportDraft *self, const PostsealDraftServer *server)
{
  gboolean sends = server->protocol == POSTSEAL_PROTOCOL_SMTP;
  const char *level = NULL;
  g_autoptr (PostsealEndpoint) endpoint = make_endpoint (server, &level);
  g_autofree char *becomes = NULL;
  g_autofree char *setting = NULL;

  postseal_account_form_set_endpoint (self->account.form, sends, endpoint, server->user);
  if (level != NULL)
    postseal_account_form_set (self->account.form, sends ? "send-tls" : "receive-tls", level);
  if (server->is_anonymous && sends
      && postseal_account_form_get (self->account.form, "receive") == NULL)
    postseal_account_form_set (self->account.form, "auth", "none");
  becomes = g_strdup_printf (
      "%s=%s", sends ? "send" : "receive",
      postseal_account_form_get (self->account.form, sends ? "send" : "receive"));
  setting = server->port != 0 ? g_strdup_printf ("%s %u", server->host, server->port)
                              : g_strdup (server->host);
  postseal_import_draft_note (self, POSTSEAL_IMPORT_CARRIED, server->line, setting, becomes, NULL);
  note_tls (self, server, level, becomes);
}

/* --- name and address --- */

static gboolean
is_address (const char *text)
{
  const char *at = text != NULL ? strrchr (text, '@') : NULL;

  return at != NULL && at != text && at[1] != '\0' && strpbrk (text, " \t<>\"") == NULL;
}

/* "imap.example.org" serves example.org, most often. */
static char *
guess_domain (const char *host)
{
  static const char *const labels[]
      = { "imap", "imaps",    "imap4", "pop",        "pop3",     "pops", "mail",
          "mx",   "smtp",     "smtps", "submission", "mailhost", "in",   "incoming",
          "out",  "outgoing", "mbox",  "post",       NULL };
  const char *dot = strchr (host, '.');
  g_autofree char *label = dot != NULL ? g_ascii_strdown (host, dot - host) : NULL;

  if (label != NULL && g_strv_contains (labels, label) && strchr (dot + 1, '.') != NULL
      && !g_hostname_is_ip_address (host))
    return g_strdup (dot + 1);
  return g_strdup (host);
}

static char *
find_address (PostsealImportDraft *self, const PostsealDraftServer *server)
{
  const char *user = server->user != NULL ? server->user : g_get_user_name ();
  g_autofree char *domain = guess_domain (server->host);
  g_autofree char *address = NULL;
  g_autofree char *becomes = NULL;

  if (is_address (server->user))
    return g_strdup (server->user);
  address = g_strdup_printf ("%s@%s", user, domain);
  becomes = g_strdup_printf ("address=%s", address);
  postseal_import_draft_note (self, POSTSEAL_IMPORT_CHANGED, server->line, user, becomes,
                              _ ("The file does not say your address; check this guess"));
  return g_steal_pointer (&address);
}

static void
set_default_place (PostsealImportDraft *self)
{
  PostsealAccountForm *form = self->account.form;
  g_autofree char *place = NULL;
  g_autofree char *becomes = NULL;

  if (postseal_account_form_get (form, "receive") == NULL
      || postseal_account_form_get (form, "deliver") != NULL)
    return;
  place = g_strdup_printf ("maildir:~/Mail/%s", postseal_account_form_get_name (form));
  becomes = g_strdup_printf ("deliver=%s", place);
  postseal_account_form_set (form, "deliver", place);
  postseal_import_draft_note (
      self, POSTSEAL_IMPORT_CHANGED, 0, _ ("where mail goes"), becomes,
      _ ("Mail goes into a Maildir of its own, where any mail program finds "
         "it"));
}

void
postseal_import_draft_finish (PostsealImportDraft *self,
                              const char *name,
                              const char *address,
                              const PostsealDraftServer *receive,
                              const PostsealDraftServer *send)
{
  const PostsealDraftServer *first = receive != NULL ? receive : send;
  g_autofree char *found = is_address (address) ? g_strdup (address) : find_address (self, first);
  g_autofree char *spelled = postseal_account_reader_spell_name (name != NULL ? name : found);
  g_autoptr (PostsealAccount) account = NULL;
  g_autoptr (GError) error = NULL;

  postseal_account_form_set_name (self->account.form, spelled);
  postseal_account_form_set (self->account.form, "address", found);
  if (receive != NULL)
    set_server (self, receive);
  if (send != NULL)
    set_server (self, send);
  set_default_place (self);
  account = postseal_account_form_make_account (self->account.form, &error);
  self->account.is_usable = account != NULL;
  if (account == NULL)
    postseal_import_draft_note (self, POSTSEAL_IMPORT_IMPOSSIBLE, first->line, spelled, NULL,
                                error->message);
}

void
postseal_import_draft_give_up (PostsealImportDraft *self, gboolean sending)
{
  postseal_account_form_set_endpoint (self->account.form, sending, NULL, NULL);
  self->account.is_usable = FALSE;
}
