/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/service.h"

/* A service that does nothing, with whatever accounts a test puts into it. */
PostsealService *fake_service_new (void);

/* Returns: (transfer none): a new account at the end */
PostsealAccountStatus *fake_service_add (PostsealService *self, const char *name);
void fake_service_remove (PostsealService *self, unsigned position);
/* @problems: (array zero-terminated=1) */
void fake_service_set_problems (PostsealService *self, const char *const *problems);
