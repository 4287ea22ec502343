/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Prints the outbox to standard output in the form that Postfix's mailq has made usual, for people
   and for the programs that read it. Errors: %POSTSEAL_OUTBOX_ERROR */
gboolean postseal_queue_table_print (GError **error);

G_END_DECLS
