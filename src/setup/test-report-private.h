/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/test-side-private.h"

G_BEGIN_DECLS

/* The report of a live test. @sides: two, either may be NULL. @secret: (nullable): as typed. It
   must not be in it in any form, whatever a server repeats, and neither must what the sides have
   signed in with. Returns: (transfer full) */
char *_postseal_test_report_make (PostsealAccount *account,
                                  PostsealTestSide *const *sides,
                                  PostsealCredential *secret);

G_END_DECLS
