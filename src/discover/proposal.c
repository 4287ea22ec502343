/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/proposal-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "discover/mail-domain-private.h"

PostsealProposal *
_postseal_proposal_new (PostsealSource source, const char *origin, gboolean is_authentic)
{
  PostsealProposal *self = g_rc_box_new0 (PostsealProposal);

  self->source = source;
  self->origin = g_strdup (origin);
  self->is_authentic = is_authentic;
  return self;
}

PostsealProposal *
postseal_proposal_ref (PostsealProposal *self)
{
  return g_rc_box_acquire (self);
}

static void
clear_proposal (gpointer data)
{
  PostsealProposal *self = data;

  g_free (self->origin);
  g_free (self->title);
  g_free (self->foreign_host);
  g_clear_pointer (&self->receive, postseal_endpoint_unref);
  g_free (self->receive_user);
  g_clear_pointer (&self->send, postseal_endpoint_unref);
  g_free (self->send_user);
  g_free (self->oauth);
  g_free (self->help);
  g_clear_pointer (&self->receive_probe, postseal_probe_free);
  g_clear_pointer (&self->send_probe, postseal_probe_free);
}

void
postseal_proposal_unref (PostsealProposal *self)
{
  g_rc_box_release_full (self, clear_proposal);
}

char *
postseal_proposal_describe_source (const PostsealProposal *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  switch (self->source)
    {
    case POSTSEAL_SOURCE_PROVIDER:
      return g_strdup_printf (_ ("from your provider, by way of %s"), self->origin);
    case POSTSEAL_SOURCE_KNOWN:
      return g_strdup (_ ("from the list of well-known providers on this computer"));
    case POSTSEAL_SOURCE_DNS:
      return g_strdup_printf (self->is_authentic ? _ ("from the %s, signed")
                                                 : _ ("from the %s, not signed"),
                              self->origin);
    case POSTSEAL_SOURCE_LIST:
      return g_strdup_printf (_ ("from the list of providers at %s"), self->origin);
    case POSTSEAL_SOURCE_MX:
      return g_strdup_printf (self->is_authentic
                                  ? _ ("from %s, which receives the mail of this domain")
                                  : _ ("from %s, which, as the DNS says without a signature, "
                                       "receives the mail of this domain"),
                              self->origin);
    case POSTSEAL_SOURCE_GUESS:
      return g_strdup_printf (_ ("found by trying the usual names below %s"), self->origin);
    default:
      g_return_val_if_reached (NULL);
    }
}

static gboolean
is_side_proven (const PostsealEndpoint *endpoint, const PostsealProbe *probe)
{
  return endpoint == NULL || (probe != NULL && probe->seal != NULL);
}

gboolean
postseal_proposal_is_proven (const PostsealProposal *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return (self->receive != NULL || self->send != NULL)
         && is_side_proven (self->receive, self->receive_probe)
         && is_side_proven (self->send, self->send_probe);
}

gboolean
_postseal_proposal_is_same (const PostsealProposal *self, const PostsealProposal *other)
{
  return postseal_endpoint_equal (self->receive, other->receive)
         && postseal_endpoint_equal (self->send, other->send)
         && g_strcmp0 (self->receive_user, other->receive_user) == 0
         && g_strcmp0 (self->send_user, other->send_user) == 0;
}

/* --- making --- */

static void
note_foreign (PostsealProposal *self, const PostsealEndpoint *endpoint, const char *domain)
{
  if (endpoint != NULL && self->foreign_host == NULL
      && !_postseal_domain_is_related (endpoint->host, domain))
    self->foreign_host = g_strdup (endpoint->host);
}

/* Returns: (transfer none) (nullable) */
static const PostsealProvider *
find_known (const PostsealEndpoint *endpoint, PostsealProviderTable *table)
{
  return endpoint != NULL ? _postseal_provider_table_find_by_host (table, endpoint->host) : NULL;
}

/* Both servers get the token, which opens the whole mailbox: none that the provider of the one has
   made may reach another's (RFC 9700 section 4.4). */
static gboolean
may_share_token (const PostsealProposal *self, PostsealProviderTable *table)
{
  const PostsealProvider *receive = find_known (self->receive, table);
  const PostsealProvider *send = find_known (self->send, table);

  if (self->receive == NULL || self->send == NULL)
    return TRUE;
  return receive != NULL && send != NULL && g_strcmp0 (receive->oauth, send->oauth) == 0;
}

/* What is said of the provider whose servers these are, wherever their names come from. */
static void
note_known (PostsealProposal *self, const PostsealEndpoint *endpoint, PostsealProviderTable *table)
{
  const PostsealProvider *provider = find_known (endpoint, table);

  if (provider == NULL)
    return;
  if (self->oauth == NULL && may_share_token (self, table))
    {
      self->oauth = g_strdup (provider->oauth);
      self->wants_oauth |= provider->wants_oauth;
    }
  if (self->title == NULL)
    self->title = g_strdup (provider->title);
  if (self->help == NULL)
    self->help = g_strdup (provider->app_password_uri);
}

void
_postseal_proposal_complete (PostsealProposal *self,
                             const char *address,
                             PostsealProviderTable *providers)
{
  const char *domain = strrchr (address, '@') + 1;

  if (self->receive_user == NULL && self->receive != NULL)
    self->receive_user = g_strdup (address);
  if (!self->is_authentic)
    {
      note_foreign (self, self->receive, domain);
      note_foreign (self, self->send, domain);
    }
  note_known (self, self->receive, providers);
  if (self->receive == NULL)
    note_known (self, self->send, providers);
  /* Nobody could sign in at all. */
  if (self->oauth == NULL)
    self->wants_oauth = FALSE;
}

/* Nothing is known of its OAuth service, or its passwords do: then as if it had none. */
static gboolean
wants_oauth (const PostsealAutoconfigServer *server)
{
  return server->has_oauth && !server->has_password;
}

/* The first that is wanted; of those TLS from the first byte comes first (RFC 8314 section 3). */
static const PostsealAutoconfigServer *
find_server (const GPtrArray *servers, PostsealProtocol protocol)
{
  const PostsealAutoconfigServer *upgraded = NULL;

  for (guint i = 0; i < servers->len; i++)
    {
      const PostsealAutoconfigServer *server = g_ptr_array_index (servers, i);

      if (server->endpoint->protocol != protocol)
        continue;
      if (server->endpoint->start == POSTSEAL_TLS_START_IMPLICIT)
        return server;
      if (upgraded == NULL)
        upgraded = server;
    }
  return upgraded;
}

static void
set_sending (PostsealProposal *self, const PostsealAutoconfigServer *server, const char *address)
{
  gboolean has_login = server->has_password || server->has_oauth;

  self->send = postseal_endpoint_ref (server->endpoint);
  if (has_login)
    self->send_user = g_strdup (server->user != NULL ? server->user : address);
}

void
_postseal_proposal_add_from_autoconfig (GPtrArray *proposals,
                                        const PostsealAutoconfig *config,
                                        PostsealSource source,
                                        const char *origin,
                                        gboolean is_authentic,
                                        const char *address,
                                        PostsealProviderTable *providers)
{
  static const PostsealProtocol protocols[] = { POSTSEAL_PROTOCOL_IMAP, POSTSEAL_PROTOCOL_POP3 };
  const PostsealAutoconfigServer *sending = find_server (config->outgoing, POSTSEAL_PROTOCOL_SMTP);
  gboolean has_receiving = config->incoming->len > 0;

  for (gsize i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      const PostsealAutoconfigServer *receiving = find_server (config->incoming, protocols[i]);
      PostsealProposal *self = NULL;

      if (receiving == NULL && (has_receiving || sending == NULL || i > 0))
        continue;
      self = _postseal_proposal_new (source, origin, is_authentic);
      self->title = g_strdup (config->title);
      self->help = g_strdup (config->help);
      if (receiving != NULL)
        {
          self->receive = postseal_endpoint_ref (receiving->endpoint);
          self->receive_user = g_strdup (receiving->user);
          self->wants_oauth = wants_oauth (receiving);
        }
      if (sending != NULL)
        set_sending (self, sending, address);
      _postseal_proposal_complete (self, address, providers);
      g_ptr_array_add (proposals, self);
    }
}

void
_postseal_proposal_add_from_provider (GPtrArray *proposals,
                                      const PostsealProvider *provider,
                                      PostsealSource source,
                                      const char *origin,
                                      gboolean is_authentic,
                                      const char *address,
                                      PostsealProviderTable *providers)
{
  const char *const urls[] = { provider->receive, provider->receive_pop3 };
  g_autoptr (PostsealEndpoint) send = _postseal_provider_read_url (provider->send);

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      PostsealProposal *self = NULL;

      if (urls[i] == NULL)
        continue;
      self = _postseal_proposal_new (source, origin, is_authentic);
      self->title = g_strdup (provider->title);
      self->oauth = g_strdup (provider->oauth);
      self->wants_oauth = provider->wants_oauth;
      self->help = g_strdup (provider->app_password_uri);
      self->receive = _postseal_provider_read_url (urls[i]);
      if (send != NULL)
        {
          self->send = postseal_endpoint_ref (send);
          self->send_user = g_strdup (address);
        }
      _postseal_proposal_complete (self, address, providers);
      g_ptr_array_add (proposals, self);
    }
}
