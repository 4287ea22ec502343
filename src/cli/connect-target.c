/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/connect-target.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "cli/report.h"
#include "engine/account-url.h"

/* A kind of service, in the words of the options, of URLs, and as a port. */
typedef struct
{
  const char *protocol;
  const char *tls;
  const char *scheme;
  guint16 port;
} Service;

/* The first of a protocol and a TLS start is the one meant by them. */
static const Service services[] = {
  { "imap", "implicit", "imaps", 993 },       { "imap", "starttls", "imap", 143 },
  { "pop3", "implicit", "pop3s", 995 },       { "pop3", "starttls", "pop3", 110 },
  { "smtp", "implicit", "submissions", 465 }, { "smtp", "starttls", "submission", 587 },
  { "smtp", "starttls", "smtp", 25 },         { "smtp", "starttls", "submission", 2525 },
};

void
postseal_connect_target_clear (PostsealConnectTarget *self)
{
  g_clear_pointer (&self->account, postseal_account_unref);
  g_clear_pointer (&self->endpoint, postseal_endpoint_unref);
  g_clear_pointer (&self->policy, postseal_tls_policy_unref);
}

void
postseal_connect_wishes_clear (PostsealConnectWishes *self)
{
  g_clear_pointer (&self->protocol, g_free);
  g_clear_pointer (&self->tls, g_free);
  g_clear_pointer (&self->ca_file, g_free);
}

/* Submission is SMTP (RFC 6409). */
static const char *
get_protocol (const PostsealConnectWishes *wishes)
{
  return g_strcmp0 (wishes->protocol, "submission") == 0 ? "smtp" : wishes->protocol;
}

static gboolean
check_word (const char *program,
            const char *option,
            const char *word,
            const char *const *words,
            int *ret_status)
{
  g_autofree char *list = g_strjoinv (", ", (char **)words);
  g_autofree char *shown = postseal_printable (word, -1);

  if (word == NULL || g_strv_contains (words, word))
    return TRUE;
  *ret_status = postseal_report_usage (program, _ ("“%s” is no value of %s; there are %s"), shown,
                                       option, list);
  return FALSE;
}

static gboolean
check_wishes (const PostsealConnectWishes *wishes, const char *program, int *ret_status)
{
  static const char *const protocols[] = { "imap", "pop3", "smtp", "submission", NULL };
  static const char *const starts[] = { "implicit", "starttls", NULL };

  return check_word (program, "--protocol", wishes->protocol, protocols, ret_status)
         && check_word (program, "--tls", wishes->tls, starts, ret_status);
}

/* --- a server --- */

/* What is told goes before what is usual for the port. Returns: (nullable) */
static const Service *
find_service (const char *protocol, const char *tls, guint64 port)
{
  const Service *usual = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (services) && usual == NULL; i++)
    if (services[i].port == port)
      usual = &services[i];
  if (usual != NULL && protocol == NULL)
    protocol = usual->protocol;
  if (usual != NULL && tls == NULL)
    tls = usual->tls;
  for (gsize i = 0; i < G_N_ELEMENTS (services); i++)
    if (g_strcmp0 (services[i].protocol, protocol) == 0 && g_strcmp0 (services[i].tls, tls) == 0)
      return &services[i];
  return NULL;
}

static gboolean
find_server (PostsealConnectTarget *self,
             const PostsealConnectWishes *wishes,
             const char *program,
             const char *name,
             int *ret_status)
{
  guint64 port = g_ascii_strtoull (strrchr (name, ':') + 1, NULL, 10);
  const Service *service = find_service (get_protocol (wishes), wishes->tls, port);
  PostsealAccountUrlKind kind;
  g_autofree char *url = NULL;
  g_autofree char *user = NULL;
  g_autofree char *complaint = NULL;

  if (service == NULL)
    {
      *ret_status = postseal_report_usage (
          program, _ ("it is not known what is spoken on port %u; say --protocol and --tls"),
          (guint)port);
      return FALSE;
    }
  kind = strcmp (service->protocol, "smtp") == 0 ? POSTSEAL_ACCOUNT_URL_SEND
                                                 : POSTSEAL_ACCOUNT_URL_RECEIVE;
  url = g_strdup_printf ("%s://%s", service->scheme, name);
  if (strpbrk (name, "@/") != NULL)
    complaint = g_strdup (_ ("a server is written HOST:PORT"));
  else
    postseal_account_url_parse (url, kind, &self->endpoint, &user, &complaint);
  if (complaint != NULL)
    {
      g_autofree char *shown = postseal_printable (name, -1);

      *ret_status = postseal_report_usage (program, "“%s”: %s", shown, complaint);
      return FALSE;
    }
  self->policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);
  self->policy->ca_file = g_strdup (wishes->ca_file);
  return TRUE;
}

/* --- an account --- */

static gboolean
choose_side (PostsealConnectTarget *self,
             const PostsealConnectWishes *wishes,
             const char *program,
             int *ret_status)
{
  PostsealAccount *account = self->account;
  const char *protocol = get_protocol (wishes);
  PostsealEndpoint *endpoint = NULL;

  self->is_sending = protocol != NULL ? strcmp (protocol, "smtp") == 0 : account->receive == NULL;
  endpoint = self->is_sending ? account->send : account->receive;
  if (endpoint == NULL
      || (protocol != NULL
          && g_ascii_strcasecmp (protocol, postseal_protocol_name (endpoint->protocol)) != 0))
    {
      *ret_status = postseal_report_usage (program, _ ("account “%s” has no server for %s"),
                                           account->name, wishes->protocol);
      return FALSE;
    }
  self->endpoint = postseal_endpoint_ref (endpoint);
  self->policy
      = postseal_tls_policy_ref (self->is_sending ? account->send_policy : account->receive_policy);
  return TRUE;
}

static gboolean
find_account (PostsealConnectTarget *self,
              const PostsealOptions *options,
              const PostsealConnectWishes *wishes,
              const char *program,
              const char *name,
              int *ret_status)
{
  g_autoptr (PostsealAccountStore) store = NULL;
  g_autoptr (GError) error = NULL;
  PostsealAccount *account = NULL;

  if (wishes->tls != NULL || wishes->ca_file != NULL)
    {
      *ret_status = postseal_report_usage (
          program, _ ("--tls and --ca-file are for HOST:PORT; an account says them itself"));
      return FALSE;
    }
  store = postseal_options_load_accounts (options, ret_status);
  if (store == NULL)
    return FALSE;
  account = postseal_account_store_lookup (store, name, &error);
  if (account == NULL)
    {
      *ret_status = postseal_report_error (error);
      if (strchr (name, '.') != NULL)
        g_printerr ("postseal: %s\n", _ ("a server is written HOST:PORT"));
      return FALSE;
    }
  self->account = postseal_account_ref (account);
  return choose_side (self, wishes, program, ret_status);
}

/* --- public --- */

gboolean
postseal_connect_target_find (PostsealConnectTarget *self,
                              const PostsealOptions *options,
                              const PostsealConnectWishes *wishes,
                              const char *program,
                              const char *name,
                              int *ret_status)
{
  const char *colon = strrchr (name, ':');
  gboolean has_port
      = colon != NULL && colon[1] != '\0' && colon[1 + strspn (colon + 1, "0123456789")] == '\0';

  if (!check_wishes (wishes, program, ret_status))
    return FALSE;
  return has_port ? find_server (self, wishes, program, name, ret_status)
                  : find_account (self, options, wishes, program, name, ret_status);
}
