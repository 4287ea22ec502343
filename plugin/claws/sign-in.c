/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claws/sign-in.h"

#include "base/paths.h"
#include "engine/account-store.h"

#define KEYRING "secret-service" /* the value of the key "password" */

PostsealClawsSignIn *
postseal_claws_sign_in_new (const char *protocol, const char *server, const char *user)
{
  PostsealClawsSignIn *self = NULL;

  if (protocol == NULL || server == NULL || *server == '\0' || user == NULL || *user == '\0')
    return NULL;
  self = g_new0 (PostsealClawsSignIn, 1);
  self->protocol = g_strdup (protocol);
  self->server = g_ascii_strdown (server, -1);
  self->user = g_strdup (user);
  return self;
}

PostsealClawsSignIn *
postseal_claws_sign_in_copy (const PostsealClawsSignIn *self)
{
  return postseal_claws_sign_in_new (self->protocol, self->server, self->user);
}

void
postseal_claws_sign_in_free (PostsealClawsSignIn *self)
{
  if (self == NULL)
    return;
  g_free (self->protocol);
  g_free (self->server);
  g_free (self->user);
  g_free (self);
}

gboolean
postseal_claws_sign_in_equal (const PostsealClawsSignIn *a, const PostsealClawsSignIn *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_str_equal (a->protocol, b->protocol) && g_str_equal (a->server, b->server)
         && g_str_equal (a->user, b->user);
}

char *
postseal_claws_sign_in_name (const PostsealClawsSignIn *self)
{
  g_autofree char *user = g_uri_escape_string (self->user, NULL, TRUE);

  return g_strconcat (self->protocol, "://", user, "@", self->server, NULL);
}

/* --- accounts of Postseal --- */

static const char *
name_protocol (const PostsealEndpoint *endpoint)
{
  switch (endpoint->protocol)
    {
    case POSTSEAL_PROTOCOL_IMAP:
      return "imap";
    case POSTSEAL_PROTOCOL_POP3:
      return "pop3";
    case POSTSEAL_PROTOCOL_SMTP:
    default:
      return "smtp";
    }
}

static gboolean
is_at (const PostsealClawsSignIn *self, const PostsealEndpoint *endpoint, const char *user)
{
  g_autoptr (PostsealClawsSignIn) other = NULL;

  if (endpoint == NULL)
    return FALSE;
  other = postseal_claws_sign_in_new (name_protocol (endpoint), endpoint->host, user);
  return postseal_claws_sign_in_equal (self, other);
}

static void
free_shared (gpointer data)
{
  PostsealClawsSharedSignIn *shared = data;

  g_free (shared->account);
  g_free (shared);
}

static void
add_if_shared (const PostsealClawsSignIn *self, const PostsealAccount *account, GPtrArray *all)
{
  gboolean receives_so = is_at (self, account->receive, account->receive_user);
  PostsealClawsSharedSignIn *shared = NULL;

  if (!g_str_equal (account->password, KEYRING)
      || (!receives_so && !is_at (self, account->send, account->send_user)))
    return;
  shared = g_new0 (PostsealClawsSharedSignIn, 1);
  shared->account = g_strdup (account->name);
  shared->is_for_this = receives_so || account->receive == NULL;
  g_ptr_array_add (all, shared);
}

GPtrArray *
postseal_claws_sign_in_find_shared (const PostsealClawsSignIn *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (free_shared);
  g_autofree char *path = postseal_paths_config_file ();
  g_autoptr (PostsealAccountStore) store = postseal_account_store_load (path, NULL);
  const GPtrArray *accounts = store != NULL ? postseal_account_store_get_accounts (store) : NULL;

  for (guint i = 0; accounts != NULL && i < accounts->len; i++)
    add_if_shared (self, accounts->pdata[i], all);
  return all;
}
