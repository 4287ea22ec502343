/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text with its first letter in upper case: messages of the library are made to stand behind a
   colon. One that begins with a host, an address or a path stays as it is. No GTK. Returns:
   (transfer full) */
char *postseal_sentence_begin (const char *text);

G_END_DECLS
