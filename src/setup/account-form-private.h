/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "setup/account-form.h"

G_BEGIN_DECLS

/* A section of accounts.conf as it was found. Reference counted, immutable: worker threads read it.
 */
typedef struct
{
  char *name; /* owned: the account's */
  char *text; /* owned: up to its last entry, as it stands there */
  GPtrArray *lines; /* owned (element-type PostsealAccountLine): of @text */
  GHashTable *values; /* owned: key -> value: the first of each key that exists */
} PostsealFormSection;

PostsealFormSection *_postseal_form_section_ref (PostsealFormSection *self);
void _postseal_form_section_unref (PostsealFormSection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealFormSection, _postseal_form_section_unref)

/* Blocks. Errors: %POSTSEAL_CONFIG_ERROR. Returns: (transfer full) */
PostsealFormSection *
_postseal_form_section_load (const char *config, const char *name, GError **error);

/**
 * _postseal_form_section_write:
 * @old: (nullable): what it was when it was loaded; NULL: it is to be added
 * @values: key -> value: all that is to be there
 *
 * Blocks. Errors: those of postseal_account_form_save_async(). Returns: (transfer full): what
 * stands there now
 */
PostsealFormSection *_postseal_form_section_write (const char *config,
                                                   const char *name,
                                                   PostsealFormSection *old,
                                                   GHashTable *values,
                                                   GError **error);

/* NULL-safe. Returns: (transfer none) (nullable) */
const char *_postseal_form_section_get (PostsealFormSection *self, const char *key);

G_END_DECLS
