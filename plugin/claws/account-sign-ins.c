/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/account-sign-ins.h"

#include <imap.h>
#include <passwordstore.h>

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* --- an account's sign-ins --- */

static PostsealClawsSignIn *
make_receiving (const PrefsAccount *account)
{
  switch (account->protocol)
    {
    case A_POP3:
      if (account->use_pop_auth && account->pop_auth_type == POPAUTH_OAUTH2)
        return NULL;
      return postseal_claws_sign_in_new ("pop3", account->recv_server, account->userid);
    case A_IMAP4:
      if (account->imap_auth_type == IMAP_AUTH_ANON || account->imap_auth_type == IMAP_AUTH_GSSAPI
          || account->imap_auth_type == IMAP_AUTH_OAUTH2)
        return NULL;
      return postseal_claws_sign_in_new ("imap", account->recv_server, account->userid);
    case A_NNTP:
      if (!account->use_nntp_auth)
        return NULL;
      return postseal_claws_sign_in_new ("nntp", account->nntp_server, account->userid);
    case A_LOCAL:
    case A_NONE:
    case NUM_RECV_PROTOCOLS:
    default:
      return NULL;
    }
}

static gboolean
sends_with_password (const PrefsAccount *account)
{
  return account->use_smtp_auth && account->smtp_auth_type != SMTPAUTH_OAUTH2;
}

PostsealClawsSignIn *
postseal_claws_account_sign_in (const PrefsAccount *account, PostsealClawsPasswordUse use)
{
  if (use == POSTSEAL_CLAWS_FOR_RECEIVING)
    return make_receiving (account);
  if (!sends_with_password (account) || !has_text (account->smtp_userid))
    return NULL;
  return postseal_claws_sign_in_new ("smtp", account->smtp_server, account->smtp_userid);
}

const char *
postseal_claws_password_id (PostsealClawsPasswordUse use)
{
  return use == POSTSEAL_CLAWS_FOR_RECEIVING ? PWS_ACCOUNT_RECV : PWS_ACCOUNT_SEND;
}

char **
postseal_claws_session_password (PrefsAccount *account, const char *protocol)
{
  if (g_str_equal (protocol, "smtp"))
    return &account->session_smtp_passwd;
  return g_str_equal (protocol, "sieve") ? NULL : &account->session_passwd;
}

/* --- who asks --- */

static gboolean
asks_as (const PasswordRequest *request, const PostsealClawsSignIn *sign_in)
{
  g_autoptr (PostsealClawsSignIn) asked
      = postseal_claws_sign_in_new (request->protocol, request->server, request->user);

  return asked != NULL && postseal_claws_sign_in_equal (asked, sign_in);
}

/* Signs in at another service with the name, and the password, for receiving. */
static gboolean
asks_with_receiving (const PrefsAccount *account, const PasswordRequest *request)
{
  const char *server = NULL;

  if (g_strcmp0 (request->user, account->userid) != 0)
    return FALSE;
  if (g_strcmp0 (request->protocol, "smtp") == 0)
    server = sends_with_password (account) && !has_text (account->smtp_userid)
                 ? account->smtp_server
                 : NULL;
  else if (g_strcmp0 (request->protocol, "sieve") == 0)
    server = account->recv_server;
  return server != NULL && request->server != NULL
         && g_ascii_strcasecmp (server, request->server) == 0;
}

static gboolean
asks (const PrefsAccount *account,
      const PasswordRequest *request,
      PostsealClawsPasswordUse *ret_use)
{
  for (PostsealClawsPasswordUse use = 0; use < POSTSEAL_CLAWS_PASSWORD_USES; use++)
    {
      g_autoptr (PostsealClawsSignIn) sign_in = postseal_claws_account_sign_in (account, use);

      if (sign_in == NULL)
        continue;
      if (asks_as (request, sign_in)
          || (use == POSTSEAL_CLAWS_FOR_RECEIVING && asks_with_receiving (account, request)))
        {
          *ret_use = use;
          return TRUE;
        }
    }
  return FALSE;
}

PrefsAccount *
postseal_claws_find_asking (PostsealClawsBindings *bindings,
                            const PasswordRequest *request,
                            PostsealClawsPasswordUse *ret_use)
{
  for (GList *each = account_get_list (); each != NULL; each = each->next)
    {
      PrefsAccount *account = each->data;

      if (postseal_claws_bindings_does (bindings, account->account_id, POSTSEAL_CLAWS_PASSWORDS)
          && asks (account, request, ret_use))
        return account;
    }
  return NULL;
}
