/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* Whether what stands in the fields of a page makes an account. */

/**
 * postseal_form_check_run:
 * @root: all fields are below it
 * @ret_wrong: (out) (transfer none) (nullable): where the first mistake is told; NULL: no field has
 *   it
 *
 * Tells each mistake at its field, and takes away what was told before. Errors:
 * %POSTSEAL_CONFIG_ERROR. Returns: (transfer full) (nullable)
 */
PostsealAccount *postseal_form_check_run (GtkWidget *root,
                                          PostsealAccountForm *form,
                                          PostsealField **ret_wrong,
                                          GError **error);

G_END_DECLS
