/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_suggest:
 * @word: what the user wrote
 * @choices: (array zero-terminated=1): the spellings that exist
 *
 * The nearest valid spelling, for error messages.
 *
 * Returns: (transfer none) (nullable): one of @choices, or NULL when none is near
 */
const char *postseal_suggest (const char *word, const char *const *choices);

G_END_DECLS
