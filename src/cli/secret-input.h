/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "auth/credential.h"

G_BEGIN_DECLS

/**
 * postseal_secret_input_read:
 * @prompt: translated, without colon
 *
 * A secret from the terminal, typed twice with the echo off, or, where standard input is no
 * terminal, its first line. The echo is on again when this returns, and when a signal ends or stops
 * the program.
 *
 * Errors: %G_IO_ERROR_INVALID_ARGUMENT when there is none, it is too long, or the two differ.
 * Returns: (transfer full)
 */
PostsealCredential *postseal_secret_input_read (const char *prompt, GError **error);

G_END_DECLS
