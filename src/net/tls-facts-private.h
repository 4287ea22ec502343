/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gnutls/gnutls.h>

#include "base/transcript.h"
#include "net/tls-chain-private.h"

G_BEGIN_DECLS

/* What @transcript's listener is told of a handshake, before anybody judges it: version, cipher and
   all that the leaf says. Does nothing where nobody listens. @chain: (nullable): unreadable */
void _postseal_tls_facts_tell (PostsealTranscript *transcript,
                               gnutls_session_t session,
                               PostsealTlsChain *chain);

G_END_DECLS
