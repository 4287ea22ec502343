/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The exit status of the design (sysexits.h) for an error of any module; 0 for NULL. */
int postseal_outcome_exit_status (const GError *error);

/* The graver of two exit statuses: 78, 77, 76, 74, 73, 69, 75, 0; 64 and 65 outrank all. */
int postseal_outcome_graver (int a, int b);

/* Keeps @error (transfer full) in *@known when it is graver than what is there, if anything. */
void postseal_outcome_keep_graver (GError **known, GError *error);

G_END_DECLS
