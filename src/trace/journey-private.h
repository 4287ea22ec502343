/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "trace/journey.h"

G_BEGIN_DECLS

/* Marks what is to be believed of @self. */
void
_postseal_journey_judge (PostsealJourney *self, const char *const *trusted, const char *server);

G_END_DECLS
