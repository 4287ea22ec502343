/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/lookup.h"
#include "net/endpoint.h"

G_BEGIN_DECLS

/* The services that a domain may offer (RFC 6186 section 3, RFC 8314 section 5.1). */
typedef enum
{
  POSTSEAL_SRV_IMAPS,
  POSTSEAL_SRV_IMAP,
  POSTSEAL_SRV_POP3S,
  POSTSEAL_SRV_POP3,
  POSTSEAL_SRV_SUBMISSIONS,
  POSTSEAL_SRV_SUBMISSION,
} PostsealSrvService;
#define POSTSEAL_N_SRV_SERVICES 6

/* "_imaps._tcp" */
const char *_postseal_srv_get_label (PostsealSrvService service);

/* What a set of answers comes to. */
typedef struct
{
  PostsealEndpoint *endpoint; /* owned; NULL: not offered */
  guint16 priority;
  gboolean is_secure; /* the records were signed */
} PostsealSrvOffer;

/* Frees what @self holds. */
void _postseal_srv_offer_clear (PostsealSrvOffer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PostsealSrvOffer, _postseal_srv_offer_clear)

/**
 * _postseal_srv_choose:
 * @answers: (array fixed-size=6): by service; NULL where there are no records
 *
 * The best target for @protocol: TLS from the first byte before an upgrade, whatever their
 * priorities (RFC 8314 section 3); then the lowest priority, then the greatest weight: one client
 * needs no balance. A service whose only target is "." is not offered (RFC 2782).
 */
PostsealSrvOffer
_postseal_srv_choose (PostsealLookupAnswer *const *answers, PostsealProtocol protocol);

G_END_DECLS
