/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/net-error.h"

G_DEFINE_QUARK (postseal - net - error - quark, postseal_net_error)
G_DEFINE_QUARK (postseal - tls - error - quark, postseal_tls_error)
