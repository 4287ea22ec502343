/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account.h"

G_BEGIN_DECLS

/* The test of an account on a page of its own. */
#define POSTSEAL_TYPE_TEST_PAGE (postseal_test_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealTestPage, postseal_test_page, POSTSEAL, TEST_PAGE, GtkBox)

/* Signal "remedy" (remedy i, sending b): the person has chosen one that this page cannot do by
   itself: all but to try again and to unlock the keyring. */

/* Begins at once. */
GtkWidget *postseal_test_page_new (PostsealAccount *account);
/* Once more, perhaps with another account. */
void postseal_test_page_run (PostsealTestPage *self, PostsealAccount *account);
/* What the test has found on one side. Returns: (transfer none) (nullable) */
PostsealEndpoint *postseal_test_page_get_better (PostsealTestPage *self, gboolean sending);

G_END_DECLS
