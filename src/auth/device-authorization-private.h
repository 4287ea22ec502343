/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/device-authorization.h"

G_BEGIN_DECLS

/* For tests: how long one of the provider's seconds lasts; 0 for 1000 again. */
void _postseal_device_authorization_set_second_ms (guint second_ms);

G_END_DECLS
