/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/outbox-error.h"

G_DEFINE_QUARK (postseal - outbox - error - quark, postseal_outbox_error)
