/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "setup/account-form.h"

G_BEGIN_DECLS

/* What would be written of an account, for people and for programs. */

/* Appends its section of accounts.conf, printable, @indent before each line. */
void
postseal_form_words_append_section (GString *text, PostsealAccountForm *form, const char *indent);

/* Adds the member "settings" to the object being built: the keys that are there. @form: (nullable):
   null */
void postseal_form_words_add_settings (JsonBuilder *builder, PostsealAccountForm *form);

G_END_DECLS
