/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings/field.h"

G_BEGIN_DECLS

/* A key that is typed. */
#define POSTSEAL_TYPE_ENTRY_FIELD (postseal_entry_field_get_type ())
G_DECLARE_FINAL_TYPE (PostsealEntryField, postseal_entry_field, POSTSEAL, ENTRY_FIELD, AdwEntryRow)

/* Properties, from the template:
     "key"     s   of accounts.conf
     "unit"    s   "s", "m", "d": a bare number has this unit
     "prefix"  s   what the value begins with without being shown
     "chooser" s   "open", "folder" or "save": a button that lets choose a file; paths in the home
                   begin with "~/"

   Signal "left" (): the cursor has gone elsewhere. */

/* The value that the text stands for, with unit and prefix. Returns: (transfer full) (nullable):
   NULL where nothing is typed */
char *postseal_entry_field_dup_value (PostsealEntryField *self);
/* @value: (nullable) */
void postseal_entry_field_show_value (PostsealEntryField *self, const char *value);

/* What was typed, without spaces around it. Returns: (transfer full) */
char *postseal_entry_field_get_text (PostsealEntryField *self);
/* Only where it differs, so that the cursor stays. */
void postseal_entry_field_set_text (PostsealEntryField *self, const char *text);
/* @chooser: (nullable): as the property, for what changes */
void postseal_entry_field_set_chooser (PostsealEntryField *self, const char *chooser);

G_END_DECLS
