/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/srv-choice-private.h"

#include "discover/mail-domain-private.h"

static const struct
{
  const char *label;
  PostsealProtocol protocol;
  PostsealTlsStart start;
} services[POSTSEAL_N_SRV_SERVICES] = {
  [POSTSEAL_SRV_IMAPS] = { "_imaps._tcp", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_IMPLICIT },
  [POSTSEAL_SRV_IMAP] = { "_imap._tcp", POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE },
  [POSTSEAL_SRV_POP3S] = { "_pop3s._tcp", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_IMPLICIT },
  [POSTSEAL_SRV_POP3] = { "_pop3._tcp", POSTSEAL_PROTOCOL_POP3, POSTSEAL_TLS_START_UPGRADE },
  [POSTSEAL_SRV_SUBMISSIONS]
  = { "_submissions._tcp", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_IMPLICIT },
  [POSTSEAL_SRV_SUBMISSION]
  = { "_submission._tcp", POSTSEAL_PROTOCOL_SMTP, POSTSEAL_TLS_START_UPGRADE },
};

const char *
_postseal_srv_get_label (PostsealSrvService service)
{
  return services[service].label;
}

void
_postseal_srv_offer_clear (PostsealSrvOffer *self)
{
  g_clear_pointer (&self->endpoint, postseal_endpoint_unref);
}

/* Records are in order. Returns: (transfer none) (nullable) */
static const PostsealLookupRecord *
find_record (const PostsealLookupAnswer *answer)
{
  for (guint i = 0; answer != NULL && i < answer->records->len; i++)
    {
      const PostsealLookupRecord *record = g_ptr_array_index (answer->records, i);
      g_autofree char *host = _postseal_domain_normalize_host (record->target);

      if (host != NULL && record->port != 0)
        return record;
    }
  return NULL;
}

PostsealSrvOffer
_postseal_srv_choose (PostsealLookupAnswer *const *answers, PostsealProtocol protocol)
{
  PostsealSrvOffer offer = { NULL, 0, FALSE };

  for (guint i = 0; i < POSTSEAL_N_SRV_SERVICES; i++)
    {
      const PostsealLookupRecord *record = NULL;

      if (services[i].protocol == protocol)
        record = find_record (answers[i]);
      if (record == NULL)
        continue;
      offer.endpoint
          = postseal_endpoint_new (protocol, services[i].start, record->target, record->port);
      offer.priority = record->priority;
      offer.is_secure = answers[i]->is_secure;
      return offer;
    }
  return offer;
}
