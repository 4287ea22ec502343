/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-session.h"

G_DEFINE_QUARK (postseal - smtp - error - quark, postseal_smtp_error)
