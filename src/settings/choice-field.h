/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* A key with few values, each a sentence to choose. */
#define POSTSEAL_TYPE_CHOICE_FIELD (postseal_choice_field_get_type ())
G_DECLARE_FINAL_TYPE (
    PostsealChoiceField, postseal_choice_field, POSTSEAL, CHOICE_FIELD, AdwComboRow)

/* Properties, from the template:
     "key"     s   of accounts.conf
     "values"  s   what the items of the model are in the file, spaces between */

/* What is chosen. Returns: (transfer none) (nullable): NULL when it is none of them */
const char *postseal_choice_field_get_value (PostsealChoiceField *self);
/* @value: (nullable). The form is told. */
void postseal_choice_field_set_value (PostsealChoiceField *self, const char *value);

/**
 * postseal_choice_field_set_choices:
 * @values: (array zero-terminated=1)
 * @words: (array zero-terminated=1): what they mean, translated
 *
 * Other ones than in the template, with the form's value chosen.
 */
void postseal_choice_field_set_choices (PostsealChoiceField *self,
                                        const char *const *values,
                                        const char *const *words);

G_END_DECLS
