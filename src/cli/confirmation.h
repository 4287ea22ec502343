/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * postseal_confirmation_ask:
 * @is_yes_usual: what Enter alone means
 *
 * Asks a person at the terminal, again and again until the answer is one: yes or no, in English or
 * their own language, the word or its first letter, in any case.
 *
 * Returns: FALSE for no, and when there is no more input
 */
gboolean postseal_confirmation_ask (const char *question, gboolean is_yes_usual);

G_END_DECLS
